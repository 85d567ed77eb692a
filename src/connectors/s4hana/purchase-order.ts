import * as z from 'zod';
import { decodeRows } from '#spi/decode';
import type { Query, Verbs } from '#spi/connector';
import { etagMember, type Row } from '#spi/odata-codec';
import { listRows } from '#spi/odata-page';
import { entity, type EntityType } from '#spi/odata-type';
import { assetIn, storeroomIn } from '#connectors/s4hana/account';
import { linesIn, present, textIn } from '#connectors/s4hana/document';
import { accountRows, reads } from '#connectors/s4hana/row';
import type { S4Session } from '#connectors/s4hana/system';

/** Properties that are read of the purchase order services (metadata of the services); names of records are those of V4. */
const accountFields = {
  PurchaseOrder: 'key id 10',
  PurchaseOrderItem: 'key digits 5',
  AccountAssignmentNumber: 'key digits 2',
  CostCenter: 'id 10',
  MasterFixedAsset: 'id 12',
  FixedAsset: 'id 4',
  OrderID: 'id 12',
  GLAccount: 'id 10',
};
const itemFields = {
  PurchaseOrder: 'key id 10',
  PurchaseOrderItem: 'key digits 5',
  PurchasingDocumentDeletionCode: 'text 1 read',
  PurchaseOrderItemText: 'text 40',
  Plant: 'text 4',
  StorageLocation: 'text 4',
  Material: 'id 40',
  OrderQuantity: 'decimal 13.3',
  PurchaseOrderQuantityUnit: 'text 3',
  NetPriceQuantity: 'decimal 5.0',
  IsCompletelyDelivered: 'boolean',
  IsFinallyInvoiced: 'boolean',
  AccountAssignmentCategory: 'text 1',
  PurchaseRequisition: 'id 10',
  PurchaseRequisitionItem: 'digits 5',
};
const headerFields = {
  PurchaseOrder: 'key id 10',
  CompanyCode: 'text 4',
  PurchaseOrderType: 'text 4',
  PurchasingProcessingStatus: 'text 2 read',
  LastChangeDateTime: 'instant read',
  Supplier: 'id 10',
  CorrespncExternalReference: 'text 12',
  CorrespncInternalReference: 'text 12',
  ReleaseIsNotCompleted: 'boolean read',
};

const accountV4 = entity('PurchaseOrderAccountAssignment', accountFields);
const scheduleV4 = entity('PurchaseOrderScheduleLine', {
  PurchaseOrder: 'key id 10',
  PurchaseOrderItem: 'key digits 5',
  ScheduleLine: 'key digits 4',
  ScheduleLineDeliveryDate: 'day',
});
const itemV4 = entity(
  'PurchaseOrderItem',
  { ...itemFields, NetPriceAmount: 'decimal 11.variable', DocumentCurrency: 'text 3' },
  { _PurOrdAccountAssignment: { type: accountV4 }, _PurchaseOrderScheduleLineTP: { type: scheduleV4 } },
);
const accountV2 = entity('A_PurOrdAccountAssignment', accountFields);
const scheduleV2 = entity('A_PurchaseOrderScheduleLine', {
  PurchasingDocument: 'key id 10 as PurchaseOrder',
  PurchasingDocumentItem: 'key digits 5 as PurchaseOrderItem',
  ScheduleLine: 'key digits 4',
  ScheduleLineDeliveryDate: 'day',
});
const itemV2 = entity(
  'A_PurchaseOrderItem',
  { ...itemFields, NetPriceAmount: 'decimal 12.3', DocumentCurrency: 'text 5 read' },
  { to_AccountAssignment: { type: accountV2, as: '_PurOrdAccountAssignment' }, to_ScheduleLine: { type: scheduleV2, as: '_PurchaseOrderScheduleLineTP' } },
);

