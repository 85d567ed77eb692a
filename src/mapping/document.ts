import * as z from 'zod';
import { mappingLimits } from '#mapping/limits';
import type { Overlay } from '#mapping/overlay';
import { directions, owners } from '#mapping/row';
import { records, type RecordKind } from '#model/records';

const kinds = Object.keys(records) as [RecordKind, ...RecordKind[]];
const cell = z.string().max(mappingLimits.expressionLength);
const pair = z.strictObject({ ours: cell, theirs: cell });

const row = z.strictObject({
  ours: cell.default(''),
  theirs: cell.default(''),
  direction: z.enum(directions),
  owner: z.enum(owners),
  via: cell.optional(),
  values: cell.optional(),
  reference: z.enum(kinds).optional(),
  expression: cell.optional(),
  when: cell.optional(),
  required: z.boolean().optional(),
  note: cell.optional(),
});

const valueMap = z.strictObject({ name: cell.min(1), pairs: z.array(pair).max(5_000).default([]), inwardOnly: z.array(pair).max(5_000).optional() });

/** The shape of a mapping document that comes from a file, the editor or the database. */
export const documentShape = z.strictObject({
  id: z.string().min(1).max(200),
  record: z.enum(kinds),
  rows: z.array(row).max(mappingLimits.rows).default([]),
  values: z.array(valueMap).max(100).default([]),
});

/** The shape of what a plant lays over a connector's mapping: a document, and the rows that it takes out. */
export const overlayShape = documentShape.extend({ without: z.array(pair).max(mappingLimits.rows).optional() });

/** Leaves out absent members, so that equal documents are equal values. */
export function plainDocument(parsed: z.output<typeof overlayShape>): Overlay {
  // JSON drops exactly the members that are undefined; the schema has checked the rest.
  return JSON.parse(JSON.stringify(parsed)) as Overlay;
}
