import * as z from 'zod';
import { isoTime } from '#base/clock';
import { Fault } from '#base/fault';
import type { AuditLeaf } from '#store/port';
import { checkpointLog, noteHash, readCheckpoint, type Checkpoint } from '#audit/checkpoint';
import { mostFindings, type Finding } from '#audit/finding';
import type { PublicKey } from '#audit/key';
import { auditLeaf, readStatement, type AuditRow } from '#audit/leaf';
import { LogCheck, type Witness } from '#audit/log-check';
import { bag, CompactRange, type Hash } from '#audit/tree';

/** How many checkpoints may have been signed by other processes between the reading of the logs and the keeping of a checkpoint. */
export const mostConcurrent = 16;

/** What verifying a log found. */
export interface AuditReport {
  /** True where nothing is wrong. It says nothing about records that no checkpoint covers: see `uncovered`. */
  readonly ok: boolean;
  readonly logs: number;
  readonly records: number;
  readonly checkpoints: number;
  /** Records that stand under a signed checkpoint, and those that are too young for one. */
  readonly covered: number;
  readonly uncovered: number;
  /** The newest checkpoint of the log. */
  readonly latest: { readonly at: number; readonly hash: string; readonly signer: string } | undefined;
  /** How many checkpoints kept elsewhere were compared. Without any, records cut off at the end cannot be noticed. */
  readonly external: number;
  readonly findings: readonly Finding[];
  /** Findings beyond the limit of the list. */
  readonly more: number;
}

/** What a stored checkpoint carries beside its note: the peaks from which the next one goes on. */
const checkpointBody = z.strictObject({ note: z.string(), peaks: z.record(z.string(), z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(53)) });

/** Checks rows as they come: checkpoint by checkpoint, each behind the rows it covers. Needs neither database nor server, and little memory whatever the length. */
export class AuditVerification {
  readonly #trusted: readonly PublicKey[];
  readonly #witnesses = new Map<string, Witness[]>();
  /** Hashes of external checkpoints that have not been met in the log. */
  readonly #absent = new Map<string, Checkpoint>();
  readonly #logs = new Map<string, LogCheck>();
  /** The last checkpoints, by index, for the links between them. */
  readonly #recent = new Map<number, string>();
  readonly #findings: Finding[] = [];
  #external = 0;
  #more = 0;
  #latest: Checkpoint | undefined;

  constructor(options: { trusted: readonly PublicKey[]; external?: readonly string[] }) {
    this.#trusted = options.trusted;
    for (const note of options.external ?? []) this.#takeExternal(note);
  }

