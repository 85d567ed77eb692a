import { hash } from 'node:crypto';

/** Any value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

/** One text per value: keys sorted by code unit, no white space, absent members left out (RFC 8785). Refuses what JSON cannot say. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`canonical JSON: ${value} is not a JSON number`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    let text = '';
    for (let index = 0; index < value.length; index++) text += `${index === 0 ? '' : ','}${canonicalJson(value[index] === undefined ? null : value[index])}`;
    return `[${text}]`;
  }
  if (typeof value === 'object') {
    let text = '';
    for (const key of sortedKeys(value)) {
      const member = (value as Record<string, unknown>)[key];
      if (member !== undefined) text += `${text === '' ? '' : ','}${quoted(key)}:${canonicalJson(member)}`;
    }
    return `{${text}}`;
  }
  throw new TypeError(`canonical JSON: a ${typeof value} cannot be written`);
}

/** Characters that a JSON text cannot hold as they are. */
const special = /["\\\u0000-\u001f\ud800-\udfff]/;

/** A call of JSON.stringify per text costs more than looking whether it is needed (2026-11: a decision's hash takes 24 us instead of 41). */
function quoted(text: string): string {
  return special.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** Most objects are made with their members in order already. */
function sortedKeys(value: object): string[] {
  const keys = Object.keys(value);
  for (let index = 1; index < keys.length; index++) if (keys[index - 1]! > keys[index]!) return keys.sort();
  return keys;
}

/** SHA-256 of a text or of bytes, as lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

/** SHA-256 of the canonical JSON of a value: equal values have equal hashes. */
export function hashOf(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** Walks an object by a dotted path; undefined where any step is absent. Own members only, so that data cannot reach prototypes. */
export function at(value: unknown, path: string): unknown {
  let here = value;
  for (const step of path.split('.')) {
    if (here === null || typeof here !== 'object' || !Object.hasOwn(here, step)) return undefined;
    here = (here as Record<string, unknown>)[step];
  }
  return here;
}
