import { createHash, type Hash } from 'node:crypto';
import type { Clock } from '#base/clock';
import type { Random } from '#base/random';

/** What waits to run: a store call to apply, an answer to deliver, a turn of a worker to continue. */
interface Task {
  readonly owner: string;
  readonly label: string;
  readonly run: () => void;
}

interface Timer extends Task {
  readonly at: number;
  readonly order: number;
  cancelled: boolean;
}

/** Most tasks that may run without time moving on: beyond that something turns in a circle. */
const mostTasksPerInstant = 200_000;

const realImmediate = setImmediate;

/**
 * One thread, one clock, one source of chance. Everything a simulated process waits for (store, network, time, its own turn) is a task of that
 * process here, and the seed decides which ready task runs next. A process that is killed loses its tasks, so that whatever awaited them never
 * goes on: a kill at any await. Between two tasks all microtasks run, so that nothing but the seed decides an order.
 */
export class Kernel {
  readonly random: Random;
  #now: number;
  #ready: Task[] = [];
  readonly #timers: Timer[] = [];
  #order = 0;
  #owner = 'world';
  readonly #stalled = new Set<string>();
  readonly #dead = new Set<string>();
  /** Tasks and timers of stalled processes, to go on with when they wake up. */
  #asleep: Task[] = [];
  readonly #offsets = new Map<string, number>();
  readonly #trace: Hash = createHash('sha256');
  readonly #restore: (() => void)[] = [];
  tasks = 0;
  /** Labels of the latest tasks, for the report of a failure. */
  readonly latest: string[] = [];

  constructor(options: { readonly random: Random; readonly start: number }) {
    this.random = options.random;
    this.#now = options.start;
  }

  now(): number {
    return this.#now;
  }

  /** The process whose code is running. */
  get owner(): string {
    return this.#owner;
  }

  /** Everything that happened, as one hash: two runs of one seed must agree. */
  get traceHash(): string {
    return this.#trace.copy().digest('hex');
  }

  /** Adds to the trace. */
  note(text: string): void {
    this.#trace.update(text).update('\n');
  }

  /** Puts the machine's own time, chance and event loop out of reach of the code under test. */
  install(): void {
    const { setImmediate: immediate } = globalThis;
    const { now } = Date;
    const { random } = Math;
    globalThis.setImmediate = ((run: () => void) => this.ready(this.#owner, 'turn', run)) as unknown as typeof setImmediate;
    Date.now = () => this.#now;
    Math.random = () => this.random.unit();
    this.#restore.push(() => {
      globalThis.setImmediate = immediate;
      Date.now = now;
      Math.random = random;
    });
  }

