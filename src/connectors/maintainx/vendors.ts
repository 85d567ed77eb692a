import * as z from 'zod';
import { decode } from '#spi/decode';
import { withLabels } from './custom-fields.ts';
import { ExtraFields, Id, instant, Labelled, text } from './native.ts';
import { readRecords } from './paging.ts';
import type { MaintainxRecord } from './settings.ts';
import { changeOne, createOne, readOne, traceByReference, type Kind } from './writing.ts';

const kind: Kind = { path: '/vendors', one: 'vendor', many: 'vendors' };

const Vendor = z.looseObject({
  id: Id,
  name: z.string(),
  description: text,
  emails: z.array(z.string()).nullish(),
  phoneNumbers: z.array(z.string()).nullish(),
  deletedAt: instant,
  extraFields: ExtraFields.optional(),
  labelled: Labelled,
  code: z.string(),
});

/** Suppliers. List rows carry name and custom fields only, and no time of change. */
export const vendor = (record: MaintainxRecord) =>
  record({
    kind: 'vendor',
    native: 'Vendor',
    shape: Vendor,
    key: (row) => String(row.id),
    changes: 'sweep',
    customFields: 'extraFields',
    rows: [
      { ours: 'code', theirs: 'code', direction: 'both', owner: 'finance', required: true, note: 'The ERP number, or `MX-` and the number of the record.' },
      { ours: 'name', theirs: 'name', direction: 'both', owner: 'finance', required: true },
      { ours: 'description', theirs: 'description', direction: 'both', owner: 'finance' },
      { ours: 'email', theirs: 'emails[0]', direction: 'in', owner: 'finance' },
      {
        ours: 'email',
        theirs: 'emails',
        via: 'first',
        direction: 'out',
        owner: 'finance',
        note: 'Taken at creation only: a change of a vendor has no addresses.',
      },
      { ours: 'phone', theirs: 'phoneNumbers[0]', direction: 'in', owner: 'finance' },
      {
        ours: 'phone',
        theirs: 'phoneNumbers',
        via: 'first',
        direction: 'out',
        owner: 'finance',
        note: 'Taken at creation only: a change of a vendor has no numbers.',
      },
      { ours: 'active', theirs: '', expression: '!has(native.deletedAt) || native.deletedAt == null', direction: 'in', owner: 'finance' },
    ],
    example: {
      id: 71,
      name: 'Dichtungen Nord GmbH',
      description: 'Seals and gaskets',
      emails: ['order@dichtungen.example'],
      phoneNumbers: ['+49 40 1234'],
      extraFields: { 'ERP number': '100071' },
      labelled: { erpNumber: '100071' },
      code: '100071',
    },
    verbs: {
      list: (session, query) =>
        readRecords(session, query, {
          ...kind,
          member: 'vendors',
          expand: ['extra_fields'],
          watermark: false,
          shape: Vendor,
          prepare: (row) => withLabels(row, session.config),
        }),
      get: async (session, key) => decode(Vendor, withLabels(await readOne(session, kind, key), session.config), `vendor ${key}`),
      create: {
        class: 'L',
        how: 'The reference stands in a custom field, by which the list is filtered.',
        run: (session, draft, { once }) => createOne(session, kind, draft, once),
        trace: (session, once) => traceByReference(session, kind, once),
      },
      update: {
        class: 'K',
        how: 'Name, description and custom fields are set to absolute values; the vendor keeps no version.',
        run: (session, { emails: _emails, phoneNumbers: _phones, ...draft }, target) => changeOne(session, kind, draft, target),
      },
    },
  });
