import { Fault } from '#base/fault';
import type { Store } from '#store/port';
import { bag, consistencySpans, inclusionSpans, nodeHash, nodesOf, rootOf, type Hash, type Node, type Span } from '#audit/tree';

/** Hashes in one tile: eight levels of the tree. */
export const tileWidth = 256;
/** Tiles kept in memory per log: 2 MiB of hashes. */
export const tilesInMemory = 256;
/** Leaf hashes asked for in one read while missing tiles are rebuilt. */
export const rebuildPage = 8_192;

/** Where leaf hashes are read. Never the records themselves: proving does not depend on their length. */
export interface LeafHashes {
  /** Hashes of `count` leaves from index `from`; fewer only where the log ends. */
  leafHashes(from: number, count: number): Promise<readonly Hash[]>;
}

/** Where complete inner nodes of the levels 8, 16, 24 ... are kept. A tile is derived data: losing one costs time, and a wrong one never makes a proof pass. */
export interface TileCache {
  get(level: number, index: number): Promise<readonly Hash[] | undefined>;
  set(level: number, index: number, hashes: readonly Hash[]): Promise<void>;
}

/** A log's tree, read through tiles: a proof touches at most two tiles per eight levels. */
export class Tiles {
  readonly #source: LeafHashes;
  readonly #cache: TileCache;

  constructor(source: LeafHashes, cache: TileCache) {
    this.#source = source;
    this.#cache = cache;
  }

  /** Root of the first `size` leaves. */
  async root(size: number): Promise<Hash> {
    const [root] = await this.#hashes([[0, size]], size);
    return root ?? rootOf([]);
  }

  /** Inclusion proof of a leaf in the tree of `size` leaves. */
  inclusion(index: number, size: number): Promise<readonly Hash[]> {
    return this.#hashes(inclusionSpans(index, size), size);
  }

  /** Proof that the first `first` of `second` leaves have not changed. */
  consistency(first: number, second: number): Promise<readonly Hash[]> {
    return this.#hashes(consistencySpans(first, second), second);
  }

  /** Keeps complete inner nodes, as `CompactRange.push` reported them in order of index; nodes of other levels are left out. */
  async grow(nodes: readonly { readonly node: Node; readonly hash: Hash }[]): Promise<void> {
    const changed = new Map<string, { level: number; index: number; hashes: Hash[] }>();
    for (const { node, hash } of nodes) {
      if (node.level === 0 || node.level % 8 !== 0) continue;
      const [level, index, offset] = [node.level / 8, Math.floor(node.index / tileWidth), node.index % tileWidth];
      const key = `${level}/${index}`;
      const tile = changed.get(key) ?? { level, index, hashes: [...((await this.#cache.get(level, index)) ?? [])] };
      if (offset === tile.hashes.length) tile.hashes.push(hash);
      changed.set(key, tile);
    }
    for (const { level, index, hashes } of changed.values()) await this.#cache.set(level, index, hashes);
  }

  async #hashes(spans: readonly Span[], size: number): Promise<readonly Hash[]> {
    const loaded = new Map<string, Promise<readonly Hash[]>>();
    const hashes: Hash[] = [];
    for (const span of spans) {
      const peaks: Hash[] = [];
      for (const node of nodesOf(span)) peaks.push(await this.#node(node, size, loaded));
      hashes.push(bag(peaks));
    }
    return hashes;
  }

  async #node({ level, index }: Node, size: number, loaded: Map<string, Promise<readonly Hash[]>>): Promise<Hash> {
    const tileLevel = Math.floor(level / 8);
    const width = 2 ** (level % 8);
    const tile = Math.floor((index * width) / tileWidth);
    const key = `${tileLevel}/${tile}`;
    const hashes = loaded.get(key) ?? this.#tile(tileLevel, tile, Math.min(tileWidth, Math.floor(size / tileWidth ** tileLevel) - tile * tileWidth));
    loaded.set(key, hashes);
    const offset = (index * width) % tileWidth;
    return fold((await hashes).slice(offset, offset + width));
  }

  /** The first `count` hashes of a tile, rebuilt from the leaves where the cache has fewer. */
  async #tile(level: number, index: number, count: number): Promise<readonly Hash[]> {
    if (level === 0) return this.#leaves(index * tileWidth, count);
    const kept = (await this.#cache.get(level, index)) ?? [];
    if (kept.length >= count) return kept.slice(0, count);
    const hashes = [...kept];
    while (hashes.length < count) {
      const child = index * tileWidth + hashes.length;
      const children = level === 1 ? Math.min(rebuildPage / tileWidth, count - hashes.length) : 1;
      const below = level === 1 ? await this.#leaves(child * tileWidth, children * tileWidth) : await this.#tile(level - 1, child, tileWidth);
      for (let at = 0; at < children; at++) hashes.push(fold(below.slice(at * tileWidth, (at + 1) * tileWidth)));
    }
    await this.#cache.set(level, index, hashes);
    return hashes;
  }

  async #leaves(from: number, count: number): Promise<readonly Hash[]> {
    const hashes = await this.#source.leafHashes(from, count);
    if (hashes.length < count)
      throw new Fault('missing', `reading the hashes of records ${from} to ${from + count - 1}: the log answered ${hashes.length} of ${count}`);
    return hashes;
  }
}

/** The node over a power of two of hashes. */
function fold(hashes: readonly Hash[]): Hash {
  let row = hashes;
  while (row.length > 1) row = Array.from({ length: row.length / 2 }, (_, at) => nodeHash(row[2 * at]!, row[2 * at + 1]!));
  return row[0]!;
}

/** Tiles in memory only; the oldest goes when `limit` is reached. */
export function memoryTiles(limit: number = tilesInMemory): TileCache {
  const tiles = new Map<string, readonly Hash[]>();
  return {
    get: async (level, index) => tiles.get(`${level}/${index}`),
    set: async (level, index, hashes) => {
      const key = `${level}/${index}`;
      tiles.delete(key);
      tiles.set(key, hashes);
      for (const oldest of tiles.keys()) {
        if (tiles.size <= limit) break;
        tiles.delete(oldest);
      }
    },
  };
}

/** Tiles kept as cursors of the store, so that a proof is as quick after a restart: one cursor of at most 11 KB per 65,536 records. */
export function storedTiles(store: Pick<Store, 'getCursor' | 'setCursor'>, log: string): TileCache {
  const memory = memoryTiles();
  const name = (level: number, index: number): string => `audit/tile/${log}/${level}/${index}`;
  return {
    async get(level, index) {
      const near = await memory.get(level, index);
      if (near?.length === tileWidth) return near;
      const text = (await store.getCursor(name(level, index)))?.['hashes'];
      const bytes = typeof text === 'string' ? Buffer.from(text, 'base64') : Buffer.alloc(0);
      const far = Array.from({ length: Math.min(tileWidth, Math.floor(bytes.length / 32)) }, (_, at) => bytes.subarray(at * 32, at * 32 + 32));
      const hashes = near && near.length > far.length ? near : far;
      if (hashes.length > 0) await memory.set(level, index, hashes);
      return hashes;
    },
    async set(level, index, hashes) {
      await memory.set(level, index, hashes);
      await store.setCursor(name(level, index), { hashes: Buffer.concat(hashes).toString('base64') });
    },
  };
}
