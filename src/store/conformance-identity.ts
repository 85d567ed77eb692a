import assert from 'node:assert/strict';
import fc from 'fast-check';
import { identity, play, type Case } from '#store/conformance-rows';
import type { CrosswalkRow, Store } from '#store/port';

const lane = 'part/1';

/** Identity across systems, with history. */
export const identityCases: readonly Case[] = [
  [
    'an identity is found by external id, by hub id and in bulk',
    async (store) => {
      await play(store, lane, { crosswalk: [identity('h1', 'x1', 10), identity('h1', 'c1', 10, { system: 'cmms' }), identity('h2', 'x2', 10)] });
      assert.deepEqual(await find(store, 'x1'), identity('h1', 'x1', 10));
      assert.deepEqual((await store.read.crosswalkOf({ kind: 'part', hubId: 'h1' })).map(({ system, externalId }) => [system, externalId]).sort(), [
        ['cmms', 'c1'],
        ['erp', 'x1'],
      ]);
      const keys = [
        ['part', 'erp', 'x1'],
        ['part', 'cmms', 'c1'],
        ['part', 'cmms', 'x1'],
        ['asset', 'erp', 'x1'],
        ['part', 'erp', 'x1'],
      ].map(([kind = '', system = '', externalId = '']) => ({ kind, system, externalId }));
      assert.deepEqual([...(await store.read.resolve(keys))].sort(), [
        ['part/cmms/c1', 'h1'],
        ['part/erp/x1', 'h1'],
      ]);
      assert.equal((await store.read.resolve([])).size, 0);
    },
  ],
  [
    'a renumbered part: the old number ends where the new one begins, and both are found as of their time',
    async (store) => {
      await play(store, lane, { crosswalk: [identity('h1', 'old', 10)] });
      await play(store, lane, { crosswalk: [identity('h1', 'new', 20, { change: 'renumbered' })] });
      assert.deepEqual(await store.read.crosswalkOf({ kind: 'part', hubId: 'h1' }), [
        identity('h1', 'old', 10, { to: 20 }),
        identity('h1', 'new', 20, { change: 'renumbered' }),
      ]);
      assert.deepEqual(
        [await find(store, 'old', 9), await find(store, 'old', 20), await find(store, 'old'), await find(store, 'new', 19)],
        [undefined, undefined, undefined, undefined],
      );
      assert.deepEqual([(await find(store, 'old', 19))?.hubId, (await find(store, 'new', 20))?.hubId, (await find(store, 'new'))?.hubId], ['h1', 'h1', 'h1']);
    },
  ],
  [
    'a merge made by another lane ends what the first lane said',
    async (store) => {
      await play(store, lane, { crosswalk: [identity('h1', 'x1', 10)] });
      await play(store, 'part/2', { crosswalk: [identity('h2', 'x1', 30, { change: 'merged', reason: 'h1 was a duplicate' })] });
      assert.deepEqual([(await find(store, 'x1'))?.hubId, (await find(store, 'x1', 29))?.hubId], ['h2', 'h1']);
      assert.equal((await store.read.crosswalkOf({ kind: 'part', hubId: 'h1' }))[0]?.to, 30);
    },
  ],
  [
    'an identity may end without a successor and be opened again',
    async (store) => {
      await play(store, lane, { crosswalk: [identity('h1', 'x1', 10)] });
      await play(store, lane, { crosswalk: [identity('h1', 'x1', 10, { to: 20 })] });
      assert.equal(await find(store, 'x1'), undefined);
      await play(store, lane, { crosswalk: [identity('h1', 'x1', 40)] });
      assert.deepEqual(
        (await store.read.crosswalkOf({ kind: 'part', hubId: 'h1' })).map(({ from, to }) => [from, to]),
        [
          [10, 20],
          [40, null],
        ],
      );
    },
  ],
  [
    'a statement that arrives late takes its place in history',
    async (store) => {
      await play(store, lane, { crosswalk: [identity('h1', 'x1', 10), identity('h3', 'x1', 30)] });
      await play(store, lane, { crosswalk: [identity('h2', 'x1', 20)] });
      assert.deepEqual(await Promise.all([9, 15, 25, 35].map(async (at) => (await find(store, 'x1', at))?.hubId)), [undefined, 'h1', 'h2', 'h3']);
    },
  ],
  [
    'of two statements about one instant the later one counts',
    async (store) => {
      await play(store, lane, { crosswalk: [identity('h1', 'x1', 10), identity('h2', 'x1', 10)] });
      assert.deepEqual([(await find(store, 'x1'))?.hubId, await store.read.crosswalkOf({ kind: 'part', hubId: 'h1' })], ['h2', []]);
    },
  ],
  [
    'I16: at any instant identities are one to one per system, and history has neither gap nor overlap',
    async (store) => {
      const round = { n: 0 };
      const statement = fc.record({
        hub: fc.integer({ min: 0, max: 3 }),
        external: fc.integer({ min: 0, max: 3 }),
        from: fc.integer({ min: 1, max: 12 }),
        lane: fc.integer({ min: 0, max: 2 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(statement, { minLength: 1, maxLength: 12 }), async (statements) => {
          const kind = `kind${(round.n += 1)}`;
          for (const { hub, external, from, lane: writer } of statements)
            await play(store, `part/${writer}`, { crosswalk: [identity(`h${hub}`, `x${external}`, from, { kind })] });
          const rows = (await Promise.all([0, 1, 2, 3].map((hub) => store.read.crosswalkOf({ kind, hubId: `h${hub}` })))).flat();
          for (let at = 0; at <= 13; at++) await checkInstant(store, { kind, at, rows, statements });
        }),
        { numRuns: 12 },
      );
    },
  ],
];

async function checkInstant(
  store: Store,
  { kind, at, rows, statements }: { kind: string; at: number; rows: readonly CrosswalkRow[]; statements: readonly { external: number; from: number }[] },
): Promise<void> {
  const holding = rows.filter((row) => row.from <= at && (row.to === null || at < row.to));
  assert.equal(new Set(holding.map(({ hubId }) => hubId)).size, holding.length, `two external ids for one hub id at ${at}`);
  assert.equal(new Set(holding.map(({ externalId }) => externalId)).size, holding.length, `two hub ids for one external id at ${at}`);
  for (const row of holding) assert.deepEqual(await store.read.crosswalk({ kind, system: 'erp', externalId: row.externalId, at }), row);
  // Whoever stated something last about an instant is heard: the newest statement in force always holds.
  if (statements.some(({ from }) => from <= at)) assert.ok(holding.length > 0, `nobody holds at ${at}`);
}

async function find(store: Store, externalId: string, at?: number): Promise<CrosswalkRow | undefined> {
  return store.read.crosswalk({ kind: 'part', system: 'erp', externalId, ...(at === undefined ? {} : { at }) });
}
