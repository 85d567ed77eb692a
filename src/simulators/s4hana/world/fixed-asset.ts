import { add, compare, divide, multiply, negate, sign, subtract, type Decimal } from '#base/decimal';
import { currencyScale } from '#base/money';
import { accounts, type GeneralLedger, type Line } from './general-ledger.ts';
import type { Organisation } from './organisation.ts';
import { Refusal } from './refusal.ts';
import { Table, type Row, type Store } from './store.ts';

export interface FixedAsset extends Row {
  CompanyCode: string;
  MasterFixedAsset: string;
  FixedAsset: string;
  AssetClass: string;
  FixedAssetDescription: string;
  CostCenter: string;
  Inventory: string;
  AssetCapitalizationDate: string | null;
  /** Empty while the asset is in use. */
  AssetDeactivationDate: string | null;
  UsefulLifeMonths: number;
  AcquisitionValue: string;
  AccumulatedDepreciation: string;
  /** Months already depreciated. */
  DepreciatedMonths: number;
  Currency: string;
}

export interface AssetValue extends Row {
  CompanyCode: string;
  MasterFixedAsset: string;
  FixedAsset: string;
  FiscalYear: string;
  FiscalPeriod: string;
  NetBookValue: string;
}

/** One period of an asset: `PostedDepreciation` is empty until the run of that period. */
export interface Depreciation extends Row {
  CompanyCode: string;
  MasterFixedAsset: string;
  FixedAsset: string;
  AssetDepreciationArea: string;
  FiscalYear: string;
  FiscalPeriod: string;
  PlannedDepreciation: string;
  PostedDepreciation: string | null;
  AccumulatedDepreciation: string;
  NetBookValue: string;
  Currency: string;
}

const assetClasses = new Set(['1100', '2000', '3000', '3100', '3200', '4000']);

/** The asset register: masters, acquisitions, retirements, straight-line depreciation and book values per period. */
export class FixedAssets {
  readonly assets: Table<FixedAsset>;
  readonly values: Table<AssetValue>;
  readonly postings: Table<Row>;
  /** Depreciation by period: what was posted, and what is planned for the rest of the fiscal year that is posted next. */
  readonly schedule: Table<Depreciation>;
  readonly #organisation: Organisation;
  readonly #ledger: GeneralLedger;
  #next = 300_000;
  #nextPosting = 0;

  constructor(store: Store, organisation: Organisation, ledger: GeneralLedger) {
    this.#organisation = organisation;
    this.#ledger = ledger;
    this.assets = new Table(
      store,
      ['CompanyCode', 'MasterFixedAsset', 'FixedAsset'],
      ['MasterFixedAsset', 'Inventory', 'CostCenter', 'AssetAdditionalDescription'],
    );
    this.values = new Table(
      store,
      ['CompanyCode', 'MasterFixedAsset', 'FixedAsset', 'AssetDepreciationArea', 'FiscalYear', 'FiscalPeriod'],
      ['MasterFixedAsset'],
    );
    this.schedule = new Table(
      store,
      ['CompanyCode', 'MasterFixedAsset', 'FixedAsset', 'AssetDepreciationArea', 'FiscalYear', 'FiscalPeriod'],
      ['MasterFixedAsset'],
    );
    this.postings = new Table(store, ['FixedAssetPostingUUID'], ['DocumentReferenceID', 'AssignmentReference', 'MasterFixedAsset']);
  }

