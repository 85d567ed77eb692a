import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { bench, type Bench } from '#simulators/maintainx/twin.fixture';

/** Reads a list page by page as a client does; `between` runs after each page. */
function all(at: Bench, kind: 'workOrders' | 'parts' | 'assets', query: string, between: (page: number) => void = () => {}): number[] {
  const ids: number[] = [];
  let path: string | undefined = `/${kind.toLowerCase()}?${query}`;
  for (let page = 0; path !== undefined; page++) {
    assert.ok(page < 1000, 'paging ends');
    const { body, status } = at.call('GET', path);
    assert.equal(status, 200);
    ids.push(...body[kind].map(({ id }) => id));
    assert.equal(body.nextCursor === null, body.nextPageUrl === null);
    path = body.nextPageUrl?.replace('/v1', '') ?? undefined;
    if (path !== undefined) between(page);
  }
  return ids;
}

const orders = (at: Bench, count: number): number[] => Array.from({ length: count }, (_, n) => at.world.addWorkOrder({ title: `order ${n}` }).id);
const parts = (at: Bench, count: number): number[] => Array.from({ length: count }, (_, n) => at.world.addPart({ name: `part ${n}` }).id);

test('a list that nobody changes is read whole and once for any page size, and pages hold 100 rows where no limit is given', () => {
  const at = bench();
  const expected = { workOrders: orders(at, 230), parts: parts(at, 230) };
  for (const kind of ['workOrders', 'parts'] as const) {
    for (const limit of [1, 7, 100, 115, 200]) assert.deepEqual(all(at, kind, `limit=${limit}`), expected[kind]);
    assert.equal(at.call('GET', `/${kind.toLowerCase()}`).body[kind].length, 100);
    assert.deepEqual(all(at, kind, 'limit=50&sort=-updatedAt').toSorted(), expected[kind]);
  }
});

test('the cursor of work orders loses none that stand still and repeats none, whatever is added or removed meanwhile', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 7 }),
      fc.array(fc.record({ kind: fc.constantFrom('add', 'remove', 'touch'), which: fc.nat(29) }), { maxLength: 30, size: 'max' }),
      fc.constantFrom('', '&sort=createdAt', '&sort=-createdAt'),
      (limit, plan, sort) => {
        const changes = [...plan];
        const at = bench();
        const ids = Array.from({ length: 30 }, (_, n) => {
          if (n % 4 === 0) at.clock.advance(1000);
          return at.world.addWorkOrder({ title: 'x' }).id;
        });
        const removed = new Set<number>();
        const seen = all(at, 'workOrders', `limit=${limit}${sort}`, () => {
          const change = changes.shift();
          const id = ids[change?.which ?? 0] ?? 0;
          if (change?.kind === 'add') at.world.addWorkOrder({ title: 'new' });
          if (change?.kind === 'remove' && at.call('DELETE', `/workorders/${id}`).status === 204) removed.add(id);
          if (change?.kind === 'touch') at.call('PATCH', `/workorders/${id}`, { title: 'changed' });
        });
        assert.equal(new Set(seen).size, seen.length, 'no row twice');
        for (const id of ids) if (!removed.has(id)) assert.ok(seen.includes(id), `work order ${id}`);
      },
    ),
    { numRuns: 100 },
  );
});

test('offsets lose a row when an earlier one goes, and repeat a row when one is pushed down: the bad habit of parts, assets and purchase orders', () => {
  const at = bench();
  const ids = parts(at, 6);
  const lost = all(at, 'parts', 'limit=2', (page) => {
    if (page === 0) at.call('DELETE', `/parts/${ids[0]}`);
  });
  assert.deepEqual(lost, [ids[0], ids[1], ids[3], ids[4], ids[5]]);
  const other = bench();
  const more = parts(other, 4);
  const repeated = all(other, 'parts', 'limit=2&sort=-updatedAt', (page) => {
    other.clock.advance(1000);
    if (page === 0) other.call('PATCH', `/parts/${more[3]}`, { name: 'newest now' });
  });
  assert.notEqual(new Set(repeated).size, repeated.length);
});

test('polling by updatedAt with an overlap and by distinct ids finds every change, although rows move between pages', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(19), { maxLength: 40, size: 'max' }), fc.integer({ min: 1, max: 5 }), (plan, limit) => {
      const touches = [...plan];
      const at = bench();
      const ids = parts(at, 20);
      const versions = new Map<number, string>();
      let since = at.clock.now();
      const poll = (between: () => void): void => {
        const overlap = new Date(since - 120_000).toISOString();
        since = at.clock.now();
        let path: string | undefined = `/parts?limit=${limit}&sort=updatedAt&updatedAt[gte]=${overlap}`;
        while (path !== undefined) {
          const { body } = at.call('GET', path);
          for (const { id, updatedAt } of body.parts) versions.set(id, updatedAt);
          path = body.nextPageUrl?.replace('/v1', '') ?? undefined;
          between();
        }
      };
      const touch = (): void => {
        const which = touches.pop();
        at.clock.advance(500);
        if (which !== undefined) at.call('PATCH', `/parts/${ids[which]}`, { name: `t${touches.length}` });
      };
      for (let round = 0; round < 60 && touches.length > 0; round++) poll(touch);
      at.clock.advance(1000);
      poll(() => {});
      for (const id of ids) assert.equal(versions.get(id), new Date(at.world.parts.get(id)!.updatedAt).toISOString());
    }),
    { numRuns: 40 },
  );
});

test('the partial-page button leaves a row out of a later page, as often as it says', () => {
  const at = bench();
  const ids = orders(at, 6);
  at.twin.buttons.press({ fault: 'partialPage', times: 1 });
  assert.deepEqual(
    all(at, 'workOrders', 'limit=2'),
    ids.filter((_, index) => index !== 2),
  );
  assert.deepEqual(all(at, 'workOrders', 'limit=2'), ids);
});

test('a cursor of another list or of nobody is refused', () => {
  const at = bench();
  orders(at, 3);
  parts(at, 3);
  const { nextCursor } = at.call('GET', '/workorders?limit=1').body;
  assert.equal(at.call('GET', `/parts?cursor=${nextCursor}`).status, 400);
  assert.equal(at.call('GET', `/workorders?cursor=${at.call('GET', '/parts?limit=1').body.nextCursor}`).status, 400);
  assert.equal(at.call('GET', `/workorders?cursor=${Buffer.from('["c","x"]').toString('base64url')}`).status, 400);
});

test('time bounds include both ends, in any zone', () => {
  const at = bench();
  const [first] = orders(at, 1);
  at.clock.advance(1000);
  const [second] = orders(at, 1);
  at.clock.advance(1000);
  orders(at, 1);
  const read = (query: string): number[] => at.call('GET', `/workorders?${query}`).body.workOrders.map(({ id }) => id);
  assert.deepEqual(read('updatedAt[gte]=2026-03-04T08:00:00.000Z&updatedAt[lte]=2026-03-04T08:00:01.000Z'), [first, second]);
  assert.deepEqual(read(`createdAt%5Bgte%5D=${encodeURIComponent('2026-03-04T09:00:01+01:00')}&createdAt[lte]=2026-03-04T08:00:01Z`), [second]);
});
