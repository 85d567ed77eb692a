import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault, type FaultKind } from '#base/fault';
import { memoryStore } from '#store/memory';
import { openSqlite } from '#store/sqlite';
import type { OperationClass } from '#store/port';
import { sendingFlow, testHub, TestTarget, wanted } from '#engine/testing';

const open = (more: Partial<Parameters<typeof testHub>[0]> = {}) => {
  const store = memoryStore();
  const target = new TestTarget('erp');
  return { store, target, ...testHub({ store, target, flows: [sendingFlow], ...more }) };
};

test('an event becomes documents in the target, and ends applied', async () => {
  const { store, target, worker, settle } = open();
  await worker.accept([wanted('a', 1, ['x', 'y'])]);
  await settle();
  assert.deepEqual(target.documents.map(({ body }) => body['document']).sort(), ['x', 'y']);
  const [event] = await store.read.listEvents({ lane: 'thing/a', limit: 10 });
  assert.equal(event?.state, 'applied');
  const decisions = await store.read.listDecisions({ lane: 'thing/a', limit: 10 });
  assert.ok(JSON.stringify(decisions[0]?.reasons).includes('document x is wanted'));
  assert.equal(worker.activeLanes, 0, 'the lane is given back');
});

test('the same event again changes nothing', async () => {
  const { target, worker, settle } = open();
  assert.deepEqual(await worker.accept([wanted('a', 1, ['x'])]), ['accepted']);
  assert.deepEqual(await worker.accept([wanted('a', 1, ['x'])]), ['duplicate']);
  await settle();
  assert.equal(target.documents.length, 1);
});

test('a later version that wants nothing new ends as no change or applied, and says why not', async () => {
  const { store, target, worker, settle } = open();
  await worker.accept([wanted('a', 1, ['x'])]);
  await settle();
  await worker.accept([wanted('a', 2, ['x'])]);
  await settle();
  assert.equal(target.documents.length, 1);
  const decisions = await store.read.listDecisions({ lane: 'thing/a', limit: 10 });
  assert.ok(decisions.some(({ reasons }) => JSON.stringify(reasons).includes('x was sent before')));
});

const lost: readonly {
  readonly class: OperationClass;
  readonly committed: boolean;
  readonly documents: number;
  readonly state: string;
  readonly traces: number;
}[] = [
  { class: 'L', committed: true, documents: 1, state: 'applied', traces: 1 },
  { class: 'L', committed: false, documents: 1, state: 'applied', traces: 2 },
  { class: 'M', committed: true, documents: 1, state: 'failed', traces: 0 },
  { class: 'M', committed: false, documents: 0, state: 'failed', traces: 0 },
];
for (const row of lost) {
  test(`a lost answer of class ${row.class} (${row.committed ? 'committed' : 'not committed'}) leaves ${row.documents} document and the operation ${row.state}`, async () => {
    const { store, target, worker, settle } = open({ class: row.class });
    let first = true;
    target.mishap = () => {
      if (!first) return undefined;
      first = false;
      return { fault: new Fault('uncertain', 'POST /paper got no answer'), committed: row.committed };
    };
    await worker.accept([wanted('a', 1, ['x'])]);
    await settle();
    for (let i = 0; i < 4; i++) await settle(10_000);
    assert.equal(target.documents.length, row.documents);
    assert.equal(target.traces.length, row.traces);
    const [operation] = await store.read.listOperations({ lane: 'thing/a', limit: 10 });
    assert.equal(operation?.state, row.state);
  });
}

const kinds: readonly { readonly kind: FaultKind; readonly after: 'applied' | 'failed' | 'superseded' }[] = [
  { kind: 'unreachable', after: 'applied' },
  { kind: 'throttled', after: 'applied' },
  { kind: 'locked', after: 'applied' },
  { kind: 'rejected', after: 'failed' },
  { kind: 'closed', after: 'failed' },
  { kind: 'forbidden', after: 'failed' },
  { kind: 'unauthorised', after: 'failed' },
  { kind: 'missing', after: 'failed' },
  { kind: 'drifted', after: 'failed' },
  { kind: 'conflict', after: 'superseded' },
];
for (const { kind, after } of kinds) {
  test(`a write that is ${kind} once ends ${after}, and is never sent twice when it must not be`, async () => {
    const { store, target, worker, settle } = open();
    let left = 1;
    target.mishap = () => (left-- > 0 ? { fault: new Fault(kind, 'POST /paper answered'), committed: false } : undefined);
    await worker.accept([wanted('a', 1, ['x'])]);
    await settle();
    for (let i = 0; i < 3; i++) await settle(60_000);
    const [operation] = await store.read.listOperations({ lane: 'thing/a', limit: 10 });
    assert.equal(operation?.state, after);
    assert.equal(target.documents.length, after === 'applied' ? 1 : 0);
    assert.equal(target.writes.length, after === 'applied' ? 2 : 1);
  });
}

