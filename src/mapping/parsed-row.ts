import { compileExpression, ExpressionError, type Expression } from '#mapping/expression';
import { mappingLimits } from '#mapping/limits';
import { parsePath, PathError, type Path } from '#mapping/path';
import type { MappingDocument, MappingRow, ValueMap } from '#mapping/row';
import type { Transform } from '#mapping/transform';
import { nearest, parseVia, ViaError, type ViaStep } from '#mapping/via';

/** A row with its parts parsed: what the compiler and the validation both read. */
export interface ParsedRow {
  readonly row: MappingRow;
  /** Position in the document, from 1. */
  readonly number: number;
  readonly ours?: Path;
  readonly theirs?: Path;
  readonly via: readonly ViaStep[];
  readonly values?: { readonly name: string; readonly inward: ReadonlyMap<string, string>; readonly outward: ReadonlyMap<string, string> };
  readonly expression?: Expression;
  readonly when?: Expression;
  /** Computed by an expression or a constant: no source path is read. */
  readonly computed: boolean;
}

export interface RowProblem {
  /** Row number from 1; 0 means the document as a whole. */
  readonly row: number;
  readonly message: string;
}

/** Parses every row; problems are collected, and rows that have any are left out. */
export function parseRows(
  document: MappingDocument,
  catalogue: ReadonlyMap<string, Transform>,
): { readonly rows: readonly ParsedRow[]; readonly problems: readonly RowProblem[] } {
  if (document.rows.length > mappingLimits.rows)
    return { rows: [], problems: [{ row: 0, message: `the document has ${document.rows.length} rows, more than ${mappingLimits.rows}` }] };
  const rows: ParsedRow[] = [];
  const problems: RowProblem[] = [];
  document.rows.forEach((row, index) => {
    const found: string[] = [];
    const parsed = parseRow(row, index + 1, { document, catalogue, found });
    problems.push(...found.map((message) => ({ row: index + 1, message })));
    if (found.length === 0) rows.push(parsed);
  });
  return { rows, problems };
}

interface RowTools {
  readonly document: MappingDocument;
  readonly catalogue: ReadonlyMap<string, Transform>;
  readonly found: string[];
}

function parseRow(row: MappingRow, number: number, tools: RowTools): ParsedRow {
  const ours = attempt(tools.found, () => (row.ours === '' ? undefined : parsePath(row.ours)));
  const theirs = attempt(tools.found, () => (row.theirs === '' ? undefined : parsePath(row.theirs)));
  const via = attempt(tools.found, () => (row.via === undefined || row.via.trim() === '' ? [] : parseVia(row.via, tools.catalogue))) ?? [];
  const expression = attempt(tools.found, () => (row.expression === undefined ? undefined : compileExpression(row.expression)));
  const when = attempt(tools.found, () => (row.when === undefined ? undefined : compileExpression(row.when)));
  const values = row.values === undefined ? undefined : valueMap(row.values, tools);
  const computed = row.expression !== undefined || via[0]?.transform.source === true;
  const parsed = {
    row,
    number,
    via,
    computed,
    ...(ours && { ours }),
    ...(theirs && { theirs }),
    ...(values && { values }),
    ...(expression && { expression }),
    ...(when && { when }),
  };
  if (tools.found.length === 0) tools.found.push(...shapeProblems(parsed));
  return parsed;
}

function attempt<T>(found: string[], run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof PathError || error instanceof ViaError || error instanceof ExpressionError)) throw error;
    found.push(error.message);
    return undefined;
  }
}

function valueMap(name: string, { document, found }: RowTools): ParsedRow['values'] {
  const map: ValueMap | undefined = document.values.find((one) => one.name === name);
  if (!map) {
    found.push(
      `there is no value map ${name}${
        document.values.length === 0
          ? '; the document has none'
          : `; did you mean ${nearest(
              name,
              document.values.map((one) => one.name),
            )}?`
      }`,
    );
    return undefined;
  }
  return {
    name,
    inward: new Map([...(map.inwardOnly ?? []), ...map.pairs].map(({ ours, theirs }) => [theirs, ours])),
    outward: new Map(map.pairs.map(({ ours, theirs }) => [ours, theirs])),
  };
}

/** What a row must and must not have, given its direction. */
function shapeProblems({ row, ours, theirs, computed, expression, when, via }: ParsedRow): string[] {
  const problems: string[] = [];
  const oursLists = ours?.levels.length;
  const theirsLists = theirs?.levels.length;
  if (computed) {
    if (row.direction === 'both') problems.push(`a value that is computed cannot be turned round: make one row with direction in and one with direction out`);
    if (row.direction === 'in' && !ours) problems.push('`ours` is empty, so the computed value has nowhere to go');
    if (row.direction === 'out' && !theirs) problems.push('`theirs` is empty, so the computed value has nowhere to go');
    if (expression && via[0]?.transform.source === true) problems.push(`the row has both an expression and ${via[0].transform.name}: one of them is enough`);
    if (via[0]?.transform.source === true && via.length > 1) problems.push(`${via[0].transform.name} stands alone`);
  } else if (!ours || !theirs) {
    problems.push(`\`${ours ? 'theirs' : 'ours'}\` is empty and there is no expression: name a path or compute the value`);
  } else if (oursLists !== theirsLists) {
    problems.push(
      `\`ours\` steps into ${(oursLists ?? 1) - 1} lists and \`theirs\` into ${(theirsLists ?? 1) - 1}: write [] as often on both sides, [0] for a list of one entry, or an expression`,
    );
  }
  const wrongSide = row.direction === 'in' ? 'record' : 'native';
  for (const one of [expression, when]) {
    if (row.direction !== 'both' && one?.uses.has(wrongSide)) problems.push(`\`${wrongSide}\` cannot be seen in direction ${row.direction}`);
    if (row.direction === 'both' && one && [...one.uses].some((name) => name !== 'settings'))
      problems.push('a `when` that holds in both directions may only read settings: make one row with direction in and one with direction out');
  }
  for (const one of [expression, when]) {
    const lined = row.direction === 'in' ? oursLists : theirsLists;
    if (one?.uses.has('line') && (lined ?? 1) < 2) problems.push('`line` can only be seen in rows whose path steps into a list with []');
  }
  return problems;
}
