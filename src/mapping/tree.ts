import type { ParsedRow } from '#mapping/parsed-row';
import { listText, stepsText, type Path, type Step } from '#mapping/path';

/** A row at its level: paths are relative to the line of that level. */
export interface PlacedRow {
  readonly parsed: ParsedRow;
  /** Absent where the value is computed. */
  readonly source?: readonly Step[];
  readonly target: readonly Step[];
}

/** A list that is read, the list that is written from it, and the rows for each of its lines. */
export interface ListLevel {
  readonly key: string;
  readonly sourceText: string;
  readonly targetText: string;
  readonly source: readonly Step[];
  readonly target: readonly Step[];
  readonly level: Level;
}

/** Rows and lists of the record itself or of one line. */
export interface Level {
  readonly rows: PlacedRow[];
  readonly lists: ListLevel[];
}

export interface PlacementProblem {
  readonly row: number;
  readonly message: string;
}

/** Orders rows of one direction into nested levels: rows with the same pair of lists share one walk over them. */
export function placeRows(rows: readonly ParsedRow[], direction: 'in' | 'out'): { readonly root: Level; readonly problems: readonly PlacementProblem[] } {
  const root: Level = { rows: [], lists: [] };
  const problems: PlacementProblem[] = [];
  const going = rows.filter(({ row }) => row.direction === 'both' || row.direction === direction);
  for (const parsed of going) {
    const source = direction === 'in' ? parsed.theirs : parsed.ours;
    const target = direction === 'in' ? parsed.ours : parsed.theirs;
    if (!parsed.computed && source && target)
      descend(root, source, target).rows.push({ parsed, source: source.levels.at(-1) ?? [], target: target.levels.at(-1) ?? [] });
  }
  for (const parsed of going) {
    const target = direction === 'in' ? parsed.ours : parsed.theirs;
    if (!parsed.computed || !target) continue;
    const levels = target.levels.length === 1 ? [root] : levelsOf(root, listText(target, target.levels.length - 2));
    for (const level of levels) level.rows.push({ parsed, target: target.levels.at(-1) ?? [] });
    if (levels.length === 0)
      problems.push({
        row: parsed.number,
        message: `no other row builds the lines of ${listText(target, target.levels.length - 2)}, so there is no line to compute a member of`,
      });
  }
  check(root, problems);
  return { root, problems };
}

function descend(root: Level, source: Path, target: Path): Level {
  let level = root;
  for (let i = 0; i + 1 < source.levels.length; i++) {
    const sourceText = listText(source, i);
    const targetText = listText(target, i);
    const key = `${sourceText} -> ${targetText}`;
    let next = level.lists.find((list) => list.key === key);
    if (!next) {
      next = { key, sourceText, targetText, source: source.levels[i] ?? [], target: target.levels[i] ?? [], level: { rows: [], lists: [] } };
      level.lists.push(next);
    }
    level = next.level;
  }
  return level;
}

function levelsOf(level: Level, targetText: string): Level[] {
  return level.lists.flatMap((list) => (list.targetText === targetText ? [list.level] : levelsOf(list.level, targetText)));
}

/** A line is either an object with members or one plain value. */
function check(level: Level, problems: PlacementProblem[]): void {
  for (const list of level.lists) {
    const plain = list.level.rows.find(({ target }) => target.length === 0);
    if (plain && list.level.rows.length + list.level.lists.length > 1)
      problems.push({ row: plain.parsed.number, message: `the lines of ${list.targetText} cannot be plain values and have members as well` });
    check(list.level, problems);
  }
}

/** Whether the lines of a list are plain values (`assignees[]`). */
export const plainLines = (list: ListLevel): boolean => list.level.rows[0]?.target.length === 0;

/** `to_Item.results[].Currency`: a member beside the one at the end of a path. */
export function siblingText(path: Path, steps: readonly string[]): string {
  const lead = (path.levels.at(-1) ?? []).slice(0, -1);
  const own = stepsText([...lead, ...steps]);
  return path.levels.length === 1 ? own : `${listText(path, path.levels.length - 2)}.${own}`;
}
