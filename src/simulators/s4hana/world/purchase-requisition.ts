import { add, compare, divide, multiply, type Decimal } from '#base/decimal';
import { currencyScale } from '#base/money';
import type { Assignment, Assignments } from './account-assignment.ts';
import type { Materials } from './material.ts';
import { aboveZero, type Organisation } from './organisation.ts';
import { Refusal } from './refusal.ts';
import { Table, type Row, type Store } from './store.ts';

export interface Requisition extends Row {
  PurchaseRequisition: string;
  PurchaseRequisitionType: string;
  PurReqnDescription: string;
  LastChangeDateTime: number;
}

export interface RequisitionItem extends Row {
  PurchaseRequisition: string;
  PurchaseRequisitionItem: string;
  Material: string;
  PurchaseRequisitionItemText: string;
  MaterialGroup: string;
  Plant: string;
  StorageLocation: string;
  CompanyCode: string;
  RequestedQuantity: string;
  OrderedQuantity: string;
  BaseUnit: string;
  AccountAssignmentCategory: string;
  MultipleAcctAssgmtDistribution: string;
  DeliveryDate: string;
  PurchaseRequisitionPrice: string;
  PurReqnPriceQuantity: string;
  PurReqnItemCurrency: string;
  /** `03` in release, `05` released, `08` rejected. */
  PurReqnReleaseStatus: string;
  ReleaseIsNotCompleted: boolean;
  /** `N` not edited, `B` purchase order created. */
  ProcessingStatus: string;
  IsDeleted: boolean;
  IsClosed: boolean;
  Supplier: string;
  RequirementTracking: string;
  LastChangeDateTime: number;
}

export interface RequisitionAccount extends Assignment {
  PurchaseRequisition: string;
  PurchaseRequisitionItem: string;
  PurchaseReqnAcctAssgmtNumber: string;
}

export interface RequisitionDraft {
  readonly header: Partial<Requisition>;
  readonly items: readonly {
    readonly item: Partial<RequisitionItem>;
    readonly accounts: readonly Partial<RequisitionAccount>[];
    readonly texts: readonly Row[];
  }[];
}

/** Fields of an item that stay as they are once an order exists. */
const frozenAfterOrder = ['Material', 'Plant', 'AccountAssignmentCategory', 'BaseUnit'];

/** Purchase requisitions: created with their items and account assignments, released by others, closed by orders. */
export class Requisitions {
  readonly headers: Table<Requisition>;
  readonly items: Table<RequisitionItem>;
  readonly accounts: Table<RequisitionAccount>;
  readonly texts: Table<Row>;
  readonly #organisation: Organisation;
  readonly #materials: Materials;
  readonly #assignments: Assignments;
  readonly #now: () => number;
  /** The value in the company code's currency up to which an item needs no release. */
  readonly #releasedUpTo: Decimal | undefined;
  readonly #lockedBy: (requisition: string) => string | undefined;
  /** Called for each new item that waits for release. */
  onWaiting: (item: RequisitionItem) => void = () => {};
  onReleased: (item: RequisitionItem) => void = () => {};
  #next = 10_045_000;

  constructor(
    store: Store,
    parts: {
      organisation: Organisation;
      materials: Materials;
      assignments: Assignments;
      now: () => number;
      releasedUpTo: Decimal | undefined;
      lockedBy: (requisition: string) => string | undefined;
    },
  ) {
    this.#organisation = parts.organisation;
    this.#materials = parts.materials;
    this.#assignments = parts.assignments;
    this.#now = parts.now;
    this.#releasedUpTo = parts.releasedUpTo;
    this.#lockedBy = parts.lockedBy;
    const item = ['PurchaseRequisition', 'PurchaseRequisitionItem'];
    this.headers = new Table(store, ['PurchaseRequisition'], ['PurReqnDescription']);
    this.items = new Table(store, item, [
      'PurchaseRequisition',
      'PurReqnExternalReference',
      'PurReqnItemExternalReference',
      'RequirementTracking',
      'PurchasingDocument',
      'PurReqnExternalSystemId',
      'Material',
    ]);
    this.accounts = new Table(store, [...item, 'PurchaseReqnAcctAssgmtNumber'], ['PurchaseRequisition', 'OrderID', 'CostCenter']);
    this.texts = new Table(store, [...item, 'DocumentText', 'TechnicalObjectType', 'ArchObjectNumber', 'Language'], ['PurchaseRequisition']);
  }

