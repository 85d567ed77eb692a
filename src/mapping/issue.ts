import { mappingLimits } from '#mapping/limits';
import type { MappingRow } from '#mapping/row';

/** `shortened` is a warning; every other kind holds the record. */
export const issueKinds = ['missing', 'unmapped-value', 'unknown-reference', 'bad-value', 'bad-expression', 'shortened'] as const;
export type MappingIssueKind = (typeof issueKinds)[number];

/** What one row could not do with one record: which row, where, and in words what to do. */
export interface MappingIssue {
  readonly row: MappingRow;
  /** With line numbers from 0, on the side that was being read, as the person sees it: `lines[2].part`. */
  readonly path: string;
  readonly kind: MappingIssueKind;
  readonly message: string;
}

/** Whether a record with these issues must be held. */
export const holds = (issues: readonly MappingIssue[]): boolean => issues.some(({ kind }) => kind !== 'shortened');

/** Issues of one pass: the first ones are kept, the last says how many were left out. */
export class IssueList {
  readonly list: MappingIssue[] = [];
  #leftOut = 0;

  get full(): boolean {
    return this.list.length === mappingLimits.issuesPerRecord;
  }

  add(issue: MappingIssue): void {
    if (this.list.length < mappingLimits.issuesPerRecord - 1) this.list.push(issue);
    else {
      const last = this.full ? this.list.pop() : undefined;
      const kind = last === undefined || last.kind === 'shortened' ? issue.kind : last.kind;
      this.#leftOut++;
      this.list.push({
        row: issue.row,
        path: issue.path,
        kind,
        message: `${this.#leftOut} further ${this.#leftOut === 1 ? 'issue is' : 'issues are'} left out, the last at ${issue.path}: ${issue.message}`,
      });
    }
  }
}

/** A value as it may stand in a message: short, quoted, never an object's insides. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value !== null && typeof value === 'object') return 'an object';
  return typeof value === 'function' || typeof value === 'symbol' ? `a ${typeof value}` : String(value);
}