  /** A finding made outside, for example about the file that carries the rows. */
  report(finding: Finding): void {
    if (this.#findings.length < mostFindings) this.#findings.push(finding);
    else this.#more++;
  }

  /** Adds a size and root that must hold. Only before the first row of the log. */
  expect(log: string, witness: Witness): void {
    if (witness.size > 0) this.#witnesses.set(log, [...(this.#witnesses.get(log) ?? []), witness]);
  }

  /** Takes the next record of a log. */
  row(row: AuditRow): void {
    if (row.log === checkpointLog) this.#checkpoint(row);
    this.#check(row.log).row(row);
  }

  /** Ends the check; `sizes` are the logs and sizes the store or file says it has. */
  finish(sizes: ReadonlyMap<string, number>): AuditReport {
    for (const log of this.#witnesses.keys()) this.#check(log);
    for (const log of sizes.keys()) this.#check(log);
    for (const check of this.#logs.values()) check.end(sizes.get(check.log) ?? 0);
    const held = this.#logs.get(checkpointLog)?.next ?? 0;
    for (const { at } of this.#absent.values())
      this.report({
        what: 'truncated',
        log: checkpointLog,
        from: held,
        to: held,
        text: `the checkpoint of ${isoTime(at)} that was kept elsewhere is not in the log: the log ended later once`,
      });
    const checks = [...this.#logs.values()];
    const total = (of: (check: LogCheck) => number): number => checks.reduce((sum, check) => sum + of(check), 0);
    const latest = this.#latest && { at: this.#latest.at, hash: this.#latest.hash, signer: this.#latest.signer.text };
    return {
      ok: this.#findings.length === 0,
      logs: checks.length,
      records: total(({ count }) => count),
      checkpoints: this.#logs.get(checkpointLog)?.count ?? 0,
      covered: total(({ covered }) => covered),
      uncovered: total(({ next, covered }) => Math.max(0, next - covered)),
      latest,
      external: this.#external,
      findings: this.#findings,
      more: this.#more,
    };
  }

  #checkpoint(row: AuditRow): void {
    const read = readStored(row, this.#trusted);
    if (read instanceof Fault)
      return this.report({ what: 'forged', log: checkpointLog, from: row.index, to: row.index, text: `checkpoint ${row.index}: ${read.message}` });
    const { checkpoint, peaks } = read;
    const unsound = storedProblem(row, read);
    const unlinked = this.#link(row.index, checkpoint);
    const wrong = unsound ?? unlinked;
    if (wrong)
      this.report({
        what: 'changed',
        log: checkpointLog,
        from: row.index,
        to: row.index,
        text: `checkpoint ${row.index} (${isoTime(checkpoint.at)}): ${wrong}`,
      });
    for (const head of checkpoint.heads) this.#check(head.log).head(head, { at: checkpoint.at, peaks: unsound ? undefined : peaks.get(head.log) });
    this.#absent.delete(checkpoint.hash);
    this.#latest = checkpoint;
  }

  /** What is wrong with the place of a checkpoint in the chain. */
  #link(index: number, checkpoint: Checkpoint): string | undefined {
    const after = checkpoint.heads.find(({ log }) => log === checkpointLog)?.size ?? 0;
    const twice = [...this.#recent.values()].includes(checkpoint.hash);
    const expected = after === 0 ? '' : this.#recent.get(after - 1);
    this.#recent.set(index, checkpoint.hash);
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= mostConcurrent + 1) break;
      this.#recent.delete(oldest);
    }
    if (twice) return 'it stands in the log twice';
    if (after > index) return `it was signed when ${after} checkpoints stood before it; now ${index} do`;
    if (after < index - mostConcurrent) return `it was signed when ${after} checkpoints stood before it, but stands behind ${index}`;
    if (expected === undefined) return 'the checkpoint that it follows is missing';
    return expected === checkpoint.previous
      ? undefined
      : `it does not follow the checkpoint before it: that one has the hash ${expected || 'none'}, it names ${checkpoint.previous || 'none'}`;
  }

  #check(log: string): LogCheck {
    const known = this.#logs.get(log) ?? new LogCheck(log, { report: (finding) => this.report(finding), witnesses: this.#witnesses.get(log) ?? [] });
    this.#logs.set(log, known);
    return known;
  }

  #takeExternal(note: string): void {
    this.#external++;
    try {
      const checkpoint = readCheckpoint(note, this.#trusted);
      this.#absent.set(checkpoint.hash, checkpoint);
      for (const { log, size, root, rows } of checkpoint.heads)
        this.expect(log, { size, root, rows, source: `the checkpoint of ${isoTime(checkpoint.at)} that was kept elsewhere` });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.report({
        what: 'forged',
        log: checkpointLog,
        from: 0,
        to: 0,
        text: `a checkpoint kept elsewhere (${noteHash(note).slice(0, 16)}): ${error.message}`,
      });
    }
  }
}

/** A checkpoint as the log holds it. */
export interface StoredCheckpoint {
  readonly checkpoint: Checkpoint;
  /** Log to the hashes from which its tree is continued. */
  readonly peaks: ReadonlyMap<string, readonly Hash[]>;
}

/** The leaf under which a checkpoint is kept. Everything in it follows from the note, so that no bit of it is unproven. */
export function checkpointLeaf(stored: StoredCheckpoint): AuditLeaf {
  const { note, signer } = stored.checkpoint;
  const peaks = Object.fromEntries([...stored.peaks].map(([log, hashes]) => [log, hashes.map((hash) => hash.toString('hex'))]));
  return auditLeaf({ actor: signer.name, kind: 'checkpoint', subject: checkpointLog, body: { note, peaks } });
}

/** Reads a stored checkpoint; answers the fault where its note is not one that a trusted key signed. */
export function readStored(row: AuditLeaf, trusted: readonly PublicKey[]): StoredCheckpoint | Fault {
  const body = checkpointBody.safeParse(readStatement(row.body)?.body);
  if (!body.success) return new Fault('rejected', 'checkpoint refused: the record does not hold a note with its peaks');
  try {
    const peaks = new Map(Object.entries(body.data.peaks).map(([log, hashes]) => [log, hashes.map((hash) => Buffer.from(hash, 'hex'))] as const));
    return { checkpoint: readCheckpoint(body.data.note, trusted), peaks };
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

/** What in a stored checkpoint does not follow from its signed note. */
export function storedProblem(row: AuditRow, stored: StoredCheckpoint): string | undefined {
  const { checkpoint, peaks } = stored;
  if (row.at !== checkpoint.at || row.lane !== '') return 'it is stored under another time or lane than it was signed with';
  if (peaks.size !== checkpoint.heads.length) return 'it holds peaks of other logs than it signs';
  for (const { log, size, root } of checkpoint.heads) {
    const hashes = peaks.get(log);
    if (!hashes || !bag(hashes).equals(root) || !fits(size, hashes)) return `the peaks it holds for log "${log}" do not have the root it signs`;
  }
  return checkpointLeaf(stored).body === row.body ? undefined : 'it is stored under another actor or subject than it was signed with';
}

function fits(size: number, peaks: readonly Hash[]): boolean {
  try {
    return CompactRange.of(size, peaks).size === size;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}
