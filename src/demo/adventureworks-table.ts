import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { compare, decimal, isDecimal, type Decimal } from '#base/decimal';
import { Fault } from '#base/fault';

/** One row of a table: column to text. */
export type Row = Readonly<Record<string, string>>;

/** Rows of one table at most: the largest of the history has 72,591. */
const mostRows = 500_000;
/** Bytes of one table at most, unpacked. */
const mostBytes = 256 * 1024 * 1024;

/** Where a row stands, for messages. */
const places = new WeakMap<Row, string>();

/** `Product.csv.gz line 12`: what a message says of a row. */
export const placeOf = (row: Row): string => places.get(row) ?? 'a row';

/** A row that cannot be used: where it stands, what is wrong, and what to do. */
export const badRow = (row: Row, problem: string): Fault => new Fault('misconfigured', `${placeOf(row)}: ${problem}; correct the table, nothing was loaded`);

/** Refuses a folder that is not there or lacks tables, and names all of them at once. */
export function requireTables(folder: string, names: readonly string[]): void {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Fault('misconfigured', `there is no folder ${folder}; give the folder that holds the tables as gzip CSV (${names[0] ?? ''}.csv.gz and so on)`);
  const missing = names.filter((name) => !existsSync(join(folder, `${name}.csv.gz`))).map((name) => join(folder, `${name}.csv.gz`));
  if (missing.length > 0) throw new Fault('misconfigured', `${missing.length} of ${names.length} tables are missing: ${missing.join(', ')}`);
}

/** Reads one gzip CSV table of the folder. Says which file, and which line of it, cannot be read. */
export function readTable(folder: string, name: string): readonly Row[] {
  const path = join(folder, `${name}.csv.gz`);
  let rows: readonly { readonly record: Row; readonly info: { readonly lines: number } }[];
  try {
    const text = gunzipSync(readFileSync(path), { maxOutputLength: mostBytes }).toString('utf8');
    rows = parse(text, { columns: true, trim: true, info: true, skip_empty_lines: true }) as unknown as typeof rows; // What option info answers.
  } catch (error) {
    throw new Fault('misconfigured', `read ${path}: ${error instanceof Error ? error.message : String(error)}; the folder must hold the tables as gzip CSV`, {
      cause: error,
    });
  }
  if (rows.length > mostRows) throw new Fault('misconfigured', `read ${path}: ${rows.length} rows are more than the ${mostRows} that one table may have`);
  return rows.map(({ record, info }) => {
    places.set(record, `${name}.csv.gz line ${info.lines}`);
    return record;
  });
}

/** A column that must be there. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (value === undefined) throw badRow(row, `there is no column ${column}, but ${Object.keys(row).join(', ')}`);
  return value;
}

/** A number of the tables, which write `.00` and `3.00`, as a plain decimal. */
export const figure = (row: Row, column: string): Decimal => {
  const value = text(row, column);
  const full = value.startsWith('.') ? `0${value}` : value;
  if (!isDecimal(full)) throw badRow(row, `${column} is ${JSON.stringify(value)}, which is no number`);
  return decimal(full);
};

/** A number that is not below zero. */
export const amount = (row: Row, column: string): Decimal => {
  const value = figure(row, column);
  if (compare(value, '0') < 0) throw badRow(row, `${column} is ${value}, below zero`);
  return value;
};

/** `2011-06-03` of `2011-06-03 00:00:00`; undefined where the column is empty. */
export const day = (row: Row, column: string): string | undefined => {
  const value = text(row, column);
  if (value === '') return undefined;
  const date = value.slice(0, 10);
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || Number.isNaN(Date.parse(date))) throw badRow(row, `${column} is ${JSON.stringify(value)}, which is no date`);
  return date;
};

/** A date that must be there. */
export function dayOf(row: Row, column: string): string {
  const value = day(row, column);
  if (value === undefined) throw badRow(row, `${column} is empty, a date is needed`);
  return value;
}

/** The day before a day. */
export const dayBefore = (of: string): string => new Date(Date.parse(of) - 86_400_000).toISOString().slice(0, 10);

/** Rows by the text of a column, in the order of the file. */
export function grouped(rows: readonly Row[], column: string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = text(row, column);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

/** At most `limit` of a list, spread evenly over it; all of it without a limit. */
export function spread<T>(list: readonly T[], limit: number | undefined): T[] {
  if (limit === undefined || limit >= list.length) return [...list];
  return Array.from({ length: Math.max(0, limit) }, (_, index) => list[Math.floor((index * list.length) / limit)]!); // The index is below the length.
}
