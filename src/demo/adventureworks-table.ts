import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { decimal, type Decimal } from '#base/decimal';
import { Fault } from '#base/fault';

/** One row of a table: column to text. */
export type Row = Readonly<Record<string, string>>;

/** Rows of one table at most: the largest has 56,502. */
const mostRows = 200_000;

/** Reads one gzip CSV table of the folder. Says which file is missing or too large. */
export function readTable(folder: string, name: string): readonly Row[] {
  const path = join(folder, `${name}.csv.gz`);
  let text: string;
  try {
    text = gunzipSync(readFileSync(path)).toString('utf8');
  } catch (error) {
    throw new Fault('misconfigured', `read ${path}: ${error instanceof Error ? error.message : String(error)}; the folder must hold the tables as gzip CSV`);
  }
  const rows = parse<Row>(text, { columns: true, trim: true });
  if (rows.length > mostRows) throw new Fault('misconfigured', `read ${path}: ${rows.length} rows are more than the ${mostRows} that one table may have`);
  return rows;
}

/** A column that must be there. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (value === undefined) throw new Fault('misconfigured', `a row has no column ${column}; it has ${Object.keys(row).join(', ')}`);
  return value;
}

/** A number of the tables, which write `.00` and `3.00`, as a plain decimal. */
export const figure = (row: Row, column: string): Decimal => {
  const value = text(row, column);
  return decimal(value.startsWith('.') ? `0${value}` : value);
};

/** `2011-06-03` of `2011-06-03 00:00:00`; undefined where the column is empty. */
export const day = (row: Row, column: string): string | undefined => {
  const value = text(row, column).slice(0, 10);
  return value === '' ? undefined : value;
};

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
