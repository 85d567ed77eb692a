import type { JsonObject } from '#base/json';
import { quantityText, sameUnit, type Quantity, type Unit } from '#base/quantity';
import type { Facts, Sides } from '#engine/flow';
import { factKey } from '#engine/flow';
import { convert } from '#mapping/units';
import type { RecordKind, RecordOf } from '#model/records';

/** A value, or what is missing and who can supply it. */
export type Found<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string; readonly owner: string };

export const found = <T>(value: T): Found<T> => ({ ok: true, value });
export const lacking = (problem: string, owner: string): Found<never> => ({ ok: false, problem, owner });

/** What a decision may look at. */
export interface Ground {
  readonly facts: Facts;
  readonly sides: Sides;
}

/** What one connection last said of a record. Facts were parsed when they came in, so that the record's type holds. */
export function recordOf<K extends RecordKind>(facts: Facts, kind: K, hubId: string, connection: string): RecordOf<K> | undefined {
  return facts.get(factKey.record(kind, hubId, connection)) as unknown as RecordOf<K> | undefined;
}

/** A record as JSON: optional members that are undefined are left out when it is written. */
export const asJson = (value: unknown): JsonObject => value as JsonObject;

/** The finance side's record of a part, or why a document cannot name it. */
export function financePart(part: string, { facts, sides }: Ground): Found<RecordOf<'part'>> {
  const record = recordOf(facts, 'part', part, sides.finance);
  if (!record) return lacking(`part ${part} is not known in ${sides.finance}: create it there or match it, then retry`, 'master-data-owner');
  if (!record.active) return lacking(`part ${record.code} is inactive in ${sides.finance}`, 'master-data-owner');
  if (record.blocked === true) return lacking(`part ${record.code} is blocked in ${sides.finance}`, 'master-data-owner');
  return found(record);
}

const own = (unit: Unit): boolean => unit.system === 'part' && unit.code === 'base';

/** A quantity told by `connection` in a unit of its own, with `part/base` replaced by the unit that this connection's part record names. */
export function namedUnit(quantity: Quantity, part: string, connection: string, facts: Facts): Found<Quantity> {
  if (!own(quantity.unit)) return found(quantity);
  const unit = recordOf(facts, 'part', part, connection)?.baseUnit;
  if (!unit || own(unit)) return lacking(`the unit of part ${part} in ${connection} is not known: map the part's baseUnit, then retry`, 'master-data-owner');
  return found({ value: quantity.value, unit });
}

/** A quantity of a part in the finance side's base unit, exact. */
export function financeQuantity(
  quantity: Quantity,
  part: RecordOf<'part'>,
  told: { readonly part: string; readonly connection: string },
  facts: Facts,
): Found<Quantity> {
  const named = namedUnit(quantity, told.part, told.connection, facts);
  if (!named.ok || sameUnit(named.value.unit, part.baseUnit)) return named;
  return converted(named.value, part.baseUnit, part);
}

/** A quantity in another unit of the part, exact, or the units that no table joins. */
export function converted(quantity: Quantity, unit: Unit, part: RecordOf<'part'>): Found<Quantity> {
  if (sameUnit(quantity.unit, unit)) return found(quantity);
  const result = convert(quantity, unit, { part });
  if ('quantity' in result) return found(result.quantity);
  return lacking(
    `${quantityText(quantity)} of part ${part.code} cannot be converted from ${quantity.unit.system}/${quantity.unit.code} to ${unit.system}/${unit.code}: ${result.problem}`,
    'master-data-owner',
  );
}
