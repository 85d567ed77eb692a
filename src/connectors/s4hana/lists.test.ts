import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault } from '#base/fault';
import { operationReference } from '#base/id';
import type { JsonObject } from '#base/json';
import { compileMapping } from '#mapping/apply';
import { holds } from '#mapping/issue';
import type { RecordKind } from '#model/records';
import { recordDef, type Connector, type Once } from '#spi/connector';
import { openConnection, type Connection } from '#spi/open';
import type { Send } from '#spi/transport';
import { s4hana } from '#connectors/s4hana/connector';
import { busyPlant, credential, drafts, sendTo, settings, type Plant } from '#connectors/s4hana/testing';

const onceOf = (name: string): Once => ({ key: `lists/${name}`, reference: operationReference(`lists/${name}`) });

function start(
  config: Readonly<Record<string, unknown>> = {},
  count = 3,
  wrap: (send: Send) => Send = (send) => send,
): { readonly plant: Plant; readonly connection: Connection } {
  const plant = busyPlant(count);
  const connection = openConnection(s4hana as Connector, {
    name: 'erp',
    config: { ...settings, ...config },
    credential,
    send: wrap(sendTo(plant.twin)),
    clock: plant.clock,
    rehearsal: false,
  });
  return { plant, connection };
}

async function faultOf(call: Promise<unknown>): Promise<Fault> {
  const error: unknown = await call.then(
    () => assert.fail('a fault is expected'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Fault, String(error));
  return error;
}

function inward(kind: RecordKind, native: unknown): Record<string, unknown> {
  const def = recordDef(s4hana as Connector, kind) ?? assert.fail(kind);
  const mapping = compileMapping({ id: kind, record: kind, rows: def.rows, values: def.values ?? [] }, { settings: {} });
  const { record, issues } = mapping.inward(native, { hubId: (of, id) => `${of}:${id}` });
  assert.ok(!holds(issues), issues.map(({ message }) => message).join('; '));
  return record as Record<string, unknown>;
}

async function listed(
  connection: Connection,
  kind: RecordKind,
  query: { readonly postedFrom?: string; readonly limit?: number } = {},
): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await connection.list(kind, { limit: 2, ...query, ...(cursor === undefined ? {} : { cursor }) });
    assert.deepEqual(page.drifted ?? [], []);
    found.push(...page.records.map((record) => inward(kind, record)));
    if (page.cursor === undefined) return found;
    cursor = page.cursor;
  }
}

const service = {
  kind: 'service',
  PostingDate: '2026-03-09',
  text: 'Alignment WO 88123',
  amount: '120.00',
  currency: 'EUR',
  account: { order: '4000871' },
  senderCostCentre: '21009000',
};

test('cost postings are listed from both of their sources: allocations and entries, ours and those of others, with who posted them, 000-27', async () => {
  const { connection } = start();
  const labour = await connection.write('costPosting', 'create', drafts.costPosting ?? {}, { once: onceOf('labour') });
  const entry = await connection.write('costPosting', 'create', service, { once: onceOf('service') });
  const all = await listed(connection, 'costPosting');
  const [own, others] = [true, false].map((ours) => all.filter(({ reference }) => (typeof reference === 'string' && reference.startsWith('LP')) === ours));
  assert.deepEqual(own, [
    {
      number: labour.id,
      reference: onceOf('labour').reference,
      postedBy: 'LINCHPIN',
      kind: 'labour',
      postedOn: '2026-03-09',
      text: 'Labour WO 88123',
      employee: 'employee:10042',
      activityType: 'MNT01',
      senderCostCentre: 'costCentre:21009000',
      account: { costCentre: 'costCentre:21004310' },
      hours: '3.5',
      amount: { minor: 24_500, currency: 'EUR' },
    },
    {
      number: entry.id,
      reference: onceOf('service').reference,
      postedBy: 'LINCHPIN',
      kind: 'service',
      postedOn: '2026-03-09',
      text: 'Alignment WO 88123',
      senderCostCentre: 'costCentre:21009000',
      account: { order: 'workOrder:4000871', glAccount: '61008000' },
      amount: { minor: 12_000, currency: 'EUR' },
    },
  ]);
  assert.deepEqual(
    others?.map(({ postedBy, amount, reference }) => [postedBy, (amount as { minor: number }).minor, reference ?? '']),
    [
      ['CLERK', 10_500, 'by hand 1'],
      ['CLERK', 10_500, 'by hand 2'],
      ['CLERK', 8000, ''],
    ],
  );
});

