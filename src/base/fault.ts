/**
 * What may be done about a failure. Retry, dead letters, alerts and screen text read this table and nothing else.
 * `retry`: backoff = again after a growing delay; after = when the system said; lookup = find the operation in the target first;
 * reread = read the target's state and decide again; never = a person decides.
 * `sent` says whether the request may have had an effect.
 */
export const faults = {
  unreachable: {
    retry: 'backoff',
    owner: 'network',
    alert: 'after-delay',
    title: 'The system did not answer',
    advice:
      'Check that the system is running and that the address, DNS and firewall of the connection are right. Waiting items go out by themselves once it answers.',
  },
  throttled: {
    retry: 'after',
    owner: 'nobody',
    alert: 'none',
    title: 'The system asked us to slow down',
    advice: 'Nothing to do. If it happens all day, lower the rate limit of the connection or ask the vendor for a higher one.',
  },
  locked: {
    retry: 'backoff',
    owner: 'nobody',
    alert: 'after-delay',
    title: 'Someone has the document open',
    advice: 'Nothing to do at first. If it stays locked, ask the person named in the answer to leave the document.',
  },
  uncertain: {
    retry: 'lookup',
    owner: 'nobody',
    alert: 'after-delay',
    title: 'A write may or may not have happened',
    advice:
      'Linchpin looks the operation up in the target before anything else. If no lookup is possible, check the target by the reference shown and record what you found.',
  },
  unauthorised: {
    retry: 'never',
    owner: 'administrator',
    alert: 'at-once',
    title: 'The credential was refused',
    advice: 'Renew the credential of the connection, then retry the waiting items.',
  },
  forbidden: {
    retry: 'never',
    owner: 'administrator',
    alert: 'at-once',
    title: 'The credential lacks a permission',
    advice: 'Grant the permission named in the answer; the documentation page of the connector lists the smallest set that works.',
  },
  missing: {
    retry: 'never',
    owner: 'data-steward',
    alert: 'at-once',
    title: 'The record does not exist',
    advice: 'Create the record in the target or correct the reference, then retry.',
  },
  conflict: {
    retry: 'reread',
    owner: 'data-steward',
    alert: 'none',
    title: 'The record changed since it was read',
    advice: 'Nothing to do: the record is read again and the owner of each field decides.',
  },
  rejected: {
    retry: 'never',
    owner: 'data-steward',
    alert: 'at-once',
    title: 'The system refused the values',
    advice: 'Read what the system answered, correct the value at its source or edit and resubmit the operation.',
  },
  closed: {
    retry: 'never',
    owner: 'controller',
    alert: 'at-once',
    title: 'The posting period is closed',
    advice: 'Open the period, or resubmit the operation with a posting date in an open period.',
  },
  drifted: {
    retry: 'never',
    owner: 'integration-engineer',
    alert: 'at-once',
    title: 'The record no longer has the expected shape',
    advice: 'The vendor changed a field. Compare the contract fingerprint on the connection, correct the mapping, then retry.',
  },
  misconfigured: {
    retry: 'never',
    owner: 'integration-engineer',
    alert: 'at-once',
    title: 'The configuration does not allow this',
    advice: 'Correct the file and line named in the message, run `linchpin check`, then retry.',
  },
} as const;

/** A kind of failure: a row of the fault table. */
export type FaultKind = keyof typeof faults;

/** Facts about one failure. */
export interface FaultDetail {
  /** How long the system asked us to wait. */
  readonly retryAfterMs?: number;
  /** One entry per refused field, keyed by the path shown in the mapping editor. */
  readonly fields?: Readonly<Record<string, string>>;
  /** The vendor's own code, for example `M7/021`. */
  readonly code?: string;
  /** Where it happened: a file and line, or method and path. */
  readonly where?: string;
  readonly cause?: unknown;
}

/** The only error that crosses a layer. The message says what was attempted and what was answered; the table holds the advice. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly kind: FaultKind;
  readonly detail: FaultDetail;

  constructor(kind: FaultKind, message: string, detail: FaultDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.kind = kind;
    this.detail = detail;
  }
}

/** Our own code's guarantee. A failure is a bug of Linchpin: it names what was expected and stops the step, not the process. */
export function invariant(holds: unknown, expected: string): asserts holds {
  if (!holds) throw new Error(`invariant broken: ${expected}`);
}
