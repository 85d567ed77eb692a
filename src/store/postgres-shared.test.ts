import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { Fault } from '#base/fault';
import { byW1, event, leaseMs, noon, operation } from '#store/conformance-rows';
import { migrationsOf } from '#store/migrations';
import { openPostgres } from '#store/postgres';
import { connect, migrate } from '#store/postgres-connection';
import { startPostgres } from '#store/postgres-server';
import { eventsPerClaim } from '#store/port';

// What only a shared database can show: several processes (here: several stores with pools of their own) on the same lanes.

const server = await startPostgres({ path: process.env['PATH'] ?? '', durable: false });
const skip = 'reason' in server ? server.reason : false;
const url = 'url' in server ? server.url : '';
after(async () => {
  if ('stop' in server) await server.stop();
});

let schemas = 0;
const freshSchema = (): string => `shared${(schemas += 1)}`;
const lanes = Array.from({ length: 200 }, (_, i) => `part/${i}`);

test('two workers never hold one lane at the same time, and between them claim all', { skip }, async () => {
  const schema = freshSchema();
  const stores = [await openPostgres({ url, schema }), await openPostgres({ url, schema })];
  await stores[0]?.accept(
    lanes.map((lane) => event(lane, 'e1')),
    { now: noon },
  );
  const held: string[] = [];
  await Promise.all(
    stores.flatMap((store, i) =>
      [0, 1].map(async (n) => {
        for (;;) {
          const work = await store.claim({ worker: `w${i}-${n}`, now: noon, leaseMs, limit: 7 });
          if (work.length === 0) return;
          held.push(...work.map(({ lane }) => lane));
        }
      }),
    ),
  );
  assert.deepEqual(held.sort(), lanes.toSorted());
  await Promise.all(stores.map((store) => store.close()));
});

test('two processes accept to the same lanes at once: no gap, no duplicate number, no deadlock', { skip }, async () => {
  const schema = freshSchema();
  const stores = [await openPostgres({ url, schema }), await openPostgres({ url, schema })];
  const calls = Array.from({ length: 40 }, (_, n) =>
    stores[n % 2]?.accept(
      [5, 3, 9, 1, 7].map((i) => event(`part/${(i * (n + 1)) % 10}`, `e${n}-${i}`)),
      { now: noon },
    ),
  );
  await Promise.all(calls);
  const rows = (await stores[0]?.read.listEvents({ limit: 1_000 })) ?? [];
  assert.equal(rows.length, 200);
  for (const [, own] of Map.groupBy(rows, (row) => row.lane))
    assert.deepEqual(
      own.map(({ seq }) => seq),
      own.map((_, i) => i + 1),
    );
  await Promise.all(stores.map((store) => store.close()));
});

test('a claim passes over lanes that another transaction has locked, without waiting', { skip, timeout: 20_000 }, async () => {
  const schema = freshSchema();
  const store = await openPostgres({ url, schema });
  await store.accept([event('part/1', 'e1', { urgency: 2 }), event('part/2', 'e1')], { now: noon });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`BEGIN; SELECT 1 FROM ${schema}.lane WHERE lane = 'part/1' FOR UPDATE`);
  const claim = async () => (await store.claim({ worker: 'w1', now: noon, leaseMs, limit: 10 })).map(({ lane }) => lane);
  assert.deepEqual(await claim(), ['part/2']);
  await client.query('COMMIT');
  assert.deepEqual(await claim(), ['part/1']);
  await Promise.all([client.end(), store.close()]);
});

test('an accepted event wakes the other process, unless its lane was leased on the way', { skip }, async () => {
  const schema = freshSchema();
  const [one, two] = [await openPostgres({ url, schema }), await openPostgres({ url, schema })];
  let heard = 0;
  let woken = Promise.withResolvers<void>();
  const stop = await two.listen(() => {
    heard += 1;
    woken.resolve();
  });
  await one.accept([event('part/1', 'e1')], { now: noon, claim: { worker: 'w1', leaseMs } });
  await one.accept([event('part/2', 'e1')], { now: noon });
  await woken.promise;
  assert.equal(heard, 1);
  woken = Promise.withResolvers<void>();
  await one.abandon('w1', noon);
  await woken.promise;
  await stop();
  await Promise.all([one.close(), two.close()]);
});

test('killed and started again, the server has what it acknowledged, and the store goes on by itself', { skip }, async () => {
  const store = await openPostgres({ url, schema: freshSchema() });
  await store.accept(
    lanes.map((lane) => event(lane, 'e1')),
    { now: noon },
  );
  if ('restart' in server) {
    await server.kill();
    await assert.rejects(store.accept([event('part/1', 'e2')], { now: noon }), (error) => error instanceof Fault && error.kind === 'unreachable');
    await assert.rejects(store.read.countEvents(), (error) => error instanceof Fault && error.kind === 'unreachable');
    await server.restart();
  }
  assert.equal((await store.read.countEvents()).pending, lanes.length);
  assert.deepEqual((await store.accept([event('part/1', 'e2')], { now: noon })).seqs, [2]);
  await store.close();
});