  uninstall(): void {
    for (const restore of this.#restore.splice(0)) restore();
  }

  /** Something that may run now. */
  ready(owner: string, label: string, run: () => void): void {
    if (!this.#dead.has(owner)) this.#ready.push({ owner, label, run });
  }

  /** Something that may run after a while; the answer cancels it. */
  later(owner: string, label: string, delayMs: number, run: () => void): () => void {
    const timer: Timer = { owner, label, run, at: this.#now + Math.max(0, delayMs), order: this.#order++, cancelled: false };
    this.#push(timer);
    return () => {
      timer.cancelled = true;
    };
  }

  /** The clock as one process sees it: it may be wrong, and it may jump. */
  clock(owner: string): Clock {
    return { now: () => this.#now + (this.#offsets.get(owner) ?? 0), after: (delayMs, run) => this.later(owner, 'timer', delayMs, run) };
  }

  /** Moves one process's clock by so much, at once. */
  jump(owner: string, byMs: number): void {
    this.#offsets.set(owner, (this.#offsets.get(owner) ?? 0) + byMs);
  }

  offset(owner: string): number {
    return this.#offsets.get(owner) ?? 0;
  }

  setOffset(owner: string, ms: number): void {
    this.#offsets.set(owner, ms);
  }

  /** Ends a process: nothing of it ever runs again, also not what is set for it later. */
  kill(owner: string): void {
    this.#dead.add(owner);
    this.#ready = this.#ready.filter((task) => task.owner !== owner);
    this.#asleep = this.#asleep.filter((task) => task.owner !== owner);
    for (const timer of this.#timers) if (timer.owner === owner) timer.cancelled = true;
    this.#stalled.delete(owner);
  }

  /** Stops a process without ending it, as a long garbage collection or a paused machine does. */
  stall(owner: string): void {
    this.#stalled.add(owner);
    this.#asleep.push(...this.#ready.filter((task) => task.owner === owner));
    this.#ready = this.#ready.filter((task) => task.owner !== owner);
  }

  wake(owner: string): void {
    this.#stalled.delete(owner);
    this.#ready.push(...this.#asleep.filter((task) => task.owner === owner));
    this.#asleep = this.#asleep.filter((task) => task.owner !== owner);
  }

  stalled(owner: string): boolean {
    return this.#stalled.has(owner);
  }

  /** Runs what is ready until nothing is, without moving time. */
  async settle(): Promise<void> {
    for (let count = 0; this.#ready.length > 0; count++) {
      if (count > mostTasksPerInstant)
        throw new Error(`no rest after ${mostTasksPerInstant} tasks at one instant; the latest: ${this.latest.slice(-20).join(', ')}`);
      await this.#runOne();
    }
  }

  /** Runs everything up to an instant; time jumps from one timer to the next. `each` is called after every instant at which something ran. */
  async runUntil(until: number, each?: () => void): Promise<void> {
    for (;;) {
      await this.settle();
      each?.();
      const timer = this.#pop(until);
      if (!timer) break;
      this.#now = Math.max(this.#now, timer.at);
      this.ready(timer.owner, timer.label, timer.run);
    }
    this.#now = Math.max(this.#now, until);
  }

  /** Runs until a promise of the world is settled; time moves as far as `withinMs`. */
  async resolve<T>(promise: Promise<T>, withinMs: number): Promise<T> {
    let done = false;
    void promise.then(
      () => (done = true),
      () => (done = true),
    );
    const end = this.#now + withinMs;
    await this.#drain();
    while (!done) {
      if (this.#ready.length > 0) await this.#runOne();
      else {
        const timer = this.#pop(end);
        if (!timer) throw new Error(`not within ${withinMs} ms of simulated time; the latest: ${this.latest.slice(-20).join(', ')}`);
        this.#now = Math.max(this.#now, timer.at);
        this.ready(timer.owner, timer.label, timer.run);
      }
    }
    return promise;
  }

  async #runOne(): Promise<void> {
    const at = this.#ready.length === 1 ? 0 : this.random.below(this.#ready.length);
    const task = this.#ready[at]!;
    const last = this.#ready.pop()!;
    if (task !== last) this.#ready[at] = last;
    if (this.#stalled.has(task.owner)) {
      this.#asleep.push(task);
      return;
    }
    this.tasks += 1;
    this.#trace.update(`${this.#now} ${task.owner} ${task.label}\n`);
    this.latest.push(`${task.owner}:${task.label}`);
    if (this.latest.length > 400) this.latest.splice(0, 200);
    this.#owner = task.owner;
    task.run();
    await this.#drain();
    this.#owner = 'world';
  }

  /** All microtasks run before the next turn of the machine's loop; nothing here does input or output, so that nothing else comes in between. */
  #drain(): Promise<void> {
    return new Promise((resolve) => realImmediate(resolve));
  }

  /** A binary heap by time, then by order of setting. */
  #push(timer: Timer): void {
    const heap = this.#timers;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!before(timer, heap[up]!)) break;
      heap[at] = heap[up]!;
      at = up;
    }
    heap[at] = timer;
  }

  #pop(until: number): Timer | undefined {
    const heap = this.#timers;
    for (;;) {
      const first = heap[0];
      if (!first || first.at > until) return undefined;
      const last = heap.pop()!;
      if (heap.length > 0) {
        let at = 0;
        for (;;) {
          let down = 2 * at + 1;
          if (down >= heap.length) break;
          if (down + 1 < heap.length && before(heap[down + 1]!, heap[down]!)) down += 1;
          if (!before(heap[down]!, last)) break;
          heap[at] = heap[down]!;
          at = down;
        }
        heap[at] = last;
      }
      if (!first.cancelled) return first;
    }
  }
}

const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
