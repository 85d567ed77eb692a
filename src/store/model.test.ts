import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { decision, document, entry, event, identity, leaf, leaseMs, noon, operation } from '#store/conformance-rows';
import { memoryStore } from '#store/memory';
import { openPostgres } from '#store/postgres';
import { startPostgres } from '#store/postgres-server';
import { eventStates, type EventState, type LaneWork, type Step, type Store } from '#store/port';
import { openSqlite } from '#store/sqlite';

// Random operations on a database and on the store in memory must answer the same, call by call, and leave the same content.

const server = await startPostgres({ path: process.env['PATH'] ?? '', durable: false });
const url = 'url' in server ? server.url : '';
after(async () => {
  if ('stop' in server) await server.stop();
});

const worker = fc.constantFrom('w1', 'w2');
const lane = fc.integer({ min: 0, max: 3 }).map((n) => `part/${n}`);
const key = fc.integer({ min: 0, max: 7 }).map((n) => `e${n}`);
const urgency = fc.integer({ min: 0, max: 2 });
const state = fc.constantFrom(...(Object.keys(eventStates) as EventState[])); // The keys of the table.
const name = fc.integer({ min: 0, max: 3 }).map(String);

const parts = fc.record(
  {
    state: fc.record({ n: fc.nat(9) }),
    append: fc.array(fc.record({ key, state }), { maxLength: 2 }),
    settle: fc.array(fc.record({ key, state, reason: fc.constantFrom('', 'why') }), { maxLength: 3 }),
    decisions: fc.array(fc.constant(decision()), { maxLength: 2 }),
    insertOperations: fc.array(fc.record({ key: name, state: fc.constantFrom('ready' as const, 'applied' as const), number: fc.option(name) }), {
      maxLength: 2,
    }),
    updateOperations: fc.array(
      fc.record({
        key: name,
        state: fc.constantFrom('sending' as const, 'applied' as const),
        draft: fc.option(fc.constant({ edited: true }), { nil: undefined }),
      }),
      { maxLength: 2 },
    ),
    messages: fc.array(name, { maxLength: 2 }),
    entries: fc.array(fc.record({ n: fc.nat(20), minor: fc.integer() }), { maxLength: 2 }),
    documents: fc.array(fc.record({ id: name, at: fc.nat(3), text: fc.string({ maxLength: 3 }) }), { maxLength: 3 }),
    facts: fc.array(fc.record({ key: name, version: fc.string({ maxLength: 2 }), at: fc.nat(3) }), { maxLength: 3 }),
    dropFacts: fc.array(name, { maxLength: 2 }),
    crosswalk: fc.array(fc.record({ hub: name, external: name, from: fc.nat(9), lasts: fc.option(fc.nat(4)) }), { maxLength: 2 }),
    setExpectations: fc.array(fc.record({ key: name, deadline: fc.nat(9) }), { maxLength: 3 }),
    clearExpectations: fc.array(name, { maxLength: 2 }),
    audit: fc.array(name, { maxLength: 2 }),
    release: fc.record({ dueAt: fc.option(fc.integer({ min: noon, max: noon + 50 })), urgency }),
  },
  { requiredKeys: [] },
);

const command = fc.oneof(
  fc.record({
    do: fc.constant('accept' as const),
    events: fc.array(fc.record({ lane, key, urgency }), { maxLength: 4 }),
    claim: fc.option(worker),
    from: fc.array(name, { maxLength: 2 }),
  }),
  fc.record({ do: fc.constant('claim' as const), worker, wait: fc.constantFrom(0, 0, 10, leaseMs + 1) }),
  fc.record({ do: fc.constant('claimLane' as const), worker, lane }),
  fc.record({ do: fc.constant('renew' as const), worker, lane, late: fc.nat(50) }),
  fc.record({ do: fc.constant('abandon' as const), worker }),
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('commit' as const), worker, steps: fc.array(fc.record({ lane, parts, stale: fc.boolean() }), { maxLength: 3 }) }),
  },
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

/** Runs one command; `epochs` and `now` are what the caller remembers. */
async function run(store: Store, ask: Command, memory: { now: number; epochs: Map<string, number> }): Promise<unknown> {
  const { now } = memory;
  const remember = (work: readonly LaneWork[]): readonly LaneWork[] => {
    for (const row of work) memory.epochs.set(row.lane, row.epoch);
    return work.toSorted((a, b) => (a.lane < b.lane ? -1 : 1));
  };
  switch (ask.do) {
    case 'accept': {
      const options = { now, from: ask.from, ...(ask.claim === null ? {} : { claim: { worker: ask.claim, leaseMs } }) };
      const result = await store.accept(
        ask.events.map((row) => event(row.lane, row.key, { urgency: row.urgency })),
        options,
      );
      return { ...result, work: remember(result.work) };
    }
    case 'claim':
      memory.now += ask.wait;
      return remember(await store.claim({ worker: ask.worker, now: memory.now, leaseMs, limit: 100 }));
    case 'claimLane': {
      const work = await store.claimLane(ask.lane, { worker: ask.worker, now, leaseMs });
      return remember(work ? [work] : []);
    }
    case 'renew':
      return store.renew(ask.worker, [{ lane: ask.lane, epoch: memory.epochs.get(ask.lane) ?? 0 }], now + ask.late);
    case 'abandon':
      return store.abandon(ask.worker, now);
    case 'commit': {
      const steps = ask.steps.map((step) => stepOf(step.lane, (memory.epochs.get(step.lane) ?? 0) - (step.stale ? 1 : 0), step.parts));
      const results = await store.commit(steps, { worker: ask.worker, now, log: 'lanes' });
      return results.map(({ fault, ...result }) => ({ ...result, fault: fault?.kind }));
    }
  }
}

