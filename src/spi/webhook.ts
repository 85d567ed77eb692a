import type { RecordKind } from '#model/records';

/** A request as it came in, before anything is believed. */
export interface IncomingHook {
  readonly headers: Readonly<Record<string, string>>;
  /** The exact bytes: signatures are over these. */
  readonly body: string;
  /** The full address the sender called. */
  readonly url: string;
  /** The last path segment: one callback address per event type where the vendor does not name the type in the body. */
  readonly type: string;
}

/** A webhook only says "look": which record to read again, and how urgent that is. */
export interface Notice {
  readonly kind: RecordKind;
  readonly key: string;
  /** 0 routine, 1 high, 2 emergency or disposal. */
  readonly urgency: number;
  /** When the vendor says it happened, in milliseconds. */
  readonly at: number;
}

export interface Webhooks<S> {
  /** Event types that are subscribed, with the record each one speaks of. */
  readonly types: Readonly<Record<string, RecordKind>>;
  /** Throws Fault `unauthorised` where the signature is missing, wrong, or older than the tolerance. Compares in constant time. */
  verify(hook: IncomingHook, secret: string, nowMs: number): void;
  /** Throws Fault `drifted` where the body does not have the expected shape. */
  notices(hook: IncomingHook): readonly Notice[];
  subscribe(session: S, target: { readonly type: string; readonly url: string }): Promise<{ readonly id: string; readonly secret: string }>;
  /** Whether a subscription still lives at the vendor's. */
  alive(session: S, id: string): Promise<boolean>;
}
