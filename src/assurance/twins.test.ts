import assert from 'node:assert/strict';
import test from 'node:test';
import { ManualClock } from '#base/clock';
import { Fault } from '#base/fault';
import { operationReference } from '#base/id';
import { canonicalJson, type JsonObject } from '#base/json';
import { seededRandom } from '#base/random';
import { freshSide, referencesIn } from '#assurance/fresh-side';
import { reconcile } from '#assurance/reconcile';
import type { SectionName, Statement } from '#assurance/statement';
import { statementText } from '#assurance/statement-text';
import { testNow, testOperation, testPlant, type TestPlant } from '#assurance/testing';
import { maintainx } from '#connectors/maintainx/connector';
import { s4hana } from '#connectors/s4hana/connector';
import { credential, sendTo, settings } from '#connectors/s4hana/testing';
import type { Connector } from '#spi/connector';
import { openConnection, type Connection } from '#spi/open';
import type { Send } from '#spi/transport';
import { maintainxTwin } from '#simulators/maintainx/twin';
import { s4hanaTwin } from '#simulators/s4hana/twin';
import { seedPlant } from '#simulators/s4hana/world/seed';

const key = 'a-key-of-the-test-0123456789';
const parts = ['P-1', 'P-2', 'P-3', 'P-4', 'P-5'] as const;
const labels = {
  assets: ['ERP number', 'Cost centre', 'Linchpin reference'],
  locations: ['ERP number', 'Linchpin reference'],
  parts: ['ERP number', 'Unit of measure', 'Auto-request', 'Linchpin reference'],
  vendors: ['ERP number', 'Linchpin reference'],
  workOrders: ['Cost centre'],
  purchaseOrders: ['Linchpin reference'],
} as const;

interface Twins {
  readonly plant: TestPlant;
  readonly erp: Connection;
  readonly cmms: Connection;
  readonly world: ReturnType<typeof s4hanaTwin>['world'];
  /** A request as a person's tool would send it to the maintenance twin. */
  post(path: string, body: JsonObject, method?: string): { readonly id: number };
  readonly partIds: ReadonlyMap<string, number>;
  readonly locationId: number;
  readonly clock: ManualClock;
  /** How many requests the finance twin will answer with: too many. */
  readonly busy: { left: number };
  statement(sections?: readonly SectionName[]): Promise<Statement>;
}

