import type { Clock } from '#base/clock';
import { Fault } from '#base/fault';
import type { Store } from '#store/port';
import { checkpointLog, readCheckpoint, signCheckpoint, type Checkpoint, type Head } from '#audit/checkpoint';
import type { Evidence } from '#audit/evidence';
import { readPublicKey, type PublicKey, type SigningKey } from '#audit/key';
import { leafProblem } from '#audit/leaf';
import { addRow, noRows } from '#audit/log-check';
import { memoryTiles, storedTiles, Tiles, type LeafHashes, type TileCache } from '#audit/tile';
import { CompactRange, leafHash, verifyInclusion, type Hash, type Node } from '#audit/tree';
import { AuditVerification, checkpointLeaf, readStored, storedProblem, type AuditReport, type StoredCheckpoint } from '#audit/verification';
import { rowsOf, walk, type AuditReads } from '#audit/walk';

/** What of the store the audit needs: it appends only its own checkpoints, and keeps tiles as cursors. */
export type AuditStore = Pick<Store, 'record' | 'getCursor' | 'setCursor'> & { readonly read: AuditReads };

/** How often `verify` calls back, in records. */
export const progressEvery = 1_000;

/** How an auditor works beside its key. */
export interface AuditorOptions {
  /** Public keys of earlier signing keys, whose checkpoints stay valid. */
  readonly earlier?: readonly string[];
  /** Keeps each checkpoint outside the host as well: a file on another machine, a mail, a message. Called at least once per checkpoint. */
  readonly keep?: (checkpoint: Checkpoint) => Promise<void>;
}

/** Signs, proves and verifies the logs of one store. */
export interface Auditor {
  /** The public key, to be kept where checkpoints are verified. */
  readonly publicKey: string;
  /** Signs the state of all logs; answers the newest checkpoint again where nothing was recorded since. */
  checkpoint(): Promise<Checkpoint>;
  /** Evidence that a record stands in its log, under the newest checkpoint. */
  prove(log: string, index: number): Promise<Evidence>;
  /** Reads everything and says what is wrong. `external`: checkpoints that were kept elsewhere. */
  verify(options?: { external?: readonly string[]; progress?: (done: { readonly records: number; readonly of: number }) => void }): Promise<AuditReport>;
  /** A log's tree: hashes are read, never records. */
  tree(log: string): Tiles;
  /** The keys whose signatures count. */
  readonly trusted: readonly PublicKey[];
}

/** An auditor for a store. Several processes may each have one: checkpoints signed at the same moment are understood. */
export function auditor(store: AuditStore, key: SigningKey, clock: Clock, options: AuditorOptions = {}): Auditor {
  const trusted = [key.publicText, ...(options.earlier ?? [])].map(readPublicKey);
  const caches = new Map<string, TileCache>();
  const cacheOf = (log: string): TileCache => {
    const cache = caches.get(log) ?? storedTiles(store, log);
    caches.set(log, cache);
    return cache;
  };
  const tree = (log: string): Tiles => new Tiles(leavesOf(store.read, log), cacheOf(log));
  let seen: { readonly index: number; readonly hash: string } | undefined;
  let kept: string | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const sign = async (): Promise<Checkpoint> => {
    const sizes = await sizesOf(store.read);
    const last = await newest(store.read, sizes, { trusted, seen });
    if (last) seen = { index: last.index, hash: last.stored.checkpoint.hash };
    const checkpoint = last && !grown(sizes, last.stored.checkpoint) ? last.stored.checkpoint : await signNext(last?.stored, sizes);
    if (options.keep && kept !== checkpoint.hash) await options.keep(checkpoint);
    kept = checkpoint.hash;
    return checkpoint;
  };

  const signNext = async (last: StoredCheckpoint | undefined, sizes: ReadonlyMap<string, number>): Promise<Checkpoint> => {
    const before = new Map(last?.checkpoint.heads.map((head) => [head.log, head]));
    for (const { log, size } of before.values())
      if ((sizes.get(log) ?? 0) < size)
        throw new Fault(
          'rejected',
          `signing a checkpoint: log "${log}" has ${sizes.get(log) ?? 0} records, but ${size} were signed before; nothing was signed. Verify the log.`,
        );
    const heads: Head[] = [];
    const peaks = new Map<string, readonly Hash[]>();
    const nodes = new Map<string, { node: Node; hash: Hash }[]>();
    for (const [log, size] of [...sizes].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const head = before.get(log);
      const grownTo = await extend(store.read, { log, size, head, peaks: last?.peaks.get(log) ?? [] });
      heads.push({ log, size, root: grownTo.range.root(), rows: grownTo.rows });
      peaks.set(log, grownTo.range.peaks);
      nodes.set(log, grownTo.nodes);
    }
    // Never before the last one: a clock that was set back must not make the chain look reordered.
    const at = Math.max(clock.now(), last?.checkpoint.at ?? 0);
    const checkpoint = readCheckpoint(signCheckpoint({ at, previous: last?.checkpoint.hash ?? '', heads }, key), trusted);
    await store.record([checkpointLeaf({ checkpoint, peaks })], { log: checkpointLog, now: at });
    for (const [log, complete] of nodes) await tree(log).grow(complete);
    return checkpoint;
  };

  return {
    publicKey: key.publicText,
    trusted,
    tree,
    checkpoint: () => {
      const result = turn.then(sign);
      turn = result.catch(() => undefined);
      return result;
    },
    prove: async (log, index) => {
      const last = await newest(store.read, await sizesOf(store.read), { trusted, seen });
      const head = last?.stored.checkpoint.heads.find((one) => one.log === log);
      if (!last || !head || !Number.isSafeInteger(index) || index < 0 || index >= head.size)
        throw new Fault('missing', `proving record ${index} of log "${log}": the newest checkpoint covers ${head?.size ?? 0} records of it`);
      const [row] = await store.read.auditLeaves({ log, from: index, limit: 1 });
      if (!row || row.index !== index)
        throw new Fault('missing', `proving record ${index} of log "${log}": the store does not have it any more. Verify the log.`);
      const leaf = leafHash(row.body);
      const claim = { index, size: head.size, leaf, root: head.root };
      let proof = await tree(log).inclusion(index, head.size);
      // A wrong tile is only a lost one: the tree is read again from the leaves.
      if (!verifyInclusion({ ...claim, proof })) proof = await new Tiles(leavesOf(store.read, log), memoryTiles()).inclusion(index, head.size);
      const problem = leafProblem(row) ?? (verifyInclusion({ ...claim, proof }) ? undefined : 'the log does not have the root that was signed');
      if (problem) throw new Fault('rejected', `proving record ${index} of log "${log}": ${problem}. Verify the log.`);
      return {
        format: 'linchpin-audit-evidence',
        version: 1,
        key: last.stored.checkpoint.signer.text,
        log,
        index,
        size: head.size,
        body: row.body,
        proof: proof.map((hash) => hash.toString('hex')),
        checkpoint: last.stored.checkpoint.note,
      };
    },
    verify: async ({ external = [], progress } = {}) => {
      const sizes = await sizesOf(store.read);
      const of = [...sizes.values()].reduce((sum, size) => sum + size, 0);
      const check = new AuditVerification({ trusted, external });
      let count = 0;
      for await (const row of walk(store.read, sizes, trusted)) {
        check.row(row);
        if (++count % progressEvery === 0) progress?.({ records: count, of });
      }
      progress?.({ records: count, of });
      return check.finish(sizes);
    },
  };
}

