import type { JsonObject } from '#base/json';
import type { ParsedRow } from '#mapping/parsed-row';
import type { Step } from '#mapping/path';

/** Which members of a native object are read: wholly, or some of theirs, or some of each line's. */
interface Read {
  whole: boolean;
  readonly members: Map<string, Read>;
  lines: Read | undefined;
}
const unread = (): Read => ({ whole: false, members: new Map(), lines: undefined });

/** Compiles what inward rows read; the result gives the native members that no row reads, as they came. Lines keep their positions. */
export function compileRemainder(rows: readonly ParsedRow[]): (native: unknown) => JsonObject {
  const root = unread();
  for (const { row, theirs, via } of rows) {
    if (row.direction === 'out' || !theirs) continue;
    mark(root, theirs.levels);
    for (const argument of via.flatMap(({ args }) => args)) {
      if (argument.kind !== 'reference') continue;
      const { scope, steps } = argument.value;
      if (scope === 'native') mark(root, [steps]);
      else if (scope === 'sibling') mark(root, [...theirs.levels.slice(0, -1), [...(theirs.levels.at(-1) ?? []).slice(0, -1), ...steps]]);
    }
  }
  return (native) => {
    const rest = isObject(native) ? restOfObject(native, root) : undefined;
    // Native records are what JSON carried, so that what is left of one is JSON as well.
    return (rest ?? {}) as JsonObject;
  };
}

function mark(root: Read, levels: readonly (readonly Step[])[]): void {
  let here = root;
  levels.forEach((steps, index) => {
    if (index > 0) here = here.lines ??= unread();
    for (const step of steps) {
      if (step === 0) here = here.lines ??= unread();
      else {
        let next = here.members.get(step);
        if (!next) here.members.set(step, (next = unread()));
        here = next;
      }
    }
  });
  here.whole = true;
}

const isObject = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object' && !Array.isArray(value);

function restOf(value: unknown, read: Read): unknown {
  if (read.whole) return undefined;
  if (isObject(value)) return restOfObject(value, read);
  if (!Array.isArray(value)) return value;
  if (!read.lines) return value;
  const lines = read.lines;
  let any = false;
  const rest = value.map((line: unknown) => {
    const left = restOf(line, lines);
    if (left !== undefined) any = true;
    return left ?? {};
  });
  return any ? rest : undefined;
}

function restOfObject(value: Record<string, unknown>, read: Read): Record<string, unknown> | undefined {
  let rest: Record<string, unknown> | undefined;
  for (const name of Object.keys(value)) {
    const member = read.members.get(name);
    const left = member ? restOf(value[name], member) : value[name];
    if (left === undefined) continue;
    rest ??= {};
    if (name === '__proto__') Object.defineProperty(rest, name, { value: left, enumerable: true, configurable: true, writable: true });
    else rest[name] = left;
  }
  return rest;
}
