import { createHash } from 'node:crypto';
import { isoTime } from '#base/clock';
import { canonicalJson } from '#base/json';
import type { Head } from '#audit/checkpoint';
import { diagnose, insertionSearch, rewritten, type Stretch } from '#audit/diagnosis';
import { records, type Finding } from '#audit/finding';
import { leafProblem, type AuditRow } from '#audit/leaf';
import { bag, CompactRange, leafHash, type Hash } from '#audit/tree';

/** A size and root that somebody vouches for: `source` says who. */
export interface Witness {
  readonly size: number;
  readonly root: Hash;
  readonly rows: Hash | undefined;
  readonly source: string;
}

/** Digest over no rows. */
export const noRows: Hash = Buffer.alloc(32);

/** The digest with one more row: it covers what the store adds to a leaf, its position, time and lane. */
export function addRow(digest: Hash, row: Pick<AuditRow, 'index' | 'lane' | 'at'>, leaf: Hash): Hash {
  return createHash('sha256')
    .update(digest)
    .update(canonicalJson([row.index, row.lane, row.at, leaf.toString('hex')]))
    .digest();
}

/** Walks one log from its first record and compares it with every head that was signed. Each stretch between two heads is judged by itself: one fault does not hide the next. */
export class LogCheck {
  readonly log: string;
  readonly #report: (finding: Finding) => void;
  /** Sorted by size; those not yet reached. */
  readonly #witnesses: Witness[];
  #range = new CompactRange();
  #rows: Hash = noRows;
  #next = 0;
  #count = 0;
  #covered = 0;
  /** What has happened since the last head that held. */
  #base = new CompactRange();
  #stretch: Hash[] | undefined = [];
  #broken = false;
  #waiting: Omit<Stretch, 'behind'> | undefined;
  #rewritten: Finding | undefined;
  #shifted = false;
  #missing: { readonly from: number; readonly size: number; readonly source: string } | undefined;

  constructor(log: string, options: { report: (finding: Finding) => void; witnesses: readonly Witness[] }) {
    this.log = log;
    this.#report = options.report;
    this.#witnesses = options.witnesses.toSorted((a, b) => a.size - b.size);
  }

  /** Index the next record must have. */
  get next(): number {
    return this.#next;
  }

  get count(): number {
    return this.#count;
  }

  /** How many records, from the first, stand under a signed checkpoint of the log itself. */
  get covered(): number {
    return this.#covered;
  }

