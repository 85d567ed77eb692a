import { decimal, isDecimal, multiply, round } from '#base/decimal';
import { shown } from '#mapping/issue';
import { refuse, type Bound, type Refusal, type Transform } from '#mapping/transform';
import { optionalCount, textOf } from '#mapping/transform-arguments';

const instantPattern = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?$/;
const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether a text is a day of the calendar; arithmetic, because this runs for every record. */
function realDay(text: string): boolean {
  if (!dayPattern.test(text)) return false;
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10))];
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0;
  return year > 0 && day > 0 && day <= (monthDays[month - 1] ?? 0) + leap;
}

/** Milliseconds of an ISO 8601 instant with a zone; undefined where it is none. */
function instantMs(text: unknown): number | undefined {
  const match = typeof text === 'string' && text.length <= 40 ? instantPattern.exec(text) : null;
  const [, day = '', time = '', zone] = match ?? [];
  if (zone === undefined || !realDay(day)) return undefined;
  const at = Date.parse(`${day}T${time}${zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`}`);
  return Number.isFinite(at) ? at : undefined;
}

const isoOf = (ms: number): string => new Date(ms).toISOString();
/** Years 1 to 9999: what four digits of ISO 8601 can say. */
const writable = (ms: number): boolean => ms >= -62_135_596_800_000 && ms < 253_402_300_800_000;

function epoch(unitMs: number, name: string): Bound {
  return {
    in(value) {
      const ms = typeof value === 'number' && Number.isSafeInteger(value) ? value * unitMs : Number.NaN;
      return writable(ms) ? isoOf(ms) : refuse(`whole ${name} since 1970 are expected, not ${shown(value)}`);
    },
    out(value) {
      const ms = instantMs(value);
      return ms === undefined ? refuse(`an instant such as 2026-03-04T16:00:00.000Z is expected, not ${shown(value)}`) : Math.floor(ms / unitMs);
    },
  };
}

/** Parts of an hour. A count of them is a finite decimal of hours where `thirds` divides it, and is then `count / thirds * times` of the last of `places` places. */
const parts = {
  seconds: { perHour: 3600, thirds: 9, times: 25, places: 4, rounding: 'hours(4)' },
  minutes: { perHour: 60, thirds: 3, times: 5, places: 2, rounding: 'hoursFromMinutes(4)' },
} as const;
const mostParts = 1e12;

/** Hours from a whole count of a smaller unit. Without places the result is exact or refused. */
function hoursOf(name: keyof typeof parts, places: number | undefined): Bound {
  const part = parts[name];
  const perHour = String(part.perHour);
  if (places !== undefined && places > 10) throw new RangeError('at most 10 places make sense for hours');
  return {
    in(value) {
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || Math.abs(value) > mostParts)
        return refuse(`whole ${name} are expected, not ${shown(value)}`);
      const exact = value % part.thirds === 0 ? pointed((value / part.thirds) * part.times, part.places) : undefined;
      if (exact !== undefined && (places === undefined || places >= part.places)) return exact;
      if (places === undefined) return refuse(`${value} ${name} are no finite decimal of hours; write ${part.rounding} to round to 4 places`);
      return roundedQuotient(value, perHour, places);
    },
    out(value) {
      if (typeof value !== 'string' || !isDecimal(value)) return refuse(`decimal hours such as 1.5 are expected, not ${shown(value)}`);
      const exact = multiply(value, perHour);
      const whole = round(exact, 0);
      if (whole !== exact && places === undefined) return refuse(`${decimal(value)} hours are no whole number of ${name}`);
      return Number.isSafeInteger(Number(whole)) ? Number(whole) : refuse(`${shown(value)} hours are more than JSON keeps exactly`);
    },
  };
}

/** Rounds half away from zero, in whole numbers only. */
function roundedQuotient(value: number, divisor: string, places: number): string {
  const size = BigInt(Math.abs(value)) * 10n ** BigInt(places);
  const by = BigInt(divisor);
  const quotient = (size * 2n + by) / (by * 2n);
  return pointed(value < 0 ? -quotient : quotient, places);
}

/** A whole number with its last `places` digits behind a point, as the shortest decimal. */
function pointed(whole: number | bigint, places: number): string {
  const digits = String(whole < 0 ? -whole : whole).padStart(places + 1, '0');
  const fraction = places === 0 ? '' : digits.slice(-places).replace(/0+$/, '');
  const text = `${digits.slice(0, digits.length - places)}${fraction === '' ? '' : `.${fraction}`}`;
  return whole < 0 ? `-${text}` : text;
}

/** Transforms of days, instants and durations. */
export const timeTransforms: readonly Transform[] = [
  {
    name: 'day',
    arguments: [{ name: 'time', kind: 'text', optional: true }],
    invertible: true,
    summary:
      'An ISO instant of theirs is a day of ours: in UTC where it has a zone, as written where it has none. Outward midnight is added (`T00:00:00.000Z` unless another text is given).',
    examples: [
      { via: 'day', theirs: '2026-03-04T00:00:00.000Z', ours: '2026-03-04' },
      { via: "day('T00:00:00')", theirs: '2026-03-09T00:00:00', ours: '2026-03-09' },
      { via: "day('')", theirs: '2026-03-09', ours: '2026-03-09' },
      { via: 'day', theirs: '2026-03-04T23:30:00-05:00', ours: '2026-03-05', direction: 'in' },
    ],
    refusals: [
      { via: 'day', direction: 'in', value: '2026-02-30T00:00:00Z', because: 'day' },
      { via: 'day', direction: 'in', value: 20260304, because: 'day' },
      { via: 'day', direction: 'out', value: '04.03.2026', because: 'day' },
    ],
    bind(args) {
      const time = args.length === 0 ? 'T00:00:00.000Z' : textOf(args, 0);
      return {
        in(value) {
          if (typeof value !== 'string') return refuse(`a day or an instant is expected as text, not ${shown(value)}`);
          if (realDay(value)) return value;
          const match = value.length <= 40 ? instantPattern.exec(value) : null;
          if (match?.[3] === undefined)
            return match && realDay(match[1] ?? '') ? match[1] : refuse(`a day such as 2026-03-04 or an instant is expected, not ${shown(value)}`);
          const ms = instantMs(value);
          return ms === undefined || !writable(ms) ? refuse(`a day such as 2026-03-04 or an instant is expected, not ${shown(value)}`) : isoOf(ms).slice(0, 10);
        },
        out: (value) => (typeof value === 'string' && realDay(value) ? `${value}${time}` : refuse(`a day such as 2026-03-04 is expected, not ${shown(value)}`)),
      };
    },
  },
  {
    name: 'instant',
    arguments: [],
    invertible: true,
    summary: 'An ISO instant with any zone is an instant in UTC with milliseconds of ours.',
    examples: [
      { via: 'instant', theirs: '2026-03-04T16:00:00.000Z', ours: '2026-03-04T16:00:00.000Z' },
      { via: 'instant', theirs: '2026-03-04T17:00:00+01:00', ours: '2026-03-04T16:00:00.000Z', direction: 'in' },
      { via: 'instant', theirs: '2026-03-04T17:00:00.123456+0100', ours: '2026-03-04T16:00:00.123Z', direction: 'in' },
    ],
    refusals: [
      { via: 'instant', direction: 'in', value: '2026-03-04T16:00:00', because: 'zone' },
      { via: 'instant', direction: 'in', value: '2026-13-04T16:00:00Z', because: 'zone' },
      { via: 'instant', direction: 'in', value: 1772640000, because: 'zone' },
    ],
    bind() {
      const read = (value: unknown): string | Refusal => {
        const ms = instantMs(value);
        return ms === undefined || !writable(ms)
          ? refuse(`an instant with its zone, such as 2026-03-04T16:00:00Z, is expected, not ${shown(value)}`)
          : isoOf(ms);
      };
      return { in: read, out: read };
    },
  },
  {
    name: 'epochSeconds',
    arguments: [],
    invertible: true,
    summary: 'Whole seconds since 1970 of theirs are an instant of ours; outward a fraction of a second is left off.',
    examples: [
      { via: 'epochSeconds', theirs: 1772640000, ours: '2026-03-04T16:00:00.000Z' },
      { via: 'epochSeconds', theirs: 1772640000, ours: '2026-03-04T16:00:00.900Z', direction: 'out' },
    ],
    refusals: [
      { via: 'epochSeconds', direction: 'in', value: '1772640000', because: 'whole seconds' },
      { via: 'epochSeconds', direction: 'in', value: 1e15, because: 'whole seconds' },
      { via: 'epochSeconds', direction: 'out', value: '2026-03-04', because: 'instant' },
    ],
    bind: () => epoch(1000, 'seconds'),
  },
  {
    name: 'epochMillis',
    arguments: [],
    invertible: true,
    summary: 'Whole milliseconds since 1970 of theirs are an instant of ours.',
    examples: [
      { via: 'epochMillis', theirs: 1772640000123, ours: '2026-03-04T16:00:00.123Z' },
      { via: 'epochMillis', theirs: 0, ours: '1970-01-01T00:00:00.000Z' },
    ],
    refusals: [
      { via: 'epochMillis', direction: 'in', value: 0.5, because: 'whole milliseconds' },
      { via: 'epochMillis', direction: 'in', value: Number.NaN, because: 'whole milliseconds' },
    ],
    bind: () => epoch(1, 'milliseconds'),
  },
  {
    name: 'hours',
    arguments: [{ name: 'places', kind: 'count', optional: true }],
    invertible: true,
    summary: 'Whole seconds of theirs are decimal hours of ours: exact or refused, or rounded half away from zero where places are given.',
    examples: [
      { via: 'hours', theirs: 5400, ours: '1.5' },
      { via: 'hours', theirs: 0, ours: '0' },
      { via: 'hours(4)', theirs: 1200, ours: '0.3333' },
      { via: 'hours(2)', theirs: 1200, ours: '0.33', direction: 'in' },
      { via: 'hours(2)', theirs: -1200, ours: '-0.33', direction: 'in' },
    ],
    refusals: [
      { via: 'hours', direction: 'in', value: 1200, because: 'no finite decimal' },
      { via: 'hours', direction: 'in', value: 1.5, because: 'whole seconds' },
      { via: 'hours', direction: 'out', value: '0.3333', because: 'no whole number' },
    ],
    bind: (args) => hoursOf('seconds', optionalCount(args, 0)),
  },
  {
    name: 'hoursFromMinutes',
    arguments: [{ name: 'places', kind: 'count', optional: true }],
    invertible: true,
    summary: 'Whole minutes of theirs are decimal hours of ours: exact or refused, or rounded where places are given.',
    examples: [
      { via: 'hoursFromMinutes', theirs: 90, ours: '1.5' },
      { via: 'hoursFromMinutes(4)', theirs: 20, ours: '0.3333' },
    ],
    refusals: [{ via: 'hoursFromMinutes', direction: 'in', value: 20, because: 'no finite decimal' }],
    bind: (args) => hoursOf('minutes', optionalCount(args, 0)),
  },
];