export const orderTypes: Readonly<Record<'v2' | 'v4', EntityType>> = {
  v4: entity(
    'PurchaseOrder',
    { ...headerFields, PurchaseOrderDeletionCode: 'text 1 read', DocumentCurrency: 'text 3' },
    { _PurchaseOrderItem: { type: itemV4 } },
  ),
  v2: entity(
    'A_PurchaseOrder',
    { ...headerFields, PurchasingDocumentDeletionCode: 'text 1 read as PurchaseOrderDeletionCode', DocumentCurrency: 'text 5' },
    { to_PurchaseOrderItem: { type: itemV2, as: '_PurchaseOrderItem' } },
  ),
};

const lines = '_PurchaseOrderItem';
const expand = [lines, `${lines}/_PurOrdAccountAssignment`, `${lines}/_PurchaseOrderScheduleLineTP`];
const States = z.enum(['inApproval', 'approved', 'partiallyReceived', 'received', 'invoiced', 'cancelled']);
const Item = z.looseObject({
  PurchaseOrderItem: z.string(),
  OrderQuantity: z.string(),
  PurchaseOrderQuantityUnit: z.string(),
  deleted: z.boolean(),
  promisedOn: z.string().optional(),
});
const Shape = z.looseObject({
  PurchaseOrder: z.string().min(1),
  DocumentCurrency: z.string().optional(),
  LastChangeDateTime: z.string().optional(),
  state: States,
  _PurchaseOrderItem: z.array(Item),
});
type Native = z.output<typeof Shape>;

/** What the flags of an order and its open lines say together; the first that holds. */
const states: readonly (readonly [z.output<typeof States>, (order: Row, open: readonly Row[]) => boolean])[] = [
  ['cancelled', (order, open) => textIn(order, 'PurchaseOrderDeletionCode') !== undefined || (open.length === 0 && linesIn(order, lines).length > 0)],
  ['inApproval', (order) => order['ReleaseIsNotCompleted'] === true],
  ['invoiced', (_order, open) => open.length > 0 && open.every((item) => item['IsFinallyInvoiced'] === true)],
  ['received', (_order, open) => open.length > 0 && open.every((item) => item['IsCompletelyDelivered'] === true)],
  ['partiallyReceived', (_order, open) => open.some((item) => item['IsCompletelyDelivered'] === true)],
];

function presentedItem(item: Row, companyCode: string | undefined): Row {
  const dates = linesIn(item, '_PurchaseOrderScheduleLineTP')
    .flatMap((line) => textIn(line, 'ScheduleLineDeliveryDate') ?? [])
    .toSorted();
  const assignment = linesIn(item, '_PurOrdAccountAssignment')[0];
  const account =
    assignment &&
    present({
      costCentre: textIn(assignment, 'CostCenter'),
      order: textIn(assignment, 'OrderID'),
      fixedAsset: assetIn(assignment, companyCode),
      glAccount: textIn(assignment, 'GLAccount'),
    });
  return {
    ...item,
    ...present({ storeroom: storeroomIn(item), promisedOn: dates.at(-1) }),
    ...(account === undefined ? {} : { account }),
    deleted: textIn(item, 'PurchasingDocumentDeletionCode') === 'L',
  };
}

function presented(order: Row): Row {
  const items = linesIn(order, lines).map((item) => presentedItem(item, textIn(order, 'CompanyCode')));
  const open = items.filter((item) => item['deleted'] !== true);
  return { ...order, [lines]: items, state: states.find(([, holds]) => holds(order, open))?.[0] ?? 'approved' };
}

const verbs = {
  async list(session: S4Session, query: Query) {
    const client = await session.api.order();
    const { rows, ...rest } = await listRows(
      client,
      { type: orderTypes[client.service.version], expand, orderBy: ['PurchaseOrder'], changedAt: 'LastChangeDateTime' },
      query,
    );
    return { ...decodeRows(Shape, rows.map(presented), (row) => textIn(row as Row, 'PurchaseOrder')), ...rest };
  },
  async get(session: S4Session, key: string) {
    const client = await session.api.order();
    return Shape.parse(presented(await client.get(orderTypes[client.service.version], { PurchaseOrder: key }, { expand })));
  },
} satisfies Verbs<S4Session, Native>;

