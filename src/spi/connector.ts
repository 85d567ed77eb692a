import type * as z from 'zod';
import type { JsonObject } from '#base/json';
import type { MappingRow, ValueMap } from '#mapping/row';
import type { RecordKind } from '#model/records';
import type { Auth } from '#spi/auth';
import type { Transport } from '#spi/transport';
import type { Webhooks } from '#spi/webhook';

/** What a verb gets to work with. Nothing else is reachable: no globals, no clock, no randomness. */
export interface Session<Config, Api> {
  readonly config: Config;
  readonly api: Api;
  readonly signal: AbortSignal;
  /** True while a flow is rehearsing; `api` then refuses every request that could change the system. */
  readonly rehearsal: boolean;
  now(): number;
}

export interface Query {
  /** Opaque mark from an earlier `Page.since`: only what changed after it, with the overlap the connector's clock rules ask for. Absent: everything. */
  readonly since?: string;
  readonly cursor?: string;
  readonly limit: number;
  /** Documents posted on this day or later, for comparing a period. A list that cannot be narrowed that way gives more, never less. */
  readonly postedFrom?: string;
}

export interface Page<R> {
  readonly records: readonly R[];
  /** Present while there is more. */
  readonly cursor?: string;
  /** Where the next poll starts; given at least on the last page. */
  readonly since?: string;
  /** Records that could not be decoded: each is held by itself, the others go on. */
  readonly drifted?: readonly Drifted[];
}

/** One record of a page without the expected shape. The key is given where it could still be read. */
export interface Drifted {
  readonly key?: string;
  readonly message: string;
}

/** The identity of an operation. The key is the engine's; the reference is the 16 characters that fit every vendor's reference field. */
export interface Once {
  readonly key: string;
  readonly reference: string;
  /** When the operation was made, in milliseconds: nothing it left behind is older. Absent: a trace looks through everything. */
  readonly since?: number;
}

/** What a target answered to a write. */
export interface Receipt {
  /** The target's number of what was written: `5000004410/2026`. */
  readonly id: string;
  readonly version?: string;
  /** Facts of the answer that flows use: values, line numbers. Canonical names, exact decimals. */
  readonly data?: JsonObject;
  /** Warnings of the target, kept in the audit trail. */
  readonly warnings?: readonly string[];
}

/**
 * One way to write.
 * Class K: the target recognises `once` (or the write sets absolute values), so repeating is harmless.
 * Class L: `trace` finds what an earlier attempt left behind; it is asked before any repetition.
 * Class M: neither; one attempt, then a person decides.
 */
export interface Write<S, D> {
  readonly class: 'K' | 'L' | 'M';
  /** One sentence for the documentation page: how repetition is recognised, and the race window if there is one. */
  readonly how: string;
  run(session: S, draft: D, write: WriteTarget): Promise<Receipt>;
  /** Finds what an attempt with this `once` left behind. Required for class L. Undefined = surely not there. */
  trace?(session: S, once: Once, draft: D): Promise<Receipt | undefined>;
}

export interface WriteTarget {
  readonly once: Once;
  /** Key of the record to change; absent on create. */
  readonly key?: string;
  /** Version that was read; the write fails as `conflict` where the target has another. */
  readonly seen?: string;
}

/** Every verb is optional. A connector can do exactly what it defines; there is no separate list to keep in step. */
export interface Verbs<S, R> {
  list?(session: S, query: Query): Promise<Page<R>>;
  get?(session: S, key: string): Promise<R>;
  create?: Write<S, JsonObject>;
  update?: Write<S, JsonObject>;
  /** Takes a document back by its opposite document. */
  reverse?: Write<S, JsonObject>;
}
export const verbNames = ['list', 'get', 'create', 'update', 'reverse'] as const;
export type Verb = (typeof verbNames)[number];
export type WriteVerb = Exclude<Verb, 'list' | 'get'>;

/** How changes are noticed: `watermark` = the system can list what changed since; `sweep` = everything is read and compared. */
export type ChangeDetection = 'watermark' | 'sweep';

