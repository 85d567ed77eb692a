import { compare, isDecimal, multiply, scale, sign, type Ratio } from '#base/decimal';
import { sameUnit, type Quantity, type Unit } from '#base/quantity';
import { isUnitSystem, meaningOfUnit, unitMeanings, type UnitMeaning } from '#mapping/units-table';

/** What a part says of its own units: one `unit` is `numerator / denominator` base units (1 BOX = 12 PC). */
export interface PartUnits {
  readonly baseUnit: Unit;
  readonly alternativeUnits: readonly { readonly unit: Unit; readonly numerator: string; readonly denominator: string }[];
}

export type Conversion = { readonly quantity: Quantity } | { readonly problem: string };

/** Whether two codes mean the same unit: PC of SAP and H87 of Rec 20. Codes that the table does not know mean only themselves. */
export function sameMeaning(a: Unit, b: Unit): boolean {
  if (sameUnit(a, b)) return true;
  const meaning = meaningOfUnit(a.system, a.code);
  return meaning !== undefined && meaning === meaningOfUnit(b.system, b.code);
}

/** The code of a unit in another system: of the same meaning, else of a unit that is exactly as much (each, piece and one). Undefined where there is none. */
export function codeIn(system: string, unit: Unit): string | undefined {
  if (unit.system === system) return unit.code;
  const meaning = meaningOfUnit(unit.system, unit.code);
  if (!meaning || !isUnitSystem(system)) return undefined;
  return meaning.codes[system][0] ?? unitMeanings.find((other) => other.codes[system].length > 0 && asMuch(meaning, other))?.codes[system][0];
}

function asMuch(a: UnitMeaning, b: UnitMeaning): boolean {
  if (a === b) return true;
  return a.dimension === b.dimension && a.ratio !== undefined && b.ratio !== undefined && equalRatio(a.ratio, b.ratio);
}

/**
 * A quantity in another unit, exactly. The part's own alternative units are asked first, then the physical ratio inside one dimension.
 * What is in a box is never guessed, and a result without a finite decimal is a problem, not rounded.
 */
export function convert(quantity: Quantity, to: Unit, options: { readonly part?: PartUnits } = {}): Conversion {
  const { value, unit } = quantity;
  if (sameUnit(unit, to)) return { quantity };
  const found = options.part ? (partRatio(unit, to, options.part) ?? physicalRatio(unit, to)) : physicalRatio(unit, to);
  if (found === undefined) return { problem: `${unitText(unit)} has no ratio to ${unitText(to)}; ${advice(unit, to)}` };
  if (typeof found === 'string') return { problem: found };
  const result = scale(value, found);
  if (result === undefined || !isDecimal(result))
    return {
      problem: `${value} ${unitText(unit)} is no finite decimal of ${unitText(to)} (ratio ${found.numerator}/${found.denominator}); state the quantity in ${unit.code}`,
    };
  return { quantity: { value: result, unit: to } };
}

const unitText = ({ system, code }: Unit): string => `unit ${code} of ${system}`;

function advice(a: Unit, b: Unit): string {
  const unknown = [a, b].find(({ system, code }) => meaningOfUnit(system, code) === undefined);
  return unknown
    ? `${unitText(unknown)} has no row in the unit table: add it, or add the alternative unit to the part`
    : 'add the alternative unit to the part';
}

/** How many `to` one `unit` is by the table; undefined across dimensions and for units without a ratio. */
function physicalRatio(unit: Unit, to: Unit): Ratio | undefined {
  const from = meaningOfUnit(unit.system, unit.code);
  const into = meaningOfUnit(to.system, to.code);
  if (from && from === into) return one;
  if (!from?.ratio || !into?.ratio || from.dimension !== into.dimension) return undefined;
  return quotient(from.ratio, into.ratio);
}

const one: Ratio = { numerator: '1', denominator: '1' };
const quotient = (a: Ratio, b: Ratio): Ratio => ({ numerator: multiply(a.numerator, b.denominator), denominator: multiply(a.denominator, b.numerator) });
const product = (a: Ratio, b: Ratio): Ratio => ({ numerator: multiply(a.numerator, b.numerator), denominator: multiply(a.denominator, b.denominator) });
const equalRatio = (a: Ratio, b: Ratio): boolean => compare(multiply(a.numerator, b.denominator), multiply(b.numerator, a.denominator)) === 0;

/** Through the part's base unit; undefined where the part says nothing of one of the two, text where it contradicts itself. */
function partRatio(unit: Unit, to: Unit, part: PartUnits): Ratio | string | undefined {
  const wrong = part.alternativeUnits.find(({ numerator, denominator }) => !isPositive(numerator) || !isPositive(denominator));
  if (wrong)
    return `the part says that ${unitText(wrong.unit)} is ${wrong.numerator}/${wrong.denominator} of its base unit; both must be above zero, so correct the part`;
  const from = inBase(unit, part);
  const into = inBase(to, part);
  if (typeof from === 'string') return from;
  if (typeof into === 'string') return into;
  return from && into ? quotient(from, into) : undefined;
}

const isPositive = (text: string): boolean => isDecimal(text) && sign(text) > 0;

/** How many base units of the part one `unit` is: named by the part itself, else by one physical step to a unit that the part names. */
function inBase(unit: Unit, { baseUnit, alternativeUnits }: PartUnits): Ratio | string | undefined {
  if (sameUnit(unit, baseUnit)) return one;
  const exact = alternativeUnits.filter((alternative) => sameUnit(alternative.unit, unit));
  const meant = exact.length > 0 ? exact : alternativeUnits.filter((alternative) => sameMeaning(alternative.unit, unit));
  if (meant.length > 0) return agreed(unit, meant);
  const physical = physicalRatio(unit, baseUnit);
  if (physical) return physical;
  return agreed(
    unit,
    alternativeUnits.flatMap((alternative) => {
      const step = physicalRatio(unit, alternative.unit);
      return step ? [product(step, alternative)] : [];
    }),
  );
}

function agreed(unit: Unit, ratios: readonly Ratio[]): Ratio | string | undefined {
  const [first, ...others] = ratios;
  if (first && others.some((other) => !equalRatio(first, other))) return `the part gives ${unitText(unit)} different ratios; correct its alternative units`;
  return first && { numerator: first.numerator, denominator: first.denominator };
}
