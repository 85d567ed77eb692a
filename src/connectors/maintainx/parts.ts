import * as z from 'zod';
import { decode } from '#spi/decode';
import { withLabels } from './custom-fields.ts';
import { ExtraFields, Id, id, instant, Labelled, text, whole } from './native.ts';
import { readRecords } from './paging.ts';
import type { MaintainxRecord } from './settings.ts';
import { changeOne, createOne, readOne, traceByReference, type Kind } from './writing.ts';

/** Parts on the wire; stock levels are read from the same rows. */
export const partKind: Kind = { path: '/parts', one: 'part', many: 'parts' };
export const partList = { ...partKind, member: 'parts', expand: ['extra_fields', 'vendors'], watermark: true } as const;

/** Stock of one part at one location. Quantities are whole numbers. */
export const PartLocation = z.looseObject({ locationId: Id, availableQuantity: z.int(), minimumQuantity: whole, maximumQuantity: whole });

export const Part = z.looseObject({
  id: Id,
  name: z.string(),
  description: text,
  barcode: text,
  unitCost: whole,
  partTypes: z.array(z.string()).nullish(),
  vendors: z.array(z.looseObject({ vendorId: id, partNumber: text })).nullish(),
  locations: z.array(PartLocation).nullish(),
  extraFields: ExtraFields.optional(),
  createdAt: instant,
  updatedAt: instant,
  deletedAt: instant,
  labelled: Labelled,
  code: z.string(),
});

/** Spare parts. */
export const part = (record: MaintainxRecord) =>
  record({
    kind: 'part',
    native: 'Part',
    shape: Part,
    key: (row) => String(row.id),
    version: (row) => row.updatedAt ?? undefined,
    changes: 'watermark',
    customFields: 'extraFields',
    rows: [
      { ours: 'code', theirs: 'code', direction: 'both', owner: 'finance', required: true, note: 'The ERP number, or `MX-` and the number of the record.' },
      { ours: 'name', theirs: 'name', direction: 'both', owner: 'finance', required: true },
      { ours: 'description', theirs: 'description', direction: 'both', owner: 'maintenance' },
      { ours: 'baseUnit.code', theirs: 'labelled.unit', direction: 'both', owner: 'finance', required: true, note: 'A custom field: MaintainX has no units.' },
      { ours: 'baseUnit.system', theirs: '', expression: 'settings.unitSystem', when: 'has(native.labelled.unit)', direction: 'in', owner: 'finance' },
      { ours: 'group', theirs: 'partTypes[0]', direction: 'in', owner: 'finance' },
      { ours: 'group', theirs: 'partTypes', via: 'first', direction: 'out', owner: 'finance' },
      { ours: 'price', theirs: 'unitCost', via: 'cents(settings.currency)', direction: 'both', owner: 'finance' },
      { ours: 'barcode', theirs: 'barcode', direction: 'both', owner: 'maintenance' },
      { ours: 'vendors[].vendor', theirs: 'vendors[].vendorId', via: 'text', reference: 'vendor', direction: 'both', owner: 'finance' },
      { ours: 'vendors[].partNumber', theirs: 'vendors[].partNumber', direction: 'both', owner: 'finance' },
      { ours: 'active', theirs: '', expression: '!has(native.deletedAt) || native.deletedAt == null', direction: 'in', owner: 'finance' },
      { ours: 'changedAt', theirs: 'updatedAt', via: 'instant', direction: 'in', owner: 'maintenance' },
    ],
    example: {
      id: 9001,
      name: 'Mechanical seal 40 mm',
      description: 'For pumps Etanorm 50',
      barcode: '4006381333931',
      unitCost: 8450,
      partTypes: ['Seals'],
      vendors: [{ vendorId: 71, partNumber: 'MS-40-EPDM' }],
      locations: [{ locationId: 301, availableQuantity: 12, minimumQuantity: 2, maximumQuantity: 20 }],
      extraFields: { 'ERP number': '10042', 'Unit of measure': 'PC' },
      createdAt: '2026-01-05T07:00:00.000Z',
      updatedAt: '2026-02-03T10:11:12.000Z',
      labelled: { erpNumber: '10042', unit: 'PC' },
      code: '10042',
    },
    verbs: {
      list: (session, query) => readRecords(session, query, { ...partList, shape: Part, prepare: (row) => withLabels(row, session.config) }),
      get: async (session, key) => decode(Part, withLabels(await readOne(session, partKind, key), session.config), `part ${key}`),
      create: {
        class: 'L',
        how: 'The reference stands in a custom field, by which the list is filtered.',
        run: (session, draft, { once }) => createOne(session, partKind, draft, once),
        trace: (session, once) => traceByReference(session, partKind, once),
      },
      update: {
        class: 'K',
        how: 'Members are set to absolute values. The version is compared by reading just before; a change in between is overwritten.',
        run: (session, draft, target) => changeOne(session, partKind, draft, target),
      },
    },
  });
