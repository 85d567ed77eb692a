import { compare, divide, multiply } from '#base/decimal';
import { currencyScale } from '#base/money';
import { Refusal } from './refusal.ts';
import { Table, type Row, type Store } from './store.ts';

export interface CompanyCode extends Row {
  CompanyCode: string;
  CompanyCodeName: string;
  Currency: string;
  ControllingArea: string;
  ChartOfAccounts: string;
}

export interface Plant extends Row {
  Plant: string;
  PlantName: string;
  CompanyCode: string;
}

export interface GlAccount extends Row {
  ChartOfAccounts: string;
  GLAccount: string;
  GLAccountName: string;
  /** Whether a posting needs a cost centre, order or asset: a cost element. */
  IsCostElement: boolean;
  IsBalanceSheetAccount: boolean;
  AccountIsBlockedForPosting: boolean;
  AccountIsMarkedForDeletion: boolean;
}

/** The chart of accounts of every company code of this installation. */
export const chartOfAccounts = 'YCOA';

export interface CostCentre extends Row {
  ControllingArea: string;
  CostCenter: string;
  ValidityStartDate: string;
  ValidityEndDate: string;
  CompanyCode: string;
  CostCenterName: string;
  /** `X` while direct postings are refused. */
  IsBlkdForPrimaryCostsPosting: string;
}

