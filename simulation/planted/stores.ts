import type { LaneWork, NewEvent, Step, Store } from '#store/port';
import type { PlantedBug } from './bugs.ts';

/** A store that changes every step before it is committed. */
const steps = (change: (step: Step) => Step) => (): { store: (store: Store) => Store } => ({
  store: (store) => ({ ...store, commit: (all, options) => store.commit(all.map(change), options) }),
});

/** Does something to every n-th. */
function everyNth<T>(n: number, change: (value: T) => T): (value: T) => T {
  let count = 0;
  return (value) => (++count % n === 0 ? change(value) : value);
}

/** Lanes come to their worker with their events in reverse. */
const reversed = (work: LaneWork): LaneWork => ({ ...work, events: work.events.toReversed() });

export const storeBugs: readonly PlantedBug[] = [
  {
    name: 'skipDedupe',
    title: 'an event that was accepted before is accepted again',
    surgery: () => {
      const seen = new Map<string, number>();
      const again = (event: NewEvent): NewEvent => {
        const id = `${event.lane}|${event.key}`;
        const count = seen.get(id) ?? 0;
        seen.set(id, count + 1);
        return count === 0 ? event : { ...event, key: `${event.key}#${count}` };
      };
      return { store: (store) => ({ ...store, accept: (events, options) => store.accept(events.map(again), options) }) };
    },
  },
  {
    name: 'loseEvent',
    title: 'an event is called accepted and is not kept',
    surgery: () => {
      let count = 0;
      return {
        store: (store) => ({
          ...store,
          async accept(events, options) {
            const kept = events.filter(() => ++count % 40 !== 0);
            if (kept.length === events.length) return store.accept(events, options);
            const result = await store.accept(kept, options);
            const at = (event: NewEvent): number => kept.indexOf(event);
            return {
              outcomes: events.map((event) => result.outcomes[at(event)] ?? 'accepted'),
              seqs: events.map((event) => (at(event) < 0 ? 9_999 : result.seqs[at(event)])),
              work: result.work,
            };
          },
        }),
      };
    },
  },
  {
    name: 'dropLeaseCheck',
    title: 'a step of a worker whose lease was taken over is kept',
    variant: { workers: 2 },
    surgery: () => {
      const holders = new Map<string, { worker: string; epoch: number }>();
      const note = (works: readonly LaneWork[], worker: string): void => works.forEach(({ lane, epoch }) => holders.set(lane, { worker, epoch }));
      return {
        store: (store) => ({
          ...store,
          async accept(events, options) {
            const result = await store.accept(events, options);
            if (options.claim) note(result.work, options.claim.worker);
            return result;
          },
          async claim(ask) {
            const works = await store.claim(ask);
            note(works, ask.worker);
            return works;
          },
          async claimLane(lane, ask) {
            const work = await store.claimLane(lane, ask);
            if (work) note([work], ask.worker);
            return work;
          },
          async commit(all, options) {
            const results = await Promise.all(
              all.map((step) => {
                const holder = holders.get(step.lane);
                return store.commit([{ ...step, epoch: holder?.epoch ?? step.epoch }], { ...options, worker: holder?.worker ?? options.worker });
              }),
            );
            return results.flat();
          },
        }),
      };
    },
  },
  {
    name: 'forgetOutbox',
    title: 'messages between lanes are not kept with the step that sends them',
    surgery: steps(({ messages: _messages, ...step }) => step),
  },
  {
    name: 'reorderLane',
    title: 'a worker is given the events of a lane in reverse',
    surgery: () => ({
      store: (store) => ({
        ...store,
        accept: async (events, options) => {
          const result = await store.accept(events, options);
          return { ...result, work: result.work.map(reversed) };
        },
        claim: async (ask) => (await store.claim(ask)).map(reversed),
      }),
    }),
  },
  {
    name: 'heldBecomesNoChange',
    title: 'what is held ends silently',
    surgery: steps((step) =>
      step.settle ? { ...step, settle: step.settle.map((one) => (one.state === 'held' ? { ...one, state: 'noChange' } : one)) } : step,
    ),
  },
  {
    name: 'cancelByNobody',
    title: 'held events are cancelled and no person did it',
    surgery: steps((step) =>
      step.settle ? { ...step, settle: step.settle.map((one) => (one.state === 'held' ? { ...one, state: 'cancelled' } : one)) } : step,
    ),
  },
  {
    name: 'dropAudit',
    title: 'now and then a step leaves no audit record',
    surgery: () => {
      const bare = everyNth<Step>(15, ({ audit: _audit, ...step }) => step);
      return { store: (store) => ({ ...store, commit: (all, options) => store.commit(all.map(bare), options) }) };
    },
  },
  {
    name: 'rewriteAudit',
    title: 'an audit record says something else than its hash',
    surgery: () => {
      const changed = everyNth<Step>(30, (step) => ({
        ...step,
        ...(step.audit ? { audit: step.audit.map((leaf) => ({ ...leaf, body: leaf.body.replace('{', '{"x":1,') })) } : {}),
      }));
      return { store: (store) => ({ ...store, commit: (all, options) => store.commit(all.map(changed), options) }) };
    },
  },
  {
    name: 'loseEntry',
    title: 'a booking of the commitment ledger is not kept',
    surgery: () => {
      const shorter = everyNth<Step>(3, (step) => ({ ...step, ...(step.entries ? { entries: step.entries.slice(1) } : {}) }));
      return {
        store: (store) => ({
          ...store,
          commit: (all, options) =>
            store.commit(
              all.map((step) => (step.entries ? shorter(step) : step)),
              options,
            ),
        }),
      };
    },
  },
  {
    name: 'bookTwice',
    title: 'a booking of the commitment ledger is kept twice',
    surgery: () => {
      const longer = everyNth<Step>(3, (step) => ({ ...step, entries: (step.entries ?? []).flatMap((entry) => [entry, { ...entry, n: entry.n + 500 }]) }));
      return {
        store: (store) => ({
          ...store,
          commit: (all, options) =>
            store.commit(
              all.map((step) => (step.entries ? longer(step) : step)),
              options,
            ),
        }),
      };
    },
  },
  {
    name: 'forgetOperationState',
    title: 'now and then the outcome of an operation is not kept',
    surgery: () => {
      const deaf = everyNth<Step>(20, ({ updateOperations: _updates, ...step }) => step);
      return {
        store: (store) => ({
          ...store,
          commit: (all, options) =>
            store.commit(
              all.map((step) => (step.updateOperations ? deaf(step) : step)),
              options,
            ),
        }),
      };
    },
  },
  {
    name: 'cursorAhead',
    title: 'a poll goes on an hour after what it has seen, instead of with an overlap',
    variant: { scope: 'live', postingClass: 'L' },
    surgery: () => ({
      store: (store) => ({
        ...store,
        setCursor(name, value) {
          const since = typeof value['since'] === 'string' ? Date.parse(value['since']) : Number.NaN;
          return store.setCursor(name, Number.isNaN(since) ? value : { ...value, since: new Date(since + 3_600_000).toISOString() });
        },
      }),
    }),
  },
  {
    name: 'moneyAtRiskWithoutRefused',
    title: 'money of refused operations is not counted as at risk',
    surgery: () => ({
      store: (store) => ({
        ...store,
        read: {
          ...store.read,
          countOperations: async () => (await store.read.countOperations()).map((row) => (row.state === 'failed' ? { ...row, minor: {} } : row)),
        },
      }),
    }),
  },
];