/** Purchase orders of either OData version, with promised dates and account assignment of each line. */
export const purchaseOrder = {
  kind: 'purchaseOrder' as const,
  native: 'PurchaseOrder (V4) or A_PurchaseOrder (V2)',
  shape: Shape,
  key: (record: Native) => record.PurchaseOrder,
  version: (record: Native) => (typeof record[etagMember] === 'string' ? record[etagMember] : record.LastChangeDateTime),
  changes: 'watermark' as const,
  verbs,
  rows: [
    reads('number', 'PurchaseOrder'),
    reads('reference', 'CorrespncInternalReference'),
    reads('vendor', 'Supplier', { reference: 'vendor' }),
    reads('currency', 'DocumentCurrency'),
    reads('state', 'state'),
    reads('lines[].line', `${lines}[].PurchaseOrderItem`),
    reads('lines[].part', `${lines}[].Material`, { reference: 'part' }),
    reads('lines[].text', `${lines}[].PurchaseOrderItemText`),
    reads('lines[].quantity.value', `${lines}[].OrderQuantity`, { required: true }),
    reads('lines[].quantity.unit', `${lines}[].PurchaseOrderQuantityUnit`, { via: 'unit(sap)', required: true }),
    reads('lines[].price', `${lines}[].NetPriceAmount`, { via: 'amount(DocumentCurrency)' }),
    reads('lines[].pricePer', `${lines}[].NetPriceQuantity`),
    reads('lines[].site', `${lines}[].Plant`, { reference: 'site' }),
    reads('lines[].storeroom', `${lines}[].storeroom`, { reference: 'storeroom' }),
    reads('lines[].requisition', `${lines}[].PurchaseRequisition`),
    reads('lines[].requisitionLine', `${lines}[].PurchaseRequisitionItem`),
    reads('lines[].promisedOn', `${lines}[].promisedOn`),
    reads('lines[].deleted', `${lines}[].deleted`),
    reads('lines[].complete', `${lines}[].IsCompletelyDelivered`),
    reads('lines[].finallyInvoiced', `${lines}[].IsFinallyInvoiced`),
    ...accountRows('lines[].account', `${lines}[].account`).map((row) => ({ ...row, direction: 'in' as const, owner: 'finance' as const })),
    reads('changedAt', 'LastChangeDateTime', { via: 'instant' }),
  ],
  example: {
    PurchaseOrder: '4500098231',
    CompanyCode: '2100',
    PurchaseOrderType: 'NB',
    Supplier: '10300001',
    DocumentCurrency: 'EUR',
    PurchasingProcessingStatus: '02',
    ReleaseIsNotCompleted: false,
    CorrespncInternalReference: 'LP88123',
    LastChangeDateTime: '2026-03-03T07:41:12.000Z',
    state: 'approved' as const,
    _PurchaseOrderItem: [
      {
        PurchaseOrder: '4500098231',
        PurchaseOrderItem: '10',
        Material: 'BRG-6205-2RS',
        PurchaseOrderItemText: 'Deep groove ball bearing',
        OrderQuantity: '2',
        PurchaseOrderQuantityUnit: 'PC',
        NetPriceAmount: '15.75',
        NetPriceQuantity: '1',
        DocumentCurrency: 'EUR',
        Plant: '2100',
        StorageLocation: '21A1',
        storeroom: '2100/21A1',
        PurchaseRequisition: '10045120',
        PurchaseRequisitionItem: '10',
        promisedOn: '2026-03-09',
        deleted: false,
        IsCompletelyDelivered: false,
        IsFinallyInvoiced: false,
        AccountAssignmentCategory: 'F',
        account: { order: '4000871', costCentre: '21004310', fixedAsset: '2100/300417/0', glAccount: '51100000' },
      },
    ],
  },
};
