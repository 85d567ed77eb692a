import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import * as z from 'zod';
import { Fault } from '#base/fault';
import { canonicalJson } from '#base/json';
import { exportFormat } from '#audit/export';
import type { Finding } from '#audit/finding';
import { readPublicKey } from '#audit/key';
import { verifyConsistency } from '#audit/tree';
import { AuditVerification, type AuditReport } from '#audit/verification';

/** Longest line of an export, in bytes: a record of the largest size a store takes, escaped twice. */
export const longestLine = 32 * 1_048_576;

/** A report about a file. */
export interface ExportReport extends AuditReport {
  /** The public keys by which it was verified. */
  readonly keys: readonly string[];
  /** False where they were taken from the file itself: a file that somebody else signed would pass, so compare them with the ones you know. */
  readonly keysKnown: boolean;
}

/** What is known beside the file. */
export interface ExportOptions {
  /** Public keys you trust; without any, those in the file are used and the report says so. */
  readonly keys?: readonly string[];
  /** Checkpoints that were kept elsewhere. */
  readonly external?: readonly string[];
  readonly progress?: (lines: number) => void;
}

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const whole = z.int().nonnegative();
const header = z.strictObject({
  line: z.literal('header'),
  format: z.literal(exportFormat.format),
  version: z.literal(exportFormat.version),
  written: z.iso.datetime(),
  keys: z.array(z.string()).min(1).max(100),
  logs: z.record(z.string(), whole),
});
const line = z.discriminatedUnion('line', [
  z.strictObject({ line: z.literal('proof'), log: z.string(), first: whole, second: whole, firstRoot: hex, secondRoot: hex, proof: z.array(hex).max(120) }),
  z.strictObject({
    line: z.literal('leaf'),
    log: z.string(),
    index: whole,
    lane: z.string(),
    at: z.int(),
    actor: z.string(),
    kind: z.string(),
    subject: z.string(),
    body: z.string(),
    hash: hex,
  }),
  z.strictObject({ line: z.literal('end'), lines: whole, sha256: hex }),
]);

/** Verifies an export file. */
export async function verifyExportFile(path: string, options: ExportOptions = {}): Promise<ExportReport> {
  await using file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new Fault('rejected', `reading the audit export ${path} answered ${cause.code ?? cause.message}`, { cause });
  });
  return await verifyExport(file.createReadStream(), options);
}

/** Verifies an export without server or database, in one pass and little memory. A file that is no export at all is refused. */
export async function verifyExport(bytes: AsyncIterable<Uint8Array>, options: ExportOptions = {}): Promise<ExportReport> {
  const digest = createHash('sha256');
  let check: ExportCheck | undefined;
  let count = 0;
  for await (const { text, raw } of linesOf(bytes)) {
    check ??= new ExportCheck(text, options);
    if (count > 0) check.line(text, { number: count + 1, before: () => digest.copy().digest('hex') });
    digest.update(raw);
    if (++count % 1_000 === 0) options.progress?.(count);
  }
  if (!check) throw new Fault('rejected', 'verifying an audit export: the file is empty');
  options.progress?.(count);
  return check.finish();
}

class ExportCheck {
  readonly #check: AuditVerification;
  readonly #keys: readonly string[];
  readonly #keysKnown: boolean;
  readonly #sizes: ReadonlyMap<string, number>;
  #ended = false;

  constructor(first: string | undefined, options: ExportOptions) {
    const head = header.safeParse(jsonOf(first));
    if (!head.success)
      throw new Fault(
        'rejected',
        `verifying an audit export: its first line is not a header of format ${exportFormat.format}, version ${exportFormat.version}`,
      );
    this.#keysKnown = (options.keys ?? []).length > 0;
    this.#keys = this.#keysKnown ? (options.keys ?? []) : head.data.keys;
    this.#sizes = new Map(Object.entries(head.data.logs));
    this.#check = new AuditVerification({ trusted: this.#keys.map(readPublicKey), external: options.external ?? [] });
  }

  line(text: string | undefined, place: { readonly number: number; readonly before: () => string }): void {
    const parsed = line.safeParse(jsonOf(text));
    if (this.#ended) return this.#damaged(place.number, 'it stands behind the end of the export');
    if (!parsed.success) return this.#damaged(place.number, 'it cannot be read');
    const { data } = parsed;
    if (data.line === 'end') {
      this.#ended = true;
      if (data.lines !== place.number - 1) this.#damaged(place.number, `the export was written with ${data.lines} lines; ${place.number - 1} are there`);
      else if (data.sha256 !== place.before()) this.#damaged(place.number, 'the lines before it are not those that were written');
    } else if (data.line === 'leaf') this.#check.row(data);
    else this.#proof(data, place.number);
  }

  finish(): ExportReport {
    if (!this.#ended) this.#check.report(damage('the export has no last line: the file was cut off'));
    return { ...this.#check.finish(this.#sizes), keys: this.#keys, keysKnown: this.#keysKnown };
  }

  #proof(proof: { log: string; first: number; second: number; firstRoot: string; secondRoot: string; proof: string[] }, number: number): void {
    const { log, first, second } = proof;
    const [firstRoot, secondRoot] = [Buffer.from(proof.firstRoot, 'hex'), Buffer.from(proof.secondRoot, 'hex')];
    if (!verifyConsistency({ first, second, firstRoot, secondRoot, proof: proof.proof.map((hash) => Buffer.from(hash, 'hex')) }))
      this.#damaged(number, `it does not prove that the first ${first} of ${second} records of log "${log}" are unchanged`);
    for (const [size, root] of [
      [first, firstRoot],
      [second, secondRoot],
    ] as const)
      this.#check.expect(log, { size, root, rows: undefined, source: `line ${number} of the export` });
  }

  #damaged(number: number, why: string): void {
    this.#check.report(damage(`line ${number}: ${why}`));
  }
}

function damage(text: string): Finding {
  return { what: 'damaged', log: '', from: 0, to: 0, text };
}

/** The value of a line, only where it is written in the one agreed way. */
function jsonOf(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as unknown;
    return canonicalJson(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Lines with their bytes, line feed included; `text` is undefined where the bytes are not UTF-8. Split by hand: line feed is the only separator. */
async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<{ text: string | undefined; raw: Buffer }> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const take = (): { text: string | undefined; raw: Buffer } => {
    const raw = Buffer.concat(parts);
    [parts, length] = [[], 0];
    return { text: textOf(raw), raw };
  };
  for await (const chunk of bytes) {
    for (let from = 0; from < chunk.length;) {
      const end = chunk.indexOf(10, from);
      const part = chunk.subarray(from, end < 0 ? chunk.length : end + 1);
      parts.push(part);
      length += part.length;
      if (length > longestLine) throw new Fault('rejected', `verifying an audit export: a line has more than ${longestLine} bytes`);
      if (end >= 0) yield take();
      from += part.length;
    }
  }
  if (parts.length > 0) yield take();
}

function textOf(raw: Buffer): string | undefined {
  // A last line without line feed was cut off: it is shown as unreadable.
  if (raw.at(-1) !== 10) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw.subarray(0, -1));
  } catch {
    return undefined;
  }
}
