import * as z from 'zod';
import type { Path, Step } from '#mapping/path';
import { nearest } from '#mapping/via';

/** A schema without its wrappers, and whether a record may leave it out. */
export interface Member {
  readonly schema: z.ZodType;
  readonly optional: boolean;
}

/** Takes optional, default, nullable, readonly, catch and pipe off a schema. */
export function unwrapped(schema: z.ZodType): Member {
  let here: unknown = schema;
  let optional = false;
  for (;;) {
    if (here instanceof z.ZodOptional || here instanceof z.ZodDefault || here instanceof z.ZodPrefault || here instanceof z.ZodCatch) optional = true;
    if (
      here instanceof z.ZodOptional ||
      here instanceof z.ZodDefault ||
      here instanceof z.ZodPrefault ||
      here instanceof z.ZodCatch ||
      here instanceof z.ZodNullable ||
      here instanceof z.ZodReadonly
    )
      here = here.def.innerType;
    else if (here instanceof z.ZodPipe) here = here.def.in instanceof z.ZodTransform ? here.def.out : here.def.in;
    else if (here instanceof z.ZodLazy) here = here.def.getter();
    // Every branch above gives a schema again.
    else return { schema: here as z.ZodType, optional };
  }
}

export type Lookup = { readonly found: z.ZodType } | { readonly missing: string; readonly loose: boolean } | { readonly open: true };

/** Follows a path through a schema. `open` where the schema says nothing of what is inside. */
export function lookUp(schema: z.ZodType, path: Path): Lookup {
  let here = unwrapped(schema).schema;
  for (const [index, steps] of path.levels.entries()) {
    if (index > 0) {
      const line = lineOf(here);
      if (!line) return open(here) ? { open: true } : { missing: `${walked(path, index)} is not a list`, loose: false };
      here = line;
    }
    for (const step of steps) {
      const next = memberOf(here, step);
      if ('found' in next) here = next.found;
      else return next;
    }
  }
  return { found: here };
}

const walked = (path: Path, level: number): string => path.text.split('[]').slice(0, level).join('[]');

function lineOf(schema: z.ZodType): z.ZodType | undefined {
  // The element of an array schema is a schema.
  return schema instanceof z.ZodArray ? unwrapped(schema.element as z.ZodType).schema : undefined;
}

const open = (schema: z.ZodType): boolean =>
  schema instanceof z.ZodUnknown ||
  schema instanceof z.ZodAny ||
  schema instanceof z.ZodRecord ||
  schema instanceof z.ZodUnion ||
  schema instanceof z.ZodIntersection ||
  schema instanceof z.ZodCustom ||
  schema instanceof z.ZodTransform;

function memberOf(schema: z.ZodType, step: Step): Lookup {
  if (step === 0) {
    const line = lineOf(schema);
    return line ? { found: line } : open(schema) ? { open: true } : { missing: '[0] stands where there is no list', loose: false };
  }
  if (!(schema instanceof z.ZodObject))
    return open(schema)
      ? { open: true }
      : { missing: `${step} stands where there are no members${schema instanceof z.ZodArray ? '; write [] to step into each line' : ''}`, loose: false };
  const shape: Readonly<Record<string, z.ZodType>> = schema.shape;
  const member = Object.hasOwn(shape, step) ? shape[step] : undefined;
  if (member) return { found: unwrapped(member).schema };
  const names = Object.keys(shape);
  return {
    missing: `there is no member ${step}${names.length > 0 ? `; did you mean ${nearest(step, names)}?` : ''}`,
    loose: schema.def.catchall instanceof z.ZodUnknown,
  };
}

/** Required members that `covered` does not reach: `lines[].quantity.unit`. An optional object or list counts only where `touched` says that rows write into it. */
export function uncovered(
  schema: z.ZodType,
  tools: { readonly covered: (path: string) => boolean; readonly touched: (path: string) => boolean },
  at = '',
): string[] {
  if (at !== '' && tools.covered(at)) return [];
  if (schema instanceof z.ZodArray) return tools.touched(`${at}[]`) ? uncovered(unwrapped(schema.element as z.ZodType).schema, tools, `${at}[]`) : [at];
  if (!(schema instanceof z.ZodObject)) return [at];
  const shape: Readonly<Record<string, z.ZodType>> = schema.shape;
  if (at !== '' && !tools.touched(at)) return [at];
  return Object.entries(shape).flatMap(([name, member]) => {
    const path = at === '' ? name : `${at}.${name}`;
    const inner = unwrapped(member);
    return inner.optional && !tools.touched(path) ? [] : uncovered(inner.schema, tools, path);
  });
}