  /** Takes the next record. */
  row(row: AuditRow): void {
    const { log } = this;
    this.#witness();
    this.#tellMissing('deleted');
    if (row.index > this.#next)
      this.#fail({
        what: 'deleted',
        log,
        from: this.#next,
        to: row.index - 1,
        text: `log "${log}": ${records(this.#next, row.index - 1)} ${row.index - this.#next === 1 ? 'is' : 'are'} missing between what is before and after`,
      });
    if (row.index < this.#next)
      this.#fail({ what: 'inserted', log, from: row.index, to: row.index, text: `log "${log}": record ${row.index} stands twice or out of its order` });
    const problem = leafProblem(row);
    if (problem)
      this.#fail({ what: 'changed', log, from: row.index, to: row.index, text: `log "${log}", record ${row.index} (${row.subject.slice(0, 80)}): ${problem}` });
    const leaf = leafHash(row.body);
    this.#settle(leaf);
    this.#range.push(leaf);
    this.#rows = addRow(this.#rows, row, leaf);
    if (this.#stretch && this.#stretch.push(leaf) > insertionSearch) this.#stretch = undefined;
    this.#next = Math.max(this.#next, row.index + 1);
    this.#count++;
  }

  /** Compares with a signed head when all its records have been seen. `peaks` let the check go on behind a stretch that is wrong. */
  head(head: Head, signed: { at: number; peaks: readonly Hash[] | undefined }): void {
    if (head.size === this.#base.size && head.root.equals(this.#base.root())) return void (this.#covered = head.size); // Nothing new since the head before.
    if (head.size <= this.#covered) return; // Signed beside a larger one by another process: the larger one has vouched for these records.
    if (head.size < this.#next)
      return this.#fail({
        what: 'reordered',
        log: this.log,
        from: this.#covered,
        to: this.#next - 1,
        text: `log "${this.log}": ${records(this.#covered, this.#next - 1)} stand before the checkpoint of ${isoTime(signed.at)}, which covers only ${head.size}: they cannot be compared with it`,
      });
    this.#settle(undefined);
    if (head.size > this.#next) this.#miss(head.size, `the checkpoint of ${isoTime(signed.at)}`);
    else if (!this.#broken) this.#compare(head, `the checkpoint of ${isoTime(signed.at)}`);
    this.#covered = head.size;
    this.#next = head.size;
    if (signed.peaks && bag(signed.peaks).equals(head.root)) this.#range = CompactRange.of(head.size, signed.peaks);
    this.#rows = head.rows;
    this.#base = this.#range.copy();
    this.#stretch = [];
    this.#broken = this.#range.size !== head.size;
  }

  /** The end of the log, which the store says has `size` records. */
  end(size: number): void {
    const { log } = this;
    this.#witness();
    this.#settle(undefined);
    const last = this.#witnesses.at(-1);
    const there = this.#missing?.from ?? this.#next;
    if (last && last.size > this.#next) this.#miss(last.size, last.source);
    this.#tellMissing('truncated');
    if (size > this.#next)
      this.#fail({ what: 'truncated', log, from: there, to: size - 1, text: `log "${log}": the store counts ${size} records, but only ${there} are there` });
    else if (size < there)
      this.#fail({ what: 'inserted', log, from: size, to: there - 1, text: `log "${log}": the store counts ${size} records, but ${there} are there` });
    this.#flush();
  }

  #compare(head: { readonly size: number; readonly root: Hash; readonly rows: Hash | undefined }, source: string): void {
    if (!this.#range.root().equals(head.root)) {
      this.#waiting = { log: this.log, base: this.#base.copy(), leaves: this.#stretch, size: head.size, root: head.root };
      this.#broken = true;
    } else if (head.rows && !this.#rows.equals(head.rows)) {
      const [from, to] = [this.#base.size, head.size - 1];
      this.#fail({
        what: 'changed',
        log: this.log,
        from,
        to,
        text: `log "${this.log}": the stored time or lane of ${from === to ? `record ${from}` : `one of records ${from} to ${to}`} is not what it was at ${source}`,
      });
    }
  }

  #witness(): void {
    for (let first = this.#witnesses[0]; first && first.size <= this.#next; first = this.#witnesses[0]) {
      this.#witnesses.shift();
      if (first.size === this.#next && !this.#broken) this.#compare(first, first.source);
    }
  }

  /** Decides about a stretch that did not fit, now that the record behind it is known. */
  #settle(behind: Hash | undefined): void {
    if (!this.#waiting) return;
    const finding = diagnose({ ...this.#waiting, behind });
    const start = this.#waiting.base.size;
    this.#waiting = undefined;
    // Behind an insertion everything stands one place further: each later stretch seems to begin with an inserted record.
    const shifted = this.#shifted && finding.what === 'inserted' && finding.from === start;
    this.#shifted = finding.what === 'inserted';
    if (shifted) return;
    if (finding.what !== 'rewritten') return this.#report(finding);
    if (this.#rewritten && this.#rewritten.to + 1 === finding.from) return void (this.#rewritten = rewritten(this.log, this.#rewritten.from, finding.to));
    this.#flush();
    this.#rewritten = finding;
  }

  /** Fewer records than were signed: told when it is known how many. */
  #miss(size: number, source: string): void {
    this.#missing = { from: this.#missing?.from ?? this.#next, size, source };
    this.#next = size;
    this.#broken = true;
  }

  /** Where the last records before the missing ones fit, the end was cut off; where not, records inside are gone and the rest was moved up. */
  #tellMissing(what: 'deleted' | 'truncated'): void {
    if (!this.#missing) return;
    const { log } = this;
    const [{ from, size, source }, to, inside] = [this.#missing, this.#missing.size - 1, this.#rewritten];
    [this.#missing, this.#rewritten] = [undefined, undefined];
    const text = `log "${log}" has ${from} records where ${source} proves ${size}`;
    if (inside)
      this.#report({
        what: 'deleted',
        log,
        from: inside.from,
        to,
        text: `${text}: ${size - from} were deleted, the first of them among ${records(inside.from, inside.to)}, and what follows was moved up`,
      });
    else
      this.#report({
        what,
        log,
        from,
        to,
        text: `${text}: ${records(from, to)} ${from === to ? 'is' : 'are'} missing${what === 'truncated' ? ' at the end' : ''}`,
      });
  }

  #flush(): void {
    if (this.#rewritten) this.#report(this.#rewritten);
    this.#rewritten = undefined;
  }

  #fail(finding: Finding): void {
    this.#broken = true;
    this.#report(finding);
  }
}
