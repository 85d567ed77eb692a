import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { ManualClock } from '#base/clock';
import { Fault } from '#base/fault';
import { bearer } from '#spi/auth';
import type { Bench, BenchSystem } from '#spi/bench';
import { defineConnector, type Once } from '#spi/connector';
import { decode, decodeRows } from '#spi/decode';
import { path, rest, type Rest } from '#spi/rest';
import type { HttpResponse, Send } from '#spi/transport';

/** A small invented system and a connector that keeps every promise: what the planted defects are made from. */
const Item = z.looseObject({
  id: z.int(),
  sku: z.string(),
  title: z.string(),
  unit: z.string(),
  price: z.string(),
  rev: z.string(),
  changed: z.iso.datetime(),
});
const Issue = z.looseObject({
  id: z.int(),
  ref: z.string(),
  day: z.string(),
  sku: z.string(),
  store: z.string(),
  qty: z.string(),
  unit: z.string(),
  changed: z.iso.datetime(),
  back: z.string().optional(),
});
const Envelope = z.looseObject({ rows: z.array(z.unknown()), next: z.string().nullish() });

const list =
  (shape: typeof Item | typeof Issue, of: string) =>
  async ({ api }: { api: Rest }, { since, cursor, limit }: { since?: string; cursor?: string; limit: number }) => {
    const { rows, next } = decode(Envelope, await api.get(of, { from: since, cursor, limit }), `GET ${of}`);
    const { records, drifted } = decodeRows(shape, rows, () => undefined);
    const newest =
      records
        .map(({ changed }) => changed)
        .sort()
        .at(-1) ??
      since ??
      '1970-01-01T00:00:00.000Z';
    return {
      records: records as never[],
      ...(next ? { cursor: next } : {}),
      since: newest > (since ?? '') ? newest : (since ?? newest),
      ...(drifted.length === 0 ? {} : { drifted }),
    };
  };

async function findIssue({ api }: { readonly api: Rest }, once: Once): Promise<{ readonly id: string } | undefined> {
  const { rows } = decode(Envelope, await api.get('/issues', { ref: once.reference, limit: 50 }), 'GET /issues');
  const [found] = decodeRows(Issue, rows, () => undefined).records.filter(({ ref }) => ref === once.reference);
  return found === undefined ? undefined : { id: String(found.id) };
}

