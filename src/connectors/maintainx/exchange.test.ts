import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';
import { ManualClock } from '#base/clock';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import { holds } from '#mapping/issue';
import type { RecordKind } from '#model/records';
import { recordDef } from '#spi/connector';
import { inwardContext, mappingOf } from '#spi/contract-definition';
import { openConnection, type Connection } from '#spi/open';
import type { HttpRequest } from '#spi/transport';
import { cassettes, type Cassette } from './cassettes.fixture.ts';
import { maintainx } from './connector.ts';

const config = { currency: 'EUR', unitSystem: 'sap' };
const once = { key: 'k1', reference: 'LP00000000000001' };

/** A connection that plays the cassettes, each once, and fails where another request comes. */
function play(tapes: readonly Cassette[], more: JsonObject = {}): { connection: Connection; sent: HttpRequest[]; left: Cassette[] } {
  const left = [...tapes];
  const sent: HttpRequest[] = [];
  const connection = openConnection(maintainx, {
    name: 'cmms',
    config: { ...config, ...more },
    credential: { token: 'key-123456' },
    clock: new ManualClock(Date.parse('2026-02-03T10:12:00Z')),
    rehearsal: false,
    send: async (request) => {
      sent.push(request);
      const { pathname, search } = new URL(request.url);
      const index = left.findIndex((tape) => `${request.method} ${pathname}${search}`.startsWith(tape.request));
      const tape = left[index];
      assert.ok(tape, `nothing is recorded for ${request.method} ${pathname}${search}`);
      left.splice(index, 1);
      if (tape.body !== undefined) assert.deepEqual(JSON.parse(request.body ?? 'null'), tape.body);
      return { status: tape.status, headers: tape.headers ?? {}, cookies: [], body: tape.answer === undefined ? '' : JSON.stringify(tape.answer) };
    },
  });
  return { connection, sent, left };
}

const bench = {
  config,
  credential: {},
  badCredential: {},
  start: () => {
    throw new Error('no system');
  },
  drafts: {},
  changes: {},
};
function inward(kind: RecordKind, native: unknown): Record<string, unknown> {
  const def = recordDef(maintainx, kind);
  assert.ok(def);
  const { record, issues } = mappingOf(maintainx, bench, def).inward(native, inwardContext);
  assert.ok(!holds(issues), issues.map(({ message }) => message).join('; '));
  return record as Record<string, unknown>;
}

test('a completed order is read by exactly two requests and gives issues, labour and services (000-24, 000-25)', async () => {
  const { connection, sent } = play([cassettes.order, cassettes.costs]);
  const order = inward('workOrder', await connection.get('workOrder', '880012'));
  assert.equal(sent.length, 2);
  assert.deepEqual(
    (order['plannedLines'] as { line: string }[]).map(({ line }) => line),
    ['9001@301', '9002@none'],
    'what was planned stays the plan when it was used',
  );
  assert.deepEqual(order['issues'], [
    {
      line: '9001@301',
      part: 'part:9001',
      storeroom: 'storeroom:301',
      quantity: { value: '2', unit: { system: 'part', code: 'base' } },
      usedAt: '2026-02-03T10:11:12.000Z',
    },
    { line: '9002@none', part: 'part:9002', quantity: { value: '1', unit: { system: 'part', code: 'base' } }, usedAt: '2026-02-03T10:11:12.000Z' },
  ]);
  assert.deepEqual(order['labour'], [
    { line: 'time:55', employee: 'employee:55', hours: '1.5', workedOn: '2026-02-03', kind: 'Repair' },
    { line: 'time:55#2', employee: 'employee:55', hours: '0.166667', workedOn: '2026-02-03' },
  ]);
  assert.deepEqual(
    order['services'],
    [{ line: 'expense', text: 'Crane hire', amount: { minor: 12000, currency: 'EUR' } }],
    'rows of the hub itself are left out',
  );
  assert.equal(order['costCentre'], 'costCentre:4100');
  assert.equal(order['number'], '1204');
});

