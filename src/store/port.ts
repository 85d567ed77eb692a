import type { Fault } from '#base/fault';
import type { Json, JsonObject } from '#base/json';

/**
 * What the engine needs of a database, and nothing more. Two real implementations (SQLite, PostgreSQL) and one in memory for simulation
 * pass one conformance suite. SQL lives only in this folder. Every write of `commit` is by lane: a step touches one lane's rows, many steps
 * share one transaction. Times are milliseconds since 1970 UTC.
 */
export interface Store {
  readonly name: 'sqlite' | 'postgres' | 'memory';

  /**
   * Appends events to their lanes, durably, in the order given. An event whose `(lane, key)` was ever accepted before is a duplicate and changes nothing.
   * With `claim`, lanes that nobody holds are leased to that worker in the same transaction and their work is returned, which saves a round trip.
   * `outbox` rows named in `from` are removed in the same transaction: that is how a message moves from one lane to another at least once, and is recognised if it comes twice.
   */
  accept(events: readonly NewEvent[], options: { now: number; claim?: { worker: string; leaseMs: number }; from?: readonly string[] }): Promise<AcceptResult>;

  /** Leases up to `limit` lanes whose `dueAt` has come or whose lease ran out, most urgent first, then longest due. Fenced: every claim raises the lane's epoch. */
  claim(ask: { worker: string; now: number; leaseMs: number; limit: number }): Promise<readonly LaneWork[]>;

  /** Leases one lane, whatever its due time, unless another worker holds it: for a person's intervention. Creates nothing; undefined where the lane does not exist or is held. */
  claimLane(lane: string, ask: { worker: string; now: number; leaseMs: number }): Promise<LaneWork | undefined>;

  /** Keeps leases alive; answers the lanes that are still ours. */
  renew(worker: string, lanes: readonly { lane: string; epoch: number }[], leaseUntil: number): Promise<readonly string[]>;

  /** Drops every lease of a worker that is known to be dead or is stopping: the lanes become due at once. */
  abandon(worker: string, now: number): Promise<number>;

  /**
   * Applies many lanes' steps in one transaction. A step whose `epoch` is no longer the lane's is refused whole and changes nothing; the others go through.
   * Appended events get the next sequence numbers of their lane. Audit leaves get consecutive indexes in `log`.
   */
  commit(steps: readonly Step[], options: { worker: string; now: number; log: string }): Promise<readonly CommitResult[]>;

  /** Current snapshots by key; keys without one are absent from the map. */
  facts(keys: readonly string[]): Promise<ReadonlyMap<string, Fact>>;

  /** A fact that is surely current without asking the database: null = surely absent, undefined = ask. Only where this process is the only writer. */
  recent?(key: string): Fact | null | undefined;

  /** Messages that were committed but not yet accepted by their target lane: after a crash, and for the watchdog. Oldest first. */
  outbox(limit: number): Promise<readonly OutboxRow[]>;

  /** Where a poll or a schedule stands. Small values that belong to no lane. */
  getCursor(name: string): Promise<JsonObject | undefined>;
  setCursor(name: string, value: JsonObject): Promise<void>;

  /** Audit leaves that belong to no lane: configuration, access, start and stop. */
  record(leaves: readonly AuditLeaf[], options: { log: string; now: number }): Promise<void>;

  readonly read: StoreReads;

  /** Calls back when another process may have made work: PostgreSQL only, where workers share lanes. The answer stops it. A missed call costs one poll interval, never an event. */
  listen?(onWake: () => void): Promise<() => Promise<void>>;

  /** Flushes and closes; further calls fail. */
  close(): Promise<void>;
}

/** Terminal states of an event as the delivery contract names them, and the two open ones. */
export const eventStates = {
  pending: { terminal: false, title: 'accepted, not yet decided' },
  waiting: { terminal: false, title: 'decided, documents on their way' },
  held: { terminal: false, title: 'held: something is missing' },
  applied: { terminal: true, title: 'applied' },
  noChange: { terminal: true, title: 'no change needed' },
  superseded: { terminal: true, title: 'superseded by a newer version' },
  refused: { terminal: true, title: 'refused, with an owner' },
  cancelled: { terminal: true, title: 'cancelled by a named person' },
} as const;
export type EventState = keyof typeof eventStates;

