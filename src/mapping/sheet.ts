import { parse as parseCsv, type CsvError } from 'csv-parse/sync';
import { Fault } from '#base/fault';
import { overlayShape, plainDocument } from '#mapping/document';
import { mappingLimits } from '#mapping/limits';
import type { Overlay } from '#mapping/overlay';
import type { MappingDocument, MappingRow, RowName, ValueMap } from '#mapping/row';

/** Columns of the sheet. `what` says what a line is: the mapping itself, a row, a row of the connector that is taken out, a value map, one of its pairs, or a pair that is only read. */
export const sheetColumns = [
  'what',
  'name',
  'ours',
  'theirs',
  'direction',
  'owner',
  'via',
  'values',
  'reference',
  'expression',
  'when',
  'required',
  'note',
] as const;
export type SheetColumn = (typeof sheetColumns)[number];
export type SheetLine = Readonly<Record<SheetColumn, string>>;
export const whats = ['mapping', 'row', 'without', 'map', 'pair', 'inward pair'] as const;

const blank: SheetLine = {
  what: '',
  name: '',
  ours: '',
  theirs: '',
  direction: '',
  owner: '',
  via: '',
  values: '',
  reference: '',
  expression: '',
  when: '',
  required: '',
  note: '',
};

/** A document as lines of cells, for a table on a screen and for spreadsheets. */
export function sheetLines({ id, record, rows, values, without }: Overlay): SheetLine[] {
  const optional = ['via', 'values', 'reference', 'expression', 'when', 'note'] as const;
  return [
    { ...blank, what: 'mapping', name: id, reference: record },
    ...rows.map((row): SheetLine => ({
      ...blank,
      what: 'row',
      ours: row.ours,
      theirs: row.theirs,
      direction: row.direction,
      owner: row.owner,
      required: row.required === undefined ? '' : row.required ? 'yes' : 'no',
      ...Object.fromEntries(optional.map((name) => [name, row[name] ?? ''])),
    })),
    ...(without ?? []).map((name) => ({ ...blank, what: 'without', ...name })),
    ...values.flatMap(({ name, pairs, inwardOnly }): SheetLine[] => [
      { ...blank, what: 'map', name },
      ...pairs.map((pair) => ({ ...blank, what: 'pair', name, ...pair })),
      ...(inwardOnly ?? []).map((pair) => ({ ...blank, what: 'inward pair', name, ...pair })),
    ]),
  ];
}

/** A spreadsheet runs cells that start like a formula; an apostrophe before them keeps them text. Import takes one apostrophe off again. */
const formulaLike = /^'*[=+\-@\t\r]/;
export const safeCell = (text: string): string => (formulaLike.test(text) ? `'${text}` : text);
export const unsafeCell = (text: string): string => (text.startsWith("'") && formulaLike.test(text) ? text.slice(1) : text);

