import { add, type Decimal } from '#base/decimal';
import { invariant } from '#base/fault';

/** A unit is a code in a named system of codes: `{ system: 'sap', code: 'PC' }` and `{ system: 'rec20', code: 'H87' }` are different until a table says otherwise. */
export interface Unit {
  readonly system: string;
  readonly code: string;
}

/** An exact decimal with its unit. */
export interface Quantity {
  readonly value: Decimal;
  readonly unit: Unit;
}

export const sameUnit = (a: Unit, b: Unit): boolean => a.system === b.system && a.code === b.code;

/** The sum of two quantities of one unit. Convert first where units differ. */
export function addQuantity(a: Quantity, b: Quantity): Quantity {
  invariant(sameUnit(a.unit, b.unit), `quantities to add share a unit, not ${a.unit.code} and ${b.unit.code}`);
  return { value: add(a.value, b.value), unit: a.unit };
}

/** `2 PC`. */
export const quantityText = ({ value, unit }: Quantity): string => `${value} ${unit.code}`;
