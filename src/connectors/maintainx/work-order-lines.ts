import { labelledOf } from './custom-fields.ts';
import type { Settings } from './settings.ts';

type Row = Readonly<Record<string, unknown>>;

/** The hub's mark in the description of a cost row: the only member that a cost row gives back. */
export const markOf = (reference: string): string => `[${reference}]`;
const ownMark = /\[(LP[0-9A-HJKMNP-TV-Z]{14})\]/;

/** The operation whose mark a description carries. */
export const referenceIn = (description: string): string | undefined => ownMark.exec(description)?.[1];

/** Part rows with a key of their own: part and location, numbered where one pair stands twice. */
export function partLines(parts: unknown, settings: Settings): Row[] {
  return numbered(
    rowsOf(parts).map((row) => {
      // The line's own custom fields win over those of the part.
      const labelled = { ...labelledOf(row['partExtraFields'], settings), ...labelledOf(row['extraFields'], settings) };
      return { ...row, labelled, line: `${String(row['id'])}@${String(row['locationId'] ?? 'none')}` };
    }),
  );
}

/** Cost rows with a key (the vendor gives none when reading), the hub's own marked, and the day of work: rows have no date, so the day of completion stands for it. */
export function costLines(rows: unknown, completedAt: unknown): Row[] {
  return numbered(
    rowsOf(rows).map((row) => {
      const description = typeof row['description'] === 'string' ? row['description'] : '';
      const line = row['type'] === 'TIME' ? `time:${String(row['userId'] ?? 'nobody')}` : row['type'] === 'PART' ? `part:${String(row['partId'])}` : 'expense';
      return { ...row, line, hub: ownMark.test(description), ...(typeof completedAt === 'string' ? { at: completedAt } : {}) };
    }),
  );
}

const rowsOf = (rows: unknown): Row[] => (Array.isArray(rows) ? rows.filter((row): row is Row => row !== null && typeof row === 'object') : []);

/** `time:55`, `time:55#2`, `time:55#3`: the order of the vendor's answer decides, sums per person stay right whichever row is taken away. */
function numbered<R extends Row & { readonly line: string }>(rows: readonly R[]): R[] {
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const count = (seen.get(row.line) ?? 0) + 1;
    seen.set(row.line, count);
    return count === 1 ? row : { ...row, line: `${row.line}#${count}` };
  });
}
