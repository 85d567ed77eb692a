import * as z from 'zod';
import type { MappingRow } from '#mapping/row';
import { decode } from '#spi/decode';
import { withLabels } from './custom-fields.ts';
import { ExtraFields, Id, id, instant, Labelled, text } from './native.ts';
import { readRecords } from './paging.ts';
import type { MaintainxRecord, MaintainxSession } from './settings.ts';
import { changeOne, createOne, readOne, traceByReference, type Kind } from './writing.ts';

const kind: Kind = { path: '/locations', one: 'location', many: 'locations' };
const listed = { ...kind, member: 'locations', expand: ['extra_fields', 'barcode'], watermark: false } as const;

const Location = z.looseObject({
  id: Id,
  name: z.string(),
  description: text,
  parentId: id,
  createdAt: instant,
  updatedAt: instant,
  deletedAt: instant,
  extraFields: ExtraFields.optional(),
  labelled: Labelled,
  code: z.string(),
});

const example = {
  id: 301,
  name: 'Storeroom ST01',
  description: 'Central spare parts',
  parentId: 300,
  createdAt: '2026-01-05T07:00:00.000Z',
  updatedAt: '2026-02-03T10:11:12.000Z',
  extraFields: { 'ERP number': 'ST01' },
  labelled: { erpNumber: 'ST01' },
  code: 'ST01',
};

const rows: readonly MappingRow[] = [
  { ours: 'code', theirs: 'code', direction: 'both', owner: 'finance', required: true, note: 'The ERP number, or `MX-` and the number of the record.' },
  { ours: 'name', theirs: 'name', direction: 'both', owner: 'maintenance', required: true },
  { ours: 'active', theirs: '', expression: '!has(native.deletedAt) || native.deletedAt == null', direction: 'in', owner: 'maintenance' },
  { ours: 'changedAt', theirs: 'updatedAt', via: 'instant', direction: 'in', owner: 'maintenance' },
];

const prepared = (session: MaintainxSession) => (row: unknown) => withLabels(row, session.config);
const list = (session: MaintainxSession, query: Parameters<typeof readRecords>[1]) =>
  readRecords(session, query, { ...listed, shape: Location, prepare: prepared(session) });
const get = async (session: MaintainxSession, key: string) =>
  decode(Location, withLabels(await readOne(session, kind, key), session.config), `location ${key}`);

/** Places. The list has no filter by change, so that all are read and compared. */
export const location = (record: MaintainxRecord) =>
  record({
    kind: 'location',
    native: 'Location',
    shape: Location,
    key: (row) => String(row.id),
    version: (row) => row.updatedAt ?? undefined,
    changes: 'sweep',
    customFields: 'extraFields',
    rows: [...rows, { ours: 'parent', theirs: 'parentId', via: 'text', reference: 'location', direction: 'both', owner: 'maintenance' }],
    example,
    verbs: {
      list,
      get,
      create: {
        class: 'L',
        how: 'The reference stands in a custom field, by which the list is filtered; the vendor refuses no second one, so the lookup comes first.',
        run: (session, draft, { once }) => createOne(session, kind, draft, once),
        trace: (session, once) => traceByReference(session, kind, once),
      },
      update: {
        class: 'K',
        how: 'Members are set to absolute values. The version is compared by reading just before; a change in between is overwritten.',
        run: (session, draft, target) => changeOne(session, kind, draft, target),
      },
    },
  });

/** MaintainX has no storerooms: parts lie at locations, so every location can be one. */
export const storeroom = (record: MaintainxRecord) =>
  record({
    kind: 'storeroom',
    native: 'Location',
    shape: Location,
    key: (row) => String(row.id),
    version: (row) => row.updatedAt ?? undefined,
    changes: 'sweep',
    customFields: 'extraFields',
    rows,
    example,
    verbs: { list, get },
  });
