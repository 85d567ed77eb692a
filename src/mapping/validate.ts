import * as z from 'zod';
import { documentShape } from '#mapping/document';
import { mappingLimits } from '#mapping/limits';
import { parseRows, type ParsedRow, type RowProblem } from '#mapping/parsed-row';
import { parsePath } from '#mapping/path';
import type { MappingDocument } from '#mapping/row';
import { lookUp, uncovered } from '#mapping/schema-paths';
import type { Transform } from '#mapping/transform';
import { transforms } from '#mapping/transforms';
import { placeRows } from '#mapping/tree';
import { records, type RecordKind } from '#model/records';

/** What is wrong with a document. A warning does not keep it from being used. */
export interface MappingProblem {
  /** The document's id, or the file that it came from. */
  readonly document: string;
  /** Row number from 1; 0 means the document as a whole or one of its value maps. */
  readonly row: number;
  readonly severity: 'error' | 'warning';
  /** What is wrong and what to do. */
  readonly message: string;
}

export interface ValidationTools {
  /** The connector's shape of the native record: their paths are checked where it is known. */
  readonly native?: z.ZodType;
  /** Path of the member that holds customer-defined fields: paths below it are not checked. */
  readonly customFields?: string;
  readonly transforms?: ReadonlyMap<string, Transform>;
  /** The file that problems are named by. */
  readonly file?: string;
}

/** One line for a person: `plant/mappings/sap.csv: row 12: there is no transform trimZero; did you mean trimZeros?` */
export const problemText = ({ document, row, message }: MappingProblem): string => `${document}: ${row === 0 ? '' : `row ${row}: `}${message}`;

/** Checks a whole document and returns everything that is wrong with it. Does not throw. */
export function validateMapping(document: MappingDocument, tools: ValidationTools = {}): readonly MappingProblem[] {
  const name = tools.file ?? document.id;
  const say =
    (severity: MappingProblem['severity']) =>
    ({ row, message }: RowProblem): MappingProblem => ({ document: name, row, severity, message });
  const shaped = documentShape.safeParse(document);
  if (!shaped.success) return shapeProblems(shaped.error).map(say('error'));
  const { rows, problems } = parseRows(document, tools.transforms ?? transforms);
  const errors: RowProblem[] = [...problems, ...valueMapProblems(document)];
  const warnings: RowProblem[] = [...unusedMaps(document)];
  if (problems.length === 0) {
    errors.push(...placeRows(rows, 'in').problems, ...placeRows(rows, 'out').problems);
    errors.push(...writtenTwice(rows, 'in'), ...writtenTwice(rows, 'out'), ...uncoveredMembers(document.record, rows));
  }
  for (const parsed of rows) {
    errors.push(...ourPathProblems(document.record, parsed), ...enumProblems(document.record, parsed, errors));
    warnings.push(...enumGaps(document.record, parsed));
    errors.push(...readProblems(document.record, parsed));
    const theirs = theirPathProblem(parsed, tools);
    if (theirs) (theirs.severity === 'error' ? errors : warnings).push(theirs);
  }
  const order = (a: RowProblem, b: RowProblem): number => a.row - b.row;
  return [...errors.sort(order).map(say('error')), ...warnings.sort(order).map(say('warning'))].slice(0, mappingLimits.rows);
}

function shapeProblems(error: z.ZodError): RowProblem[] {
  return error.issues.map(({ path, message }) => {
    const [list, index, ...member] = path;
    return list === 'rows' && typeof index === 'number'
      ? { row: index + 1, message: `${member.join('.') || 'the row'}: ${message}` }
      : { row: 0, message: `${path.join('.') || 'the document'}: ${message}` };
  });
}

function ourPathProblems(record: RecordKind, { ours, number }: ParsedRow): RowProblem[] {
  if (!ours) return [];
  const found = lookUp(records[record], ours);
  return 'missing' in found ? [{ row: number, message: `\`ours\` ${ours.text} is not in a ${record}: ${found.missing}` }] : [];
}

function theirPathProblem(
  { theirs, number, row }: ParsedRow,
  { native, customFields }: ValidationTools,
): (RowProblem & { readonly severity: 'error' | 'warning' }) | undefined {
  if (!theirs || !(native instanceof z.ZodObject) || row.direction === 'out') return undefined;
  if (customFields !== undefined && (theirs.text === customFields || theirs.text.startsWith(`${customFields}.`))) return undefined;
  const found = lookUp(native, theirs);
  if (!('missing' in found)) return undefined;
  return {
    row: number,
    severity: found.loose ? 'warning' : 'error',
    message: `\`theirs\` ${theirs.text} is not in the record as the connector knows it: ${found.missing}${found.loose ? ' (the system may still send it)' : ''}`,
  };
}