  /** Creates a master without values. */
  create(master: {
    companyCode: string;
    assetClass: string;
    description: string;
    costCentre?: string | undefined;
    inventory?: string | undefined;
    capitalised?: string | undefined;
    lifeYears?: string | undefined;
    today: string;
    more?: Row | undefined;
    number?: string | undefined;
  }): FixedAsset {
    const company = this.#organisation.company(master.companyCode);
    if (!assetClasses.has(master.assetClass)) throw new Refusal('unknownAssetClass', [master.assetClass], 'AssetClass');
    if (master.description === '') throw new Refusal('missingField', ['FixedAssetDescription'], 'FixedAssetDescription');
    if (master.costCentre) this.#organisation.costCentre(master.costCentre, master.today);
    return this.assets.insert({
      ...master.more,
      CompanyCode: company.CompanyCode,
      MasterFixedAsset: master.number ?? String(++this.#next),
      FixedAsset: '0',
      AssetClass: master.assetClass,
      FixedAssetDescription: master.description,
      CostCenter: master.costCentre ?? '',
      Inventory: master.inventory ?? '',
      AssetCapitalizationDate: master.capitalised ?? null,
      AssetDeactivationDate: null,
      UsefulLifeMonths: Number(master.lifeYears ?? '10') * 12,
      AcquisitionValue: '0',
      AccumulatedDepreciation: '0',
      DepreciatedMonths: 0,
      Currency: company.Currency,
    });
  }

  /** An asset that is in use. */
  active(companyCode: string, asset: string, subNumber = '0'): FixedAsset {
    const row = this.assets.get(companyCode, asset, subNumber);
    if (!row) throw new Refusal('unknownAsset', [companyCode, asset, subNumber], 'MasterFixedAsset');
    if (row.AssetDeactivationDate !== null) throw new Refusal('assetRetired', [companyCode, asset, subNumber], 'MasterFixedAsset');
    return row;
  }

  /** Raises the acquisition value without a posting of its own: the receipt or invoice has posted already. */
  capitalise(companyCode: string, asset: string, subNumber: string, amount: Decimal, date: string): void {
    const row = this.assets.get(companyCode, asset, subNumber);
    if (!row) return;
    this.assets.update(row, { AcquisitionValue: add(row.AcquisitionValue, amount), AssetCapitalizationDate: row.AssetCapitalizationDate ?? date });
    this.#plan(row);
  }

  /** Posts an acquisition (debit) or its reversal (credit) against an offsetting account. */
  acquire(posting: {
    companyCode: string;
    asset: string;
    subNumber: string;
    date: string;
    amount: Decimal;
    currency: string;
    offsettingAccount: string;
    credit: boolean;
    user: string;
    reference: Row;
  }): Row {
    const asset = this.active(posting.companyCode, posting.asset, posting.subNumber);
    if (sign(posting.amount) <= 0) throw new Refusal('quantityNegative', [posting.amount], 'AcqnAmtInTransactionCurrency');
    const own = this.#organisation.exchange(posting.amount, this.#organisation.currency(posting.currency, 'TransactionCurrency'), asset.Currency);
    const amount = posting.credit ? negate(own) : own;
    const lines: Line[] = [
      { account: accounts.assetCost.account, amount, asset: asset.MasterFixedAsset },
      { account: posting.offsettingAccount || accounts.assetClearing.account, amount: negate(amount), asset: asset.MasterFixedAsset },
    ];
    const row = this.#post(asset, posting, 'AA', lines);
    this.capitalise(posting.companyCode, posting.asset, posting.subNumber, amount, posting.date);
    return row;
  }

  /** Retires an asset, whole or by a percentage, with or without revenue: takes cost and depreciation out, the rest is gain or loss. */
  retire(posting: {
    companyCode: string;
    asset: string;
    subNumber: string;
    date: string;
    percent?: Decimal | undefined;
    amount?: Decimal | undefined;
    revenue: Decimal;
    user: string;
    reference: Row;
  }): Row {
    const asset = this.active(posting.companyCode, posting.asset, posting.subNumber);
    const places = currencyScale(asset.Currency);
    const cost =
      posting.amount ?? (posting.percent === undefined ? asset.AcquisitionValue : divide(multiply(asset.AcquisitionValue, posting.percent), '100', places));
    if (compare(cost, asset.AcquisitionValue) > 0) throw new Refusal('retirementTooMuch', [cost, asset.AcquisitionValue], 'AstRtrmtAmtInTransCrcy');
    const whole = compare(cost, asset.AcquisitionValue) === 0;
    const depreciation = whole ? asset.AccumulatedDepreciation : divide(multiply(asset.AccumulatedDepreciation, cost), asset.AcquisitionValue, places);
    const result = subtract(subtract(cost, depreciation), posting.revenue);
    const lines: Line[] = [
      { account: accounts.assetCost.account, amount: negate(cost), asset: asset.MasterFixedAsset },
      { account: accounts.assetDepreciation.account, amount: depreciation, asset: asset.MasterFixedAsset },
      { account: accounts.assetClearing.account, amount: posting.revenue, asset: asset.MasterFixedAsset },
      {
        account: sign(result) < 0 ? accounts.retirementGain.account : accounts.retirementLoss.account,
        amount: result,
        asset: asset.MasterFixedAsset,
        costCentre: asset.CostCenter,
      },
    ];
    const row = this.#post(asset, posting, 'AA', lines);
    this.assets.update(asset, {
      AcquisitionValue: subtract(asset.AcquisitionValue, cost),
      AccumulatedDepreciation: subtract(asset.AccumulatedDepreciation, depreciation),
      AssetDeactivationDate: whole ? posting.date : null,
    });
    this.#plan(asset);
    return row;
  }

  /** Runs straight-line depreciation for one period (`2026`, `3`) and writes one value row per asset. */
  runDepreciation(companyCode: string, year: string, period: string, user = 'BATCH'): number {
    const date = new Date(Date.UTC(Number(year), Number(period), 0)).toISOString().slice(0, 10);
    let count = 0;
    for (const asset of this.assets.all()) {
      if (
        asset.CompanyCode !== companyCode ||
        asset.AssetDeactivationDate !== null ||
        asset.AssetCapitalizationDate === null ||
        asset.AssetCapitalizationDate > date
      )
        continue;
      if (this.values.get(companyCode, asset.MasterFixedAsset, asset.FixedAsset, '01', year, period)) continue;
      this.#depreciate(asset, { date, year, period, user });
      count += 1;
    }
    return count;
  }

  /** Moves an asset to another cost centre. */
  assign(companyCode: string, asset: string, costCentre: string, date: string): void {
    const row = this.active(companyCode, asset);
    this.#organisation.costCentre(costCentre, date);
    this.assets.update(row, { CostCenter: costCentre });
  }

  #depreciate(asset: FixedAsset, run: { date: string; year: string; period: string; user: string }): void {
    const left = asset.UsefulLifeMonths - asset.DepreciatedMonths;
    const book = subtract(asset.AcquisitionValue, asset.AccumulatedDepreciation);
    const amount = left <= 0 ? '0' : divide(book, String(left), currencyScale(asset.Currency));
    if (sign(amount) > 0) {
      this.#ledger.post({
        companyCode: asset.CompanyCode,
        postingDate: run.date,
        documentType: 'AF',
        user: run.user,
        headerText: `Depreciation ${run.year}/${run.period}`,
        lines: [
          { account: accounts.depreciation.account, amount, costCentre: asset.CostCenter, asset: asset.MasterFixedAsset },
          { account: accounts.assetDepreciation.account, amount: negate(amount), asset: asset.MasterFixedAsset },
        ],
      });
    }
    const accumulated = add(asset.AccumulatedDepreciation, amount);
    const planned = this.#period(asset, run.year, run.period);
    const posted = { PostedDepreciation: amount, AccumulatedDepreciation: accumulated, NetBookValue: subtract(asset.AcquisitionValue, accumulated) };
    if (planned) this.schedule.update(planned, posted);
    else this.schedule.insert({ ...this.#periodKey(asset, run.year, run.period), PlannedDepreciation: amount, ...posted, Currency: asset.Currency });
    this.assets.update(asset, { AccumulatedDepreciation: accumulated, DepreciatedMonths: asset.DepreciatedMonths + 1 });
    this.values.insert({
      CompanyCode: asset.CompanyCode,
      MasterFixedAsset: asset.MasterFixedAsset,
      FixedAsset: asset.FixedAsset,
      AssetDepreciationArea: '01',
      FiscalYear: run.year,
      FiscalPeriod: run.period,
      AcquisitionValue: asset.AcquisitionValue,
      AccumulatedDepreciation: accumulated,
      NetBookValue: subtract(asset.AcquisitionValue, accumulated),
      Currency: asset.Currency,
    });
    this.#plan(asset);
  }

  #periodKey({ CompanyCode, MasterFixedAsset, FixedAsset }: FixedAsset, FiscalYear: string, FiscalPeriod: string) {
    return { CompanyCode, MasterFixedAsset, FixedAsset, AssetDepreciationArea: '01', FiscalYear, FiscalPeriod };
  }

  #period(asset: FixedAsset, year: string, period: string): Depreciation | undefined {
    return this.schedule.get(...Object.values(this.#periodKey(asset, year, period)));
  }

  /** Plans the rest of the fiscal year after the last period that was posted, anew: value, life or use of the asset changed. */
  #plan(asset: FixedAsset): void {
    const rows = this.schedule.by('MasterFixedAsset', asset.MasterFixedAsset).filter((row) => row.CompanyCode === asset.CompanyCode);
    const last = rows
      .filter((row) => row.PostedDepreciation !== null)
      .map((row) => Number(row.FiscalYear) * 12 + Number(row.FiscalPeriod) - 1)
      .reduce((a, b) => Math.max(a, b), -1);
    const began = asset.AssetCapitalizationDate;
    const open = began !== null && asset.AssetDeactivationDate === null;
    const from = last >= 0 ? last + 1 : began === null ? 0 : Number(began.slice(0, 4)) * 12 + Number(began.slice(5, 7)) - 1;
    let left = open ? asset.UsefulLifeMonths - asset.DepreciatedMonths : 0;
    let accumulated: Decimal = asset.AccumulatedDepreciation;
    const kept = new Set<Depreciation>();
    for (let month = from; left > 0 && (month === from || month % 12 !== 0); month++, left--) {
      const [year, period] = [String(Math.floor(month / 12)), String((month % 12) + 1)];
      const amount = divide(subtract(asset.AcquisitionValue, accumulated), String(left), currencyScale(asset.Currency));
      if (sign(amount) <= 0) break;
      accumulated = add(accumulated, amount);
      const values = { PlannedDepreciation: amount, AccumulatedDepreciation: accumulated, NetBookValue: subtract(asset.AcquisitionValue, accumulated) };
      const row = this.#period(asset, year, period);
      kept.add(
        row
          ? this.schedule.update(row, values)
          : this.schedule.insert({ ...this.#periodKey(asset, year, period), ...values, PostedDepreciation: null, Currency: asset.Currency }),
      );
    }
    for (const row of rows) if (row.PostedDepreciation === null && !kept.has(row)) this.schedule.remove(row);
  }

  #post(asset: FixedAsset, posting: { date: string; user: string; reference: Row }, documentType: string, lines: readonly Line[]): Row {
    const { document, year } = this.#ledger.post({
      companyCode: asset.CompanyCode,
      postingDate: posting.date,
      documentType,
      user: posting.user,
      reference: String(posting.reference['DocumentReferenceID'] ?? ''),
      headerText: String(posting.reference['AccountingDocumentHeaderText'] ?? ''),
      lines: lines.map((line) => ({
        ...line,
        assignment: String(posting.reference['AssignmentReference'] ?? ''),
        text: String(posting.reference['DocumentItemText'] ?? ''),
      })),
    });
    const number = String(++this.#nextPosting);
    return this.postings.insert({
      ...posting.reference,
      FixedAssetPostingUUID: `00000000-0000-4000-8000-${number.padStart(12, '0')}`,
      ReferenceDocument: document,
      ReferenceDocumentType: 'AMDP',
      FiscalYear: year,
      CompanyCode: asset.CompanyCode,
      MasterFixedAsset: asset.MasterFixedAsset,
      FixedAsset: asset.FixedAsset,
      PostingDate: posting.date,
    });
  }
}
