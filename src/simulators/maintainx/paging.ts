import { invalid } from '#simulators/maintainx/refusal';
import { range, type Call } from '#simulators/maintainx/wire';
import type { CustomFieldEntity, ExtraFields } from '#simulators/maintainx/records';

const mostRows = 200;
const usualRows = 100;

interface Listed {
  readonly id: number;
  readonly organizationId?: number;
  readonly createdAt?: number;
  readonly updatedAt?: number;
}

/** How one list is paged. `cursor`: keeps its place while data changes. `offset`: counts rows, so rows repeat or are skipped while data changes. */
export interface ListShape<T extends Listed> {
  readonly collection: string;
  readonly paging: 'cursor' | 'offset';
  readonly rows: Iterable<T>;
  readonly where?: readonly ((row: T) => boolean)[];
  /** Values that `sort` may take, without the leading minus, and what they compare. */
  readonly sorts?: Readonly<Record<string, (row: T) => number>>;
  /** Where `sort` is absent. */
  readonly usualSort?: string;
  view(row: T): unknown;
}

/** `{ <collection>: rows, nextCursor, nextPageUrl }`. */
export function page<T extends Listed>(call: Call, shape: ListShape<T>): Record<string, unknown> {
  const limit = rowLimit(call.query);
  const chosen = call.query.get('sort') ?? shape.usualSort ?? 'id';
  const order = ordering(shape, chosen);
  const matching: T[] = [];
  const conditions = [...(shape.where ?? []), ...timeFilters<T>(call)];
  outer: for (const row of shape.rows) {
    if (row.organizationId !== undefined && !call.organizationIds.has(row.organizationId)) continue;
    for (const holds of conditions) if (!holds(row)) continue outer;
    matching.push(row);
  }
  if (order) matching.sort(order.compare);
  const cursor = call.query.get('cursor');
  const start = cursor === null ? 0 : shape.paging === 'offset' ? offsetOf(cursor) : placeAfter(cursor, matching, order);
  const rows = matching.slice(start, start + limit);
  const last = rows.at(-1);
  const more = start + limit < matching.length && last !== undefined;
  const nextCursor = !more ? null : encode(shape.paging === 'offset' ? ['o', start + limit] : ['c', order ? order.value(last) : last.id, last.id]);
  if (rows.length > 0 && cursor !== null && call.skipRow()) rows.shift();
  return { [shape.collection]: rows.map((row) => shape.view(row)), nextCursor, nextPageUrl: nextCursor === null ? null : nextUrl(call, nextCursor) };
}

function rowLimit(query: URLSearchParams): number {
  const text = query.get('limit');
  if (text === null) return usualRows;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > mostRows)
    throw invalid('limit', `limit must be an integer from 1 to ${mostRows}, not ${text.slice(0, 40)}`);
  return limit;
}

interface Ordering<T> {
  readonly value: (row: T) => number;
  readonly compare: (a: T, b: T) => number;
}

/** Undefined where the natural order, by id, is the wanted one. */
function ordering<T extends Listed>(shape: ListShape<T>, sort: string): Ordering<T> | undefined {
  if (sort === 'id') return undefined;
  const down = sort.startsWith('-');
  const by = down ? sort.slice(1) : sort;
  const known: Readonly<Record<string, (row: T) => number>> = { id: (row) => row.id, ...shape.sorts };
  const read = Object.hasOwn(known, by) ? known[by] : undefined;
  if (!read) throw invalid('sort', `sort must be one of ${Object.keys(known).join(', ')}, each also with a leading minus, not ${sort.slice(0, 40)}`);
  const sign = down ? -1 : 1;
  const value = (row: T): number => sign * read(row);
  return { value, compare: (a, b) => value(a) - value(b) || a.id - b.id };
}

function timeFilters<T extends Listed>(call: Call): ((row: T) => boolean)[] {
  const filters: ((row: T) => boolean)[] = [];
  for (const field of ['updatedAt', 'createdAt'] as const) {
    const bounds = range(call.query, field);
    if (bounds) filters.push((row) => (row[field] ?? 0) >= bounds.from && (row[field] ?? 0) <= bounds.to);
  }
  return filters;
}

/** Conditions out of `?<custom field label>=value`: one label twice is OR, two labels are AND. */
export function customFieldFilters<T extends { readonly extraFields: ExtraFields; readonly organizationId: number }>(
  call: Call,
  entity: CustomFieldEntity,
): ((row: T) => boolean)[] {
  const filters: ((row: T) => boolean)[] = [];
  for (const label of new Set(call.query.keys())) {
    if (![...call.organizationIds].some((organizationId) => call.world.fieldByLabel.has(`${organizationId} ${entity} ${label}`))) continue;
    const values = call.query.getAll(label);
    filters.push((row) => values.includes(row.extraFields[label] ?? ''));
  }
  return filters;
}

const encode = (value: readonly (string | number)[]): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function decode(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(value)) return value;
  } catch {
    // Falls through to the refusal: the cursor is not one of ours.
  }
  throw invalid('cursor', 'cursor is invalid');
}

function offsetOf(cursor: string): number {
  const [kind, offset] = decode(cursor);
  if (kind !== 'o' || typeof offset !== 'number' || !Number.isSafeInteger(offset) || offset < 0) throw invalid('cursor', 'cursor is invalid');
  return offset;
}

function placeAfter<T extends Listed>(cursor: string, rows: readonly T[], order: Ordering<T> | undefined): number {
  const [kind, value, lastId] = decode(cursor);
  if (kind !== 'c' || typeof value !== 'number' || typeof lastId !== 'number') throw invalid('cursor', 'cursor is invalid');
  const read = order?.value ?? ((row: T): number => row.id);
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle] as T; // middle < high <= length
    if (read(row) < value || (read(row) === value && row.id <= lastId)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function nextUrl(call: Call, cursor: string): string {
  const query = new URLSearchParams(call.query);
  query.set('cursor', cursor);
  return `${call.path}?${query.toString()}`;
}
