import { isDecimal } from '#base/decimal';
import { Fault } from '#base/fault';
import type { EntityType, Field, FieldKind, ODataVersion } from '#spi/odata-type';

/** A record in native names with plain values: days as `2026-03-02`, decimals as shortest exact text, flags as booleans; what is empty is absent. */
export type Row = Record<string, unknown>;

/** The concurrency token of a record, and ids as they came where their leading zeros were taken off. */
export const etagMember = '@etag';
export const rawMember = '@raw';

/** Thrown inside the codec; the client makes it a fault that names the request. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

const ignored = /^(?:__metadata$|__deferred$|@|SAP__Messages|.+@odata\.)/;

/** Reads one entity of either version. Properties that the type does not name are kept as they came. */
export function decodeRow(type: EntityType, json: unknown): Row {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) throw new Unreadable(`${type.set} is not an object`);
  const source = json as Readonly<Record<string, unknown>>;
  const row: Row = {};
  for (const wire in source) {
    const value = source[wire];
    const field = type.fields.get(wire);
    if (field !== undefined) {
      if (value === '' || value === null || value === undefined) {
        if (field.kind === 'flag') row[field.name] = false;
        continue;
      }
      const read = readers[field.kind](value, field, row);
      if (read !== undefined) row[field.name] = read;
      continue;
    }
    readOther(type, wire, value, row);
  }
  const etag = etagOf(source);
  if (etag !== undefined) row[etagMember] = etag;
  return row;
}

function readOther(type: EntityType, wire: string, value: unknown, row: Row): void {
  const navigation = type.navigations.get(wire);
  const list = listOf(value);
  if (navigation !== undefined) {
    if (list !== undefined) row[navigation.name] = list.map((line) => decodeRow(navigation.type, line));
    else if (value !== null && value !== undefined && !isDeferred(value)) row[navigation.name] = decodeRow(navigation.type, value);
    return;
  }
  if (value === null || value === '' || ignored.test(wire) || isDeferred(value)) return;
  // A member named like the prototype would be data of a stranger; it is left out.
  if (wire !== '__proto__') row[wire] = list ?? value;
}

function listOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (value === null || typeof value !== 'object') return undefined;
  const { results } = value as { results?: unknown };
  return Array.isArray(results) ? results : undefined;
}

const isDeferred = (value: unknown): boolean => value !== null && typeof value === 'object' && Object.hasOwn(value, '__deferred');

function etagOf(source: Readonly<Record<string, unknown>>): string | undefined {
  const v4 = source['@odata.etag'];
  if (typeof v4 === 'string') return v4;
  const metadata = source['__metadata'];
  if (metadata === null || typeof metadata !== 'object') return undefined;
  const { etag } = metadata as { etag?: unknown };
  return typeof etag === 'string' ? etag : undefined;
}

type Reader = (value: unknown, field: Field, row: Row) => unknown;

const wrong = (value: unknown, field: Field): never => {
  throw new Unreadable(`${field.wire} is ${typeof value === 'string' ? 'a text' : `a ${typeof value}`} that is no ${field.kind}`);
};

const readers: Readonly<Record<FieldKind, Reader>> = {
  text: (value, field) => (typeof value === 'string' ? value : typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : wrong(value, field)),
  id(value, field, row) {
    if (typeof value !== 'string') return wrong(value, field);
    const bare = withoutZeros(value);
    if (bare !== value) ((row[rawMember] ??= {}) as Record<string, string>)[field.name] = value;
    return bare;
  },
  digits(value, field) {
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || !allDigits(text)) return wrong(value, field);
    const bare = withoutZeros(text);
    return bare === '0' ? undefined : bare;
  },
  decimal: (value, field) => shortDecimal(typeof value === 'number' ? String(value) : value) ?? wrong(value, field),
  day: (value, field) => dayOf(value) ?? wrong(value, field),
  time: (value, field) => timeOf(value) ?? wrong(value, field),
  instant: (value, field) => instantOf(value) ?? wrong(value, field),
  boolean: (value, field) => (typeof value === 'boolean' ? value : wrong(value, field)),
  flag: (value, field) => (typeof value === 'boolean' ? value : value === 'X' ? true : wrong(value, field)),
  integer: (value, field) =>
    typeof value === 'number' && Number.isSafeInteger(value)
      ? value
      : typeof value === 'string' && /^-?\d{1,15}$/.test(value)
        ? Number(value)
        : wrong(value, field),
};

function allDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return text.length > 0;
}

/** `000010` is `10`, `000` is `0`; a text with anything but digits stays as it is. */
export function withoutZeros(text: string): string {
  if (text.charCodeAt(0) !== 48 || !allDigits(text)) return text;
  let start = 0;
  while (start < text.length - 1 && text.charCodeAt(start) === 48) start++;
  return text.slice(start);
}

/** The shortest text of a decimal: `30.00` is `30`. Undefined where it is none. */
export function shortDecimal(value: unknown): string | undefined {
  if (typeof value !== 'string' || !isDecimal(value)) return undefined;
  let text = value.charCodeAt(0) === 43 ? value.slice(1) : value;
  const point = text.indexOf('.');
  if (point >= 0) {
    let end = text.length;
    while (text.charCodeAt(end - 1) === 48) end--;
    text = text.slice(0, end - 1 === point ? point : end);
  }
  if (text.charCodeAt(0) === 48 || text.startsWith('-0')) text = text.replace(/^(-?)0+(?=\d)/, '$1');
  return text === '-0' ? '0' : text;
}

const slashDate = /^\/Date\((-?\d{1,17})(?:[+-]\d{4})?\)\/$/;

/** Milliseconds of `/Date(1470268800000)/`; an offset in minutes changes what was shown, not the instant. */
function millisOf(value: string): number | undefined {
  const found = slashDate.exec(value);
  return found ? Number(found[1]) : undefined;
}

function dayOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const millis = millisOf(value);
  if (millis !== undefined) return isoOf(millis)?.slice(0, 10);
  const day = value.slice(0, 10);
  return /^\d{4}-\d{2}-\d{2}(T00:00:00(\.0+)?Z?)?$/.test(value) && !Number.isNaN(Date.parse(day)) ? day : undefined;
}

function instantOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const millis =
    millisOf(value) ??
    (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,12})?)?(Z|[+-]\d{2}:\d{2})?$/.test(value)
      ? Date.parse(/(Z|[+-]\d{2}:\d{2})$/.test(value) ? value : `${value}Z`)
      : Number.NaN);
  return Number.isNaN(millis) ? undefined : isoOf(millis);
}

/** Years beyond 9999 are how SAP shows "for ever"; they cannot be written in ISO form and are refused. */
function isoOf(millis: number): string | undefined {
  return Math.abs(millis) <= 253_402_300_799_999 ? new Date(millis).toISOString() : undefined;
}

/** `PT15H51M04S` and `15:51:04`; hour 24 is SAP's way to say "not set", and is kept. */
function timeOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const found = /^PT(?:(\d{1,2})H)?(?:(\d{1,2})M)?(?:(\d{1,2})(?:\.\d+)?S)?$/.exec(value);
  if (found && value !== 'PT') return [found[1], found[2], found[3]].map((part) => (part ?? '0').padStart(2, '0')).join(':');
  return /^\d{2}:\d{2}:\d{2}/.test(value) ? value.slice(0, 8) : undefined;
}

/** Writes one entity for the wire. A property that the type does not name is refused, so that nothing unmapped leaves; customer fields (`YY1_`) pass. Members in lower case are the connector's own and stay here. */
export function encodeRow(type: EntityType, version: ODataVersion, row: Readonly<Row>): Row {
  const json: Row = {};
  for (const name in row) {
    const value = row[name];
    if (value === undefined || value === null) continue;
    const field = type.byName.get(name);
    if (field !== undefined) {
      if (field.readOnly)
        throw new Fault('misconfigured', `${type.set}.${field.wire} cannot be sent; the service computes it`, { fields: { [name]: 'cannot be sent' } });
      json[field.wire] = writeValue(type, field, version, value);
      continue;
    }
    const navigation = type.navigationsByName.get(name);
    if (navigation !== undefined) {
      const lines = (Array.isArray(value) ? value : [value]).map((line) => encodeRow(navigation.type, version, line as Row));
      json[navigation.wire] = !navigation.many ? lines[0] : version === 'v2' ? { results: lines } : lines;
    } else if (name.startsWith('YY1_')) json[name] = value;
    else if (!/^[a-z@]/.test(name))
      throw new Fault('misconfigured', `${type.set} has no property ${name} that can be sent`, { fields: { [name]: 'unknown property' } });
  }
  return json;
}