export const depot = defineConnector({
  name: 'depot',
  title: 'Depot',
  kind: 'generic',
  summary: 'An invented store system.',
  sources: ['invented'],
  config: z.object({ address: z.url().meta({ title: 'Address' }) }),
  auth: [bearer()],
  limits: { perMinute: 600, parallel: 4, page: 50 },
  permissions: [
    { name: 'storekeeper', why: 'Items are read and written.' },
    { name: 'clerk', why: 'Issues are read and posted.' },
  ],
  transport: rest<{ address: string }>({ base: ({ address }) => address, probe: '/me' }),
  webhooks: {
    types: { changed: 'part' },
    verify(hook, secret, nowMs) {
      const [, seconds = '', given = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(hook.headers['x-signature'] ?? '') ?? [];
      if (secret === '' || seconds === '' || Math.abs(nowMs - Number(seconds) * 1000) > 300_000) throw new Fault('unauthorised', 'no fresh signature');
      if (!timingSafeEqual(createHmac('sha256', secret).update(`${seconds}.${hook.body}`).digest(), Buffer.from(given, 'hex')))
        throw new Fault('unauthorised', 'wrong signature');
    },
    notices(hook) {
      if (hook.type !== 'changed') throw new Fault('drifted', `no type ${hook.type}`);
      let body: unknown;
      try {
        body = JSON.parse(hook.body);
      } catch {
        throw new Fault('drifted', 'no JSON');
      }
      const { item, at } = decode(z.object({ item: z.int(), at: z.iso.datetime() }), body, 'changed');
      return [{ kind: 'part', key: String(item), urgency: 0, at: Date.parse(at) }];
    },
    subscribe: async () => ({ id: '1', secret: 's' }),
    alive: async () => true,
  },
  fingerprint: async ({ api }) => [`version: ${String(((await api.get('/me')) as { version: string }).version)}`],
}).records((record) => ({
  item: record({
    kind: 'part',
    native: 'Item',
    shape: Item,
    key: (row) => String(row.id),
    version: (row) => row.rev,
    changes: 'watermark',
    rows: [
      { ours: 'code', theirs: 'sku', direction: 'both', owner: 'finance', required: true },
      { ours: 'name', theirs: 'title', direction: 'both', owner: 'finance', required: true },
      { ours: 'baseUnit.code', theirs: 'unit', direction: 'both', owner: 'finance', required: true },
      { ours: 'baseUnit.system', theirs: '', via: "constant('rec20')", direction: 'in', owner: 'finance' },
      { ours: 'price', theirs: 'price', via: "amount('EUR')", direction: 'both', owner: 'finance' },
      { ours: 'changedAt', theirs: 'changed', via: 'instant', direction: 'in', owner: 'finance' },
    ],
    example: { id: 7, sku: 'S-7', title: 'Seal', unit: 'C62', price: '12.50', rev: '3', changed: '2026-03-01T08:00:00.000Z' },
    verbs: {
      list: list(Item, '/items'),
      get: async ({ api }, key) => decode(Item, await api.get(path`/items/${key}`), `item ${key}`),
      create: {
        class: 'K',
        how: 'The system recognises the idempotency key.',
        run: async ({ api }, draft, { once }) => ({
          id: String(decode(Item, await api.post('/items', draft, { headers: { 'idempotency-key': once.key } }), 'POST /items').id),
        }),
      },
      update: {
        class: 'K',
        how: 'Members are set to absolute values under if-match.',
        run: async ({ api }, draft, { key = '', seen }) => ({
          id: key,
          version: decode(Item, await api.patch(path`/items/${key}`, draft, seen === undefined ? {} : { headers: { 'if-match': seen } }), `PATCH /items/${key}`)
            .rev,
        }),
      },
    },
  }),
  issue: record({
    kind: 'goodsIssue',
    native: 'Issue',
    shape: Issue,
    key: (row) => String(row.id),
    changes: 'watermark',
    rows: [
      { ours: 'reference', theirs: 'ref', direction: 'both', owner: 'hub' },
      { ours: 'reverses', theirs: 'back', direction: 'in', owner: 'hub' },
      { ours: 'postedOn', theirs: 'day', direction: 'both', owner: 'hub', required: true },
      {
        ours: 'lines',
        theirs: '',
        expression:
          "[{'line': '1', 'part': native.sku, 'storeroom': native.store, 'direction': 'out', 'quantity': {'value': native.qty, 'unit': {'system': 'rec20', 'code': native.unit}}}]",
        direction: 'in',
        owner: 'hub',
      },
    ],
    example: {
      id: 3,
      ref: 'LP00000000000003',
      day: '2026-03-01',
      sku: 'S-7',
      store: 'ST01',
      qty: '2.5',
      unit: 'C62',
      changed: '2026-03-01T08:00:00.000Z',
      back: '2',
    },
    verbs: {
      list: list(Issue, '/issues'),
      get: async ({ api }, key) => decode(Issue, await api.get(path`/issues/${key}`), `issue ${key}`),
      create: {
        class: 'L',
        how: 'The reference stands in the field ref, by which the list is filtered.',
        run: async ({ api }, draft, { once }) => ({
          id: String(decode(Issue, await api.post('/issues', { ...draft, ref: once.reference }), 'POST /issues').id),
        }),
        trace: findIssue,
      },
      reverse: {
        class: 'L',
        how: 'The opposite issue names the original in `back`, and the reference stands in `ref`, by which the list is filtered.',
        run: async ({ api }, _draft, { key = '', once }) => {
          const { day, sku, store, qty, unit } = decode(Issue, await api.get(path`/issues/${key}`), `issue ${key}`);
          const opposite = { day, sku, store, unit, qty: qty.startsWith('-') ? qty.slice(1) : `-${qty}`, back: key, ref: once.reference };
          return { id: String(decode(Issue, await api.post('/issues', opposite), 'POST /issues').id) };
        },
        trace: findIssue,
      },
    },
  }),
}));

type Row = Record<string, unknown> & { id: number; changed: string };

/** The system behind it: newest last, offset cursors over the order of creation. */
function startDepot(count: number, mostPerMinute = Infinity): BenchSystem {
  const clock = new ManualClock(Date.parse('2026-03-01T08:00:00.000Z'));
  const now = (): string => new Date(clock.now()).toISOString();
  const tables: Record<string, Row[]> = { items: [], issues: [] };
  const keys = new Map<string, Row>();
  let next = 1;
  const add = (table: string, row: Record<string, unknown>): Row => {
    const made: Row = {
      unit: 'C62',
      ...(table === 'items' ? { price: '1.00', rev: '1' } : { day: '2026-03-01', sku: 'S-1', store: 'ST01', qty: '1' }),
      ...row,
      id: next++,
      changed: now(),
    };
    tables[table]?.push(made);
    return made;
  };
  const seed = (table: string): Row => add(table, table === 'items' ? { sku: `S-${next}`, title: `Seal ${next}` } : { ref: `old-${next}` });
  for (let i = 0; i < count; i++) for (const table of ['items', 'issues']) seed(table);
  const touch = (row: Row): Row => Object.assign(row, { changed: now(), ...(row['rev'] === undefined ? {} : { rev: String(Number(row['rev']) + 1) }) });
  const reply = (status: number, body: unknown): HttpResponse => ({ status, headers: {}, cookies: [], body: JSON.stringify(body) });

  let spent = { window: 0, requests: 0 };
  /** Absent: everything is allowed. */
  let permitted: readonly string[] | undefined;
  const right: Readonly<Record<string, string>> = { items: 'storekeeper', issues: 'clerk' };
  const send: Send = async ({ method, url, headers, body = '' }) => {
    await Promise.resolve();
    const { pathname, searchParams: query } = new URL(url);
    const window = Math.floor(clock.now() / 60_000);
    if (window !== spent.window) spent = { window, requests: 0 };
    if (++spent.requests > mostPerMinute)
      return { status: 429, headers: { 'retry-after': String(60 - (Math.floor(clock.now() / 1000) % 60)) }, cookies: [], body: '{"error":"slower"}' };
    if (headers['authorization'] !== 'Bearer depot-good-token') return reply(401, { error: 'no' });
    const [, table = '', id] = pathname.split('/').map(decodeURIComponent);
    if (table === 'me') return reply(200, { version: '1' });
    const rows = tables[table];
    if (!rows) return reply(404, { error: 'no such path' });
    if (permitted?.includes(right[table] ?? '') === false) return reply(403, { error: 'not allowed' });
    if (method === 'GET' && id === undefined) {
      const ref = query.get('ref');
      const from = query.get('from') ?? '';
      const all = rows.filter((row) => row.changed >= from && (ref === null || row['ref'] === ref));
      const start = Number(query.get('cursor') ?? 0);
      const end = start + Number(query.get('limit'));
      return reply(200, { rows: all.slice(start, end), next: end < all.length ? String(end) : null });
    }
    const row = rows.find((one) => String(one.id) === id);
    if (method === 'POST') {
      const known = keys.get(headers['idempotency-key'] ?? '');
      const made = known ?? add(table, JSON.parse(body) as Record<string, unknown>);
      if (headers['idempotency-key']) keys.set(headers['idempotency-key'], made);
      return reply(201, made);
    }
    if (!row) return reply(404, { error: `no ${String(id)}` });
    if (method === 'GET') return reply(200, row);
    if (headers['if-match'] !== undefined && headers['if-match'] !== row['rev']) return reply(412, { error: 'changed' });
    return reply(200, touch(Object.assign(row, JSON.parse(body))));
  };

  const tableOf = (kind: string): string => (kind === 'part' ? 'items' : 'issues');
  return {
    send,
    clock,
    count: (kind) => tables[tableOf(kind)]?.length ?? 0,
    touch: (kind, index) => String(touch(tables[tableOf(kind)]?.[index] ?? seed(tableOf(kind))).id),
    add: (kind) => String(seed(tableOf(kind)).id),
    restrict: (permissions) => void (permitted = permissions),
    hook(type, secret) {
      const body = JSON.stringify({ item: 1, at: now() });
      const seconds = Math.floor(clock.now() / 1000);
      return {
        type,
        url: `https://hub.example/hooks/${type}`,
        body,
        headers: { 'x-signature': `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}` },
      };
    },
  };
}

export const depotBench: Bench = {
  config: { address: 'https://depot.example' },
  credential: { token: 'depot-good-token' },
  badCredential: { token: 'canary-7f3a91c2d4' },
  start: (count) => startDepot(count),
  limited: (count) => startDepot(count, 620),
  reversals: { goodsIssue: () => ({}) },
  drafts: {
    part: { sku: 'N-1', title: 'New seal', unit: 'C62', price: '2.50' },
    goodsIssue: { day: '2026-03-02', sku: 'S-1', store: 'ST01', qty: '1', unit: 'C62' },
  },
  changes: { part: { payload: { title: 'Renamed' } } },
};
