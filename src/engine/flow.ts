import type { Json, JsonObject } from '#base/json';
import type { Money } from '#base/money';
import type { CrosswalkRow, DocumentRow } from '#store/port';

/**
 * The flow contract. A flow is a pure function of its state, one event, facts, and its policy. It never awaits, reads no clock, calls no system.
 * It describes what should happen by filling a Plan; the engine makes that durable, then acts.
 */
export interface Flow<S extends Json = Json, P = unknown> {
  readonly name: string;
  readonly title: string;
  /** Event kinds it takes part in: `workOrder.snapshot`, `goodsReceipt.snapshot`, `operation.outcome` (of its own operations only) ... */
  readonly handles: readonly string[];
  /** State of a lane that the flow has not seen. */
  readonly initial: S;
  /** Checks a policy at start; throws with file-ready words. */
  readonly policy: { parse(value: unknown): P };
  decide(input: FlowInput<S, P>): void;
}

export interface FlowInput<S, P> {
  readonly event: FlowEvent;
  /** A private copy: change it freely, it is kept when `decide` returns. */
  readonly state: S;
  readonly facts: Facts;
  readonly policy: P;
  /** Which connection plays each side at the event's site. */
  readonly sides: Sides;
  /** Every pair of sides of the plant: for records that belong to no site. */
  readonly everywhere: readonly Sides[];
  /** Whether further events of the same kind wait in the lane: what only compares may leave it to the last of them. */
  readonly more?: boolean;
  readonly plan: Plan;
}

export interface Sides {
  readonly maintenance: string;
  readonly finance: string;
}

export interface FlowEvent {
  readonly lane: string;
  readonly kind: string;
  readonly key: string;
  /** The connection that told us, or `hub`. */
  readonly source: string;
  readonly object: string;
  readonly version: string;
  readonly thread: string;
  readonly site: string;
  readonly urgency: number;
  /** When it happened in the source, and when the hub accepted it: the only times a flow may use. Milliseconds. */
  readonly at: number;
  readonly receivedAt: number;
  readonly data: JsonObject;
}

/** Data of `operation.outcome`. */
export interface OutcomeData {
  readonly operation: string;
  readonly intent: string;
  readonly connection: string;
  readonly record: string;
  readonly verb: string;
  readonly outcome: 'applied' | 'failed' | 'cancelled';
  readonly draft: JsonObject;
  readonly receipt: JsonObject | null;
  readonly fault: JsonObject | null;
}

/**
 * Snapshots by key. Reading a key that is not loaded yet stops the decision; the engine loads it and decides again from the start, so list what
 * you need early with `want`. Every key that was read is stored with the decision, present or absent.
 */
export interface Facts {
  /** Says which keys will be read, so that they load together. */
  want(keys: readonly string[]): void;
  get(key: string): JsonObject | undefined;
}

export interface OperationDraft {
  /** Unique for ever inside lane and flow: `requisition/10`, `issue/3/correction/2`. Gives the operation key; the same intent twice is the same operation. */
  readonly intent: string;
  /** The connection that carries it out. */
  readonly to: string;
  readonly record: string;
  readonly verb: 'create' | 'update' | 'reverse';
  /** The target's own key of the record to change or reverse. */
  readonly target?: string;
  /** Or its hub id, translated by the crosswalk. */
  readonly targetOf?: { readonly kind: string; readonly hubId: string };
  readonly seen?: string;
  /** The canonical record, or for an update the members to change. */
  readonly draft: JsonObject;
  /** Operations of one lane and chain go out in order. Default: the intent, so that it waits for none. */
  readonly chain?: string;
  readonly urgency?: number;
  /** Money that is at risk while this is not applied. */
  readonly money?: Money;
  /** In plain language: what and why, with the figures used. */
  readonly reason: string;
  /** Values of the target that this replaces, each with the rule that decided so: kept with the reason (I13). */
  readonly overwrites?: readonly Overwrite[];
  /** The record that the receipt's id will be an identity of: the engine writes the crosswalk when the operation is applied. */
  readonly identity?: { readonly kind: string; readonly hubId: string };
}

/** A value that gave way to another, and by which rule. */
export interface Overwrite {
  readonly field: string;
  /** The system whose value it was. */
  readonly system: string;
  readonly value: Json;
  /** The system that the new value comes from, or `hub`. */
  readonly by: string;
  readonly to: Json;
  readonly rule: string;
  /** When the value was last changed in its system, in milliseconds, where that system says so. */
  readonly changedAt?: number;
}

export interface Entry {
  readonly workOrder: string;
  readonly costCentre: string;
  readonly debit: Account;
  readonly credit: Account;
  readonly amount: Money;
  readonly document: string;
  readonly text: string;
}

/** Accounts of the commitment ledger. `need` is the other side of an estimate; each booking moves an amount one stage on. */
export const accounts = ['need', 'estimated', 'requested', 'ordered', 'received', 'invoiced', 'settled'] as const;
export type Account = (typeof accounts)[number];

