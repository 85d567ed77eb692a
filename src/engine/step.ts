import { faults } from '#base/fault';
import { hashOf, type Json, type JsonObject } from '#base/json';
import type { Random } from '#base/random';
import type { ActiveLane, AttemptResult, Intervention, LookResult } from '#engine/active-lane';
import { backoffMs, lookupMs } from '#engine/backoff';
import type { Bindings } from '#engine/bindings';
import { decideEvent, renderAgainMs, type Decided } from '#engine/decide';
import { ReadFacts, type LoadedFacts } from '#engine/facts';
import { factKey, type OperationDraft, type OutcomeData } from '#engine/flow';
import {
  operationStates,
  type AuditLeaf,
  type EventRow,
  type EventState,
  type Fact,
  type NewEvent,
  type OperationRow,
  type OperationUpdate,
  type Step,
} from '#store/port';

/** Most events that one step decides; the rest follow in the next. */
const eventsPerStep = 32;
/** How often a held event is looked at again when nothing else wakes it. */
const heldAgainMs = 10 * 60_000;
/** The same where only reading again can help: a vendor that changed its contract makes thousands of records unreadable at once. */
const unreadableAgainMs = 60 * 60_000;

export interface StepTools {
  readonly bindings: Bindings;
  readonly loaded: LoadedFacts;
  readonly now: number;
  readonly random: Random;
  leaf(leaf: { actor: string; kind: string; subject: string; body: JsonObject }): AuditLeaf;
  visibilityMs(connection: string): number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Keys that the decisions of a lane's next step surely read: what was last known of each object that its events are snapshots of. */
export function ownFacts(lane: ActiveLane): string[] {
  const events = [...(lane.recheckHeld ? lane.held : []), ...lane.pending.slice(0, eventsPerStep)];
  return events.flatMap(({ kind, data }) => {
    const dot = kind.lastIndexOf('.');
    const { hubId, connection } = data as { hubId?: unknown; connection?: unknown };
    return kind.slice(dot + 1) === 'snapshot' && typeof hubId === 'string' && typeof connection === 'string'
      ? [factKey.record(kind.slice(0, dot), hubId, connection)]
      : [];
  });
}

/**
 * Builds one lane's step: what came back, what a person did, what is due, then new events in order. Works on copies, so that a FactsMissing
 * thrown in the middle leaves the lane as it was and the step is simply built again.
 */
export class StepBuilder {
  readonly lane: ActiveLane;
  readonly #tools: StepTools;
  state: JsonObject;
  readonly operations: Map<string, OperationRow>;
  readonly step: Mutable<Step> & { append: NonNullable<Step['append']>[number][]; settle: NonNullable<Step['settle']>[number][] };
  readonly #parts = {
    decisions: [] as NonNullable<Step['decisions']>[number][],
    messages: [] as NonNullable<Step['messages']>[number][],
    entries: [] as NonNullable<Step['entries']>[number][],
    documents: [] as NonNullable<Step['documents']>[number][],
    crosswalk: [] as NonNullable<Step['crosswalk']>[number][],
    leaves: [] as AuditLeaf[],
  };
  readonly #own = new Map<string, Fact | null>();
  readonly #expect = new Map<string, NonNullable<Step['setExpectations']>[number]>();
  readonly #met = new Set<string>();
  readonly #inserted = new Map<string, OperationRow>();
  readonly #updated = new Map<string, OperationUpdate>();
  readonly #settled = new Map<string, EventState>();
  /** Facts read by rendering operations again. */
  readonly #rendered = new Set<string>();
  readonly decided = new Set<string>();
  readonly heldNow: EventRow[] = [];
  readonly answers: (() => void)[] = [];
  /** How much of the lane's memory this step used up; more may arrive while it is being committed. */
  readonly used: { readonly results: number; readonly looks: number; readonly interventions: number; readonly recheck: boolean };

  constructor(lane: ActiveLane, tools: StepTools) {
    this.lane = lane;
    this.#tools = tools;
    this.state = lane.state;
    this.operations = new Map(lane.operations);
    this.step = { lane: lane.lane, epoch: lane.epoch, append: [], settle: [] };
    this.used = { results: lane.results.length, looks: lane.looks.length, interventions: lane.interventions.length, recheck: lane.recheckHeld };
  }