for (const { title, draft, config } of [
  { title: 'an allocation', draft: drafts.costPosting ?? {}, config: {} },
  { title: 'an entry', draft: service, config: {} },
] satisfies readonly { readonly title: string; readonly draft: JsonObject; readonly config: Readonly<Record<string, unknown>> }[])
  test(`the opposite document of ${title} says which one it takes back, and its amount is negative, I8`, async () => {
    const { connection, plant } = start(config);
    const made = await connection.write('costPosting', 'create', draft, { once: onceOf('made') });
    const back = await connection.write('costPosting', 'reverse', { ...draft, reverses: made.id }, { once: onceOf('back'), key: made.id });
    const [first, second] = await Promise.all([made, back].map(async ({ id }) => inward('costPosting', await connection.get('costPosting', id))));
    assert.equal(second?.['reverses'], made.id);
    assert.equal(first?.['reverses'], undefined);
    assert.equal((second?.['amount'] as { minor: number }).minor, -(first?.['amount'] as { minor: number }).minor);
    assert.deepEqual(second?.['account'], first?.['account']);
    assert.deepEqual(plant.twin.world.check(), []);
  });

test('a list of cost postings from a day on leaves out what was posted before, in both sources', async () => {
  const { connection } = start();
  for (const [day, name] of [
    ['2026-02-27', 'old'],
    ['2026-03-10', 'new'],
  ] as const) {
    await connection.write('costPosting', 'create', { ...drafts.costPosting, PostingDate: day }, { once: onceOf(`labour ${name}`) });
    await connection.write('costPosting', 'create', { ...service, PostingDate: day }, { once: onceOf(`service ${name}`) });
  }
  const days = (await listed(connection, 'costPosting', { postedFrom: '2026-03-10' })).map(({ postedOn }) => postedOn);
  assert.deepEqual(days, ['2026-03-10', '2026-03-10']);
  assert.equal((await listed(connection, 'costPosting')).length, 7);
});

test('a connection that only posts entries lists no allocations, and one without either says what is missing', async () => {
  const journal = { companyCodes: { 2100: { currency: 'EUR', labour: { by: 'journal', costCentre: '21009000', debit: '61008000', credit: '94308000' } } } };
  const { connection } = start(journal);
  await connection.write('costPosting', 'create', { ...drafts.costPosting, amount: '77.63' }, { once: onceOf('by journal') });
  const kinds = (await listed(connection, 'costPosting')).map(({ kind, postedBy }) => `${String(kind)} of ${String(postedBy)}`);
  // The account that is relieved says labour: the clerk's entry relieves the same one.
  assert.deepEqual(kinds, ['labour of CLERK', 'labour of LINCHPIN']);
  const fault = await faultOf(start({ ...journal, journal: undefined }).connection.list('costPosting', { limit: 5 }));
  assert.equal(fault.kind, 'misconfigured');
});

for (const key of ['1/2026', '100000001/2026/9999', '100000001', 'x/2026', '1/2/3/4'])
  test(`there is no cost posting ${key}`, async () => {
    assert.equal((await faultOf(start().connection.get('costPosting', key))).kind, 'missing');
  });

test('accounts of the chart are read with their names, kind and whether they may be posted to, 000-27', async () => {
  const { connection, plant } = start();
  plant.twin.world.organisation.blockGlAccount('61008000', plant.clock.now());
  const all = await listed(connection, 'glAccount', { limit: 7 });
  assert.equal(all.length, plant.count('glAccount'));
  assert.deepEqual(
    all.find(({ code }) => code === '61008000'),
    { code: '61008000', name: 'Purchased services', active: true, chart: 'YCOA', kind: 'expense', locked: true, changedAt: '2026-03-09T08:00:00.000Z' },
  );
  assert.equal(all.find(({ code }) => code === '13100000')?.['kind'], 'balance');
  assert.equal(inward('glAccount', await connection.get('glAccount', '0061008000'))['code'], '61008000');
  const refused = await faultOf(connection.write('costPosting', 'create', service, { once: onceOf('blocked') }));
  assert.equal(refused.kind, 'rejected');
  assert.match(refused.message, /61008000.*blocked for posting/);
  assert.equal((await faultOf(start({ chartOfAccounts: undefined }).connection.list('glAccount', { limit: 5 }))).kind, 'misconfigured');
});