  /** Creates a requisition; with `PurReqnDoOnlyValidation` it checks everything and keeps nothing. */
  create(draft: RequisitionDraft, user: string): Requisition {
    if (draft.items.length === 0) throw new Refusal('noItems', [], 'to_PurchaseReqnItem');
    const dry = draft.header['PurReqnDoOnlyValidation'] === true;
    const number = dry ? '' : String(++this.#next);
    const now = this.#now();
    const prepared = draft.items.map((one, at) => ({ ...this.#item(number, one.item, draft.header, at, user, now), texts: one.texts, given: one.accounts }));
    const accounts = prepared.map(({ item, given }) => this.#accounts(item, given));
    const header: Requisition = {
      ...draft.header,
      PurchaseRequisition: number,
      PurchaseRequisitionType: draft.header.PurchaseRequisitionType || 'NB',
      PurReqnDescription: draft.header.PurReqnDescription ?? '',
      PurReqnDoOnlyValidation: false,
      SourceDetermination: draft.header['SourceDetermination'] ?? false,
      LastChangeDateTime: now,
    };
    if (dry) return { ...header, PurReqnDoOnlyValidation: true };
    this.headers.insert(header);
    prepared.forEach(({ item, texts }, at) => {
      this.items.insert(item);
      for (const account of accounts[at] ?? []) this.accounts.insert(account);
      for (const text of texts)
        this.texts.insert({
          FixedIndicator: '',
          ...text,
          DocumentText: text['DocumentText'] || 'B01',
          TechnicalObjectType: 'EBAN',
          ArchObjectNumber: `${number}${item.PurchaseRequisitionItem.padStart(5, '0')}`,
          Language: text['Language'] || 'EN',
          PurchaseRequisition: number,
          PurchaseRequisitionItem: item.PurchaseRequisitionItem,
        });
      if (item.ReleaseIsNotCompleted) this.onWaiting(item);
      else this.onReleased(item);
    });
    return header;
  }

  get(number: string, item?: string): RequisitionItem {
    const row = item === undefined ? this.items.by('PurchaseRequisition', number)[0] : this.items.get(number, item);
    if (!row) throw new Refusal('unknownRequisition', [number], 'PurchaseRequisition');
    return row;
  }

  /** Changes an item: quantity, date, price, deletion. Not after an order, as far as the order depends on it. */
  change(number: string, itemNumber: string, changes: Partial<RequisitionItem>): RequisitionItem {
    const item = this.get(number, itemNumber);
    const user = this.#lockedBy(number);
    if (user !== undefined) throw new Refusal('requisitionLocked', [number, user]);
    if (item.IsDeleted && changes.IsDeleted !== false) throw new Refusal('requisitionClosed', [number, itemNumber, 'deleted'], 'IsDeleted');
    const ordered = Object.keys(changes).find((name) => frozenAfterOrder.includes(name) && changes[name] !== item[name]);
    if (item.ProcessingStatus === 'B' && (ordered !== undefined || changes.IsDeleted === true))
      throw new Refusal('requisitionClosed', [number, itemNumber, `ordered with ${String(item['PurchasingDocument'])}`], ordered ?? 'IsDeleted');
    if (changes.RequestedQuantity !== undefined) {
      aboveZero(changes.RequestedQuantity, itemNumber, 'RequestedQuantity');
      if (compare(changes.RequestedQuantity, item.OrderedQuantity) < 0)
        throw new Refusal('orderedQuantityExceeded', [changes.RequestedQuantity, item.OrderedQuantity], 'RequestedQuantity');
    }
    const updated = this.#touch(item, changes);
    return changes.PurchaseRequisitionPrice === undefined && changes.RequestedQuantity === undefined
      ? updated
      : this.#touch(updated, { ItemNetAmount: this.#value(updated) });
  }

  /** Releases an item, or all items of a requisition. */
  approve(number: string, item?: string): void {
    for (const row of this.#each(number, item)) {
      if (!row.ReleaseIsNotCompleted) continue;
      this.#touch(row, { ReleaseIsNotCompleted: false, PurReqnReleaseStatus: '05', PurchaseRequisitionReleaseDate: this.#today() });
      this.onReleased(row);
    }
  }

  /** Rejects an item, or all: it stays unreleased with status 08. */
  reject(number: string, item?: string): void {
    for (const row of this.#each(number, item)) this.#touch(row, { ReleaseIsNotCompleted: true, PurReqnReleaseStatus: '08' });
  }

  block(number: string, item: string | undefined, blocked: boolean): void {
    for (const row of this.#each(number, item)) this.#touch(row, { IsPurReqnBlocked: blocked ? '1' : '' });
  }

  /** Notes what an order took of an item; a negative quantity gives it back. */
  ordered(item: RequisitionItem, quantity: Decimal, order: string, orderItem: string): void {
    const total = add(item.OrderedQuantity, quantity);
    const open = compare(total, '0') > 0;
    this.#touch(item, {
      OrderedQuantity: total,
      ProcessingStatus: open ? 'B' : 'N',
      PurchasingDocument: open ? order : '',
      PurchasingDocumentItem: open ? orderItem : '0',
      IsClosed: compare(total, item.RequestedQuantity) >= 0,
    });
  }

  accountsOf(item: RequisitionItem): RequisitionAccount[] {
    return this.accounts.by('PurchaseRequisition', item.PurchaseRequisition).filter((row) => row.PurchaseRequisitionItem === item.PurchaseRequisitionItem);
  }

  #each(number: string, item: string | undefined): RequisitionItem[] {
    this.get(number, item);
    return this.items.by('PurchaseRequisition', number).filter((row) => item === undefined || row.PurchaseRequisitionItem === item);
  }

  #touch(item: RequisitionItem, changes: Partial<RequisitionItem>): RequisitionItem {
    const header = this.headers.get(item.PurchaseRequisition);
    if (header) this.headers.update(header, { LastChangeDateTime: this.#now() });
    return this.items.update(item, { ...changes, LastChangeDateTime: this.#now() });
  }

  #item(number: string, given: Partial<RequisitionItem>, header: Partial<Requisition>, at: number, user: string, now: number): { item: RequisitionItem } {
    const itemNumber = given.PurchaseRequisitionItem && given.PurchaseRequisitionItem !== '0' ? given.PurchaseRequisitionItem : String((at + 1) * 10);
    const target = `to_PurchaseReqnItem(${at + 1})`;
    const plant = given.Plant ?? '';
    if (plant === '') throw new Refusal('missingField', ['Plant'], `${target}/Plant`);
    const company = this.#organisation.companyOf(plant);
    if (given.StorageLocation) this.#organisation.storageLocation(plant, given.StorageLocation);
    if (!given.DeliveryDate) throw new Refusal('missingDeliveryDate', [], `${target}/DeliveryDate`);
    aboveZero(given.RequestedQuantity ?? '0', itemNumber, `${target}/RequestedQuantity`);
    const text = this.#textAndPrice(given, plant, target);
    const currency = this.#organisation.currency(given.PurReqnItemCurrency || company.Currency, `${target}/PurReqnItemCurrency`);
    const item: RequisitionItem = {
      PurchasingGroup: '001',
      PurchasingOrganization: company.CompanyCode,
      RequisitionerName: '',
      StorageLocation: '',
      AccountAssignmentCategory: '',
      MultipleAcctAssgmtDistribution: '',
      Supplier: '',
      RequirementTracking: '',
      GoodsReceiptIsExpected: true,
      InvoiceIsExpected: true,
      ProductType: '1',
      ...given,
      ...text,
      RequestedQuantity: given.RequestedQuantity ?? '0',
      DeliveryDate: given.DeliveryDate,
      Plant: plant,
      CompanyCode: company.CompanyCode,
      PurReqnItemCurrency: currency,
      PurchaseRequisition: number,
      PurchaseRequisitionItem: itemNumber,
      PurchaseRequisitionType: header.PurchaseRequisitionType || 'NB',
      OrderedQuantity: '0',
      ProcessingStatus: 'N',
      PurchasingDocument: '',
      PurchasingDocumentItem: '0',
      IsDeleted: false,
      IsClosed: false,
      IsPurReqnBlocked: '',
      CreatedByUser: user,
      CreationDate: this.#today(),
      PurReqCreationDate: this.#today(),
      LastChangeDateTime: now,
      PurReqnReleaseStatus: '03',
      ReleaseIsNotCompleted: true,
    };
    item['ItemNetAmount'] = this.#value(item);
    const free =
      this.#releasedUpTo !== undefined &&
      compare(this.#organisation.exchange(String(item['ItemNetAmount']), currency, company.Currency), this.#releasedUpTo) <= 0;
    if (free) Object.assign(item, { PurReqnReleaseStatus: '05', ReleaseIsNotCompleted: false, PurchaseRequisitionReleaseDate: this.#today() });
    return { item };
  }

  /** A material brings its text, group, unit and price; a free-text item must bring them itself. */
  #textAndPrice(
    given: Partial<RequisitionItem>,
    plant: string,
    target: string,
  ): Pick<
    RequisitionItem,
    'Material' | 'PurchaseRequisitionItemText' | 'MaterialGroup' | 'BaseUnit' | 'PurchaseRequisitionPrice' | 'PurReqnPriceQuantity' | 'PurReqnItemCurrency'
  > {
    if (given.Material) {
      const { material } = this.#materials.inPlant(given.Material, plant);
      const valuation = this.#materials.valuation(given.Material, plant);
      if (given.BaseUnit && given.BaseUnit !== material.BaseUnit) this.#materials.toBase(material, '1', given.BaseUnit);
      const own = given.PurchaseRequisitionPrice !== undefined && compare(given.PurchaseRequisitionPrice, '0') > 0;
      return {
        Material: given.Material,
        PurchaseRequisitionItemText: given.PurchaseRequisitionItemText || this.#materials.description(given.Material),
        MaterialGroup: given.MaterialGroup || material.ProductGroup,
        BaseUnit: given.BaseUnit || material.BaseUnit,
        PurchaseRequisitionPrice: own ? (given.PurchaseRequisitionPrice ?? '0') : valuation.MovingAveragePrice,
        PurReqnPriceQuantity: own ? given.PurReqnPriceQuantity || '1' : valuation.PriceUnitQty,
        PurReqnItemCurrency: own ? given.PurReqnItemCurrency || valuation.Currency : valuation.Currency,
      };
    }
    for (const name of ['PurchaseRequisitionItemText', 'MaterialGroup', 'BaseUnit'] as const)
      if (!given[name]) throw new Refusal('missingField', [name], `${target}/${name}`);
    if (!given.AccountAssignmentCategory)
      throw new Refusal('missingAssignment', [given.PurchaseRequisitionItem ?? '10', ''], `${target}/AccountAssignmentCategory`);
    return {
      Material: '',
      PurchaseRequisitionItemText: given.PurchaseRequisitionItemText ?? '',
      MaterialGroup: given.MaterialGroup ?? '',
      BaseUnit: given.BaseUnit ?? '',
      PurchaseRequisitionPrice: given.PurchaseRequisitionPrice ?? '0',
      PurReqnPriceQuantity: given.PurReqnPriceQuantity || '1',
      PurReqnItemCurrency: given.PurReqnItemCurrency ?? '',
    };
  }

  #accounts(item: RequisitionItem, given: readonly Partial<RequisitionAccount>[]): RequisitionAccount[] {
    const complete = this.#assignments.complete(
      {
        number: item.PurchaseRequisitionItem,
        category: item.AccountAssignmentCategory,
        companyCode: item.CompanyCode,
        date: this.#today(),
        stockMaterial: item.Material !== '',
      },
      given,
    );
    return complete.map((one, at) => {
      const number = given[at]?.PurchaseReqnAcctAssgmtNumber;
      return {
        ...one,
        Quantity: one.Quantity === '0' ? item.RequestedQuantity : one.Quantity,
        BaseUnit: item.BaseUnit,
        PurReqnItemCurrency: item.PurReqnItemCurrency,
        IsDeleted: false,
        PurchaseRequisition: item.PurchaseRequisition,
        PurchaseRequisitionItem: item.PurchaseRequisitionItem,
        PurchaseReqnAcctAssgmtNumber: number && number !== '0' ? number : String(at + 1),
      };
    });
  }

  #value(item: RequisitionItem): Decimal {
    return divide(multiply(item.PurchaseRequisitionPrice, item.RequestedQuantity), item.PurReqnPriceQuantity, currencyScale(item.PurReqnItemCurrency));
  }

  #today(): string {
    return new Date(this.#now()).toISOString().slice(0, 10);
  }
}
