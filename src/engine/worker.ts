import type { Clock } from '#base/clock';
import type { JsonObject } from '#base/json';
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import { ActiveLane, type Intervention } from '#engine/active-lane';
import type { Bindings } from '#engine/bindings';
import { Dispatcher, lookedKind } from '#engine/dispatch';
import { FactsMissing, LoadedFacts } from '#engine/facts';
import { ownFacts, StepBuilder } from '#engine/step';
import type { AcceptResult, AuditLeaf, EventRow, LaneWork, NewEvent, OperationRow, OutboxRow, Step, Store } from '#store/port';

export interface WorkerOptions {
  readonly name: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The configuration in force; asked before every turn, so that a new one takes effect between steps. */
  bindings(): Bindings;
  leaf(leaf: { actor: string; kind: string; subject: string; body: JsonObject }): AuditLeaf;
  /** Lanes held in memory at most. */
  readonly mostLanes?: number;
  readonly leaseMs?: number;
  /** Lanes decided in one transaction at most. */
  readonly batch?: number;
  /** How often the store is asked for lanes that have become due. */
  readonly claimEveryMs?: number;
}

/** Room for lanes that is worth asking the store for at once; less waits for the next regular claim. */
const worthClaiming = 32;

/** Pause after a turn that failed, in milliseconds: the store is full or away. */
const afterFailureMs = 1000;

/** How many rounds of fact loading one batch may need; more means a flow that asks for ever new keys. */
const mostFactRounds = 24;

/**
 * Moves lanes on: accepts, decides, commits, dispatches. One turn handles many lanes in two transactions at most, so that the cost of
 * durability is shared. Many workers may run on one PostgreSQL; each lane is held by one.
 */
export class Worker {
  readonly name: string;
  readonly #options: WorkerOptions;
  readonly #active = new Map<string, ActiveLane>();
  readonly #dispatcher: Dispatcher;
  /** Lanes to look at in the next turn. */
  readonly #touched = new Set<ActiveLane>();
  #inbox: { events: readonly NewEvent[]; from?: string }[] = [];
  /** Messages of the inbox that are being committed. */
  #taking = 0;
  /** Facts that held events wait for: key to lanes. */
  readonly #awaited = new Map<string, Set<string>>();
  readonly #wantLanes = new Map<string, Intervention[]>();
  #claimAt = 0;
  /** Lanes are known to wait in the store. */
  #backlog = false;
  #renewAt = 0;
  #outboxAt = 0;
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #stopping = false;
  readonly counters = { steps: 0, commits: 0, events: 0, decisions: 0, sent: 0, lost: 0 };

