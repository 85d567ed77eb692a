import { compare, divide, multiply, negate, subtract, type Decimal } from '#base/decimal';
import { currencyScale } from '#base/money';
import type { Assignment, Assignments } from './account-assignment.ts';
import type { BusinessPartners } from './business-partner.ts';
import type { Materials } from './material.ts';
import { aboveZero, type Organisation } from './organisation.ts';
import type { RequisitionItem, Requisitions } from './purchase-requisition.ts';
import { Refusal } from './refusal.ts';
import { Table, type Row, type Store } from './store.ts';

export interface PurchaseOrder extends Row {
  PurchaseOrder: string;
  CompanyCode: string;
  Supplier: string;
  DocumentCurrency: string;
  ReleaseIsNotCompleted: boolean;
  PurchasingDocumentDeletionCode: string;
  LastChangeDateTime: number;
}

export interface OrderItem extends Row {
  PurchaseOrder: string;
  PurchaseOrderItem: string;
  Material: string;
  PurchaseOrderItemText: string;
  Plant: string;
  StorageLocation: string;
  CompanyCode: string;
  OrderQuantity: string;
  PurchaseOrderQuantityUnit: string;
  NetPriceAmount: string;
  NetPriceQuantity: string;
  DocumentCurrency: string;
  AccountAssignmentCategory: string;
  MultipleAcctAssgmtDistribution: string;
  OverdelivTolrtdLmtRatioInPct: string;
  UnlimitedOverdeliveryIsAllowed: boolean;
  IsCompletelyDelivered: boolean;
  IsFinallyInvoiced: boolean;
  /** `L` deleted, `S` blocked. */
  PurchasingDocumentDeletionCode: string;
  PurchaseRequisition: string;
  PurchaseRequisitionItem: string;
  /** History, not on the wire: quantities in the order's unit, values in the company code's currency. */
  Received: string;
  ReceivedValue: string;
  Invoiced: string;
  InvoicedValue: string;
}

export interface OrderAccount extends Assignment {
  PurchaseOrder: string;
  PurchaseOrderItem: string;
  AccountAssignmentNumber: string;
}

export interface OrderDraft {
  readonly header: Partial<PurchaseOrder>;
  readonly items: readonly {
    readonly item: Partial<OrderItem>;
    readonly accounts: readonly Partial<OrderAccount>[];
    readonly deliveryDate: string | undefined;
  }[];
}