test('a depreciation schedule shows what is planned and what was posted by period, with the book value, 001-35', async () => {
  const { connection, plant } = start();
  const schedule = inward('depreciationSchedule', await connection.get('depreciationSchedule', '2100/300417/0'));
  const rows = schedule['rows'] as Record<string, { minor: number } | string | undefined>[];
  assert.equal(schedule['fixedAsset'], 'fixedAsset:2100/300417/0');
  assert.deepEqual(
    rows.map(({ period }) => period),
    Array.from({ length: 12 }, (_, month) => `2026-${String(month + 1).padStart(3, '0')}`),
  );
  const euro = (minor: number): JsonObject => ({ minor, currency: 'EUR' });
  assert.deepEqual(rows[1], { period: '2026-002', amount: euro(10_000), posted: euro(10_000), accumulated: euro(20_000), bookValue: euro(1_180_000) });
  assert.deepEqual(rows[2], { period: '2026-003', amount: euro(10_000), accumulated: euro(30_000), bookValue: euro(1_170_000) });
  plant.twin.world.assets.runDepreciation('2100', '2026', '3');
  const [, , third] = inward('depreciationSchedule', await connection.get('depreciationSchedule', '2100/300417/0'))['rows'] as Record<string, unknown>[];
  assert.deepEqual(third?.['posted'], euro(10_000));
});

test('what was planned for an asset ends with its disposal, and what was posted stays', async () => {
  const { connection } = start();
  await connection.write('assetDisposal', 'create', { fixedAsset: '2100/300418/0', PostingDate: '2026-03-09' }, { once: onceOf('disposal') });
  const rows = inward('depreciationSchedule', await connection.get('depreciationSchedule', '2100/300418/0'))['rows'] as Record<string, unknown>[];
  assert.deepEqual(
    rows.map(({ period, posted }) => [period, posted !== undefined]),
    [
      ['2026-001', true],
      ['2026-002', true],
    ],
  );
});

test("depreciation needs the customer's own service, and says so; an asset that nobody has is missing", async () => {
  assert.match((await faultOf(start({ assetDepreciation: undefined }).connection.list('depreciationSchedule', { limit: 5 }))).message, /assetDepreciation/);
  assert.match((await faultOf(start({ fixedAsset: undefined }).connection.list('depreciationSchedule', { limit: 5 }))).message, /depreciation area/);
  assert.equal((await faultOf(start().connection.get('depreciationSchedule', '2100/999999/0'))).kind, 'missing');
});

test('scrap is a goods movement 551 with its reason and cost centre, valued by SAP, and taken back by 552, 000-37, I8', async () => {
  const { connection, plant } = start();
  const made = await connection.write('scrapPosting', 'create', { ...drafts.scrapPosting, GoodsMovementReasonCode: '3' }, { once: onceOf('scrap') });
  assert.deepEqual(made.data?.['value'], { minor: 1250, currency: 'EUR' });
  assert.equal((await connection.trace('scrapPosting', 'create', onceOf('scrap'), {}))?.id, made.id);
  const record = inward('scrapPosting', await connection.get('scrapPosting', made.id));
  assert.deepEqual(
    [record['reason'], record['direction'], record['account'], record['reference'], record['value']],
    ['3', 'out', { costCentre: 'costCentre:21004310', glAccount: '51700000' }, onceOf('scrap').reference, { minor: 1250, currency: 'EUR' }],
  );
  const back = await connection.write('scrapPosting', 'reverse', { PostingDate: '2026-03-09', reverses: made.id }, { once: onceOf('back'), key: made.id });
  const opposite = inward('scrapPosting', await connection.get('scrapPosting', back.id));
  assert.deepEqual([opposite['reverses'], opposite['direction']], [made.id, 'in']);
  assert.equal((await connection.trace('scrapPosting', 'reverse', onceOf('back'), { reverses: made.id }))?.id, back.id);
  assert.equal((await faultOf(connection.get('goodsIssue', made.id))).kind, 'missing', 'scrap is no goods issue');
  assert.deepEqual(plant.twin.world.check(), []);
});

