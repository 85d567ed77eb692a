/** Time as an argument: production reads the machine, tests and simulation move it by hand. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Calls back once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/** The machine's own clock. Timers do not keep the process alive. */
export const machineClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** A clock that stands still until `advance` is called; due callbacks run in order of their time. */
export class ManualClock implements Clock {
  #now: number;
  #waiting: { at: number; order: number; run: () => void }[] = [];
  #order = 0;

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): () => void {
    const entry = { at: this.#now + delayMs, order: this.#order++, run };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  /** The time of the next callback, or undefined when none waits. */
  next(): number | undefined {
    return this.#waiting.reduce<number | undefined>((least, { at }) => (least === undefined || at < least ? at : least), undefined);
  }

  /** Moves time forward and runs what has become due, also what those callbacks add. */
  advance(byMs: number): void {
    const until = this.#now + byMs;
    for (;;) {
      const due = this.#waiting.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (!due) break;
      this.#waiting = this.#waiting.filter((other) => other !== due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = until;
  }
}

/** `2026-03-04T16:00:00.000Z` for an instant in milliseconds. */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** `2026-03-04` in UTC for an instant in milliseconds. */
export function isoDate(atMs: number): string {
  return isoTime(atMs).slice(0, 10);
}