/** Purchase orders with items, account assignments, one schedule line each, and their delivery and invoice history. */
export class PurchaseOrders {
  readonly headers: Table<PurchaseOrder>;
  readonly items: Table<OrderItem>;
  readonly accounts: Table<OrderAccount>;
  readonly scheduleLines: Table<Row>;
  readonly #parts: {
    organisation: Organisation;
    materials: Materials;
    assignments: Assignments;
    partners: BusinessPartners;
    requisitions: Requisitions;
    now: () => number;
    lockedBy: (order: string) => string | undefined;
    overDeliveryPercent: Decimal;
  };
  onOrdered: (item: OrderItem) => void = () => {};
  #next = 4_500_000_000;

  constructor(
    store: Store,
    parts: {
      organisation: Organisation;
      materials: Materials;
      assignments: Assignments;
      partners: BusinessPartners;
      requisitions: Requisitions;
      now: () => number;
      lockedBy: (order: string) => string | undefined;
      overDeliveryPercent: Decimal;
    },
  ) {
    this.#parts = parts;
    const item = ['PurchaseOrder', 'PurchaseOrderItem'];
    this.headers = new Table(store, ['PurchaseOrder'], ['Supplier', 'CorrespncInternalReference', 'CorrespncExternalReference']);
    this.items = new Table(store, item, ['PurchaseOrder', 'PurchaseRequisition', 'RequirementTracking', 'Material']);
    this.accounts = new Table(store, [...item, 'AccountAssignmentNumber'], ['PurchaseOrder', 'OrderID', 'CostCenter']);
    this.scheduleLines = new Table(store, [...item, 'ScheduleLine'], ['PurchaseOrder', 'PurchasingDocument']);
  }

  /** Creates an order; items that name a requisition take everything they do not say themselves from it. */
  create(draft: OrderDraft, user: string): PurchaseOrder {
    const { organisation, partners } = this.#parts;
    if (draft.items.length === 0) throw new Refusal('noItems', [], 'to_PurchaseOrderItem');
    const company = organisation.company(draft.header.CompanyCode ?? '');
    const supplier = partners.usable(draft.header.Supplier ?? '', company.CompanyCode, 'purchasing');
    const currency = organisation.currency(draft.header.DocumentCurrency || company.Currency, 'DocumentCurrency');
    const now = this.#parts.now();
    const today = this.#today();
    const header = this.headers.insert({
      PurchaseOrderType: 'NB',
      PurchasingOrganization: company.CompanyCode,
      PurchasingGroup: '001',
      PaymentTerms: '0001',
      Language: 'EN',
      ...draft.header,
      PurchaseOrder: String(++this.#next),
      CompanyCode: company.CompanyCode,
      Supplier: supplier.Supplier,
      InvoicingParty: supplier.Supplier,
      DocumentCurrency: currency,
      PurchaseOrderDate: today,
      CreationDate: today,
      CreatedByUser: user,
      ReleaseIsNotCompleted: false,
      PurchasingProcessingStatus: '02',
      PurchasingDocumentDeletionCode: '',
      ExchangeRate: currency === company.Currency ? '1.00000' : organisation.exchange('1', currency, company.Currency),
      LastChangeDateTime: now,
    });
    draft.items.forEach((one, at) => this.#addItem(header, one, at));
    return header;
  }

  /** Turns released requisition items into one order to a supplier. Without a price the requisition's price is taken. */
  convert(
    items: readonly RequisitionItem[],
    given: { supplier: string; currency?: string; deliveryDate?: string; prices?: Readonly<Record<string, string>>; user?: string },
  ): PurchaseOrder {
    const first = items[0];
    if (!first) throw new Refusal('noItems');
    return this.create(
      {
        header: { CompanyCode: first.CompanyCode, Supplier: given.supplier, DocumentCurrency: given.currency ?? first.PurReqnItemCurrency },
        items: items.map((item) => ({
          item: {
            PurchaseRequisition: item.PurchaseRequisition,
            PurchaseRequisitionItem: item.PurchaseRequisitionItem,
            ...(given.prices?.[item.PurchaseRequisitionItem] === undefined ? {} : { NetPriceAmount: given.prices[item.PurchaseRequisitionItem] ?? '0' }),
          },
          accounts: [],
          deliveryDate: given.deliveryDate,
        })),
      },
      given.user ?? 'BUYER01',
    );
  }

  /** An item that can be received and invoiced. */
  open(order: string, item: string): OrderItem {
    const header = this.headers.get(order);
    if (!header) throw new Refusal('unknownPurchaseOrder', [order], 'PurchaseOrder');
    const row = this.items.get(order, item);
    if (!row) throw new Refusal('unknownPurchaseOrderItem', [order, item], 'PurchaseOrderItem');
    if (row.PurchasingDocumentDeletionCode !== '') throw new Refusal('purchaseOrderItemDeleted', [order, item], 'PurchaseOrderItem');
    if (header.ReleaseIsNotCompleted) throw new Refusal('purchaseOrderNotReleased', [order], 'PurchaseOrder');
    const user = this.#parts.lockedBy(order);
    if (user !== undefined) throw new Refusal('purchaseOrderLocked', [order, user], 'PurchaseOrder');
    return row;
  }

  change(order: string, item: string, changes: Partial<OrderItem>): OrderItem {
    const row = this.open(order, item);
    if (changes.OrderQuantity !== undefined) {
      aboveZero(changes.OrderQuantity, item, 'OrderQuantity');
      if (compare(changes.OrderQuantity, row.Received) < 0)
        throw new Refusal('orderedQuantityExceeded', [changes.OrderQuantity, row.Received], 'OrderQuantity');
    }
    return this.touch(row, changes);
  }

  changePrice(order: string, item: string, price: Decimal): OrderItem {
    return this.touch(this.open(order, item), { NetPriceAmount: price });
  }

  /** Moves the promised date of an item. */
  promise(order: string, item: string, date: string): void {
    const line = this.scheduleLines.get(order, item, '1');
    if (line) this.scheduleLines.update(line, { ScheduleLineDeliveryDate: date });
    this.touch(this.open(order, item), {});
  }

  /** Flags an item as deleted and gives its requisition back; refused once goods were received. */
  deleteItem(order: string, item: string): void {
    const row = this.open(order, item);
    if (compare(row.Received, '0') > 0) throw new Refusal('orderedQuantityExceeded', ['0', row.Received], 'OrderQuantity');
    this.touch(row, { PurchasingDocumentDeletionCode: 'L' });
    const source = this.#parts.requisitions.items.get(row.PurchaseRequisition, row.PurchaseRequisitionItem);
    if (source) this.#parts.requisitions.ordered(source, negate(row.OrderQuantity), '', '0');
    const header = this.headers.get(order);
    if (header && this.items.by('PurchaseOrder', order).every((one) => one.PurchasingDocumentDeletionCode === 'L'))
      this.headers.update(header, { PurchasingDocumentDeletionCode: 'L' });
  }

  /** Writes an item and the change time of its header: items have none of their own. */
  touch(row: OrderItem, changes: Partial<OrderItem>): OrderItem {
    const header = this.headers.get(row.PurchaseOrder);
    if (header) this.headers.update(header, { LastChangeDateTime: this.#parts.now() });
    const line = this.scheduleLines.get(row.PurchaseOrder, row.PurchaseOrderItem, '1');
    if (line && changes.OrderQuantity !== undefined) this.scheduleLines.update(line, { ScheduleLineOrderQuantity: changes.OrderQuantity });
    return this.items.update(row, changes);
  }

  accountsOf(row: OrderItem): OrderAccount[] {
    return this.accounts.by('PurchaseOrder', row.PurchaseOrder).filter((one) => one.PurchaseOrderItem === row.PurchaseOrderItem);
  }

  /** The value of a quantity of an item in the order's currency. */
  valueOf(row: OrderItem, quantity: Decimal): Decimal {
    return divide(multiply(row.NetPriceAmount, quantity), row.NetPriceQuantity, currencyScale(row.DocumentCurrency));
  }

  #addItem(header: PurchaseOrder, draft: OrderDraft['items'][number], at: number): void {
    const { requisitions, materials, organisation, assignments } = this.#parts;
    const source = draft.item.PurchaseRequisition ? this.#source(draft.item) : undefined;
    const given = { ...(source ? this.#fromRequisition(source, header) : {}), ...draft.item };
    const number = given.PurchaseOrderItem && given.PurchaseOrderItem !== '0' ? given.PurchaseOrderItem : String((at + 1) * 10);
    aboveZero(given.OrderQuantity ?? '0', number, `to_PurchaseOrderItem(${at + 1})/OrderQuantity`);
    const plant = given.Plant ?? '';
    organisation.companyOf(plant);
    const material = given.Material ? materials.inPlant(given.Material, plant).material : undefined;
    const unit = given.PurchaseOrderQuantityUnit || material?.BaseUnit || '';
    if (unit === '') throw new Refusal('missingField', ['PurchaseOrderQuantityUnit'], 'PurchaseOrderQuantityUnit');
    if (material) materials.toBase(material, '1', unit);
    const deliveryDate = draft.deliveryDate ?? source?.DeliveryDate;
    if (!deliveryDate) throw new Refusal('missingDeliveryDate', [], 'ScheduleLineDeliveryDate');
    const category = given.AccountAssignmentCategory ?? '';
    const accounts = draft.accounts.length > 0 || !source ? draft.accounts : requisitions.accountsOf(source);
    const complete = assignments.complete(
      { number, category, companyCode: header.CompanyCode, date: this.#today(), stockMaterial: material !== undefined },
      accounts,
    );
    const row = this.items.insert({
      StorageLocation: '',
      MultipleAcctAssgmtDistribution: '',
      NetPriceQuantity: '1',
      NetPriceAmount: '0',
      PurchaseRequisition: '',
      PurchaseRequisitionItem: '0',
      UnlimitedOverdeliveryIsAllowed: false,
      OverdelivTolrtdLmtRatioInPct: this.#parts.overDeliveryPercent,
      GoodsReceiptIsExpected: true,
      InvoiceIsExpected: true,
      InvoiceIsGoodsReceiptBased: true,
      OrderPriceUnitToOrderUnitNmrtr: '1',
      OrdPriceUnitToOrderUnitDnmntr: '1',
      PurchaseOrderItemCategory: '0',
      ProductType: '1',
      ...given,
      PurchaseOrder: header.PurchaseOrder,
      PurchaseOrderItem: number,
      Plant: plant,
      CompanyCode: header.CompanyCode,
      Material: material?.Product ?? '',
      MaterialGroup: given['MaterialGroup'] ?? material?.ProductGroup ?? '',
      PurchaseOrderItemText: given.PurchaseOrderItemText || (material ? materials.description(material.Product) : ''),
      OrderQuantity: given.OrderQuantity ?? '0',
      PurchaseOrderQuantityUnit: unit,
      OrderPriceUnit: unit,
      BaseUnit: material?.BaseUnit ?? unit,
      DocumentCurrency: header.DocumentCurrency,
      AccountAssignmentCategory: category,
      IsCompletelyDelivered: false,
      IsFinallyInvoiced: false,
      PurchasingDocumentDeletionCode: '',
      Received: '0',
      ReceivedValue: '0',
      Invoiced: '0',
      InvoicedValue: '0',
    });
    const key = { PurchaseOrder: header.PurchaseOrder, PurchaseOrderItem: number };
    complete.forEach((one, index) =>
      this.accounts.insert({
        ...one,
        ...key,
        AccountAssignmentNumber: String(index + 1),
        PurchaseOrderQuantityUnit: unit,
        DocumentCurrency: header.DocumentCurrency,
        IsDeleted: false,
        PurgDocNetAmount: '0',
      }),
    );
    this.scheduleLines.insert({
      ...key,
      PurchasingDocument: header.PurchaseOrder,
      PurchasingDocumentItem: number,
      ScheduleLine: '1',
      DelivDateCategory: '1',
      ScheduleLineDeliveryDate: deliveryDate,
      SchedLineStscDeliveryDate: deliveryDate,
      ScheduleLineOrderQuantity: row.OrderQuantity,
      OpenPurchaseOrderQuantity: row.OrderQuantity,
      PurchaseOrderQuantityUnit: unit,
      Currency: header.DocumentCurrency,
      PurchaseRequisition: row.PurchaseRequisition,
      PurchaseRequisitionItem: row.PurchaseRequisitionItem,
    });
    if (source) requisitions.ordered(source, row.OrderQuantity, header.PurchaseOrder, number);
    this.onOrdered(row);
  }

  #source(given: Partial<OrderItem>): RequisitionItem {
    const source = this.#parts.requisitions.get(given.PurchaseRequisition ?? '', given.PurchaseRequisitionItem);
    const { PurchaseRequisition, PurchaseRequisitionItem } = source;
    if (source.ReleaseIsNotCompleted) throw new Refusal('requisitionNotReleased', [PurchaseRequisition, PurchaseRequisitionItem], 'PurchaseRequisition');
    if (source.IsDeleted || source.IsClosed)
      throw new Refusal('requisitionClosed', [PurchaseRequisition, PurchaseRequisitionItem, source.IsDeleted ? 'deleted' : 'closed'], 'PurchaseRequisition');
    if (source['IsPurReqnBlocked']) throw new Refusal('requisitionClosed', [PurchaseRequisition, PurchaseRequisitionItem, 'blocked'], 'PurchaseRequisition');
    return source;
  }

  #fromRequisition(source: RequisitionItem, header: PurchaseOrder): Partial<OrderItem> {
    return {
      PurchaseRequisition: source.PurchaseRequisition,
      PurchaseRequisitionItem: source.PurchaseRequisitionItem,
      Material: source.Material,
      PurchaseOrderItemText: source.PurchaseRequisitionItemText,
      MaterialGroup: source.MaterialGroup,
      Plant: source.Plant,
      StorageLocation: source.StorageLocation,
      OrderQuantity: subtract(source.RequestedQuantity, source.OrderedQuantity),
      PurchaseOrderQuantityUnit: source.BaseUnit,
      NetPriceAmount: this.#parts.organisation.exchange(source.PurchaseRequisitionPrice, source.PurReqnItemCurrency, header.DocumentCurrency),
      NetPriceQuantity: source.PurReqnPriceQuantity,
      AccountAssignmentCategory: source.AccountAssignmentCategory,
      MultipleAcctAssgmtDistribution: source.MultipleAcctAssgmtDistribution,
      RequirementTracking: source.RequirementTracking,
      RequisitionerName: source['RequisitionerName'] ?? '',
    };
  }

  #today(): string {
    return new Date(this.#parts.now()).toISOString().slice(0, 10);
  }
}
