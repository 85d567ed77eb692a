import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault, type FaultKind } from '#base/fault';
import { operationReference } from '#base/id';
import type { Json, JsonObject } from '#base/json';
import { compileMapping } from '#mapping/apply';
import { holds } from '#mapping/issue';
import type { RecordKind } from '#model/records';
import type { Once, Receipt } from '#spi/connector';
import { recordDef, type Connector } from '#spi/connector';
import { openConnection, type Connection } from '#spi/open';
import { NoAnswer, type Send } from '#spi/transport';
import { s4hana } from '#connectors/s4hana/connector';
import { equipment } from '#connectors/s4hana/equipment';
import { Settings } from '#connectors/s4hana/settings';
import { transport } from '#connectors/s4hana/system';
import { credential, drafts, plantSystem, sendTo, settings, type Plant } from '#connectors/s4hana/testing';

const onceOf = (name: string): Once => ({ key: `exchange/${name}`, reference: operationReference(`exchange/${name}`) });

function open(plant: Plant, config: Readonly<Record<string, unknown>> = {}, wrap: (send: Send) => Send = (send) => send): Connection {
  return openConnection(s4hana as Connector, {
    name: 'erp',
    config: { ...settings, ...config },
    credential,
    send: wrap(sendTo(plant.twin)),
    clock: plant.clock,
    rehearsal: false,
  });
}
const start = (count = 3, config: Parameters<typeof open>[1] = {}): { plant: Plant; connection: Connection } => {
  const plant = plantSystem(count, { releasedUpTo: undefined });
  return { plant, connection: open(plant, config) };
};
const faultOf = async (call: Promise<unknown>): Promise<Fault> =>
  call.then(
    () => assert.fail('a fault is expected'),
    (error: unknown) => (error instanceof Fault ? error : assert.fail(String(error))),
  );
const data = (receipt: Receipt): Record<string, Json> => receipt.data as Record<string, Json>;

const tools = { hubId: (kind: string, id: string) => `${kind}:${id}` };
const context = { externalId: (kind: string, id: string) => (id.startsWith(`${kind}:`) ? id.slice(kind.length + 1) : undefined) };
const mapping = (kind: RecordKind) => {
  const def = recordDef(s4hana as Connector, kind) ?? assert.fail(kind);
  return compileMapping({ id: `s4hana/${kind}`, record: kind, rows: def.rows, values: def.values ?? [] }, { settings: {} });
};
const inward = (kind: RecordKind, native: unknown): Record<string, unknown> => {
  const { record, issues } = mapping(kind).inward(native, tools);
  assert.ok(!holds(issues), issues.map(({ message }) => message).join('; '));
  return record as Record<string, unknown>;
};
const outward = (kind: RecordKind, record: unknown): JsonObject => {
  const { payload, issues } = mapping(kind).outward(record, context);
  assert.ok(!holds(issues), issues.map(({ message }) => message).join('; '));
  return payload;
};

test('a goods issue is one request, whose answer gives the value of each line, 000-37', async () => {
  const { plant, connection } = start();
  await connection.write('goodsIssue', 'create', drafts.goodsIssue ?? {}, { once: onceOf('first') });
  const before = plant.twin.writes.length;
  let requests = 0;
  const counted = open(plant, {}, (send) => (request) => (requests++, send(request)));
  await counted.write('goodsIssue', 'create', drafts.goodsIssue ?? {}, { once: onceOf('warm') });
  requests = 0;
  const receipt = await counted.write('goodsIssue', 'create', drafts.goodsIssue ?? {}, { once: onceOf('second') });
  assert.equal(requests, 1);
  assert.equal(plant.twin.writes.length, before + 2);
  assert.deepEqual(data(receipt)['value'], { minor: 2500, currency: 'EUR' });
  assert.equal((data(receipt)['lines'] as readonly JsonObject[])[0]?.['part'], 'BRG-6205-2RS');
  assert.equal(data(receipt)['postedOn'], '2026-03-09');
});

test("a goods issue is taken back by SAP's own opposite document at the same value, and found again by what it takes back, I8", async () => {
  const { plant, connection } = start();
  const receipt = await connection.write('goodsIssue', 'create', drafts.goodsIssue ?? {}, { once: onceOf('issue') });
  const draft = { PostingDate: '2026-03-09', reverses: receipt.id };
  assert.equal(await connection.trace('goodsIssue', 'reverse', onceOf('back'), draft), undefined);
  const back = await connection.write('goodsIssue', 'reverse', draft, { once: onceOf('back'), key: receipt.id });
  assert.notEqual(back.id, receipt.id);
  assert.deepEqual(data(back)['value'], data(receipt)['value']);
  assert.equal((await connection.trace('goodsIssue', 'reverse', onceOf('back'), draft))?.id, back.id);
  const record = inward('goodsIssue', await connection.get('goodsIssue', back.id));
  assert.equal(record['reverses'], receipt.id);
  assert.equal((record['lines'] as { direction: string }[])[0]?.direction, 'in');
  await faultOf(connection.write('goodsIssue', 'reverse', draft, { once: onceOf('again'), key: receipt.id }));
  assert.deepEqual(plant.twin.world.check(), []);
});

