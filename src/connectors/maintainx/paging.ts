import * as z from 'zod';
import type { Page, Query } from '#spi/connector';
import { decode, decodeRows, shapePer } from '#spi/decode';
import type { MaintainxSession } from './settings.ts';

/** How one collection is read. */
export interface Collection {
  readonly path: string;
  /** The key of the rows in the answer. */
  readonly member: string;
  readonly expand?: readonly string[];
  /** Whether `updatedAt[gte]` and `sort` exist: locations, users, vendors and meters have neither. */
  readonly watermark: boolean;
}

/** Re-read before the newest change seen: the vendor writes a time before others can read the row. */
export const overlapMs = 120_000;
const beginning = '1970-01-01T00:00:00.000Z';

/** Our cursor: the vendor's own, the newest change seen since the first page, and the rows of the page before. */
const Cursor = z.object({ c: z.string().max(2000), m: z.string().max(40), ids: z.array(z.number()).max(200) });
const Envelope = z.looseObject({ nextCursor: z.string().max(2000).nullish() });
const Rows = shapePer((member) => z.object({ [member]: z.array(z.unknown()).max(1000) }));
const Row = z.looseObject({ id: z.number(), updatedAt: z.string().nullish() });

export interface RawPage {
  readonly rows: readonly unknown[];
  readonly cursor?: string;
  readonly since?: string;
}

/**
 * One page of rows, newest change first. Paging of assets, parts and orders behaves like an offset: while records change, rows move to the front,
 * so that later pages repeat rows and skip none; repeats of the page before are dropped, others are recognised by version.
 */
export async function readPage({ api }: MaintainxSession, query: Query, of: Collection): Promise<RawPage> {
  const from = query.cursor === undefined ? undefined : decode(Cursor, parseCursor(query.cursor), `the cursor of ${of.path}`);
  const answer = await api.get(of.path, {
    limit: query.limit,
    cursor: from?.c,
    expand: of.expand,
    ...(of.watermark ? { sort: '-updatedAt', 'updatedAt[gte]': query.since } : {}),
  });
  const where = `GET ${of.path}`;
  const { nextCursor } = decode(Envelope, answer, where);
  const all = decode(Rows(of.member), answer, where)[of.member] ?? [];
  const repeated = new Set(from?.ids);
  let newest = from?.m ?? '';
  const ids: number[] = [];
  const rows = all.filter((row) => {
    const read = Row.safeParse(row);
    if (!read.success) return true;
    ids.push(read.data.id);
    const changed = read.data.updatedAt ?? '';
    if (changed > newest) newest = changed;
    return !repeated.has(read.data.id);
  });
  const since = of.watermark ? { since: markOf(newest, query.since) } : {};
  return { rows, ...since, ...(nextCursor ? { cursor: Buffer.from(JSON.stringify({ c: nextCursor, m: newest, ids })).toString('base64url') } : {}) };
}

function parseCursor(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Where the next poll starts; never before where this one did. */
function markOf(newest: string, since: string | undefined): string {
  const at = Date.parse(newest);
  const mark = Number.isNaN(at) ? beginning : new Date(at - overlapMs).toISOString();
  return since !== undefined && since > mark ? since : mark;
}

/** The same with rows decoded; a row of another shape is held by itself. */
export async function readRecords<Shape extends z.ZodType>(
  session: MaintainxSession,
  query: Query,
  how: Collection & { readonly shape: Shape; readonly prepare: (row: unknown) => unknown },
): Promise<Page<z.output<Shape>>> {
  const { rows, ...marks } = await readPage(session, query, how);
  const { records, drifted } = decodeRows(how.shape, rows.map(how.prepare), keyOf);
  return { records, ...marks, ...(drifted.length === 0 ? {} : { drifted }) };
}

export function keyOf(row: unknown): string | undefined {
  const read = Row.safeParse(row);
  return read.success ? String(read.data.id) : undefined;
}
