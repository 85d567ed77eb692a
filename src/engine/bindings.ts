import type { JsonObject } from '#base/json';
import type { Facts, Flow, OperationDraft, Sides } from '#engine/flow';
import type { GovernorLimits } from '#engine/governor';
import type { NewEvent, OperationClass, OperationRow } from '#store/port';

/** What the engine is given: flows, configuration and connections. It knows no record kind and no connector beyond these shapes. */
export interface Bindings {
  /** Names the configuration in force: stored with every decision. */
  readonly configuration: string;
  readonly flows: readonly Flow[];
  policy(flow: string, site: string): unknown;
  /** off: not asked; shadow: decides, writes nothing; live. */
  mode(flow: string, site: string): FlowMode;
  sides(site: string): Sides;
  /** Every pair of sides that some site has, each once. */
  readonly everywhere: readonly Sides[];
  /** Renders the vendor's payload. Pure: reads only facts. */
  prepare(draft: OperationDraft, facts: Facts): Prepared;
  connection(name: string): ConnectionPort | undefined;
}

export type FlowMode = 'off' | 'shadow' | 'live';

export type Prepared =
  | { readonly ok: true; readonly class: OperationClass; readonly payload: JsonObject; readonly target: string | null }
  | {
      readonly ok: false;
      readonly class: OperationClass;
      readonly fault: { readonly kind: 'missing' | 'misconfigured' | 'rejected'; readonly message: string };
    };

/** A write as the connection carries it out. */
export interface WriteOrder {
  readonly operation: OperationRow;
  readonly target: string | null;
  readonly payload: JsonObject;
}

export interface WriteReceipt {
  readonly id: string;
  readonly version?: string;
  readonly data?: JsonObject;
  readonly warnings?: readonly string[];
}

/** A connected system, as far as the engine sees it. Every failure is a Fault. */
export interface ConnectionPort {
  readonly name: string;
  readonly limits: GovernorLimits;
  /** How long a committed write may stay invisible to a lookup, in milliseconds. */
  readonly visibilityMs: number;
  write(order: WriteOrder): Promise<WriteReceipt>;
  /** Finds what an earlier attempt left behind; undefined = surely not there. */
  trace(order: WriteOrder): Promise<WriteReceipt | undefined>;
  /** Reads a record that a notice spoke of and gives its events: snapshots, or a removal. Unchanged = none. */
  look(kind: string, key: string, since: number): Promise<readonly NewEvent[]>;
}