test('the payer of a goods issue decides its movement type', async () => {
  const { plant, connection } = start();
  const lines = [{ Material: 'BRG-6205-2RS', storeroom: '2100/21A1', QuantityInEntryUnit: '1', EntryUnit: 'PC', direction: 'out' }];
  for (const [account, type] of [
    [{ order: '4000871' }, '261'],
    [{ costCentre: '21004310' }, '201'],
    [{ fixedAsset: '2100/300417/0' }, '241'],
  ] as const) {
    await connection.write('goodsIssue', 'create', { PostingDate: '2026-03-09', account, to_MaterialDocumentItem: lines }, { once: onceOf(type) });
    assert.equal(plant.twin.world.movements.items.all().at(-1)?.GoodsMovementType, type);
  }
  assert.deepEqual(plant.twin.world.check(), []);
});

const issueWith = (changes: JsonObject, line: JsonObject = {}): JsonObject => ({
  ...drafts.goodsIssue,
  to_MaterialDocumentItem: [{ Material: 'BRG-6205-2RS', storeroom: '2100/21A1', QuantityInEntryUnit: '2', EntryUnit: 'PC', direction: 'out', ...line }],
  ...changes,
});
const refusedIssues: readonly {
  readonly title: string;
  readonly draft: JsonObject;
  readonly kind: FaultKind;
  readonly says: RegExp;
  readonly before?: (plant: Plant) => void;
}[] = [
  { title: 'no lines', draft: issueWith({ to_MaterialDocumentItem: [] }), kind: 'rejected', says: /no lines/ },
  { title: 'nobody to charge', draft: issueWith({ account: {} }), kind: 'rejected', says: /no order, asset or cost centre/ },
  { title: 'two payers', draft: issueWith({ account: { order: '4000871', costCentre: '21004310' } }), kind: 'rejected', says: /exactly one/ },
  {
    title: 'no posting date',
    draft: { account: { order: '4000871' }, to_MaterialDocumentItem: issueWith({})['to_MaterialDocumentItem'] ?? [] },
    kind: 'rejected',
    says: /PostingDate/,
  },
  { title: 'more than there is', draft: issueWith({}, { QuantityInEntryUnit: '99999' }), kind: 'rejected', says: /M7\/021|Deficit/ },
  { title: 'an unknown part', draft: issueWith({}, { Material: 'NOTHING' }), kind: 'rejected', says: /NOTHING/ },
  { title: 'an unknown unit', draft: issueWith({}, { EntryUnit: 'ZZ' }), kind: 'rejected', says: /ZZ/ },
  { title: 'a storeroom of another form', draft: issueWith({}, { storeroom: '21A1' }), kind: 'rejected', says: /2100\/21A1 is the form/ },
  { title: 'a storeroom of another plant', draft: issueWith({}, { Plant: '1710' }), kind: 'rejected', says: /not in plant 1710/ },
  { title: 'more places than SAP keeps', draft: issueWith({}, { QuantityInEntryUnit: '0.0005' }), kind: 'rejected', says: /decimal places/ },
  {
    title: 'a text that is too long and not shortened by the mapping',
    draft: issueWith({ MaterialDocumentHeaderText: 'x'.repeat(26) }),
    kind: 'rejected',
    says: /26 characters, and 25 fit/,
  },
  {
    title: 'a closed period',
    draft: issueWith({}),
    kind: 'closed',
    says: /period/i,
    before: ({ twin }) => twin.buttons.press({ fault: 'periodClosed', with: { companyCode: '2100', period: '2026/03' } }),
  },
  {
    title: 'a locked part',
    draft: issueWith({}),
    kind: 'locked',
    says: /locked by/,
    before: ({ twin }) => twin.buttons.press({ fault: 'lockedObject', with: { material: 'BRG-6205-2RS' } }),
  },
];
for (const { title, draft, kind, says, before } of refusedIssues)
  test(`a goods issue with ${title} is ${kind} and posts nothing`, async () => {
    const { plant, connection } = start();
    const documents = plant.count('goodsIssue');
    before?.(plant);
    const fault = await faultOf(connection.write('goodsIssue', 'create', draft, { once: onceOf('refused') }));
    assert.equal(fault.kind, kind, fault.message);
    assert.match(`${fault.detail.code ?? ''} ${fault.message}`, says);
    assert.equal(plant.count('goodsIssue'), documents);
  });