type Parts = typeof parts extends fc.Arbitrary<infer T> ? T : never;

function stepOf(of: string, epoch: number, some: Parts): Step {
  return {
    lane: of,
    epoch,
    ...(some.state && { state: some.state }),
    ...(some.append && { append: some.append.map((row) => ({ event: event(of, row.key), state: row.state, reason: 'born' })) }),
    ...(some.settle && { settle: some.settle }),
    ...(some.decisions && { decisions: some.decisions }),
    ...(some.insertOperations && {
      insertOperations: some.insertOperations.map((row, n) =>
        operation(of, row.key, { n, state: row.state, receipt: row.number === null ? null : { id: row.number } }),
      ),
    }),
    ...(some.updateOperations && {
      updateOperations: some.updateOperations.map(({ draft, ...row }) => ({
        ...row,
        attempts: 1,
        dueAt: noon,
        receipt: null,
        fault: null,
        settledAt: null,
        ...(draft && { draft }),
      })),
    }),
    ...(some.messages && { messages: some.messages.map((id) => ({ id, event: event('part/0', `from ${id}`) })) }),
    ...(some.entries && { entries: some.entries.map((row) => entry(row.n, { minor: row.minor })) }),
    ...(some.documents && { documents: some.documents.map(({ id, ...row }) => document(id, row)) }),
    ...(some.facts && { facts: some.facts.map((row) => ({ ...row, data: row.at })) }),
    ...(some.dropFacts && { dropFacts: some.dropFacts }),
    ...(some.crosswalk && {
      crosswalk: some.crosswalk.map((row) => identity(`h${row.hub}`, `x${row.external}`, row.from, { to: row.lasts === null ? null : row.from + row.lasts })),
    }),
    ...(some.setExpectations && { setExpectations: some.setExpectations.map((row) => ({ ...row, what: 'receipt', data: null })) }),
    ...(some.clearExpectations && { clearExpectations: some.clearExpectations }),
    ...(some.audit && { audit: some.audit.map((subject) => leaf(subject)) }),
    ...(some.release && { release: some.release }),
  };
}

/** Everything that can be read. */
async function contentOf({ read, ...store }: Store): Promise<unknown> {
  const limit = 1_000;
  const lanes = await read.listLanes({ limit });
  const names = ['0', '1', '2', '3'];
  return {
    lanes,
    counts: [await read.countEvents(), await read.countOperations()],
    details: await Promise.all(lanes.map(async (row) => [await read.lane(row.lane), await read.listDecisions({ lane: row.lane, limit })])),
    events: await read.listEvents({ limit }),
    held: await read.listEvents({ state: 'held', limit }),
    operations: await read.listOperations({ limit }),
    documents: await read.listDocuments({ limit }),
    entries: await read.listEntries({ limit }),
    balances: await read.balances({}),
    threads: await Promise.all(names.map((number) => read.findThreads(number, limit))),
    facts: [await read.listFacts({ prefix: '', limit }), [...(await store.facts(names))].sort()],
    identities: await Promise.all(
      names.map(async (id) => [
        await read.crosswalkOf({ kind: 'part', hubId: `h${id}` }),
        await read.crosswalk({ kind: 'part', system: 'erp', externalId: `x${id}`, at: 5 }),
      ]),
    ),
    resolved: [...(await read.resolve(names.map((id) => ({ kind: 'part', system: 'erp', externalId: `x${id}` }))))].sort(),
    audit: [
      await read.auditLogs(),
      leavesByLane(await read.auditLeaves({ log: 'lanes', from: 0, limit })),
      leavesByLane(await read.findAudit({ subject: '1', limit })),
    ],
    outbox: await store.outbox(limit),
  };
}

/** Leaves in the order of their lanes: which of two lanes of one batch comes first is the database's own, the order inside a lane and the absence of gaps are not. */
function leavesByLane(leaves: readonly { readonly lane: string; readonly index: number }[]): unknown {
  const lanes = new Map<string, unknown[]>();
  for (const { index: _index, ...leaf } of leaves) lanes.set(leaf.lane, [...(lanes.get(leaf.lane) ?? []), leaf]);
  return [...lanes].sort(([a], [b]) => (a < b ? -1 : 1));
}

function compared(open: () => Promise<Store>, numRuns: number): Promise<void> {
  return fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 40, size: 'max' }), async (commands) => {
      const [model, real] = [memoryStore(), await open()];
      try {
        const [one, two] = [
          { now: noon, epochs: new Map<string, number>() },
          { now: noon, epochs: new Map<string, number>() },
        ];
        for (const ask of commands) assert.deepEqual(await run(real, ask, two), await run(model, ask, one), `${real.name} answers ${JSON.stringify(ask)}`);
        assert.deepEqual(await contentOf(real), await contentOf(model));
      } finally {
        await real.close();
      }
    }),
    { numRuns, seed: 20_261_120, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false },
  );
}

test('SQLite answers random operations as the store in memory does', () => compared(async () => openSqlite({ file: ':memory:' }), 150));

let schemas = 0;
test('PostgreSQL answers random operations as the store in memory does', { skip: 'reason' in server ? server.reason : false }, () =>
  compared(() => openPostgres({ url, pool: 2, schema: `m${(schemas += 1)}` }), 12),
);
