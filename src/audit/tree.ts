import { hash as digest } from 'node:crypto';
import { Fault } from '#base/fault';

/** 32 bytes of SHA-256. */
export type Hash = Buffer;

/** A complete subtree: `index` counts the nodes of its level from the left; level 0 are the leaves. */
export interface Node {
  readonly level: number;
  readonly index: number;
}

/** Root of the tree without leaves (RFC 9162, 2.1.1). */
export const emptyRoot: Hash = digest('sha256', '', 'buffer');

const leafPrefix = Buffer.from([0]);

/** Hash of a record: SHA-256 over 0x00 and its bytes (RFC 9162, 2.1.1). */
export function leafHash(body: string | Uint8Array): Hash {
  return digest('sha256', Buffer.concat([leafPrefix, typeof body === 'string' ? Buffer.from(body, 'utf8') : body]), 'buffer');
}

/** Hash of an inner node: SHA-256 over 0x01, left and right. The prefix keeps an inner node from being shown as a record. */
export function nodeHash(left: Hash, right: Hash): Hash {
  const bytes = Buffer.allocUnsafe(65);
  bytes[0] = 1;
  left.copy(bytes, 1);
  right.copy(bytes, 33);
  return digest('sha256', bytes, 'buffer');
}

/** The edge of a growing tree: one hash per complete subtree, largest first. Holds at most 53 hashes, whatever the size. */
export class CompactRange {
  #size = 0;
  #peaks: Hash[] = [];

  /** Continues from kept peaks; refuses a number of peaks that the size cannot have. */
  static of(size: number, peaks: readonly Hash[]): CompactRange {
    if (!Number.isSafeInteger(size) || size < 0 || peaks.length !== ones(size))
      throw new Fault('rejected', `a tree of ${size} leaves has ${Number.isSafeInteger(size) ? ones(size) : 'no whole number of'} peaks, not ${peaks.length}`);
    const range = new CompactRange();
    range.#size = size;
    range.#peaks = [...peaks];
    return range;
  }

  get size(): number {
    return this.#size;
  }

  get peaks(): readonly Hash[] {
    return this.#peaks;
  }

  /** Appends a leaf hash. `onNode` hears of each inner node that became complete. */
  push(leaf: Hash, onNode?: (node: Node, hash: Hash) => void): void {
    let hash = leaf;
    let index = this.#size;
    for (let level = 1; index % 2 === 1; level++) {
      const left = this.#peaks.pop();
      if (!left) throw new Error('invariant broken: an odd size has a peak to merge with');
      hash = nodeHash(left, hash);
      index = (index - 1) / 2;
      onNode?.({ level, index }, hash);
    }
    this.#peaks.push(hash);
    this.#size++;
  }

  root(): Hash {
    return bag(this.#peaks);
  }

  copy(): CompactRange {
    return CompactRange.of(this.#size, this.#peaks);
  }
}

/** The root over complete subtrees from left to right: joined from the right end. */
export function bag(peaks: readonly Hash[]): Hash {
  return peaks.length === 0 ? emptyRoot : peaks.reduceRight((right, left) => nodeHash(left, right));
}

/** Root of a list of leaf hashes. */
export function rootOf(leaves: Iterable<Hash>): Hash {
  const range = new CompactRange();
  for (const leaf of leaves) range.push(leaf);
  return range.root();
}

/** Leaves `from` to `to`, `to` not included. */
export type Span = readonly [from: number, to: number];

/** What an inclusion proof consists of: the hashes of these spans, nearest to the leaf first (RFC 9162, 2.1.3.1). */
export function inclusionSpans(index: number, size: number): readonly Span[] {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size)
    throw new Fault('missing', `a log of ${size} records has no record ${index}`);
  const spans: Span[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      spans.push([middle, to]);
      to = middle;
    } else {
      spans.push([from, middle]);
      from = middle;
    }
  }
  return spans.reverse();
}

/** What a consistency proof consists of (RFC 9162, 2.1.4.1). */
export function consistencySpans(first: number, second: number): readonly Span[] {
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(second) || first < 1 || first > second)
    throw new Fault('rejected', `consistency is proved from a size of at least 1 to one that is not smaller, not from ${first} to ${second}`);
  const spans: Span[] = [];
  let [from, to, whole] = [0, second, true];
  while (first !== to) {
    const middle = from + splitOf(to - from);
    if (first <= middle) {
      spans.push([middle, to]);
      to = middle;
    } else {
      spans.push([from, middle]);
      from = middle;
      whole = false;
    }
  }
  if (!whole) spans.push([from, to]);
  return spans.reverse();
}

/** The complete subtrees a span of the tree is joined from, largest first. */
export function nodesOf([from, to]: Span): readonly Node[] {
  const nodes: Node[] = [];
  for (let at = from; at < to;) {
    let [level, width] = [0, 1];
    while (at % (width * 2) === 0 && at + width * 2 <= to) [level, width] = [level + 1, width * 2];
    nodes.push({ level, index: at / width });
    at += width;
  }
  return nodes;
}

/** Whether `leaf` stands at `index` of the tree with this size and root (RFC 9162, 2.1.3.2). */
export function verifyInclusion(claim: { index: number; size: number; leaf: Hash; proof: readonly Hash[]; root: Hash }): boolean {
  const { index, size, leaf, proof, root } = claim;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  let [at, last, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else hash = nodeHash(hash, sibling);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && hash.equals(root);
}

/** Whether the tree of size `first` is the beginning of the tree of size `second` (RFC 9162, 2.1.4.2). */
export function verifyConsistency(claim: { first: number; second: number; firstRoot: Hash; secondRoot: Hash; proof: readonly Hash[] }): boolean {
  const { first, second, firstRoot, secondRoot, proof } = claim;
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(second) || first < 0 || first > second) return false;
  if (first === second) return proof.length === 0 && firstRoot.equals(secondRoot);
  if (first === 0) return proof.length === 0 && firstRoot.equals(emptyRoot);
  const [start, ...rest] = ones(first) === 1 ? [firstRoot, ...proof] : proof;
  if (!start || proof.length === 0) return false;
  let [at, last] = [first - 1, second - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  let [before, after] = [start, start];
  for (const hash of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      [before, after] = [nodeHash(hash, before), nodeHash(hash, after)];
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else after = nodeHash(after, hash);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && before.equals(firstRoot) && after.equals(secondRoot);
}

/** Largest power of two below `size`: where RFC 9162 splits a tree. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

function half(value: number): number {
  return Math.floor(value / 2);
}

/** How many bits of a whole number are set. */
function ones(value: number): number {
  let count = 0;
  for (let rest = value; rest > 0; rest = half(rest)) count += rest % 2;
  return count;
}
