import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { isoTime, type Clock } from '#base/clock';
import { Fault } from '#base/fault';
import { canonicalJson, type Json } from '#base/json';
import { checkpointLog, type Checkpoint } from '#audit/checkpoint';
import { newest, sizesOf, type Auditor } from '#audit/log';
import type { AuditRow } from '#audit/leaf';
import { readStored } from '#audit/verification';
import { rowsOf, walk, type AuditReads } from '#audit/walk';

/** Consistency proofs per log: between checkpoints spread evenly over its life. */
export const proofsPerLog = 16;

/** Name and version of the format, in the first line of a file. */
export const exportFormat = { format: 'linchpin-audit-export', version: 1 } as const;

/**
 * The whole audit log as JSON Lines: header with public keys, consistency proofs, then every record in the order in which it can be verified
 * (checkpoints are records too, each behind what it covers), and a last line with the count and SHA-256 of all before.
 * Signs a checkpoint first, so that everything exported is covered by one.
 */
export async function* exportLines(from: { readonly reads: AuditReads; readonly auditor: Auditor; readonly clock: Clock }): AsyncGenerator<string> {
  const { reads, auditor, clock } = from;
  await auditor.checkpoint();
  const sizes = await sizesOf(reads);
  const digest = createHash('sha256');
  let lines = 0;
  const write = (value: { readonly [key: string]: Json }): string => {
    const line = `${canonicalJson(value)}\n`;
    digest.update(line);
    lines++;
    return line;
  };
  yield write({
    line: 'header',
    ...exportFormat,
    written: isoTime(clock.now()),
    keys: auditor.trusted.map(({ text }) => text),
    logs: Object.fromEntries(sizes),
  });
  for await (const proof of proofs(reads, sizes, auditor)) yield write(proof);
  for await (const row of walk(reads, sizes, auditor.trusted)) yield write(leafLine(row));
  yield `${canonicalJson({ line: 'end', lines, sha256: digest.digest('hex') })}\n`;
}

/** Writes the export to a new file that only its owner may read, durably. An existing file is refused. Answers the number of lines. */
export async function writeExport(path: string, from: Parameters<typeof exportLines>[0], progress?: (lines: number) => void): Promise<number> {
  await using file = await open(path, 'wx', 0o600).catch((cause: NodeJS.ErrnoException) => {
    throw new Fault('rejected', `writing the audit export to ${path} answered ${cause.code ?? cause.message}`, { cause });
  });
  let count = 0;
  let batch = '';
  for await (const line of exportLines(from)) {
    batch += line;
    count++;
    if (batch.length < 1_048_576) continue;
    await file.write(batch);
    batch = '';
    progress?.(count);
  }
  await file.write(batch);
  await file.sync();
  progress?.(count);
  return count;
}

function leafLine({ log, index, lane, at, actor, kind, subject, body, hash }: AuditRow): { readonly [key: string]: Json } {
  return { line: 'leaf', log, index, lane, at, actor, kind, subject, body, hash };
}

/** For each log, proofs that what an earlier checkpoint signed is the beginning of what the newest one signs: whoever kept an earlier one needs nothing else. */
async function* proofs(reads: AuditReads, sizes: ReadonlyMap<string, number>, auditor: Auditor): AsyncGenerator<{ readonly [key: string]: Json }> {
  const last = await newest(reads, sizes, { trusted: auditor.trusted });
  if (!last) return;
  const earlier = await spread(reads, last.index, auditor);
  for (const { log, size, root } of last.stored.checkpoint.heads) {
    const told = new Set<number>([size]);
    for (const checkpoint of earlier) {
      const head = checkpoint.heads.find((one) => one.log === log);
      if (!head || head.size === 0 || head.size > size || told.has(head.size)) continue;
      told.add(head.size);
      const proof = await auditor.tree(log).consistency(head.size, size);
      yield {
        line: 'proof',
        log,
        first: head.size,
        second: size,
        firstRoot: head.root.toString('hex'),
        secondRoot: root.toString('hex'),
        proof: proof.map((hash) => hash.toString('hex')),
      };
    }
  }
}

/** At most `proofsPerLog` checkpoints before `last`, evenly spread. */
async function spread(reads: AuditReads, last: number, auditor: Auditor): Promise<readonly Checkpoint[]> {
  const step = Math.max(1, Math.ceil(last / proofsPerLog));
  const found: Checkpoint[] = [];
  for (let index = 0; index < last; index += step) {
    for await (const row of rowsOf(reads, { log: checkpointLog, from: index, to: index + 1 })) {
      const stored = readStored(row, auditor.trusted);
      if ('checkpoint' in stored) found.push(stored.checkpoint);
    }
  }
  return found;
}