test('operations of one chain go out in order, also around a failure', async () => {
  const { target, worker, settle } = open();
  let refuse = true;
  target.mishap = ({ payload }) => (refuse && payload['document'] === 'x' ? { fault: new Fault('locked', 'locked by SMITH'), committed: false } : undefined);
  await worker.accept([wanted('a', 1, ['x', 'y', 'z'], { data: { chain: 'one' } })]);
  await settle();
  assert.equal(target.documents.length, 0, 'y and z wait behind x');
  refuse = false;
  await settle(5000);
  assert.deepEqual(
    target.documents.map(({ body }) => body['document']),
    ['x', 'y', 'z'],
  );
});

test('a poisoned lane holds itself and no other', async () => {
  const { target, worker, settle } = open();
  target.mishap = ({ operation }) => (operation.lane === 'thing/bad' ? { fault: new Fault('rejected', 'no'), committed: false } : undefined);
  await worker.accept([wanted('bad', 1, ['x']), ...Array.from({ length: 50 }, (_, i) => wanted(`good${i}`, 1, ['x']))]);
  await settle();
  assert.equal(target.documents.length, 50);
});

test('a person retries, cancels or says what was found; each act is in the audit log', async () => {
  const { store, target, worker, settle } = open({ class: 'M' });
  target.mishap = () => ({ fault: new Fault('rejected', 'POST /paper answered 400'), committed: false });
  await worker.accept([wanted('a', 1, ['retry', 'cancel', 'found'])]);
  await settle();
  target.mishap = () => undefined;
  const act = async (kind: 'retry' | 'cancel' | 'found', intent: string) => {
    const answer = worker.intervene('thing/a', {
      actor: 'maria',
      kind,
      operation: `thing/a#sending#${intent}`,
      reason: 'checked in the target',
      ...(kind === 'found' ? { receipt: { id: '4711' } } : {}),
    });
    await settle();
    return answer;
  };
  for (const kind of ['retry', 'cancel', 'found'] as const) assert.deepEqual(await act(kind, kind), { ok: true });
  const operations = await store.read.listOperations({ lane: 'thing/a', limit: 10 });
  assert.deepEqual(Object.fromEntries(operations.map(({ key, state }) => [key.split('#')[2], state])), {
    retry: 'applied',
    cancel: 'cancelled',
    found: 'applied',
  });
  const acts = await store.read.findAudit({ kind: 'human', limit: 10 });
  assert.equal(acts.length, 3);
  assert.ok(acts.every(({ actor, body }) => actor === 'maria' && body.includes('checked in the target')));
  assert.equal((await act('retry', 'cancel')).ok, false, 'what is finished cannot be retried');
});

test('a held event is decided again on request and is superseded by a newer version', async () => {
  const { store, target, worker, settle } = open();
  await worker.accept([wanted('a', 1, ['x'], { data: { hold: 'no cost centre on asset P-101' } })]);
  await settle();
  assert.equal((await store.read.countEvents()).held, 1);
  await worker.accept([wanted('a', 2, ['x'])]);
  await settle();
  const counts = await store.read.countEvents();
  assert.equal(counts.superseded, 1);
  assert.equal(target.documents.length, 1);
});

test('conservation: accepted events are the sum over states (I1)', async () => {
  const { store, target, worker, settle } = open();
  target.mishap = ({ operation }) => (operation.lane.endsWith('7') ? { fault: new Fault('rejected', 'no'), committed: false } : undefined);
  await worker.accept(Array.from({ length: 100 }, (_, i) => wanted(String(i), 1, i % 3 === 0 ? [] : ['x'], i % 11 === 0 ? { data: { hold: 'h' } } : {})));
  await settle();
  const counts = await store.read.countEvents();
  const total = Object.values(counts).reduce((a, b) => a + b, 0);
  const rows = await store.read.listEvents({ limit: 1000 });
  assert.equal(total, rows.length);
  assert.equal(rows.filter(({ kind }) => kind === 'thing.snapshot').length, 100);
});

test('a stopped worker that was sending: the next one looks before it sends (class L)', async () => {
  const { store, target, worker, clock } = open();
  let release = () => {};
  target.gate = new Promise((resolve) => (release = resolve));
  await worker.accept([wanted('a', 1, ['x'])]);
  for (let i = 0; i < 5; i++) await worker.turn();
  assert.equal(target.documents.length, 1, 'committed in the target, the answer hangs');
  clock.advance(60_000);
  const other = testHub({ store, target, flows: [sendingFlow], name: 'w2', clock });
  target.gate = undefined;
  await other.settle();
  for (let i = 0; i < 3; i++) await other.settle(10_000);
  assert.equal(target.documents.length, 1);
  assert.equal((await store.read.listOperations({ lane: 'thing/a', limit: 1 }))[0]?.state, 'applied');
  release();
  await new Promise((resolve) => setImmediate(resolve));
  await worker.turn();
  assert.equal(worker.counters.lost + worker.activeLanes >= 0, true);
  const operations = await store.read.listOperations({ lane: 'thing/a', limit: 5 });
  assert.equal(operations.length, 1, 'the stalled worker that woke up changed nothing');
});

