import { inspect } from 'node:util';
import * as z from 'zod';
import { Fault, type FaultDetail } from '#base/fault';
import { issuesText } from '#spi/decode';
import { NoAnswer } from '#spi/transport';

/** Any failure of a connector's code as a Fault. What a write did before an unexpected failure is not known, so it is `uncertain`. */
export function asFault(error: unknown, what: { readonly text: string; readonly writes: boolean }): Fault {
  if (error instanceof Fault) return error;
  const effect = what.writes ? 'uncertain' : undefined;
  if (error instanceof NoAnswer) return new Fault(error.sent ? (effect ?? 'unreachable') : 'unreachable', `${what.text}: ${error.message}`, { cause: error });
  if (error instanceof z.ZodError)
    return new Fault(effect ?? 'drifted', `${what.text} has another shape than expected: ${issuesText(error)}`, { cause: error });
  return new Fault(effect ?? 'drifted', `${what.text} failed unexpectedly: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}

/** Secrets shorter than this are not searched for: they would blank ordinary words. */
const shortestSecret = 4;

/** Takes secrets out of a text, longest first. */
export function secretCleaner(secrets: readonly string[]): (text: string) => string {
  const texts = searched(secrets);
  return (text) => texts.reduce((left, secret) => left.replaceAll(secret, '***'), text);
}

const searched = (secrets: readonly string[]): string[] =>
  [...new Set(secrets)].filter((secret) => secret.length >= shortestSecret).sort((a, b) => b.length - a.length);

/** Takes the secrets of a connection out of a fault, wherever the system echoed them. The cause is dropped where it holds one. */
export function scrubber(secrets: readonly string[]): (fault: Fault) => Fault {
  const texts = searched(secrets);
  const holds = (value: unknown): boolean => {
    const shown = inspect(value, { depth: 8, showHidden: true, breakLength: Infinity });
    return texts.some((secret) => shown.includes(secret));
  };
  const clean = secretCleaner(secrets);
  return (fault) => {
    if (!holds(fault)) return fault;
    const { cause, fields, code, where, retryAfterMs } = fault.detail;
    const detail: FaultDetail = {
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(code === undefined ? {} : { code: clean(code) }),
      ...(where === undefined ? {} : { where: clean(where) }),
      ...(fields === undefined ? {} : { fields: Object.fromEntries(Object.entries(fields).map(([path, text]) => [clean(path), clean(text)])) }),
      ...(cause === undefined || holds(cause) ? {} : { cause }),
    };
    return new Fault(fault.kind, clean(fault.message), detail);
  };
}
