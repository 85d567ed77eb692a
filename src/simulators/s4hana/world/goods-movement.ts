import { add, compare, divide, multiply, negate, sign, subtract, type Decimal } from '#base/decimal';
import { currencyScale } from '#base/money';
import { assignmentLine, distribute, type Assignments } from './account-assignment.ts';
import type { FixedAssets } from './fixed-asset.ts';
import { accounts, type AccountName, type GeneralLedger, type Line } from './general-ledger.ts';
import type { Material, Materials } from './material.ts';
import { aboveZero, type CompanyCode, type Organisation } from './organisation.ts';
import type { OrderItem, PurchaseOrders } from './purchase-order.ts';
import { Refusal } from './refusal.ts';
import type { Reservations } from './reservation.ts';
import { Table, type Row, type Store } from './store.ts';
import type { Units } from './units.ts';

/** What a movement type does. `sign` is the effect on stock; `needs` is what the item must name; `account` bears the other side. */
interface MovementType {
  readonly codes: readonly string[];
  readonly sign: 1 | -1;
  readonly kind: 'receipt' | 'issue' | 'transfer' | 'adjustment';
  readonly reversal: string;
  readonly needs?: 'CostCenter' | 'ManufacturingOrder' | 'MasterFixedAsset' | undefined;
  readonly account?: AccountName;
  readonly reason?: boolean;
}

const types: Readonly<Record<string, MovementType>> = {
  '101': { codes: ['01'], sign: 1, kind: 'receipt', reversal: '102' },
  '102': { codes: ['01'], sign: -1, kind: 'receipt', reversal: '101' },
  '122': { codes: ['01'], sign: -1, kind: 'receipt', reversal: '123', reason: true },
  '123': { codes: ['01'], sign: 1, kind: 'receipt', reversal: '122' },
  '201': { codes: ['03'], sign: -1, kind: 'issue', reversal: '202', needs: 'CostCenter', account: 'consumption' },
  '202': { codes: ['03'], sign: 1, kind: 'issue', reversal: '201', needs: 'CostCenter', account: 'consumption' },
  '241': { codes: ['03'], sign: -1, kind: 'issue', reversal: '242', needs: 'MasterFixedAsset', account: 'assetCost' },
  '242': { codes: ['03'], sign: 1, kind: 'issue', reversal: '241', needs: 'MasterFixedAsset', account: 'assetCost' },
  '261': { codes: ['03'], sign: -1, kind: 'issue', reversal: '262', needs: 'ManufacturingOrder', account: 'consumption' },
  '262': { codes: ['03'], sign: 1, kind: 'issue', reversal: '261', needs: 'ManufacturingOrder', account: 'consumption' },
  '551': { codes: ['03'], sign: -1, kind: 'issue', reversal: '552', needs: 'CostCenter', account: 'scrap', reason: true },
  '552': { codes: ['03'], sign: 1, kind: 'issue', reversal: '551', needs: 'CostCenter', account: 'scrap' },
  '301': { codes: ['04'], sign: -1, kind: 'transfer', reversal: '302' },
  '302': { codes: ['04'], sign: 1, kind: 'transfer', reversal: '301' },
  '311': { codes: ['04'], sign: -1, kind: 'transfer', reversal: '312' },
  '312': { codes: ['04'], sign: 1, kind: 'transfer', reversal: '311' },
  '561': { codes: ['05'], sign: 1, kind: 'adjustment', reversal: '562', account: 'initialStock' },
  '562': { codes: ['05'], sign: -1, kind: 'adjustment', reversal: '561', account: 'initialStock' },
  '701': { codes: ['05', '03'], sign: 1, kind: 'adjustment', reversal: '702', account: 'inventoryDifference' },
  '702': { codes: ['05', '03'], sign: -1, kind: 'adjustment', reversal: '701', account: 'inventoryDifference' },
};

export interface MaterialDocument extends Row {
  MaterialDocumentYear: string;
  MaterialDocument: string;
  PostingDate: string;
  DocumentDate: string;
  ReferenceDocument: string;
  MaterialDocumentHeaderText: string;
  GoodsMovementCode: string;
  CreatedByUser: string;
}