test('urgent lanes overtake when the target is busy', async () => {
  const { target, worker, settle } = open();
  await worker.accept([...Array.from({ length: 200 }, (_, i) => wanted(`routine${i}`, 1, ['x'])), wanted('disposal', 1, ['x'], { urgency: 2 })]);
  await settle();
  const position = target.writes.findIndex((key) => key.startsWith('thing/disposal'));
  assert.ok(position < 40, `the disposal went out as number ${position + 1} of 201`);
});

test('shadow decides and sends nothing (I12)', async () => {
  const { store, target, worker, settle } = open({ mode: 'shadow' });
  await worker.accept([wanted('a', 1, ['x'])]);
  await settle();
  assert.equal(target.writes.length, 0);
  const [decision] = await store.read.listDecisions({ lane: 'thing/a', limit: 1 });
  assert.equal(decision?.verdict, 'shadow');
});

test('an operation that cannot be rendered waits as failed, and goes out when the missing number appears', async () => {
  let problem: string | undefined = 'asset cmms.41001 has no number in erp';
  const { store, target, worker, settle } = open({ unprepared: () => problem });
  await worker.accept([wanted('a', 1, ['x'])]);
  await settle();
  assert.equal(target.writes.length, 0);
  const [waiting] = await store.read.listOperations({ lane: 'thing/a', limit: 1 });
  assert.equal(waiting?.state, 'failed');
  assert.ok(JSON.stringify(waiting?.fault).includes('41001'));
  problem = undefined;
  await settle(120_000);
  assert.equal(target.documents.length, 1);
});

test('a late older version does not take the place of a newer one that is held', async () => {
  const { store, worker, settle } = open();
  const at = (day: string, data: object) => ({ data: { changedAt: `2026-01-${day}T00:00:00.000Z`, ...data } });
  await worker.accept([wanted('a', 2, ['x'], at('02', { hold: 'no cost centre' }))]);
  await settle();
  await worker.accept([wanted('a', 1, ['x'], at('01', {}))]);
  await settle();
  const events = await store.read.listEvents({ lane: 'thing/a', limit: 10 });
  assert.deepEqual(
    events.map(({ key, state }) => [key, state]),
    [
      ['src:a@2', 'held'],
      ['src:a@1', 'superseded'],
    ],
  );
});

test('a lane with more waiting snapshots than one step takes is decided to its end', async () => {
  const { store, worker, settle } = open();
  await worker.accept(Array.from({ length: 100 }, (_, i) => wanted('a', i + 1, [`d${i}`])));
  await settle();
  assert.equal((await store.read.countEvents()).pending, 0);
  assert.equal(
    (await store.read.countOperations()).reduce((sum, { count }) => sum + count, 0),
    100,
  );
});

test('events that arrive while their lane is being given back are decided at once, not when a lease ends', async () => {
  const { store, target, worker, settle } = open({ store: openSqlite({ file: ':memory:' }) });
  // The worker turns without a pause while events for one lane arrive at every distance from its steps; the clock stands still, so that no lease ends.
  let arriving = true;
  const turning = (async () => {
    while (arriving) {
      await worker.turn();
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  for (let version = 1; version <= 400; version++) {
    await worker.accept([wanted('a', version, version % 10 === 0 ? [`d${version}`] : [])]);
    for (let tick = 0; tick < version % 7; tick++) await new Promise((resolve) => setImmediate(resolve));
    for (let micro = 0; micro < version % 11; micro++) await Promise.resolve();
  }
  arriving = false;
  await turning;
  await settle();
  const counts = await store.read.countEvents();
  assert.equal(counts.pending, 0, 'nothing waits for a lease to end');
  assert.equal(target.documents.length, 40);
  assert.equal(worker.activeLanes, 0);
  await store.close();
});

test('a lane that is taken up while leases are being renewed is decided at once, not when its lease ends', async () => {
  const inner = memoryStore();
  let during: (() => Promise<void>) | undefined;
  const store: typeof inner = {
    ...inner,
    async renew(worker, lanes, leaseUntil) {
      const kept = await inner.renew(worker, lanes, leaseUntil);
      await during?.();
      return kept;
    },
  };
  const target = new TestTarget('erp');
  const { worker, clock, settle } = testHub({ store, target, flows: [sendingFlow] });
  let open: () => void = () => {};
  target.gate = new Promise((resolve) => {
    open = resolve;
  });
  await worker.accept([wanted('a', 1, ['x'])]);
  for (let turn = 0; turn < 10; turn++) await worker.turn();
  assert.equal(worker.activeLanes, 1, 'a is held while its document is on its way');
  let renewed = 0;
  during = async () => {
    during = undefined;
    renewed += 1;
    await worker.accept([wanted('b', 1, ['y'])]);
  };
  clock.advance(15_000);
  for (let turn = 0; turn < 10; turn++) await worker.turn();
  open();
  await settle();
  assert.equal(renewed, 1, 'the leases were renewed meanwhile');
  assert.deepEqual(target.documents.map(({ body }) => body['document']).sort(), ['x', 'y']);
  assert.equal((await store.read.countEvents()).pending, 0);
});
