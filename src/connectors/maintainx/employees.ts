import * as z from 'zod';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import type { Drifted, Once, Page, Query, Receipt, WriteTarget } from '#spi/connector';
import { decode } from '#spi/decode';
import { path } from '#spi/rest';
import { Id, text, whole } from './native.ts';
import { keyOf, readPage } from './paging.ts';
import type { MaintainxRecord, MaintainxSession } from './settings.ts';
import { changeOne, keyed, lookup, lookupReads, quietly, readOne, type Kind } from './writing.ts';

const kind: Kind = { path: '/users', one: 'user', many: 'users' };

const User = z.looseObject({
  id: Id,
  firstName: z.string(),
  lastName: z.string(),
  email: text,
  phoneNumber: text,
  role: text,
  hourlyRate: whole,
  removedFromOrganization: z.boolean().nullish(),
  externalData: z.unknown().optional(),
  code: z.string(),
});
type User = z.output<typeof User>;

/** Users have no custom fields of their own: what is ours stands in `externalData`. A bare text or number there is taken for the personnel number. */
const External = z.looseObject({ personnelNumber: z.string().optional(), linchpin: z.string().optional() });
const externalOf = (value: unknown): z.output<typeof External> => {
  if ((typeof value === 'string' && value !== '') || typeof value === 'number') return { personnelNumber: String(value) };
  return External.safeParse(value).data ?? {};
};
const withCode = (row: Record<string, unknown>): unknown => ({ ...row, code: externalOf(row['externalData']).personnelNumber ?? `MX-${String(row['id'])}` });

/** A text of the connector's own making is no personnel number. */
const personnelNumberIn = ({ code }: JsonObject): string | undefined => (typeof code === 'string' && !/^MX-\d+$/.test(code) ? code : undefined);

const get = async (session: MaintainxSession, key: string): Promise<User> => decode(User, withCode(await readOne(session, kind, key)), `user ${key}`);

/** List rows have no external data, so that every user is read by himself. */
async function list(session: MaintainxSession, query: Query): Promise<Page<User>> {
  const { rows, ...marks } = await readPage(session, query, { path: kind.path, member: kind.many, expand: ['role'], watermark: false });
  const records: User[] = [];
  const drifted: Drifted[] = [];
  for (const row of rows) {
    const key = keyOf(row);
    try {
      if (key === undefined) drifted.push({ message: 'id: a number is expected' });
      else records.push(await get(session, key));
    } catch (error) {
      if (!(error instanceof Fault) || (error.kind !== 'drifted' && error.kind !== 'missing')) throw error;
      if (error.kind === 'drifted') drifted.push({ message: error.message, ...(key === undefined ? {} : { key }) });
    }
  }
  return { records, ...marks, ...(drifted.length === 0 ? {} : { drifted }) };
}

async function create(session: MaintainxSession, { removedFromOrganization, code, ...draft }: JsonObject, { once }: WriteTarget): Promise<Receipt> {
  if (removedFromOrganization === true) throw new Fault('rejected', 'POST /users: an employee who has left is not created');
  const number = personnelNumberIn({ code: code ?? null });
  const body = {
    role: session.config.newUserRole,
    inviteType: 'NONE',
    ...draft,
    externalData: { ...(number === undefined ? {} : { personnelNumber: number }), linchpin: once.reference },
  };
  return { id: String(decode(z.looseObject({ id: Id }), await session.api.post(kind.path, body, quietly), 'POST /users').id) };
}

/** Among the users with the address of the draft, or among all where it has none, the one whose external data holds the reference. */
async function trace(session: MaintainxSession, once: Once, draft: JsonObject): Promise<Receipt | undefined> {
  let opened = 0;
  for await (const row of lookup(session, kind, typeof draft['email'] === 'string' ? { email: draft['email'] } : {})) {
    if (++opened > lookupReads) throw new Fault('uncertain', `the lookup of ${once.reference} would have to open more than ${lookupReads} users`);
    const { externalData } = await readOne(session, kind, String(row.id));
    if (externalOf(externalData).linchpin === once.reference) return { id: String(row.id) };
  }
  return undefined;
}

/** Removing a user who is removed already is done: 404 says so where the user is known, and is told apart by reading first. */
async function remove(session: MaintainxSession, key: string): Promise<Receipt> {
  if ((await get(session, key)).removedFromOrganization === true) return { id: key };
  await session.api.delete(path`/users/${key}`, quietly);
  return { id: key };
}

async function update(session: MaintainxSession, { removedFromOrganization, code, ...draft }: JsonObject, target: WriteTarget): Promise<Receipt> {
  const key = keyed(target, kind);
  if (removedFromOrganization === true) return remove(session, key);
  const number = personnelNumberIn({ code: code ?? null });
  const external =
    number === undefined ? {} : { externalData: { ...externalOf((await readOne(session, kind, key))['externalData']), personnelNumber: number } };
  return changeOne(session, kind, { ...draft, ...external } as JsonObject, target);
}

/** People. The rate is the one that holds now; history is kept by the hub. */
export const employee = (record: MaintainxRecord) =>
  record({
    kind: 'employee',
    native: 'User',
    shape: User,
    key: (row) => String(row.id),
    changes: 'sweep',
    rows: [
      {
        ours: 'code',
        theirs: 'code',
        direction: 'both',
        owner: 'finance',
        required: true,
        note: 'The personnel number in `externalData`, or `MX-` and the number of the record.',
      },
      { ours: 'name', theirs: '', expression: "native.firstName + ' ' + native.lastName", direction: 'in', owner: 'finance' },
      { ours: 'firstName', theirs: 'firstName', direction: 'both', owner: 'finance', required: true },
      { ours: 'lastName', theirs: 'lastName', direction: 'both', owner: 'finance', required: true },
      { ours: 'email', theirs: 'email', direction: 'both', owner: 'finance' },
      {
        ours: 'hourlyRate',
        theirs: 'hourlyRate',
        via: 'cents(settings.currency)',
        direction: 'both',
        owner: 'finance',
        note: 'Cents per hour. Protected: shown only with the right.',
      },
      {
        ours: 'active',
        theirs: 'removedFromOrganization',
        via: 'not',
        direction: 'both',
        owner: 'finance',
        note: 'A leaver is removed from the organisation; only a person can invite again.',
      },
    ],
    example: {
      id: 55,
      firstName: 'Ann',
      lastName: 'Berg',
      email: 'ann.berg@plant.example',
      phoneNumber: '+49 40 5678',
      role: 'MEMBER',
      hourlyRate: 4250,
      removedFromOrganization: false,
      externalData: { personnelNumber: '00012345', linchpin: 'LP00000000000000' },
      code: '00012345',
    },
    verbs: {
      list,
      get,
      create: {
        class: 'L',
        how: 'The reference stands in `externalData`, which lists do not give: the users with the address of the draft are opened one by one, or all where it has none, at most 500. No invitation is sent.',
        run: create,
        trace,
      },
      update: {
        class: 'K',
        how: 'Members are set to absolute values; a leaver is removed, and removing twice changes nothing. The vendor keeps no version.',
        run: update,
      },
    },
  });
