import { isDecimal } from '#base/decimal';
import type { Units } from '../world/units.ts';
import type { Row, Value } from '../world/store.ts';
import { OdataError } from './odata-error.ts';
import { withoutZeros, type Property } from './property.ts';

/** What decides how a value is written: protocol version, logon language, and whether V4 numbers are to be strings. */
export interface Form {
  readonly protocol: 'v2' | 'v4';
  readonly language: string;
  /** `IEEE754Compatible=true` of the V4 Accept or Content-Type. */
  readonly decimalText: boolean;
  readonly units: Units;
}

/** The value that stands for "nothing" in the world, by kind. */
export function initial(property: Property): Value {
  switch (property.kind) {
    case 'N':
      return '0';
    case 'P':
      return '0';
    case 'B':
    case 'X':
      return false;
    case 'I':
      return 0;
    case 'S':
      return '';
    default:
      return null;
  }
}

export function valueOf(row: Row, property: Property): Value {
  return row[property.field] ?? initial(property);
}

/** A value as the wire shows it. */
export function encode(row: Row, property: Property, form: Form): unknown {
  const value = valueOf(row, property);
  const v2 = form.protocol === 'v2';
  switch (property.kind) {
    case 'P':
      return v2 || form.decimalText ? String(value) : Number(value);
    case 'D':
      return v2 ? (value === null ? null : `/Date(${Date.parse(String(value))})/`) : value;
    case 'T':
      return v2
        ? `PT${String(value ?? '00:00:00')
            .replace(':', 'H')
            .replace(':', 'M')}S`
        : (value ?? '00:00:00');
    case 'Z':
      return value === null ? null : v2 ? `/Date(${String(value)}+0000)/` : new Date(Number(value)).toISOString();
    case 'X':
      return value === true ? 'X' : '';
    case 'S':
      return property.unit && value !== '' ? form.units.shown(String(value), property.unit === 'language' ? form.language : property.unit) : value;
    default:
      return value;
  }
}

/** A value from a request body, checked against the property: its type, its length, its places. */
export function decode(value: unknown, property: Property, form: Form): Value {
  if (value === null) return initial(property);
  switch (property.kind) {
    case 'S':
      return text(value, property, form);
    case 'N': {
      const digits = expectText(value, property);
      if (!/^\d*$/.test(digits)) throw invalid(property, value);
      tooLong(digits, property);
      return digits === '' ? '0' : withoutZeros(digits);
    }
    case 'P':
      return decimalValue(value, property, form);
    case 'B':
      if (typeof value !== 'boolean') throw invalid(property, value);
      return value;
    case 'X':
      if (value !== 'X' && value !== '') throw invalid(property, value);
      return value === 'X';
    case 'I':
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw invalid(property, value);
      return value;
    case 'D':
      return dateValue(expectText(value, property), property, form);
    case 'T':
      return timeValue(expectText(value, property), property);
    case 'Z':
      return instantValue(expectText(value, property), property);
  }
}

function text(value: unknown, property: Property, form: Form): string {
  const given = expectText(value, property);
  if (property.unit && given !== '') return form.units.read(given, property.unit === 'language' ? form.language : property.unit);
  const plain = property.alpha ? withoutZeros(given) : given;
  tooLong(plain, property);
  return plain;
}

function decimalValue(value: unknown, property: Property, form: Form): string {
  const isText = typeof value === 'string';
  const allowed = form.protocol === 'v2' ? isText : isText ? form.decimalText : typeof value === 'number';
  const given = String(value);
  if (!allowed || !isDecimal(given)) throw invalid(property, value);
  const [whole = '', places = ''] = given.replace(/^[+-]/, '').split('.');
  if (places.replace(/0+$/, '').length > property.scale) throw invalid(property, value);
  if (property.length !== undefined && whole.replace(/^0+/, '').length > property.length - property.scale) throw invalid(property, value);
  return given;
}

function dateValue(given: string, property: Property, form: Form): string | null {
  if (given === '') return null;
  const millis = form.protocol === 'v2' ? /^\/Date\((-?\d+)(?:[+-]\d{4})?\)\/$/.exec(given)?.[1] : undefined;
  if (millis !== undefined) return new Date(Number(millis)).toISOString().slice(0, 10);
  const pattern = form.protocol === 'v2' ? /^(\d{4}-\d\d-\d\d)T00:00(:00(\.0+)?)?$/ : /^(\d{4}-\d\d-\d\d)$/;
  const date = pattern.exec(given)?.[1];
  if (date === undefined || Number.isNaN(Date.parse(date)) || new Date(Date.parse(date)).toISOString().slice(0, 10) !== date) throw invalid(property, given);
  return date;
}

