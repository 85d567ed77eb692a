import * as z from 'zod';
import type { Meter } from '#simulators/maintainx/records';
import { entry, invalid, notFound, Refusal, type RefusalEntry } from '#simulators/maintainx/refusal';
import type { Actor, World } from '#simulators/maintainx/world';

/** A request after the key, the organisation and the path are known. */
export interface Call {
  readonly world: World;
  /** Organisations that this call may see. */
  readonly organizationIds: ReadonlySet<number>;
  /** Acts in the organisation of the header, or in the only one of the key. Refuses a multi-organisation key without the header. */
  actor(): Actor;
  /** Acts in the organisation of a record that was found. */
  actorOn(record: { readonly organizationId: number }): Actor;
  readonly query: URLSearchParams;
  /** The second path segment: an id, or the entity of `/customfields`. */
  readonly key: string;
  /** The fourth path segment. */
  readonly subKey: string;
  readonly body: string;
  /** Path as sent, for `nextPageUrl`. */
  readonly path: string;
  /** Counts a request for readings against its limits; refuses with 429 where one is used up. */
  spendReadings(meters: readonly Meter[], kind: 'bulk' | 'single'): void;
  /** Takes a row out of a page, when that fault button is down. */
  readonly skipRow: () => boolean;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** The document's path with `{}` for every parameter: `/workorders/{}/status`. */
  readonly path: string;
  readonly success: 200 | 201 | 204;
  /** Query parameters beyond paging, `skipWebhook` and custom field labels. */
  readonly query?: readonly string[];
  handle(call: Call): unknown;
}

/** Parses a JSON body by a strict schema. Every issue becomes one entry with the path of its field. */
export function parsed<T>(schema: z.ZodType<T>, body: string): T {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new Refusal(400, [{ error: 'Body is not valid JSON' }]);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Refusal(400, result.error.issues.flatMap((issue) => entries(issue, value)).slice(0, 50));
}

function entries(issue: z.core.$ZodIssue, body: unknown): RefusalEntry[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ error: `Unknown field ${key}`, fieldPath: [...path, key].join('.') }));
  if (issue.code === 'invalid_union')
    return [{ error: issue.message === 'Invalid input' ? 'Does not match any of the allowed shapes' : issue.message, fieldPath: path.join('.') }];
  let value = body;
  for (const step of path) value = value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[step] : undefined;
  const missing = value === undefined;
  const error = missing ? `${path.join('.')} is required` : issue.message;
  return [entry(path.join('.'), error, value)];
}

/** An integer id out of the path; anything else is a 400. */
export function pathId(text: string): number {
  const id = Number(text);
  if (!Number.isSafeInteger(id) || id < 1 || text.length > 16) throw new Refusal(400, [{ error: `"${text.slice(0, 40)}" is not a valid id` }]);
  return id;
}

/** The record with the id of the path, if the key may see it. */
export function visible<T extends { readonly organizationId: number }>(call: Call, table: ReadonlyMap<number, T>, what: string, id = pathId(call.key)): T {
  const record = table.get(id);
  if (!record || !call.organizationIds.has(record.organizationId)) throw notFound(what);
  return record;
}

/** Values of a repeatable query parameter that must come from a list. */
export function choices<T extends string>(query: URLSearchParams, name: string, allowed: readonly T[]): readonly T[] {
  const values = query.getAll(name);
  for (const value of values)
    if (!(allowed as readonly string[]).includes(value)) throw invalid(name, `${name} must be one of ${allowed.join(', ')}, not ${value.slice(0, 60)}`);
  return values as T[]; // every value was just found in `allowed`
}

/** Values of a repeatable query parameter of ids. */
export function ids(query: URLSearchParams, name: string): ReadonlySet<number> | undefined {
  const values = query.getAll(name);
  if (values.length === 0) return undefined;
  return new Set(
    values.map((text) => {
      const id = Number(text);
      if (!Number.isSafeInteger(id)) throw invalid(name, `${name} must be an integer, not ${text.slice(0, 60)}`);
      return id;
    }),
  );
}

/** `true`, `1` or `yes`; absent is false; anything else of a boolean parameter is refused. */
export function flag(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  if (text === null || text === 'false' || text === '0' || text === 'no') return false;
  if (text === 'true' || text === '1' || text === 'yes') return true;
  throw invalid(name, `${name} must be a boolean, not ${text.slice(0, 60)}`);
}

const isoInstant = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** A range of times from `name[gte]` and `name[lte]`. */
export function range(query: URLSearchParams, name: string): { from: number; to: number } | undefined {
  const bound = (key: string, absent: number): number => {
    const text = query.get(key);
    if (text === null) return absent;
    const at = isoInstant.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(at)) throw invalid(key, `${key} must be an ISO 8601 date-time, not ${text.slice(0, 60)}`);
    return at;
  };
  const from = bound(`${name}[gte]`, -Infinity);
  const to = bound(`${name}[lte]`, Infinity);
  return from === -Infinity && to === Infinity ? undefined : { from, to };
}

/** Text fields as the twin checks them: whole JSON values only, dates really dates. */
export const isoDateTime = z.string().refine((text) => isoInstant.test(text) && !Number.isNaN(Date.parse(text)), 'must be an ISO 8601 date-time');
export const id = z.int().positive();
export const cents = z.int();
export const extraFields = z.record(z.string().max(255), z.string().max(65_535));
export const externalData = z.union([z.string().max(65_535), z.number(), z.record(z.string(), z.unknown())]).nullable();
/** A name or title, and any other text; the world's own limits are checked in `withinLength`. */
export const name = z.string().trim().min(1, 'must not be empty');
export const text = z.string();

/** Checks texts against the configured lengths. */
export function withinLength(
  world: World,
  fields: { readonly names?: Readonly<Record<string, string | null | undefined>>; readonly texts?: Readonly<Record<string, string | null | undefined>> },
): void {
  const check = (values: Readonly<Record<string, string | null | undefined>> | undefined, most: number): void => {
    for (const [path, value] of Object.entries(values ?? {}))
      if (value && value.length > most) throw invalid(path, `${path} must have at most ${most} characters, not ${value.length}`);
  };
  check(fields.names, world.config.nameLength);
  check(fields.texts, world.config.textLength);
}
