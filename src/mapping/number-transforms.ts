import { decimal, isDecimal, round } from '#base/decimal';
import { shown } from '#mapping/issue';
import { Refusal, refuse, type Transform } from '#mapping/transform';
import { optionalCount } from '#mapping/transform-arguments';

/** A JSON number as decimal text. A double keeps 15 digits; a number with more may not be what the system meant, and is refused. */
export function exactText(value: unknown): string | Refusal {
  if (typeof value !== 'number' || !Number.isFinite(value)) return refuse(`a JSON number is expected, not ${shown(value)}`);
  const text = plainNotation(value);
  if (text === undefined || significant(text) > 15)
    return refuse(`${String(value)} has more digits than a JSON number keeps exactly; read it as text from the system`);
  return decimal(text);
}

/** Decimal text as a JSON number, refused where the number would not be the same. */
export function exactNumber(value: unknown): number | Refusal {
  if (typeof value !== 'string' || !isDecimal(value)) return refuse(`a decimal such as 12.5 is expected, not ${shown(value)}`);
  const text = decimal(value);
  if (significant(text) > 15) return refuse(`${text} has more digits than a JSON number keeps exactly`);
  return Number(text);
}

const significant = (text: string): number => text.replace(/^-?0*\.?0*|\./g, '').replace(/^0+/, '').length;

/** `1e-7` as `0.0000001`; undefined beyond 30 digits before or 20 after the point. */
function plainNotation(value: number): string | undefined {
  const text = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return isDecimal(text) ? text : undefined;
  const [, minus = '', head = '', tail = '', power = '0'] = match;
  const shift = Number(power);
  const all = head + tail;
  if (Math.abs(shift) > 40) return undefined;
  const plain = shift < 0 ? `${minus}0.${'0'.repeat(-shift - 1)}${all}` : `${minus}${all.padEnd(shift + 1, '0')}`;
  return isDecimal(plain) ? plain : undefined;
}

/** Decimal text with exactly `places` places; refused where it has more. */
function fixed(text: string, places: number): string | Refusal {
  if (round(text, places) !== text) return refuse(`${text} has more than ${places} decimal places, and the system keeps no more`);
  const [whole = '0', fraction = ''] = text.split('.');
  return places === 0 ? whole : `${whole}.${fraction.padEnd(places, '0')}`;
}

/** Transforms between numbers of theirs and decimal text of ours. */
export const numberTransforms: readonly Transform[] = [
  {
    name: 'number',
    arguments: [],
    invertible: true,
    summary: 'A JSON number of theirs is decimal text of ours; numbers with more digits than JSON keeps exactly are refused.',
    examples: [
      { via: 'number', theirs: 12.5, ours: '12.5' },
      { via: 'number', theirs: 0, ours: '0' },
      { via: 'number', theirs: 1e-7, ours: '0.0000001' },
      { via: 'number', theirs: -300, ours: '-300' },
      { via: 'number', theirs: 12.5, ours: '12.500', direction: 'out' },
    ],
    refusals: [
      { via: 'number', direction: 'in', value: 0.1 + 0.2, because: 'more digits' },
      { via: 'number', direction: 'in', value: Number.NaN, because: 'JSON number' },
      { via: 'number', direction: 'in', value: Number.POSITIVE_INFINITY, because: 'JSON number' },
      { via: 'number', direction: 'in', value: '12.5', because: 'JSON number' },
      { via: 'number', direction: 'in', value: 1e300, because: 'more digits' },
      { via: 'number', direction: 'out', value: '12345678901234567.1', because: 'more digits' },
      { via: 'number', direction: 'out', value: '1e3', because: 'decimal' },
    ],
    bind: () => ({ in: exactText, out: exactNumber }),
  },
  {
    name: 'integer',
    arguments: [],
    invertible: true,
    summary: 'A whole JSON number of theirs is decimal text of ours; fractions are refused in both directions.',
    examples: [
      { via: 'integer', theirs: 12, ours: '12' },
      { via: 'integer', theirs: 3, ours: '3.000', direction: 'out' },
    ],
    refusals: [
      { via: 'integer', direction: 'in', value: 12.5, because: 'whole number' },
      { via: 'integer', direction: 'out', value: '12.5', because: 'whole number' },
    ],
    bind: () => ({
      in: (value) => (Number.isSafeInteger(value) ? exactText(value) : refuse(`a whole number is expected, not ${shown(value)}`)),
      out(value) {
        const number = exactNumber(value);
        return number instanceof Refusal || Number.isSafeInteger(number) ? number : refuse(`the system takes a whole number, not ${shown(value)}`);
      },
    }),
  },
  {
    name: 'decimal',
    arguments: [{ name: 'places', kind: 'count', optional: true }],
    invertible: true,
    summary: 'Decimal text of theirs (`2.000`) is the shortest decimal text of ours (`2`); with places, outward has exactly so many and more are refused.',
    examples: [
      { via: 'decimal(3)', theirs: '2.000', ours: '2' },
      { via: 'decimal', theirs: '2.000', ours: '2', direction: 'in' },
      { via: 'decimal', theirs: '-0.5', ours: '-0.5' },
      { via: 'decimal(0)', theirs: '7', ours: '7' },
    ],
    refusals: [
      { via: 'decimal', direction: 'in', value: 2, because: 'decimal' },
      { via: 'decimal', direction: 'in', value: '1,5', because: 'decimal' },
      { via: 'decimal', direction: 'in', value: '1e400', because: 'decimal' },
      { via: 'decimal(3)', direction: 'out', value: '2.0005', because: 'more than 3' },
    ],
    bind(args) {
      const places = optionalCount(args, 0);
      if (places !== undefined && places > 20) throw new RangeError('at most 20 places are kept');
      const read = (value: unknown): string | Refusal =>
        typeof value === 'string' && isDecimal(value) ? decimal(value) : refuse(`a decimal such as 12.5 is expected as text, not ${shown(value)}`);
      return {
        in: read,
        out(value) {
          const text = read(value);
          return text instanceof Refusal || places === undefined ? text : fixed(text, places);
        },
      };
    },
  },
];