  build(): void {
    const { now } = this.#tools;
    for (const result of this.lane.results) this.#result(result);
    for (const look of this.lane.looks) this.#looked(look);
    for (const act of this.lane.interventions) this.#intervene(act);
    for (const operation of this.operations.values())
      if (operation.fault?.['prepared'] === false && (operation.dueAt <= now || this.used.recheck)) this.#renderAgain(operation);
    for (const expectation of this.lane.expectations.values()) if (expectation.deadline <= now) this.#overdue(expectation);
    if (this.lane.recheckHeld) for (const event of this.lane.held) if (this.#settled.get(event.key) !== 'superseded') this.#decide(event);
    let left = eventsPerStep;
    for (const event of this.lane.pending) {
      if (event.kind === 'notice') continue;
      if (left-- <= 0) break;
      // A late older version takes nobody's place.
      if (this.#decide(event) !== 'superseded') this.#supersede(event);
      this.decided.add(event.key);
    }
    this.#settleFinished();
  }

  /** The finished step. `release` is added by the worker, which knows what still moves. */
  finish(): Step {
    const { step } = this;
    const { decisions, messages, entries, documents, crosswalk, leaves } = this.#parts;
    if (this.state !== this.lane.state) step.state = this.state;
    const facts: Fact[] = [];
    const drop: string[] = [];
    for (const [key, fact] of this.#own) {
      if (fact) facts.push(fact);
      else drop.push(key);
    }
    const inserted = [...this.#inserted.values()].map((operation) => ({ ...operation, ...this.#updated.get(operation.key) }));
    const updated = [...this.#updated.values()].filter(({ key }) => !this.#inserted.has(key));
    const events = [...step.append.map(({ event, state }) => [event.key, state]), ...step.settle.map(({ key, state }) => [key, state])];
    const operations = [...inserted, ...updated].map((operation) => [operation.key, operation.state, operation.payloadHash ?? null]);
    if (events.length > 0 || operations.length > 0 || decisions.length > 0) {
      const body = {
        events,
        operations,
        decisions: decisions.map(({ eventKey, flow, outputHash }) => [eventKey, flow, outputHash]),
        entries: entries.map(({ debit, credit, minor, currency, document }) => [debit, credit, minor, currency, document]),
        facts: facts.map(({ key, version }) => [key, version]),
        dropped: drop,
        crosswalk: crosswalk.map(({ kind, hubId, system, externalId, change }) => [kind, hubId, system, externalId, change]),
        messages: messages.map(({ id }) => id),
        at: this.#tools.now,
      } as unknown as JsonObject;
      leaves.push(this.#tools.leaf({ actor: 'linchpin', kind: decisions.length > 0 ? 'decision' : 'data', subject: step.lane, body }));
    }
    return {
      ...step,
      ...(decisions.length ? { decisions } : {}),
      ...(inserted.length ? { insertOperations: inserted } : {}),
      ...(updated.length ? { updateOperations: updated } : {}),
      ...(messages.length ? { messages } : {}),
      ...(entries.length ? { entries } : {}),
      ...(documents.length ? { documents } : {}),
      ...(facts.length ? { facts } : {}),
      ...(drop.length ? { dropFacts: drop } : {}),
      ...(crosswalk.length ? { crosswalk } : {}),
      ...(this.#expect.size ? { setExpectations: [...this.#expect.values()] } : {}),
      ...(this.#met.size ? { clearExpectations: [...this.#met] } : {}),
      ...(leaves.length ? { audit: leaves } : {}),
    };
  }

  get empty(): boolean {
    return (
      this.step.append.length === 0 &&
      this.step.settle.length === 0 &&
      this.#inserted.size === 0 &&
      this.#updated.size === 0 &&
      this.#parts.leaves.length === 0 &&
      this.#parts.decisions.length === 0
    );
  }

  /** Keys of the facts that the decisions of this step read. */
  factsRead(): string[] {
    return [...this.#rendered, ...this.#parts.decisions.flatMap(({ facts }) => Object.keys(facts as JsonObject))];
  }

  /** Whether something of this step waits for facts: a held event, or an operation that could not be rendered. */
  get waitsForFacts(): boolean {
    return this.heldNow.length > 0 || [...this.operations.values()].some(({ fault }) => fault?.['prepared'] === false);
  }

  factsWritten(): Iterable<string> {
    return this.#own.keys();
  }

  get messages(): NonNullable<Step['messages']> {
    return this.#parts.messages;
  }

  /** Changes an open operation, in memory and in the step. */
  change(key: string, change: Partial<OperationUpdate>): void {
    const operation = this.operations.get(key);
    if (!operation) return;
    const next = { ...operation, ...change };
    const terminal = operationStates[next.state].terminal;
    if (terminal) this.operations.delete(key);
    else this.operations.set(key, next);
    const { state, attempts, dueAt, receipt, fault, settledAt } = next;
    this.#updated.set(key, {
      ...this.#updated.get(key),
      key,
      state,
      attempts,
      dueAt,
      receipt,
      fault,
      settledAt,
      ...(change.draft === undefined ? {} : { draft: change.draft }),
      ...(change.payload === undefined ? {} : { payload: change.payload, payloadHash: hashOf(change.payload) }),
    });
  }

  /** The first open operation of each chain: only these may go out. */
  heads(): OperationRow[] {
    const heads = new Map<string, OperationRow>();
    for (const operation of this.operations.values()) if (!heads.has(operation.chain)) heads.set(operation.chain, operation);
    return [...heads.values()];
  }

  expectationsAfter(): Map<string, NonNullable<Step['setExpectations']>[number]> {
    const after = new Map(this.lane.expectations);
    for (const key of this.#met) after.delete(key);
    for (const [key, expectation] of this.#expect) after.set(key, expectation);
    return after;
  }

  /** When the lane wants to be looked at again if nothing arrives. */
  dueAt(): number | null {
    const { now } = this.#tools;
    let due: number | null = this.lane.lookAgainAt;
    const sooner = (at: number): void => {
      due = due === null ? at : Math.min(due, at);
    };
    for (const operation of this.heads()) {
      if (operation.state === 'ready' || operation.state === 'unknown' || operation.state === 'sending' || operation.fault?.['prepared'] === false)
        sooner(Math.max(operation.dueAt, now));
    }
    for (const { deadline } of this.expectationsAfter().values()) sooner(deadline);
    const held = [...this.lane.held, ...this.heldNow].filter(({ key }) => this.#settled.get(key) !== 'superseded');
    if (held.length > 0) sooner(now + (held.every(({ kind }) => kind.endsWith('.unreadable')) ? unreadableAgainMs : heldAgainMs));
    return due;
  }

  #result(result: AttemptResult): void {
    const { now, random } = this.#tools;
    const operation = this.operations.get(result.operation);
    if (!operation) return;
    const attempts = operation.attempts + 1;
    if (result.kind === 'applied') {
      this.change(operation.key, { state: 'applied', attempts, receipt: { ...result.receipt } as unknown as JsonObject, fault: null, settledAt: now });
      this.#outcome(operation, 'applied', { ...result.receipt } as unknown as JsonObject, null);
      return;
    }
    if (result.kind === 'notThere') {
      const looks = Number(operation.fault?.['looks'] ?? 0) + 1;
      // Not found once may only mean not visible yet; the second look comes after the target's visibility window.
      if (looks < 2)
        this.change(operation.key, {
          state: 'unknown',
          fault: { ...operation.fault, looks },
          dueAt: now + lookupMs(2, this.#tools.visibilityMs(operation.connection)),
        });
      else this.change(operation.key, { state: 'ready', fault: { ...operation.fault, looks, resolved: 'not found in the target: sent again' }, dueAt: now });
      return;
    }
    const row = faults[result.fault];
    const fault: JsonObject = {
      kind: result.fault,
      message: result.message,
      at: now,
      ...(result.code === undefined ? {} : { code: result.code }),
      ...(result.fields === undefined ? {} : { fields: { ...result.fields } }),
    };
    if (result.during === 'trace') {
      if (row.retry === 'backoff' || row.retry === 'after' || row.retry === 'lookup')
        this.change(operation.key, {
          state: 'unknown',
          attempts,
          dueAt: now + (result.retryAfterMs ?? backoffMs(attempts, random)),
          fault: { ...operation.fault, lookup: result.message },
        });
      else
        this.change(operation.key, {
          state: 'failed',
          attempts,
          fault: { ...fault, kind: 'uncertain', message: `the outcome is unknown and the lookup failed: ${result.message}` },
        });
      return;
    }
    if (result.fault === 'uncertain') {
      if (operation.class === 'K' || operation.class === 'R')
        this.change(operation.key, { state: 'ready', attempts, fault, dueAt: now + backoffMs(attempts, random) });
      else if (operation.class === 'L')
        this.change(operation.key, { state: 'unknown', attempts, fault, dueAt: now + lookupMs(1, this.#tools.visibilityMs(operation.connection)) });
      else this.#fail(operation, attempts, fault);
    } else if (row.retry === 'backoff' || row.retry === 'after') {
      this.change(operation.key, { state: 'ready', attempts, fault, dueAt: now + (result.retryAfterMs ?? backoffMs(attempts, random)) });
    } else if (row.retry === 'reread') {
      // Someone else changed the record meanwhile: this attempt is void, and the flow decides anew from what is read next.
      this.change(operation.key, { state: 'superseded', attempts, fault, settledAt: now });
      this.#outcome(operation, 'failed', null, fault);
    } else this.#fail(operation, attempts, fault);
  }

  #fail(operation: OperationRow, attempts: number, fault: JsonObject): void {
    this.change(operation.key, { state: 'failed', attempts, fault });
    this.#outcome(operation, 'failed', null, fault);
  }

  /** Tells the operation's flow what became of it, in the same step. */
  #outcome(operation: OperationRow, outcome: OutcomeData['outcome'], receipt: JsonObject | null, fault: JsonObject | null): void {
    const payload = operation.payload as JsonObject;
    const data = {
      operation: operation.key,
      flow: operation.flow,
      intent: operation.key.slice(operation.key.indexOf('#', operation.lane.length) + 1 + operation.flow.length + 1),
      connection: operation.connection,
      record: operation.record,
      verb: operation.verb,
      outcome,
      draft: operation.draft,
      receipt,
      fault,
      ...(payload['identity'] === undefined ? {} : { identity: payload['identity'] }),
    } as JsonObject;
    const attempt = this.#updated.get(operation.key)?.attempts ?? operation.attempts;
    this.#decideOwn({
      kind: 'operation.outcome',
      key: `${operation.key}!${outcome}/${attempt}`,
      data,
      urgency: operation.urgency,
      thread: operation.thread,
      site: operation.site,
      object: operation.key,
      version: String(attempt),
    });
  }

  #overdue(expectation: { key: string; what: string; deadline: number; data: Json }): void {
    this.#met.add(expectation.key);
    const from = this.lane.pending[0] ?? this.lane.held[0];
    const data = expectation.data as JsonObject;
    this.#decideOwn({
      kind: 'expectation.overdue',
      key: `overdue/${expectation.key}/${expectation.deadline}`,
      data: { expectation: expectation.key, what: expectation.what, deadline: expectation.deadline, ...data },
      urgency: 1,
      thread: typeof data['thread'] === 'string' ? data['thread'] : (from?.thread ?? this.lane.lane),
      site: typeof data['site'] === 'string' ? data['site'] : (from?.site ?? ''),
      object: expectation.key,
      version: String(expectation.deadline),
    });
  }

  #decideOwn(event: Pick<NewEvent, 'kind' | 'key' | 'data' | 'urgency' | 'thread' | 'site' | 'object' | 'version'>): void {
    const { now } = this.#tools;
    const whole: NewEvent = { ...event, lane: this.lane.lane, source: 'hub', at: now };
    const decided = this.#run({ ...whole, receivedAt: now });
    this.step.append.push({ event: whole, state: decided.verdict, reason: decided.reason });
    if (decided.verdict === 'waiting') this.#settled.set(whole.key, 'waiting');
  }

  #decide(event: EventRow): EventState {
    const decided = this.#run(event);
    this.#settle(event.key, decided.verdict, decided.reason);
    if (decided.verdict === 'held') this.heldNow.push({ ...event, state: 'held', reason: decided.reason });
    return decided.verdict;
  }

  /** What a notice spoke of was read; what could not be read before is settled once it can be. */
  #looked({ notices, state, readable, reason }: LookResult): void {
    if (state === 'again') return;
    for (const key of notices) {
      if (!this.lane.held.some((event) => event.key === key)) this.#settle(key, state, reason);
      else if (readable && (state === 'applied' || state === 'noChange')) this.#settle(key, 'superseded', `the record can be read again: ${reason}`);
    }
  }

  /** A newer version of the same object takes the place of what was held. */
  #supersede(event: EventRow): void {
    for (const held of this.lane.held) {
      if (held.object !== event.object || held.source !== event.source || stem(held.kind) !== stem(event.kind)) continue;
      if (held.key === event.key || this.#settled.get(held.key) === 'superseded') continue;
      this.#settle(held.key, 'superseded', `a newer version arrived: ${event.version}`);
      const at = this.heldNow.findIndex(({ key }) => key === held.key);
      if (at >= 0) this.heldNow.splice(at, 1);
    }
  }

  #run(event: NewEvent & { readonly receivedAt: number }): Decided {
    const more = this.lane.pending.some(({ key, kind }) => kind === event.kind && key !== event.key && !this.decided.has(key));
    const decided = decideEvent({
      event,
      more,
      state: this.state,
      loaded: this.#tools.loaded,
      own: this.#own,
      operationsBefore: this.#nextN(),
      bindings: this.#tools.bindings,
      now: this.#tools.now,
    });
    this.state = decided.state;
    this.#parts.decisions.push(...decided.decisions);
    this.#parts.messages.push(...decided.messages);
    // Numbered by time and place in the step: an event that is decided again books further entries beside its earlier ones.
    for (const entry of decided.entries) this.#parts.entries.push({ ...entry, n: this.#tools.now * 1000 + this.#parts.entries.length });
    this.#parts.documents.push(...decided.documents);
    this.#parts.crosswalk.push(...decided.crosswalk);
    for (const fact of decided.facts) this.#own.set(fact.key, fact);
    for (const key of decided.dropFacts) this.#own.set(key, null);
    for (const expectation of decided.setExpectations) {
      this.#expect.set(expectation.key, expectation);
      this.#met.delete(expectation.key);
    }
    for (const key of decided.clearExpectations) {
      this.#expect.delete(key);
      this.#met.add(key);
    }
    for (const operation of decided.operations) {
      if (this.operations.has(operation.key) || this.#inserted.has(operation.key)) continue;
      this.#inserted.set(operation.key, operation);
      this.operations.set(operation.key, operation);
    }
    return decided;
  }

  #nextN(): number {
    let n = 0;
    for (const operation of this.operations.values()) n = Math.max(n, operation.n + 1);
    return n;
  }

  #settle(key: string, state: EventState, reason: string): void {
    const at = this.step.settle.findIndex((other) => other.key === key);
    if (at >= 0) this.step.settle[at] = { key, state, reason };
    else this.step.settle.push({ key, state, reason });
    this.#settled.set(key, state);
  }

