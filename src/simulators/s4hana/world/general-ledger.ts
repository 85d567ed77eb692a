import { add, negate, sign, sum, type Decimal } from '#base/decimal';
import type { Organisation } from './organisation.ts';
import { Refusal } from './refusal.ts';
import { Table, type Row, type Store } from './store.ts';

/** Accounts that postings find by themselves: the account determination of this installation. */
export const accounts = {
  inventory: { account: '13100000', name: 'Inventory spare parts', costElement: false },
  goodsReceived: { account: '21120000', name: 'GR/IR clearing', costElement: false },
  payables: { account: '21100000', name: 'Payables domestic', costElement: false },
  inputTax: { account: '12600000', name: 'Input tax', costElement: false },
  consumption: { account: '51100000', name: 'Consumption of parts', costElement: true },
  services: { account: '61008000', name: 'Purchased services', costElement: true },
  scrap: { account: '51700000', name: 'Scrapping', costElement: true },
  priceDifference: { account: '52000000', name: 'Price differences', costElement: false },
  inventoryDifference: { account: '52010000', name: 'Inventory differences', costElement: false },
  initialStock: { account: '39900000', name: 'Initial stock upload', costElement: false },
  plantClearing: { account: '21190000', name: 'Clearing between company codes', costElement: false },
  assetCost: { account: '16000000', name: 'Machinery at cost', costElement: false },
  assetDepreciation: { account: '17000000', name: 'Accumulated depreciation', costElement: false },
  depreciation: { account: '64000000', name: 'Depreciation', costElement: false },
  assetClearing: { account: '16990000', name: 'Asset acquisition clearing', costElement: false },
  retirementLoss: { account: '71010000', name: 'Loss from asset retirement', costElement: false },
  retirementGain: { account: '70010000', name: 'Gain from asset retirement', costElement: false },
  activity: { account: '94308000', name: 'Activity allocation', costElement: true },
} as const;
export type AccountName = keyof typeof accounts;

/** One line of a posting. A debit is positive, a credit negative, in the currency of the company code. */
export interface Line {
  readonly account: string;
  readonly amount: Decimal;
  readonly costCentre?: string | undefined;
  readonly order?: string | undefined;
  readonly asset?: string | undefined;
  readonly material?: string | undefined;
  readonly plant?: string | undefined;
  readonly quantity?: Decimal | undefined;
  readonly unit?: string | undefined;
  readonly supplier?: string | undefined;
  readonly activityType?: string | undefined;
  readonly partnerCostCentre?: string | undefined;
  readonly text?: string | undefined;
  readonly assignment?: string | undefined;
  /** The amount as it was written down, where the document has another currency. */
  readonly original?: { readonly amount: Decimal; readonly currency: string } | undefined;
}

export interface Posting {
  readonly companyCode: string;
  readonly postingDate: string;
  readonly documentDate?: string | undefined;
  readonly documentType: string;
  readonly reference?: string | undefined;
  readonly headerText?: string | undefined;
  readonly originalReference?: string | undefined;
  readonly user: string;
  readonly lines: readonly Line[];
}

export interface JournalItem extends Row {
  ID: string;
  CompanyCode: string;
  AccountingDocument: string;
  FiscalYear: string;
  GLAccount: string;
  AmountInCompanyCodeCurrency: string;
  CompanyCodeCurrency: string;
}

/** The ledger 0L: lines arrive only in balanced documents and are never changed. */
export class GeneralLedger {
  readonly items: Table<JournalItem>;
  readonly #organisation: Organisation;
  readonly #next = new Map<string, number>();

  constructor(store: Store, organisation: Organisation) {
    this.#organisation = organisation;
    this.items = new Table(
      store,
      ['ID'],
      [
        'OrderID',
        'CostCenter',
        'AccountingDocument',
        'DocumentReferenceID',
        'OriginalReferenceDocument',
        'AssignmentReference',
        'AccountingDocumentHeaderText',
      ],
    );
  }

