import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Fault, type FaultKind } from '#base/fault';
import { operationReference } from '#base/id';
import type { RecordKind } from '#model/records';
import { verbNames, type AnyRecordDef, type Connector, type Once, type Page, type Query, type Verbs } from '#spi/connector';
import type { Connection } from '#spi/open';

/** The fault that a call ends with; fails where it does not end with one of the kinds. */
export async function faultOf(kinds: FaultKind | readonly FaultKind[], call: Promise<unknown>, what = 'the call'): Promise<Fault> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  assert.ok(
    'error' in outcome,
    `${what} succeeded where ${String(kinds)} is expected: ${inspect('value' in outcome ? outcome.value : undefined, { depth: 1 }).slice(0, 200)}`,
  );
  const { error } = outcome;
  assert.ok(error instanceof Fault, `${what} ended with ${inspect(error).slice(0, 200)} where a fault is expected`);
  assert.ok([kinds].flat().includes(error.kind), `${what} is ${error.kind} where ${String(kinds)} is expected: ${error.message}`);
  return error;
}

/** The identity of a numbered operation of a check. */
export function onceOf(number: number | string): Once {
  const key = `contract/${number}`;
  return { key, reference: operationReference(key) };
}

export type AnyVerbs = Verbs<unknown, unknown>;

export interface Defined {
  readonly kind: RecordKind;
  readonly def: AnyRecordDef;
  readonly verbs: AnyVerbs;
}

/** The record definitions with their verbs. */
export const definitions = (connector: Connector): Defined[] =>
  Object.values(connector.records).map((def) => ({ kind: def.kind, def, verbs: def.verbs as AnyVerbs }));

/** Write verbs of a kind that are there. */
export const writesOf = (verbs: AnyVerbs) =>
  verbNames.flatMap((verb) => (verb === 'list' || verb === 'get' || verbs[verb] === undefined ? [] : [{ verb, write: verbs[verb] }]));

/** Reads a list to its end. Fails where it does not end, or where a page is longer than asked for. */
export async function readAll(
  connection: Connection,
  kind: RecordKind,
  query: Query,
  between?: (page: number) => void,
): Promise<{ readonly records: readonly unknown[]; readonly since?: string; readonly drifted: number }> {
  const records: unknown[] = [];
  let since: string | undefined;
  let drifted = 0;
  let cursor: string | undefined;
  const seen = new Set<string>();
  for (let page = 0; ; page++) {
    assert.ok(page < 200, `the list of ${kind} does not end`);
    const answer: Page<unknown> = await connection.list(kind, { ...query, ...(cursor === undefined ? {} : { cursor }) });
    assert.ok(answer.records.length <= query.limit, `a page of ${kind} has ${answer.records.length} records where ${query.limit} were asked for`);
    records.push(...answer.records);
    drifted += answer.drifted?.length ?? 0;
    since = answer.since ?? since;
    cursor = answer.cursor;
    if (cursor === undefined) return { records, drifted, ...(since === undefined ? {} : { since }) };
    assert.ok(!seen.has(cursor), `the list of ${kind} gives one cursor twice`);
    seen.add(cursor);
    between?.(page);
  }
}
