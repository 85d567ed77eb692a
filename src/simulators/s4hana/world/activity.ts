import { multiply, negate, divide } from '#base/decimal';
import { currencyScale } from '#base/money';
import { accounts, type GeneralLedger, type Line } from './general-ledger.ts';
import { aboveZero, type Organisation } from './organisation.ts';
import type { Orders } from './order.ts';
import { Refusal } from './refusal.ts';
import { Table, type Row, type Store } from './store.ts';
import type { Units } from './units.ts';

export interface CostRate extends Row {
  ControllingArea: string;
  CostCenter: string;
  ActivityType: string;
  ValidityStartDate: string;
  ValidityEndDate: string;
  CostRateFixedAmount: string;
  CostRateScaleFactor: string;
  Currency: string;
}

export interface Allocation extends Row {
  FiscalYear: string;
  ReferenceDocument: string;
  CompanyCode: string;
}

export interface AllocationItem {
  readonly senderCostCentre: string;
  readonly activityType: string;
  readonly quantity: string;
  readonly unit: string;
  readonly receiverCostCentre?: string;
  readonly receiverOrder?: string;
  readonly personnelNumber?: string;
  readonly text?: string;
}

/** Labour as accounting sees it: a rate per cost centre and activity type, hours allocated from a sender to a receiver, and rates per person as a customer's own service. */
export class Activities {
  readonly rates: Table<CostRate>;
  readonly labourRates: Table<Row>;
  readonly allocations: Table<Allocation>;
  readonly items: Table<Row>;
  readonly #organisation: Organisation;
  readonly #orders: Orders;
  readonly #ledger: GeneralLedger;
  readonly #units: Units;
  #next = 200_000_000;

  constructor(store: Store, organisation: Organisation, orders: Orders, ledger: GeneralLedger, units: Units) {
    this.#organisation = organisation;
    this.#orders = orders;
    this.#ledger = ledger;
    this.#units = units;
    this.rates = new Table(store, ['ControllingArea', 'CostCenter', 'ActivityType', 'ValidityStartDate'], ['CostCenter', 'ActivityType']);
    this.labourRates = new Table(store, ['PersonnelNumber', 'ValidityStartDate'], ['PersonnelNumber']);
    this.allocations = new Table(store, ['FiscalYear', 'ReferenceDocument'], ['ReferenceDocument', 'DocumentReferenceID', 'AccountingDocumentHeaderText']);
    this.items = new Table(
      store,
      ['FiscalYear', 'ReferenceDocument', 'ReferenceDocumentItem'],
      ['ReferenceDocument', 'PartnerOrder', 'PartnerCostCenter', 'DocumentItemText'],
    );
  }

  /** What one hour (per `per` units) of an activity costs, in the cost centre's currency. */
  addRate(rate: { costCentre: string; activityType: string; rate: string; per?: string; from: string; to?: string; unit?: string }): CostRate {
    const centre = this.#organisation.costCentres.by('CostCenter', rate.costCentre)[0];
    if (!centre) throw new Refusal('unknownCostCentre', ['A000', rate.costCentre, rate.from], 'CostCenter');
    return this.rates.insert({
      ControllingArea: centre.ControllingArea,
      CostCenter: rate.costCentre,
      ActivityType: rate.activityType,
      ValidityStartDate: rate.from,
      ValidityEndDate: rate.to ?? '9999-12-31',
      CostRateFixedAmount: '0',
      CostRateVarblAmount: rate.rate,
      CostRateScaleFactor: rate.per ?? '1',
      Currency: this.#organisation.company(centre.CompanyCode).Currency,
      CostCtrActivityTypeQtyUnit: rate.unit ?? 'H',
      CompanyCode: centre.CompanyCode,
    });
  }

  /** What one hour of a person costs from a date on: the customer's own data service. */
  addLabourRate(rate: { personnelNumber: string; rate: string; currency: string; from: string; to?: string; unit?: string }): Row {
    return this.labourRates.insert({
      PersonnelNumber: rate.personnelNumber,
      ValidityStartDate: rate.from,
      ValidityEndDate: rate.to ?? '9999-12-31',
      Rate: rate.rate,
      Currency: rate.currency,
      Unit: rate.unit ?? 'H',
    });
  }