for (const version of ['v2', 'v4'] as const) {
  test(`${version}: a requisition goes from approval to order to receipt, return and invoice, 000-23`, async () => {
    const { plant, connection } = start(3, { odata: { requisition: version, order: version } });
    const { world } = plant.twin;
    const receipt = await connection.write('purchaseRequisition', 'create', drafts.purchaseRequisition ?? {}, { once: onceOf('buy') });
    assert.equal((await connection.trace('purchaseRequisition', 'create', onceOf('buy'), {}))?.id, receipt.id);
    const states = async (): Promise<unknown[]> =>
      (inward('purchaseRequisition', await connection.get('purchaseRequisition', receipt.id))['lines'] as { state: string }[]).map(({ state }) => state);
    assert.deepEqual(await states(), ['inApproval', 'inApproval']);
    world.approveRequisition(receipt.id, '10');
    assert.deepEqual(await states(), ['approved', 'inApproval']);
    const order = world.convert(receipt.id, { supplier: '1000001', item: '10' }).PurchaseOrder;
    assert.deepEqual(await states(), ['ordered', 'inApproval']);
    const bought = inward('purchaseOrder', await connection.get('purchaseOrder', order));
    assert.deepEqual(pick(bought, ['number', 'vendor', 'currency']), { number: order, vendor: 'vendor:1000001', currency: 'EUR' });
    assert.deepEqual(
      pick((bought['lines'] as Record<string, unknown>[])[0] ?? {}, ['part', 'requisition', 'requisitionLine', 'promisedOn', 'account', 'storeroom']),
      {
        part: 'part:BRG-6205-2RS',
        requisition: receipt.id,
        requisitionLine: '10',
        promisedOn: '2026-03-12',
        account: { order: 'workOrder:4000871', glAccount: '51100000' },
        storeroom: 'storeroom:2100/21A1',
      },
    );
    const line = { purchaseOrder: order, purchaseOrderLine: '10', line: '1', quantity: { value: '2', unit: { system: 'rec20', code: 'H87' } } };
    const received = await connection.write(
      'goodsReceipt',
      'create',
      outward('goodsReceipt', { postedOn: '2026-03-09', lines: [{ ...line, direction: 'in' }] }),
      { once: onceOf('receipt') },
    );
    assert.equal((await connection.trace('goodsReceipt', 'create', onceOf('receipt'), {}))?.id, received.id);
    assert.deepEqual(data(received)['value'], { minor: 2500, currency: 'EUR' });
    const returned = await connection.write(
      'goodsReceipt',
      'create',
      outward('goodsReceipt', {
        postedOn: '2026-03-09',
        lines: [{ ...line, direction: 'out', quantity: { value: '1', unit: { system: 'sap', code: 'PC' } } }],
      }),
      { once: onceOf('return') },
    );
    const back = await connection.write(
      'goodsReceipt',
      'reverse',
      { PostingDate: '2026-03-09', reverses: returned.id },
      { once: onceOf('undo'), key: returned.id },
    );
    assert.equal((await connection.trace('goodsReceipt', 'reverse', onceOf('undo'), { reverses: returned.id }))?.id, back.id);
    const invoice = world.invoice(order, '10');
    const billed = inward('supplierInvoice', await connection.get('supplierInvoice', `${invoice.SupplierInvoice}/${invoice.FiscalYear}`));
    assert.deepEqual(
      [billed['gross'], billed['reversed'], (billed['lines'] as { purchaseOrder: string }[])[0]?.purchaseOrder],
      [{ minor: 2500, currency: 'EUR' }, false, order],
    );
    world.cancelInvoice(invoice.SupplierInvoice, invoice.FiscalYear);
    assert.equal(inward('supplierInvoice', await connection.get('supplierInvoice', `${invoice.SupplierInvoice}/${invoice.FiscalYear}`))['reversed'], true);
    assert.deepEqual(world.check(), []);
  });

  test(`${version}: a line that is not needed any more is deleted while it is open and closed once it is ordered, and twice is once`, async () => {
    const { plant, connection } = start(3, { odata: { requisition: version, order: version } });
    const receipt = await connection.write('purchaseRequisition', 'create', drafts.purchaseRequisition ?? {}, { once: onceOf('cancel') });
    plant.twin.world.approveRequisition(receipt.id, '20');
    const payload = { _PurchaseRequisitionItem: [{ PurchaseRequisitionItem: '10', state: 'deleted' }] };
    for (let i = 0; i < 2; i++) await connection.write('purchaseRequisition', 'update', payload, { once: onceOf(`update-${i}`), key: receipt.id });
    const lines = inward('purchaseRequisition', await connection.get('purchaseRequisition', receipt.id))['lines'] as { state: string }[];
    assert.deepEqual(
      lines.map(({ state }) => state),
      ['deleted', 'approved'],
    );
    for (const [line, kind] of [
      [{ PurchaseRequisitionItem: '30', state: 'deleted' }, 'missing'],
      [{ PurchaseRequisitionItem: '20', state: 'ordered' }, 'rejected'],
      [{ state: 'deleted' }, 'rejected'],
    ] as const) {
      assert.equal(
        (await faultOf(connection.write('purchaseRequisition', 'update', { _PurchaseRequisitionItem: [line] }, { once: onceOf('bad'), key: receipt.id }))).kind,
        kind,
      );
    }
  });
}

const pick = (row: Record<string, unknown>, names: readonly string[]): Record<string, unknown> => Object.fromEntries(names.map((name) => [name, row[name]]));

test('both versions of a service give the same records', async () => {
  const { plant } = start();
  const [older, newer] = (['v2', 'v4'] as const).map((version) => open(plant, { odata: { requisition: version, order: version } }));
  for (const kind of ['purchaseRequisition', 'purchaseOrder'] as const) {
    const [a, b] = await Promise.all([older, newer].map(async (one) => (await one?.list(kind, { limit: 50 }))?.records.map((record) => inward(kind, record))));
    assert.ok((a?.length ?? 0) > 0);
    assert.deepEqual(a, b);
  }
});

