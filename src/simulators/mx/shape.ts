import { badWrite } from './refusal.ts';

/** What a body may carry, by name. A trailing `!` means required. */
export type Kind = 'text' | 'int' | 'number' | 'flag' | 'texts' | 'ints' | 'object' | 'any' | 'instant' | 'list' | readonly string[];
export type Shape = Readonly<Record<string, Kind>>;

/** Longest text that is taken, in characters. */
export const textLimit = 10_000;
const instant = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2}))?$/;

const checks: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string' && value.length <= textLimit,
  int: (value) => Number.isSafeInteger(value),
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  flag: (value) => typeof value === 'boolean',
  texts: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  ints: (value) => Array.isArray(value) && value.every((item) => Number.isSafeInteger(item)),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  any: () => true,
  instant: (value) => typeof value === 'string' && instant.test(value) && !Number.isNaN(Date.parse(value)),
  list: (value) => Array.isArray(value),
};

export type Body = Record<string, unknown>;

/** Parses and checks a body: unknown members, wrong types, values outside an enumeration and missing required members are refused with their names. */
export function readBody(text: string, shape: Shape, required: readonly string[] = []): Body {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw badWrite('Request body is not valid JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw badWrite('Request body must be an object');
  checkObject(body as Body, shape, required, '');
  return body as Body;
}

export function checkObject(body: Body, shape: Shape, required: readonly string[], at: string): void {
  for (const [name, value] of Object.entries(body)) {
    if (!Object.hasOwn(shape, name)) throw badWrite(`"${at}${name}" is not allowed`);
    const kind = shape[name]!;
    if (value === null) continue;
    const fits = typeof kind === 'string' ? checks[kind]!(value) : kind.includes(value as string);
    if (!fits) throw badWrite(typeof kind === 'string' ? `"${at}${name}" must be ${kind === 'text' ? `a string of at most ${textLimit} characters` : `a valid ${kind}`}` : `"${at}${name}" must be one of [${kind.join(', ')}]`);
  }
  for (const name of required) if (body[name] === undefined || body[name] === null || body[name] === '') throw badWrite(`"${at}${name}" is required`);
}

/** Lines inside a body, each checked. */
export function lines(value: unknown, shape: Shape, required: readonly string[], at: string): Body[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw badWrite(`"${at}" must be an array`);
  return value.map((line: unknown, index) => {
    if (typeof line !== 'object' || line === null || Array.isArray(line)) throw badWrite(`"${at}[${index}]" must be an object`);
    checkObject(line as Body, shape, required, `${at}[${index}].`);
    return line as Body;
  });
}
