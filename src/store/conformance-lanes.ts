import assert from 'node:assert/strict';
import { byW1, decision, event, lease, leaseMs, noon, operation, play, type Case } from '#store/conformance-rows';
import { eventsPerClaim, type Store } from '#store/port';

const [L1, L2, L3] = ['workOrder/1', 'workOrder/2', 'workOrder/3'] as const;
const claimAll = { worker: 'w1', now: noon, leaseMs, limit: 100 };

/** Accepting, claiming, fencing and releasing. */
export const laneCases: readonly Case[] = [
  [
    'an accepted event is read back with its number, state and time of receipt',
    async (store) => {
      const sent = event(L1, 'e1', { urgency: 1, data: { a: [1, null, 'x'], b: { c: true } } });
      const { outcomes, seqs, work } = await store.accept([sent], { now: noon });
      assert.deepEqual([outcomes, seqs, work], [['accepted'], [1], []]);
      assert.deepEqual(await store.read.listEvents({ lane: L1, limit: 10 }), [
        { ...sent, seq: 1, receivedAt: noon, state: 'pending', reason: '', settledAt: null },
      ]);
    },
  ],
  [
    'an event that was ever accepted is a duplicate for ever, also after it was settled, also within one call',
    async (store) => {
      await store.accept([event(L1, 'e1'), event(L1, 'e1', { version: '2' })], { now: noon });
      await play(store, L1, { settle: [{ key: 'e1', state: 'applied', reason: 'done' }] });
      const again = await store.accept([event(L1, 'e1'), event(L1, 'e2'), event(L2, 'e1')], { now: noon + 90 * 86_400_000 });
      assert.deepEqual(
        [again.outcomes, again.seqs],
        [
          ['duplicate', 'accepted', 'accepted'],
          [undefined, 2, 1],
        ],
      );
      assert.deepEqual(
        (await store.read.listEvents({ lane: L1, limit: 10 })).map(({ key, version, state }) => [key, version, state]),
        [
          ['e1', '1', 'applied'],
          ['e2', '1', 'pending'],
        ],
      );
    },
  ],
  [
    'a duplicate does not wake its lane',
    async (store) => {
      await store.accept([event(L1, 'e1')], { now: noon });
      await play(store, L1, { settle: [{ key: 'e1', state: 'applied', reason: '' }] });
      const again = await store.accept([event(L1, 'e1')], { now: noon + 5, claim: { worker: 'w1', leaseMs } });
      assert.deepEqual([again.work, (await store.read.lane(L1))?.dueAt], [[], null]);
    },
  ],
  [
    'many callers at once get numbers without gaps, in the order of each caller',
    async (store) => {
      const calls = Array.from({ length: 20 }, (_, i) => store.accept([event(L1, `a${i}`), event(L2, `b${i}`), event(L1, `c${i}`)], { now: noon }));
      const results = await Promise.all(calls);
      const rows = await store.read.listEvents({ lane: L1, limit: 100 });
      assert.deepEqual(
        rows.map((row) => row.seq),
        Array.from({ length: 40 }, (_, i) => i + 1),
      );
      results.forEach(({ seqs: [first = 0, , second = 0] }, i) => {
        assert.ok(second > first);
        assert.deepEqual([rows[first - 1]?.key, rows[second - 1]?.key], [`a${i}`, `c${i}`]);
      });
    },
  ],
  [
    'of many callers with the same event one is told that it was accepted',
    async (store) => {
      const results = await Promise.all(Array.from({ length: 12 }, () => store.accept([event(L1, 'e1')], { now: noon })));
      assert.equal(results.filter(({ outcomes }) => outcomes[0] === 'accepted').length, 1);
    },
  ],
  [
    'a bad event refuses its own call and no other',
    async (store) => {
      const [bad, good] = await Promise.allSettled([
        store.accept([event(L2, 'e0'), event('nolane', 'e1')], { now: noon }),
        store.accept([event(L1, 'e1')], { now: noon }),
      ]);
      assert.deepEqual([bad.status, good.status], ['rejected', 'fulfilled']);
      assert.deepEqual(
        (await store.read.listLanes({ limit: 10 })).map(({ lane }) => lane),
        [L1],
      );
    },
  ],
  [
    'accept leases lanes that nobody holds and answers their work',
    async (store) => {
      await lease(store, L1);
      const { work } = await store.accept([event(L1, 'e2'), event(L2, 'e1')], { now: noon, claim: { worker: 'w2', leaseMs } });
      assert.deepEqual(
        work.map(({ lane, kind, epoch, takenOver, events }) => [lane, kind, epoch, takenOver, events.map(({ key }) => key)]),
        [[L2, 'workOrder', 1, false, ['e1']]],
      );
    },
  ],
  [
    'lanes are claimed most urgent first, then longest due, up to the limit',
    async (store) => {
      await store.accept([event('a/1', 'e', { urgency: 0 })], { now: noon - 50 });
      await store.accept([event('a/2', 'e', { urgency: 1 })], { now: noon - 10 });
      await store.accept([event('a/3', 'e', { urgency: 1 })], { now: noon - 20 });
      await store.accept([event('a/4', 'e', { urgency: 2 })], { now: noon });
      await store.accept([event('a/5', 'e', { urgency: 0 })], { now: noon - 60 });
      assert.deepEqual(lanesOf(await store.claim({ ...claimAll, limit: 4 })), ['a/4', 'a/3', 'a/2', 'a/5']);
      assert.deepEqual(lanesOf(await store.claim(claimAll)), ['a/1']);
      assert.deepEqual(await store.claim(claimAll), []);
    },
  ],
  [
    'a lane is not claimed before it is due',
    async (store) => {
      await play(store, L1, { settle: [{ key: 'e1', state: 'waiting', reason: '' }], release: { dueAt: noon + 100, urgency: 2 } });
      assert.deepEqual(await store.claim({ ...claimAll, now: noon + 99 }), []);
      assert.deepEqual(lanesOf(await store.claim({ ...claimAll, now: noon + 100 })), [L1]);
    },
  ],
  [
    'a lane released without a due time sleeps until something arrives, and then has the urgency of what arrived',
    async (store) => {
      await play(store, L1, { settle: [{ key: 'e1', state: 'applied', reason: '' }], release: { dueAt: null, urgency: 2 } });
      assert.deepEqual(await store.claim({ ...claimAll, now: noon + 1e9 }), []);
      await store.accept([event(L1, 'e2', { urgency: 0 }), event(L2, 'e1', { urgency: 1 })], { now: noon + 5 });
      assert.deepEqual(lanesOf(await store.claim({ ...claimAll, now: noon + 5 })), [L2, L1]);
    },
  ],
  [
    'an event makes a lane due that was to sleep longer',
    async (store) => {
      await play(store, L1, { settle: [{ key: 'e1', state: 'waiting', reason: '' }], release: { dueAt: noon + 9_999, urgency: 0 } });
      await store.accept([event(L1, 'e2')], { now: noon + 7 });
      assert.equal((await store.read.lane(L1))?.dueAt, noon + 7);
    },
  ],
  [
    'a lease that ran out may be taken over: the claimer is told, the epoch rises, and the stalled worker cannot commit (R-23)',
    async (store) => {
      const stalled = await lease(store, L1);
      assert.deepEqual(await store.claim({ ...claimAll, worker: 'w2', now: noon + leaseMs }), []);
      const [taken] = await store.claim({ ...claimAll, worker: 'w2', now: noon + leaseMs + 1 });
      assert.deepEqual([taken?.lane, taken?.takenOver, taken?.epoch], [L1, true, stalled.epoch + 1]);
      const late = await store.commit([{ lane: L1, epoch: stalled.epoch, settle: [{ key: 'e1', state: 'applied', reason: 'late' }] }], byW1);
      assert.deepEqual(late, [{ lane: L1, kept: false, arrived: [] }]);
      assert.equal((await store.read.listEvents({ lane: L1, limit: 1 }))[0]?.state, 'pending');
    },
  ],
  [
    'a worker cannot commit with the epoch of another, nor to a lane that does not exist or was released',
    async (store) => {
      const { epoch } = await lease(store, L1);
      const steps = [
        { lane: L1, epoch },
        { lane: 'a/none', epoch: 1 },
      ];
      assert.deepEqual(
        (await store.commit(steps, { ...byW1, worker: 'w2' })).map(({ kept }) => kept),
        [false, false],
      );
      assert.deepEqual(
        (await store.commit([{ lane: L1, epoch, release: { dueAt: noon, urgency: 0 } }], byW1)).map(({ kept }) => kept),
        [true],
      );
      assert.deepEqual(
        (await store.commit([{ lane: L1, epoch, state: { x: 1 } }], byW1)).map(({ kept }) => kept),
        [false],
      );
      assert.deepEqual((await store.read.lane(L1))?.state, {});
    },
  ],
  [
    'a stalled call of a worker cannot commit after the same worker took the lane again',
    async (store) => {
      const { epoch } = await lease(store, L1);
      await store.claim({ ...claimAll, now: noon + leaseMs + 1 });
      assert.deepEqual(
        (
          await store.commit(
            [
              { lane: L1, epoch, state: { late: true } },
              { lane: L1, epoch: epoch + 1, state: { late: false } },
            ],
            byW1,
          )
        ).map(({ kept }) => kept),
        [false, true],
      );
      assert.deepEqual((await store.read.lane(L1))?.state, { late: false });
    },
  ],
  [
    'a renewed lease is not taken over; a lost one is not renewed',
    async (store) => {
      const [one, two] = [await lease(store, L1), await lease(store, L2)];
      assert.deepEqual(
        await store.renew(
          'w1',
          [
            { lane: L1, epoch: one.epoch },
            { lane: L2, epoch: two.epoch + 1 },
            { lane: 'a/none', epoch: 1 },
          ],
          noon + 2 * leaseMs,
        ),
        [L1],
      );
      assert.deepEqual(lanesOf(await store.claim({ ...claimAll, worker: 'w2', now: noon + leaseMs + 1 })), [L2]);
      assert.deepEqual(await store.renew('w1', [{ lane: L2, epoch: two.epoch }], noon + 3 * leaseMs), []);
      assert.deepEqual(
        lanesOf(await store.claim({ ...claimAll, worker: 'w2', now: noon + 2 * leaseMs + 1 })).filter((lane) => lane === L1),
        [L1],
      );
    },
  ],
  [
    'abandoned lanes are due at once and say that a holder was lost, once',
    async (store) => {
      await lease(store, L1);
      await store.commit([{ lane: L1, epoch: 1, insertOperations: [operation(L1, 'op', { state: 'sending' })] }], byW1);
      assert.equal(await store.abandon('w2', noon), 0);
      assert.equal(await store.abandon('w1', noon), 1);
      const [taken] = await store.claim({ ...claimAll, worker: 'w2' });
      assert.deepEqual([taken?.takenOver, taken?.operations.map(({ key, state }) => [key, state])], [true, [['op', 'sending']]]);
      await store.commit([{ lane: L1, epoch: 2, release: { dueAt: noon, urgency: 0 } }], { ...byW1, worker: 'w2' });
      assert.deepEqual(
        (await store.claim(claimAll)).map(({ takenOver }) => takenOver),
        [false],
      );
    },
  ],
  [
    'one lane is leased by name whatever its due time, unless it is held or does not exist',
    async (store) => {
      await play(store, L1, { settle: [{ key: 'e1', state: 'held', reason: 'no cost centre' }] });
      const ask = { worker: 'w1', now: noon, leaseMs };
      const taken = await store.claimLane(L1, ask);
      assert.deepEqual([taken?.held.map(({ key, reason }) => [key, reason]), taken?.events], [[['e1', 'no cost centre']], []]);
      assert.equal(await store.claimLane(L1, { ...ask, worker: 'w2' }), undefined);
      assert.equal(await store.claimLane('a/none', ask), undefined);
      assert.equal((await store.claimLane(L1, { ...ask, worker: 'w2', now: noon + leaseMs + 1 }))?.takenOver, true);
    },
  ],
  [
    'events that arrive while a lane is held are reported once with the next step',
    async (store) => {
      const { epoch } = await lease(store, L1);
      await store.accept([event(L1, 'e2'), event(L1, 'e3')], { now: noon });
      const step = { lane: L1, epoch };
      const arrived = async () => (await store.commit([step], byW1))[0]?.arrived.map(({ key, seq }) => [key, seq]);
      assert.deepEqual(await arrived(), [
        ['e2', 2],
        ['e3', 3],
      ]);
      assert.deepEqual(await arrived(), []);
    },
  ],
  [
    'a lane released while unseen events wait is due at once, with their urgency',
    async (store) => {
      const { epoch } = await lease(store, L1);
      await store.accept([event(L1, 'e2', { urgency: 2 })], { now: noon });
      const [result] = await store.commit([{ lane: L1, epoch, release: { dueAt: noon + 9_999, urgency: 0 } }], { ...byW1, now: noon + 3 });
      assert.deepEqual(result, { lane: L1, kept: true, arrived: [] });
      await store.accept([event(L2, 'e1', { urgency: 1 })], { now: noon });
      const work = await store.claim({ ...claimAll, now: noon + 3 });
      assert.deepEqual(
        work.map(({ lane, events }) => [lane, events.map(({ key }) => key)]),
        [
          [L1, ['e1', 'e2']],
          [L2, ['e1']],
        ],
      );
    },
  ],
  [
    'undecided events that were seen do not wake a released lane',
    async (store) => {
      const { epoch } = await lease(store, L1);
      await store.commit([{ lane: L1, epoch, release: { dueAt: noon + 10, urgency: 0 } }], byW1);
      assert.equal((await store.read.lane(L1))?.dueAt, noon + 10);
    },
  ],
  [
    'a claim loads the first undecided events; the rest make the lane due again',
    async (store) => {
      const keys = Array.from({ length: eventsPerClaim + 10 }, (_, i) => `e${i}`);
      await store.accept(
        keys.map((key) => event(L1, key)),
        { now: noon },
      );
      const [first] = await store.claim(claimAll);
      assert.deepEqual(
        first?.events.map(({ key }) => key),
        keys.slice(0, eventsPerClaim),
      );
      await store.commit(
        [
          {
            lane: L1,
            epoch: 1,
            settle: keys.slice(0, eventsPerClaim).map((key) => ({ key, state: 'applied' as const, reason: '' })),
            release: { dueAt: null, urgency: 0 },
          },
        ],
        byW1,
      );
      const [second] = await store.claim(claimAll);
      assert.deepEqual(
        second?.events.map(({ key }) => key),
        keys.slice(eventsPerClaim),
      );
    },
  ],
  [
    'while the lane is held, the rest is reported as arrived',
    async (store) => {
      await store.accept(
        Array.from({ length: eventsPerClaim * 2 + 5 }, (_, i) => event(L1, `e${i}`)),
        { now: noon },
      );
      await store.claim(claimAll);
      const counts = [];
      for (let i = 0; i < 3; i++) counts.push((await store.commit([{ lane: L1, epoch: 1 }], byW1))[0]?.arrived.length);
      assert.deepEqual(counts, [eventsPerClaim, 5, 0]);
    },
  ],
  [
    'a claim brings back state, held events, open operations in order and expectations',
    async (store) => {
      await store.accept([event(L1, 'e1'), event(L1, 'e2'), event(L1, 'e3')], { now: noon });
      await play(store, L1, {
        state: { stock: { onHand: '12' } },
        settle: [
          { key: 'e1', state: 'held', reason: 'no cost centre' },
          { key: 'e2', state: 'applied', reason: '' },
        ],
        insertOperations: [
          operation(L1, 'b', { n: 2 }),
          operation(L1, 'a', { n: 1 }),
          operation(L1, 'c', { n: 3, state: 'applied', settledAt: noon }),
          operation(L1, 'd', { n: 4, state: 'failed' }),
        ],
        setExpectations: [
          { key: 'x', what: 'receipt', deadline: noon + 2, data: { po: '45' } },
          { key: 'w', what: 'approval', deadline: noon + 1, data: null },
        ],
      });
      const work = await store.claimLane(L1, { worker: 'w1', now: noon, leaseMs });
      assert.deepEqual(work?.state, { stock: { onHand: '12' } });
      assert.deepEqual(
        [work?.held, work?.events].map((rows) => rows?.map(({ key }) => key)),
        [['e1'], ['e3']],
      );
      assert.deepEqual(
        work?.operations.map(({ key }) => key),
        ['a', 'b', 'd'],
      );
      assert.deepEqual(work?.operations[0], operation(L1, 'a', { n: 1 }));
      assert.deepEqual(work?.expectations, [
        { key: 'w', what: 'approval', deadline: noon + 1, data: null },
        { key: 'x', what: 'receipt', deadline: noon + 2, data: { po: '45' } },
      ]);
    },
  ],
  [
    'many steps share a call; several steps of one lane apply in order',
    async (store) => {
      const epochs = [await lease(store, L1), await lease(store, L2), await lease(store, L3)].map(({ epoch }) => epoch);
      const results = await store.commit(
        [L1, L2, L3].flatMap((lane, i) =>
          [1, 2].map((n) => ({ lane, epoch: epochs[i] ?? 0, state: { n }, decisions: [decision({ outputHash: `${lane} ${n}` })] })),
        ),
        byW1,
      );
      assert.ok(results.every(({ kept }) => kept));
      assert.deepEqual(
        (await store.read.listDecisions({ lane: L2, limit: 10 })).map(({ outputHash }) => outputHash),
        [`${L2} 1`, `${L2} 2`],
      );
      assert.deepEqual((await store.read.lane(L3))?.state, { n: 2 });
    },
  ],
  [
    'I1: accepted events are the sum over the states',
    async (store) => {
      await store.accept([event(L1, 'e1'), event(L1, 'e2'), event(L2, 'e1'), event(L2, 'e1')], { now: noon });
      await play(store, L1, {
        settle: [{ key: 'e1', state: 'refused', reason: 'unknown part' }],
        append: [{ event: event(L1, 'born'), state: 'noChange', reason: '' }],
      });
      assert.deepEqual(await store.read.countEvents(), { pending: 2, waiting: 0, held: 0, applied: 0, noChange: 1, superseded: 0, refused: 1, cancelled: 0 });
    },
  ],
  [
    'settled events say when, open ones do not',
    async (store) => {
      await store.accept([event(L1, 'e1'), event(L1, 'e2')], { now: noon - 5 });
      await play(store, L1, {
        settle: [
          { key: 'e1', state: 'waiting', reason: '' },
          { key: 'e2', state: 'superseded', reason: 'newer' },
        ],
      });
      assert.deepEqual(
        (await store.read.listEvents({ lane: L1, limit: 9 })).map(({ settledAt }) => settledAt),
        [null, noon],
      );
    },
  ],
  [
    'appended events get the next numbers after what arrived meanwhile, are not reported back, and may be settled in the same step',
    async (store) => {
      const { epoch } = await lease(store, L1);
      await store.accept([event(L1, 'e2')], { now: noon });
      const append = (['o1', 'e2', 'o2'] as const).map((key) => ({
        event: event(L1, key, { kind: 'operation.outcome' }),
        state: 'pending' as const,
        reason: '',
      }));
      const [result] = await store.commit([{ lane: L1, epoch, append, settle: [{ key: 'o2', state: 'applied', reason: 'at once' }] }], byW1);
      assert.deepEqual(
        result?.arrived.map(({ key }) => key),
        ['e2'],
      );
      assert.deepEqual(
        (await store.read.listEvents({ lane: L1, limit: 9 })).map(({ seq, key, state }) => [seq, key, state]),
        [
          [1, 'e1', 'pending'],
          [2, 'e2', 'pending'],
          [3, 'o1', 'pending'],
          [4, 'o2', 'applied'],
        ],
      );
    },
  ],
];

function lanesOf(work: Awaited<ReturnType<Store['claim']>>): string[] {
  return work.map(({ lane }) => lane);
}
