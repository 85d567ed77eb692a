import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { memoryTiles, storedTiles, Tiles, tileWidth, type TileCache } from '#audit/tile';
import { CompactRange, consistencySpans, emptyRoot, inclusionSpans, leafHash, rootOf, verifyConsistency, verifyInclusion, type Hash } from '#audit/tree';

/** Eight records and the roots over the first 0 to 8 of them, computed with another program (Python's hashlib, by the recursive definition in RFC 9162, 2.1). */
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map((hex) => Buffer.from(hex, 'hex'));
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const proofs = [
  {
    of: 'inclusion',
    from: 5,
    size: 7,
    hashes: [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  },
  {
    of: 'consistency',
    from: 3,
    size: 7,
    hashes: [
      '0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7',
      '07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      '837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e',
    ],
  },
  {
    of: 'consistency',
    from: 6,
    size: 8,
    hashes: [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  },
] as const;

const leaves = Array.from({ length: 2_000 }, (_, index) => leafHash(`record ${index}`));
const tilesOver = (hashes: readonly Hash[], cache: TileCache = memoryTiles()): Tiles =>
  new Tiles({ leafHashes: async (from, count) => hashes.slice(from, from + count) }, cache);

/** The definition in RFC 9162, written down again without any of the code under test. */
function plainRoot(hashes: readonly Hash[]): Hash {
  if (hashes.length === 1) return hashes[0]!;
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return createHash('sha256')
    .update(Buffer.from([1]))
    .update(plainRoot(hashes.slice(0, split)))
    .update(plainRoot(hashes.slice(split)))
    .digest();
}

for (const [size, root] of roots.entries()) {
  test(`R-41: the root over the first ${size} reference records is the reference root`, () =>
    assert.equal(rootOf(inputs.slice(0, size).map(leafHash)).toString('hex'), root));
}

for (const { of, from, size, hashes } of proofs) {
  test(`R-41: the ${of} proof from ${from} in ${size} reference records is the reference proof`, async () => {
    const tiles = tilesOver(inputs.map(leafHash));
    const proof = of === 'inclusion' ? await tiles.inclusion(from, size) : await tiles.consistency(from, size);
    assert.deepEqual(
      proof.map((hash) => hash.toString('hex')),
      hashes,
    );
  });
}

test('R-41: roots of random sizes agree with the definition, by peaks and by tiles', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: leaves.length }), async (size) => {
      const expected = plainRoot(leaves.slice(0, size));
      assert.deepEqual(rootOf(leaves.slice(0, size)), expected);
      assert.deepEqual(await tilesOver(leaves).root(size), expected);
    }),
    { numRuns: 40 },
  );
});

test('R-41: every inclusion proof of a random place in a random size verifies, and no other claim does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: leaves.length }), fc.nat(), fc.nat(), async (size, place, other) => {
      const index = place % size;
      const proof = await tilesOver(leaves).inclusion(index, size);
      const claim = { index, size, leaf: leaves[index]!, proof, root: rootOf(leaves.slice(0, size)) };
      assert.ok(verifyInclusion(claim));
      const elsewhere = other % size;
      if (elsewhere !== index) assert.ok(!verifyInclusion({ ...claim, index: elsewhere }));
      assert.ok(!verifyInclusion({ ...claim, leaf: leafHash('another record') }));
      assert.ok(!verifyInclusion({ ...claim, root: leafHash('another root') }));
      assert.ok(!verifyInclusion({ ...claim, proof: [...proof, leaves[0]!] }));
      if (proof.length > 0) {
        assert.ok(!verifyInclusion({ ...claim, proof: proof.slice(1) }));
        const bent = Buffer.from(proof[other % proof.length]!);
        bent[other % 32]! ^= 1 << (other % 8);
        assert.ok(!verifyInclusion({ ...claim, proof: proof.with(other % proof.length, bent) }));
      }
    }),
    { numRuns: 60 },
  );
});

test('R-41: every consistency proof between random sizes verifies, and none between trees that differ', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: leaves.length }), fc.nat(), fc.nat(), async (second, smaller, bit) => {
      const first = 1 + (smaller % second);
      const proof = await tilesOver(leaves).consistency(first, second);
      const claim = { first, second, firstRoot: rootOf(leaves.slice(0, first)), secondRoot: rootOf(leaves.slice(0, second)), proof };
      assert.ok(verifyConsistency(claim));
      assert.ok(!verifyConsistency({ ...claim, firstRoot: leafHash('x') }));
      assert.ok(!verifyConsistency({ ...claim, secondRoot: leafHash('x') }));
      const forked = leaves.slice(0, second).with(bit % first, leafHash('forged'));
      assert.ok(!verifyConsistency({ ...claim, secondRoot: rootOf(forked), proof: await tilesOver(forked).consistency(first, second) }));
      if (proof.length > 0) assert.ok(!verifyConsistency({ ...claim, proof: proof.slice(0, -1) }));
    }),
    { numRuns: 60 },
  );
});