const quoted = (text: string): string => (/[",;\r\n\t]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A document as CSV (RFC 4180) with a header line. */
export function exportCsv(document: Overlay): string {
  return [sheetColumns.join(','), ...sheetLines(document).map((line) => sheetColumns.map((column) => quoted(safeCell(line[column]))).join(','))]
    .map((line) => `${line}\r\n`)
    .join('');
}

/** Most characters of a mapping file. */
export const sheetLength = 2_000_000;

interface PlacedLine {
  readonly line: SheetLine;
  readonly number: number;
}

/** What a file holds, and where in the file each part stands. */
export interface PlacedOverlay {
  readonly overlay: Overlay;
  /** Line of the row, counted from 0, of a row that is taken out, or of the document as a whole. */
  lineOf(part: 'document' | { readonly row: number } | { readonly without: number }): number;
}

/** Reads what `exportCsv` wrote, as spreadsheets save it (comma, semicolon or tab, with or without a byte-order mark). Throws a `misconfigured` fault that names file:line:column. */
export function importCsv(text: string, file: string): MappingDocument {
  return whole(importOverlayCsv(text, file), file);
}

/** Reads a plant's overlay from CSV. Throws like `importCsv`. */
export function importOverlayCsv(text: string, file: string): PlacedOverlay {
  const [header, ...lines] = cells(text, file);
  const columns = columnsOf(header, file);
  return documentOf(
    lines.filter(({ record }) => record.some((cell) => cell !== '')).map(({ record, number }) => ({ number, line: lineOf(record, { columns, file, number }) })),
    file,
  );
}

/** Reads lines of cells that another reader took from a spreadsheet; line numbers count from `firstLine`. */
export function importLines(lines: readonly SheetLine[], file: string, firstLine = 2): MappingDocument {
  return whole(
    documentOf(
      lines.map((line, index) => ({ line, number: firstLine + index })),
      file,
    ),
    file,
  );
}

/** A whole mapping has nothing to take rows out of. */
export function whole({ overlay, lineOf }: PlacedOverlay, file: string): MappingDocument {
  const { without, ...document } = overlay;
  if (without && without.length > 0)
    throw wrong(file, `${lineOf({ without: 0 })}:1`, 'a whole mapping takes no rows out: delete the row itself, and this line');
  return document;
}

const wrong = (file: string, place: string, message: string): Fault =>
  new Fault('misconfigured', `${file}:${place}: ${message}`, { where: `${file}:${place}` });

interface Cells {
  readonly record: readonly string[];
  readonly number: number;
}

function cells(text: string, file: string): Cells[] {
  if (text.length > sheetLength) throw wrong(file, '1:1', `the file has ${text.length} characters, more than ${sheetLength}`);
  const delimiter = /^\uFEFF?"?what"?([,;\t])/.exec(text)?.[1];
  if (delimiter === undefined) throw wrong(file, '1:1', `the first line must be the header ${sheetColumns.join(',')}`);
  try {
    const parsed: unknown = parseCsv(text, { bom: true, delimiter, info: true, relax_column_count: true, skip_empty_lines: false });
    let line = 1;
    return (parsed as { record: string[]; info: { lines: number } }[]).map(({ record, info }) => {
      const number = line;
      line = info.lines + 1;
      return { record, number };
    });
  } catch (error) {
    const { lines, column, message } = error as CsvError & { lines?: number; column?: unknown };
    throw wrong(file, `${lines ?? 1}:${typeof column === 'number' ? column + 1 : 1}`, `the CSV cannot be read: ${message}`);
  }
}

function columnsOf(header: Cells | undefined, file: string): readonly (SheetColumn | undefined)[] {
  const found = (header?.record ?? []).map((cell) => cell.trim());
  const columns = found.map((name, index) => {
    const column = sheetColumns.find((known) => known === name);
    if (name !== '' && !column) throw wrong(file, `1:${index + 1}`, `there is no column ${name}; the columns are ${sheetColumns.join(', ')}`);
    if (column && found.indexOf(name) !== index) throw wrong(file, `1:${index + 1}`, `the column ${name} stands twice`);
    return column;
  });
  const absent = (['ours', 'theirs', 'direction', 'owner'] as const).find((name) => !columns.includes(name));
  if (absent) throw wrong(file, '1:1', `the column ${absent} is missing`);
  return columns;
}

function lineOf(
  record: readonly string[],
  { columns, file, number }: { readonly columns: readonly (SheetColumn | undefined)[]; readonly file: string; readonly number: number },
): SheetLine {
  const line: Record<SheetColumn, string> = { ...blank };
  record.forEach((cell, index) => {
    const column = columns[index];
    if (column) line[column] = unsafeCell(cell);
    else if (cell !== '') throw wrong(file, `${number}:${index + 1}`, `the cell ${JSON.stringify(cell.slice(0, 40))} stands under no column`);
  });
  return line;
}

/** Which cells may be filled on which kind of line. */
export const filled: Readonly<Record<(typeof whats)[number], readonly SheetColumn[]>> = {
  mapping: ['name', 'reference'],
  row: ['ours', 'theirs', 'direction', 'owner', 'via', 'values', 'reference', 'expression', 'when', 'required', 'note'],
  without: ['ours', 'theirs'],
  map: ['name'],
  pair: ['name', 'ours', 'theirs'],
  'inward pair': ['name', 'ours', 'theirs'],
};

interface MapDraft {
  readonly name: string;
  readonly pairs: { ours: string; theirs: string }[];
  readonly inwardOnly: { ours: string; theirs: string }[];
}

function documentOf(lines: readonly PlacedLine[], file: string): PlacedOverlay {
  const without: { readonly name: RowName; readonly number: number }[] = [];
  const rows: { readonly row: Partial<MappingRow>; readonly number: number }[] = [];
  const maps = new Map<string, MapDraft>();
  let head: { id: string; record: string; number: number } | undefined;
  for (const { line, number } of lines) {
    const place = (column: SheetColumn): string => `${number}:${sheetColumns.indexOf(column) + 1}`;
    const what = whats.find((known) => known === line.what);
    if (!what) throw wrong(file, place('what'), `${JSON.stringify(line.what)} is no kind of line; write ${whats.join(', ')}`);
    const extra = sheetColumns.find((column) => column !== 'what' && line[column] !== '' && !filled[what].includes(column));
    if (extra) throw wrong(file, place(extra), `a ${what} has no ${extra}; empty the cell`);
    if (what === 'mapping') {
      if (head) throw wrong(file, place('what'), 'a second mapping begins; one file holds one mapping');
      head = { id: line.name, record: line.reference, number };
    } else if (what === 'without') without.push({ number, name: { ours: line.ours, theirs: line.theirs } });
    else if (what === 'row') rows.push({ number, row: rowOf(line, (column, message) => wrong(file, place(column), message)) });
    else if (what === 'map') {
      if (maps.has(line.name)) throw wrong(file, place('name'), `the value map ${line.name} begins twice`);
      maps.set(line.name, { name: line.name, pairs: [], inwardOnly: [] });
    } else {
      const map = maps.get(line.name);
      if (!map) throw wrong(file, place('name'), `the value map ${JSON.stringify(line.name)} has no line of its own before its pairs; add one with what = map`);
      map[what === 'pair' ? 'pairs' : 'inwardOnly'].push({ ours: line.ours, theirs: line.theirs });
    }
  }
  if (!head) throw wrong(file, '2:1', 'the line with what = mapping, the id as name and the record kind as reference is missing');
  const { number: first, ...named } = head;
  return {
    overlay: checked(
      {
        ...named,
        rows: rows.map(({ row }) => row),
        values: [...maps.values()].map(mapOf),
        ...(without.length > 0 ? { without: without.map(({ name }) => name) } : {}),
      },
      { file, lines: rows.map(({ number }) => number) },
    ),
    lineOf: (part) => (part === 'document' ? first : 'row' in part ? rows[part.row]?.number : without[part.without]?.number) ?? first,
  };
}

const mapOf = ({ name, pairs, inwardOnly }: MapDraft): ValueMap => ({ name, pairs, ...(inwardOnly.length > 0 ? { inwardOnly } : {}) });

function rowOf(line: SheetLine, fail: (column: SheetColumn, message: string) => Fault): Partial<MappingRow> {
  const required = line.required.toLowerCase();
  if (!['', 'yes', 'no', 'true', 'false'].includes(required)) throw fail('required', `${JSON.stringify(line.required)} is neither yes, no nor empty`);
  const present = sheetColumns.filter(
    (column) => filled.row.includes(column) && column !== 'required' && (line[column] !== '' || column === 'ours' || column === 'theirs'),
  );
  return {
    ...Object.fromEntries(present.map((column) => [column, line[column]])),
    ...(required === '' ? {} : { required: required === 'yes' || required === 'true' }),
  };
}

function checked(draft: unknown, { file, lines }: { readonly file: string; readonly lines: readonly number[] }): Overlay {
  const parsed = overlayShape.safeParse(draft);
  if (parsed.success) return plainDocument(parsed.data);
  const first = parsed.error.issues[0];
  const [list, index, member] = first?.path ?? [];
  if (list === 'rows' && typeof index === 'number') {
    const column = sheetColumns.findIndex((name) => name === member);
    throw wrong(file, `${lines[index] ?? 2}:${column + 1}`, `${String(member)}: ${first?.message ?? ''}`);
  }
  const [line, column, name] = list === 'record' ? [2, sheetColumns.indexOf('reference') + 1, 'reference'] : [2, 2, (first?.path ?? []).join('.')];
  throw wrong(
    file,
    `${line}:${column}`,
    `${name}: ${first?.message ?? ''}${(first?.path ?? []).length === 1 && list === 'rows' ? ` (at most ${mappingLimits.rows} rows)` : ''}`,
  );
}
