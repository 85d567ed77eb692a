import assert from 'node:assert/strict';
import { test } from 'node:test';
import { movementBody, plant, requisitionBody, requisitionsV4, v2, type Client } from './plant.fixture.ts';
import type { S4Twin } from './twin.ts';

const goods = `${v2}API_MATERIAL_DOCUMENT_SRV/A_MaterialDocumentHeader`;
const requisitions = `${v2}API_PURCHASEREQ_PROCESS_SRV/A_PurchaseRequisitionHeader`;
const equipment = `${v2}API_EQUIPMENT/Equipment`;
const reservations = `${v2}API_RESERVATION_DOCUMENT_SRV/A_ReservationDocumentHeader`;
const allocations = '/sap/opu/odata4/sap/api_drctactivityallocation/srvd_a2x/sap/directactivityallocation/0001/ActivityAllocation';
const retirements = '/sap/opu/odata4/sap/api_fixedassetretirement/srvd_a2x/sap/fixedassetretirement/0001/FixedAssetRetirement/SAP__self.Post';

interface Row {
  readonly says: string;
  readonly status?: number;
  readonly code: string;
  readonly target?: string;
  readonly before?: (twin: S4Twin) => void;
  readonly url: string;
  readonly body: unknown;
}

const issue = (item: Readonly<Record<string, unknown>>, header: Readonly<Record<string, unknown>> = {}): unknown =>
  movementBody('03', { GoodsMovementType: '261', ManufacturingOrder: '4000871', ...item }, header);
const allocation = (item: Readonly<Record<string, unknown>>): unknown => ({
  CompanyCode: '2100',
  PostingDate: '2026-03-09',
  _Item: [{ SenderCostCenter: '21004310', CostCtrActivityType: 'MNT01', PartnerOrder: '4000871', Quantity: 2, BaseUnit: 'H', ...item }],
});