/** All logs with their sizes, as of one moment. */
export async function sizesOf(reads: AuditReads): Promise<ReadonlyMap<string, number>> {
  return new Map((await reads.auditLogs()).map(({ log, size }) => [log, size]));
}

/** Whether any log but the checkpoints' own has grown. */
function grown(sizes: ReadonlyMap<string, number>, last: Checkpoint): boolean {
  const before = new Map(last.heads.map(({ log, size }) => [log, size]));
  return [...sizes].some(([log, size]) => log !== checkpointLog && size !== (before.get(log) ?? 0)) || last.heads.some(({ log }) => !sizes.has(log));
}

/** The newest checkpoint in the store, verified; refused where it is not ours, or where one that this process has seen is gone. */
export async function newest(
  reads: AuditReads,
  sizes: ReadonlyMap<string, number>,
  known: { readonly trusted: readonly PublicKey[]; readonly seen?: { readonly index: number; readonly hash: string } | undefined },
): Promise<{ readonly index: number; readonly stored: StoredCheckpoint } | undefined> {
  const index = (sizes.get(checkpointLog) ?? 0) - 1;
  const { seen } = known;
  const read = async (at: number): Promise<StoredCheckpoint> => {
    const [row] = await reads.auditLeaves({ log: checkpointLog, from: at, limit: 1 });
    const stored = row?.index === at ? readStored(row, known.trusted) : new Fault('missing', 'it is not there any more');
    const problem = stored instanceof Fault ? stored.message : row && (leafProblem(row) ?? storedProblem(row, stored));
    if (stored instanceof Fault || problem)
      throw new Fault('rejected', `reading checkpoint ${at} of the audit log: ${problem ?? 'it cannot be read'}. Verify the log.`);
    return stored;
  };
  if (seen && (index < seen.index || (await read(seen.index)).checkpoint.hash !== seen.hash))
    throw new Fault('rejected', `reading the audit log: checkpoint ${seen.index}, which this process has seen, was replaced or removed. Verify the log.`);
  return index < 0 ? undefined : { index, stored: await read(index) };
}

/** Continues a log's tree from where it was last signed, reading only what is new. */
async function extend(
  reads: AuditReads,
  ask: { readonly log: string; readonly size: number; readonly head: Head | undefined; readonly peaks: readonly Hash[] },
): Promise<{ range: CompactRange; rows: Hash; nodes: { node: Node; hash: Hash }[] }> {
  const { log, size, head } = ask;
  const range = head ? CompactRange.of(head.size, ask.peaks) : new CompactRange();
  const nodes: { node: Node; hash: Hash }[] = [];
  let rows = head?.rows ?? noRows;
  for await (const row of rowsOf(reads, { log, from: range.size, to: size })) {
    const problem = row.index === range.size ? leafProblem(row) : `it stands where record ${range.size} is expected`;
    if (problem) throw new Fault('rejected', `signing a checkpoint: record ${row.index} of log "${log}": ${problem}; nothing was signed. Verify the log.`);
    const leaf = leafHash(row.body);
    range.push(leaf, (node, hash) => {
      if (node.level % 8 === 0) nodes.push({ node, hash });
    });
    rows = addRow(rows, row, leaf);
  }
  if (range.size !== size)
    throw new Fault('rejected', `signing a checkpoint: log "${log}" should have ${size} records, ${range.size} are there; nothing was signed. Verify the log.`);
  return { range, rows, nodes };
}

function leavesOf(reads: AuditReads, log: string): LeafHashes {
  return {
    leafHashes: async (from, count) => (await reads.auditLeaves({ log, from, limit: count })).map(({ hash }) => Buffer.from(hash, 'hex')),
  };
}
