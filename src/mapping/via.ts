import { mappingLimits } from '#mapping/limits';
import { PathError, parsePath } from '#mapping/path';
import type { Argument, ArgumentRule, Bound, MemberReference, Transform } from '#mapping/transform';

/** A transform with its arguments, ready to run. */
export interface ViaStep {
  readonly transform: Transform;
  readonly args: readonly Argument[];
  readonly bound: Bound;
}

export class ViaError extends Error {
  override readonly name = 'ViaError';
}

const token = /\s*(?:([A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)|'((?:[^'\\]|\\['\\])*)'|(-?\d{1,15})|([|(),]))/y;

interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'mark';
  readonly value: string;
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  let position = 0;
  const end = text.trimEnd().length;
  while (position < end) {
    token.lastIndex = position;
    const match = token.exec(text);
    if (!match) throw new ViaError(`via ${JSON.stringify(text)} cannot be read at character ${position + 1}; write name(argument, 'text', 3) | name`);
    if (match[1] !== undefined) found.push({ kind: 'word', value: match[1] });
    else if (match[2] !== undefined) found.push({ kind: 'text', value: match[2].replace(/\\(['\\])/g, '$1') });
    else if (match[3] !== undefined) found.push({ kind: 'number', value: match[3] });
    else found.push({ kind: 'mark', value: match[4] ?? '' });
    position = token.lastIndex;
  }
  return found;
}

/** Parses `trimZeros | padLeft(18)` against a catalogue. Throws ViaError with the nearest name that exists. */
export function parseVia(text: string, catalogue: ReadonlyMap<string, Transform>): ViaStep[] {
  if (text.length > mappingLimits.viaLength) throw new ViaError(`via has ${text.length} characters, more than ${mappingLimits.viaLength}`);
  const list = tokens(text);
  const steps: ViaStep[] = [];
  let at = 0;
  const mark = (value: string): boolean => list[at]?.kind === 'mark' && list[at]?.value === value;
  for (;;) {
    const name = list[at++];
    if (name?.kind !== 'word')
      throw new ViaError(`via ${JSON.stringify(text)}: the name of a transform is expected ${name ? `where ${name.value} stands` : 'at the end'}`);
    const transform = catalogue.get(name.value);
    if (!transform) throw new ViaError(`there is no transform ${name.value}; did you mean ${nearest(name.value, [...catalogue.keys()])}?`);
    const written: Token[] = [];
    if (mark('(')) {
      at++;
      while (!mark(')')) {
        const next = list[at++];
        if (!next || next.kind === 'mark')
          throw new ViaError(`via ${JSON.stringify(text)}: an argument of ${name.value} is expected ${next ? `where ${next.value} stands` : 'at the end'}`);
        written.push(next);
        if (mark(',')) at++;
        else if (!mark(')')) throw new ViaError(`via ${JSON.stringify(text)}: a comma or ) is expected after ${next.value}`);
      }
      at++;
    }
    steps.push(bindStep(transform, written));
    if (at === list.length) break;
    if (!mark('|')) throw new ViaError(`via ${JSON.stringify(text)}: | is expected before ${list[at]?.value}`);
    at++;
  }
  if (steps.length > mappingLimits.transformsPerRow) throw new ViaError(`via has ${steps.length} transforms, more than ${mappingLimits.transformsPerRow}`);
  const source = steps.findIndex(({ transform }, index) => transform.source === true && index > 0);
  if (source > 0) throw new ViaError(`${steps[source]?.transform.name} makes a value by itself and can only stand first`);
  return steps;
}

function bindStep(transform: Transform, written: readonly Token[]): ViaStep {
  const least = transform.arguments.filter(({ optional }) => optional !== true).length;
  if (written.length < least || written.length > transform.arguments.length) {
    throw new ViaError(`${transform.name} takes ${usage(transform)}, not ${written.length} argument${written.length === 1 ? '' : 's'}`);
  }
  const args = written.map((one, index) => argument(one, transform.arguments[index], transform));
  try {
    return { transform, args, bound: transform.bind(args) };
  } catch (error) {
    if (error instanceof RangeError || error instanceof PathError) throw new ViaError(`${transform.name}: ${error.message}`);
    throw error;
  }
}

/** `amount(currency)`: a transform's name with the names of its arguments. */
export function usage(transform: Transform): string {
  return transform.arguments.length === 0
    ? 'no arguments'
    : `${transform.name}(${transform.arguments.map(({ name, optional }) => (optional ? `${name}?` : name)).join(', ')})`;
}

function argument(one: Token, rule: ArgumentRule | undefined, transform: Transform): Argument {
  const wrong = (expected: string): ViaError =>
    new ViaError(`${transform.name}: argument ${rule?.name ?? ''} is ${expected}, not ${one.kind === 'text' ? `'${one.value}'` : one.value}`);
  switch (rule?.kind) {
    case 'count':
      if (one.kind !== 'number' || !/^\d{1,6}$/.test(one.value)) throw wrong('a whole number such as 18');
      return { kind: 'number', value: Number(one.value) };
    case 'text':
      if (one.kind !== 'text') throw wrong("a text in single quotes such as 'X'");
      return { kind: 'text', value: one.value };
    case 'word':
      if (one.kind !== 'text' && (one.kind !== 'word' || one.value.includes('.'))) throw wrong('a name such as sap');
      return { kind: 'text', value: one.value };
    case 'textOrReference':
      if (one.kind === 'text') return { kind: 'text', value: one.value };
      if (one.kind !== 'word') throw wrong("a text in single quotes or the name of a member, such as 'USD' or settings.currency");
      return { kind: 'reference', value: memberReference(one.value) };
    default:
      if (one.kind === 'text') return { kind: 'text', value: one.value };
      if (one.kind === 'number') return { kind: 'number', value: Number(one.value) };
      if (one.value === 'true' || one.value === 'false') return { kind: 'boolean', value: one.value === 'true' };
      throw wrong('a text in single quotes, a whole number, true or false');
  }
}

function memberReference(text: string): MemberReference {
  parsePath(text);
  const [first, ...rest] = text.split('.');
  if (rest.length > 0 && (first === 'settings' || first === 'native')) return { scope: first, steps: rest, text };
  return { scope: 'sibling', steps: text.split('.'), text };
}

/** The candidate with the fewest differing letters: for suggestions in messages. */
export function nearest(name: string, candidates: readonly string[]): string {
  let best = candidates[0] ?? '';
  let least = Infinity;
  for (const candidate of candidates) {
    const d = distance(name.slice(0, 60).toLowerCase(), candidate.slice(0, 60).toLowerCase());
    if (d < least) [best, least] = [candidate, d];
  }
  return best;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}
