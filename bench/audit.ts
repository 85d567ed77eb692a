import { performance } from 'node:perf_hooks';
import { ManualClock } from '#base/clock';
import type { JsonObject } from '#base/json';
import { verifyEvidence, writeEvidence } from '#audit/evidence';
import { createKey, readKey } from '#audit/key';
import { auditLeaf, type AuditRow } from '#audit/leaf';
import { auditor, type AuditStore } from '#audit/log';
import { CompactRange } from '#audit/tree';

/** Records in the log; `node bench/audit.ts 200000` for fewer. Goal R-41: proof of one record in 1,000,000 within 50 ms. */
const size = Number(process.argv[2] ?? 1_000_000);
const proofs = 200;

const time = async <T>(act: () => Promise<T> | T): Promise<readonly [T, number]> => {
  const begin = performance.now();
  const result = await act();
  return [result, performance.now() - begin];
};

const rows: AuditRow[] = Array.from({ length: size }, (_, n) => ({
  ...auditLeaf({ actor: 'linchpin', kind: 'decision', subject: `workOrder/cmms.${n}`, body: { n, reasons: ['12 on hand at ST01, reorder point 2'] } }),
  log: 'a',
  index: n,
  at: n,
  lane: `workOrder/cmms.${n}`,
}));
const checkpoints: AuditRow[] = [];
const cursors = new Map<string, JsonObject>();
let read = 0;
const store: AuditStore = {
  record: async (leaves, { log, now }) => void checkpoints.push(...leaves.map((leaf) => ({ ...leaf, log, index: checkpoints.length, at: now, lane: '' }))),
  getCursor: async (name) => cursors.get(name),
  setCursor: async (name, value) => void cursors.set(name, value),
  read: {
    auditLogs: async () => [{ log: 'a', size }, ...(checkpoints.length > 0 ? [{ log: 'checkpoints', size: checkpoints.length }] : [])],
    auditLeaves: async ({ log, from, limit }) => {
      const page = (log === 'a' ? rows : checkpoints).slice(from, from + limit);
      read += page.length;
      return page;
    },
  },
};

const key = readKey(createKey('bench'));
const newAuditor = (): ReturnType<typeof auditor> => auditor(store, key, new ManualClock(0));
const hashes = rows.map(({ hash }) => Buffer.from(hash, 'hex'));

// The baseline: one SHA-256 per inner node is the least that any program must do to know the root.
const [, rootMs] = await time(() => {
  const range = new CompactRange();
  for (const hash of hashes) range.push(hash);
  return range.root();
});
const [, checkpointMs] = await time(() => newAuditor().checkpoint());
const first: number[] = [];
const warm: number[] = [];
const auditing = newAuditor();
read = 0;
for (let n = 0; n < proofs; n++) {
  const index = Math.floor((n * 7_919 * 131) % size);
  const [evidence, ms] = await time(() => auditing.prove('a', index));
  verifyEvidence(writeEvidence(evidence), [key.publicText]);
  warm.push(ms);
  if (n < 20) first.push((await time(() => newAuditor().prove('a', index)))[1]);
}
const readPerProof = read / (proofs + 20);
cursors.clear();
const [, withoutTilesMs] = await time(() => newAuditor().prove('a', size >> 1));
const [report, verifyMs] = await time(() => newAuditor().verify());

const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;
const round = (value: number): number => Math.round(value * 100) / 100;
console.log(
  JSON.stringify({
    bench: 'audit',
    leaves: size,
    proofP50Ms: round(quantile(warm, 0.5)),
    proofP99Ms: round(quantile(warm, 0.99)),
    proofAfterRestartP50Ms: round(quantile(first, 0.5)),
    proofAfterRestartMaxMs: round(Math.max(...first)),
    recordsReadPerProof: Math.round(readPerProof),
    proofWithoutTilesMs: round(withoutTilesMs),
    checkpointMs: round(checkpointMs),
    verifyMs: round(verifyMs),
    verifyOk: report.ok,
    rootOnlyMs: round(rootMs),
    verifyToRootOnly: round(verifyMs / rootMs),
    goalMs: 50,
    met: quantile(warm, 0.99) <= 50 && Math.max(...first) <= 50,
  }),
);
