import assert from 'node:assert/strict';
import test from 'node:test';
import * as z from 'zod';
import { ManualClock } from '#base/clock';
import { Fault } from '#base/fault';
import { none } from '#spi/auth';
import { capabilities, defineConnector, recordDef, type Can } from '#spi/connector';
import { depot, depotBench } from '#spi/depot.fixture';
import { documentation } from '#spi/docs';
import { changesBetween, fingerprintLines, fingerprintOf } from '#spi/fingerprint';
import { openConnection } from '#spi/open';
import { rest } from '#spi/rest';

test('capabilities are types as well as data', () => {
  const can: Can<typeof depot> = { part: 'update', goodsIssue: 'create' };
  // @ts-expect-error The depot takes no part back.
  const cannot: Can<typeof depot> = { part: 'reverse', goodsIssue: 'create' };
  // @ts-expect-error The depot has no assets.
  const unknown: Can<typeof depot> = { part: 'get', goodsIssue: 'create', asset: 'get' };
  void [can, cannot, unknown];
  assert.deepEqual(
    capabilities(depot),
    new Map([
      ['part', ['list', 'get', 'create', 'update']],
      ['goodsIssue', ['list', 'get', 'create', 'reverse']],
    ]),
  );
  assert.equal(recordDef(depot, 'asset'), undefined);
});

const Ticket = z.object({ id: z.string() });
const head = {
  name: 'w',
  title: 'W',
  kind: 'generic',
  summary: '',
  sources: [],
  config: z.object({ host: z.string().meta({ title: 'Host' }) }),
  auth: [none()],
  limits: { perMinute: 1, parallel: 1, page: 1 },
  permissions: [],
  transport: rest<{ host: string }>({ base: ({ host }) => host, probe: '/' }),
  fingerprint: async () => [],
} as const;

test('the compiler refuses a misspelt verb, a setting that is not there and a record of another shape', () => {
  const made = defineConnector(head).records((record) => ({
    right: record({
      kind: 'workOrder',
      native: 'T',
      shape: Ticket,
      key: (row) => row.id,
      changes: 'sweep',
      rows: [],
      example: { id: '1' },
      verbs: {
        async get({ config, api }, key) {
          // @ts-expect-error The configuration has no such member.
          void config.hots;
          return Ticket.parse(await api.get(`/${config.host}/${key}`));
        },
      },
    }),
    misspelt: record({
      kind: 'asset',
      native: 'T',
      shape: Ticket,
      key: (row) => row.id,
      changes: 'sweep',
      rows: [],
      example: { id: '1' },
      verbs: {
        // @ts-expect-error There is no verb of this name.
        async lists() {
          return { records: [] };
        },
      },
    }),
    other: record({
      kind: 'vendor',
      native: 'T',
      shape: Ticket,
      key: (row) => row.id,
      changes: 'sweep',
      rows: [],
      // @ts-expect-error The example has another shape.
      example: { id: 1 },
      verbs: {},
    }),
    keyless: record({
      kind: 'part',
      native: 'T',
      shape: Ticket,
      // @ts-expect-error The record has no such member.
      key: (row) => row.nummer,
      changes: 'sweep',
      rows: [],
      example: { id: '1' },
      verbs: {},
    }),
  }));
  assert.equal(Object.keys(made.records).length, 4);
});

const open = (more: Partial<Parameters<typeof openConnection>[1]>) =>
  openConnection(depot, {
    name: 'store',
    config: depotBench.config,
    credential: depotBench.credential,
    send: depotBench.start(1).send,
    clock: new ManualClock(0),
    rehearsal: false,
    ...more,
  });

for (const [name, call, kind] of [
  ['a configuration without an address', () => open({ config: {} }), 'misconfigured'],
  ['a credential that fits no sign-in', () => open({ credential: { password: 'canary-1234' } }), 'misconfigured'],
  [
    'an address without TLS, where no network is given',
    () =>
      openConnection(depot, {
        name: 'store',
        config: { address: 'http://erp.example' },
        credential: depotBench.credential,
        clock: new ManualClock(0),
        rehearsal: false,
      }),
    'misconfigured',
  ],
] as const) {
  test(`${name} is ${kind}, without the credential in the message`, () =>
    assert.throws(call, (error) => error instanceof Fault && error.kind === kind && !error.message.includes('canary')));
}

test('a kind, a verb and a lookup that a connector does not have are misconfigured', async () => {
  const connection = open({});
  const target = { once: { key: 'k', reference: 'LP' } };
  for (const call of [
    connection.list('asset', { limit: 1 }),
    connection.write('part', 'reverse', {}, target),
    connection.trace('part', 'create', target.once, {}),
    connection.get('vendor', '1'),
  ])
    await assert.rejects(call, { name: 'Fault', kind: 'misconfigured' });
});

test('a page is never asked for larger than the connector allows, nor smaller than one', async () => {
  const asked: string[] = [];
  const system = depotBench.start(1);
  const connection = open({ send: (request) => (asked.push(new URL(request.url).searchParams.get('limit') ?? ''), system.send(request)) });
  for (const limit of [10_000, 0, -5, 7]) await connection.list('part', { limit });
  assert.deepEqual(asked, ['50', '1', '1', '7']);
});

test('a fingerprint says in words what changed', () => {
  const before = fingerprintOf(['Order.status: text', 'Order.total: number', 'version: 1']);
  const after = fingerprintOf(['version: 2', 'Order.status: text', 'Order.net: number']);
  assert.deepEqual(changesBetween(before, before), []);
  assert.deepEqual(changesBetween(before, after), ['Order.total is gone (it was number)', 'version was 1 and is 2', 'Order.net is new: number']);
  assert.equal(fingerprintOf(['b: 1', 'a: 1']).hash, fingerprintOf(['a: 1', 'b: 1', 'a: 1']).hash);
});

test('a fingerprint of too many lines is bounded and still notices a change in the rest', () => {
  const lines = Array.from({ length: fingerprintLines + 100 }, (_, index) => `m${String(index).padStart(6, '0')}: text`);
  const changed = lines.with(-1, 'm005099: number');
  assert.equal(fingerprintOf(lines).lines.length, fingerprintLines + 1);
  assert.notEqual(fingerprintOf(lines).hash, fingerprintOf(changed).hash);
});

test('a documentation page shows classes, settings, secrets as such, mappings and the example', () => {
  const page = documentation(depot);
  for (const text of [
    '| part | Item | yes | yes | K | K |',
    '| `address` | Address | required |',
    '| `token` | Access token | secret, required |',
    '| `code` | `sku` | both | finance | required |',
    '"sku": "S-7"',
    '| `changed` | part |',
  ])
    assert.ok(page.includes(text), text);
});
