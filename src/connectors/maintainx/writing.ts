import * as z from 'zod';
import { Fault } from '#base/fault';
import type { Json, JsonObject } from '#base/json';
import type { Once, Receipt, WriteTarget } from '#spi/connector';
import { decode, shapePer } from '#spi/decode';
import { path } from '#spi/rest';
import { bodyOf, touchesLabels } from './custom-fields.ts';
import { Id } from './native.ts';
import type { MaintainxSession } from './settings.ts';

/** Names of one kind of record on the wire: `/assets`, `{ asset: ... }`, `{ assets: [...] }`. */
export interface Kind {
  readonly path: string;
  readonly one: string;
  readonly many: string;
}

/** The hub's own writes make no webhook, so that it does not hear itself. */
export const quietly = { query: { skipWebhook: true } } as const;

const Created = z.looseObject({ id: Id });
const Stamped = z.looseObject({ id: Id, updatedAt: z.string().nullish(), extraFields: z.unknown().optional() });

const Envelope = shapePer((one) => z.looseObject({ [one]: z.looseObject({ id: Id }) }));
const Changed = shapePer((one) => z.looseObject({ [one]: Stamped }));

/** Reads one record out of its envelope. */
export async function readOne(session: MaintainxSession, kind: Kind, key: string, expand?: readonly string[]): Promise<Record<string, unknown>> {
  const answer = await session.api.get(`${kind.path}${path`/${key}`}`, expand === undefined ? undefined : { expand });
  const envelope = decode(Envelope(kind.one), answer, `GET ${kind.path}/${key}`);
  // The envelope's schema has just said that the member is an object.
  return envelope[kind.one] as Record<string, unknown>;
}

/** Creates a record that carries the operation's reference in a custom field. */
export async function createOne(session: MaintainxSession, kind: Kind, payload: JsonObject, once: Once): Promise<Receipt> {
  const answer = await session.api.post(kind.path, bodyOf(payload, session.config, { reference: once.reference }), quietly);
  return { id: String(decode(Created, answer, `POST ${kind.path}`).id) };
}

/** Changes members of a record to absolute values. Reads first where a version or custom fields matter; between reading and writing another change can slip in. */
export async function changeOne(
  session: MaintainxSession,
  kind: Kind,
  payload: JsonObject,
  target: WriteTarget,
  further?: (before: Record<string, unknown>) => Promise<void>,
): Promise<Receipt> {
  const key = keyed(target, kind);
  const needed = target.seen !== undefined || touchesLabels(payload) || further !== undefined;
  const before = needed ? await readOne(session, kind, key) : undefined;
  if (before) agreeWithSeen(before, target, `${kind.path}/${key}`);
  const body = bodyOf(payload, session.config, before === undefined ? {} : { existing: before['extraFields'] });
  let version: string | undefined;
  if (Object.keys(body).length > 0) version = await patch(session, kind, key, body);
  if (before && further) await further(before);
  return { id: key, ...(version === undefined ? {} : { version }) };
}

async function patch(session: MaintainxSession, kind: Kind, key: string, body: Readonly<Record<string, Json>>): Promise<string | undefined> {
  const answer = await session.api.patch(`${kind.path}${path`/${key}`}`, body, quietly);
  const stamped = Changed(kind.one).safeParse(answer);
  const record = stamped.success ? (stamped.data[kind.one] as z.output<typeof Stamped>) : undefined;
  return record?.updatedAt ?? undefined;
}

/** The vendor checks no versions, so the connector does, just before it writes. */
export function agreeWithSeen(before: Record<string, unknown>, { seen }: WriteTarget, where: string): void {
  if (seen !== undefined && before['updatedAt'] !== seen)
    throw new Fault('conflict', `${where} was changed at ${String(before['updatedAt'])}, after it was read`, { where });
}

export function keyed({ key }: WriteTarget, kind: { readonly path: string }): string {
  if (key === undefined) throw new Fault('rejected', `a change of ${kind.path} names no record`);
  return key;
}

/** Pages that a lookup goes through before it says that it cannot tell. */
export const lookupPages = 100;
/** Records that a lookup opens one by one before it says that it cannot tell. */
export const lookupReads = 500;
const pageSize = 200;
/** How far the vendor's clock may be behind ours. */
export const clockSkewMs = 10 * 60_000;

/** `createdAt[gte]` for what an operation can have left behind. */
export const createdSince = ({ since }: Once): { readonly 'createdAt[gte]'?: string } =>
  since === undefined ? {} : { 'createdAt[gte]': new Date(Math.max(0, since - clockSkewMs)).toISOString() };

const ListPage = z.looseObject({ nextCursor: z.string().nullish() });
const LookupRow = z.looseObject({ id: Id, extraFields: z.unknown().optional() });
const LookupRows = shapePer((many) => z.looseObject({ [many]: z.array(LookupRow).max(1000) }));

/** Goes through a filtered list. Throws `uncertain` where it is longer than the lookup may be: then nobody can say that the record is not there. */
export async function* lookup(
  session: MaintainxSession,
  kind: Kind,
  query: Readonly<Record<string, string | readonly string[]>>,
): AsyncGenerator<z.output<typeof LookupRow>> {
  let cursor: string | undefined;
  for (let page = 0; page < lookupPages; page++) {
    const answer = await session.api.get(kind.path, { ...query, limit: pageSize, cursor });
    const rows = decode(LookupRows(kind.many), answer, `GET ${kind.path}`)[kind.many];
    yield* rows as z.output<typeof LookupRow>[];
    cursor = decode(ListPage, answer, `GET ${kind.path}`).nextCursor ?? undefined;
    if (cursor === undefined) return;
  }
  throw new Fault('uncertain', `the lookup in ${kind.path} has more than ${lookupPages * pageSize} records to go through`);
}

/** Query names of the vendor's own; a custom field with such a label is asked for with `__c`. */
const reserved = new Set(['limit', 'cursor', 'sort', 'expand', 'name', 'title', 'locationId', 'manufacturer', 'model', 'partNumber', 'email']);

/** Finds the record whose custom field holds the operation's reference. The vendor filters by custom field; every row is compared again. */
export async function traceByReference(session: MaintainxSession, kind: Kind, once: Once): Promise<Receipt | undefined> {
  const label = session.config.referenceLabel;
  for await (const row of lookup(session, kind, { [reserved.has(label) ? `${label}__c` : label]: once.reference, expand: ['extra_fields'] })) {
    if (referenceIn(row.extraFields, label) === once.reference) return { id: String(row.id) };
  }
  return undefined;
}

export function referenceIn(extraFields: unknown, label: string): unknown {
  return extraFields !== null && typeof extraFields === 'object' && Object.hasOwn(extraFields, label)
    ? (extraFields as Record<string, unknown>)[label]
    : undefined;
}
