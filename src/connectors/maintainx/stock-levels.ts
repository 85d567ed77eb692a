import * as z from 'zod';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import type { Drifted, Page, Query, Receipt, WriteTarget } from '#spi/connector';
import { decode, issuesText } from '#spi/decode';
import { path } from '#spi/rest';
import { withLabels } from './custom-fields.ts';
import { Id, instant, Labelled, whole } from './native.ts';
import { keyOf, readPage } from './paging.ts';
import { Part, partKind, partList } from './parts.ts';
import type { MaintainxRecord, MaintainxSession } from './settings.ts';
import { agreeWithSeen, quietly, readOne } from './writing.ts';

/** One row of a part's `locations`, with what the part says for all of them. */
const StockLevel = z.looseObject({
  partId: Id,
  locationId: Id,
  availableQuantity: z.int(),
  minimumQuantity: whole,
  maximumQuantity: whole,
  unitCost: whole,
  updatedAt: instant,
  labelled: Labelled,
});
type StockLevel = z.output<typeof StockLevel>;

const rowsOf = (part: z.output<typeof Part>): StockLevel[] =>
  (part.locations ?? []).map((row) => ({ ...row, partId: part.id, unitCost: part.unitCost, updatedAt: part.updatedAt, labelled: part.labelled }));

/** Our cursor: the cursor of the parts, and how many stock levels of that page were given already. */
const Cursor = z.object({ parts: z.string().optional(), given: z.int().min(0).max(1_000_000) });

