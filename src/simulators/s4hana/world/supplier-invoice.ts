import { add, compare, divide, multiply, negate, round, sign, subtract, sum, type Decimal } from '#base/decimal';
import { currencyScale } from '#base/money';
import { assignmentLine, distribute, type Assignments } from './account-assignment.ts';
import type { BusinessPartners } from './business-partner.ts';
import type { FixedAssets } from './fixed-asset.ts';
import { accounts, opposite, type GeneralLedger, type Line } from './general-ledger.ts';
import type { Materials } from './material.ts';
import { aboveZero, type CompanyCode, type Organisation } from './organisation.ts';
import type { OrderItem, PurchaseOrders } from './purchase-order.ts';
import { Refusal } from './refusal.ts';
import { Table, type Row, type Store } from './store.ts';

export interface Invoice extends Row {
  SupplierInvoice: string;
  FiscalYear: string;
  CompanyCode: string;
  InvoicingParty: string;
  SupplierInvoiceIDByInvcgParty: string;
  DocumentDate: string;
  PostingDate: string;
  DocumentCurrency: string;
  InvoiceGrossAmount: string;
  /** `X` for a credit memo. */
  SupplierInvoiceIsCreditMemo: string;
  IsReversed: boolean;
  IsReversal: boolean;
}

export interface InvoiceItem extends Row {
  SupplierInvoice: string;
  FiscalYear: string;
  SupplierInvoiceItem: string;
  PurchaseOrder: string;
  PurchaseOrderItem: string;
  SupplierInvoiceItemAmount: string;
  QuantityInPurchaseOrderUnit: string;
}

/** Tax codes with their percentage. */
const taxRates: Readonly<Record<string, string>> = { '': '0', V0: '0', V1: '19', V2: '7', I0: '0', I1: '20' };

