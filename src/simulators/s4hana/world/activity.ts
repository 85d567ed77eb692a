import { multiply, negate, divide } from '#base/decimal';
import { currencyScale } from '#base/money';
import { accounts, type GeneralLedger } from './general-ledger.ts';
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
  AllocationDocument: string;
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
    this.allocations = new Table(store, ['AllocationDocument'], ['ReferenceDocument', 'DocumentReferenceID', 'DocumentHeaderText']);
    this.items = new Table(store, ['AllocationDocument', 'AllocationDocumentItem'], ['AllocationDocument', 'ReceiverOrder', 'ReceiverCostCenter', 'DocumentReferenceID', 'ItemText']);
  }

  /** What one hour (per `per` units) of an activity costs, in the cost centre's currency. */
  addRate(rate: { costCentre: string; activityType: string; rate: string; per?: string; from: string; to?: string; unit?: string }): CostRate {
    const centre = this.#organisation.costCentres.by('CostCenter', rate.costCentre)[0];
    if (!centre) throw new Refusal('unknownCostCentre', ['A000', rate.costCentre, rate.from], 'CostCenter');
    return this.rates.insert({
      ControllingArea: centre.ControllingArea, CostCenter: rate.costCentre, ActivityType: rate.activityType, ValidityStartDate: rate.from, ValidityEndDate: rate.to ?? '9999-12-31', CostRateFixedAmount: '0', CostRateVarblAmount: rate.rate,
      CostRateScaleFactor: rate.per ?? '1', Currency: this.#organisation.company(centre.CompanyCode).Currency, CostCtrActivityTypeQtyUnit: rate.unit ?? 'H', CompanyCode: centre.CompanyCode,
    });
  }

  /** What one hour of a person costs from a date on: the customer's own data service. */
  addLabourRate(rate: { personnelNumber: string; rate: string; currency: string; from: string; to?: string; unit?: string }): Row {
    return this.labourRates.insert({ PersonnelNumber: rate.personnelNumber, ValidityStartDate: rate.from, ValidityEndDate: rate.to ?? '9999-12-31', Rate: rate.rate, Currency: rate.currency, Unit: rate.unit ?? 'H' });
  }

  /** Values hours at the rate of the sender on the posting date and moves the cost; a negative quantity takes an earlier allocation back. */
  allocate(header: Row & { CompanyCode: string; PostingDate: string }, items: readonly AllocationItem[], user: string, now: number): { header: Allocation; items: Row[] } {
    const company = this.#organisation.company(header.CompanyCode);
    if (items.length === 0) throw new Refusal('noItems');
    this.#ledger.checkPeriod(header.CompanyCode, header.PostingDate, 'periodClosed');
    const document = String(++this.#next);
    const common = { DocumentReferenceID: String(header['DocumentReferenceID'] ?? ''), AllocationDocument: document };
    const rows = items.map((item, at) => this.#item(header, item, { ...common, AllocationDocumentItem: String(at + 1) }));
    const lines = rows.flatMap((row) => [
      { account: accounts.activity.account, amount: String(row['Amount']), costCentre: String(row['ReceiverCostCenter']), order: String(row['ReceiverOrder']), quantity: String(row['Quantity']), unit: String(row['QuantityUnit']), activityType: String(row['SenderActivityType']), partnerCostCentre: String(row['SenderCostCenter']), text: String(row['ItemText']) },
      { account: accounts.activity.account, amount: negate(String(row['Amount'])), costCentre: String(row['SenderCostCenter']), quantity: negate(String(row['Quantity'])), unit: String(row['QuantityUnit']), activityType: String(row['SenderActivityType']), text: String(row['ItemText']) },
    ]);
    const { document: accountingDocument, year } = this.#ledger.post({
      companyCode: header.CompanyCode, postingDate: header.PostingDate, documentType: 'CO', reference: common.DocumentReferenceID, headerText: String(header['DocumentHeaderText'] ?? ''), originalReference: document, user, lines,
    });
    const row = this.allocations.insert({ ...header, ...common, AccountingDocument: accountingDocument, FiscalYear: year, ControllingArea: company.ControllingArea, CreatedByUser: user, CreationDate: new Date(now).toISOString().slice(0, 10), LastChangeDateTime: now });
    return { header: row, items: rows.map((one) => this.items.insert(one)) };
  }

  /** The rate of a cost centre's activity on a date. */
  rate(costCentre: string, activityType: string, date: string): CostRate {
    const row = this.rates.by('CostCenter', costCentre).find((one) => one.ActivityType === activityType && one.ValidityStartDate <= date && date <= one.ValidityEndDate);
    if (!row) throw new Refusal('unknownActivityRate', [costCentre, activityType, date], 'SenderActivityType');
    return row;
  }

  #item(header: { CompanyCode: string; PostingDate: string }, item: AllocationItem, common: Row): Row {
    aboveZero(item.quantity.replace(/^-/, ''), String(common['AllocationDocumentItem']), 'Quantity');
    const company = this.#organisation.company(header.CompanyCode);
    this.#organisation.costCentre(item.senderCostCentre, header.PostingDate);
    if (item.receiverCostCentre) this.#organisation.costCentre(item.receiverCostCentre, header.PostingDate);
    if (item.receiverOrder) this.#orders.open(item.receiverOrder);
    if (!item.receiverCostCentre && !item.receiverOrder) throw new Refusal('missingCostObject', [accounts.activity.account], 'ReceiverCostCenter');
    if (!this.#units.has(item.unit)) throw new Refusal('unknownUnit', [item.unit, 'EN'], 'QuantityUnit');
    const rate = this.rate(item.senderCostCentre, item.activityType, header.PostingDate);
    const hours = item.unit === 'MIN' ? divide(item.quantity, '60', 6) : item.quantity;
    const own = divide(multiply(hours, String(rate['CostRateVarblAmount'])), rate.CostRateScaleFactor, currencyScale(rate.Currency));
    return {
      ...common, SenderCostCenter: item.senderCostCentre, SenderActivityType: item.activityType, ReceiverCostCenter: item.receiverCostCentre ?? '', ReceiverOrder: item.receiverOrder ?? '', Quantity: item.quantity, QuantityUnit: item.unit,
      PersonnelNumber: item.personnelNumber ?? '', ItemText: item.text ?? '', Amount: this.#organisation.exchange(own, rate.Currency, company.Currency), Currency: company.Currency,
    };
  }
}