export interface NewEvent {
  /** `kind/hubId`, for example `workOrder/cmms.880012`. */
  readonly lane: string;
  /** What happened: `workOrder.snapshot`, `notice`, `operation.outcome`, `expectation.overdue` ... */
  readonly kind: string;
  /** Recognises the same event for the life of the object: source, object and version or content hash. */
  readonly key: string;
  /** The connection, or `hub`. */
  readonly source: string;
  /** The source's own id of the object. */
  readonly object: string;
  readonly version: string;
  /** Higher goes first: 0 routine, 1 high, 2 emergency or disposal. */
  readonly urgency: number;
  /** Ties the documents of one cause together. */
  readonly thread: string;
  readonly site: string;
  readonly data: Json;
  /** When it happened in the source. */
  readonly at: number;
}

export interface EventRow extends NewEvent {
  /** Position in the lane, from 1, without gaps. */
  readonly seq: number;
  readonly receivedAt: number;
  readonly state: EventState;
  readonly reason: string;
  readonly settledAt: number | null;
}

export interface AcceptResult {
  /** One per event, in order. */
  readonly outcomes: readonly ('accepted' | 'duplicate')[];
  /** Sequence number in its lane of each accepted event; undefined for duplicates. */
  readonly seqs: readonly (number | undefined)[];
  /** Lanes claimed on the way, with their work. */
  readonly work: readonly LaneWork[];
}

/** Everything a worker needs to move a lane on. */
export interface LaneWork {
  readonly lane: string;
  readonly kind: string;
  readonly epoch: number;
  /** True where an earlier holder lost or abandoned the lane in the middle: operations it was sending are of unknown outcome. */
  readonly takenOver: boolean;
  /** Flow name to that flow's state. */
  readonly state: JsonObject;
  /** Undecided events in order, at most `eventsPerClaim`. */
  readonly events: readonly EventRow[];
  /** Held events, oldest first: decided again when their facts change or a person says so. */
  readonly held: readonly EventRow[];
  /** Operations that are not terminal, in order of creation. */
  readonly operations: readonly OperationRow[];
  /** Expectations that are open, with their deadlines. */
  readonly expectations: readonly ExpectationRow[];
}

/** How many undecided events one claim (or one `arrived`) loads; the rest follow in the next turn. */
export const eventsPerClaim = 64;
/** How many held events, open operations and expectations one claim loads, oldest first. */
export const openRowsPerClaim = 1_000;

export const operationStates = {
  ready: { terminal: false, title: 'to be sent' },
  sending: { terminal: false, title: 'being sent' },
  unknown: { terminal: false, title: 'outcome unknown, to be looked up' },
  failed: { terminal: false, title: 'refused: a person decides' },
  applied: { terminal: true, title: 'applied' },
  cancelled: { terminal: true, title: 'cancelled by a named person' },
  superseded: { terminal: true, title: 'replaced by a resubmitted operation' },
} as const;
export type OperationState = keyof typeof operationStates;

/** K: the target recognises our key. L: findable by our reference. M: neither, so one attempt and then a person. R: a read, free to repeat. */
export type OperationClass = 'K' | 'L' | 'M' | 'R';

export interface OperationRow {
  /** Made before the first attempt; unique for ever. */
  readonly key: string;
  readonly lane: string;
  /** Operations of one lane and chain are sent in order; different chains do not wait for each other. */
  readonly chain: string;
  /** Order inside the lane. */
  readonly n: number;
  readonly eventKey: string;
  readonly flow: string;
  readonly connection: string;
  readonly record: string;
  readonly verb: string;
  readonly class: OperationClass;
  /** The 16 characters by which the target can be searched. */
  readonly reference: string;
  readonly urgency: number;
  readonly thread: string;
  readonly site: string;
  /** What is sent, in the hub's words and in the vendor's. */
  readonly draft: Json;
  readonly payload: Json;
  readonly payloadHash: string;
  /** Money that depends on this operation; null where none does. */
  readonly minor: number | null;
  readonly currency: string | null;
  readonly reason: string;
  readonly state: OperationState;
  readonly attempts: number;
  readonly dueAt: number;
  readonly receipt: JsonObject | null;
  readonly fault: JsonObject | null;
  readonly createdAt: number;
  readonly settledAt: number | null;
}

export interface ExpectationRow {
  readonly key: string;
  /** What should arrive, in words. */
  readonly what: string;
  readonly deadline: number;
  readonly data: Json;
}