test('the newer service is preferred where the system has it, and the older one is used where not', async () => {
  for (const [inactiveServices, used] of [
    [[], 'odata4'],
    [['CE_PURCHASEREQUISITION_0001', 'CE_PURCHASEORDER_0001'], 'API_PURCHASEREQ_PROCESS_SRV'],
  ] as const) {
    const plant = plantSystem(3, { inactiveServices });
    await open(plant, { odata: {} }).write('purchaseRequisition', 'create', drafts.purchaseRequisition ?? {}, { once: onceOf('probe') });
    assert.match(plant.twin.writes.at(-1)?.url ?? '', new RegExp(used));
  }
  const none = plantSystem(3, { inactiveServices: ['CE_PURCHASEREQUISITION_0001', 'API_PURCHASEREQ_PROCESS_SRV'] });
  assert.equal((await faultOf(open(none, { odata: {} }).list('purchaseRequisition', { limit: 5 }))).kind, 'forbidden');
});

const lineWith = (line: JsonObject): JsonObject => ({
  _PurchaseRequisitionItem: [
    {
      kind: 'part',
      Material: 'BRG-6205-2RS',
      RequestedQuantity: '2',
      BaseUnit: 'PC',
      storeroom: '2100/21A1',
      DeliveryDate: '2026-03-12',
      account: { costCentre: '21004310' },
      ...line,
    },
  ],
});
const refusedRequisitions: readonly { readonly title: string; readonly draft: JsonObject; readonly kind: FaultKind }[] = [
  { title: 'no lines', draft: {}, kind: 'rejected' },
  { title: 'a plant that is not in the settings', draft: lineWith({ storeroom: '9999/21A1' }), kind: 'misconfigured' },
  {
    title: 'no plant at all',
    draft: { _PurchaseRequisitionItem: [{ kind: 'part', Material: 'BRG-6205-2RS', RequestedQuantity: '2', BaseUnit: 'PC' }] },
    kind: 'misconfigured',
  },
  {
    title: 'a service without a payer',
    draft: {
      _PurchaseRequisitionItem: [
        { kind: 'service', PurchaseRequisitionItemText: 'x', MaterialGroup: 'S', RequestedQuantity: '1', BaseUnit: 'PC', Plant: '2100' },
      ],
    },
    kind: 'rejected',
  },
  {
    title: 'a free text without a group',
    draft: {
      _PurchaseRequisitionItem: [
        { kind: 'part', PurchaseRequisitionItemText: 'x', RequestedQuantity: '1', BaseUnit: 'PC', Plant: '2100', account: { costCentre: '21004310' } },
      ],
    },
    kind: 'rejected',
  },
  { title: 'an asset of another company code', draft: lineWith({ account: { fixedAsset: '1710/300417/0' } }), kind: 'rejected' },
  { title: 'an unknown cost centre', draft: lineWith({ account: { costCentre: '999' } }), kind: 'rejected' },
  { title: 'a negative quantity', draft: lineWith({ RequestedQuantity: '-1' }), kind: 'rejected' },
];
for (const { title, draft, kind } of refusedRequisitions)
  test(`a requisition with ${title} is ${kind} and makes nothing`, async () => {
    const { plant, connection } = start();
    const before = plant.count('purchaseRequisition');
    const fault = await faultOf(connection.write('purchaseRequisition', 'create', draft, { once: onceOf('refused') }));
    assert.equal(fault.kind, kind, fault.message);
    assert.equal(plant.count('purchaseRequisition'), before);
  });

test('a line reference is kept where it fits, and never cut', async () => {
  const { plant, connection } = start();
  for (const [reference, kept] of [
    ['part:41001', 'part:41001'],
    ['part:410011', '10'],
  ] as const) {
    const { id } = await connection.write('purchaseRequisition', 'create', lineWith({ reference }), { once: onceOf(reference) });
    assert.equal(plant.twin.world.requisitions.items.by('PurchaseRequisition', id)[0]?.['PurReqnItemExternalReference'], kept);
  }
});

test('hours of more places than SAP keeps are rounded to three, and the receipt says so', async () => {
  const { connection } = start();
  const receipt = await connection.write('costPosting', 'create', { ...drafts.costPosting, hours: '0.166667' }, { once: onceOf('ten minutes') });
  assert.deepEqual([data(receipt)['hours'], data(receipt)['value']], ['0.167', { minor: 1169, currency: 'EUR' }]);
  assert.equal(
    (await faultOf(connection.write('costPosting', 'create', { ...drafts.costPosting, hours: '0.0001' }, { once: onceOf('nothing') }))).kind,
    'rejected',
  );
});

test('labour is valued by SAP in the same request, and taken back by the opposite hours, I8', async () => {
  const { plant, connection } = start();
  const receipt = await connection.write('costPosting', 'create', drafts.costPosting ?? {}, { once: onceOf('labour') });
  assert.deepEqual(data(receipt)['value'], { minor: 24_500, currency: 'EUR' });
  const back = await connection.write(
    'costPosting',
    'reverse',
    { kind: 'labour', PostingDate: '2026-03-09', account: { costCentre: '21004310' } },
    { once: onceOf('labour-back'), key: receipt.id },
  );
  assert.deepEqual(data(back)['value'], { minor: -24_500, currency: 'EUR' });
  assert.equal((await connection.trace('costPosting', 'reverse', onceOf('labour-back'), { kind: 'labour' }))?.id, back.id);
  assert.deepEqual(plant.twin.world.check(), []);
});