export interface Reason {
  readonly did: 'did' | 'didNot' | 'held' | 'refused' | 'noted';
  readonly text: string;
  /** The document line it speaks of. */
  readonly line?: string;
  /** Who can change it, where someone must. */
  readonly owner?: string;
  readonly minor?: number;
  readonly currency?: string;
  readonly overwrites?: readonly Overwrite[];
}

export interface MessageDraft {
  readonly lane: string;
  readonly kind: string;
  /** Unique for ever in the receiving lane; usually the sending lane, the line and a counter. */
  readonly key: string;
  readonly data: JsonObject;
  readonly urgency?: number;
  readonly thread?: string;
  readonly site?: string;
}

export type DocumentDraft = Omit<DocumentRow, 'thread' | 'at' | 'data'> & { readonly thread?: string; readonly data?: Json };

/** What a decision wants. Fill it; order is kept. */
export class Plan {
  readonly operations: OperationDraft[] = [];
  readonly reasons: Reason[] = [];
  readonly entries: Entry[] = [];
  readonly messages: MessageDraft[] = [];
  readonly documents: DocumentDraft[] = [];
  readonly facts: { readonly key: string; readonly data: JsonObject }[] = [];
  readonly dropped: string[] = [];
  readonly identities: Omit<CrosswalkRow, 'from' | 'to'>[] = [];
  readonly expectations: { readonly key: string; readonly what: string; readonly deadline: number; readonly data: JsonObject }[] = [];
  readonly met: string[] = [];

  /** Something goes out. Its reason is part of the explanation. */
  send(operation: OperationDraft): void {
    this.operations.push(operation);
    this.reasons.push({
      did: 'did',
      text: operation.reason,
      ...(operation.money ? { minor: operation.money.minor, currency: operation.money.currency } : {}),
      ...(operation.overwrites && operation.overwrites.length > 0 ? { overwrites: operation.overwrites } : {}),
    });
  }

  /** Why something did not happen. */
  didNot(text: string, line?: string): void {
    this.reasons.push({ did: 'didNot', text, ...(line === undefined ? {} : { line }) });
  }

  note(text: string, line?: string): void {
    this.reasons.push({ did: 'noted', text, ...(line === undefined ? {} : { line }) });
  }

  /** Something is missing: the event stays open until the facts change or a person acts. Say what is missing, where, and what to do. */
  hold(text: string, about: { readonly owner: string; readonly line?: string; readonly money?: Money }): void {
    this.reasons.push({
      did: 'held',
      text,
      owner: about.owner,
      ...(about.line === undefined ? {} : { line: about.line }),
      ...(about.money ? { minor: about.money.minor, currency: about.money.currency } : {}),
    });
  }

  /** The event can never be applied: it ends here, with an owner. */
  refuse(text: string, owner: string): void {
    this.reasons.push({ did: 'refused', text, owner });
  }

  /** A booking in the commitment ledger; a zero amount is left out. Corrections are opposite entries. */
  book(entry: Entry): void {
    if (entry.amount.minor !== 0) this.entries.push(entry);
  }

  /** An event for another lane. */
  tell(message: MessageDraft): void {
    this.messages.push(message);
  }

  document(document: DocumentDraft): void {
    this.documents.push(document);
  }

  /** A snapshot that other lanes may use as a fact. Keys start with this lane's kind. */
  remember(key: string, data: JsonObject): void {
    this.facts.push({ key, data });
  }

  forget(key: string): void {
    this.dropped.push(key);
  }

  identify(identity: Omit<CrosswalkRow, 'from' | 'to'>): void {
    this.identities.push(identity);
  }

  /** Something should arrive by `deadline` (milliseconds); if not, the lane gets `expectation.overdue` with `data`. */
  expect(key: string, what: string, deadline: number, data: JsonObject = {}): void {
    this.expectations.push({ key, what, deadline, data });
  }

  /** It arrived, or is no longer expected. */
  meet(key: string): void {
    this.met.push(key);
  }
}

/** Keys of facts, made in one place. */
export const factKey = {
  /** What one connection last said of a record: `record/part/erp.MAT1@cmms`. Data: the canonical record. */
  record: (kind: string, hubId: string, connection: string): string => `record/${kind}/${hubId}@${connection}`,
  /** Numbers of a hub id in each system that hold now: `{ erp: 'MAT1', cmms: '9001' }`. */
  identity: (kind: string, hubId: string): string => `identity/${kind}/${hubId}`,
  /** Effective-dated labour rates of a person. */
  rates: (employee: string): string => `rates/${employee}`,
  /** Stored with a decision behind which further events of the same kind waited: no record, but something that was used. */
  more: 'lane/more',
  /** Which work-order line a document line of a connection belongs to. */
  origin: (kind: string, connection: string, number: string, line: string): string => `origin/${kind}/${connection}/${number}/${line}`,
};