const rows: readonly Row[] = [
  { says: 'a goods issue beyond the stock', code: 'M7/021', url: goods, body: issue({ QuantityInEntryUnit: '11' }) },
  { says: 'an unknown material', code: 'M3/305', url: goods, body: issue({ Material: 'NOPE' }) },
  { says: 'a material not maintained in the plant', code: 'M3/351', url: goods, body: issue({ Plant: '1710', StorageLocation: '171A' }) },
  {
    says: 'a blocked material',
    code: 'M3/138',
    before: ({ world }) => world.materials.change('BRG-6205-2RS', { CrossPlantStatus: '01' }),
    url: goods,
    body: issue({}),
  },
  {
    says: 'a material flagged for deletion',
    code: 'M3/184',
    before: ({ world }) => world.materials.change('BRG-6205-2RS', { IsMarkedForDeletion: true }),
    url: goods,
    body: issue({}),
  },
  {
    says: 'a material that a person has open',
    code: 'M3/024',
    before: ({ buttons }) => buttons.press({ fault: 'lockedObject', with: { material: 'BRG-6205-2RS' } }),
    url: goods,
    body: issue({}),
  },
  {
    says: 'an order that a person has open',
    code: 'IW/116',
    before: ({ buttons }) => buttons.press({ fault: 'lockedObject', with: { order: '4000871' } }),
    url: goods,
    body: issue({}),
  },
  { says: 'an unknown order', code: 'KI/206', url: goods, body: issue({ ManufacturingOrder: '999' }) },
  {
    says: 'a closed period, by button',
    code: 'M7/053',
    before: ({ buttons }) => buttons.press({ fault: 'periodClosed', with: { companyCode: '2100', period: '2026/03' } }),
    url: goods,
    body: issue({}),
  },
  {
    says: 'a closed period, in the books',
    code: 'M7/053',
    before: ({ world }) => world.organisation.closePeriod('2100', '2026/03'),
    url: goods,
    body: issue({}),
  },
  { says: 'an unknown unit', code: 'BM/302', url: goods, body: issue({ EntryUnit: 'ZZ' }) },
  { says: 'the German unit in English logon', code: 'BM/302', url: goods, body: issue({ EntryUnit: 'ST' }) },
  { says: 'a unit without conversion', code: 'M7/157', url: goods, body: issue({ EntryUnit: 'KG' }) },
  { says: 'a negative quantity', code: 'ME/063', url: goods, body: issue({ QuantityInEntryUnit: '-1' }) },
  { says: 'a quantity of zero', code: 'ME/062', url: goods, body: issue({ QuantityInEntryUnit: '0' }) },
  {
    says: 'a document without items',
    code: 'M7/080',
    url: goods,
    body: { GoodsMovementCode: '03', PostingDate: '2026-03-09T00:00:00', to_MaterialDocumentItem: { results: [] } },
  },
  { says: 'an unknown movement type', code: 'M7/001', url: goods, body: issue({ GoodsMovementType: '999' }) },
  { says: 'a movement type under the wrong code', code: 'M7/120', url: goods, body: movementBody('01', { GoodsMovementType: '261' }) },
  { says: 'a missing storage location', code: 'M7/062', url: goods, body: issue({ StorageLocation: '' }) },
  {
    says: 'an issue to a cost centre that is not named',
    code: 'ME/083',
    target: 'CostCenter',
    url: goods,
    body: movementBody('03', { GoodsMovementType: '201' }),
  },
  { says: 'an issue to an unknown cost centre', code: 'KI/265', url: goods, body: movementBody('03', { GoodsMovementType: '201', CostCenter: '1' }) },
  {
    says: 'an issue to a locked cost centre',
    code: 'KI/174',
    before: ({ world }) => world.organisation.lockCostCentre('21004310'),
    url: goods,
    body: movementBody('03', { GoodsMovementType: '201', CostCenter: '21004310' }),
  },
  {
    says: 'a receipt for an unknown purchase order',
    code: 'ME/012',
    url: goods,
    body: movementBody('01', { GoodsMovementType: '101', PurchaseOrder: '4599999999', PurchaseOrderItem: '10' }),
  },
  {
    says: 'an over-long header text',
    code: 'CX_SXML_PARSE_ERROR',
    target: 'MaterialDocumentHeaderText',
    url: goods,
    body: issue({}, { MaterialDocumentHeaderText: 'x'.repeat(26) }),
  },
  { says: 'a decimal as a JSON number in V2', code: 'CX_SXML_PARSE_ERROR', target: 'QuantityInEntryUnit', url: goods, body: issue({ QuantityInEntryUnit: 2 }) },
  { says: 'more than three decimal places', code: 'CX_SXML_PARSE_ERROR', url: goods, body: issue({ QuantityInEntryUnit: '1.0001' }) },
  { says: 'a day that does not exist', code: 'CX_SXML_PARSE_ERROR', url: goods, body: issue({}, { PostingDate: '2026-02-30T00:00:00' }) },
  { says: 'a property that the type does not have', code: '/IWBEP/CM_MGW_RT/020', target: 'OrderID', url: goods, body: issue({ OrderID: '4000871' }) },
  { says: 'malformed JSON', code: '/IWBEP/CM_MGW_RT/018', url: goods, body: '{"GoodsMovementCode":' },
  {
    says: 'an item posted without its document',
    status: 405,
    code: '/IWBEP/CM_MGW_RT/035',
    url: `${v2}API_MATERIAL_DOCUMENT_SRV/A_MaterialDocumentItem`,
    body: {},
  },
  {
    says: 'a requisition item posted without its header',
    status: 405,
    code: '/IWBEP/CM_MGW_RT/035',
    url: `${v2}API_PURCHASEREQ_PROCESS_SRV/A_PurchaseRequisitionItem`,
    body: {},
  },
  { says: 'a requisition without account assignment', code: 'ME/065', url: requisitions, body: requisitionBody({}, null) },
  { says: 'account assignment data without a category', code: 'ME/069', url: requisitions, body: requisitionBody({ AccountAssignmentCategory: '' }) },
  { says: 'a category whose object is missing', code: 'ME/065', url: requisitions, body: requisitionBody({ AccountAssignmentCategory: 'K' }) },
  { says: 'a category that does not exist', code: 'ME/054', url: requisitions, body: requisitionBody({ AccountAssignmentCategory: 'Z' }) },
  { says: 'a requisition of quantity zero', code: 'ME/062', url: requisitions, body: requisitionBody({ RequestedQuantity: '0' }) },
  { says: 'a requisition without delivery date', code: 'ME/083', url: requisitions, body: requisitionBody({ DeliveryDate: null }) },
  { says: 'a requisition for an unknown plant', code: 'M7/001', url: requisitions, body: requisitionBody({ Plant: '9999' }) },
  {
    says: 'a requisition in an unknown currency',
    code: 'SG/105',
    url: requisitions,
    body: requisitionBody({ PurchaseRequisitionPrice: '5', PurReqnPriceQuantity: '1', PurReqnItemCurrency: 'XXX' }),
  },
  {
    says: 'a free-text item without material group',
    code: 'ME/083',
    url: requisitions,
    body: requisitionBody({ Material: '', PurchaseRequisitionItemText: 'Weld frame' }),
  },
  {
    says: 'a requisition for an asset that does not exist',
    code: 'AA/001',
    url: requisitions,
    body: requisitionBody({ AccountAssignmentCategory: 'A' }, { PurchaseReqnAcctAssgmtNumber: '01', MasterFixedAsset: '999', FixedAsset: '0' }),
  },
  {
    says: 'an over-long description',
    code: 'CX_SXML_PARSE_ERROR',
    target: 'PurReqnDescription',
    url: requisitions,
    body: { ...(requisitionBody() as object), PurReqnDescription: 'x'.repeat(41) },
  },
  {
    says: 'a V4 decimal as text without IEEE754Compatible',
    code: 'CX_SXML_PARSE_ERROR',
    url: `${requisitionsV4}PurchaseReqn`,
    body: { _PurchaseRequisitionItem: [{ Material: '1234', RequestedQuantity: '2', Plant: '2100' }] },
  },
  {
    says: 'equipment with a property that cannot be set',
    code: '/IWBEP/CM_MGW_RT/033',
    target: 'FunctionalLocation',
    url: equipment,
    body: { EquipmentName: 'Pump', FunctionalLocation: 'LC-1' },
  },
  { says: 'equipment in an unknown plant', code: 'M7/001', url: equipment, body: { EquipmentName: 'Pump', MaintenancePlant: '9999' } },
  { says: 'an over-long equipment name', code: 'CX_SXML_PARSE_ERROR', url: equipment, body: { EquipmentName: 'x'.repeat(41) } },
  {
    says: 'a reservation without an order for 261',
    code: 'ME/083',
    url: reservations,
    body: {
      GoodsMovementType: '261',
      to_ReservationDocumentItem: { results: [{ Product: '1234', Plant: '2100', ResvnItmRequiredQtyInEntryUnit: '1', EntryUnit: 'PC' }] },
    },
  },
  { says: 'an allocation without a rate', code: 'KI/131', url: allocations, body: allocation({ CostCtrActivityType: 'NONE' }) },
  { says: 'an allocation without a receiver', code: 'KI/235', url: allocations, body: allocation({ PartnerOrder: '' }) },
  { says: 'an allocation of no hours', code: 'ME/062', url: allocations, body: allocation({ Quantity: 0 }) },
  {
    says: 'the retirement of an unknown asset',
    code: 'AA/001',
    url: retirements,
    body: { CompanyCode: '2100', MasterFixedAsset: '1', FixedAsset: '0', PostingDate: '2026-03-09' },
  },
];