  /** Events whose operations are all finished are applied. */
  #settleFinished(): void {
    const open = new Set([...this.operations.values()].map(({ eventKey }) => eventKey));
    for (const [key, change] of this.#updated) {
      if (!operationStates[change.state].terminal) continue;
      const operation = this.lane.operations.get(key) ?? this.#inserted.get(key);
      if (
        !operation ||
        open.has(operation.eventKey) ||
        this.#settled.get(operation.eventKey) === 'held' ||
        this.lane.held.some((event) => event.key === operation.eventKey)
      )
        continue;
      const state = change.state === 'cancelled' ? 'cancelled' : 'applied';
      const appended = this.step.append.findIndex(({ event }) => event.key === operation.eventKey);
      if (appended >= 0) this.step.append[appended] = { ...this.step.append[appended]!, state };
      else this.#settle(operation.eventKey, state, state === 'applied' ? 'all documents are in the target' : 'cancelled by a person');
    }
  }

  #intervene(act: Intervention): void {
    const { now, leaf } = this.#tools;
    const answer = (problem?: string): void => {
      this.answers.push(() => act.done(problem === undefined ? { ok: true } : { ok: false, problem }));
    };
    const operation = act.operation === undefined ? undefined : this.operations.get(act.operation);
    if (act.operation !== undefined && !operation) return answer(`operation ${act.operation} is not open in lane ${this.lane.lane}`);
    if (operation && this.lane.sending.has(operation.key))
      return answer(`operation ${operation.key} is being sent at this moment; try again when it has answered`);
    this.#parts.leaves.push(
      leaf({
        actor: act.actor,
        kind: 'human',
        subject: act.operation ?? act.event ?? this.lane.lane,
        body: { act: act.kind, reason: act.reason, draft: act.draft ?? null, receipt: (act.receipt ?? null) as unknown as Json, at: now },
      }),
    );
    if (act.kind === 'decideAgain') {
      const event = this.lane.held.find(({ key }) => key === act.event);
      if (!event) return answer(`event ${act.event ?? ''} is not held`);
      if (event.kind.endsWith('.unreadable')) this.lane.recheckHeld = true;
      this.#decide(event);
      return answer();
    }
    if (act.kind === 'cancel' && act.event !== undefined) {
      if (!this.lane.held.some(({ key }) => key === act.event)) return answer(`event ${act.event} is not held`);
      this.#settle(act.event, 'cancelled', `cancelled by ${act.actor}: ${act.reason}`);
      this.lane.recheckHeld = false;
      return answer();
    }
    if (!operation) return answer('name an operation or an event');
    if (act.kind === 'found' && act.receipt) {
      const receipt = { ...act.receipt, recordedBy: act.actor } as unknown as JsonObject;
      this.change(operation.key, { state: 'applied', receipt, fault: null, settledAt: now });
      this.#outcome(operation, 'applied', receipt, null);
    } else if (act.kind === 'cancel') {
      this.change(operation.key, { state: 'cancelled', settledAt: now, fault: { ...operation.fault, cancelledBy: act.actor, reason: act.reason } });
      this.#outcome(operation, 'cancelled', null, { reason: act.reason, actor: act.actor });
    } else if (act.kind === 'edit' && act.draft) {
      const problem = this.#render({ ...operation, draft: act.draft }, act.draft);
      if (problem !== undefined) return answer(problem);
    } else if (operation.fault?.['prepared'] === false) {
      const problem = this.#render(operation, undefined);
      if (problem !== undefined) return answer(problem);
    } else this.change(operation.key, { state: operation.class === 'L' && operation.fault?.['kind'] === 'uncertain' ? 'unknown' : 'ready', dueAt: now });
    answer();
  }

  #renderAgain(operation: OperationRow): void {
    const problem = this.#render(operation, undefined);
    if (problem !== undefined)
      this.change(operation.key, { dueAt: this.#tools.now + renderAgainMs, fault: { ...operation.fault, message: problem, prepared: false } });
  }

  /** Renders a draft anew; undefined when it is ready to go. */
  #render(operation: OperationRow, draft: JsonObject | undefined): string | undefined {
    const { bindings, loaded, now } = this.#tools;
    const payload = operation.payload as JsonObject;
    const targetOf = payload['targetOf'] as { kind: string; hubId: string } | undefined;
    const wanted: OperationDraft = {
      intent: operation.key,
      to: operation.connection,
      record: operation.record,
      verb: operation.verb as OperationDraft['verb'],
      draft: operation.draft as JsonObject,
      reason: operation.reason,
      ...(typeof payload['target'] === 'string' ? { target: payload['target'] } : {}),
      ...(targetOf ? { targetOf } : {}),
    };
    const facts = new ReadFacts(loaded, this.#own);
    const prepared = bindings.prepare(wanted, facts);
    for (const key of facts.used.keys()) this.#rendered.add(key);
    if (!prepared.ok) return prepared.fault.message;
    this.change(operation.key, {
      state: 'ready',
      dueAt: now,
      fault: null,
      payload: { ...payload, target: prepared.target, body: prepared.payload },
      ...(draft === undefined ? {} : { draft }),
    });
    return undefined;
  }
}

/** `workOrder` of `workOrder.snapshot`: a readable version takes the place of an unreadable one. */
const stem = (kind: string): string => kind.slice(0, kind.lastIndexOf('.'));
