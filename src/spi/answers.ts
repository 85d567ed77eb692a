import { Fault, type FaultDetail, type FaultKind } from '#base/fault';
import { redact } from '#base/redact';
import { NoAnswer, type HttpRequest } from '#spi/transport';

/** What an HTTP status means where the connector does not say otherwise. Statuses that leave the effect of a write open are in `open`. */
export const byStatus: Readonly<Record<number, FaultKind>> = {
  400: 'rejected',
  401: 'unauthorised',
  402: 'forbidden',
  403: 'forbidden',
  404: 'missing',
  405: 'misconfigured',
  406: 'drifted',
  409: 'conflict',
  410: 'missing',
  412: 'conflict',
  413: 'rejected',
  414: 'rejected',
  415: 'drifted',
  422: 'rejected',
  423: 'locked',
  428: 'conflict',
  429: 'throttled',
  431: 'rejected',
};

/** An answer that is not a success, as the connector's own rules see it. */
export interface Answer {
  readonly method: HttpRequest['method'];
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed where it is JSON, else the text. */
  readonly body: unknown;
}

/** What a connector says of an answer where the table is not right; undefined leaves it to the table. */
export interface Verdict extends Pick<FaultDetail, 'retryAfterMs' | 'fields' | 'code'> {
  readonly kind?: FaultKind;
  /** The vendor's own words; shortened and redacted before use. */
  readonly message?: string;
}
export type Classify = (answer: Answer) => Verdict | undefined;

/** A connector's own sign of throttling, where that is not status 429: how long to wait. */
export type Throttle = (answer: Answer, nowMs: number) => { readonly retryAfterMs: number } | undefined;

export const writes: ReadonlySet<string> = new Set(['POST', 'PATCH', 'PUT', 'DELETE', 'MERGE']);

/** The longest wait that is believed; a system that names a longer one is asked again after this. */
export const longestWaitMs = 15 * 60_000;

/** The fault of an answer that is not a success. A 5xx to a write is `uncertain`: the system may have executed it before it failed. */
export function answerFault(answer: Answer, rules: { readonly classify?: Classify; readonly throttle?: Throttle; readonly nowMs: number }): Fault {
  const where = `${answer.method} ${answer.path}`;
  const slower = rules.throttle?.(answer, rules.nowMs);
  const verdict = rules.classify?.(answer);
  const kind = slower ? 'throttled' : (verdict?.kind ?? kindOf(answer));
  const wait = slower?.retryAfterMs ?? verdict?.retryAfterMs ?? retryAfter(answer.headers, rules.nowMs);
  const said = safeText(verdict?.message ?? messageIn(answer.body));
  return new Fault(kind, `${where} answered ${answer.status}${said === '' ? '' : `: ${said}`}`, {
    where,
    ...(wait === undefined ? {} : { retryAfterMs: Math.min(wait, longestWaitMs) }),
    ...(verdict?.code === undefined ? {} : { code: verdict.code }),
    ...(verdict?.fields === undefined ? {} : { fields: Object.fromEntries(Object.entries(verdict.fields).map(([path, text]) => [path, safeText(text)])) }),
  });
}

function kindOf({ status, method }: Answer): FaultKind {
  const listed = byStatus[status];
  if (listed !== undefined) return listed;
  if (status >= 300 && status < 400) return 'misconfigured';
  if (status >= 400 && status < 500 && status !== 408) return 'rejected';
  return writes.has(method) ? 'uncertain' : 'unreachable';
}

/** The fault of a missing answer: reading is tried again; a write that may have arrived is uncertain; one that surely did not is tried again. */
export function noAnswerFault(request: { readonly method: string; readonly path: string }, error: unknown): Fault {
  if (error instanceof Fault) return error;
  const where = `${request.method} ${request.path}`;
  const surelyNot = error instanceof NoAnswer && !error.sent;
  const message = error instanceof NoAnswer ? error.message : `${where} got no answer`;
  return new Fault(writes.has(request.method) && !surelyNot ? 'uncertain' : 'unreachable', message, { where, cause: error });
}

/** The fault of an answer that cannot be read. The write itself may have happened, so it is looked up; a read has drifted. */
export function unreadableFault(request: { readonly method: string; readonly path: string }, why: string, cause?: unknown): Fault {
  const where = `${request.method} ${request.path}`;
  return new Fault(writes.has(request.method) ? 'uncertain' : 'drifted', `${where} was answered, but ${why}`, {
    where,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Milliseconds to wait by the `Retry-After` header, in seconds or as a date (RFC 9110 10.2.3). */
export function retryAfter(headers: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Only the form that HTTP uses: `Date.parse` alone also takes "-1" for a year.
  const at = /^[A-Z][a-z]{2}, \d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** The sentence in an error body: `error`, `message`, `errors[]`, and nested ones; empty where there is none. Markup is not a sentence. */
export function messageIn(body: unknown, depth = 0): string {
  if (typeof body === 'string') return /^\s*</.test(body) ? '' : body;
  if (body === null || typeof body !== 'object' || depth > 4) return '';
  if (Array.isArray(body))
    return body
      .slice(0, 5)
      .map((item) => messageIn(item, depth + 1))
      .filter((text) => text !== '')
      .join('; ');
  for (const name of ['message', 'error', 'errors', 'error_description', 'detail', 'title', 'value', 'reason']) {
    const text = Object.hasOwn(body, name) ? messageIn((body as Record<string, unknown>)[name], depth + 1) : '';
    if (text !== '') return text;
  }
  return '';
}

export const messageLength = 300;

/** One line of at most 300 characters without control characters and without what looks like a credential. */
export function safeText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control and direction characters of a foreign text must not reach a log or a screen.
  const line = String(redact(text.slice(0, 4 * messageLength)))
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g, ' ')
    .trim();
  return line.length > messageLength ? `${line.slice(0, messageLength)}…` : line;
}