export interface DecisionRow {
  readonly eventKey: string;
  readonly flow: string;
  readonly verdict: string;
  /** Plain-language reasons for what was done and for what was not. */
  readonly reasons: Json;
  /** Fact key to `{ version, data }`, exactly as used. */
  readonly facts: Json;
  readonly configuration: string;
  /** Hash of everything decided: replay compares it. */
  readonly outputHash: string;
  readonly at: number;
}

/** One booking: `minor` moves from `credit` to `debit`. */
export interface EntryRow {
  readonly eventKey: string;
  readonly n: number;
  readonly workOrder: string;
  readonly costCentre: string;
  readonly debit: string;
  readonly credit: string;
  readonly minor: number;
  readonly currency: string;
  /** The document that caused it, or the operation key. */
  readonly document: string;
  readonly text: string;
  readonly at: number;
}

/** A document of any system in a thread. Written again it is replaced; a document that serves two threads is a row in each. */
export interface DocumentRow {
  readonly thread: string;
  readonly kind: string;
  readonly system: string;
  readonly id: string;
  readonly line: string;
  /** Kind, system, id and line of the document this one follows; empty at the root. */
  readonly parent: string;
  readonly state: string;
  readonly text: string;
  readonly minor: number | null;
  readonly currency: string | null;
  readonly at: number;
  readonly data: Json;
}

/** The page key of a document: `listDocuments` sorts by it within a thread and takes it as `after`. */
export function documentKey(row: Pick<DocumentRow, 'thread' | 'kind' | 'system' | 'id' | 'line'>): string {
  return JSON.stringify([row.thread, row.kind, row.system, row.id, row.line]);
}

/** A snapshot of a business object that decisions may use. It belongs to the lane that writes it; where two lanes write one key, the newest `at` is read, and each drops only its own. */
export interface Fact {
  readonly key: string;
  readonly version: string;
  readonly data: Json;
  readonly at: number;
}

/**
 * One period in which an identity held, `from` included, `to` not. `to` null = holds now.
 * Written as a statement "from then on"; what is read has `to` at the next statement about the same external id or about the same hub id in that system,
 * so that history has neither gap nor overlap, also when statements arrive late. To end an identity without a successor, write its row again with `to`.
 */
export interface CrosswalkRow {
  readonly kind: string;
  readonly hubId: string;
  readonly system: string;
  readonly externalId: string;
  readonly from: number;
  readonly to: number | null;
  readonly change: 'created' | 'renumbered' | 'merged' | 'superseded';
  readonly reason: string;
}

export interface AuditLeaf {
  readonly actor: string;
  readonly kind: string;
  readonly subject: string;
  /** Canonical JSON. The leaf's hash is over these bytes. */
  readonly body: string;
  readonly hash: string;
}

export interface OutboxRow {
  readonly id: string;
  readonly event: NewEvent;
}

/**
 * One lane's move. Absent parts change nothing. An event to append that the lane already knows, and a message that already waits, stay as they are;
 * an operation key or an entry that exists, and an update of an event or operation the lane does not have, refuse the whole step.
 * Expectations and facts are cleared before they are set.
 */
export interface Step {
  readonly lane: string;
  readonly epoch: number;
  readonly state?: JsonObject;
  /** Events born in this step, already in the state they end the step in. */
  readonly append?: readonly { readonly event: NewEvent; readonly state: EventState; readonly reason: string }[];
  readonly settle?: readonly { readonly key: string; readonly state: EventState; readonly reason: string }[];
  readonly decisions?: readonly DecisionRow[];
  readonly insertOperations?: readonly OperationRow[];
  readonly updateOperations?: readonly OperationUpdate[];
  readonly messages?: readonly OutboxRow[];
  readonly entries?: readonly EntryRow[];
  readonly documents?: readonly DocumentRow[];
  readonly facts?: readonly Fact[];
  /** Facts that no longer hold. */
  readonly dropFacts?: readonly string[];
  readonly crosswalk?: readonly CrosswalkRow[];
  readonly setExpectations?: readonly ExpectationRow[];
  readonly clearExpectations?: readonly string[];
  readonly audit?: readonly AuditLeaf[];
  /** Gives the lease back. The lane is due at `dueAt`, or at once if events wait that the holder has not seen; null = when something arrives. */
  readonly release?: { readonly dueAt: number | null; readonly urgency: number };
}

export type OperationUpdate = Pick<OperationRow, 'key' | 'state' | 'attempts' | 'dueAt' | 'receipt' | 'fault' | 'settledAt'> &
  Partial<Pick<OperationRow, 'draft' | 'payload' | 'payloadHash' | 'reason' | 'urgency'>>;