/** Supplier invoices: matched against receipts, posted with tax and price variance, cancelled by an opposite document. */
export class SupplierInvoices {
  readonly headers: Table<Invoice>;
  readonly items: Table<InvoiceItem>;
  readonly glItems: Table<Row>;
  readonly assignments: Table<Row>;
  readonly #parts: {
    organisation: Organisation;
    materials: Materials;
    orders: PurchaseOrders;
    partners: BusinessPartners;
    ledger: GeneralLedger;
    checks: Assignments;
    assets: FixedAssets;
    now: () => number;
  };
  readonly #lines = new Map<string, readonly Line[]>();
  #next = 5_105_600_000;

  constructor(
    store: Store,
    parts: {
      organisation: Organisation;
      materials: Materials;
      orders: PurchaseOrders;
      partners: BusinessPartners;
      ledger: GeneralLedger;
      checks: Assignments;
      assets: FixedAssets;
      now: () => number;
    },
  ) {
    this.#parts = parts;
    const key = ['SupplierInvoice', 'FiscalYear'];
    this.headers = new Table(store, key, ['SupplierInvoice', 'SupplierInvoiceIDByInvcgParty', 'InvoicingParty', 'DocumentHeaderText', 'AssignmentReference']);
    this.items = new Table(store, [...key, 'SupplierInvoiceItem'], ['SupplierInvoice', 'PurchaseOrder']);
    this.glItems = new Table(store, [...key, 'SupplierInvoiceItem'], ['SupplierInvoice', 'InternalOrder', 'CostCenter']);
    this.assignments = new Table(store, [...key, 'SupplierInvoiceItem', 'OrdinalNumber'], ['SupplierInvoice', 'InternalOrder', 'CostCenter']);
  }

  /** Posts an invoice, or a credit memo. The gross amount must equal items plus tax. */
  post(given: Partial<Invoice>, items: readonly Partial<InvoiceItem>[], glItems: readonly Row[], user: string): Invoice {
    const { organisation, partners, ledger } = this.#parts;
    if (items.length + glItems.length === 0) throw new Refusal('noItems', [], 'to_SuplrInvcItemPurOrdRef');
    const company = organisation.company(given.CompanyCode ?? '');
    const party = partners.usable(given.InvoicingParty ?? '', company.CompanyCode, 'posting').Supplier;
    const currency = organisation.currency(given.DocumentCurrency ?? '', 'DocumentCurrency');
    const postingDate = given.PostingDate ?? this.#today();
    ledger.checkPeriod(company.CompanyCode, postingDate, 'periodClosed');
    const gross = given.InvoiceGrossAmount ?? '0';
    const documentDate = given.DocumentDate ?? postingDate;
    this.#refuseDuplicate(given.SupplierInvoiceIDByInvcgParty ?? '', party, documentDate, gross);
    const credit = given.SupplierInvoiceIsCreditMemo === 'X';
    const header: Invoice = {
      AccountingDocumentType: 'RE',
      PaymentBlockingReason: '',
      PaymentTerms: '0001',
      DocumentHeaderText: '',
      AssignmentReference: '',
      ...given,
      SupplierInvoice: String(++this.#next),
      FiscalYear: postingDate.slice(0, 4),
      CompanyCode: company.CompanyCode,
      InvoicingParty: party,
      SupplierInvoiceIDByInvcgParty: given.SupplierInvoiceIDByInvcgParty ?? '',
      DocumentDate: documentDate,
      PostingDate: postingDate,
      DocumentCurrency: currency,
      InvoiceGrossAmount: gross,
      SupplierInvoiceIsCreditMemo: credit ? 'X' : '',
      SupplierInvoiceStatus: '5',
      IsReversed: false,
      IsReversal: false,
      ReverseDocument: '',
      ReverseDocumentFiscalYear: '0',
      CreationDate: this.#today(),
      SuplrInvcLstChgDteTmeTxt: '0.0000000',
    };
    const lines = [
      ...items.flatMap((item, at) => this.#orderItem(header, item, at, credit, company)),
      ...glItems.flatMap((item, at) => this.#glItem(header, item, items.length + at, company)),
    ];
    const tax = this.#tax(header, [...items, ...glItems], company);
    const net = sum(
      [...items, ...glItems].map((item) =>
        item['DebitCreditCode'] === 'H' ? negate(String(item['SupplierInvoiceItemAmount'] ?? '0')) : String(item['SupplierInvoiceItemAmount'] ?? '0'),
      ),
    );
    const expected = add(net, tax.inDocument);
    if (compare(expected, gross) !== 0) throw new Refusal('balanceNotZero', [subtract(expected, gross), expected, gross], 'InvoiceGrossAmount');
    const direction = credit ? opposite(tax.lines) : tax.lines;
    const cost = [...lines, ...direction];
    const payable: Line = {
      account: accounts.payables.account,
      amount: negate(sum(cost.map(({ amount }) => amount))),
      supplier: party,
      assignment: String(header['AssignmentReference']),
      original: { amount: credit ? gross : negate(gross), currency },
    };
    this.headers.insert(header);
    this.#book(header, [...cost, payable], user);
    return header;
  }

  /** Cancels an invoice by an opposite document. */
  cancel(invoice: string, year: string, postingDate: string | undefined, user: string): Invoice {
    const row = this.headers.get(invoice, year);
    if (!row) throw new Refusal('unknownInvoice', [invoice, year]);
    if (row.IsReversed) throw new Refusal('alreadyCancelled', [invoice, year]);
    const date = postingDate ?? row.PostingDate;
    this.#parts.ledger.checkPeriod(row.CompanyCode, date, 'periodClosed');
    const back: Invoice = this.headers.insert({
      ...row,
      SupplierInvoice: String(++this.#next),
      FiscalYear: date.slice(0, 4),
      PostingDate: date,
      CreationDate: this.#today(),
      IsReversal: true,
      ReverseDocument: invoice,
      ReverseDocumentFiscalYear: year,
      SupplierInvoiceIsCreditMemo: row.SupplierInvoiceIsCreditMemo === 'X' ? '' : 'X',
    });
    this.headers.update(row, {
      IsReversed: true,
      ReverseDocument: back.SupplierInvoice,
      ReverseDocumentFiscalYear: back.FiscalYear,
      SuplrInvcLstChgDteTmeTxt: `${new Date(this.#parts.now()).toISOString().replace(/\D/g, '').slice(0, 14)}.0000000`,
    });
    for (const item of this.items.by('SupplierInvoice', invoice).filter((one) => one.FiscalYear === year)) {
      this.items.insert({ ...item, SupplierInvoice: back.SupplierInvoice, FiscalYear: back.FiscalYear });
      const order = this.#parts.orders.items.get(item.PurchaseOrder, item.PurchaseOrderItem);
      const credit = row.SupplierInvoiceIsCreditMemo === 'X';
      if (order)
        this.#parts.orders.touch(order, {
          Invoiced: add(order.Invoiced, credit ? item.QuantityInPurchaseOrderUnit : negate(item.QuantityInPurchaseOrderUnit)),
          InvoicedValue: subtract(order.InvoicedValue, String(item['ClearedValue'])),
          IsFinallyInvoiced: false,
        });
    }
    const lines = opposite(this.#lines.get(`${invoice}/${year}`) ?? []).map((line) => this.#givenBack(back, line));
    this.#book(back, lines, user);
    return back;
  }

  #refuseDuplicate(reference: string, party: string, date: string, gross: Decimal): void {
    if (reference === '') return;
    const twin = this.headers
      .by('SupplierInvoiceIDByInvcgParty', reference)
      .find(
        (one) =>
          one.InvoicingParty === party && one.DocumentDate === date && compare(one.InvoiceGrossAmount, gross) === 0 && !one.IsReversed && !one.IsReversal,
      );
    if (twin) throw new Refusal('duplicateInvoice', [twin.SupplierInvoice, twin.FiscalYear], 'SupplierInvoiceIDByInvcgParty');
  }

  #orderItem(header: Invoice, given: Partial<InvoiceItem>, at: number, credit: boolean, company: CompanyCode): Line[] {
    const { orders, organisation } = this.#parts;
    const order = orders.open(given.PurchaseOrder ?? '', given.PurchaseOrderItem ?? '');
    const quantity = given.QuantityInPurchaseOrderUnit ?? '0';
    const amount = given.SupplierInvoiceItemAmount ?? '0';
    aboveZero(quantity, String(at + 1), 'QuantityInPurchaseOrderUnit');
    if (sign(amount) < 0) throw new Refusal('quantityNegative', [amount], 'SupplierInvoiceItemAmount');
    const places = currencyScale(company.Currency);
    const own = organisation.exchange(amount, header.DocumentCurrency, company.Currency);
    const invoiced = credit ? subtract(order.Invoiced, quantity) : add(order.Invoiced, quantity);
    if (compare(invoiced, '0') < 0 || (order['InvoiceIsGoodsReceiptBased'] === true && compare(invoiced, order.Received) > 0))
      throw new Refusal('invoiceBeyondReceipt', [invoiced, order.Received], 'QuantityInPurchaseOrderUnit');
    const cleared = this.#cleared(order, quantity, credit, company, places);
    const signed = credit ? negate(cleared) : cleared;
    const variance = credit ? subtract(cleared, own) : subtract(own, cleared);
    const item = this.items.insert({
      IsSubsequentDebitCredit: '',
      TaxCode: '',
      ...given,
      SupplierInvoice: header.SupplierInvoice,
      FiscalYear: header.FiscalYear,
      SupplierInvoiceItem: String(at + 1),
      PurchaseOrder: order.PurchaseOrder,
      PurchaseOrderItem: order.PurchaseOrderItem,
      SupplierInvoiceItemAmount: amount,
      QuantityInPurchaseOrderUnit: quantity,
      DocumentCurrency: header.DocumentCurrency,
      PurchaseOrderQuantityUnit: order.PurchaseOrderQuantityUnit,
      Plant: order.Plant,
      IsFinallyInvoiced: given['IsFinallyInvoiced'] ?? false,
      ClearedValue: signed,
    });
    orders.touch(order, {
      Invoiced: invoiced,
      InvoicedValue: add(order.InvoicedValue, signed),
      IsFinallyInvoiced: item['IsFinallyInvoiced'] === true || compare(invoiced, order.OrderQuantity) >= 0,
    });
    return [
      { account: accounts.goodsReceived.account, amount: signed, text: `${order.PurchaseOrder} ${order.PurchaseOrderItem}` },
      ...this.#variance(header, item, order, { variance, amount, quantity, places }),
    ];
  }

  /** What the invoice clears of the receipts' value; before any receipt, the order's price. */
  #cleared(order: OrderItem, quantity: Decimal, credit: boolean, company: CompanyCode, places: number): Decimal {
    const [openQuantity, openValue] = credit
      ? [order.Invoiced, order.InvoicedValue]
      : [subtract(order.Received, order.Invoiced), subtract(order.ReceivedValue, order.InvoicedValue)];
    if (compare(openQuantity, quantity) === 0) return openValue;
    if (sign(openQuantity) > 0 && sign(openValue) > 0) return divide(multiply(openValue, quantity), openQuantity, places);
    return this.#parts.organisation.exchange(this.#parts.orders.valueOf(order, quantity), order.DocumentCurrency, company.Currency);
  }

  /** The difference to the receipt goes where the receipt went: to the object, to stock, or to price differences. */
  #variance(header: Invoice, item: InvoiceItem, order: OrderItem, of: { variance: Decimal; amount: Decimal; quantity: Decimal; places: number }): Line[] {
    if (order.AccountAssignmentCategory !== '') {
      const accountsOf = this.#parts.orders.accountsOf(order);
      const shares = distribute(of.amount, currencyScale(header.DocumentCurrency), order.MultipleAcctAssgmtDistribution, accountsOf);
      shares.forEach(({ assignment, amount }, at) =>
        this.assignments.insert({
          SupplierInvoice: header.SupplierInvoice,
          FiscalYear: header.FiscalYear,
          SupplierInvoiceItem: item.SupplierInvoiceItem,
          OrdinalNumber: String(at + 1),
          AccountAssignmentNumber: String(at + 1),
          CostCenter: assignment.CostCenter,
          InternalOrder: assignment.OrderID,
          MasterFixedAsset: assignment.MasterFixedAsset,
          FixedAsset: assignment.FixedAsset,
          GLAccount: assignment.GLAccount,
          DocumentCurrency: header.DocumentCurrency,
          SuplrInvcAcctAssignmentAmount: amount,
          Quantity: of.quantity,
          PurchaseOrderQuantityUnit: order.PurchaseOrderQuantityUnit,
          DebitCreditCode: 'S',
          CompanyCode: header.CompanyCode,
        }),
      );
      return distribute(of.variance, of.places, order.MultipleAcctAssgmtDistribution, accountsOf).map(({ assignment, amount }) => {
        if (assignment.MasterFixedAsset)
          this.#parts.assets.capitalise(header.CompanyCode, assignment.MasterFixedAsset, assignment.FixedAsset, amount, header.PostingDate);
        return assignmentLine(assignment, amount);
      });
    }
    const material = this.#parts.materials.products.get(order.Material);
    const absorbed = material
      ? this.#parts.materials.absorb(
          order.Material,
          order.Plant,
          of.variance,
          this.#parts.materials.toBase(material, of.quantity, order.PurchaseOrderQuantityUnit),
        )
      : '0';
    return [
      { account: accounts.inventory.account, amount: absorbed, material: order.Material, plant: order.Plant },
      { account: accounts.priceDifference.account, amount: subtract(of.variance, absorbed), material: order.Material, plant: order.Plant },
    ];
  }

  #glItem(header: Invoice, given: Row, at: number, company: CompanyCode): Line[] {
    const text = (name: string): string => String(given[name] ?? '');
    this.#parts.checks.check(
      { CostCenter: text('CostCenter'), OrderID: text('InternalOrder'), GLAccount: text('GLAccount') },
      company.CompanyCode,
      header.PostingDate,
    );
    const own = this.#parts.organisation.exchange(text('SupplierInvoiceItemAmount') || '0', header.DocumentCurrency, company.Currency);
    const debit = (text('DebitCreditCode') === 'H') === (header.SupplierInvoiceIsCreditMemo === 'X');
    this.glItems.insert({
      ...given,
      SupplierInvoice: header.SupplierInvoice,
      FiscalYear: header.FiscalYear,
      SupplierInvoiceItem: String(at + 1),
      CompanyCode: header.CompanyCode,
      DocumentCurrency: header.DocumentCurrency,
      DebitCreditCode: text('DebitCreditCode') || 'S',
    });
    return [
      {
        account: text('GLAccount'),
        amount: debit ? own : negate(own),
        costCentre: text('CostCenter'),
        order: text('InternalOrder'),
        text: text('SupplierInvoiceItemText'),
        assignment: text('AssignmentReference'),
      },
    ];
  }

  #tax(header: Invoice, items: readonly Row[], company: CompanyCode): { inDocument: Decimal; lines: Line[] } {
    let total = '0';
    for (const item of items) {
      const code = String(item['TaxCode'] ?? '');
      const rate = Object.hasOwn(taxRates, code) ? taxRates[code] : undefined;
      if (rate === undefined) throw new Refusal('missingField', [`a tax code that exists, not ${code}`], 'TaxCode');
      const amount = String(item['SupplierInvoiceItemAmount'] ?? '0');
      total = add(
        total,
        round(divide(multiply(item['DebitCreditCode'] === 'H' ? negate(amount) : amount, rate), '100', 10), currencyScale(header.DocumentCurrency)),
      );
    }
    return {
      inDocument: total,
      lines: [{ account: accounts.inputTax.account, amount: this.#parts.organisation.exchange(total, header.DocumentCurrency, company.Currency) }],
    };
  }

  /** Stock and assets that took a variance give it back, stock as far as it is still there. */
  #givenBack(header: Invoice, line: Line): Line {
    if (line.asset) this.#parts.assets.capitalise(header.CompanyCode, line.asset, '0', line.amount, header.PostingDate);
    if (line.account !== accounts.inventory.account || !line.material || !line.plant || sign(line.amount) === 0) return line;
    const { TotalStock } = this.#parts.materials.valuation(line.material, line.plant);
    return { ...line, amount: this.#parts.materials.absorb(line.material, line.plant, line.amount, TotalStock) };
  }

  #book(header: Invoice, given: readonly Line[], user: string): void {
    const rest = sum(given.map(({ amount }) => amount));
    const lines = sign(rest) === 0 ? given : [...given, { account: accounts.priceDifference.account, amount: negate(rest) }];
    this.#lines.set(`${header.SupplierInvoice}/${header.FiscalYear}`, lines);
    this.#parts.ledger.post({
      companyCode: header.CompanyCode,
      postingDate: header.PostingDate,
      documentDate: header.DocumentDate,
      documentType: 'RE',
      reference: header.SupplierInvoiceIDByInvcgParty,
      headerText: String(header['DocumentHeaderText'] ?? ''),
      originalReference: `${header.SupplierInvoice}${header.FiscalYear}`,
      user,
      lines,
    });
  }

  #today(): string {
    return new Date(this.#parts.now()).toISOString().slice(0, 10);
  }
}
