import { add } from '#base/decimal';
import { Fault } from '#base/fault';
import type { Json, JsonObject } from '#base/json';
import { money, type Money } from '#base/money';
import type { Drifted, Once, Receipt } from '#spi/connector';
import type { Row } from '#spi/odata-codec';
import type { WriteOptions, Written } from '#spi/odata';
import type { Listing } from '#spi/odata-page';
import type { S4Session } from '#connectors/s4hana/system';

/** A member as text; undefined where it is absent or something else. */
export function textIn(row: Readonly<Row> | JsonObject | undefined, name: string): string | undefined {
  const value = row?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The lines of a document; empty where there are none. */
export function linesIn(row: Readonly<Row> | undefined, name: string): readonly Row[] {
  const value = row?.[name];
  return Array.isArray(value) ? (value as readonly Row[]) : [];
}

/** A text that must be there, or a `rejected` fault that names it. */
export function needed(row: Readonly<Row> | JsonObject | undefined, name: string, what: string): string {
  const value = textIn(row, name);
  if (value === undefined) throw new Fault('rejected', `${what} has no ${name}`, { fields: { [name]: 'a value is required' } });
  return value;
}

/** `5000004410/2026` for a document that is numbered by year. */
export const numberOf = (row: Readonly<Row>, number: string, year: string): string => `${textIn(row, number) ?? ''}/${textIn(row, year) ?? ''}`;

/** Number and year of `5000004410/2026`. Throws `missing`, because no document has another key. */
export function splitNumber(key: string, what: string): { readonly number: string; readonly year: string } {
  const found = /^(\d{1,10})\/(\d{4})$/.exec(key);
  if (!found?.[1] || !found[2]) throw new Fault('missing', `no ${what} has the number ${JSON.stringify(key.slice(0, 40))}; 5000004410/2026 is the form`);
  return { number: found[1], year: found[2] };
}

/** Money of two members of an answer; undefined where either is absent, or where they make no exact amount: a posting is done all the same. */
export function moneyIn(row: Readonly<Row>, amount: string, currency: string): Money | undefined {
  const value = textIn(row, amount);
  const code = textIn(row, currency);
  if (value === undefined || code === undefined) return undefined;
  try {
    return money(value, code);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The sum of amounts of one currency; undefined where there is none or they differ in currency. */
export function total(amounts: readonly (Money | undefined)[]): Money | undefined {
  const [first] = amounts;
  if (first === undefined || amounts.some((one) => one?.currency !== first.currency)) return undefined;
  return { minor: Number(amounts.reduce((sum, one) => add(sum, String(one?.minor ?? 0)), '0')), currency: first.currency };
}

export const moneyJson = (amount: Money): JsonObject => ({ minor: amount.minor, currency: amount.currency });

/** Members that have a value. */
export function present(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  const kept: Record<string, Json> = {};
  for (const [name, value] of Object.entries(members)) if (value !== undefined) kept[name] = value;
  return kept;
}

/** Options of a write that belongs to an operation. */
export const onceOf = (session: S4Session, once: Once): WriteOptions => ({ once: { key: once.key, atMs: once.since ?? session.now() } });

/** A receipt from an answer. */
export function receiptOf(id: string, written: Pick<Written, 'warnings' | 'repeatable'>, data: JsonObject): Receipt {
  return { id, data: written.repeatable ? { ...data, repeatable: true } : data, ...(written.warnings.length === 0 ? {} : { warnings: written.warnings }) };
}

/** The entity that an answer must have; without it the write itself may have happened. */
export function entityIn(written: Written, what: string): Row {
  if (written.row === undefined) throw new Fault('uncertain', `${what} was answered without the document`);
  return written.row;
}

/** Where SAP says when a row changed by a day and a time of day: conditions for "since this instant", and the instant of a row. */
export function clockOf(day: string, time: string): NonNullable<Listing['changes']> {
  return {
    since: (instant) => [
      {
        anyOf: [
          [[day, 'gt', instant.slice(0, 10)]],
          [
            [day, 'eq', instant.slice(0, 10)],
            [time, 'ge', instant.slice(11, 19)],
          ],
        ],
      },
    ],
    of(row) {
      const date = textIn(row, day);
      // Hour 24 is how SAP shows a time that is not set.
      return date === undefined ? undefined : `${date}T${(textIn(row, time) ?? '00:00:00').replace(/^24/, '00')}.000Z`;
    },
  };
}

/** Today by the session's clock, in UTC. */
export const today = (session: S4Session): string => new Date(session.now()).toISOString().slice(0, 10);

/** The text of a line that takes a document back: SAP links neither opposite allocations nor opposite entries by themselves. */
export const takesBack = (number: string): string => `Reversal of ${number}`;

/** The document that such a line takes back. */
export const takenBack = (text: string | undefined): string | undefined => /^Reversal of (\d{1,10}\/\d{4}(?:\/\w{1,4})?)$/.exec(text ?? '')?.[1];

/** Rows that do not name what they belong to: told one by one, where the list goes on by their names. */
export const nameless = (rows: readonly Row[], name: string, what: string): Drifted[] =>
  rows.flatMap((row) => (textIn(row, name) === undefined ? [{ message: `${what} came without ${name}` }] : []));

/** What could not be read of a page, from both of its reads; no member where there is nothing to tell. */
export const withDrifted = <P extends { readonly drifted?: readonly Drifted[] }>(page: P, more: readonly Drifted[]): P =>
  more.length === 0 ? page : { ...page, drifted: [...more, ...(page.drifted ?? [])] };
