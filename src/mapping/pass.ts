import type { JsonObject } from '#base/json';
import { IssueList, type MappingIssueKind } from '#mapping/issue';
import { mappingLimits } from '#mapping/limits';
import type { ParsedRow } from '#mapping/parsed-row';
import { concretePath, getter, setter } from '#mapping/path';
import { refuse, type MemberReference, type Refusal, type TransformContext } from '#mapping/transform';
import type { RecordKind } from '#model/records';

/** Marks a row whose value could not be had; the issue is already noted. */
export const failed: unique symbol = Symbol('failed');

/** The state of one walk over one record. */
export class Pass implements TransformContext {
  readonly issues = new IssueList();
  /** Line numbers of the lists that the walk is inside of. */
  readonly indexes: number[] = [];
  readonly settings: JsonObject;
  readonly scope: { native?: unknown; record?: unknown; line?: unknown; settings: JsonObject };
  readonly translate: (kind: RecordKind, id: string) => string | undefined;
  /** Only the members that are there are written; nothing is missing. */
  readonly partial: boolean;
  holder: unknown = undefined;
  root: unknown;
  row: ParsedRow | undefined = undefined;
  lines = 0;

  constructor(start: {
    settings: JsonObject;
    root: unknown;
    scope: { native?: unknown; record?: unknown };
    translate: (kind: RecordKind, id: string) => string | undefined;
    partial?: boolean;
  }) {
    this.settings = start.settings;
    this.root = start.root;
    this.scope = { ...start.scope, settings: start.settings };
    this.translate = start.translate;
    this.partial = start.partial ?? false;
  }

  issue(parsed: ParsedRow, kind: MappingIssueKind, message: string): typeof failed {
    const path = concretePath(parsed.row.ours === '' ? parsed.row.theirs : parsed.row.ours, this.indexes);
    const native = parsed.row.ours === '' || parsed.row.theirs === '' ? '' : ` (${concretePath(parsed.row.theirs, this.indexes)})`;
    this.issues.add({ row: parsed.row, path, kind, message: `${path}${native}: ${message}` });
    return failed;
  }

  warn(message: string): void {
    if (this.row) this.issue(this.row, 'shortened', message);
  }

  write(holder: unknown, reference: MemberReference, value: unknown): Refusal | undefined {
    const there = getter(reference.steps)(holder);
    if (there !== undefined && there !== value)
      return refuse(
        `${reference.text} would have to be ${String(value)} and ${String(there)} at once; give the values one currency or unit, or a member of their own`,
      );
    // Outward the holder is an object that this pass built itself.
    if (there === undefined) setter(reference.steps)(holder as Record<string, unknown>, value);
    return undefined;
  }

  /** Whether the lines of a list may be walked; counts them. */
  admits(list: unknown, parsed: ParsedRow, listPath: string): list is readonly unknown[] {
    if (!Array.isArray(list)) {
      this.issue(parsed, 'bad-value', `${concretePath(listPath, this.indexes)} is not a list; correct the path, or ask the system's vendor what changed`);
      return false;
    }
    this.lines += list.length;
    if (list.length > mappingLimits.linesPerList || this.lines > mappingLimits.linesPerRecord) {
      this.issue(
        parsed,
        'bad-value',
        `${concretePath(listPath, this.indexes)} has ${list.length} lines; at most ${mappingLimits.linesPerList} in a list and ${mappingLimits.linesPerRecord} in a record are handled, so split the document`,
      );
      return false;
    }
    return true;
  }
}
