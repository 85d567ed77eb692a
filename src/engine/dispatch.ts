import type { Clock } from '#base/clock';
import { Fault, faults } from '#base/fault';
import type { JsonObject } from '#base/json';
import type { Log } from '#base/log';
import type { ActiveLane, AttemptResult } from '#engine/active-lane';
import type { ConnectionPort, WriteOrder } from '#engine/bindings';
import { Governor } from '#engine/governor';
import type { EventRow, EventState, NewEvent, OperationRow } from '#store/port';

export interface LookOutcome {
  readonly events: readonly NewEvent[];
  readonly state: EventState | 'again';
  /** False where the record is there and still cannot be read. */
  readonly readable?: boolean;
  readonly reason: string;
  readonly retryAfterMs?: number;
}

export interface DispatcherOptions {
  readonly clock: Clock;
  readonly log: Log;
  connection(name: string): ConnectionPort | undefined;
  attempted(lane: ActiveLane, result: AttemptResult): void;
  looked(lane: ActiveLane, notices: readonly string[], outcome: LookOutcome): void;
  granted(lane: ActiveLane, operation: string): void;
}

/** Longest that a lane stays in memory for a paused connection, in milliseconds; a longer pause sends it back to the store. */
const patienceMs = 2000;

/** Carries operations through their connection's governor and turns every end into a result. Knows nothing of lanes' contents. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #governors = new Map<string, Governor>();
  #running = 0;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Attempts and looks under way or waiting for a place. */
  get running(): number {
    return this.#running;
  }

  get governors(): readonly Governor[] {
    return [...this.#governors.values()];
  }

  governor(name: string): Governor | undefined {
    const known = this.#governors.get(name);
    if (known) return known;
    const connection = this.#options.connection(name);
    if (!connection) return undefined;
    const governor = new Governor(name, connection.limits, this.#options.clock);
    this.#governors.set(name, governor);
    return governor;
  }

  /** `now`: a place is taken. `queued`: call `enqueue` once the step is durable. A time: not before then; give the lane back. */
  place(lane: ActiveLane, operation: OperationRow): 'now' | 'queued' | number {
    const governor = this.governor(operation.connection);
    const now = this.#options.clock.now();
    // A connection that is not configured is an attempt that fails at once, with its own words.
    if (!governor) return 'now';
    if (governor.tryTake(operation.urgency)) return 'now';
    if (governor.pausedUntil > now + patienceMs) return governor.pausedUntil;
    if (!governor.accepts(operation.urgency)) return now + governor.roomInMs;
    return 'queued';
  }

  /** Waits for a place; `granted` is called when it is taken, perhaps at once. */
  enqueue(lane: ActiveLane, operation: OperationRow): void {
    this.governor(operation.connection)?.enqueue(operation.urgency, () => this.#options.granted(lane, operation.key));
  }

  giveBack(connection: string): void {
    this.#governors.get(connection)?.done();
  }

  /** Sends or looks up an operation whose place is taken. */
  send(lane: ActiveLane, operation: OperationRow, how: 'write' | 'trace'): void {
    this.#running += 1;
    void this.#attempt(operation, how).then((result) => {
      this.#running -= 1;
      this.giveBack(operation.connection);
      this.#options.attempted(lane, result);
    });
  }

  async #attempt(operation: OperationRow, how: 'write' | 'trace'): Promise<AttemptResult> {
    const connection = this.#options.connection(operation.connection);
    if (!connection)
      return { operation: operation.key, kind: 'fault', fault: 'misconfigured', message: `connection ${operation.connection} is not configured`, during: how };
    const payload = operation.payload as { target: string | null; body: JsonObject };
    const order: WriteOrder = { operation, target: payload.target, payload: payload.body };
    const governor = this.#governors.get(operation.connection);
    try {
      if (how === 'trace') {
        const found = await connection.trace(order);
        governor?.answered();
        return found ? { operation: operation.key, kind: 'applied', receipt: found, traced: true } : { operation: operation.key, kind: 'notThere' };
      }
      const receipt = await connection.write(order);
      governor?.answered();
      return { operation: operation.key, kind: 'applied', receipt, traced: false };
    } catch (error) {
      const fault = asFault(error, how === 'write' ? 'uncertain' : 'unreachable');
      this.#note(governor, fault);
      const { retryAfterMs, code, fields } = fault.detail;
      return {
        operation: operation.key,
        kind: 'fault',
        fault: fault.kind,
        message: fault.message,
        during: how,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        ...(code === undefined ? {} : { code }),
        ...(fields === undefined ? {} : { fields }),
      };
    }
  }

  /** Reads what one or more notices spoke of. */
  look(lane: ActiveLane, notices: readonly EventRow[]): void {
    const first = notices[0]!;
    const governor = this.governor(first.source);
    const keys = notices.map(({ key }) => key);
    const urgency = Math.max(...notices.map((notice) => notice.urgency));
    this.#running += 1;
    const start = (): void => {
      void this.#read(first, urgency).then((outcome) => {
        this.#running -= 1;
        governor?.done();
        this.#options.looked(lane, keys, outcome);
      });
    };
    if (!governor || governor.tryTake(urgency)) start();
    else if (governor.pausedUntil > this.#options.clock.now() + patienceMs) {
      // A look that waits in memory leaves no mark behind, so only a long pause sends it back; lanes in memory bound how many wait.
      this.#running -= 1;
      this.#options.looked(lane, keys, {
        events: [],
        state: 'again',
        reason: 'the system is paused',
        retryAfterMs: Math.max(patienceMs, governor.pausedUntil - this.#options.clock.now()),
      });
    } else governor.enqueue(urgency, start);
  }

  /** Runs something that belongs to no lane, such as a page of a list, in a place of the connection's governor. A paused connection refuses at once: the caller's schedule tries again. */
  async within<T>(connection: string, urgency: number, run: () => Promise<T>): Promise<T> {
    const governor = this.governor(connection);
    if (!governor) return run();
    const pauseMs = governor.pausedUntil - this.#options.clock.now();
    if (pauseMs > 0) throw new Fault('throttled', `${connection} is paused for ${Math.ceil(pauseMs / 1000)} s`, { retryAfterMs: pauseMs });
    if (!governor.tryTake(urgency)) await new Promise<void>((resolve) => governor.enqueue(urgency, resolve));
    try {
      const result = await run();
      governor.answered();
      return result;
    } catch (error) {
      this.#note(governor, asFault(error, 'unreachable'));
      throw error;
    } finally {
      governor.done();
    }
  }

  async #read(notice: EventRow, urgency: number): Promise<LookOutcome> {
    const connection = this.#options.connection(notice.source);
    if (!connection) return { events: [], state: 'held', reason: `connection ${notice.source} is not configured` };
    const governor = this.#governors.get(notice.source);
    try {
      const events = await connection.look(lookedKind(notice), notice.object, notice.at);
      governor?.answered();
      if (events.length === 0) return { events, state: 'noChange', reason: 'the record is as it was last read' };
      return {
        events: events.map((event) => ({ ...event, urgency: Math.max(event.urgency, urgency) })),
        state: 'applied',
        readable: events.every(({ kind }) => !kind.endsWith('.unreadable')),
        reason: `read again: ${events.map(({ kind }) => kind).join(', ')}`,
      };
    } catch (error) {
      const fault = asFault(error, 'unreachable');
      this.#note(governor, fault);
      const { retry } = faults[fault.kind];
      if (retry === 'never' || retry === 'reread') return { events: [], state: 'held', reason: `${faults[fault.kind].title}: ${fault.message}` };
      return { events: [], state: 'again', reason: fault.message, retryAfterMs: fault.detail.retryAfterMs ?? 2000 };
    }
  }

  #note(governor: Governor | undefined, fault: Fault): void {
    if (fault.kind === 'throttled') governor?.pause(this.#options.clock.now() + (fault.detail.retryAfterMs ?? 1000));
    else if (fault.kind === 'unreachable') governor?.unreachable();
    else governor?.answered();
  }
}

/** The record kind that a notice speaks of, or that could not be read. */
export function lookedKind({ kind, data }: EventRow): string {
  return kind === 'notice' ? ((data as JsonObject)['kind'] as string) : kind.slice(0, kind.lastIndexOf('.'));
}

/** An error that is no Fault is a bug in a connector: its effect is not known. */
function asFault(error: unknown, otherwise: 'uncertain' | 'unreachable'): Fault {
  if (error instanceof Fault) return error;
  return new Fault(otherwise === 'uncertain' ? 'uncertain' : 'drifted', `the connector failed: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
