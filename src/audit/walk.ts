import type { Store } from '#store/port';
import { checkpointLog, type Head } from '#audit/checkpoint';
import type { PublicKey } from '#audit/key';
import type { AuditRow } from '#audit/leaf';
import { readStored } from '#audit/verification';

/** Records read at once: with bodies of a few kilobytes a page is a few megabytes. */
export const rowsPerPage = 1_000;

/** What of the store the audit reads. */
export type AuditReads = Pick<Store['read'], 'auditLogs' | 'auditLeaves'>;

/** Every record of every log, up to `sizes`, in the order in which it can be verified: before each checkpoint the records it covers, at the end those that none covers. */
export async function* walk(reads: AuditReads, sizes: ReadonlyMap<string, number>, trusted: readonly PublicKey[]): AsyncGenerator<AuditRow> {
  const done = new Map<string, number>();
  const upTo = async function* (log: string, size: number): AsyncGenerator<AuditRow> {
    const end = Math.min(size, sizes.get(log) ?? 0);
    const from = done.get(log) ?? 0;
    if (end <= from) return;
    done.set(log, end);
    yield* rowsOf(reads, { log, from, to: end });
  };
  for await (const row of rowsOf(reads, { log: checkpointLog, from: 0, to: sizes.get(checkpointLog) ?? 0 })) {
    for (const head of headsOf(row, trusted)) if (head.log !== checkpointLog) yield* upTo(head.log, head.size);
    yield row;
  }
  for (const log of sizes.keys()) if (log !== checkpointLog) yield* upTo(log, Number.MAX_SAFE_INTEGER);
}

/** The records of one log from `from` to `to`, `to` not included, in pages. Ends early where the store has no more. */
export async function* rowsOf(reads: AuditReads, span: { readonly log: string; readonly from: number; readonly to: number }): AsyncGenerator<AuditRow> {
  const { log, to } = span;
  for (let from = span.from; from < to;) {
    const limit = Math.min(rowsPerPage, to - from);
    const page = await reads.auditLeaves({ log, from, limit });
    for (const row of page) if (row.index < to) yield row;
    const last = page.at(-1);
    if (!last || page.length < limit) return;
    from = Math.max(last.index, from) + 1;
  }
}

function headsOf(row: AuditRow, trusted: readonly PublicKey[]): readonly Head[] {
  const stored = readStored(row, trusted);
  return 'checkpoint' in stored ? stored.checkpoint.heads : [];
}
