import type * as z from 'zod';
import type { IssueList, MappingIssue } from '#mapping/issue';
import type { ParsedRow } from '#mapping/parsed-row';
import { concretePath, stepsText } from '#mapping/path';
import type { MappingRow } from '#mapping/row';

/** Turns what the schema of a record kind refused into issues of the rows that wrote it. */
export class SchemaIssues {
  readonly #rows = new Map<string, MappingRow>();
  readonly #any: MappingRow;

  constructor(rows: readonly ParsedRow[]) {
    for (const { row } of rows) if (row.direction !== 'out') this.#rows.set(row.ours, row);
    this.#any = rows[0]?.row ?? { ours: '', theirs: '', direction: 'in', owner: 'hub' };
  }

  /** Adds one issue per refused member, except where a row has already said why it is absent, or where the list is full. */
  add(issues: IssueList, error: z.ZodError, draft: unknown): void {
    if (issues.full) return;
    const before = issues.list.map(({ path }) => path);
    for (const refused of error.issues) {
      const { generic, concrete } = paths(refused.path);
      if (before.some((path) => path === concrete || path.startsWith(`${concrete}.`) || path.startsWith(`${concrete}[`) || concrete.startsWith(`${path}.`)))
        continue;
      const missing = isAbsent(draft, refused.path);
      const row = this.#rowFor(generic);
      const native =
        row.theirs === ''
          ? ''
          : ` (${concretePath(
              row.theirs,
              refused.path.filter((step) => typeof step === 'number'),
            )})`;
      issues.add({
        row,
        path: concrete,
        kind: missing ? 'missing' : 'bad-value',
        message: missing
          ? `${concrete}: the record needs a value and no row gave one; enter it at its source or map it`
          : `${concrete}${row.ours === generic ? native : ''}: ${refused.message}; correct the value at its source, or the row`,
      } satisfies MappingIssue);
    }
  }

  #rowFor(generic: string): MappingRow {
    const exact = this.#rows.get(generic);
    if (exact) return exact;
    let best = this.#any;
    let length = -1;
    for (const [ours, row] of this.#rows) {
      let same = 0;
      while (same < ours.length && ours[same] === generic[same]) same++;
      if (same > length) [best, length] = [row, same];
    }
    return best;
  }
}

function isAbsent(draft: unknown, path: readonly PropertyKey[]): boolean {
  let here = draft;
  for (const step of path) {
    if (here === null || typeof here !== 'object' || !Object.hasOwn(here, step)) return true;
    here = (here as Record<PropertyKey, unknown>)[step];
  }
  return here === undefined;
}

function paths(steps: readonly PropertyKey[]): { generic: string; concrete: string } {
  let generic = '';
  let concrete = '';
  for (const step of steps) {
    if (typeof step === 'number') {
      generic += '[]';
      concrete += `[${step}]`;
    } else {
      const text = stepsText([String(step)]);
      generic += generic === '' ? text : `.${text}`;
      concrete += concrete === '' ? text : `.${text}`;
    }
  }
  return { generic, concrete };
}