export interface MaterialDocumentItem extends Row {
  MaterialDocumentYear: string;
  MaterialDocument: string;
  MaterialDocumentItem: string;
  Material: string;
  Plant: string;
  StorageLocation: string;
  GoodsMovementType: string;
  InventoryStockType: string;
  QuantityInEntryUnit: string;
  EntryUnit: string;
  QuantityInBaseUnit: string;
  MaterialBaseUnit: string;
  GdsMvtExtAmtInCoCodeCrcy: string;
  CompanyCodeCurrency: string;
  PurchaseOrder: string;
  PurchaseOrderItem: string;
  ManufacturingOrder: string;
  CostCenter: string;
  GLAccount: string;
  MasterFixedAsset: string;
  FixedAsset: string;
  Reservation: string;
  ReservationItem: string;
  ReservationIsFinallyIssued: boolean;
  GoodsMovementIsCancelled: boolean;
  IssuingOrReceivingPlant: string;
  IssuingOrReceivingStorageLoc: string;
  GoodsMovementReasonCode: string;
}

interface Posting {
  readonly header: MaterialDocument;
  readonly item: MaterialDocumentItem;
  readonly type: MovementType;
  /** The signed value of the other side when an original document decides it. */
  readonly original?: Decimal | undefined;
}

/** Goods movements: the only way stock changes, each with a material document and the postings of its value. */
export class GoodsMovements {
  readonly headers: Table<MaterialDocument>;
  readonly items: Table<MaterialDocumentItem>;
  readonly #parts: {
    organisation: Organisation;
    materials: Materials;
    orders: PurchaseOrders;
    reservations: Reservations;
    ledger: GeneralLedger;
    assignments: Assignments;
    assets: FixedAssets;
    units: Units;
    now: () => number;
    lockedBy: (material: string) => string | undefined;
  };
  onReceived: (item: OrderItem, document: MaterialDocument) => void = () => {};
  #next = 4_900_000_000;
  #nextReceipt = 5_000_000_000;

  constructor(
    store: Store,
    parts: {
      organisation: Organisation;
      materials: Materials;
      orders: PurchaseOrders;
      reservations: Reservations;
      ledger: GeneralLedger;
      assignments: Assignments;
      assets: FixedAssets;
      units: Units;
      now: () => number;
      lockedBy: (material: string) => string | undefined;
    },
  ) {
    this.#parts = parts;
    const key = ['MaterialDocumentYear', 'MaterialDocument'];
    this.headers = new Table(store, key, ['MaterialDocument', 'ReferenceDocument', 'MaterialDocumentHeaderText', 'PostingDate']);
    this.items = new Table(
      store,
      [...key, 'MaterialDocumentItem'],
      [
        'MaterialDocument',
        'PurchaseOrder',
        'ManufacturingOrder',
        'CostCenter',
        'Reservation',
        'Material',
        'MasterFixedAsset',
        'ReversedMaterialDocument',
        'GoodsRecipientName',
        'MaterialDocumentItemText',
      ],
    );
  }

  /** Posts one document with all its items, or nothing. */
  post(given: Partial<MaterialDocument>, items: readonly Partial<MaterialDocumentItem>[], user: string): MaterialDocument {
    const code = given.GoodsMovementCode ?? '';
    if (items.length === 0) throw new Refusal('noItems', [], 'to_MaterialDocumentItem');
    const header = this.#header(given, code === '01', user);
    items.forEach((item, at) => {
      const name = item.GoodsMovementType ?? '';
      const type = types[name];
      if (!type) throw new Refusal('unknownMovementType', [name], `to_MaterialDocumentItem(${at + 1})/GoodsMovementType`);
      if (!type.codes.includes(code)) throw new Refusal('movementTypeNotAllowed', [name, code], `to_MaterialDocumentItem(${at + 1})/GoodsMovementType`);
      this.#postItem(header, { ...item }, type);
    });
    return header;
  }

  /** Takes a document back with an opposite one at the same values; one item only where `itemNumber` is given. */
  cancel(year: string, document: string, options: { item?: string | undefined; postingDate?: string | undefined; user: string }): MaterialDocument {
    const original = this.headers.get(year, document);
    if (!original) throw new Refusal('unknownDocument', [document, year]);
    const rows = this.items
      .by('MaterialDocument', document)
      .filter(
        (item) =>
          item.MaterialDocumentYear === year &&
          item['IsAutomaticallyCreated'] !== 'X' &&
          (options.item === undefined || item.MaterialDocumentItem === options.item),
      );
    const open = rows.filter((item) => !item.GoodsMovementIsCancelled && !item['ReversedMaterialDocument']);
    if (rows.length === 0) throw new Refusal('unknownDocument', [document, `${year} ${options.item ?? ''}`]);
    if (open.length === 0) throw new Refusal('alreadyCancelled', [document, year]);
    const header = this.#header(
      { ...original, PostingDate: options.postingDate ?? original.PostingDate, GoodsMovementCode: original.GoodsMovementCode },
      original.GoodsMovementCode === '01',
      options.user,
    );
    for (const item of open) {
      const type = types[types[item.GoodsMovementType]?.reversal ?? ''];
      if (!type) throw new Refusal('unknownMovementType', [item.GoodsMovementType]);
      const back = {
        ...item,
        GoodsMovementType: types[item.GoodsMovementType]?.reversal ?? '',
        ReversedMaterialDocumentYear: year,
        ReversedMaterialDocument: document,
        ReversedMaterialDocumentItem: item.MaterialDocumentItem,
        GoodsMovementIsCancelled: false,
      };
      this.items.update(item, { GoodsMovementIsCancelled: true });
      this.#postItem(header, back, type, negate(String(item['OtherSide'])));
    }
    return header;
  }

  #header(given: Partial<MaterialDocument>, receipt: boolean, user: string): MaterialDocument {
    const now = new Date(this.#parts.now()).toISOString();
    const postingDate = given.PostingDate ?? now.slice(0, 10);
    const number = String(receipt ? ++this.#nextReceipt : ++this.#next);
    return this.headers.insert({
      ...given,
      MaterialDocumentYear: postingDate.slice(0, 4),
      MaterialDocument: number,
      PostingDate: postingDate,
      DocumentDate: given.DocumentDate ?? postingDate,
      ReferenceDocument: given.ReferenceDocument ?? '',
      MaterialDocumentHeaderText: given.MaterialDocumentHeaderText ?? '',
      GoodsMovementCode: given.GoodsMovementCode ?? '',
      CreatedByUser: user,
      CreationDate: now.slice(0, 10),
      CreationTime: now.slice(11, 19),
      InventoryTransactionType: receipt ? 'WE' : 'WA',
    });
  }

  #postItem(header: MaterialDocument, given: Partial<MaterialDocumentItem>, type: MovementType, original?: Decimal): void {
    this.#derive(given);
    const order = type.kind === 'receipt' ? this.#parts.orders.open(given.PurchaseOrder ?? '', given.PurchaseOrderItem ?? '') : undefined;
    if (order)
      Object.assign(given, {
        Material: order.Material,
        Plant: given.Plant || order.Plant,
        StorageLocation: given.StorageLocation || order.StorageLocation,
        EntryUnit: given.EntryUnit || order.PurchaseOrderQuantityUnit,
      });
    const plant = given.Plant ?? '';
    const company = this.#parts.organisation.companyOf(plant);
    const material = order && order.Material === '' ? undefined : this.#parts.materials.inPlant(given.Material ?? '', plant).material;
    if (material) this.#checkLock(material.Product);
    const unit = given.EntryUnit || material?.BaseUnit || '';
    if (!this.#parts.units.has(unit)) throw new Refusal('unknownUnit', [unit, 'EN'], 'EntryUnit');
    const quantity = given.QuantityInEntryUnit ?? '0';
    aboveZero(quantity, String(given.MaterialDocumentItem ?? ''), 'QuantityInEntryUnit');
    if (type.reason && !given.GoodsMovementReasonCode) throw new Refusal('reasonMissing', [given.GoodsMovementType ?? ''], 'GoodsMovementReasonCode');
    this.#parts.ledger.checkPeriod(company.CompanyCode, header.PostingDate, 'periodClosedMaterials');
    const base = material ? this.#parts.materials.toBase(material, quantity, unit) : quantity;
    const count = this.items.by('MaterialDocument', header.MaterialDocument).length + 1;
    const item: MaterialDocumentItem = {
      StorageLocation: '',
      InventoryStockType: '01',
      PurchaseOrder: '',
      PurchaseOrderItem: '0',
      ManufacturingOrder: '',
      CostCenter: '',
      MasterFixedAsset: '',
      FixedAsset: '0',
      Reservation: '0',
      ReservationItem: '0',
      ReservationIsFinallyIssued: false,
      IssuingOrReceivingPlant: '',
      IssuingOrReceivingStorageLoc: '',
      GoodsMovementReasonCode: '',
      ...given,
      GLAccount: given.GLAccount ?? '',
      GoodsMovementType: given.GoodsMovementType ?? '',
      MaterialDocumentYear: header.MaterialDocumentYear,
      MaterialDocument: header.MaterialDocument,
      MaterialDocumentItem: String(count),
      Material: material?.Product ?? '',
      Plant: plant,
      EntryUnit: unit,
      QuantityInEntryUnit: quantity,
      QuantityInBaseUnit: base,
      MaterialBaseUnit: material?.BaseUnit ?? unit,
      CompanyCodeCurrency: company.Currency,
      GdsMvtExtAmtInCoCodeCrcy: '0',
      GoodsMovementIsCancelled: false,
      IsAutomaticallyCreated: '',
      FiscalYear: header.PostingDate.slice(0, 4),
      FiscalYearPeriod: `${header.PostingDate.slice(0, 4)}0${header.PostingDate.slice(5, 7)}`,
      MaterialDocumentLine: String(count),
    };
    const posting = { header, item, type, original };
    if (order) this.#receipt(posting, order, material, company);
    else if (material && type.kind === 'transfer') this.#transfer(posting, material, company);
    else if (material) this.#issue(posting, material, company);
    this.items.insert(item);
    if (material && type.kind === 'transfer') this.#mirror(item, type, count + 1);
  }

  /** What a reservation says, the item need not say. */
  #derive(given: Partial<MaterialDocumentItem>): void {
    if (!given.Reservation || given.Reservation === '0' || given['ReversedMaterialDocument']) return;
    const { header, item } = this.#parts.reservations.open(given.Reservation, given.ReservationItem ?? '0');
    const from = {
      Material: item.Product,
      Plant: item.Plant,
      StorageLocation: item.StorageLocation,
      EntryUnit: item.EntryUnit,
      CostCenter: header.CostCenter,
      ManufacturingOrder: header.OrderID,
    };
    for (const [name, value] of Object.entries(from)) if (!given[name] && value) given[name] = value;
  }

  #receipt({ header, item, type, original }: Posting, order: OrderItem, material: Material | undefined, company: CompanyCode): void {
    const inOrderUnit = this.#inOrderUnit(item, order, material);
    const signed = type.sign > 0 ? inOrderUnit : negate(inOrderUnit);
    const received = add(order.Received, signed);
    const limit = order.UnlimitedOverdeliveryIsAllowed
      ? undefined
      : divide(multiply(order.OrderQuantity, add('100', order.OverdelivTolrtdLmtRatioInPct)), '100', 3);
    if (type.sign > 0 && limit !== undefined && compare(received, limit) > 0)
      throw new Refusal(
        'overDelivery',
        [subtract(received, limit), order.PurchaseOrderQuantityUnit, order.PurchaseOrder, order.PurchaseOrderItem],
        'QuantityInEntryUnit',
      );
    if (compare(received, '0') < 0)
      throw new Refusal(
        'returnsTooMuch',
        [negate(received), order.PurchaseOrderQuantityUnit, order.PurchaseOrder, order.PurchaseOrderItem],
        'QuantityInEntryUnit',
      );
    const value = original ?? this.#receiptValue(order, signed, company);
    const lines: Line[] = [
      {
        account: accounts.goodsReceived.account,
        amount: negate(value),
        material: item.Material,
        plant: item.Plant,
        text: `${order.PurchaseOrder} ${order.PurchaseOrderItem}`,
      },
    ];
    if (order.AccountAssignmentCategory !== '') lines.push(...this.#consumed(order, value, header, company));
    else if (material) lines.push(...this.#stocked(item, material, type, value));
    const finished = item['IsCompletelyDelivered'] === true || compare(received, order.OrderQuantity) >= 0;
    this.#parts.orders.touch(order, {
      Received: received,
      ReceivedValue: add(order.ReceivedValue, value),
      IsCompletelyDelivered: type.sign > 0 ? finished : false,
    });
    this.#book(header, item, company, lines, value);
    item['AccountAssignmentCategory'] = order.AccountAssignmentCategory;
    const first = this.#parts.orders.accountsOf(order)[0];
    if (first)
      Object.assign(item, {
        CostCenter: first.CostCenter,
        ManufacturingOrder: first.OrderID,
        MasterFixedAsset: first.MasterFixedAsset,
        FixedAsset: first.FixedAsset,
        GLAccount: first.GLAccount,
      });
    if (type.sign > 0) this.onReceived(order, header);
  }

  #inOrderUnit(item: MaterialDocumentItem, order: OrderItem, material: Material | undefined): Decimal {
    if (item.EntryUnit === order.PurchaseOrderQuantityUnit) return item.QuantityInEntryUnit;
    if (!material) throw new Refusal('noConversion', [item.EntryUnit, order.PurchaseOrderQuantityUnit, ''], 'EntryUnit');
    return divide(item.QuantityInBaseUnit, this.#parts.materials.toBase(material, '1', order.PurchaseOrderQuantityUnit), 3);
  }

  /** At the order's price; a return takes its share of what was received. */
  #receiptValue(order: OrderItem, signed: Decimal, company: CompanyCode): Decimal {
    if (sign(signed) > 0) return this.#parts.organisation.exchange(this.#parts.orders.valueOf(order, signed), order.DocumentCurrency, company.Currency);
    if (sign(add(order.Received, signed)) === 0) return negate(order.ReceivedValue);
    return divide(multiply(order.ReceivedValue, signed), order.Received, currencyScale(company.Currency));
  }

  #consumed(order: OrderItem, value: Decimal, header: MaterialDocument, company: CompanyCode): Line[] {
    const assignments = this.#parts.orders.accountsOf(order);
    return distribute(value, currencyScale(company.Currency), order.MultipleAcctAssgmtDistribution, assignments).map(({ assignment, amount }) => {
      this.#parts.assignments.check(assignment, company.CompanyCode, header.PostingDate);
      if (assignment.MasterFixedAsset)
        this.#parts.assets.capitalise(company.CompanyCode, assignment.MasterFixedAsset, assignment.FixedAsset, amount, header.PostingDate);
      return { ...assignmentLine(assignment, amount), material: order.Material, plant: order.Plant };
    });
  }

  #stocked(item: MaterialDocumentItem, material: Material, type: MovementType, value: Decimal): Line[] {
    this.#storageLocation(item, material);
    const change = type.sign > 0 ? item.QuantityInBaseUnit : negate(item.QuantityInBaseUnit);
    this.#parts.materials.move(material, { plant: item.Plant, storageLocation: item.StorageLocation, stockType: item.InventoryStockType }, change);
    const { inventory } = this.#parts.materials.revalue(material.Product, item.Plant, change, value);
    const of = { material: material.Product, plant: item.Plant, quantity: change, unit: material.BaseUnit };
    return [
      { account: accounts.inventory.account, amount: inventory, ...of },
      { account: accounts.priceDifference.account, amount: subtract(value, inventory), ...of },
    ];
  }

  #issue({ header, item, type, original }: Posting, material: Material, company: CompanyCode): void {
    this.#storageLocation(item, material);
    if (type.needs && !item[type.needs]) throw new Refusal('missingField', [type.needs], type.needs);
    const assignment = {
      CostCenter: item.CostCenter,
      OrderID: item.ManufacturingOrder,
      MasterFixedAsset: item.MasterFixedAsset,
      FixedAsset: item.FixedAsset,
      GLAccount: item.GLAccount,
    };
    this.#parts.assignments.check(assignment, company.CompanyCode, header.PostingDate);
    const change = type.sign > 0 ? item.QuantityInBaseUnit : negate(item.QuantityInBaseUnit);
    this.#parts.materials.move(material, { plant: item.Plant, storageLocation: item.StorageLocation, stockType: item.InventoryStockType }, change);
    const { inventory, other } = this.#parts.materials.revalue(material.Product, item.Plant, change, original);
    const of = { material: material.Product, plant: item.Plant, unit: material.BaseUnit };
    const account = item.GLAccount || accounts[type.account ?? 'consumption'].account;
    item.GLAccount = account;
    const lines: Line[] = [
      { account: accounts.inventory.account, amount: inventory, quantity: change, ...of },
      {
        account,
        amount: negate(other),
        costCentre: item.CostCenter,
        order: item.ManufacturingOrder,
        asset: item.MasterFixedAsset,
        quantity: negate(change),
        ...of,
      },
      { account: accounts.priceDifference.account, amount: subtract(other, inventory), ...of },
    ];
    if (item.MasterFixedAsset) this.#parts.assets.capitalise(company.CompanyCode, item.MasterFixedAsset, item.FixedAsset, negate(other), header.PostingDate);
    if (item.Reservation !== '0') this.#parts.reservations.withdraw(item.Reservation, item.ReservationItem, negate(change), item.ReservationIsFinallyIssued);
    this.#book(header, item, company, lines, other);
  }

  #transfer({ header, item, type, original }: Posting, material: Material, company: CompanyCode): void {
    this.#storageLocation(item, material);
    const other = {
      plant: item.IssuingOrReceivingPlant || item.Plant,
      storageLocation: item.IssuingOrReceivingStorageLoc || (item.IssuingOrReceivingPlant === '' ? '' : item.StorageLocation),
      stockType: item.InventoryStockType,
    };
    if (other.storageLocation === '') throw new Refusal('missingField', ['IssuingOrReceivingStorageLoc'], 'IssuingOrReceivingStorageLoc');
    this.#parts.materials.inPlant(material.Product, other.plant);
    this.#parts.organisation.storageLocation(other.plant, other.storageLocation);
    const change = type.sign > 0 ? item.QuantityInBaseUnit : negate(item.QuantityInBaseUnit);
    this.#parts.materials.move(material, { plant: item.Plant, storageLocation: item.StorageLocation, stockType: item.InventoryStockType }, change);
    this.#parts.materials.move(material, other, negate(change));
    if (other.plant === item.Plant) {
      this.#book(header, item, company, [], '0');
      return;
    }
    const receiver = this.#parts.organisation.companyOf(other.plant);
    this.#parts.ledger.checkPeriod(receiver.CompanyCode, header.PostingDate, 'periodClosedMaterials');
    const left = this.#parts.materials.revalue(material.Product, item.Plant, change, original);
    const moved = this.#parts.organisation.exchange(negate(left.other), company.Currency, receiver.Currency);
    const arrived = this.#parts.materials.revalue(material.Product, other.plant, negate(change), moved);
    const side = (inventory: Decimal, value: Decimal, plant: string): Line[] => [
      { account: accounts.inventory.account, amount: inventory, material: material.Product, plant },
      { account: accounts.plantClearing.account, amount: negate(value), material: material.Product, plant },
      { account: accounts.priceDifference.account, amount: subtract(value, inventory), material: material.Product, plant },
    ];
    this.#book(header, item, company, side(left.inventory, left.other, item.Plant), left.other);
    this.#book(header, item, receiver, side(arrived.inventory, moved, other.plant), left.other);
  }

  /** The second line of a transfer, which the system writes itself. */
  #mirror(item: MaterialDocumentItem, type: MovementType, number: number): void {
    const plant = item.IssuingOrReceivingPlant || item.Plant;
    this.items.insert({
      ...item,
      MaterialDocumentItem: String(number),
      MaterialDocumentLine: String(number),
      Plant: plant,
      StorageLocation: item.IssuingOrReceivingStorageLoc || item.StorageLocation,
      IssuingOrReceivingPlant: item.Plant,
      IssuingOrReceivingStorageLoc: item.StorageLocation,
      IsAutomaticallyCreated: 'X',
      InventoryUsabilityCode: type.sign > 0 ? 'H' : 'S',
    });
  }

  #storageLocation(item: MaterialDocumentItem, material: Material): void {
    if (item.StorageLocation === '') throw new Refusal('missingStorageLocation', [material.Product, item.Plant], 'StorageLocation');
    this.#parts.organisation.storageLocation(item.Plant, item.StorageLocation);
  }

  #checkLock(material: string): void {
    const user = this.#parts.lockedBy(material);
    if (user !== undefined) throw new Refusal('materialLocked', [material, user], 'Material');
  }

  /** Posts the value. `OtherSide` keeps the signed value that a reversal must take back exactly. */
  #book(header: MaterialDocument, item: MaterialDocumentItem, company: CompanyCode, lines: readonly Line[], other: Decimal): void {
    item['OtherSide'] = other;
    item.GdsMvtExtAmtInCoCodeCrcy = other.replace(/^-/, '');
    if (lines.length === 0) return;
    this.#parts.ledger.post(
      {
        companyCode: company.CompanyCode,
        postingDate: header.PostingDate,
        documentDate: header.DocumentDate,
        documentType: item.PurchaseOrder === '' ? 'WA' : 'WE',
        reference: header.ReferenceDocument,
        headerText: header.MaterialDocumentHeaderText,
        originalReference: `${header.MaterialDocument}${header.MaterialDocumentYear}`,
        user: header.CreatedByUser,
        lines,
      },
      'periodClosedMaterials',
    );
  }
}