/** Both twins with five parts of ten pieces each and one pump, connected over their protocols. */
async function twins(): Promise<Twins> {
  const clock = new ManualClock(Date.parse('2026-03-09T08:00:00Z'));
  const finance = s4hanaTwin({ clock, random: seededRandom(1), config: { pageSize: 2 } });
  const { world } = finance;
  seedPlant(world, {
    storageLocations: ['21A1'],
    materials: parts.map((material) => ({ material, price: '12.5', stock: '10' })),
    activityRates: { MNT01: '70' },
  });
  world.addEquipment({ Equipment: '10001', EquipmentName: 'Feed pump of line three', MaintenancePlant: '2100', CompanyCode: '2100' });
  const maintenance = maintainxTwin({ clock, random: seededRandom(2), config: { keys: [{ key, userId: 1, organizationIds: [1] }] } });
  const post = (path: string, body: JsonObject, method = 'POST'): { id: number } => {
    const answer = maintenance.handle({
      method,
      url: `/v1${path}`,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body || '{}') as { id: number };
  };
  for (const [entity, names] of Object.entries(labels)) post(`/customfields/${entity}`, { fields: names.map((label) => ({ label, type: 'oneline' })) });
  const locationId = post('/locations', { name: 'Store', extraFields: { 'ERP number': '2100/21A1' } }).id;
  const partIds = new Map(
    parts.map((code) => [
      code as string,
      post('/parts', {
        name: code,
        unitCost: 1250,
        extraFields: { 'ERP number': code, 'Unit of measure': 'PC' },
        locations: [{ locationId, availableQuantity: 10, minimumQuantity: 0 }],
      }).id,
    ]),
  );
  const assetId = post('/assets', { name: 'Feed pump of line three', extraFields: { 'ERP number': '10001' } }).id;

  const plant = await testPlant(0);
  const toMaintenance: Send = ({ method, url, headers, body = '' }) => {
    const { pathname, search } = new URL(url);
    const answer = maintenance.handle({ method, url: pathname + search, headers, body });
    return Promise.resolve({
      status: answer.status,
      headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), String(value)])),
      cookies: [],
      body: answer.body,
    });
  };
  const busy = { left: 0 };
  const toFinance: Send = async (request) => {
    if (busy.left === 0) return sendTo(finance)(request);
    busy.left -= 1;
    const { status, headers, body } = finance.throttleAnswer();
    return { status, headers: headers as Record<string, string>, cookies: [], body };
  };
  const erp = openConnection(s4hana as Connector, { name: 'erp', config: settings, credential, send: toFinance, clock, rehearsal: false });
  const cmms = openConnection(maintainx as Connector, {
    name: 'cmms',
    config: { currency: 'EUR', unitSystem: 'sap' },
    credential: { token: key },
    send: toMaintenance,
    clock,
    rehearsal: false,
  });
  const linked = new Map<string, string>([
    [`asset/cmms/${assetId}`, 'erp.10001'],
    [`storeroom/cmms/${locationId}`, 'erp.2100/21A1'],
    ...[...partIds].map(([code, id]) => [`part/cmms/${id}`, `erp.${code}`] as const),
  ]);
  const fixed = (kind: string, connection: string, externalId: string): string | undefined =>
    kind === 'site' ? '2100' : kind === 'costCentre' ? `erp.${externalId}` : linked.get(`${kind}/${connection}/${externalId}`);
  const connections = [erp, cmms].map((open) => freshSide({ open, store: plant.store, clock, fixed }));
  return {
    plant,
    erp,
    cmms,
    world,
    post,
    partIds,
    locationId,
    clock,
    busy,
    statement: (sections) =>
      reconcile({
        store: plant.store,
        connections,
        sites: [{ code: '2100', maintenance: 'cmms', finance: 'erp' }],
        now: testNow,
        ...(sections ? { sections } : {}),
      }),
  };
}

/** Moves the clock until something is done. */
async function whileTimePasses<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  const state = { done: false };
  const end = (): void => void (state.done = true);
  void work.then(end, end);
  while (!state.done) {
    clock.advance(500);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return work;
}

const found = (statement: Statement): readonly string[] =>
  statement.sections.flatMap(({ name, differences }) => differences.map((difference) => `${name} ${difference.key} ${difference.class}`));

test('two twins with one plant agree over their own protocols, page by page', async () => {
  const { statement } = await twins();
  const said = await statement();
  assert.equal(said.agrees, true, statementText(said));
  assert.deepEqual(
    said.sections.map(({ name, compared }) => [name, compared]),
    [
      ['stock', 5],
      ['orders', 0],
      ['costs', 0],
      ['assets', 1],
    ],
  );
});

test('what is changed inside a twin is found by name', async () => {
  const { statement, world, post, partIds, locationId } = await twins();
  world.addStock({ material: 'P-1', plant: '2100', storageLocation: '21A1', quantity: '2.5' });
  post(`/parts/${partIds.get('P-2') ?? 0}`, { extraFields: { 'ERP number': 'P-2', 'Unit of measure': 'KG' } }, 'PATCH');
  post(`/parts/${partIds.get('P-3') ?? 0}`, { locations: { addedUpdated: [{ locationId, availableQuantity: 4 }] } }, 'PATCH');
  world.addEquipment({ Equipment: '10002', EquipmentName: 'Second pump', MaintenancePlant: '2100', CompanyCode: '2100' });
  assert.deepEqual(found(await statement()), [
    'stock erp.P-2@erp.2100/21A1 unit',
    'stock erp.P-1@erp.2100/21A1 quantity',
    'stock erp.P-3@erp.2100/21A1 quantity',
    'assets erp.10002 missingInMaintenance',
  ]);
});