/** Company codes, plants, storage locations, accounts, cost centres, exchange rates and posting periods: where things may be posted. */
export class Organisation {
  readonly companyCodes: Table<CompanyCode>;
  readonly plants: Table<Plant>;
  readonly storageLocations: Table<Row>;
  readonly glAccounts: Table<GlAccount>;
  readonly costCentres: Table<CostCentre>;
  readonly #rates = new Map<string, string>();
  readonly #currencies = new Set<string>();
  readonly #closed = new Set<string>();
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    this.companyCodes = new Table(store, ['CompanyCode']);
    this.plants = new Table(store, ['Plant'], ['CompanyCode']);
    this.storageLocations = new Table(store, ['Plant', 'StorageLocation'], ['Plant']);
    this.glAccounts = new Table(store, ['ChartOfAccounts', 'GLAccount']);
    this.costCentres = new Table(store, ['ControllingArea', 'CostCenter', 'ValidityEndDate'], ['CostCenter', 'CompanyCode']);
  }

  addCompanyCode(company: { code: string; name?: string; currency: string; controllingArea?: string }): CompanyCode {
    this.#currencies.add(company.currency);
    return this.companyCodes.insert({
      CompanyCode: company.code,
      CompanyCodeName: company.name ?? company.code,
      Currency: company.currency,
      ControllingArea: company.controllingArea ?? 'A000',
      ChartOfAccounts: chartOfAccounts,
    });
  }

  addPlant(plant: { plant: string; name?: string; companyCode: string; storageLocations: readonly string[] }): Plant {
    this.company(plant.companyCode);
    for (const location of plant.storageLocations) this.addStorageLocation(plant.plant, location);
    return this.plants.insert({ Plant: plant.plant, PlantName: plant.name ?? plant.plant, CompanyCode: plant.companyCode });
  }

  addStorageLocation(plant: string, storageLocation: string): void {
    this.storageLocations.insert({ Plant: plant, StorageLocation: storageLocation });
  }

  addGlAccount(account: { account: string; name: string; costElement?: boolean; blocked?: boolean }): GlAccount {
    const balanceSheet = /^[0-3]/.test(account.account);
    return this.glAccounts.insert({
      ChartOfAccounts: chartOfAccounts,
      GLAccount: account.account,
      Language: 'EN',
      GLAccountName: account.name.slice(0, 20),
      GLAccountLongName: account.name.slice(0, 50),
      IsCostElement: account.costElement ?? false,
      IsBalanceSheetAccount: balanceSheet,
      IsProfitLossAccount: !balanceSheet,
      GLAccountType: balanceSheet ? 'X' : account.account.startsWith('9') ? 'S' : account.costElement ? 'P' : 'N',
      GLAccountGroup: balanceSheet ? 'BAL.' : 'P&L.',
      AccountIsBlockedForPosting: account.blocked ?? false,
      AccountIsMarkedForDeletion: false,
      CreationDate: '2000-01-01',
      LastChangeDateTime: null,
    });
  }

  /** Blocks or frees an account for posting, at an instant. */
  blockGlAccount(account: string, now: number, blocked = true): void {
    this.glAccounts.update(this.#account(account), { AccountIsBlockedForPosting: blocked, LastChangeDateTime: now });
  }

  addCostCentre(centre: {
    costCentre: string;
    name?: string;
    companyCode: string;
    from?: string;
    to?: string;
    locked?: boolean;
    department?: string;
  }): CostCentre {
    const company = this.company(centre.companyCode);
    return this.costCentres.insert({
      ControllingArea: company.ControllingArea,
      CostCenter: centre.costCentre,
      ValidityStartDate: centre.from ?? '2000-01-01',
      ValidityEndDate: centre.to ?? '9999-12-31',
      CompanyCode: centre.companyCode,
      CostCenterCurrency: company.Currency,
      CostCenterName: (centre.name ?? centre.costCentre).slice(0, 20),
      CostCenterDescription: (centre.name ?? centre.costCentre).slice(0, 40),
      IsBlkdForPrimaryCostsPosting: centre.locked ? 'X' : '',
      IsBlkdForSecondaryCostsPosting: centre.locked ? 'X' : '',
      Department: centre.department ?? '',
      CostCenterCategory: 'E',
      Language: 'EN',
      CostCenterCreationDate: centre.from ?? '2000-01-01',
    });
  }

  /** One unit of `from` is `rate` units of `to`; the inverse is derived where it was not set. */
  setExchangeRate(from: string, to: string, rate: string): void {
    this.#currencies.add(from).add(to);
    this.#rates.set(`${from}/${to}`, rate);
    if (!this.#rates.has(`${to}/${from}`)) this.#rates.set(`${to}/${from}`, divide('1', rate, 9));
  }

  addCurrency(currency: string): void {
    this.#currencies.add(currency);
  }

  currency(code: string, target = 'Currency'): string {
    if (!this.#currencies.has(code)) throw new Refusal('unknownCurrency', [code], target);
    return code;
  }

  /** An amount in another currency, rounded to its places. */
  exchange(amount: string, from: string, to: string): string {
    if (from === to) return amount;
    const rate = this.#rates.get(`${from}/${to}`);
    if (rate === undefined) throw new Refusal('noExchangeRate', [from, to]);
    return divide(multiply(amount, rate), '1', currencyScale(to));
  }

  company(code: string): CompanyCode {
    const company = this.companyCodes.get(code);
    if (!company) throw new Refusal('unknownCompanyCode', [code], 'CompanyCode');
    return company;
  }

  /** The company code that a plant belongs to. */
  companyOf(plant: string): CompanyCode {
    const row = this.plants.get(plant);
    if (!row) throw new Refusal('unknownPlant', [plant], 'Plant');
    return this.company(row.CompanyCode);
  }

  storageLocation(plant: string, location: string): void {
    if (!this.storageLocations.get(plant, location)) throw new Refusal('unknownStorageLocation', [plant, location], 'StorageLocation');
  }

  /** An account that may be posted to. */
  glAccount(account: string): GlAccount {
    const row = this.#account(account);
    if (row.AccountIsBlockedForPosting) throw new Refusal('glAccountBlocked', [account, chartOfAccounts], 'GLAccount');
    return row;
  }

  #account(account: string): GlAccount {
    const row = this.glAccounts.get(chartOfAccounts, account);
    if (!row) throw new Refusal('unknownGlAccount', [account, chartOfAccounts], 'GLAccount');
    return row;
  }

  /** A cost centre that may be posted to on a date. */
  costCentre(costCentre: string, date: string): CostCentre {
    const row = this.costCentres.by('CostCenter', costCentre).find((one) => one.ValidityStartDate <= date && date <= one.ValidityEndDate);
    const area = row?.ControllingArea ?? 'A000';
    if (!row) throw new Refusal('unknownCostCentre', [area, costCentre, date], 'CostCenter');
    if (row.IsBlkdForPrimaryCostsPosting === 'X') throw new Refusal('costCentreLocked', [area, costCentre, date], 'CostCenter');
    return row;
  }

  lockCostCentre(costCentre: string, locked = true): void {
    for (const row of this.costCentres.by('CostCenter', costCentre))
      this.costCentres.update(row, { IsBlkdForPrimaryCostsPosting: locked ? 'X' : '', IsBlkdForSecondaryCostsPosting: locked ? 'X' : '' });
  }

  /** Closes the posting period that `period` (`2026/03`) names. */
  closePeriod(companyCode: string, period: string): void {
    this.#closed.add(`${companyCode} ${period}`);
    this.#store.onRollback(() => this.#closed.delete(`${companyCode} ${period}`));
  }

  openPeriod(companyCode: string, period: string): void {
    this.#closed.delete(`${companyCode} ${period}`);
  }

  isOpen(companyCode: string, date: string): boolean {
    return this.#closed.size === 0 || !this.#closed.has(`${companyCode} ${date.slice(0, 4)}/${date.slice(5, 7)}`);
  }

  /** Periods that are closed, as `1010 2026/02`. */
  closedPeriods(): string[] {
    return [...this.#closed].sort();
  }
}

/** Refuses quantities that are not above zero. */
export function aboveZero(quantity: string, item: string, target: string): void {
  const sign = compare(quantity, '0');
  if (sign < 0) throw new Refusal('quantityNegative', [quantity], target);
  if (sign === 0) throw new Refusal('quantityZero', [item], target);
}
