import { mappingLimits } from '#mapping/limits';

/** A member name, or 0 for the only entry of a list (`emails[0]`). */
export type Step = string | 0;

/** A parsed path. `lines[].quantity.value` has the levels `lines` and `quantity.value`; a path without `[]` has one level. */
export interface Path {
  readonly text: string;
  readonly levels: readonly (readonly Step[])[];
}

export class PathError extends Error {
  override readonly name = 'PathError';
}

const refused = new Set(['__proto__', 'prototype', 'constructor']);
const stepPattern = /(?:"([^"\\]{1,120})"|([^.[\]"]{1,120}))(\[\]|\[0\])*/y;

/** Parses a dotted path. A name with dots or brackets stands in double quotes: `extraFields."Cost ctr. no"`. Throws PathError. */
export function parsePath(text: string): Path {
  if (text === '') throw new PathError('a path is empty');
  if (text.length > mappingLimits.pathLength) throw new PathError(`a path has ${text.length} characters, more than ${mappingLimits.pathLength}`);
  const levels: Step[][] = [[]];
  let count = 0;
  let position = 0;
  for (;;) {
    stepPattern.lastIndex = position;
    const match = stepPattern.exec(text);
    if (!match) throw new PathError(`path ${JSON.stringify(text)} cannot be read at character ${position + 1}: a member name is expected`);
    const name = match[1] ?? match[2] ?? '';
    if (refused.has(name)) throw new PathError(`path ${JSON.stringify(text)} names ${name}, which is no data`);
    if (name.trim() !== name || name === '') throw new PathError(`path ${JSON.stringify(text)} has spaces around a name`);
    if (++count > mappingLimits.pathSteps) throw new PathError(`path ${JSON.stringify(text.slice(0, 60))} has more than ${mappingLimits.pathSteps} steps`);
    const named = match[1] === undefined ? name.length : name.length + 2;
    levels.at(-1)?.push(name);
    for (const bracket of match[0].slice(named).match(/\[0?\]/g) ?? []) {
      if (bracket === '[]') levels.push([]);
      else levels.at(-1)?.push(0);
    }
    position = stepPattern.lastIndex;
    if (position === text.length) break;
    if (text[position] !== '.') throw new PathError(`path ${JSON.stringify(text)} cannot be read at character ${position + 1}: a dot is expected`);
    position++;
  }
  return { text, levels };
}

const stepText = (step: Step): string => (step === 0 ? '[0]' : /[.[\]"]/.test(step) ? `"${step}"` : step);

/** `quantity.value` for its steps. */
export function stepsText(steps: readonly Step[]): string {
  let text = '';
  for (const step of steps) text += step === 0 || text === '' ? stepText(step) : `.${stepText(step)}`;
  return text;
}

/** The path of a list: `lines[]` for level 0 of `lines[].quantity`. */
export function listText(path: Path, level: number): string {
  return path.levels
    .slice(0, level + 1)
    .map((steps) => `${stepsText(steps)}[]`)
    .join('.')
    .replaceAll('[].[]', '[][]');
}

/** `lines[2].part`: the path with line numbers in place of its `[]`, in order. */
export function concretePath(text: string, indexes: readonly number[]): string {
  let level = 0;
  return text.replace(/\[\]/g, () => (level < indexes.length ? `[${indexes[level++]}]` : '[]'));
}

export type Getter = (holder: unknown) => unknown;
export type Setter = (holder: Record<string, unknown>, value: unknown) => void;

const isRecord = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object';

function own(holder: unknown, step: Step): unknown {
  if (step === 0) return Array.isArray(holder) ? (holder as unknown[])[0] : undefined;
  return isRecord(holder) && Object.hasOwn(holder, step) ? holder[step] : undefined;
}

/** A closure that reads own members along the steps; undefined where one is absent. */
export function getter(steps: readonly Step[]): Getter {
  const [first, second] = steps;
  if (first === undefined) return (holder) => holder;
  if (second === undefined) return (holder) => own(holder, first);
  if (steps.length === 2) return (holder) => own(own(holder, first), second);
  return (holder) => {
    let here = holder;
    for (const step of steps) here = own(here, step);
    return here;
  };
}

/** A closure that writes a member, building the objects and the one-entry lists on the way. */
export function setter(steps: readonly Step[]): Setter {
  const last = steps.at(-1);
  if (last === undefined) throw new PathError('a line itself is not written by a path');
  const lead = steps.slice(0, -1);
  if (lead.length === 0 && last !== 0) return (holder, value) => void (holder[last] = value);
  return (holder, value) => {
    let here: Record<string, unknown> | unknown[] = holder;
    for (let i = 0; i < lead.length; i++) here = child(here, steps[i]!, steps[i + 1] === 0);
    put(here, last, value);
  };
}

/** The object that holds the member at the end of the steps, built where it is absent. */
export function holderOf(steps: readonly Step[]): (holder: Record<string, unknown>) => Record<string, unknown> {
  const lead = steps.slice(0, -1);
  if (lead.length === 0) return (holder) => holder;
  return (holder) => {
    let here: Record<string, unknown> | unknown[] = holder;
    for (let i = 0; i < lead.length; i++) here = child(here, steps[i]!, steps[i + 1] === 0);
    // A list that holds the member directly (`emails[0]`) has no named siblings; its own slots serve.
    return here as Record<string, unknown>;
  };
}

function child(holder: Record<string, unknown> | unknown[], step: Step, list: boolean): Record<string, unknown> | unknown[] {
  const there = own(holder, step);
  if (isRecord(there)) return there as Record<string, unknown> | unknown[];
  const made: Record<string, unknown> | unknown[] = list ? [] : {};
  put(holder, step, made);
  return made;
}

function put(holder: Record<string, unknown> | unknown[], step: Step, value: unknown): void {
  // An index of a list is a member name to the language; the step decides which one it is.
  (holder as Record<string, unknown>)[step === 0 ? '0' : step] = value;
}
