import * as z from 'zod';
import type { FaultKind } from '#base/fault';
import { retryAfter, writes, type Answer, type Verdict } from '#spi/answers';

/** What the codes of one vendor's application mean, where the status alone does not say. */
export interface ODataRules {
  /** A code such as `M7/053`, with its text. Undefined: an ordinary refusal. */
  readonly kindOf: (code: string, text: string) => FaultKind | undefined;
  /** Codes that only say that something went wrong; the cause is in the details. */
  readonly generic: (code: string) => boolean;
}

const Detail = z.object({
  code: z.string().catch(''),
  message: z.string().catch(''),
  severity: z.string().optional(),
  target: z.string().nullish(),
  propertyref: z.string().nullish(),
  '@SAP__common.numericSeverity': z.number().optional(),
});
const Body = z.object({
  error: z.object({
    code: z.string().catch(''),
    message: z.union([z.string(), z.object({ value: z.string() }).transform(({ value }) => value)]).catch(''),
    target: z.string().nullish(),
    details: z.array(Detail).max(500).optional(),
    innererror: z.object({ errordetails: z.array(Detail).max(500).optional() }).optional(),
  }),
});

interface Cause {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
}

const errorSeverity = 4;

/** The causes that an error body names, the most telling first: details with an application code before the outer text. */
export function causesIn(body: unknown, rules: ODataRules): readonly Cause[] {
  const parsed = Body.safeParse(body);
  if (!parsed.success) return [];
  const { error } = parsed.data;
  const details = [...(error.innererror?.errordetails ?? []), ...(error.details ?? [])]
    .filter((one) => (one.severity === undefined || one.severity === 'error') && (one['@SAP__common.numericSeverity'] ?? errorSeverity) >= errorSeverity)
    .map((one): Cause => ({ code: one.code, message: one.message, ...(one.target || one.propertyref ? { target: one.target || one.propertyref || '' } : {}) }));
  const outer: Cause = { code: error.code, message: error.message, ...(error.target ? { target: error.target } : {}) };
  const telling = (one: Cause): boolean => one.code !== '' && !rules.generic(one.code);
  return [...(telling(outer) ? [outer] : []), ...details.filter(telling), ...(telling(outer) ? [] : [outer]), ...details.filter((one) => !telling(one))];
}

/** What an OData answer that is no success means (SAP Gateway and RAP error bodies). Undefined leaves it to the table of statuses. */
export function classifyOData(answer: Answer, rules: ODataRules, nowMs: number): Verdict | undefined {
  const { status, headers, body } = answer;
  if (status === 503) {
    // Too busy: throttling, where the wait is named. Whether a write got through to the application before that is not known.
    const wait = retryAfter(headers, nowMs);
    return wait === undefined || writes.has(answer.method) ? undefined : { kind: 'throttled', retryAfterMs: wait };
  }
  if (status === 405 || status === 501) return { kind: 'misconfigured', message: 'this release does not offer the operation' };
  const causes = causesIn(body, rules);
  const [first] = causes;
  if (first === undefined) return undefined;
  const message = [
    ...new Set(
      causes
        .slice(0, 3)
        .map((one) => one.message)
        .filter((text) => text !== ''),
    ),
  ].join('; ');
  const fields = Object.fromEntries(causes.flatMap((one) => (one.target === undefined ? [] : [[one.target, one.message] as const])));
  // A server's own failure says nothing about the effect, whatever its text; and a refusal of the sign-in is one.
  const decisive = status >= 400 && status < 500 && status !== 401 && status !== 403 && status !== 404 && status !== 412 && status !== 428 && status !== 429;
  const kind = decisive ? causes.map((one) => rules.kindOf(one.code, one.message)).find((found) => found !== undefined) : undefined;
  return {
    message,
    ...(kind === undefined ? {} : { kind }),
    ...(first.code === '' ? {} : { code: first.code }),
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
  };
}

const Message = z.object({
  code: z.string().catch(''),
  message: z.string().catch(''),
  severity: z.string().optional(),
  numericSeverity: z.number().optional(),
  '@SAP__common.numericSeverity': z.number().optional(),
});
const HeaderMessages = z.union([Message.extend({ details: z.array(Message).max(200).optional() }), z.array(Message).max(200)]);

/** Texts of the messages beside a success: header `sap-message` (V2) or `sap-messages` (V4), and the member `SAP__Messages`. */
export function warningsOf(headers: Readonly<Record<string, string>>, entity: unknown): string[] {
  const found: z.output<typeof Message>[] = [];
  const header = headers['sap-message'] ?? headers['sap-messages'];
  if (header !== undefined) {
    const parsed = HeaderMessages.safeParse(parseOr(header));
    if (parsed.success) found.push(...(Array.isArray(parsed.data) ? parsed.data : [parsed.data, ...(parsed.data.details ?? [])]));
  }
  if (entity !== null && typeof entity === 'object' && Object.hasOwn(entity, 'SAP__Messages')) {
    const parsed = z
      .array(Message)
      .max(200)
      .safeParse((entity as { SAP__Messages: unknown }).SAP__Messages);
    if (parsed.success) found.push(...parsed.data);
  }
  return [...new Set(found.filter(({ message }) => message !== '').map(({ code, message }) => (code === '' ? message : `${code} ${message}`)))];
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