function timeValue(given: string, property: Property): string {
  const match = /^PT(\d\d?)H(\d\d?)M(\d\d?)S$/.exec(given) ?? /^(\d\d):(\d\d)(?::(\d\d))?$/.exec(given);
  if (!match) throw invalid(property, given);
  return [match[1], match[2], match[3] ?? '00'].map((part) => String(part).padStart(2, '0')).join(':');
}

function instantValue(given: string, property: Property): number {
  const millis = /^\/Date\((-?\d+)(?:[+-]\d{4})?\)\/$/.exec(given)?.[1];
  const at = millis === undefined ? Date.parse(given) : Number(millis);
  if (Number.isNaN(at)) throw invalid(property, given);
  return at;
}

function expectText(value: unknown, property: Property): string {
  if (typeof value !== 'string') throw invalid(property, value);
  return value;
}

function tooLong(given: string, property: Property): void {
  if (property.length !== undefined && given.length > property.length) {
    throw new OdataError(
      400,
      'CX_SXML_PARSE_ERROR',
      `Property '${property.name}' has invalid value: ${given.length} characters, at most ${property.length} are allowed`,
      property.name,
    );
  }
}

function invalid(property: Property, value: unknown): OdataError {
  return new OdataError(
    400,
    'CX_SXML_PARSE_ERROR',
    `Error during conversion of the value ${JSON.stringify(value)} of property '${property.name}'`,
    property.name,
  );
}

/** A literal of a key or a filter as a value of the property. */
export function literal(token: string, property: Property, form: Form): Value {
  if (token === 'null') return initial(property);
  const quoted = /^(datetimeoffset|datetime|time|guid)?'((?:[^']|'')*)'$/.exec(token);
  const inner = quoted?.[2]?.replaceAll("''", "'");
  const type = quoted?.[1] ?? '';
  const bad = (): OdataError => new OdataError(400, '/IWBEP/CM_MGW_RT/020', `Invalid literal ${token} for property '${property.name}'`, property.name);
  switch (property.kind) {
    case 'S':
    case 'N': {
      if (inner === undefined || (type !== '' && type !== 'guid')) throw bad();
      if (property.kind === 'N') return inner === '' ? '0' : withoutZeros(inner);
      if (property.unit) return form.units.has(inner) ? inner : safeUnit(inner, property, form);
      return property.alpha ? withoutZeros(inner) : inner;
    }
    case 'X':
      return inner === 'X';
    case 'B':
      if (token !== 'true' && token !== 'false') throw bad();
      return token === 'true';
    case 'D': {
      const date = form.protocol === 'v2' ? (type === 'datetime' ? inner : undefined) : token;
      if (date === undefined || !/^\d{4}-\d\d-\d\d(T[\d:.]+)?$/.test(date)) throw bad();
      return date.slice(0, 10);
    }
    case 'T':
      return timeValue(form.protocol === 'v2' ? (inner ?? '') : token, property);
    case 'Z': {
      const at = Date.parse(form.protocol === 'v2' ? (type === 'datetimeoffset' ? withZone(inner ?? '') : '') : token);
      if (Number.isNaN(at)) throw bad();
      return at;
    }
    default: {
      const number = (inner ?? token).replace(/[MmLldDfF]$/, '');
      if (!isDecimal(number)) throw bad();
      return property.kind === 'I' ? Number(number) : number;
    }
  }
}

const withZone = (text: string): string => (/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);

function safeUnit(text: string, property: Property, form: Form): string {
  return form.units.read(text, property.unit === 'language' ? form.language : (property.unit ?? 'EN'));
}

/** A key value inside a URL. */
export function keyLiteral(value: Value, property: Property, form: Form): string {
  if (property.kind === 'D') return form.protocol === 'v2' ? `datetime'${String(value)}T00%3A00%3A00'` : String(value);
  if (property.kind === 'Z') return form.protocol === 'v2' ? `datetimeoffset'${new Date(Number(value)).toISOString()}'` : new Date(Number(value)).toISOString();
  return `'${encodeURIComponent(String(value).replaceAll("'", "''"))}'`;
}
