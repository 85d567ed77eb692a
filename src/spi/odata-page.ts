import * as z from 'zod';
import { Fault } from '#base/fault';
import type { Row } from '#spi/odata-codec';
import type { ODataClient } from '#spi/odata';
import type { Condition, ODataQuery } from '#spi/odata-query';
import type { EntityType } from '#spi/odata-type';

/** How far back a poll looks behind its mark: changes become visible after their own time stamp. */
export const overlapMs = 5 * 60_000;

/** The mark of a list in which nothing has ever been seen. */
export const beginning = '1970-01-01T00:00:00.000Z';

const Cursor = z.object({
  /** Rows handed out so far, and how many the present request had asked for up to. */
  done: z.int().min(0),
  until: z.int().min(0),
  /** Where the server cut the answer. */
  next: z.string().max(8000).optional(),
  /** The latest change seen so far. */
  mark: z.string().max(40),
});

export interface Listing {
  readonly type: EntityType;
  readonly filter?: readonly Condition[];
  readonly expand?: readonly string[];
  /** A stable order: the keys of the set. */
  readonly orderBy: readonly string[];
  /** The property that says when a row changed (an instant or a day); absent where the set has none. */
  readonly changedAt?: string;
  /** Where no single property says it: conditions for "changed since this instant", and the instant of a row. */
  readonly changes?: { since(instant: string): readonly Condition[]; of(row: Row): string | undefined };
}

export interface ListedRows {
  readonly rows: readonly Row[];
  readonly cursor?: string;
  readonly since?: string;
}

/**
 * One page of a set in key order. The server's own cuts are followed first; then the next rows are asked for by `$skip`, which is safe because these sets
 * lose no rows while they are read (SAP marks for deletion) and order by key. With a mark, only rows changed since then, less the overlap.
 */
export async function listRows(
  client: ODataClient,
  listing: Listing,
  query: { readonly since?: string; readonly cursor?: string; readonly limit: number },
): Promise<ListedRows> {
  const at = query.cursor === undefined ? { done: 0, until: 0, mark: query.since ?? beginning } : readCursor(query.cursor);
  const following = at.next !== undefined && at.until - at.done <= query.limit;
  const until = following ? at.until : at.done + query.limit;
  const page =
    following && at.next !== undefined ? await client.follow(listing.type, at.next) : await client.list(listing.type, queryOf(listing, query, at.done));
  const done = at.done + page.rows.length;
  if (page.rows.length > until - at.done)
    throw new Fault('drifted', `${client.service.name}/${listing.type.set} answered ${page.rows.length} rows where ${until - at.done} were asked for`);
  const mark = latest(page.rows, listing, at.mark);
  const more =
    page.next !== undefined ? { done, until, next: page.next, mark } : done === until && page.rows.length > 0 ? { done, until: done, mark } : undefined;
  return { rows: page.rows, ...(more === undefined ? { since: mark } : { cursor: JSON.stringify(more) }) };
}

function readCursor(text: string): z.output<typeof Cursor> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = Cursor.safeParse(value);
  if (!parsed.success) throw new Fault('misconfigured', 'the place to continue a list from cannot be read; start the list again');
  return parsed.data;
}

function queryOf(listing: Listing, query: { readonly since?: string; readonly limit: number }, skip: number): ODataQuery {
  const changed = query.since === undefined || query.since === beginning ? [] : changedSince(listing, before(query.since));
  return {
    filter: [...(listing.filter ?? []), ...changed],
    ...(listing.expand === undefined ? {} : { expand: listing.expand }),
    orderBy: listing.orderBy,
    top: query.limit,
    skip,
  };
}

function changedSince({ type, changedAt, changes }: Listing, instant: string): readonly Condition[] {
  if (changes) return changes.since(instant);
  if (changedAt === undefined) return [];
  return [[changedAt, 'ge', type.byName.get(changedAt)?.kind === 'day' ? instant.slice(0, 10) : instant]];
}

/** A mark less the overlap, as ISO text. */
export function before(mark: string): string {
  const at = Date.parse(mark);
  if (Number.isNaN(at)) throw new Fault('misconfigured', 'the mark of the last poll cannot be read; start the list again');
  return new Date(Math.max(0, at - overlapMs)).toISOString();
}

function latest(rows: readonly Row[], { changedAt, changes }: Listing, mark: string): string {
  let last = mark;
  for (const row of rows) {
    const value = changes ? changes.of(row) : changedAt === undefined ? undefined : row[changedAt];
    if (typeof value === 'string' && value > last) last = value;
  }
  return last;
}
