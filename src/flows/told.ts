import { canonicalJson, type Json, type JsonObject } from '#base/json';
import type { OutcomeData } from '#engine/flow';

/** How often one value is sent to a system that keeps saying the same other one, before that is taken for its way of keeping it. */
export const tellLimit = 3;

/** Texts of at least this length that a system cut off at the end are taken for the same text. */
export const shortenedFrom = 18;

/** One value of one field that was sent to a system and not read back yet. */
export interface Told {
  value: Json;
  intent: string;
  /** `stale`: it was applied, and the system says something else. `declined`: a person cancelled it. */
  state: 'open' | 'applied' | 'stale' | 'declined';
  /** When the answer came, in milliseconds; what was read before says nothing about it. */
  at: number;
  tries: number;
  /** What the system said instead. */
  back: Json;
}

/** What systems were told, and what they make of it, by connection and field. */
export interface Telling {
  told: { [connection: string]: { [field: string]: Told } };
  /** `as` is what a system keeps where it was told `of`: shortened, or in a way of its own. */
  kept: { [connection: string]: { [field: string]: { of: Json; as: Json } } };
}

export const same = (a: Json | undefined, b: Json | undefined): boolean => canonicalJson(a ?? null) === canonicalJson(b ?? null);

/** Whether a text is the beginning of a longer one, cut off by a system that has less room. */
export const isShortened = (short: Json | undefined, long: Json | undefined): boolean =>
  typeof short === 'string' && typeof long === 'string' && short.length >= shortenedFrom && short.length < long.length && long.startsWith(short.trimEnd());

/** Whether a value must be sent: not while it is on its way or unread, and not after a person decided against it. */
export function isDue({ told }: Telling, { connection, field, value }: { readonly connection: string; readonly field: string; readonly value: Json }): boolean {
  const known = told[connection]?.[field];
  return known === undefined || known.state === 'stale' || !same(known.value, value);
}

/** Whether a person decided against sending exactly this value. */
export function isDeclined(
  { told }: Telling,
  { connection, field, value }: { readonly connection: string; readonly field: string; readonly value: Json },
): boolean {
  const known = told[connection]?.[field];
  return known?.state === 'declined' && same(known.value, value);
}

/** Notes the values of an operation that is being sent. */
export function noteTold(state: Telling, connection: string, intent: string, values: JsonObject): void {
  const fields = (state.told[connection] ??= {});
  for (const [field, value] of Object.entries(values)) {
    const before = fields[field];
    const again = before !== undefined && same(before.value, value);
    fields[field] = { value, intent, state: 'open', at: 0, tries: again ? before.tries + 1 : 1, back: again ? before.back : null };
    delete state.kept[connection]?.[field];
  }
}

/** The answer to an operation. True where it concerned values that were told. */
export function noteAnswer({ told }: Telling, { connection, intent, outcome }: Pick<OutcomeData, 'connection' | 'intent' | 'outcome'>, at: number): boolean {
  const mine = Object.values(told[connection] ?? {}).filter((one) => one.intent === intent);
  if (outcome !== 'failed') for (const one of mine) Object.assign(one, { state: outcome === 'applied' ? 'applied' : 'declined', at });
  return mine.length > 0;
}

/** What a system says after it was told: the same, the same in its own way, or something else, which makes the value due again. Answers what it keeps otherwise. */
export function noteReadBack({ told, kept }: Telling, connection: string, record: JsonObject, at: number): string[] {
  const fields = told[connection] ?? {};
  const otherwise: string[] = [];
  for (const [field, one] of Object.entries(fields)) {
    if ((one.state !== 'applied' && one.state !== 'stale') || at < one.at) continue;
    const back = record[field] ?? null;
    if (same(back, one.value)) {
      delete fields[field];
      continue;
    }
    if (one.state === 'stale' && !same(back, one.back)) one.tries = 1;
    if (isShortened(back, one.value) || (one.tries >= tellLimit && same(back, one.back))) {
      (kept[connection] ??= {})[field] = { of: one.value, as: back };
      delete fields[field];
      otherwise.push(`${connection} keeps ${field} ${JSON.stringify(back)} where it was told ${JSON.stringify(one.value)}`);
    } else Object.assign(one, { state: 'stale', back });
  }
  return otherwise;
}

/** The record as if the system kept every value as it was told. */
export function asTold({ kept }: Telling, connection: string, record: JsonObject): JsonObject {
  const changed: { [field: string]: Json } = {};
  for (const [field, { of, as }] of Object.entries(kept[connection] ?? {})) if (same(record[field], as)) changed[field] = of;
  return Object.keys(changed).length === 0 ? record : { ...record, ...changed };
}