const refusedScrap: readonly { readonly title: string; readonly draft: JsonObject; readonly says: RegExp }[] = [
  { title: 'no cost centre', draft: { ...drafts.scrapPosting, account: { order: '4000871' } }, says: /cost centre/ },
  { title: 'no account at all', draft: { ...drafts.scrapPosting, account: {} }, says: /cost centre/ },
  { title: 'the other direction', draft: { ...drafts.scrapPosting, direction: 'in' }, says: /reversing/ },
  { title: 'a negative quantity', draft: { ...drafts.scrapPosting, QuantityInEntryUnit: '-1' }, says: /negative/ },
  { title: 'more than is there', draft: { ...drafts.scrapPosting, QuantityInEntryUnit: '99999' }, says: /Deficit/ },
  { title: 'an unknown part', draft: { ...drafts.scrapPosting, Material: 'NOTHING' }, says: /NOTHING/ },
  { title: 'an unknown unit', draft: { ...drafts.scrapPosting, EntryUnit: 'ZZ' }, says: /ZZ/ },
  { title: 'no day', draft: { ...drafts.scrapPosting, PostingDate: '' }, says: /PostingDate/ },
];
for (const { title, draft, says } of refusedScrap)
  test(`scrap with ${title} is rejected and posts nothing`, async () => {
    const { connection, plant } = start();
    const before = plant.count('scrapPosting');
    const fault = await faultOf(connection.write('scrapPosting', 'create', draft, { once: onceOf('refused') }));
    assert.equal(fault.kind, 'rejected', fault.message);
    assert.match(fault.message, says);
    assert.equal(plant.count('scrapPosting'), before);
  });

test('scrap without a reason is refused before it is sent, unless the settings have a standard one', async () => {
  const { connection, plant } = start({ scrapReason: undefined });
  const before = plant.twin.writes.length;
  assert.match((await faultOf(connection.write('scrapPosting', 'create', drafts.scrapPosting ?? {}, { once: onceOf('none') }))).message, /scrapReason/);
  assert.equal(plant.twin.writes.length, before);
});

for (const [service_, kind, draft] of [
  ['JournalEntryCreateRequestConfirmation_In', 'costPosting', service],
  ['CE_FIXEDASSETRETIREMENT_0001', 'assetDisposal', { fixedAsset: '2100/300418/0', PostingDate: '2026-03-09' }],
] as const)
  test(`without the permission for ${service_} a ${kind} is forbidden, S-10`, async () => {
    const { connection, plant } = start();
    plant.restrict?.(s4hana.permissions.map(({ name }) => name).filter((name) => !name.startsWith(`${service_}:`)));
    assert.equal((await faultOf(connection.write(kind, 'create', draft, { once: onceOf('forbidden') }))).kind, 'forbidden');
    plant.restrict?.(s4hana.permissions.map(({ name }) => name));
    await connection.write(kind, 'create', draft, { once: onceOf('allowed') });
  });

test('a storeroom without its place is a fault, and never the end of the list', async () => {
  const { connection } = start({}, 3, (send) => async (request) => {
    const answer = await send(request);
    return request.url.includes('A_ProductStorageLocation') ? { ...answer, body: answer.body.replaceAll('"Plant":"2100"', '"Plant":""') } : answer;
  });
  assert.equal((await faultOf(connection.list('storeroom', { limit: 5 }))).kind, 'drifted');
});

const german = { language: 'DE', unitCodes: { ST: 'PC', STD: 'H', KI: 'BOX' } };

test('units of a German logon are the same units: read, received, issued and allocated', async () => {
  const { connection, plant } = start(german);
  const part = inward('part', await connection.get('part', 'BRG-6205-2RS'));
  assert.deepEqual(part['baseUnit'], { system: 'sap', code: 'PC' });
  assert.deepEqual((part['alternativeUnits'] as { unit: unknown }[])[0]?.unit, { system: 'sap', code: 'BOX' });
  const [level] = await listed(connection, 'stockLevel', { limit: 1 });
  assert.deepEqual((level?.['onHand'] as { unit: unknown }).unit, { system: 'sap', code: 'PC' });
  const issue = await connection.write('goodsIssue', 'create', drafts.goodsIssue ?? {}, { once: onceOf('issue') });
  assert.equal((issue.data?.['lines'] as { unit: string }[])[0]?.unit, 'PC');
  await connection.write('costPosting', 'create', drafts.costPosting ?? {}, { once: onceOf('hours') });
  assert.equal(plant.twin.world.activities.items.all().at(-1)?.['BaseUnit'], 'H', 'the world keeps one code');
  const order = await connection.write('purchaseRequisition', 'create', drafts.purchaseRequisition ?? {}, { once: onceOf('buy') });
  const lines = inward('purchaseRequisition', await connection.get('purchaseRequisition', order.id))['lines'] as { quantity: { unit: unknown } }[];
  assert.deepEqual(lines[0]?.quantity.unit, { system: 'sap', code: 'PC' });
});