test('a goods issue that was posted twice under one reference is found in the finance twin, and one that is not there is missing', async () => {
  const { plant, erp, statement } = await twins();
  const lane = 'stock/erp.P-1@erp.2100/21A1';
  const [twice, never] = [`${lane}#stock#issue/workOrder/cmms.1/1/1`, `${lane}#stock#issue/workOrder/cmms.1/2/1`];
  const reference = operationReference(twice);
  const payload = {
    PostingDate: '2026-03-09',
    account: { costCentre: '21004310' },
    to_MaterialDocumentItem: [{ Material: 'P-1', Plant: '2100', storeroom: '2100/21A1', QuantityInEntryUnit: '1', EntryUnit: 'PC', direction: 'out' }],
  };
  const receipts = [
    await erp.write('goodsIssue', 'create', payload, { once: { key: twice, reference } }),
    await erp.write('goodsIssue', 'create', payload, { once: { key: `${twice}!`, reference } }),
  ];
  const draft = {
    workOrder: 'cmms.1',
    account: { costCentre: 'erp.21004310' },
    lines: [{ line: '1', quantity: { value: '1', unit: { system: 'sap', code: 'PC' } }, direction: 'out' }],
  };
  await plant.lane(lane, {
    insertOperations: [
      testOperation(twice, 'erp', 'goodsIssue', { draft, receipt: receipts[0] as unknown as JsonObject }),
      testOperation(never, 'erp', 'goodsIssue', { n: 2, draft, receipt: { id: '4999999999/2026' } }),
    ],
  });
  await plant.lane('workOrder/cmms.1', {
    entries: [
      {
        eventKey: 'begin',
        n: 1,
        workOrder: 'cmms.1',
        costCentre: 'erp.21004310',
        debit: 'settled',
        credit: 'need',
        minor: 1250,
        currency: 'EUR',
        document: `${lane}/1`,
        text: '',
        at: testNow,
      },
    ],
  });
  const said = await statement(['costs']);
  assert.deepEqual(found(said), [`costs ${reference} duplicateDocument`, `costs ${operationReference(never)} missingInFinance`], statementText(said));
  assert.match(statementText(said), /2 documents in erp carry the reference LP/);
});

test('a cost row that stands twice on a work order of the maintenance twin is found by its reference', async () => {
  const { plant, cmms, post, statement } = await twins();
  const order = post('/workorders', { title: 'Replace the seal' }).id;
  const [once, twice] = [`workOrder/cmms.${order}#procurement#cost/requisition/1/10/1`, `workOrder/cmms.${order}#procurement#cost/requisition/1/20/1`];
  const payload = { workOrderId: order, costType: 'OTHER', costPerUnit: 4000, description: 'Seal: order 4500000001' };
  const write = (operation: string): Promise<unknown> =>
    cmms.write('workOrderCost', 'create', payload, { once: { key: operation, reference: operationReference(operation) } });
  for (const operation of [once, twice, twice]) await write(operation);
  await plant.lane(`workOrder/cmms.${order}`, {
    insertOperations: [once, twice].map((operation, index) =>
      testOperation(operation, 'cmms', 'workOrderCost', {
        n: index + 1,
        draft: { workOrder: `cmms.${order}`, amount: { minor: 4000, currency: 'EUR' } },
        receipt: { id: `${order}/${operationReference(operation)}` },
      }),
    ),
  });
  const said = await statement(['costs']);
  assert.deepEqual(found(said), [`costs ${operationReference(twice)} duplicateDocument`], statementText(said));
});

test('a finance system that asks to slow down is asked again after the time it named, and the statement is the same', async () => {
  const { statement, clock, busy } = await twins();
  const calm = canonicalJson(await statement(['stock']));
  busy.left = 2;
  const [before, slow] = [clock.now(), statement(['stock'])];
  assert.equal(canonicalJson(await whileTimePasses(clock, slow)), calm);
  assert.equal(busy.left, 0);
  assert.ok(clock.now() - before >= 4000, 'two answers said: in two seconds');
});

test('a system that stays busy ends the reconciliation with its own words', async () => {
  const { statement, clock, busy } = await twins();
  busy.left = Number.POSITIVE_INFINITY;
  const ended = assert.rejects(statement(['stock']), (error) => error instanceof Fault && error.kind === 'throttled');
  await whileTimePasses(clock, ended);
});

test('references are counted by list: members of one row and a list shown twice count once', () => {
  const [a, b] = [operationReference('a'), operationReference('b')];
  const rows = [{ description: `Seal [${a}]`, note: a }, { description: `Seal [${a}]` }, { description: `x${b}Y` }];
  assert.deepEqual(referencesIn({ rows, costs: { rows }, mark: b }), [a, a, b].sort());
});