export interface CommitResult {
  readonly lane: string;
  /** False: another worker took the lane over, or `fault` says why the step was refused; nothing of the step was kept. */
  readonly kept: boolean;
  /** A row of this step cannot be kept (key used twice, unknown operation, number or text out of bounds). The lane stays held; other steps are not touched. */
  readonly fault?: Fault;
  /** Events that arrived meanwhile and that this worker, still holding the lane, has not seen. Empty where the lane was released. */
  readonly arrived: readonly EventRow[];
}

/** What people, reports and checks read. All lists are bounded by `limit` and paged by the last key seen. */
export interface StoreReads {
  countEvents(): Promise<Readonly<Record<EventState, number>>>;
  countOperations(): Promise<
    readonly {
      readonly connection: string;
      readonly state: OperationState;
      readonly count: number;
      readonly minor: Readonly<Record<string, number>>;
      readonly oldestAt: number | null;
    }[]
  >;
  /** `dueAt`: when it may be claimed; for a held lane the end of its lease. */
  lane(
    lane: string,
  ): Promise<
    { readonly kind: string; readonly state: JsonObject; readonly dueAt: number | null; readonly owner: string | null; readonly epoch: number } | undefined
  >;
  listLanes(ask: {
    kind?: string;
    after?: string;
    limit: number;
  }): Promise<readonly { readonly lane: string; readonly dueAt: number | null; readonly owner: string | null }[]>;
  listEvents(ask: { lane?: string; thread?: string; state?: EventState; after?: { lane: string; seq: number }; limit: number }): Promise<readonly EventRow[]>;
  /** The latest `limit` decisions of a lane, in the order they were made. */
  listDecisions(ask: { lane: string; limit: number }): Promise<readonly DecisionRow[]>;
  /** A lane's decisions from its first on, in the order they were made, paged by `ordinal`, which only grows: for replay. */
  history(ask: { lane: string; after?: number; limit: number }): Promise<readonly (DecisionRow & { readonly ordinal: number })[]>;
  listOperations(ask: {
    lane?: string;
    thread?: string;
    states?: readonly OperationState[];
    connection?: string;
    after?: string;
    limit: number;
  }): Promise<readonly OperationRow[]>;
  operation(key: string): Promise<OperationRow | undefined>;
  listDocuments(ask: { thread?: string; kind?: string; id?: string; after?: string; limit: number }): Promise<readonly DocumentRow[]>;
  /** Threads in which any document, event object or operation reference has exactly this number. */
  findThreads(number: string, limit: number): Promise<readonly string[]>;
  listEntries(ask: {
    workOrder?: string;
    lane?: string;
    limit: number;
    after?: { lane: string; eventKey: string; n: number };
  }): Promise<readonly (EntryRow & { readonly lane: string })[]>;
  /** Balance per work order, cost centre, currency and account: debits less credits. */
  /** Refused where more than 100,000 balances would be answered: ask per work order or cost centre. */
  balances(ask: {
    workOrder?: string;
    costCentre?: string;
  }): Promise<
    readonly { readonly workOrder: string; readonly costCentre: string; readonly currency: string; readonly account: string; readonly minor: number }[]
  >;
  listFacts(ask: { prefix: string; after?: string; limit: number }): Promise<readonly Fact[]>;
  /** The identity that held at `at`; without `at`, the one whose end is open. */
  crosswalk(ask: { kind: string; system: string; externalId: string; at?: number }): Promise<CrosswalkRow | undefined>;
  crosswalkOf(ask: { kind: string; hubId: string }): Promise<readonly CrosswalkRow[]>;
  /** Many at once, those that hold now: `kind/system/externalId` to hub id. */
  resolve(keys: readonly { kind: string; system: string; externalId: string }[]): Promise<ReadonlyMap<string, string>>;
  auditLogs(): Promise<readonly { readonly log: string; readonly size: number }[]>;
  auditLeaves(ask: {
    log: string;
    from: number;
    limit: number;
  }): Promise<readonly (AuditLeaf & { readonly log: string; readonly index: number; readonly at: number; readonly lane: string })[]>;
  /** Newest first. */
  findAudit(ask: {
    subject?: string;
    kind?: string;
    limit: number;
  }): Promise<readonly (AuditLeaf & { readonly log: string; readonly index: number; readonly at: number; readonly lane: string })[]>;
}