for (const row of rows) {
  test(`${row.says} is refused with ${row.code}, and nothing is posted`, () => {
    const { twin, client } = plant();
    row.before?.(twin);
    const [documents, lines] = [twin.world.movements.headers.size, twin.world.ledger.items.size];
    const { status, body } = client.json('POST', row.url, row.body);
    assert.equal(status, row.status ?? 400, JSON.stringify(body));
    assert.equal(body.error?.code, row.code, JSON.stringify(body.error?.message));
    if (row.target !== undefined) assert.ok(JSON.stringify(body).includes(row.target), `names ${row.target}`);
    assert.deepEqual([twin.world.movements.headers.size, twin.world.ledger.items.size], [documents, lines]);
  });
}

test('two items of one number are refused, and the header does not stay behind', () => {
  const { twin, client } = plant();
  const body = requisitionBody() as { to_PurchaseReqnItem: { results: unknown[] } };
  body.to_PurchaseReqnItem.results.push(body.to_PurchaseReqnItem.results[0]);
  assert.deepEqual([client.send('POST', requisitions, body).status, twin.world.requisitions.headers.size, twin.world.requisitions.items.size], [400, 0, 0]);
});

test('a lock names the person and ends when the button is released', () => {
  const { twin, client } = plant();
  twin.buttons.press({ fault: 'lockedObject', with: { material: 'BRG-6205-2RS', user: 'KSMITH' }, times: 1 });
  assert.match(client.json('POST', goods, issue({})).body.error.message.value, /locked by the user KSMITH/);
  assert.equal(client.json('POST', goods, issue({})).status, 201);
});

