import type { Row, Value } from '../world/store.ts';
import { literal, valueOf, type Form } from './codec.ts';
import { OdataError } from './odata-error.ts';
import type { Property } from './property.ts';
import type { PreparedSet } from './service.ts';

/** A compiled `$filter`: a test for each row, and values that an index can look up. */
export interface Filter {
  readonly test: (row: Row) => boolean;
  /** Fields that must have one of these values. */
  readonly equal: readonly { readonly field: string; readonly values: readonly Value[] }[];
}

/** Longest filter and deepest nesting that are read. */
export const filterLimits = { length: 8_000, depth: 60 } as const;

const tokens =
  /\s*((?:datetimeoffset|datetime|time|guid)?'(?:[^']|'')*'|[A-Za-z_][\w./]*|-?\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?|\d\d:\d\d:\d\d|-?\d+(?:\.\d+)?[MLdfm]?|[(),])/y;
const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  eq: (o) => o === 0,
  ne: (o) => o !== 0,
  gt: (o) => o > 0,
  ge: (o) => o >= 0,
  lt: (o) => o < 0,
  le: (o) => o <= 0,
};
const textTests: Readonly<Record<string, (text: string, part: string) => boolean>> = {
  startswith: (a, b) => a.startsWith(b),
  endswith: (a, b) => a.endsWith(b),
  contains: (a, b) => a.includes(b),
  substringof: (a, b) => a.includes(b),
};

/** Reads a `$filter`. Unknown properties, functions of the other protocol version and bad literals are refused with 400. */
export function parseFilter(text: string, set: PreparedSet, form: Form): Filter {
  if (text.length > filterLimits.length) throw new OdataError(400, '/IWBEP/CM_MGW_RT/021', `$filter is longer than ${filterLimits.length} characters`);
  return new Parser(tokenize(text), set, form).whole();
}

function tokenize(text: string): string[] {
  const found: string[] = [];
  tokens.lastIndex = 0;
  for (let at = 0; at < text.length; at = tokens.lastIndex) {
    const match = tokens.exec(text);
    if (!match) {
      if (text.slice(at).trim() === '') break;
      throw new OdataError(400, '/IWBEP/CM_MGW_RT/021', `Invalid token at position ${at} of $filter`);
    }
    found.push(match[1] ?? '');
  }
  return found;
}

class Parser {
  #at = 0;
  #depth = 0;
  readonly #tokens: readonly string[];
  readonly #set: PreparedSet;
  readonly #form: Form;

  constructor(found: readonly string[], set: PreparedSet, form: Form) {
    this.#tokens = found;
    this.#set = set;
    this.#form = form;
  }

  whole(): Filter {
    const filter = this.#or();
    if (this.#at < this.#tokens.length) throw this.#bad();
    return filter;
  }

  #or(): Filter {
    this.#depth += 1;
    if (this.#depth > filterLimits.depth) throw this.#bad();
    let left = this.#and();
    while (this.#take('or')) {
      const [a, b] = [left, this.#and()];
      left = { test: (row) => a.test(row) || b.test(row), equal: united(a, b) };
    }
    this.#depth -= 1;
    return left;
  }

  #and(): Filter {
    let left = this.#one();
    while (this.#take('and')) {
      const [a, b] = [left, this.#one()];
      left = { test: (row) => a.test(row) && b.test(row), equal: [...a.equal, ...b.equal] };
    }
    return left;
  }

  #one(): Filter {
    if (this.#take('not')) {
      const inner = this.#one();
      return { test: (row) => !inner.test(row), equal: [] };
    }
    if (this.#take('(')) {
      const inner = this.#or();
      this.#expect(')');
      return inner;
    }
    const name = this.#next();
    if (this.#tokens[this.#at] === '(' && Object.hasOwn(textTests, name)) return this.#textTest(name);
    const property = this.#property(name);
    const operator = this.#next();
    const accepts = comparisons[operator];
    if (!accepts) throw this.#bad();
    const value = literal(this.#next(), property, this.#form);
    const order = ordering(property);
    return { test: (row) => accepts(order(valueOf(row, property), value)), equal: operator === 'eq' ? [{ field: property.field, values: [value] }] : [] };
  }

  #textTest(name: string): Filter {
    if ((name === 'substringof') !== (this.#form.protocol === 'v2') && (name === 'substringof' || name === 'contains'))
      throw new OdataError(400, '/IWBEP/CM_MGW_RT/021', `Function ${name} is not supported`);
    this.#expect('(');
    const first = this.#next();
    this.#expect(',');
    const second = this.#next();
    this.#expect(')');
    const [path, part] = name === 'substringof' ? [second, first] : [first, second];
    const property = this.#property(path);
    if (!/^'.*'$/.test(part)) throw this.#bad();
    const wanted = part.slice(1, -1).replaceAll("''", "'");
    const accepts = textTests[name] ?? ((): boolean => false);
    const answer = this.#take('eq') ? this.#next() !== 'false' : true;
    return { test: (row) => accepts(String(valueOf(row, property) ?? ''), wanted) === answer, equal: [] };
  }

  #property(name: string): Property {
    const property = this.#set.byName.get(name);
    if (!property) throw new OdataError(400, '/IWBEP/CM_MGW_RT/020', `Property ${name} not found in type ${this.#set.type}`, name);
    return property;
  }

  #take(word: string): boolean {
    if (this.#tokens[this.#at] !== word) return false;
    this.#at += 1;
    return true;
  }

  #expect(word: string): void {
    if (!this.#take(word)) throw this.#bad();
  }

  #next(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw this.#bad();
    this.#at += 1;
    return token;
  }

  #bad(): OdataError {
    return new OdataError(400, '/IWBEP/CM_MGW_RT/021', `Invalid $filter near "${this.#tokens.slice(Math.max(0, this.#at - 1), this.#at + 2).join(' ')}"`);
  }
}

/** Two alternatives can be looked up only when both name the same single field. */
function united(a: Filter, b: Filter): Filter['equal'] {
  const [left, right] = [a.equal[0], b.equal[0]];
  if (!left || !right || a.equal.length !== 1 || b.equal.length !== 1 || left.field !== right.field) return [];
  return [{ field: left.field, values: [...left.values, ...right.values] }];
}

/** How two values of a property compare. */
export function ordering(property: Property): (a: Value, b: Value) => number {
  if (property.kind === 'P' || property.kind === 'N' || property.kind === 'I' || property.kind === 'Z' || property.kind === 'B' || property.kind === 'X')
    return (a, b) => (a === null || b === null ? (a === b ? 0 : Number.NaN) : Number(a) - Number(b));
  return (a, b) => (a === b ? 0 : a === null || a === undefined || b === null || b === undefined ? Number.NaN : a < b ? -1 : 1);
}