test('a German logon without the table refuses what it cannot say, and two codes for one unit are refused at start', async () => {
  const { connection } = start({ language: 'DE' });
  const fault = await faultOf(connection.write('goodsIssue', 'create', drafts.goodsIssue ?? {}, { once: onceOf('issue') }));
  assert.equal(fault.kind, 'rejected');
  assert.match(fault.message, /PC/);
  assert.throws(() => start({ unitCodes: { ST: 'PC', STK: 'PC' } }), { kind: 'misconfigured' });
});

test('material numbers with leading zeros are one part in lists, reads and postings', async () => {
  const { connection, plant } = start();
  assert.equal(inward('part', await connection.get('part', '000000000000001001'))['code'], '1001');
  plant.twin.world.addStock({ material: '1001', plant: '2100', storageLocation: '21A1', quantity: '5' });
  const draft = {
    ...drafts.goodsIssue,
    to_MaterialDocumentItem: [{ Material: '000000000000001001', storeroom: '2100/21A1', QuantityInEntryUnit: '1', EntryUnit: 'PC', direction: 'out' }],
  };
  const { id } = await connection.write('goodsIssue', 'create', draft, { once: onceOf('zeros') });
  assert.equal((inward('goodsIssue', await connection.get('goodsIssue', id))['lines'] as { part: string }[])[0]?.part, 'part:1001');
});

test('a CSRF token that ran out with its session, and a bearer token that ran out, are renewed without a second document', async () => {
  const { plant } = start();
  const oauth = openConnection(s4hana as Connector, {
    name: 'erp',
    config: { ...settings, tokenUrl: `${settings.baseUrl}/sap/bc/sec/oauth2/token` },
    credential: { clientId: 'linchpin-client', clientSecret: 'linchpin-secret' },
    send: sendTo(plant.twin),
    clock: plant.clock,
    rehearsal: false,
  });
  const before = plant.count('goodsIssue');
  for (const [hours, name] of [
    [0, 'first'],
    [1, 'after the session'],
    [13, 'after the token'],
  ] as const) {
    plant.clock.advance(hours * 3_600_000);
    await oauth.write('goodsIssue', 'create', drafts.goodsIssue ?? {}, { once: onceOf(name) });
  }
  assert.equal(plant.count('goodsIssue'), before + 3);
});

test('a line of a requisition that changes between reading and writing is a conflict, and is not overwritten', async () => {
  const { plant } = start();
  const { world } = plant.twin;
  const meddling: Send = (request) => {
    if (request.method === 'PATCH')
      for (const item of world.requisitions.items.all())
        world.requisitions.items.update(item, { RequestedQuantity: '7', LastChangeDateTime: plant.clock.now() + 1000 });
    return sendTo(plant.twin)(request);
  };
  const connection = openConnection(s4hana as Connector, { name: 'erp', config: settings, credential, send: meddling, clock: plant.clock, rehearsal: false });
  const { id } = await connection.write('purchaseRequisition', 'create', drafts.purchaseRequisition ?? {}, { once: onceOf('buy') });
  const change = { _PurchaseRequisitionItem: [{ PurchaseRequisitionItem: '10', DeliveryDate: '2026-04-01' }] };
  assert.equal((await faultOf(connection.write('purchaseRequisition', 'update', change, { once: onceOf('change'), key: id }))).kind, 'conflict');
  assert.equal(world.requisitions.items.by('PurchaseRequisition', id)[0]?.DeliveryDate, '2026-03-12');
});

test('material documents from a day on leave out what was posted before', async () => {
  const { connection } = start();
  const { id } = await connection.write('goodsIssue', 'create', { ...drafts.goodsIssue, PostingDate: '2026-03-10' }, { once: onceOf('later') });
  assert.deepEqual(
    (await listed(connection, 'goodsIssue', { postedFrom: '2026-03-10' })).map(({ number }) => number),
    [id],
  );
});
