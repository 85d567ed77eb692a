/** One entry of the vendor's `errors` list. */
export interface RefusalEntry {
  readonly error: string;
  readonly fieldPath?: string;
  readonly fieldValue?: string | number | boolean;
}

/** The twin's answer to a request it does not carry out. 404 and every refused GET read `{error}`, refused writes `{errors}`, 401 has no body. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: 400 | 401 | 403 | 404 | 429;
  readonly entries: readonly RefusalEntry[];

  constructor(status: 400 | 401 | 403 | 404 | 429, entries: readonly RefusalEntry[]) {
    super(entries.map(({ error }) => error).join('; '));
    this.status = status;
    this.entries = entries;
  }

  /** The body in the shape that this status and method have. */
  body(method: string): string {
    if (this.status === 401) return '';
    return JSON.stringify(method === 'GET' || this.status === 404 || this.status === 429 ? { error: this.message } : { errors: this.entries });
  }
}

/** 400 about one field. */
export function invalid(fieldPath: string, error: string, value?: unknown): Refusal {
  return new Refusal(400, [entry(fieldPath, error, value)]);
}

/** An entry about one field; the value is shown where it is a plain one. */
export function entry(fieldPath: string, error: string, value?: unknown): RefusalEntry {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? { error, fieldPath, fieldValue: value } : { error, fieldPath };
}

/** 404: not there, or not visible to this key. */
export const notFound = (what: string): Refusal => new Refusal(404, [{ error: `Could not find the specified ${what} or the user cannot access it.` }]);

/** The record itself, or 404. */
export function found<T>(record: T | undefined, what: string): T {
  if (record === undefined) throw notFound(what);
  return record;
}