  /** Posts one document and returns its number. Lines of amount zero are left out. Refuses closed periods, unknown accounts and anything that does not balance. */
  post(posting: Posting, closed: 'periodClosed' | 'periodClosedMaterials' = 'periodClosed'): { document: string; year: string } {
    const company = this.#organisation.company(posting.companyCode);
    this.checkPeriod(posting.companyCode, posting.postingDate, closed);
    const lines = posting.lines.filter(({ amount }) => sign(amount) !== 0);
    const balance = sum(lines.map(({ amount }) => amount));
    if (sign(balance) !== 0) throw new Refusal('entryNotBalanced', [balance, company.Currency]);
    const year = posting.postingDate.slice(0, 4);
    const document = this.#number(posting.companyCode, year);
    const common: Row = {
      Ledger: '0L',
      LedgerFiscalYear: year,
      FiscalYear: year,
      FiscalPeriod: String(Number(posting.postingDate.slice(5, 7))),
      FiscalYearPeriod: `${year}0${posting.postingDate.slice(5, 7)}`,
      FiscalYearVariant: 'K4',
      ControllingArea: company.ControllingArea,
      ChartOfAccounts: company.ChartOfAccounts,
      PostingDate: posting.postingDate,
      DocumentDate: posting.documentDate ?? posting.postingDate,
      AccountingDocumentType: posting.documentType,
      DocumentReferenceID: posting.reference ?? '',
      AccountingDocumentHeaderText: posting.headerText ?? '',
      OriginalReferenceDocument: posting.originalReference ?? '',
      AccountingDocCreatedByUser: posting.user,
    };
    lines.forEach((line, at) =>
      this.items.insert(
        this.#item(company.Currency, { ...common, CompanyCode: posting.companyCode, AccountingDocument: document, FiscalYear: year }, line, at + 1),
      ),
    );
    return { document, year };
  }

  /** Refuses a posting date in a closed period. */
  checkPeriod(companyCode: string, date: string, reason: 'periodClosed' | 'periodClosedMaterials'): void {
    if (!this.#organisation.isOpen(companyCode, date)) throw new Refusal(reason, [companyCode, `${date.slice(5, 7)}/${date.slice(0, 4)}`], 'PostingDate');
  }

  /** Debits less credits per company code: zero everywhere, or the world is broken. */
  balances(): Map<string, Decimal> {
    const totals = new Map<string, Decimal>();
    for (const item of this.items.all()) totals.set(item.CompanyCode, add(totals.get(item.CompanyCode) ?? '0', item.AmountInCompanyCodeCurrency));
    return totals;
  }

  /** The balance of one account in one company code. */
  balance(companyCode: string, account: string): Decimal {
    return sum(
      this.items
        .all()
        .filter((item) => item.CompanyCode === companyCode && item.GLAccount === account)
        .map((item) => item.AmountInCompanyCodeCurrency),
    );
  }

  #item(currency: string, common: Row & { CompanyCode: string; AccountingDocument: string; FiscalYear: string }, line: Line, at: number): JournalItem {
    const account = this.#organisation.glAccount(line.account);
    if (account.IsCostElement && !line.costCentre && !line.order && !line.asset) throw new Refusal('missingCostObject', [line.account], 'CostCenter');
    const text = {
      ID: `${common.CompanyCode}${common.FiscalYear}${common.AccountingDocument}${String(at).padStart(6, '0')}`,
      AccountingDocumentItem: String(at),
    };
    return {
      ...common,
      ...text,
      GLAccount: line.account,
      GLAccountName: account.GLAccountName,
      AmountInCompanyCodeCurrency: line.amount,
      CompanyCodeCurrency: currency,
      AmountInTransactionCurrency: line.original?.amount ?? line.amount,
      TransactionCurrency: line.original?.currency ?? currency,
      ControllingDebitCreditCode: sign(line.amount) < 0 ? 'H' : 'S',
      CostCenter: line.costCentre ?? '',
      OrderID: line.order ?? '',
      MasterFixedAsset: line.asset ?? '',
      SoldMaterial: line.material ?? '',
      Material: line.material ?? '',
      Plant: line.plant ?? '',
      Supplier: line.supplier ?? '',
      ValuationQuantity: line.quantity ?? '0',
      CostSourceUnit: line.unit ?? '',
      CostCtrActivityType: line.activityType ?? '',
      PartnerCostCenter: line.partnerCostCentre ?? '',
      DocumentItemText: line.text ?? '',
      AssignmentReference: line.assignment ?? '',
    };
  }

  #number(companyCode: string, year: string): string {
    const next = (this.#next.get(companyCode + year) ?? 100000000) + 1;
    this.#next.set(companyCode + year, next);
    return String(next);
  }
}

/** The same lines with debit and credit exchanged. */
export function opposite(lines: readonly Line[]): Line[] {
  return lines.map((line) => ({
    ...line,
    amount: negate(line.amount),
    ...(line.original ? { original: { amount: negate(line.original.amount), currency: line.original.currency } } : {}),
  }));
}