function refused(type: EntityType, field: Field, why: string): Fault {
  return new Fault('rejected', `${type.set}.${field.wire} ${why}`, { fields: { [field.name]: why } });
}

function writeValue(type: EntityType, field: Field, version: ODataVersion, value: unknown): unknown {
  switch (field.kind) {
    case 'boolean':
    case 'flag':
      if (typeof value !== 'boolean') throw refused(type, field, 'takes true or false');
      return field.kind === 'boolean' || version === 'v4' ? value : value ? 'X' : '';
    case 'integer':
      if (typeof value !== 'number') throw refused(type, field, 'takes a whole number');
      return value;
    default:
      if (typeof value !== 'string') throw refused(type, field, `takes text, not a ${typeof value}`);
      return writeText(type, field, version, value);
  }
}

function writeText(type: EntityType, field: Field, version: ODataVersion, value: string): string {
  switch (field.kind) {
    case 'decimal':
      return checkedDecimal(type, field, value);
    case 'day':
      if (dayOf(value) === undefined) throw refused(type, field, 'takes a day such as 2026-03-09');
      return version === 'v2' ? `${value.slice(0, 10)}T00:00:00` : value.slice(0, 10);
    case 'time':
      if (timeOf(value) === undefined) throw refused(type, field, 'takes a time such as 15:51:04');
      return version === 'v2' ? durationOf(value) : value;
    case 'digits':
      if (value !== '' && !allDigits(value)) throw refused(type, field, 'takes digits alone');
      break;
    default:
  }
  if (field.length !== undefined && value.length > field.length) throw refused(type, field, `has ${value.length} characters, and ${field.length} fit`);
  return value;
}

const durationOf = (time: string): string => `PT${time.slice(0, 2)}H${time.slice(3, 5)}M${time.slice(6, 8)}S`;

function checkedDecimal(type: EntityType, field: Field, value: string): string {
  const text = shortDecimal(value);
  if (text === undefined) throw refused(type, field, 'takes a decimal such as 12.5');
  const point = text.indexOf('.');
  const places = point < 0 ? 0 : text.length - point - 1;
  if (field.scale !== undefined && places > field.scale) throw refused(type, field, `has ${places} decimal places, and ${field.scale} fit`);
  const whole = (point < 0 ? text : text.slice(0, point)).replace('-', '').length;
  if (field.length !== undefined && whole > field.length - (field.scale ?? 0))
    throw refused(type, field, `has ${whole} digits before the point, and ${field.length - (field.scale ?? 0)} fit`);
  return text;
}

/** A value inside an address: quoted, doubled quotes, typed literals of V2. Not yet percent-encoded. */
export function literal(field: Field, version: ODataVersion, value: string | boolean): string {
  if (typeof value === 'boolean') return field.kind === 'flag' && version === 'v2' ? (value ? "'X'" : "''") : String(value);
  switch (field.kind) {
    case 'day':
      if (dayOf(value) === undefined) break;
      return version === 'v2' ? `datetime'${value.slice(0, 10)}T00:00:00'` : value.slice(0, 10);
    case 'instant':
      if (instantOf(value) === undefined) break;
      return version === 'v2' ? `datetimeoffset'${value}'` : value;
    case 'time':
      if (timeOf(value) === undefined) break;
      return version === 'v2' ? `time'${durationOf(value)}'` : value;
    case 'decimal':
    case 'integer':
      if (shortDecimal(value) === undefined) break;
      return version === 'v2' && field.kind === 'decimal' ? `${value}M` : value;
    default:
      return `'${value.replaceAll("'", "''")}'`;
  }
  throw new Fault('rejected', `${field.wire} cannot be ${JSON.stringify(value.slice(0, 40))} in an address`, {
    fields: { [field.name]: `is no ${field.kind}` },
  });
}