export interface RecordDef<K extends RecordKind = RecordKind, Shape extends z.ZodType = z.ZodType, V = unknown> {
  readonly kind: K;
  /** The vendor's own name for it. */
  readonly native: string;
  /** Decodes what the system sends. Loose: unknown members are kept as the remainder. */
  readonly shape: Shape;
  readonly key: (record: z.output<Shape>) => string;
  /** A text that moves with every change; absent where the system has none (then a content hash serves). */
  readonly version?: (record: z.output<Shape>) => string | undefined;
  readonly changes: ChangeDetection;
  readonly verbs: V;
  readonly rows: readonly MappingRow[];
  readonly values?: readonly ValueMap[];
  /** Path of the member that holds customer-defined fields by label, where the vendor has them: `extraFields`. */
  readonly customFields?: string;
  /** Taken from the vendor's own documentation. Docs print it, the contract suite decodes and maps it. */
  readonly example: z.input<Shape>;
}

/** The smallest right that a verb needs, in the vendor's words. */
export interface Permission {
  readonly name: string;
  readonly why: string;
}

export interface Head<C extends z.ZodObject, Api> {
  readonly name: string;
  readonly title: string;
  readonly kind: 'cmms' | 'erp' | 'inventory' | 'sensor' | 'generic';
  readonly summary: string;
  readonly sources: readonly string[];
  readonly config: C;
  readonly auth: readonly Auth[];
  readonly limits: { readonly perMinute: number; readonly parallel: number; readonly page: number };
  readonly permissions: readonly Permission[];
  /** What does not work or works differently than one would expect, one sentence each: printed on the documentation page. */
  readonly knownLimits?: readonly string[];
  readonly transport: Transport<z.output<C>, Api>;
  readonly webhooks?: Webhooks<Session<z.output<C>, Api>>;
  /** Reads what the vendor says of its own contract (metadata, version, field list): a changed hash is drift. Lines are `name: value`, sorted. */
  fingerprint(session: Session<z.output<C>, Api>): Promise<readonly string[]>;
}

/** Types the verbs of a record by the shape of its native record; record files take it as an argument. */
export type RecordBuilder<S> = <const K extends RecordKind, Shape extends z.ZodType, V extends Verbs<S, z.output<Shape>>>(
  def: RecordDef<K, Shape, V & { [X in Exclude<keyof V, Verb>]: never }>,
) => RecordDef<K, Shape, V>;

// The contract is read in many places that know neither the configuration nor the API type; `any` is confined to this line.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyRecordDef = RecordDef<RecordKind, any, any>;
// oxlint-disable-next-line typescript/no-explicit-any
export type Connector<C extends z.ZodObject = any, Api = any, R extends Record<string, AnyRecordDef> = Record<string, AnyRecordDef>> = Head<C, Api> & {
  readonly records: R;
};

/** Two steps, so that the first fixes the types of `config` and `api` for the functions in the second. */
export function defineConnector<C extends z.ZodObject, Api>(head: Head<C, Api>) {
  const record: RecordBuilder<Session<z.output<C>, Api>> = (def) => def;
  return {
    records<R extends Record<string, AnyRecordDef>>(build: (record: RecordBuilder<Session<z.output<C>, Api>>) => R): Connector<C, Api, R> {
      return { ...head, records: build(record) };
    },
  };
}

/** The record definition of a kind; a connector defines each kind at most once. */
export function recordDef(connector: Connector, kind: RecordKind): AnyRecordDef | undefined {
  return Object.values(connector.records).find((def) => def.kind === kind);
}

type RecordsOf<K> = K extends { records: infer R } ? R[keyof R] : never;

/** `{ workOrder: 'list' | 'update' }`: derived, never written. */
export type Can<K> = {
  [R in RecordsOf<K> as R extends RecordDef<infer E, z.ZodType, unknown> ? E : never]: R extends RecordDef<RecordKind, z.ZodType, infer V> ? keyof V : never;
};

/** The same at run time, for the docs page, the console and the set-up check. */
export function capabilities(connector: Connector): Map<RecordKind, Verb[]> {
  return new Map(Object.values(connector.records).map((def) => [def.kind, verbNames.filter((verb) => Object.hasOwn(def.verbs as object, verb))]));
}