test('the same invoice is refused the second time, and one beyond the receipt the first time', () => {
  const { twin, client } = plant();
  const order = orderedBearing(twin, client);
  twin.world.receive(order, '10', { quantity: '1' });
  const invoice = (quantity: string, amount: string): unknown => ({
    CompanyCode: '2100',
    InvoicingParty: '1000001',
    DocumentCurrency: 'EUR',
    InvoiceGrossAmount: amount,
    SupplierInvoiceIDByInvcgParty: 'R-1',
    DocumentDate: '2026-03-09T00:00:00',
    PostingDate: '2026-03-09T00:00:00',
    to_SuplrInvcItemPurOrdRef: {
      results: [{ PurchaseOrder: order, PurchaseOrderItem: '10', SupplierInvoiceItemAmount: amount, QuantityInPurchaseOrderUnit: quantity, TaxCode: 'V0' }],
    },
  });
  const url = `${v2}API_SUPPLIERINVOICE_PROCESS_SRV/A_SupplierInvoice`;
  assert.equal(client.json('POST', url, invoice('2', '25')).body.error.code, 'M8/504');
  assert.equal(client.json('POST', url, { ...(invoice('1', '12.5') as object), InvoiceGrossAmount: '13' }).body.error.code, 'M8/534');
  assert.equal(client.json('POST', url, invoice('1', '12.5')).status, 201);
  assert.equal(client.json('POST', url, invoice('1', '12.5')).body.error.code, 'M8/462');
});

test('over-delivery beyond the tolerance, deleted items and unreleased requisitions are refused', () => {
  const { twin, client } = plant();
  const order = orderedBearing(twin, client);
  const receipt = (quantity: string): unknown =>
    movementBody('01', { GoodsMovementType: '101', PurchaseOrder: order, PurchaseOrderItem: '10', QuantityInEntryUnit: quantity });
  assert.equal(client.json('POST', goods, receipt('3')).body.error.code, 'M7/022');
  twin.world.deletePoItem(order, '10');
  assert.equal(client.json('POST', goods, receipt('1')).body.error.code, 'M7/036');
  const waiting = client.json('POST', requisitions, requisitionBody()).body.d.PurchaseRequisition;
  assert.throws(() => twin.world.convert(waiting, { supplier: '1000001' }), /has not been released/);
  twin.world.approveRequisition(waiting);
  twin.world.partners.blockSupplier('1000001');
  assert.throws(() => twin.world.convert(waiting, { supplier: '1000001' }), /is blocked for purchasing/);
});

/** A purchase order for two bearings on the order 4000871. */
function orderedBearing(twin: S4Twin, client: Client): string {
  const number = client.json('POST', requisitions, requisitionBody()).body.d.PurchaseRequisition;
  twin.world.approveRequisition(number);
  return twin.world.convert(number, { supplier: '1000001' }).PurchaseOrder;
}
