import Big from 'big.js';

// A strict Big refuses JavaScript numbers, so that no binary float can slip into a quantity or an amount.
Big.strict = true;
Big.DP = 30;

/** A decimal as text: `-12.500`. Never a number. */
export type Decimal = string;

const pattern = /^[+-]?(\d{1,30})(\.\d{1,20})?$/;

/** Whether a text is a plain decimal: no exponent, no grouping, at most 30 + 20 digits. */
export function isDecimal(text: string): boolean {
  return pattern.test(text);
}

const plain = (value: Big): Decimal => {
  const text = value.toFixed();
  return text === '-0' ? '0' : text;
};

/** The shortest text of the same value: `02.50` becomes `2.5`. Refuses anything that is not a plain decimal. */
export function decimal(text: string): Decimal {
  if (!pattern.test(text)) throw new RangeError(`not a decimal: ${JSON.stringify(text.slice(0, 60))}`);
  return plain(new Big(text));
}

export const add = (a: Decimal, b: Decimal): Decimal => plain(new Big(a).plus(b));
export const subtract = (a: Decimal, b: Decimal): Decimal => plain(new Big(a).minus(b));
export const multiply = (a: Decimal, b: Decimal): Decimal => plain(new Big(a).times(b));
export const negate = (a: Decimal): Decimal => plain(new Big(a).neg());
export const compare = (a: Decimal, b: Decimal): -1 | 0 | 1 => new Big(a).cmp(b) as -1 | 0 | 1;
export const sign = (a: Decimal): -1 | 0 | 1 => compare(a, '0');
export const sum = (values: Iterable<Decimal>): Decimal => {
  let total = new Big('0');
  for (const value of values) total = total.plus(value);
  return plain(total);
};

/** Rounds half away from zero, as commercial arithmetic does, to `scale` places. */
export function round(a: Decimal, scale: number): Decimal {
  return plain(new Big(a).round(scale, Big.roundHalfUp));
}

/** `a / b` rounded half away from zero to `scale` places. */
export function divide(a: Decimal, b: Decimal, scale: number): Decimal {
  if (sign(b) === 0) throw new RangeError(`division of ${a} by zero`);
  return round(plain(new Big(a).div(b)), scale);
}

/** An exact fraction of whole numbers: what one unit is of another. 1 inch = 127/5 mm. */
export interface Ratio {
  readonly numerator: string;
  readonly denominator: string;
}

/** `a * ratio` if the result is a finite decimal of at most 20 places; undefined where it is not, so that nothing is rounded unseen. */
export function scale(a: Decimal, ratio: Ratio): Decimal | undefined {
  const product = new Big(a).times(ratio.numerator);
  const result = product.div(ratio.denominator).round(20, Big.roundDown);
  return result.times(ratio.denominator).eq(product) ? plain(result) : undefined;
}