test('the parts of an open order are its plan, with auto-request from the line or the part (000-07)', async () => {
  const order = inward('workOrder', await play([cassettes.openOrder, cassettes.noCosts]).connection.get('workOrder', '880012'));
  assert.deepEqual(order['issues'], []);
  assert.deepEqual(
    (order['plannedLines'] as { part: string; autoRequest?: boolean }[]).map(({ part, autoRequest }) => [part, autoRequest]),
    [
      ['part:9001', true],
      ['part:9002', false],
    ],
  );
});

test('a created order carries the reference in externalData and makes no webhook', async () => {
  const { connection, left } = play([cassettes.createOrder]);
  const receipt = await connection.write(
    'workOrder',
    'create',
    {
      title: 'Replace seal P-101',
      status: 'OPEN',
      priority: 'HIGH',
      partsUsed: [{ partId: 9001, quantityUsed: 2, locationId: 301 }],
      labelled: { costCentre: '4100' },
    },
    { once },
  );
  assert.deepEqual(receipt, { id: '880012' });
  assert.equal(left.length, 0);
});

test('an expense carries its reference and is found again by it', async () => {
  const draft = { workOrderId: 880012, costType: 'OTHER', costPerUnit: 16900, description: 'Parts by ERP' };
  assert.deepEqual(await play([cassettes.addExpense]).connection.write('workOrderCost', 'create', draft, { once }), {
    id: '880012/LP00000000000001',
    data: { row: 4711 },
  });
  assert.equal(await play([cassettes.costs]).connection.trace('workOrderCost', 'create', once, draft), undefined);
  assert.deepEqual(await play([cassettes.costs]).connection.trace('workOrderCost', 'create', { ...once, reference: 'LP0123456789ABCD' }, draft), {
    id: '880012/LP0123456789ABCD',
  });
});

test('a receipt is a total on the row that is there', async () => {
  const { connection, left } = play([cassettes.purchaseOrder, cassettes.receipt]);
  assert.deepEqual(await connection.write('goodsReceipt', 'update', { items: [{ id: '77', locationId: 301, quantityReceived: 4 }] }, { once, key: '5510' }), {
    id: '5510',
    version: '2026-02-05T09:00:00.000Z',
  });
  assert.equal(left.length, 0);
});

for (const [name, items, kind] of [
  ['an item that the order does not have', [{ id: '78', locationId: 301, quantityReceived: 4 }], 'missing'],
  ['a negative total', [{ id: '77', locationId: 301, quantityReceived: -1 }], 'drifted'],
  ['no item', [], 'drifted'],
] as const) {
  test(`a receipt of ${name} is refused before anything is written`, async () => {
    const { connection, sent } = play([cassettes.purchaseOrder]);
    await assert.rejects(connection.write('goodsReceipt', 'update', { items }, { once, key: '5510' }), { name: 'Fault', kind });
    assert.ok(sent.every(({ method }) => method === 'GET'));
  });
}

test('what was received of an order is summed from texts with six places', async () => {
  const order = inward('purchaseOrder', await play([cassettes.purchaseOrder]).connection.get('purchaseOrder', '5510'));
  assert.deepEqual((order['lines'] as { received: string; price: unknown }[])[0], {
    line: '77',
    part: 'part:9001',
    text: 'Mechanical seal 40 mm',
    quantity: { value: '4', unit: { system: 'part', code: 'base' } },
    price: { minor: 8450, currency: 'EUR' },
    received: '3',
  });
});

test('stock is set to an absolute quantity of one location', async () => {
  assert.deepEqual(
    await play([cassettes.stock]).connection.write('stockLevel', 'update', { partId: 9001, locationId: 301, availableQuantity: 10 }, { once, key: '9001@301' }),
    { id: '9001@301', version: '2026-02-05T09:00:00.000Z' },
  );
});

