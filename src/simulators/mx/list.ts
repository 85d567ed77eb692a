import { badRead } from './refusal.ts';

export interface Row {
  readonly id: number;
  updatedAt: number;
  readonly createdAt: number;
}

export interface ListAsk {
  readonly query: URLSearchParams;
  /** `true`: the cursor names a position in the order and survives changes; `offset`: it counts rows, so that changes while paging repeat or skip. */
  readonly paging: 'true' | 'offset';
  /** Whether the list can be narrowed by `updatedAt` and `createdAt`. */
  readonly byTime: boolean;
  readonly path: string;
  readonly baseUrl: string;
  /** A fault button: this many rows are left out of the page. */
  readonly skip?: number;
}

export interface ListAnswer<T> {
  readonly rows: readonly T[];
  readonly nextCursor: string | null;
  readonly nextPageUrl: string | null;
}

const timeFilters = ['updatedAt[gte]', 'updatedAt[lte]', 'createdAt[gte]', 'createdAt[lte]'] as const;

/** Filters, sorts and cuts a page: `limit` 1 to 200, default 100. */
export function listPage<T extends Row>(all: Iterable<T>, ask: ListAsk, keep: (row: T) => boolean = () => true): ListAnswer<T> {
  const { query } = ask;
  const limit = query.get('limit') === null ? 100 : Number(query.get('limit'));
  if (!Number.isInteger(limit) || limit < 1 || limit > 200) throw badRead('"limit" must be between 1 and 200');
  const bounds = ask.byTime ? timeFilters.flatMap((name) => {
    const text = query.get(name);
    if (text === null) return [];
    const at = Date.parse(text);
    if (Number.isNaN(at)) throw badRead(`"${name}" must be a valid ISO 8601 date`);
    return [{ field: name.slice(0, 9) as 'updatedAt' | 'createdAt', least: name.endsWith('[gte]'), at }];
  }) : [];
  const sort = query.get('sort');
  if (sort !== null && !/^-?(updatedAt|createdAt|id)$/.test(sort)) throw badRead(`"sort" must be one of [updatedAt, -updatedAt, createdAt, -createdAt]`);
  const field = (sort?.replace('-', '') ?? 'id') as 'updatedAt' | 'createdAt' | 'id';
  const sign = sort?.startsWith('-') ? -1 : 1;
  const rows: T[] = [];
  for (const row of all) if (bounds.every(({ field: bound, least, at }) => (least ? row[bound] >= at : row[bound] <= at)) && keep(row)) rows.push(row);
  rows.sort((a, b) => sign * (a[field] - b[field]) || a.id - b.id);
  const start = startOf(rows, query.get('cursor'), ask.paging, field, sign);
  const page = rows.slice(start, start + limit);
  const more = start + limit < rows.length;
  const last = page.at(-1);
  const next = !more || !last ? null : encode(ask.paging === 'true' ? { at: last[field], id: last.id } : { offset: start + limit });
  const shown = ask.skip ? page.slice(ask.skip) : page;
  if (next === null) return { rows: shown, nextCursor: null, nextPageUrl: null };
  const following = new URLSearchParams(query);
  following.set('cursor', next);
  return { rows: shown, nextCursor: next, nextPageUrl: `${ask.baseUrl}${ask.path}?${following.toString()}` };
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function startOf<T extends Row>(rows: readonly T[], cursor: string | null, paging: ListAsk['paging'], field: 'updatedAt' | 'createdAt' | 'id', sign: number): number {
  if (cursor === null) return 0;
  let place: { at?: number; id?: number; offset?: number };
  try {
    place = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as typeof place;
  } catch {
    throw badRead('"cursor" is invalid');
  }
  if (paging === 'offset') {
    if (!Number.isInteger(place.offset)) throw badRead('"cursor" is invalid');
    return place.offset!;
  }
  if (typeof place.at !== 'number' || typeof place.id !== 'number') throw badRead('"cursor" is invalid');
  const { at, id } = place;
  const index = rows.findIndex((row) => sign * (row[field] - at) > 0 || (row[field] === at && row.id > id));
  return index < 0 ? rows.length : index;
}
