/**
 * What an observer beside the hub wrote down, and what the targets hold in the end. Plain data, no word of the engine: whoever can write this
 * down of a hub can have it checked. Times are milliseconds of the world's own clock, and entries stand in the order in which they happened.
 */
export interface History {
  readonly entries: readonly Entry[];
  /** When the last fault ended; what is not resolved within `patienceMs` from then on never will be. */
  readonly calmSince: number;
  readonly endedAt: number;
  readonly documents: readonly TargetDocument[];
  /** Every event that the hub's store holds in the end. */
  readonly events: readonly { readonly lane: string; readonly key: string; readonly seq: number; readonly state: string; readonly reason: string }[];
  /** Every operation that it holds in the end. */
  readonly operations: readonly { readonly key: string; readonly state: string; readonly owner: string | null }[];
  /** Sizes of the audit logs in the end, and whether they verify. */
  readonly audit: { readonly records: number; readonly findings: readonly string[] };
}

/** A business document as it stands in a target. */
export interface TargetDocument {
  readonly connection: string;
  readonly kind: string;
  readonly id: string;
  /** Everything in it as one text: references are searched here. */
  readonly text: string;
  /** Hash of what may never change once it is posted; empty for documents that may change. */
  readonly frozen: string;
  /** Charged lines: each must name what it is charged to, in which unit or currency. */
  readonly charges: readonly {
    readonly account: string;
    readonly object: string;
    readonly quantity: string;
    readonly unit: string;
    readonly amount: string;
    readonly currency: string;
  }[];
}

export type Entry = { readonly at: number } & (
  | { readonly what: 'accepted'; readonly lane: string; readonly key: string; readonly seq: number; readonly kind: string; readonly source: string }
  | { readonly what: 'acknowledged'; readonly lane: string; readonly key: string }
  | { readonly what: 'settled'; readonly lane: string; readonly key: string; readonly state: string }
  | { readonly what: 'decided'; readonly lane: string; readonly key: string; readonly flow: string; readonly inputs: string; readonly outputs: string }
  | { readonly what: 'replayed'; readonly lane: string; readonly key: string; readonly flow: string; readonly inputs: string; readonly outputs: string }
  | {
      readonly what: 'operation';
      readonly key: string;
      readonly lane: string;
      readonly chain: string;
      readonly n: number;
      readonly class: string;
      readonly reference: string;
      readonly connection: string;
      readonly record: string;
      readonly verb: string;
    }
  | { readonly what: 'state'; readonly key: string; readonly state: string }
  /** A request for one operation arrived, or was tried: `executed` says whether the target carried it out, `answered` whether the hub learnt so. */
  | {
      readonly what: 'request';
      readonly reference: string;
      readonly connection: string;
      readonly write: boolean;
      readonly executed: boolean;
      readonly answered: boolean;
      readonly refused: boolean;
      readonly status: number;
    }
  /** Any read of a connection. */
  | { readonly what: 'read'; readonly connection: string }
  | { readonly what: 'person'; readonly act: string; readonly about: string; readonly actor: string }
  | { readonly what: 'document'; readonly connection: string; readonly id: string; readonly frozen: string }
  | { readonly what: 'commit'; readonly lane: string; readonly changes: number; readonly records: number }
);