for (const key of ['9001', '9001@', '@301', '9001@301@1', '../9001@301', ''])
  test(`${JSON.stringify(key)} is not the key of a stock level`, async () => {
    const { connection, sent } = play([]);
    await assert.rejects(connection.get('stockLevel', key), { name: 'Fault', kind: 'rejected' });
    assert.equal(sent.length, 0);
  });

test('refused values are named by field, from the list of errors', async () => {
  const error = await play([cassettes.badWrite])
    .connection.write('workOrder', 'create', { title: '' }, { once })
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  assert.ok(error instanceof Fault);
  assert.deepEqual(
    [error.kind, error.detail.fields, error.message],
    [
      'rejected',
      { title: 'must not be empty', 'partsUsed[0].partId': 'unknown part' },
      'POST /workorders answered 400: title: must not be empty; partsUsed[0].partId: unknown part',
    ],
  );
});

test('the other shape of errors, no body, and the seconds until the limit is over', async () => {
  await assert.rejects(play([cassettes.noOrder, cassettes.noCosts]).connection.get('workOrder', '880012'), {
    kind: 'missing',
    message: 'GET /workorders/880012 answered 404: Work order not found',
  });
  await assert.rejects(play([cassettes.badKey]).connection.probe(), { kind: 'unauthorised', message: 'GET /users answered 401' });
  const error = await play([cassettes.tooMany])
    .connection.probe()
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  assert.ok(error instanceof Fault && error.kind === 'throttled' && error.detail.retryAfterMs === 23_000);
});

test('an organisation goes into the header, and only where it is set', async () => {
  const one = play([cassettes.stock], { organization: 12 });
  await one.connection.write('stockLevel', 'update', { availableQuantity: 10 }, { once, key: '9001@301' });
  assert.equal(one.sent[0]?.headers['x-organization-id'], '12');
  const none = play([cassettes.stock]);
  await none.connection.write('stockLevel', 'update', { availableQuantity: 10 }, { once, key: '9001@301' });
  assert.equal(none.sent[0]?.headers['x-organization-id'], undefined);
});

for (const [name, wrong] of [
  ['no currency', { currency: undefined }],
  ['a currency that is none', { currency: 'Euro' }],
  ['no unit system', { unitSystem: undefined }],
  ['an address that is none', { address: 'maintainx' }],
] as const) {
  test(`a configuration with ${name} is refused and names the setting`, () => {
    assert.throws(
      () =>
        openConnection(maintainx, {
          name: 'cmms',
          config: { ...config, ...wrong },
          credential: { token: 'key-123456' },
          clock: new ManualClock(0),
          rehearsal: false,
        }),
      (error) => error instanceof Fault && error.kind === 'misconfigured' && error.message.includes(Object.keys(wrong)[0] ?? ''),
    );
  });
}

for (const [kind, draft, why] of [
  ['workOrder', { title: 'x', status: 'DONE' }, 'created as OPEN'],
  ['asset', { name: 'x', state: 'IGNORE' }, 'ONLINE'],
  ['employee', { firstName: 'a', lastName: 'b', removedFromOrganization: true }, 'has left'],
] as const) {
  test(`${kind}: a state that MaintainX cannot create is refused before anything is sent: ${why}`, async () => {
    const { connection, sent } = play([]);
    await assert.rejects(connection.write(kind, 'create', draft, { once }), { name: 'Fault', kind: 'rejected' });
    assert.equal(sent.length, 0);
  });
}

test('an asset cannot be marked disposed without the custom status', async () => {
  const { connection } = play([{ request: 'GET /v1/assets/41001', status: 200, answer: { asset: { id: 41001, name: 'P' } }, source: 'GET /assets/{id}' }]);
  await assert.rejects(
    connection.write('asset', 'update', { state: 'DISPOSED' }, { once, key: '41001' }),
    (error) => error instanceof Fault && error.kind === 'misconfigured' && error.message.includes('disposedStatusId'),
  );
});