  constructor(options: WorkerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#dispatcher = new Dispatcher({
      clock: options.clock,
      log: options.log,
      connection: (name) => options.bindings().connection(name),
      attempted: (lane, result) => {
        lane.sending.delete(result.operation);
        lane.results.push(result);
        this.#touch(lane);
      },
      looked: (lane, notices, result) => {
        for (const key of notices) lane.looking.delete(key);
        if (result.events.length > 0) this.#inbox.push({ events: result.events });
        lane.looks.push({
          notices,
          state: result.state,
          readable: result.readable ?? true,
          reason: result.reason,
          ...(result.retryAfterMs === undefined ? {} : { retryAfterMs: result.retryAfterMs }),
        });
        this.#touch(lane);
      },
      granted: (lane, key) => this.#granted(lane, key),
    });
  }

  get dispatcher(): Dispatcher {
    return this.#dispatcher;
  }

  get activeLanes(): number {
    return this.#active.size;
  }

  /** Takes events in durably: resolved when they are committed. Lanes that nobody holds start at once. */
  async accept(events: readonly NewEvent[], from?: readonly string[]): Promise<AcceptResult['outcomes']> {
    const { store, clock, leaseMs = 30_000, mostLanes = 1024 } = this.#options;
    const claim = !this.#stopping && this.#active.size < mostLanes ? { claim: { worker: this.name, leaseMs } } : {};
    const result = await store.accept(events, { now: clock.now(), ...claim, ...(from ? { from } : {}) });
    this.counters.events += result.outcomes.filter((outcome) => outcome === 'accepted').length;
    for (const work of result.work) this.#activate(work);
    const arrived = new Map<string, EventRow[]>();
    for (const [index, event] of events.entries()) {
      const seq = result.seqs[index];
      if (result.outcomes[index] !== 'accepted' || seq === undefined) continue;
      const lane = this.#active.get(event.lane);
      if (!lane) this.#backlog = true;
      else if (!result.work.some((work) => work.lane === event.lane)) {
        const rows = arrived.get(event.lane) ?? [];
        rows.push({ ...event, seq, receivedAt: clock.now(), state: 'pending', reason: '', settledAt: null });
        arrived.set(event.lane, rows);
      }
    }
    for (const [name, rows] of arrived) {
      const lane = this.#active.get(name);
      if (!lane || lane.releasing) this.#backlog = true;
      else if (lane.arrive(rows)) this.#touch(lane);
    }
    this.#wake?.();
    return result.outcomes;
  }

  /** A person's act on a lane; resolved when it is committed or refused. */
  intervene(lane: string, act: Omit<Intervention, 'done'>): Promise<{ ok: true } | { ok: false; problem: string }> {
    return new Promise((resolve) => {
      const intervention: Intervention = { ...act, done: resolve };
      const active = this.#active.get(lane);
      if (active && !active.releasing) {
        active.interventions.push(intervention);
        this.#touch(active);
      } else {
        this.#wantLanes.set(lane, [...(this.#wantLanes.get(lane) ?? []), intervention]);
        this.#wake?.();
      }
    });
  }

  /** Asks the store for due lanes in the next turn. */
  poke(): void {
    this.#backlog = true;
    this.#wake?.();
  }

  /** Runs until `stop`. */
  run(): void {
    this.#running ??= (async () => {
      while (!this.#stopping) {
        let moved = false;
        try {
          moved = await this.turn();
        } catch (error) {
          this.#options.log('error', 'a turn of the worker failed', {
            worker: this.name,
            error: error instanceof Error ? error.message : String(error),
            stack: error instanceof Error ? error.stack : undefined,
          });
          // Not a sleep that work cuts short: what failed has work waiting, and would be tried without a pause.
          await new Promise<void>((resolve) => this.#options.clock.after(afterFailureMs, resolve));
        }
        if (!moved) await this.#sleep(Math.max(1, this.#nextTurnAt - this.#options.clock.now()));
        else await new Promise<void>((resolve) => setImmediate(resolve));
      }
    })();
  }

  /** When something is due though nothing arrives. A worker that holds no lane has no lease to renew, and would otherwise turn every millisecond. */
  get #nextTurnAt(): number {
    return this.#active.size > 0 ? Math.min(this.#claimAt, this.#renewAt) : this.#claimAt;
  }

  /** Stops taking work, waits for attempts under way (at most `graceMs`), then gives all lanes back. */
  async stop(graceMs = 5000): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    await this.#running;
    const { clock } = this.#options;
    const until = clock.now() + graceMs;
    while (this.#dispatcher.running > 0 && clock.now() < until) {
      await this.turn();
      await new Promise<void>((resolve) => clock.after(5, resolve));
    }
    await this.turn();
    await this.#options.store.abandon(this.name, this.#options.clock.now());
  }

  /** One round: take in, claim, decide, commit, dispatch. True if anything moved. */
  async turn(): Promise<boolean> {
    const { batch = 128 } = this.#options;
    const claimed = await this.#claim();
    // Messages are taken in and steps committed in one call of the store's group commit: one wait for the disk instead of two.
    const [taken, stepped] = await Promise.allSettled([this.#takeIn(), this.#stepOn(batch)]);
    if (taken.status === 'rejected') throw taken.reason;
    if (stepped.status === 'rejected') throw stepped.reason;
    return claimed || taken.value || stepped.value;
  }

  /** Decides what lanes have to decide and commits it. */
  async #stepOn(batch: number): Promise<boolean> {
    const { clock } = this.#options;
    const now = clock.now();
    const lanes: ActiveLane[] = [];
    // Urgent lanes first, then first come; what does not fit stays for the next turn.
    for (const urgent of [true, false]) {
      for (const lane of this.#touched) {
        if (lanes.length >= batch) break;
        if (urgent && !lane.urgent) continue;
        this.#touched.delete(lane);
        if (this.#active.get(lane.lane) === lane && !lane.busy) lanes.push(lane);
      }
    }
    if (lanes.length === 0) return false;
    this.#startLooks(lanes, now);
    const builders = await this.#decide(lanes, now);
    await this.#commit(builders, now);
    return true;
  }

  /** What still moves, in numbers: for status and for finding out why a hub is not at rest. */
  get moving(): { readonly inbox: number; readonly touched: number; readonly attempts: number; readonly wanted: number; readonly lanes: number } {
    return {
      inbox: this.#inbox.length + this.#taking,
      touched: this.#touched.size,
      attempts: this.#dispatcher.running,
      wanted: this.#wantLanes.size,
      lanes: this.#active.size,
    };
  }

  /** Whether nothing is left to do now: no lane in memory moves. */
  get idle(): boolean {
    return this.#inbox.length === 0 && this.#taking === 0 && this.#touched.size === 0 && this.#dispatcher.running === 0 && this.#wantLanes.size === 0;
  }

  #touch(lane: ActiveLane): void {
    this.#touched.add(lane);
    this.#wake?.();
  }

  /** Takes a leased lane into memory. A lease is newer than whatever is there by that name: a lane object that is just being given back. */
  #activate(work: LaneWork): ActiveLane {
    const lane = new ActiveLane(work);
    const now = this.#options.clock.now();
    for (const operation of work.operations) {
      // What another holder was sending when it vanished: harmless to repeat, to be looked up, or for a person, by class.
      if (operation.state !== 'sending') continue;
      if (operation.class === 'K' || operation.class === 'R') lane.operations.set(operation.key, { ...operation, state: 'ready', dueAt: now });
      else
        lane.results.push({
          operation: operation.key,
          kind: 'fault',
          fault: 'uncertain',
          message: 'the hub stopped while this was being sent',
          during: 'write',
        });
    }
    this.#active.set(lane.lane, lane);
    for (const act of this.#wantLanes.get(lane.lane) ?? []) lane.interventions.push(act);
    this.#wantLanes.delete(lane.lane);
    this.#touch(lane);
    return lane;
  }

  async #takeIn(): Promise<boolean> {
    if (this.#inbox.length === 0) return false;
    const taken = this.#inbox;
    this.#inbox = [];
    this.#taking = taken.length;
    try {
      await this.accept(
        taken.flatMap(({ events }) => events),
        taken.flatMap(({ from }) => (from === undefined ? [] : [from])),
      );
    } catch (error) {
      this.#inbox = [...taken, ...this.#inbox];
      throw error;
    } finally {
      this.#taking = 0;
    }
    return true;
  }

  async #claim(): Promise<boolean> {
    const { store, clock, leaseMs = 30_000, mostLanes = 1024, claimEveryMs = 250 } = this.#options;
    const now = clock.now();
    if (this.#active.size > 0 && now >= this.#renewAt) {
      this.#renewAt = now + leaseMs / 3;
      // Only those that were asked about may be forgotten: others are taken up while the answer is awaited.
      const held = [...this.#active.values()];
      const ours = new Set(
        await store.renew(
          this.name,
          held.map(({ lane, epoch }) => ({ lane, epoch })),
          now + leaseMs,
        ),
      );
      for (const lane of held) if (!ours.has(lane.lane) && this.#active.get(lane.lane) === lane) this.#forget(lane);
    }
    let moved = false;
    for (const [lane, acts] of this.#wantLanes) {
      if (this.#active.has(lane)) continue;
      this.#wantLanes.delete(lane);
      const work = await store.claimLane(lane, { worker: this.name, now, leaseMs });
      if (work) {
        this.#wantLanes.set(lane, acts);
        this.#activate(work);
        moved = true;
      } else for (const act of acts) act.done({ ok: false, problem: `lane ${lane} does not exist or another worker holds it; try again in a moment` });
    }
    const room = Math.min(256, mostLanes - this.#active.size);
    const due = now >= this.#claimAt;
    if ((!due && !(this.#backlog && room >= worthClaiming)) || this.#stopping) return moved;
    if (due) this.#claimAt = now + claimEveryMs;
    if (room > 0) {
      const works = await store.claim({ worker: this.name, now, leaseMs, limit: room });
      for (const work of works) this.#activate(work);
      this.#backlog = works.length === room;
      moved ||= works.length > 0;
    }
    if (now >= this.#outboxAt) {
      // Messages that a stopped worker committed but did not deliver. Delivering twice is harmless.
      this.#outboxAt = now + 5000;
      const left = await store.outbox(256);
      const old = left.filter(({ event }) => event.at < now - 2000);
      for (const { id, event } of old) this.#inbox.push({ events: [event], from: id });
      moved ||= old.length > 0;
    }
    return moved;
  }

  #startLooks(lanes: readonly ActiveLane[], now: number): void {
    for (const lane of lanes) {
      if (!lane.mayLook(now)) continue;
      // A record that could not be read is tried again whenever its lane is looked at: what was wrong may have ended with no change of the record.
      const unreadable = lane.recheckHeld ? lane.held.filter(({ kind }) => kind.endsWith('.unreadable')) : [];
      const notices = [...lane.pending.filter(({ kind }) => kind === 'notice'), ...unreadable].filter(({ key }) => !lane.looking.has(key));
      if (notices.length === 0) continue;
      const byTarget = new Map<string, EventRow[]>();
      for (const notice of notices) {
        const target = `${notice.source}|${lookedKind(notice)}|${notice.object}`;
        byTarget.set(target, [...(byTarget.get(target) ?? []), notice]);
        lane.looking.add(notice.key);
      }
      for (const same of byTarget.values()) this.#dispatcher.look(lane, same);
    }
  }

  async #decide(lanes: readonly ActiveLane[], now: number): Promise<StepBuilder[]> {
    const { store, random } = this.#options;
    const bindings = this.#options.bindings();
    const loaded = new LoadedFacts(store.recent && ((key) => store.recent?.(key)));
    const tools = {
      bindings,
      loaded,
      now,
      random,
      leaf: this.#options.leaf,
      visibilityMs: (name: string) => bindings.connection(name)?.visibilityMs ?? 30_000,
    };
    const built = new Map<ActiveLane, StepBuilder>();
    let open = [...lanes];
    // Every snapshot reads what was last known of its own object: those facts are loaded together, ahead.
    const ahead = new Set(lanes.flatMap((lane) => ownFacts(lane)));
    if (ahead.size > 0) {
      const found = await store.facts([...ahead]);
      for (const key of ahead) loaded.set(key, found.get(key) ?? null);
    }
    for (let round = 0; open.length > 0; round++) {
      const missing = new Set<string>();
      const again: ActiveLane[] = [];
      for (const lane of open) {
        const builder = new StepBuilder(lane, tools);
        try {
          builder.build();
          built.set(lane, builder);
        } catch (error) {
          if (!(error instanceof FactsMissing)) {
            this.#poisoned(lane, error, now);
            continue;
          }
          for (const key of error.keys) missing.add(key);
          again.push(lane);
        }
      }
      open = again;
      if (open.length === 0) break;
      // Each event of a step may ask by itself; a lane that goes on beyond that has a flow that asks for ever new keys.
      open = open.filter((lane) => {
        const most = mostFactRounds + lane.held.length + lane.pending.length;
        if (round < most) return true;
        this.#poisoned(lane, new Error(`decisions still ask for facts after ${most} rounds`), now);
        return false;
      });
      if (open.length === 0) break;
      const found = await store.facts([...missing]);
      for (const key of missing) loaded.set(key, found.get(key) ?? null);
    }
    return lanes.flatMap((lane) => built.get(lane) ?? []);
  }

  /** A bug in a flow stops its own lane, loudly, and no other. */
  #poisoned(lane: ActiveLane, error: unknown, now: number): void {
    this.#options.log('error', 'a decision failed: the lane is set aside', {
      lane: lane.lane,
      error: error instanceof Error ? error.message : String(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
    lane.busy = true;
    const event = lane.pending.find(({ kind }) => kind !== 'notice');
    const step: Step = {
      lane: lane.lane,
      epoch: lane.epoch,
      release: { dueAt: now + 3600_000, urgency: 0 },
      ...(event
        ? {
            settle: [
              {
                key: event.key,
                state: 'held',
                reason: `a flow failed on this event: ${error instanceof Error ? error.message : String(error)}. This is a bug of Linchpin or of its configuration; the lane waits, nothing was sent.`,
              },
            ],
          }
        : {}),
      audit: [
        this.#options.leaf({
          actor: 'linchpin',
          kind: 'refusal',
          subject: lane.lane,
          body: { event: event?.key ?? null, error: error instanceof Error ? error.message : String(error), at: now },
        }),
      ],
    };
    void this.#options.store.commit([step], { worker: this.name, now, log: this.name }).then(
      () => this.#forget(lane),
      () => this.#forget(lane),
    );
  }

  async #commit(builders: readonly StepBuilder[], now: number): Promise<void> {
    const { store } = this.#options;
    const plans = builders.map((builder) => this.#plan(builder, now));
    const steps = plans.flatMap(({ step }) => (step ? [step] : []));
    if (steps.length > 0) {
      for (const { lane } of plans) lane.busy = true;
      let results;
      try {
        results = await store.commit(steps, { worker: this.name, now, log: this.name });
      } catch (error) {
        // Nothing of the batch was kept: the lanes are as before and are tried again when the store answers.
        for (const { lane, sends } of plans) {
          lane.busy = false;
          lane.releasing = false;
          for (const operation of sends) this.#dispatcher.giveBack(operation.connection);
          this.#touch(lane);
        }
        throw error;
      }
      this.counters.commits += 1;
      this.counters.steps += steps.length;
      const byLane = new Map(results.map((result) => [result.lane, result]));
      for (const plan of plans) {
        plan.lane.busy = false;
        const result = byLane.get(plan.lane.lane);
        if (result && !result.kept) {
          for (const operation of plan.sends) this.#dispatcher.giveBack(operation.connection);
          if (result.fault !== undefined) {
            // The store would not take the step as it is: trying the same again would not help.
            this.#poisoned(plan.lane, new Error(`the store refused the step: ${typeof result.fault === 'string' ? result.fault : result.fault.message}`), now);
            continue;
          }
          this.counters.lost += 1;
          this.#forget(plan.lane);
          continue;
        }
        this.#after(plan, result?.arrived ?? [], now);
      }
    } else for (const plan of plans) this.#after(plan, [], now);
    // After all lanes of the batch have settled, so that no wake is lost between two of them.
    for (const { builder } of plans) this.#wakeHeld(builder);
  }

  /** Works out what is sent after the commit and whether the lane is given back with it. */
  #plan(builder: StepBuilder, now: number): LanePlan {
    const lane = builder.lane;
    const sends: OperationRow[] = [];
    const queues: OperationRow[] = [];
    let blockedUntil: number | null = null;
    for (const head of builder.heads()) {
      if (lane.sending.has(head.key) || lane.queued.has(head.key)) continue;
      const granted = lane.granted.delete(head.key);
      const due = (head.state === 'ready' || head.state === 'unknown') && head.dueAt <= now;
      if (!due || this.#stopping) {
        if (granted) this.#dispatcher.giveBack(head.connection);
        continue;
      }
      const place = granted ? 'now' : this.#dispatcher.place(lane, head);
      if (place === 'now') {
        sends.push(head);
        if (head.state === 'ready' && head.class !== 'K' && head.class !== 'R') builder.change(head.key, { state: 'sending' });
      } else if (place === 'queued') {
        queues.push(head);
        // Marked as it enters the queue: it goes out the moment there is a place, with no commit in between. After a crash it is looked up.
        if (head.state === 'ready' && head.class === 'L') builder.change(head.key, { state: 'sending' });
      } else blockedUntil = blockedUntil === null ? place : Math.min(blockedUntil, place);
    }
    for (const key of lane.granted) {
      const operation = builder.operations.get(key) ?? lane.operations.get(key);
      if (operation) this.#dispatcher.giveBack(operation.connection);
    }
    lane.granted.clear();
    const undecided = lane.pending.filter(({ key, kind }) => !builder.decided.has(key) && kind !== 'notice').length;
    const again = lane.looks.find(({ state }) => state === 'again');
    if (again) lane.lookAgainAt = now + (again.retryAfterMs ?? 1000);
    else if (lane.mayLook(now)) lane.lookAgainAt = null;
    const stay = sends.length > 0 || queues.length > 0 || lane.queued.size > 0 || lane.sending.size > 0 || lane.looking.size > 0 || undecided > 0;
    const body = builder.finish();
    const release = stay ? undefined : { dueAt: blockedUntil === null ? builder.dueAt() : Math.max(blockedUntil, now), urgency: this.#urgency(builder) };
    if (release) lane.releasing = true;
    return {
      lane,
      builder,
      sends,
      queues,
      step: builder.empty && !release && !lane.behind ? undefined : { ...body, ...(release ? { release } : {}) },
      released: release !== undefined,
    };
  }

  #urgency(builder: StepBuilder): number {
    let urgency = 0;
    for (const operation of builder.operations.values()) urgency = Math.max(urgency, operation.urgency);
    return urgency;
  }

  /** The step is durable: memory follows, documents go out, messages travel. */
  #after(plan: LanePlan, arrived: readonly EventRow[], now: number): void {
    const { lane, builder } = plan;
    lane.state = builder.state;
    lane.results.splice(0, builder.used.results);
    lane.looks.splice(0, builder.used.looks);
    lane.interventions.splice(0, builder.used.interventions);
    for (const answer of builder.answers) answer();
    lane.operations.clear();
    for (const [key, operation] of builder.operations) lane.operations.set(key, operation);
    lane.expectations.clear();
    for (const [key, expectation] of builder.expectationsAfter()) lane.expectations.set(key, expectation);
    const settled = new Set(builder.step.settle.map(({ key }) => key));
    lane.pending = lane.pending.filter(({ key }) => !builder.decided.has(key) && !settled.has(key));
    lane.held = [...lane.held.filter(({ key }) => !settled.has(key)), ...builder.heldNow];
    if (builder.used.recheck) lane.recheckHeld = false;
    this.counters.decisions += builder.decided.size;
    this.#await(builder);
    this.#deliver(builder.messages);
    if (plan.released) {
      // Where the lane was claimed anew meanwhile, that claim is another lane object and stays.
      if (this.#active.get(lane.lane) === lane) this.#active.delete(lane.lane);
      this.#touched.delete(lane);
      // A person who acted while the step was being committed acts on the lane as it is now.
      if (lane.interventions.length > 0) this.#wantLanes.set(lane.lane, [...(this.#wantLanes.get(lane.lane) ?? []), ...lane.interventions.splice(0)]);
      if (this.#wantLanes.has(lane.lane)) this.#wake?.();
      return;
    }
    if (plan.step) lane.catchUp(arrived);
    for (const operation of plan.sends) this.#send(lane, lane.operations.get(operation.key) ?? operation);
    for (const operation of plan.queues) {
      lane.queued.add(operation.key);
      this.#dispatcher.enqueue(lane, operation);
    }
    if (lane.ready(now)) this.#touch(lane);
  }

  /** A place is free. What is marked, or harmless to repeat, goes out at once; class M is marked in a step of its own first. */
  #granted(lane: ActiveLane, key: string): void {
    const operation = lane.operations.get(key);
    if (!lane.queued.delete(key) || !operation || this.#stopping || this.#active.get(lane.lane) !== lane) {
      if (operation) this.#dispatcher.giveBack(operation.connection);
    } else if (operation.class === 'M' && operation.state === 'ready') {
      lane.granted.add(key);
      this.#touch(lane);
    } else this.#send(lane, operation);
  }

  #send(lane: ActiveLane, operation: OperationRow): void {
    lane.sending.add(operation.key);
    this.counters.sent += 1;
    this.#dispatcher.send(lane, operation, operation.state === 'unknown' ? 'trace' : 'write');
  }

  #deliver(messages: readonly OutboxRow[]): void {
    for (const { id, event } of messages) this.#inbox.push({ events: [event], from: id });
  }

  /** Remembers which facts a held event read, so that a change of one of them wakes the lane at once. */
  #await(builder: StepBuilder): void {
    if (!builder.waitsForFacts) return;
    for (const key of builder.factsRead()) {
      const lanes = this.#awaited.get(key) ?? new Set<string>();
      lanes.add(builder.lane.lane);
      this.#awaited.set(key, lanes);
    }
  }

  #wakeHeld(builder: StepBuilder): void {
    if (this.#awaited.size === 0) return;
    for (const key of builder.factsWritten()) {
      const lanes = this.#awaited.get(key);
      if (!lanes) continue;
      this.#awaited.delete(key);
      for (const name of lanes) {
        if (name === builder.lane.lane) continue;
        const active = this.#active.get(name);
        if (active) {
          active.recheckHeld = true;
          this.#touch(active);
        } else if (!this.#wantLanes.has(name)) this.#wantLanes.set(name, []);
      }
    }
  }

  #forget(lane: ActiveLane): void {
    if (this.#active.get(lane.lane) === lane) this.#active.delete(lane.lane);
    this.#touched.delete(lane);
    for (const act of lane.interventions) act.done({ ok: false, problem: `lane ${lane.lane} was taken over by another worker; try again` });
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#inbox.length > 0 || this.#touched.size > 0 || this.#wantLanes.size > 0) return resolve();
      const cancel = this.#options.clock.after(ms, () => {
        this.#wake = undefined;
        resolve();
      });
      this.#wake = () => {
        this.#wake = undefined;
        cancel();
        resolve();
      };
    });
  }
}

interface LanePlan {
  readonly lane: ActiveLane;
  readonly builder: StepBuilder;
  readonly sends: readonly OperationRow[];
  readonly queues: readonly OperationRow[];
  readonly step: Step | undefined;
  readonly released: boolean;
}
