import type { Clock } from '#base/clock';

/** Longest wait that the machine's timers take, in milliseconds. */
const longestWait = 2 ** 31 - 1;

interface Waiting {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  cancel: () => void;
}

/**
 * The machine's clock set to another day: time runs on by itself and is moved forward by hand, so that a month of history takes minutes and every system
 * dates its documents as if it had been there. Waits that a move passes end at once, in the order of their time.
 */
export class StoryClock implements Clock {
  readonly #machine: Clock;
  readonly #waiting = new Set<Waiting>();
  #offset: number;
  #order = 0;

  constructor(machine: Clock, startsAt: number) {
    this.#machine = machine;
    this.#offset = startsAt - machine.now();
  }

  now(): number {
    return this.#machine.now() + this.#offset;
  }

  after(delayMs: number, run: () => void): () => void {
    const waiting: Waiting = { at: this.now() + delayMs, order: this.#order++, run, cancel: () => {} };
    this.#waiting.add(waiting);
    this.#arm(waiting);
    return () => this.#remove(waiting);
  }

  /** Moves time forward; a time that has passed changes nothing. */
  moveTo(at: number): void {
    const now = this.now();
    if (at <= now) return;
    this.#offset += at - now;
    const due = [...this.#waiting].filter((waiting) => waiting.at <= at).sort((a, b) => a.at - b.at || a.order - b.order);
    for (const waiting of this.#waiting) {
      waiting.cancel();
      if (waiting.at > at) this.#arm(waiting);
    }
    // What an earlier one cancels does not run.
    for (const waiting of due) if (this.#remove(waiting)) waiting.run();
  }

  #arm(waiting: Waiting): void {
    waiting.cancel = this.#machine.after(Math.min(longestWait, Math.max(0, waiting.at - this.now())), () => {
      if (this.#remove(waiting)) waiting.run();
    });
  }

  #remove(waiting: Waiting): boolean {
    waiting.cancel();
    return this.#waiting.delete(waiting);
  }
}
