import type { TwinResponse } from '../twin.ts';

/** A request that the vendor would refuse: status and its one of two error shapes. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  /** `one` is `{error}`, `many` is `{errors}`; 401 has no body. */
  readonly shape: 'one' | 'many' | 'none';
  constructor(status: number, message: string, shape: 'one' | 'many' | 'none') {
    super(message);
    this.status = status;
    this.shape = shape;
  }
}

const jsonHeaders = { 'content-type': 'application/json; charset=utf-8' };

export const json = (status: number, value: unknown): TwinResponse => ({ status, headers: jsonHeaders, body: JSON.stringify(value) });

/** 404, 429 and 5xx and 400 on reads answer `{error}`; 400 and 403 on writes answer `{errors}`. */
export function refusalAnswer({ status, message, shape }: Refusal): TwinResponse {
  if (shape === 'none') return { status, headers: {}, body: '' };
  return json(status, shape === 'one' ? { error: message } : { errors: [message] });
}

export const notFound = (what: string, id: string | number): Refusal => new Refusal(404, `${what} ${id} not found`, 'one');
export const badWrite = (message: string): Refusal => new Refusal(400, message, 'many');
export const badRead = (message: string): Refusal => new Refusal(400, message, 'one');
