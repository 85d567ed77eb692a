import * as z from 'zod';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import type { Receipt, WriteTarget } from '#spi/connector';
import { decode } from '#spi/decode';
import { path } from '#spi/rest';
import { withLabels } from './custom-fields.ts';
import { ExtraFields, Id, Labelled, text, whole } from './native.ts';
import { readRecords } from './paging.ts';
import type { MaintainxRecord, MaintainxSession } from './settings.ts';
import { changeOne, createOne, keyed, quietly, readOne, traceByReference, type Kind } from './writing.ts';

const kind: Kind = { path: '/users', one: 'user', many: 'users' };

const User = z.looseObject({ id: Id, firstName: z.string(), lastName: z.string(), email: text, phoneNumber: text, role: text, hourlyRate: whole, removedFromOrganization: z.boolean().nullish(), externalData: z.unknown(), extraFields: ExtraFields.optional(), labelled: Labelled, code: z.string() });

/** Removing a user who is removed already is done: 404 says so. */
async function remove(session: MaintainxSession, key: string): Promise<Receipt> {
  try {
    await session.api.delete(path`/users/${key}`, quietly);
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'missing') throw error;
  }
  return { id: key };
}

async function update(session: MaintainxSession, { removedFromOrganization, ...draft }: JsonObject, target: WriteTarget): Promise<Receipt> {
  if (removedFromOrganization === true) return remove(session, keyed(target, kind));
  return changeOne(session, kind, draft, target);
}

/** People. The rate is the one that holds now; history is kept by the hub. */
export const employee = (record: MaintainxRecord) => record({
  kind: 'employee',
  native: 'User',
  shape: User,
  key: (row) => String(row.id),
  changes: 'sweep',
  customFields: 'extraFields',
  rows: [
    { ours: 'code', theirs: 'code', direction: 'both', owner: 'finance', required: true, note: 'The personnel number, or `MX-` and the number of the record.' },
    { ours: 'name', theirs: '', expression: "native.firstName + ' ' + native.lastName", direction: 'in', owner: 'finance' },
    { ours: 'firstName', theirs: 'firstName', direction: 'both', owner: 'finance', required: true },
    { ours: 'lastName', theirs: 'lastName', direction: 'both', owner: 'finance', required: true },
    { ours: 'email', theirs: 'email', direction: 'both', owner: 'finance' },
    { ours: 'costCentre', theirs: 'labelled.costCentre', reference: 'costCentre', direction: 'both', owner: 'finance' },
    { ours: 'hourlyRate', theirs: 'hourlyRate', via: 'cents(settings.currency)', direction: 'both', owner: 'finance', note: 'Cents per hour. Protected: shown only with the right.' },
    { ours: 'active', theirs: 'removedFromOrganization', via: 'not', direction: 'both', owner: 'finance', note: 'A leaver is removed from the organisation; only a person can invite again.' },
  ],
  example: { id: 55, firstName: 'Ann', lastName: 'Berg', email: 'ann.berg@plant.example', phoneNumber: '+49 40 5678', role: 'MEMBER', hourlyRate: 4250, removedFromOrganization: false, externalData: { linchpin: 'LP00000000000000' }, extraFields: { 'ERP number': '00012345', 'Cost centre': '4100' }, labelled: { erpNumber: '00012345', costCentre: '4100' }, code: '00012345' },
  verbs: {
    list: (session, query) => readRecords(session, query, { ...kind, member: 'users', expand: ['role', 'extra_fields'], watermark: false, shape: User, prepare: (row) => withLabels(row, session.config) }),
    get: async (session, key) => decode(User, withLabels(await readOne(session, kind, key), session.config), `user ${key}`),
    create: {
      class: 'L',
      how: 'The reference stands in a custom field; users have no filter by custom field, so the whole list is gone through. No invitation is sent.',
      async run(session, { removedFromOrganization, ...draft }, { once }) {
        if (removedFromOrganization === true) throw new Fault('rejected', 'POST /users: an employee who has left is not created');
        return createOne(session, kind, { role: session.config.newUserRole, inviteType: 'NONE', ...draft, externalData: { linchpin: once.reference } }, once);
      },
      trace: (session, once) => traceByReference(session, kind, once),
    },
    update: { class: 'K', how: 'Members are set to absolute values; a leaver is removed, and removing twice changes nothing. The vendor keeps no version.', run: update },
  },
});
