import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GroupCommit } from '#store/group-commit';

test('calls of one turn, and those made while a transaction is under way, share the next transaction', async () => {
  const batches: number[][] = [];
  const gate = Promise.withResolvers<void>();
  const group = new GroupCommit<number, number>(async (members) => {
    batches.push(members.map(({ input }) => input));
    await gate.promise;
    for (const { input, resolve } of members) resolve(input * 10);
  });
  const first = [group.add(1), group.add(2), group.add(3)];
  await new Promise<void>((resolve) => setImmediate(resolve));
  await new Promise<void>((resolve) => setImmediate(resolve));
  const second = [group.add(4), group.add(5)];
  gate.resolve();
  assert.deepEqual(await Promise.all([...first, ...second]), [10, 20, 30, 40, 50]);
  assert.deepEqual(batches, [
    [1, 2, 3],
    [4, 5],
  ]);
  await group.idle();
});

test('a transaction takes no more than its most, and a failed one refuses its own calls only', async () => {
  const sizes: number[] = [];
  const group = new GroupCommit<number, number>((members) => {
    sizes.push(members.length);
    if (members.some(({ input }) => input === 0)) throw new Error('disk');
    for (const { input, resolve } of members) resolve(input);
  }, 2);
  const results = await Promise.allSettled([0, 1, 2, 3, 4].map((n) => group.add(n)));
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
  );
  assert.deepEqual(sizes, [2, 2, 1]);
  assert.equal(await group.add(7), 7);
});

test('an idle group is idle at once', async () => {
  await new GroupCommit<number, number>(() => {}).idle();
});