for (const [title, claim] of [
  ['an index behind the end', { index: 4, size: 4 }],
  ['a negative index', { index: -1, size: 4 }],
  ['half an index', { index: 0.5, size: 4 }],
  ['an empty tree', { index: 0, size: 0 }],
  ['a size beyond exact numbers', { index: 0, size: 2 ** 54 }],
] as const) {
  test(`an inclusion claim with ${title} does not hold`, () =>
    assert.equal(verifyInclusion({ ...claim, leaf: leaves[0]!, proof: [], root: leaves[0]! }), false));
  test(`a proof for ${title} is refused`, () => assert.throws(() => inclusionSpans(claim.index, claim.size), { kind: 'missing' }));
}

for (const [first, second] of [
  [0, 4],
  [5, 4],
  [-1, 4],
  [1.5, 4],
] as const) {
  test(`a consistency proof from ${first} to ${second} is refused`, () => assert.throws(() => consistencySpans(first, second), { kind: 'rejected' }));
}

test('every tree continues the empty one, and only the empty one is empty', () => {
  const secondRoot = leaves[0]!;
  assert.ok(verifyConsistency({ first: 0, second: 1, firstRoot: emptyRoot, secondRoot, proof: [] }));
  assert.ok(!verifyConsistency({ first: 0, second: 1, firstRoot: secondRoot, secondRoot, proof: [] }));
  assert.ok(!verifyConsistency({ first: 2, second: 1, firstRoot: secondRoot, secondRoot, proof: [] }));
});

test('a tree continued from its peaks is the tree that was never interrupted', () => {
  fc.assert(
    fc.property(fc.nat({ max: 600 }), fc.nat({ max: 600 }), (before, more) => {
      const range = new CompactRange();
      for (const leaf of leaves.slice(0, before)) range.push(leaf);
      const continued = CompactRange.of(range.size, range.peaks);
      for (const leaf of leaves.slice(before, before + more)) continued.push(leaf);
      assert.deepEqual(continued.root(), rootOf(leaves.slice(0, before + more)));
      assert.ok(continued.peaks.length <= 11);
    }),
    { numRuns: 40 },
  );
});

test('peaks that a size cannot have are refused', () => {
  for (const [size, count] of [
    [4, 2],
    [3, 1],
    [0, 1],
    [-1, 0],
    [2 ** 53, 1],
  ] as const)
    assert.throws(() => CompactRange.of(size, leaves.slice(0, count)), { kind: 'rejected' });
});

test('R-41: a proof reads few leaf hashes, however long the log: two tiles at most once inner nodes are kept', async () => {
  const cursors = new Map<string, { readonly [key: string]: string }>();
  const store = {
    getCursor: async (name: string) => cursors.get(name),
    setCursor: async (name: string, value: object) => void cursors.set(name, value as { [key: string]: string }),
  };
  const size = 70_000;
  const many = Array.from({ length: size }, (_, index) => leaves[index % leaves.length]!);
  const nodes: Parameters<Tiles['grow']>[0][number][] = [];
  const range = new CompactRange();
  for (const leaf of many) range.push(leaf, (node, hash) => nodes.push({ node, hash }));
  await tilesOver(many, storedTiles(store, 'a')).grow(nodes);
  let read = 0;
  const counted = new Tiles({ leafHashes: async (from, count) => ((read += count), many.slice(from, from + count)) }, storedTiles(store, 'a'));
  const proof = await counted.inclusion(12_345, size);
  assert.ok(verifyInclusion({ index: 12_345, size, leaf: many[12_345]!, proof, root: range.root() }));
  assert.ok(read <= 2 * tileWidth, `${read} leaf hashes were read`);
  assert.ok([...cursors.values()].every(({ hashes = '' }) => hashes.length <= 11_000));
});

test('tiles that are missing, or shorter than they should be, are rebuilt from the leaves', async () => {
  const short = memoryTiles();
  await short.set(1, 0, [rootOf(leaves.slice(0, 256))]);
  for (const cache of [short, memoryTiles(1)]) assert.deepEqual(await tilesOver(leaves, cache).root(2_000), rootOf(leaves));
});

test('a log that answers fewer leaf hashes than it has is a fault that says which', async () => {
  await assert.rejects(new Tiles({ leafHashes: async () => [] }, memoryTiles()).inclusion(3, 10), {
    kind: 'missing',
    message: /records 0 to 9.*answered 0 of 10/,
  });
});