/** Members of our record that an expression or a condition reads must exist; those of the native record may be anything. */
function readProblems(record: RecordKind, { expression, when, number }: ParsedRow): RowProblem[] {
  const reads = [...(expression?.reads ?? []), ...(when?.reads ?? [])].filter((path) => path.startsWith('record.'));
  return reads.flatMap((path) => {
    const found = lookUp(records[record], parsePath(path.slice('record.'.length)));
    return 'missing' in found ? [{ row: number, message: `the expression reads ${path}, and ${found.missing}` }] : [];
  });
}

/** Two rows may write one path only where each has a condition. */
function writtenTwice(rows: readonly ParsedRow[], direction: 'in' | 'out'): RowProblem[] {
  const problems: RowProblem[] = [];
  const written = new Map<string, ParsedRow>();
  for (const parsed of rows) {
    if (parsed.row.direction !== 'both' && parsed.row.direction !== direction) continue;
    const target = direction === 'in' ? parsed.row.ours : parsed.row.theirs;
    const before = written.get(target);
    if (before && !(before.when && parsed.when))
      problems.push({
        row: parsed.number,
        message: `${target} is already written by row ${before.number} in direction ${direction}; take one out, or give both a condition`,
      });
    written.set(target, parsed);
  }
  for (const [target, parsed] of written) {
    const inside = [...written.keys()].find((other) => other !== target && (other.startsWith(`${target}.`) || other.startsWith(`${target}[`)));
    if (inside !== undefined)
      problems.push({
        row: parsed.number,
        message: `${target} is written as a whole and ${inside} inside it by row ${written.get(inside)?.number ?? 0} in direction ${direction}; map one of the two`,
      });
  }
  return problems;
}

/** A mapping that reads must give every member that the record needs. One that only writes need not. */
function uncoveredMembers(record: RecordKind, rows: readonly ParsedRow[]): RowProblem[] {
  const reading = rows.filter(({ row }) => row.direction !== 'out');
  if (reading.length === 0) return [];
  const written = new Set(reading.map(({ row }) => row.ours.replaceAll('[0]', '[]')));
  const touched = (path: string): boolean =>
    written.has(path) ||
    [...written].some((ours) => ours.startsWith(`${path}.`) || ours.startsWith(`${path}[`) || (path.endsWith('[]') && ours.startsWith(path)));
  return uncovered(records[record], { covered: (path) => written.has(path), touched }).map((path) => ({
    row: 0,
    message: `no row gives ${path}, which every ${record} needs; add a row with direction in or both`,
  }));
}

function valueMapProblems({ values }: MappingDocument): RowProblem[] {
  const problems: RowProblem[] = [];
  const repeated = (list: readonly string[]): string[] => [...new Set(list.filter((text, index) => list.indexOf(text) !== index))];
  for (const name of repeated(values.map((map) => map.name)))
    problems.push({ row: 0, message: `there are two value maps ${name}; give one of them another name` });
  for (const { name, pairs, inwardOnly = [] } of values) {
    for (const ours of repeated(pairs.map((pair) => pair.ours)))
      problems.push({
        row: 0,
        message: `value map ${name}: ours ${JSON.stringify(ours)} stands twice, so it cannot be written; move all but one of its lines to inward only`,
      });
    for (const theirs of repeated([...pairs, ...inwardOnly].map((pair) => pair.theirs)))
      problems.push({ row: 0, message: `value map ${name}: theirs ${JSON.stringify(theirs)} stands twice, so it cannot be read; keep one of its lines` });
  }
  return problems;
}

function unusedMaps({ rows, values }: MappingDocument): RowProblem[] {
  return values.filter(({ name }) => !rows.some((row) => row.values === name)).map(({ name }) => ({ row: 0, message: `value map ${name} is used by no row` }));
}

function enumOf(record: RecordKind, { ours }: ParsedRow): readonly string[] | undefined {
  const found = ours && lookUp(records[record], ours);
  return found && 'found' in found && found.found instanceof z.ZodEnum ? found.found.options.map(String) : undefined;
}

function enumProblems(record: RecordKind, parsed: ParsedRow, known: readonly RowProblem[]): RowProblem[] {
  const options = enumOf(record, parsed);
  if (!options || !parsed.values || known.some(({ row }) => row === parsed.number)) return [];
  return [...new Set(parsed.values.inward.values())]
    .filter((ours) => !options.includes(ours))
    .map((ours) => ({
      row: parsed.number,
      message: `value map ${parsed.values?.name ?? ''} gives ${JSON.stringify(ours)}, which ${parsed.row.ours} does not know; it knows ${options.join(', ')}`,
    }));
}

function enumGaps(record: RecordKind, parsed: ParsedRow): RowProblem[] {
  const options = enumOf(record, parsed);
  if (!options || !parsed.values || parsed.row.direction === 'in') return [];
  const gaps = options.filter((option) => !parsed.values?.outward.has(option));
  return gaps.length === 0
    ? []
    : [{ row: parsed.number, message: `value map ${parsed.values.name} has no line for ${gaps.join(', ')} of ${parsed.row.ours}; records with them are held` }];
}
