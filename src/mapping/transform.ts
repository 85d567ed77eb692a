import type { JsonObject } from '#base/json';

/** Why a transform refused a value: what was expected and what to do. Returned, never thrown. */
export class Refusal {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}
export const refuse = (message: string): Refusal => new Refusal(message);

/** What a transform may see beside the value. Native members beside the row's own are read inward and written outward. */
export interface TransformContext {
  readonly settings: JsonObject;
  /** The native object that holds the row's member, and the whole native record (both read inward, written outward). */
  readonly holder: unknown;
  readonly root: unknown;
  /** Writes a member of the native side; a refusal where it already says something else. */
  write(holder: unknown, reference: MemberReference, value: unknown): Refusal | undefined;
  /** A warning that does not hold the record. */
  warn(message: string): void;
}

/** A member named by an argument: beside the row's own member, in the native record (`native.DocumentCurrency`), or in the connection's settings (`settings.currency`). */
export interface MemberReference {
  readonly scope: 'sibling' | 'native' | 'settings';
  readonly steps: readonly string[];
  readonly text: string;
}

/** `'USD'` is a text, `3` a number, `currency` or `settings.currency` a reference. */
export type Argument =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'reference'; readonly value: MemberReference };

/** `textOrReference` takes either; `word` takes a bare name or a text, such as the name of a system of codes. */
export type ArgumentKind = 'text' | 'count' | 'word' | 'textOrReference' | 'scalar';

export interface ArgumentRule {
  readonly name: string;
  readonly kind: ArgumentKind;
  readonly optional?: boolean;
}

export interface Bound {
  /** Theirs to ours. Undefined means absent. */
  in(value: unknown, context: TransformContext): unknown;
  /** Ours to theirs. */
  out(value: unknown, context: TransformContext): unknown;
}

export interface TransformExample {
  /** As written in `via`: `padLeft(18)`. */
  readonly via: string;
  readonly theirs: unknown;
  readonly ours: unknown;
  /** Which directions the example holds in; `both` unless said. */
  readonly direction?: 'both' | 'in' | 'out';
  /** Members beside the row's own, before (inward) or after (outward). */
  readonly beside?: JsonObject;
  readonly settings?: JsonObject;
}

/** A value that must be refused, in one direction; `because` is part of the message. */
export interface RefusalExample {
  readonly via: string;
  readonly direction: 'in' | 'out';
  readonly value: unknown;
  readonly because: string;
  readonly beside?: JsonObject;
  readonly settings?: JsonObject;
}

/** One step of `via`. Documentation, editor and tests read the same definition. */
export interface Transform {
  readonly name: string;
  readonly arguments: readonly ArgumentRule[];
  readonly summary: string;
  /** `out` gives back exactly what `in` read, for values in the vendor's usual form. */
  readonly invertible: boolean;
  /** Makes a value by itself: the row has no source path. */
  readonly source?: boolean;
  /** Also sees the empty text, which otherwise means absent. */
  readonly readsEmpty?: boolean;
  readonly examples: readonly TransformExample[];
  readonly refusals: readonly RefusalExample[];
  bind(args: readonly Argument[]): Bound;
}