  /** Values hours at the rate of the sender on the posting date and moves the cost; a negative quantity takes an earlier allocation back. Without a company code the first sender's is taken. */
  allocate(header: Row & { PostingDate: string }, items: readonly AllocationItem[], user: string, now: number): { header: Allocation; items: Row[] } {
    const first = items[0];
    if (!first) throw new Refusal('noItems');
    const company = this.#organisation.company(
      String(header['CompanyCode'] || this.#organisation.costCentre(first.senderCostCentre, header.PostingDate).CompanyCode),
    );
    this.#ledger.checkPeriod(company.CompanyCode, header.PostingDate, 'periodClosed');
    const document = String(++this.#next);
    const key = { FiscalYear: header.PostingDate.slice(0, 4), ReferenceDocument: document };
    const rows = items.map((item, at) =>
      this.#item({ CompanyCode: company.CompanyCode, PostingDate: header.PostingDate }, item, { ...key, ReferenceDocumentItem: String(at + 1) }),
    );
    const { document: accountingDocument } = this.#ledger.post({
      companyCode: company.CompanyCode,
      postingDate: header.PostingDate,
      documentType: 'CO',
      reference: String(header['DocumentReferenceID'] ?? ''),
      headerText: String(header['AccountingDocumentHeaderText'] ?? ''),
      originalReference: document,
      user,
      lines: rows.flatMap(linesOf),
    });
    const row = this.allocations.insert({
      DocumentDate: header.PostingDate,
      ...header,
      ...key,
      CompanyCode: company.CompanyCode,
      AccountingDocument: accountingDocument,
      ControllingArea: company.ControllingArea,
      CreatedByUser: user,
      CreationDate: new Date(now).toISOString().slice(0, 10),
      LastChangeDateTime: now,
    });
    return { header: row, items: rows.map((one) => this.items.insert(one)) };
  }

  /** The rate of a cost centre's activity on a date. */
  rate(costCentre: string, activityType: string, date: string): CostRate {
    const row = this.rates
      .by('CostCenter', costCentre)
      .find((one) => one.ActivityType === activityType && one.ValidityStartDate <= date && date <= one.ValidityEndDate);
    if (!row) throw new Refusal('unknownActivityRate', [costCentre, activityType, date], 'CostCtrActivityType');
    return row;
  }

  #item(header: { CompanyCode: string; PostingDate: string }, item: AllocationItem, common: Row): Row {
    aboveZero(item.quantity.replace(/^-/, ''), String(common['ReferenceDocumentItem']), 'Quantity');
    const company = this.#organisation.company(header.CompanyCode);
    this.#organisation.costCentre(item.senderCostCentre, header.PostingDate);
    if (item.receiverCostCentre) this.#organisation.costCentre(item.receiverCostCentre, header.PostingDate);
    if (item.receiverOrder) this.#orders.open(item.receiverOrder);
    if (!item.receiverCostCentre && !item.receiverOrder) throw new Refusal('missingCostObject', [accounts.activity.account], 'PartnerCostCenter');
    if (!this.#units.has(item.unit)) throw new Refusal('unknownUnit', [item.unit, 'EN'], 'BaseUnit');
    const rate = this.rate(item.senderCostCentre, item.activityType, header.PostingDate);
    const hours = item.unit === 'MIN' ? divide(item.quantity, '60', 6) : item.quantity;
    const own = divide(multiply(hours, String(rate['CostRateVarblAmount'])), rate.CostRateScaleFactor, currencyScale(rate.Currency));
    return {
      ...common,
      SenderCostCenter: item.senderCostCentre,
      CostCtrActivityType: item.activityType,
      PartnerCostCenter: item.receiverCostCentre ?? '',
      PartnerOrder: item.receiverOrder ?? '',
      Quantity: item.quantity,
      BaseUnit: item.unit,
      PersonnelNumber: item.personnelNumber ?? '',
      DocumentItemText: item.text ?? '',
      AmountInCompanyCodeCurrency: this.#organisation.exchange(own, rate.Currency, company.Currency),
      CompanyCodeCurrency: company.Currency,
    };
  }
}

/** The receiver's debit and the sender's credit of one item. */
function linesOf(row: Row): Line[] {
  const text = (name: string): string => String(row[name] ?? '');
  const [amount, quantity] = [text('AmountInCompanyCodeCurrency'), text('Quantity')];
  const shared = { account: accounts.activity.account, unit: text('BaseUnit'), activityType: text('CostCtrActivityType'), text: text('DocumentItemText') };
  return [
    { ...shared, amount, costCentre: text('PartnerCostCenter'), order: text('PartnerOrder'), quantity, partnerCostCentre: text('SenderCostCenter') },
    { ...shared, amount: negate(amount), costCentre: text('SenderCostCenter'), quantity: negate(quantity) },
  ];
}
