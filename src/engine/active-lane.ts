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
  /** Highest sequence number that memory knows. */
  readonly lastSeq: { value: number };
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
    this.lastSeq = { value: work.events.at(-1)?.seq ?? 0 };
    this.recheckHeld = work.held.length > 0 || work.operations.some(({ fault }) => fault?.['prepared'] === false);
  }

  /** Adds events that arrived while the lane was held; each once, in order. */
  arrive(events: readonly EventRow[]): boolean {
    let added = false;
    for (const event of events) {
      if (event.seq <= this.lastSeq.value) continue;
      this.pending.push(event);
      this.lastSeq.value = event.seq;
      added = true;
    }
    return added;
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
      this.pending.some(({ key, kind }) => kind !== 'notice' || !this.looking.has(key)) ||
      [...this.expectations.values()].some(({ deadline }) => deadline <= now)
    );
  }
}