const secret = 'whsec-0123456789';
function hook(type: string, body: unknown, at = Date.parse('2026-02-03T10:12:00Z') / 1000, url = `https://hub.example/hooks/maintainx/${type}`) {
  const text = JSON.stringify(body);
  const sign = (signed: string): string => `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${signed}`).digest('hex')}`;
  return { type, url, body: text, headers: { 'x-maintainx-webhook-body-signature': sign(text), 'x-maintainx-webhook-uri-signature': sign(url) } };
}
const occurredAt = '2026-02-03T10:11:12.000Z';
for (const [type, body, expected] of [
  [
    'WORK_ORDER_STATUS_CHANGE',
    { workOrderId: 880012, orgId: 12, oldStatus: 'IN_PROGRESS', newStatus: 'DONE' },
    [{ kind: 'workOrder', key: '880012', urgency: 0 }],
  ],
  ['WORK_ORDER_CHANGE', { workOrderId: 1, newWorkOrder: { priority: 'HIGH' } }, [{ kind: 'workOrder', key: '1', urgency: 1 }]],
  ['ASSET_STATUS_CHANGE', { assetId: 41001, newStatus: { status: 'IGNORE' } }, [{ kind: 'asset', key: '41001', urgency: 2 }]],
  ['ASSET_STATUS_CHANGE', { assetId: 41001, newStatus: { status: 'OFFLINE' } }, [{ kind: 'asset', key: '41001', urgency: 0 }]],
  [
    'PART_QUANTITY_CHANGE',
    { partId: 9001, quantityDiff: -2, locations: [{ locationId: 301 }, { locationId: 302 }] },
    [
      { kind: 'stockLevel', key: '9001@301', urgency: 0 },
      { kind: 'stockLevel', key: '9001@302', urgency: 0 },
    ],
  ],
  ['PART_QUANTITY_CHANGE', { partId: 9001 }, [{ kind: 'part', key: '9001', urgency: 0 }]],
] as const) {
  test(`${type} ${JSON.stringify(body)} says where to look`, () => {
    const { connection } = play([]);
    const call = hook(type, { ...body, occurredAt });
    connection.verifyHook(call, secret);
    assert.deepEqual(
      connection.notices(call),
      expected.map((notice) => ({ ...notice, at: Date.parse(occurredAt) })),
    );
  });
}

test('a call that was signed for another address is refused, so that it cannot become another type', () => {
  const call = hook('WORK_ORDER_STATUS_CHANGE', { workOrderId: 1, occurredAt });
  assert.throws(() => play([]).connection.verifyHook({ ...call, url: call.url.replace('STATUS_CHANGE', 'DELETE') }, secret), { kind: 'unauthorised' });
});

test('a subscription without a secret in the answer is asked for its secret; one that is gone is not alive', async () => {
  const tape = (request: string, status: number, answer: unknown): Cassette => ({
    request,
    status,
    answer,
    source: 'POST /subscriptions, GET /subscriptions/{id}',
  });
  assert.deepEqual(
    await play([
      tape('POST /v1/subscriptions', 201, { id: 9, status: 'VALID' }),
      tape('GET /v1/subscriptions/9/secret', 200, { secret: 's9' }),
    ]).connection.subscribe('NEW_ASSET', 'https://hub.example/x'),
    { id: '9', secret: 's9' },
  );
  assert.equal(
    await play([tape('GET /v1/subscriptions/9', 200, { subscription: { id: 9, type: 'NEW_ASSET', url: 'x', status: 'VALID' } })]).connection.alive('9'),
    true,
  );
  assert.equal(await play([tape('GET /v1/subscriptions/9', 404, { error: 'gone' })]).connection.alive('9'), false);
  for (const [type, url] of [
    ['COFFEE', 'https://hub.example/x'],
    ['NEW_ASSET', `https://hub.example/${'x'.repeat(500)}`],
  ] as const)
    await assert.rejects(play([]).connection.subscribe(type, url), { kind: 'misconfigured' });
});