/** Parts are read page by page and laid out by location; a page of parts that has more locations than asked for is given in several. */
async function list(session: MaintainxSession, query: Query): Promise<Page<StockLevel>> {
  const from = query.cursor === undefined ? { given: 0 } : decode(Cursor, parse(query.cursor), 'the cursor of stock levels');
  const { cursor: _cursor, ...rest } = query;
  const page = await readPage(session, 'parts' in from && from.parts !== undefined ? { ...rest, cursor: from.parts } : rest, partList);
  const drifted: Drifted[] = [];
  const all = page.rows.flatMap((row) => {
    const part = Part.safeParse(withLabels(row, session.config));
    if (part.success) return rowsOf(part.data);
    const key = keyOf(row);
    drifted.push({ message: issuesText(part.error), ...(key === undefined ? {} : { key }) });
    return [];
  });
  const records = all.slice(from.given, from.given + query.limit);
  const given = from.given + records.length;
  const next = given < all.length ? { ...from, given } : page.cursor === undefined ? undefined : { parts: page.cursor, given: 0 };
  return {
    records,
    ...(from.given > 0 || drifted.length === 0 ? {} : { drifted }),
    ...(next === undefined ? {} : { cursor: Buffer.from(JSON.stringify(next)).toString('base64url') }),
    ...(page.since === undefined ? {} : { since: page.since }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** `9001@301`: part and location. */
function splitKey(key: string): { part: string; location: number } {
  const match = /^(\d{1,15})@(\d{1,15})$/.exec(key);
  if (!match) throw new Fault('rejected', `${JSON.stringify(key.slice(0, 60))} is not the key of a stock level; part@location is expected`);
  return { part: match[1] ?? '', location: Number(match[2]) };
}

const readPart = async (session: MaintainxSession, key: string) =>
  decode(Part, withLabels(await readOne(session, partKind, key), session.config), `part ${key}`);

async function get(session: MaintainxSession, key: string): Promise<StockLevel> {
  const { part, location } = splitKey(key);
  const found = rowsOf(await readPart(session, part)).find((row) => row.locationId === location);
  if (!found) throw new Fault('missing', `GET /parts/${part}: the part is not kept at location ${location}`);
  return found;
}

const figure = /^-?\d+(\.\d+)?$/;

/** What was seen is the quantity at this location, or the version of the part. The part's version also changes with its other locations and its texts, so that a figure is compared with the figure. */
function agreeWithFigure(before: z.output<typeof Part>, location: number, target: WriteTarget): void {
  if (target.seen === undefined || !figure.test(target.seen)) return agreeWithSeen(before, target, `part ${before.id}`);
  const now = rowsOf(before).find((row) => row.locationId === location)?.availableQuantity;
  if (Number(target.seen) !== now)
    throw new Fault('conflict', `part ${before.id} has ${now ?? 'no quantity'} at location ${location}, where ${target.seen} was read`);
}

const Draft = z.looseObject({
  partId: Id.optional(),
  locationId: Id.optional(),
  availableQuantity: z.int().optional(),
  minimumQuantity: z.int().optional(),
  maximumQuantity: z.int().optional(),
});

/** Sets absolute quantities of one location; the other locations of the part stay as they are. */
async function write(session: MaintainxSession, draft: JsonObject, target: WriteTarget): Promise<Receipt> {
  const { partId, locationId, ...quantities } = decode(Draft, draft, 'the stock level to write');
  const { part, location } = splitKey(target.key ?? `${partId ?? ''}@${locationId ?? ''}`);
  if (target.seen !== undefined) agreeWithFigure(await readPart(session, part), location, target);
  const { availableQuantity, minimumQuantity, maximumQuantity } = quantities;
  const row = {
    locationId: location,
    ...(availableQuantity === undefined ? {} : { availableQuantity }),
    ...(minimumQuantity === undefined ? {} : { minimumQuantity }),
    ...(maximumQuantity === undefined ? {} : { maximumQuantity }),
  };
  const answer = await session.api.patch(path`/parts/${part}`, { locations: { addedUpdated: [row] } }, quietly);
  const stamp = z.looseObject({ part: z.looseObject({ updatedAt: z.string() }) }).safeParse(answer);
  return { id: `${part}@${location}`, ...(stamp.success ? { version: stamp.data.part.updatedAt } : {}) };
}

/** On-hand and reorder points by part and location. MaintainX has no storerooms beside its locations. */
export const stockLevel = (record: MaintainxRecord) =>
  record({
    kind: 'stockLevel',
    native: 'Part location',
    shape: StockLevel,
    key: (row) => `${row.partId}@${row.locationId}`,
    version: (row) => row.updatedAt ?? undefined,
    changes: 'watermark',
    rows: [
      { ours: 'part', theirs: 'partId', via: 'text', reference: 'part', direction: 'both', owner: 'hub', required: true },
      { ours: 'storeroom', theirs: 'locationId', via: 'text', reference: 'storeroom', direction: 'both', owner: 'hub', required: true },
      {
        ours: 'onHand.value',
        theirs: 'availableQuantity',
        via: 'integer',
        direction: 'both',
        owner: 'finance',
        required: true,
        note: 'Whole numbers only; a fraction is refused.',
      },
      { ours: 'onHand.unit.code', theirs: 'labelled.unit', direction: 'in', owner: 'finance', required: true },
      { ours: 'onHand.unit.system', theirs: '', expression: 'settings.unitSystem', direction: 'in', owner: 'finance' },
      { ours: 'reorderPoint', theirs: 'minimumQuantity', via: 'integer', direction: 'both', owner: 'finance' },
      { ours: 'maximum', theirs: 'maximumQuantity', via: 'integer', direction: 'both', owner: 'finance' },
      { ours: 'valuationPrice', theirs: 'unitCost', via: 'cents(settings.currency)', direction: 'in', owner: 'finance' },
      { ours: 'changedAt', theirs: 'updatedAt', via: 'instant', direction: 'in', owner: 'finance' },
    ],
    example: {
      partId: 9001,
      locationId: 301,
      availableQuantity: 12,
      minimumQuantity: 2,
      maximumQuantity: 20,
      area: 'A-12',
      unitCost: 8450,
      updatedAt: '2026-02-03T10:11:12.000Z',
      labelled: { erpNumber: '10042', unit: 'PC' },
    },
    verbs: {
      list,
      get,
      create: { class: 'K', how: 'The quantities of the location are set to absolute values; the vendor has no call that adds or subtracts.', run: write },
      update: {
        class: 'K',
        how: 'The quantities of the location are set to absolute values; the vendor has no call that adds or subtracts. A consumption between reading and writing is overwritten and shows at the next comparison.',
        run: write,
      },
    },
  });
