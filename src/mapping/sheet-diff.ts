import type { MappingDocument } from '#mapping/row';
import { sheetColumns, sheetLines, type SheetColumn, type SheetLine } from '#mapping/sheet';

/** One difference between two mappings, as a person reads it. */
export interface SheetChange {
  readonly kind: 'added' | 'removed' | 'changed';
  /** What it is about: `row asset`, `pair open of priority`. */
  readonly line: string;
  readonly cell?: SheetColumn;
  readonly before?: string;
  readonly after?: string;
  /** `row asset: owner changed from maintenance to finance`. */
  readonly text: string;
}

/** What changed from `a` to `b`: whole lines that came or went, and single cells. Equal documents have no difference. */
export function diff(a: MappingDocument, b: MappingDocument): readonly SheetChange[] {
  const before = sheetLines(a);
  const after = sheetLines(b);
  let start = 0;
  while (start < before.length && start < after.length && same(before[start], after[start])) start++;
  let end = 0;
  while (end < before.length - start && end < after.length - start && same(before.at(-1 - end), after.at(-1 - end))) end++;
  return aligned(before.slice(start, before.length - end), after.slice(start, after.length - end));
}

const same = (a: SheetLine | undefined, b: SheetLine | undefined): boolean => sheetColumns.every((column) => a?.[column] === b?.[column]);

/** Matches equal lines in order (longest common subsequence); what lies between two matches is paired off line by line. */
function aligned(before: readonly SheetLine[], after: readonly SheetLine[]): SheetChange[] {
  const matches = commonLines(before, after);
  const changes: SheetChange[] = [];
  let [i, j] = [0, 0];
  for (const [nextBefore, nextAfter] of [...matches, [before.length, after.length] as const]) {
    changes.push(...between(before.slice(i, nextBefore), after.slice(j, nextAfter)));
    [i, j] = [nextBefore + 1, nextAfter + 1];
  }
  return changes;
}

function commonLines(before: readonly SheetLine[], after: readonly SheetLine[]): (readonly [number, number])[] {
  const keyed = (lines: readonly SheetLine[]): string[] => lines.map((line) => JSON.stringify(line));
  const [a, b] = [keyed(before), keyed(after)];
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  const length = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) lengths[i * width + j] = a[i] === b[j] ? length(i + 1, j + 1) + 1 : Math.max(length(i + 1, j), length(i, j + 1));
  }
  const matches: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) matches.push([i++, j++]);
    else if (length(i + 1, j) >= length(i, j + 1)) i++;
    else j++;
  }
  return matches;
}

function between(before: readonly SheetLine[], after: readonly SheetLine[]): SheetChange[] {
  const changes: SheetChange[] = [];
  const pairs = Math.min(before.length, after.length);
  for (let i = 0; i < pairs; i++) changes.push(...changedCells(before[i]!, after[i]!));
  for (const line of before.slice(pairs)) changes.push({ kind: 'removed', line: nameOf(line), text: `${nameOf(line)} removed` });
  for (const line of after.slice(pairs)) changes.push({ kind: 'added', line: nameOf(line), text: `${nameOf(line)} added` });
  return changes;
}

function changedCells(before: SheetLine, after: SheetLine): SheetChange[] {
  if (before.what !== after.what) {
    return [
      { kind: 'removed', line: nameOf(before), text: `${nameOf(before)} removed` },
      { kind: 'added', line: nameOf(after), text: `${nameOf(after)} added` },
    ];
  }
  return sheetColumns
    .filter((column) => before[column] !== after[column])
    .map((column) => ({
      kind: 'changed',
      line: nameOf(before),
      cell: column,
      before: before[column],
      after: after[column],
      text: `${nameOf(before)}: ${column} changed from ${worded(before[column])} to ${worded(after[column])}`,
    }));
}

const worded = (text: string): string => (text === '' ? 'empty' : text.length > 80 ? `${text.slice(0, 80)}…` : text);

function nameOf(line: SheetLine): string {
  if (line.what === 'row') return `row ${line.ours === '' ? line.theirs : line.ours}`;
  return line.what === 'mapping' || line.what === 'map' ? `${line.what} ${line.name}` : `${line.what} ${worded(line.ours)} of ${line.name}`;
}