test('a batch is a fixed number of statements, whatever the number of lanes', { skip }, async () => {
  const schema = freshSchema();
  const store = await openPostgres({ url, schema, pool: 2 });
  const statements = async (work: () => Promise<unknown>): Promise<number> => {
    const spy = pg.Client.prototype.query;
    let count = 0;
    pg.Client.prototype.query = function query(this: pg.Client, ...given: unknown[]) {
      count += 1;
      return Reflect.apply(spy, this, given);
    } as typeof spy;
    await work().finally(() => (pg.Client.prototype.query = spy));
    return count;
  };
  const few = await statements(() =>
    store.accept(
      lanes.slice(0, 2).map((lane) => event(lane, 'e1')),
      { now: noon },
    ),
  );
  const many = await statements(() =>
    store.accept(
      lanes.slice(2).map((lane) => event(lane, 'e1')),
      { now: noon },
    ),
  );
  assert.ok(few <= 8 && many === few, `${few} and ${many} statements`);
  const work = await store.claim({ worker: 'w1', now: noon, leaseMs, limit: lanes.length });
  const steps = work.map(({ lane, epoch }) => ({
    lane,
    epoch,
    settle: [{ key: 'e1', state: 'applied' as const, reason: '' }],
    insertOperations: [operation(lane, `op ${lane}`)],
    release: { dueAt: null, urgency: 0 },
  }));
  const committed = await statements(() => store.commit(steps, byW1));
  assert.ok(committed <= 8, `${committed} statements`);
  await store.close();
});

test('with 100,000 lanes waiting a claim reads only what it takes', { skip }, async () => {
  const schema = freshSchema();
  const store = await openPostgres({ url, schema });
  const client = new pg.Client({ connectionString: url, options: `-c search_path=${schema}` });
  await client.connect();
  await client.query(
    "INSERT INTO lane SELECT 'part/' || n, n % 1024, 'part', '{}', 0, NULL, 0, $1::bigint + n, n % 3, 0, 0, 0 FROM generate_series(1, 100000) n",
    [noon - 200_000],
  );
  await client.query('ANALYZE lane');
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(
    'EXPLAIN SELECT lane FROM lane WHERE urgency = 2 AND due_at <= $1 ORDER BY due_at LIMIT 64 FOR UPDATE SKIP LOCKED'.replace('$1', String(noon)),
  );
  assert.match(rows.map((row) => row['QUERY PLAN']).join('\n'), /Index Scan using lane_due/);
  const work = await store.claim({ worker: 'w1', now: noon, leaseMs, limit: eventsPerClaim });
  assert.deepEqual(work.map(({ lane }) => lane).slice(0, 3), ['part/2', 'part/5', 'part/8']);
  await Promise.all([store.close(), client.end()]);
});

test('R-22: a schema change that fails in the middle leaves nothing of itself and the next start completes it; many may start at once', { skip }, async () => {
  const schema = freshSchema();
  const connections = connect({ url, pool: 2, schema });
  const [first, second, ...rest] = migrationsOf('postgres');
  if (!first || !second) throw new Error('two schema changes are needed');
  await assert.rejects(migrate(connections, schema, [first, { ...second, sql: `${second.sql};\nSELECT 1 / 0;\n` }, ...rest]));
  const { rows } = await connections.pool.query<{ number: number; entry: string | null }>("SELECT number, to_regclass('entry') AS entry FROM migration");
  assert.deepEqual(rows, [{ number: 1, entry: null }]);
  await connections.pool.end();
  const stores = await Promise.all([1, 2, 3].map(() => openPostgres({ url, schema })));
  assert.deepEqual((await stores[2]?.accept([event('part/1', 'e1')], { now: noon }))?.seqs, [1]);
  await Promise.all(stores.map((store) => store.close()));
});

test('an address, a password or a database that is wrong is a fault that says which, without the password', { skip }, async () => {
  const right = new URL(url || 'postgres://u:p@127.0.0.1:1/d');
  const wrong = (change: (address: URL) => void): string => {
    const address = new URL(right);
    change(address);
    return address.href;
  };
  const cases = [
    [wrong((address) => (address.password = 'not-the-secret')), 'unauthorised', /refused the user or the password/],
    [wrong((address) => (address.pathname = '/nowhere')), 'misconfigured', /nowhere/],
    [wrong((address) => (address.port = '1')), 'unreachable', /did not answer/],
    ['not a url', 'misconfigured', /postgres:\/\//],
  ] as const;
  for (const [address, kind, says] of cases) {
    await assert.rejects(openPostgres({ url: address }), (error) => {
      assert.ok(error instanceof Fault, String(error));
      assert.deepEqual([error.kind, says.test(error.message), error.message.includes('not-the-secret')], [kind, true, false], error.message);
      return true;
    });
  }
  await assert.rejects(openPostgres({ url, schema: 'drop table; --' }), /lower-case name/);
  await assert.rejects(openPostgres({ url, pool: 1 }), /2 to 100/);
});
