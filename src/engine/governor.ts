import type { Clock } from '#base/clock';

export interface GovernorLimits {
  /** Requests in any 60 seconds. */
  readonly perMinute: number;
  /** Requests at the same time. */
  readonly parallel: number;
  /** Share of `parallel` kept free for urgency 1 and above: 0 to 0.5. */
  readonly urgentShare: number;
  /** How many may wait in memory; more are sent back to the store. */
  readonly queue: number;
}

/** Bounds of `roomInMs`. */
const leastRoomMs = 50;
const mostRoomMs = 2000;

interface Waiting {
  readonly urgency: number;
  readonly order: number;
  readonly start: () => void;
}

/**
 * One connection's gate: rate, concurrency, urgency reserve, pauses that the system asked for, and a breaker while it does not answer.
 * Nothing passes but through here, so that in every window requests stay within what the connection declares.
 */
export class Governor {
  readonly name: string;
  readonly limits: GovernorLimits;
  readonly #clock: Clock;
  #running = 0;
  #order = 0;
  #waiting: Waiting[] = [];
  /** Start times of the last minute, oldest first, as a ring. */
  readonly #starts: Float64Array;
  #startAt = 0;
  #startCount = 0;
  #pausedUntil = 0;
  #failures = 0;
  /** Mean time between two answers while something waits, and when the last one came. */
  #paceMs = 10;
  #doneAt = 0;
  #wake: (() => void) | undefined;

  constructor(name: string, limits: GovernorLimits, clock: Clock) {
    this.name = name;
    this.limits = limits;
    this.#clock = clock;
    this.#starts = new Float64Array(Math.max(1, limits.perMinute));
  }

  /** Milliseconds until which nothing goes out; in the past when open. */
  get pausedUntil(): number {
    return this.#pausedUntil;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get running(): number {
    return this.#running;
  }

  /** Whether another item may wait here. Urgent items always may. */
  accepts(urgency: number): boolean {
    return urgency > 0 || this.#waiting.length < this.limits.queue;
  }

  /** How long until half of what waits is gone, at the pace of the last requests: when it is worth coming back to a full queue. Milliseconds. */
  get roomInMs(): number {
    return Math.min(mostRoomMs, Math.max(leastRoomMs, (this.#waiting.length / 2) * this.#paceMs));
  }

  /** Takes a place now, or answers false: the caller then waits with `enqueue`. */
  tryTake(urgency: number): boolean {
    const now = this.#clock.now();
    if (this.#waiting.length > 0 || now < this.#pausedUntil || !this.#free(urgency, now)) return false;
    this.#take(now);
    return true;
  }

  /** Calls `start` when a place is free, most urgent first, then first come. The place is taken when `start` runs. */
  enqueue(urgency: number, start: () => void): void {
    const entry = { urgency, order: this.#order++, start };
    const at = this.#waiting.findIndex((other) => other.urgency < urgency);
    if (at < 0) this.#waiting.push(entry);
    else this.#waiting.splice(at, 0, entry);
    this.#drain();
  }

  /** Gives a place back. */
  done(): void {
    this.#running -= 1;
    const now = this.#clock.now();
    if (this.#waiting.length > 0) this.#paceMs += (Math.min(mostRoomMs, now - this.#doneAt) - this.#paceMs) / 16;
    this.#doneAt = now;
    if (this.#waiting.length > 0) this.#drain();
  }

  /** The system asked for a pause. */
  pause(untilMs: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, untilMs);
  }

  /** An answer came: whatever it said, the system is there. */
  answered(): void {
    this.#failures = 0;
  }

  /** No answer. After three in a row the breaker opens for a growing time; one request then probes. */
  unreachable(): void {
    this.#failures += 1;
    if (this.#failures >= 3) this.pause(this.#clock.now() + Math.min(60_000, 1000 * 2 ** Math.min(6, this.#failures - 3)));
  }

  #free(urgency: number, now: number): boolean {
    const probing = this.#failures >= 3;
    const reserve = urgency > 0 ? 0 : Math.floor(this.limits.parallel * this.limits.urgentShare);
    if (this.#running >= (probing ? 1 : Math.max(1, this.limits.parallel - reserve))) return false;
    this.#forget(now);
    return this.#startCount < this.#starts.length;
  }

  #forget(now: number): void {
    while (this.#startCount > 0 && this.#starts[this.#startAt]! <= now - 60_000) {
      this.#startAt = (this.#startAt + 1) % this.#starts.length;
      this.#startCount -= 1;
    }
  }

  #take(now: number): void {
    this.#running += 1;
    this.#starts[(this.#startAt + this.#startCount) % this.#starts.length] = now;
    this.#startCount += 1;
  }

  #drain(): void {
    const now = this.#clock.now();
    while (this.#waiting.length > 0 && now >= this.#pausedUntil && this.#free(this.#waiting[0]!.urgency, now)) {
      const next = this.#waiting.shift()!;
      this.#take(now);
      next.start();
    }
    if (this.#waiting.length > 0 && !this.#wake) this.#sleep(now);
  }

  #sleep(now: number): void {
    const rateAt = this.#startCount >= this.#starts.length ? this.#starts[this.#startAt]! + 60_000 : now;
    const at = Math.max(this.#pausedUntil, rateAt);
    if (at <= now) return;
    this.#wake = this.#clock.after(at - now, () => {
      this.#wake = undefined;
      this.#drain();
    });
  }
}