const byJournal = (more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({
  companyCodes: {
    ...settings.companyCodes,
    2100: { ...settings.companyCodes[2100], labour: { by: 'journal', costCentre: '21009000', debit: '61008000', credit: '94308000', ...more } },
  },
});
const hours = {
  kind: 'labour',
  PostingDate: '2026-03-09',
  text: 'Labour WO 88123',
  PersonnelNumber: '10042',
  hours: '1.5',
  amount: '77.63',
  currency: 'EUR',
  account: { costCentre: '21004310' },
};

test("labour by journal stands in finance at hours x the person's rate, debits the receiver, relieves the supplier, is found, and is taken back exactly, 000-45, I5, I6, I8", async () => {
  const { plant, connection } = start(3, byJournal());
  const { ledger, activities } = plant.twin.world;
  const before = activities.allocations.size;
  const once = onceOf('by journal');
  assert.equal(await connection.trace('costPosting', 'create', once, hours), undefined);
  const receipt = await connection.write('costPosting', 'create', hours, { once });
  assert.deepEqual(data(receipt)['value'], { minor: 7763, currency: 'EUR' });
  assert.deepEqual(
    ledger.items.by('DocumentReferenceID', once.reference).map((row) => [row.GLAccount, row['CostCenter'], row.AmountInCompanyCodeCurrency]),
    [
      ['61008000', '21004310', '77.63'],
      ['94308000', '21009000', '-77.63'],
    ],
  );
  const found = await connection.trace('costPosting', 'create', once, hours);
  assert.deepEqual([found?.id, found && data(found)['value']], [receipt.id, { minor: 7763, currency: 'EUR' }]);
  const back = await connection.write('costPosting', 'reverse', { ...hours, reverses: receipt.id }, { once: onceOf('journal back'), key: receipt.id });
  assert.equal((await connection.trace('costPosting', 'reverse', onceOf('journal back'), { kind: 'labour' }))?.id, back.id);
  for (const centre of ['21004310', '21009000'])
    assert.equal(
      ledger.items
        .by('CostCenter', centre)
        .filter(
          (row) => ['61008000', '94308000'].includes(row.GLAccount) && [hours.text, `Reversal of ${receipt.id}`].includes(String(row['DocumentItemText'])),
        )
        .reduce((sum, row) => sum + Number(row.AmountInCompanyCodeCurrency), 0),
      0,
    );
  assert.equal(activities.allocations.size, before, 'SAP values nothing by its own rate');
  assert.deepEqual(plant.twin.world.check(), []);
});

test("labour by journal relieves the person's own cost centre where the posting names one, and charges an order", async () => {
  const { plant, connection } = start(3, byJournal());
  const once = onceOf('own centre');
  await connection.write('costPosting', 'create', { ...hours, account: { order: '4000871' }, senderCostCentre: '21005002' }, { once });
  assert.deepEqual(
    plant.twin.world.ledger.items.by('DocumentReferenceID', once.reference).map((row) => [row['OrderID'], row['CostCenter']]),
    [
      ['4000871', ''],
      ['', '21005002'],
    ],
  );
});

test('while one company code allocates, labour of both ways is found, and an allocation is taken back as one after its company code changed to journal', async () => {
  const { plant, connection } = start();
  const receipt = await connection.write('costPosting', 'create', drafts.costPosting ?? {}, { once: onceOf('before') });
  const changed = open(plant, byJournal());
  assert.equal((await changed.trace('costPosting', 'create', onceOf('before'), drafts.costPosting ?? {}))?.id, receipt.id);
  const back = await changed.write(
    'costPosting',
    'reverse',
    { kind: 'labour', PostingDate: '2026-03-09', account: { costCentre: '21004310' } },
    { once: onceOf('before back'), key: receipt.id },
  );
  assert.deepEqual(data(back)['value'], { minor: -24_500, currency: 'EUR' });
});

for (const labour of [{ debit: undefined }, { credit: undefined }, { by: 'guess' }, { costCentre: undefined }])
  test(`settings with labour by journal and ${JSON.stringify(labour, (_, value: unknown) => value ?? null)} are refused`, () => {
    assert.ok(!Settings.safeParse({ ...settings, ...byJournal(labour) }).success);
  });

const service = {
  kind: 'service',
  PostingDate: '2026-03-09',
  text: 'Alignment WO 88123',
  amount: '120.00',
  currency: 'EUR',
  account: { order: '4000871' },
  senderCostCentre: '21009000',
};
test('a service is a balanced journal entry, found by its reference, and taken back line by line, I5, I8', async () => {
  const { plant, connection } = start();
  assert.equal(await connection.trace('costPosting', 'create', onceOf('service'), service), undefined);
  const receipt = await connection.write('costPosting', 'create', service, { once: onceOf('service') });
  assert.match(receipt.id, /^\d+\/2026\/2100$/);
  assert.equal((await connection.trace('costPosting', 'create', onceOf('service'), service))?.id, receipt.id);
  const back = await connection.write('costPosting', 'reverse', { ...service, reverses: receipt.id }, { once: onceOf('service-back'), key: receipt.id });
  assert.notEqual(back.id, receipt.id);
  const { ledger } = plant.twin.world;
  assert.equal(
    ledger.items
      .all()
      .filter((row) => row['OrderID'] === '4000871')
      .reduce((sum, row) => sum + Number(row.AmountInCompanyCodeCurrency), 0),
    0,
  );
  assert.deepEqual(plant.twin.world.check(), []);
});

const refusedPostings: readonly {
  readonly title: string;
  readonly draft: JsonObject;
  readonly kind: FaultKind;
  readonly before?: (plant: Plant) => void;
  readonly config?: Readonly<Record<string, unknown>>;
}[] = [
  { title: 'nobody to charge', draft: { ...service, account: {} }, kind: 'rejected' },
  { title: 'an unknown order', draft: { ...service, account: { order: '4999999' } }, kind: 'rejected' },
  { title: 'an unknown cost centre', draft: { ...service, account: { costCentre: '999' } }, kind: 'rejected' },
  { title: 'a cost centre of a company code without accounts', draft: { ...service, account: { fixedAsset: '1710/1/0' } }, kind: 'misconfigured' },
  {
    title: 'an order whose company code nobody can know',
    draft: { kind: 'service', PostingDate: '2026-03-09', amount: '1.00', currency: 'EUR', account: { order: '4000871' } },
    kind: 'rejected',
  },
  { title: 'no service for journal entries in the settings', draft: service, kind: 'misconfigured', config: { journal: undefined } },
  { title: 'an unknown kind', draft: { ...service, kind: 'gift' }, kind: 'rejected' },
  {
    title: 'a closed period in the log of a 200',
    draft: service,
    kind: 'closed',
    before: ({ twin }) => twin.buttons.press({ fault: 'periodClosed', with: { companyCode: '2100', period: '2026/03' } }),
  },
  { title: 'labour for an asset', draft: { ...drafts.costPosting, account: { fixedAsset: '2100/300417/0' } }, kind: 'rejected' },
  {
    title: 'labour by journal in a closed period',
    draft: hours,
    kind: 'closed',
    config: byJournal(),
    before: ({ twin }) => twin.buttons.press({ fault: 'periodClosed', with: { companyCode: '2100', period: '2026/03' } }),
  },
  { title: 'labour by journal to an account that SAP does not have', draft: hours, kind: 'rejected', config: byJournal({ debit: '69999999' }) },
  { title: 'labour by journal relieving an account that SAP does not have', draft: hours, kind: 'rejected', config: byJournal({ credit: '99999999' }) },
  {
    title: 'labour by journal to a locked cost centre',
    draft: hours,
    kind: 'rejected',
    config: byJournal(),
    before: ({ twin }) => twin.world.organisation.lockCostCentre('21004310'),
  },
  {
    title: 'labour by journal from a locked cost centre',
    draft: hours,
    kind: 'rejected',
    config: byJournal(),
    before: ({ twin }) => twin.world.organisation.lockCostCentre('21009000'),
  },
  {
    title: 'labour by journal to an unknown order',
    draft: { ...hours, account: { order: '4999999' }, senderCostCentre: '21009000' },
    kind: 'rejected',
    config: byJournal(),
  },
  { title: 'labour by journal in a currency without a rate', draft: { ...hours, currency: 'CHF' }, kind: 'rejected', config: byJournal() },
  { title: 'labour by journal without an amount', draft: { ...hours, amount: '' }, kind: 'rejected', config: byJournal() },
  {
    title: 'labour by journal where no service for journal entries is in the settings',
    draft: hours,
    kind: 'misconfigured',
    config: { ...byJournal(), journal: undefined },
  },
  { title: 'labour by allocation without an activity type', draft: hours, kind: 'misconfigured', config: byJournal({ by: 'allocation' }) },
  {
    title: 'labour without hours',
    draft: { kind: 'labour', PostingDate: '2026-03-09', amount: '1.00', currency: 'EUR', account: { costCentre: '21004310' } },
    kind: 'rejected',
  },
];
for (const { title, draft, kind, before, config } of refusedPostings)
  test(`a cost posting with ${title} is ${kind}`, async () => {
    const { plant, connection } = start(3, config);
    before?.(plant);
    const lines = plant.twin.world.ledger.items.size;
    assert.equal((await faultOf(connection.write('costPosting', 'create', draft, { once: onceOf('refused') }))).kind, kind);
    assert.equal(plant.twin.world.ledger.items.size, lines);
  });

test('a journal entry whose answer is lost is uncertain, and found', async () => {
  const plant = plantSystem(3);
  const losing = open(plant, {}, (send) => async (request) => {
    const answer = await send(request);
    if (request.url.includes('/srt/')) throw new NoAnswer('reset', { sent: true });
    return answer;
  });
  assert.equal((await faultOf(losing.write('costPosting', 'create', service, { once: onceOf('lost') }))).kind, 'uncertain');
  assert.match((await open(plant).trace('costPosting', 'create', onceOf('lost'), service))?.id ?? '', /2100$/);
});

test('a disposal retires the fixed asset, is found by its reference, and cannot happen twice, 001-35', async () => {
  const { plant, connection } = start();
  const draft = outward('assetDisposal', {
    fixedAsset: 'fixedAsset:2100/300418/0',
    disposedOn: '2026-03-09',
    kind: 'sold',
    revenue: { minor: 25_000, currency: 'EUR' },
    text: 'Pump sold',
  });
  const receipt = await connection.write('assetDisposal', 'create', draft, { once: onceOf('disposal') });
  assert.equal((await connection.trace('assetDisposal', 'create', onceOf('disposal'), draft))?.id, receipt.id);
  assert.equal(await connection.trace('assetDisposal', 'create', onceOf('other'), draft), undefined);
  const record = inward('fixedAsset', await connection.get('fixedAsset', '2100/300418/0'));
  assert.deepEqual([record['active'], record['retiredOn']], [false, '2026-03-09']);
  assert.equal((await faultOf(connection.write('assetDisposal', 'create', draft, { once: onceOf('twice') }))).kind, 'rejected');
  assert.equal(
    (
      await faultOf(
        connection.write('assetDisposal', 'create', { fixedAsset: '2100/300419/0', PostingDate: '2026-03-09', kind: 'sold' }, { once: onceOf('gift') }),
      )
    ).kind,
    'rejected',
  );
  assert.deepEqual(plant.twin.world.check(), []);
});

test("a fixed asset shows the latest values of the customer's own service", async () => {
  const { plant, connection } = start();
  const { assets } = plant.twin.world;
  assets.capitalise('2100', '300417', '0', '12000', '2026-01-01');
  for (const period of ['1', '2']) assets.runDepreciation('2100', '2026', period);
  const record = inward('fixedAsset', await connection.get('fixedAsset', '2100/300417/0'));
  assert.deepEqual(
    [record['acquisitionValue'], record['accumulatedDepreciation'], record['bookValue'], record['valueAsOf']],
    [{ minor: 1_200_000, currency: 'EUR' }, { minor: 20_000, currency: 'EUR' }, { minor: 1_180_000, currency: 'EUR' }, '2026-02-28'],
  );
});

test('a transfer moves equipment and its fixed asset from a day on, and repeating it changes nothing, 001-36', async () => {
  const { plant, connection } = start();
  const equipment = plant.twin.world.technical.equipment.all()[0]?.Equipment ?? '';
  const draft = { Equipment: equipment, transferredOn: '2026-03-15', CostCenter: '21009000', FunctionalLocation: 'LC-1' };
  await connection.write('assetTransfer', 'create', draft, { once: onceOf('move') });
  const record = inward('asset', await connection.get('asset', equipment));
  assert.deepEqual([record['costCentre'], record['location'], record['fixedAsset']], ['costCentre:21009000', 'location:LC-1', 'fixedAsset:2100/300417/0']);
  assert.equal(inward('fixedAsset', await connection.get('fixedAsset', '2100/300417/0'))['costCentre'], 'costCentre:21009000');
  const before = plant.twin.writes.length;
  await connection.write('assetTransfer', 'create', draft, { once: onceOf('move') });
  assert.equal(plant.twin.writes.length, before);
});

test('equipment is installed, moved, put into other equipment, and set inactive and back, 000-26', async () => {
  const { connection } = start();
  const made = await connection.write('asset', 'create', { ...drafts.asset, FunctionalLocation: 'LC-0' }, { once: onceOf('asset') });
  const now = async (): Promise<Record<string, unknown>> => inward('asset', await connection.get('asset', made.id));
  assert.equal((await now())['location'], 'location:LC-0');
  await connection.write('asset', 'update', { FunctionalLocation: 'LC-1' }, { once: onceOf('a'), key: made.id });
  assert.equal((await now())['location'], 'location:LC-1');
  const parent = await connection.write('asset', 'create', { ...drafts.asset, EquipmentName: 'Skid' }, { once: onceOf('parent') });
  await connection.write('asset', 'update', { SuperordinateEquipment: parent.id }, { once: onceOf('b'), key: made.id });
  assert.equal((await now())['parent'], `asset:${parent.id}`);
  for (const active of [false, false, true]) {
    await connection.write('asset', 'update', { active }, { once: onceOf(`active-${active}`), key: made.id });
    assert.equal((await now())['active'], active);
  }
});

test('new equipment whose installation was refused stays, with a warning; one whose installation was not answered is completed by the lookup', async () => {
  const { plant, connection } = start();
  const refused = await connection.write('asset', 'create', { ...drafts.asset, FunctionalLocation: 'LC-NOWHERE' }, { once: onceOf('nowhere') });
  assert.match(refused.warnings?.join() ?? '', /not installed at LC-NOWHERE/);
  const broken = open(
    plant,
    {},
    (send) => (request) => (request.url.includes('InstallEquipment') ? Promise.reject(new NoAnswer('reset', { sent: false })) : send(request)),
  );
  const draft = { ...drafts.asset, FunctionalLocation: 'LC-2' };
  assert.equal((await faultOf(broken.write('asset', 'create', draft, { once: onceOf('half') }))).kind, 'uncertain');
  const found = await connection.trace('asset', 'create', onceOf('half'), draft);
  assert.equal(inward('asset', await connection.get('asset', found?.id ?? ''))['location'], 'location:LC-2');
});

test('a reservation is found among those that share the first characters of a reference', async () => {
  const { connection } = start();
  const twins: Once[] = [
    { key: 'a', reference: 'LP0123456789AAAA' },
    { key: 'b', reference: 'LP0123456789BBBB' },
  ];
  const ids = [];
  for (const once of twins) ids.push((await connection.write('reservation', 'create', drafts.reservation ?? {}, { once })).id);
  for (const [index, once] of twins.entries()) assert.equal((await connection.trace('reservation', 'create', once, {}))?.id, ids[index]);
  assert.equal(
    (
      await faultOf(
        connection.write(
          'reservation',
          'create',
          {
            account: { costCentre: '21004310' },
            to_ReservationDocumentItem: [{ Product: 'BRG-6205-2RS', storeroom: '2100/21A1', ResvnItmRequiredQtyInEntryUnit: '2', EntryUnit: 'PC' }],
          },
          { once: onceOf('undated') },
        ),
      )
    ).kind,
    'rejected',
  );
});

test('a stock level joins quantity, planning and price, and says who replenishes, 000-24', async () => {
  const { plant, connection } = start();
  const { world } = plant.twin;
  const key = 'BRG-6205-2RS@2100/21A1';
  const record = inward('stockLevel', await connection.get('stockLevel', key));
  assert.deepEqual(pick(record, ['part', 'storeroom', 'site', 'onHand', 'reorderPoint', 'valuationPrice']), {
    part: 'part:BRG-6205-2RS',
    storeroom: 'storeroom:2100/21A1',
    site: 'site:2100',
    onHand: { value: '57', unit: { system: 'sap', code: 'PC' } },
    reorderPoint: '4',
    valuationPrice: { minor: 1250, currency: 'EUR' },
  });
  const planning = world.materials.planning.get('BRG-6205-2RS', '2100') ?? assert.fail();
  for (const [type, by] of [
    ['VB', true],
    ['ND', false],
  ] as const) {
    world.materials.planning.update(planning, { MRPType: type });
    assert.equal(inward('stockLevel', await connection.get('stockLevel', key))['replenishedBySystem'], by);
  }
  world.materials.planning.update(planning, { MRPType: 'VB', DfltStorageLocationExtProcmt: '21A2' });
  assert.deepEqual(pick(inward('stockLevel', await connection.get('stockLevel', key)), ['reorderPoint', 'replenishedBySystem']), {
    reorderPoint: undefined,
    replenishedBySystem: false,
  });
});

test('a change set of two writes succeeds or fails as one', async () => {
  const { plant } = start();
  const system = transport.open({
    config: Settings.parse(settings),
    rehearsal: false,
    signal: new AbortController().signal,
    now: () => plant.clock.now(),
    send: (request) =>
      sendTo(plant.twin)({
        ...request,
        headers: { ...request.headers, authorization: `Basic ${Buffer.from(`${credential.user}:${credential.password}`).toString('base64')}` },
      }),
  });
  const client = system.on('equipment');
  const good = client.change('POST', { type: equipment }, { EquipmentName: 'A', MaintenancePlant: '2100' });
  const bad = client.change('POST', { type: equipment }, { EquipmentName: 'B', CostCenter: '999' });
  const before = plant.count('asset');
  const [[failed]] = (await client.batch([{ changes: [good, bad] }])) as [[{ status: number; headers: Record<string, string>; body: string }]];
  assert.equal(client.faultOf(bad, failed)?.kind, 'rejected');
  assert.equal(plant.count('asset'), before);
  const groups = await client.batch([
    { read: { method: 'GET', path: 'Equipment?$top=1', headers: { Accept: 'application/json' } } },
    { changes: [good, good] },
  ]);
  assert.deepEqual(
    groups.map((group) => group.map(({ status }) => status)),
    [[200], [201, 201]],
  );
  assert.equal(plant.count('asset'), before + 2);
});

test('an employee who has left is inactive', async () => {
  const { plant, connection } = start();
  plant.twin.world.partners.leave('9980000001', '2026-02-28');
  const record = inward('employee', await connection.get('employee', '10042'));
  assert.deepEqual(pick(record, ['active', 'leftOn', 'joinedOn', 'costCentre']), {
    active: false,
    leftOn: '2026-02-28',
    joinedOn: '2020-01-01',
    costCentre: 'costCentre:21004310',
  });
});

test('a bearer token signs in as well as a password does', async () => {
  const plant = plantSystem(1);
  const connection = openConnection(s4hana as Connector, {
    name: 'erp',
    config: { ...settings, tokenUrl: `${settings.baseUrl}/sap/bc/sec/oauth2/token` },
    credential: { clientId: 'linchpin-client', clientSecret: 'linchpin-secret' },
    send: sendTo(plant.twin),
    clock: plant.clock,
    rehearsal: false,
  });
  assert.equal((await connection.list('part', { limit: 5 })).records.length, 1);
});

test('a session that the system forgot is renewed without a second write', async () => {
  const { plant, connection } = start();
  await connection.write('goodsIssue', 'create', drafts.goodsIssue ?? {}, { once: onceOf('one') });
  const before = plant.count('goodsIssue');
  plant.twin.forgetSessions();
  await connection.write('goodsIssue', 'create', drafts.goodsIssue ?? {}, { once: onceOf('two') });
  assert.equal(plant.count('goodsIssue'), before + 1);
});

test('a property that is gone changes the fingerprint, R-33', async () => {
  const { plant, connection } = start();
  const before = await connection.fingerprint();
  plant.twin.buttons.press({ fault: 'contractChanged', with: { set: 'A_Product', property: 'BaseUnit', to: 'BaseUoM' } });
  const after = await connection.fingerprint();
  assert.notEqual(after.hash, before.hash);
  assert.equal((await connection.list('part', { limit: 5 })).drifted?.length, 2);
});
