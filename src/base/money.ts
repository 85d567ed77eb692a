import { decimal, divide, multiply, round, type Decimal } from '#base/decimal';
import { invariant } from '#base/fault';

/** An amount in the smallest unit of its currency (ISO 4217 alpha code). `{ minor: 1250, currency: 'EUR' }` is 12.50 EUR. */
export interface Money {
  readonly minor: number;
  readonly currency: string;
}

/** Currencies whose minor unit is not two digits (ISO 4217, list one). */
const exponents: Readonly<Record<string, number>> = {
  BHD: 3,
  BIF: 0,
  CLF: 4,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  IQD: 3,
  ISK: 0,
  JOD: 3,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  PYG: 0,
  RWF: 0,
  TND: 3,
  UGX: 0,
  UYI: 0,
  UYW: 4,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
};

/** How many decimal places a currency has. */
export function currencyScale(currency: string): number {
  return Object.hasOwn(exponents, currency) ? exponents[currency]! : 2;
}

/** Money from a decimal text. Refuses more places than the currency has, so that no fraction of a cent disappears unseen. */
export function money(text: Decimal, currency: string): Money {
  const places = currencyScale(currency);
  const value = decimal(text);
  if (round(value, places) !== value) throw new RangeError(`${text} ${currency} has more than ${places} decimal places`);
  return { minor: safe(value, places), currency };
}

/** Money from a decimal text, rounded half away from zero to the currency's places: for products such as hours x rate. */
export function roundedMoney(text: Decimal, currency: string): Money {
  const places = currencyScale(currency);
  return { minor: safe(round(decimal(text), places), places), currency };
}

function safe(value: Decimal, places: number): number {
  const minor = Number(multiply(value, `1${'0'.repeat(places)}`));
  if (!Number.isSafeInteger(minor)) throw new RangeError(`${value} is beyond the largest amount that can be kept exactly`);
  return minor === 0 ? 0 : minor;
}

/** `12.50` for 1250 minor units of EUR; always all places of the currency. */
export function amountText({ minor, currency }: Money): Decimal {
  const places = currencyScale(currency);
  const digits = String(Math.abs(minor)).padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  return `${minor < 0 ? '-' : ''}${whole}${places ? `.${digits.slice(-places)}` : ''}`;
}

/** `12.50 EUR`. */
export const moneyText = (amount: Money): string => `${amountText(amount)} ${amount.currency}`;

/** The sum of two amounts of one currency. */
export function plus(a: Money, b: Money): Money {
  invariant(a.currency === b.currency, `amounts to add share a currency, not ${a.currency} and ${b.currency}`);
  return { minor: a.minor + b.minor, currency: a.currency };
}

export const minus = (amount: Money): Money => ({ minor: amount.minor === 0 ? 0 : -amount.minor, currency: amount.currency });

/** `quantity x price`, rounded once to the currency's places. `per` is the price unit: 120.00 per 100 pieces. */
export function extend(price: Money, quantity: Decimal, per: Decimal = '1'): Money {
  const exact = multiply(amountText(price), quantity);
  return roundedMoney(per === '1' ? exact : divide(exact, per, currencyScale(price.currency)), price.currency);
}

/** Parts of an amount in proportion to whole weights; the parts always sum to the whole (largest remainder). */
export function split(amount: Money, weights: readonly number[]): Money[] {
  const total = weights.reduce((a, b) => a + BigInt(b), 0n);
  invariant(total > 0n && weights.every((w) => w >= 0), 'weights are whole, not negative and not all zero');
  const size = BigInt(Math.abs(amount.minor));
  const parts = weights.map((w, index) => ({ index, minor: (size * BigInt(w)) / total, rest: (size * BigInt(w)) % total }));
  let left = size - parts.reduce((a, { minor }) => a + minor, 0n);
  for (const part of [...parts].sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1))) {
    if (left === 0n) break;
    part.minor += 1n;
    left -= 1n;
  }
  return parts.map(({ minor }) => ({ minor: Number(amount.minor < 0 ? -minor : minor), currency: amount.currency }));
}
