import { sameUnit, type Quantity, type Unit } from '#base/quantity';
import { convert, type PartUnits } from '#mapping/units';
import { freshly, type Reading, type ReconcileSide } from '#assurance/side';

/** What comparing needs of a part: its number for people and its units. */
export interface PartFacts extends PartUnits {
  readonly code: string;
  /** False where the system keeps no stock of it: what is bought is consumed when it is received. */
  readonly stocked: boolean;
}

/** All parts of one system by hub id, compact. */
export type Parts = ReadonlyMap<string, PartFacts>;

/** Reads the parts of a system; empty where it cannot list them. */
export async function partsOf(side: ReconcileSide, reading?: Reading): Promise<Parts> {
  const parts = new Map<string, PartFacts>();
  if (!side.lists('part')) return parts;
  for await (const { records } of freshly(side, 'part', reading))
    for (const { hubId, record } of records)
      parts.set(hubId, { code: record.code, stocked: record.stocked !== false, baseUnit: record.baseUnit, alternativeUnits: record.alternativeUnits });
  return parts;
}

const own = (unit: Unit): boolean => unit.system === 'part' && unit.code === 'base';

/** A quantity with `part/base` replaced by the unit that the telling system's own part record names. */
export function named(quantity: Quantity, part: PartFacts | undefined): Quantity | undefined {
  if (!own(quantity.unit)) return quantity;
  return part === undefined || own(part.baseUnit) ? undefined : { value: quantity.value, unit: part.baseUnit };
}

/** The same quantity in another unit, exactly; undefined where no table joins the units. */
export function inUnit(quantity: Quantity, unit: Unit, part: PartFacts | undefined): Quantity | undefined {
  if (sameUnit(quantity.unit, unit)) return quantity;
  const result = convert(quantity, unit, part === undefined ? {} : { part });
  return 'quantity' in result ? result.quantity : undefined;
}
