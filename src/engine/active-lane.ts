import type { JsonObject } from '#base/json';
import type { FaultKind } from '#base/fault';
import type { EventRow, EventState, ExpectationRow, LaneWork, OperationRow } from '#store/port';
import type { WriteReceipt } from '#engine/bindings';

/** What became of an attempt; the next step of the lane makes it durable. */
export type AttemptResult =
  | { readonly operation: string; readonly kind: 'applied'; readonly receipt: WriteReceipt; readonly traced: boolean }
  | { readonly operation: string; readonly kind: 'notThere' }
  | {
      readonly operation: string;
      readonly kind: 'fault';
      readonly fault: FaultKind;
      readonly message: string;
      readonly code?: string;
      readonly retryAfterMs?: number;
      readonly fields?: Readonly<Record<string, string>>;
      readonly during: 'write' | 'trace';
    };

/** What became of reading a record that a notice spoke of. */
export interface LookResult {
  readonly notices: readonly string[];
  readonly state: EventState | 'again';
  readonly readable: boolean;
  readonly reason: string;
  readonly retryAfterMs?: number;
}

/** A person's act on a lane. */
export interface Intervention {
  readonly actor: string;
  readonly kind: 'retry' | 'edit' | 'cancel' | 'found' | 'decideAgain';
  readonly operation?: string;
  readonly event?: string;
  readonly reason: string;
  readonly draft?: JsonObject;
  readonly receipt?: WriteReceipt;
  readonly done: (outcome: { ok: true } | { ok: false; problem: string }) => void;
}

/** A lane that this worker holds: everything in memory until it is released. */
export class ActiveLane {
  readonly lane: string;
  readonly epoch: number;
  state: JsonObject;
  /** Undecided, in order. */
  pending: EventRow[];
  held: EventRow[];
  readonly operations = new Map<string, OperationRow>();
  readonly expectations = new Map<string, ExpectationRow>();
  readonly results: AttemptResult[] = [];
  readonly looks: LookResult[] = [];
  readonly interventions: Intervention[] = [];
  /** Operations that have a place at the governor, to be marked and sent in the next step. */
  readonly granted = new Set<string>();
  /** Operations that wait at the governor. */
  readonly queued = new Set<string>();
  readonly sending = new Set<string>();
  /** Notices being looked at. */
  readonly looking = new Set<string>();
  /** Everything undecided up to this sequence number is in memory. */
  lastSeq: number;
  /** Events stand in the store that memory does not have: the next commit, if only an empty one, brings them. */
  behind = false;
  /** Until then nothing is read again: the system is paused or did not answer. */
  lookAgainAt: number | null = null;
  recheckHeld = false;
  busy = false;
  releasing = false;

  constructor(work: LaneWork) {
    this.lane = work.lane;
    this.epoch = work.epoch;
    this.state = work.state;
    this.pending = [...work.events];
    this.held = [...work.held];
    for (const operation of [...work.operations].sort((a, b) => a.n - b.n)) this.operations.set(operation.key, operation);
    for (const expectation of work.expectations) this.expectations.set(expectation.key, expectation);
    this.lastSeq = work.events.at(-1)?.seq ?? 0;
    this.recheckHeld = work.held.length > 0 || work.operations.some(({ fault }) => fault?.['prepared'] === false);
  }

  /**
   * Adds events that this process accepted while it held the lane. One that does not follow what memory knows shows that others stand before it,
   * accepted by another process or not loaded yet: it is then left to the next commit, so that nothing is skipped and the order stays.
   */
  arrive(events: readonly EventRow[]): boolean {
    const before = this.pending.length;
    for (const event of events) {
      if (event.seq <= this.lastSeq) continue;
      if (this.behind || event.seq !== this.lastSeq + 1) {
        this.behind = true;
        break;
      }
      this.pending.push(event);
      this.lastSeq = event.seq;
    }
    return this.behind || this.pending.length > before;
  }

  /** Adds what a commit found in the store beyond what this process was told: complete, in order. */
  catchUp(events: readonly EventRow[]): void {
    this.behind = false;
    for (const event of events) {
      if (event.seq <= this.lastSeq) continue;
      this.pending.push(event);
      this.lastSeq = event.seq;
    }
  }

  mayLook(now: number): boolean {
    return this.lookAgainAt === null || now >= this.lookAgainAt;
  }

  /** Whether something urgent is among what is to be decided. */
  get urgent(): boolean {
    return this.pending.some(({ urgency }) => urgency > 0);
  }

  /** Whether a step has something to do now. */
  ready(now: number): boolean {
    return (
      this.results.length > 0 ||
      this.looks.length > 0 ||
      this.interventions.length > 0 ||
      this.granted.size > 0 ||
      this.recheckHeld ||
      this.behind ||
      this.pending.some(({ key, kind }) => kind !== 'notice' || (!this.looking.has(key) && this.mayLook(now))) ||
      [...this.expectations.values()].some(({ deadline }) => deadline <= now)
    );
  }
}
