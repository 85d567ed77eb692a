import { hashOf, type Json, type JsonObject } from '#base/json';
import {
  factKey,
  Plan,
  type Entry,
  type Facts,
  type Flow,
  type FlowEvent,
  type MessageDraft,
  type OperationDraft,
  type OutcomeData,
  type Reason,
  type Sides,
} from '#engine/flow';
import { records, type RecordKind, type RecordOf } from '#model/records';
import type * as z from 'zod';

/** An operation that a flow sent, and what became of it. */
export interface Sent {
  readonly lane: string;
  readonly flow: string;
  readonly operation: OperationDraft;
  outcome: 'open' | 'applied' | 'failed' | 'cancelled';
}

export interface FlowDriverOptions {
  readonly flows: readonly { readonly flow: Flow; readonly policy?: JsonObject }[];
  readonly sides?: Sides;
  /** Every pair of the plant; default: `sides` alone. */
  readonly everywhere?: readonly Sides[];
  /** Time of the first event, in milliseconds; every event is a second later than the one before unless it says otherwise. */
  readonly start?: number;
}

/** What a test may say of an event; the rest has ordinary values. */
export type EventPart = Partial<FlowEvent> & Pick<FlowEvent, 'lane' | 'kind' | 'data'>;

/** Plays flows without an engine: states, facts, messages and operations in memory, one event at a time, in any order the test likes. */
export class FlowDriver {
  readonly facts = new Map<string, JsonObject>();
  readonly sent: Sent[] = [];
  readonly entries: Entry[] = [];
  readonly waiting: MessageDraft[] = [];
  readonly delivered: FlowEvent[] = [];
  readonly expectations = new Map<string, { lane: string; key: string; what: string; deadline: number; data: JsonObject }>();
  readonly documents: Plan['documents'] = [];
  readonly sides: Sides;
  readonly everywhere: readonly Sides[];
  now: number;
  readonly #flows: readonly { readonly flow: Flow; readonly policy: unknown }[];
  readonly #states = new Map<string, Json>();
  readonly #accepted = new Set<string>();
  readonly #intents = new Set<string>();

  constructor({ flows, sides, everywhere, start }: FlowDriverOptions) {
    this.#flows = flows.map(({ flow, policy }) => ({ flow, policy: flow.policy.parse(policy ?? {}) }));
    this.sides = sides ?? { maintenance: 'cmms', finance: 'erp' };
    this.everywhere = everywhere ?? [this.sides];
    this.now = start ?? Date.UTC(2026, 2, 2, 8);
  }

  /** A fact as a snapshot of a system would have left it. Parsed by the model's schema. */
  know<K extends RecordKind>(kind: K, hubId: string, connection: string, record: z.input<(typeof records)[K]>): void {
    this.facts.set(factKey.record(kind, hubId, connection), records[kind].parse(record) as unknown as JsonObject);
  }

  state(flow: string, lane: string): Json | undefined {
    return this.#states.get(`${lane}#${flow}`);
  }

  /** A snapshot as intake would hand it over. */
  snapshot<K extends RecordKind>(
    kind: K,
    lane: string,
    record: z.input<(typeof records)[K]>,
    part: Partial<FlowEvent> & { connection?: string } = {},
  ): Reason[] {
    const parsed = records[kind].parse(record) as unknown as JsonObject & RecordOf<K>;
    const { connection = kind === 'workOrder' ? this.sides.maintenance : this.sides.finance, ...rest } = part;
    const hubId = lane.slice(lane.indexOf('/') + 1);
    this.facts.set(factKey.record(kind, hubId, connection), parsed);
    return this.give({
      lane,
      kind: `${kind}.snapshot`,
      source: connection,
      object: hubId,
      version: hashOf(parsed).slice(0, 12),
      data: { record: parsed, connection, hubId },
      ...rest,
    });
  }

  /** Gives one event to every flow that handles its kind; an event whose key was given before is a duplicate and changes nothing. */
  give(part: EventPart, again = false): Reason[] {
    this.now += 1000;
    const event: FlowEvent = {
      key: `${part.kind}/${part.object ?? ''}/${part.version ?? ''}/${hashOf(part.data).slice(0, 12)}`,
      source: 'hub',
      object: part.lane,
      version: '1',
      thread: part.lane,
      site: 'S1',
      urgency: 0,
      at: this.now,
      receivedAt: this.now,
      ...part,
    };
    const id = `${event.lane}|${event.key}`;
    if (this.#accepted.has(id) && !again) return [];
    this.#accepted.add(id);
    this.delivered.push(event);
    return this.#decide(event);
  }

  #decide(event: FlowEvent): Reason[] {
    const reasons: Reason[] = [];
    for (const { flow, policy } of this.#flows) {
      if (!flow.handles.includes(event.kind)) continue;
      if (event.kind === 'operation.outcome' && event.data['flow'] !== flow.name) continue;
      const slot = `${event.lane}#${flow.name}`;
      const state = structuredClone(this.#states.get(slot) ?? flow.initial) as Json;
      const plan = new Plan();
      const facts: Facts = { want: () => undefined, get: (key) => this.facts.get(key) };
      flow.decide({ event, state, facts, policy, sides: this.sides, everywhere: this.everywhere, plan });
      this.#states.set(slot, JSON.parse(JSON.stringify(state)) as Json);
      this.#keep(event, flow.name, plan);
      reasons.push(...plan.reasons);
    }
    return reasons;
  }

  #keep(event: FlowEvent, flow: string, plan: Plan): void {
    for (const operation of plan.operations) {
      const key = `${event.lane}#${flow}#${operation.intent}`;
      if (this.#intents.has(key)) throw new Error(`the intent ${key} was used twice`);
      this.#intents.add(key);
      this.sent.push({ lane: event.lane, flow, operation, outcome: 'open' });
    }
    this.entries.push(...plan.entries);
    this.documents.push(...plan.documents);
    this.waiting.push(
      ...plan.messages.map((message) => ({
        ...message,
        thread: message.thread ?? event.thread,
        site: message.site ?? event.site,
        urgency: message.urgency ?? event.urgency,
        from: event.lane,
      })),
    );
    for (const { key, data } of plan.facts) this.facts.set(key, JSON.parse(JSON.stringify(data)) as JsonObject);
    for (const key of plan.dropped) this.facts.delete(key);
    for (const expectation of plan.expectations) this.expectations.set(`${event.lane}|${expectation.key}`, { lane: event.lane, ...expectation });
    for (const key of plan.met) this.expectations.delete(`${event.lane}|${key}`);
  }

  /** Delivers one waiting message, by default the oldest; answers the reasons it led to. */
  deliver(index = 0, keep = false): Reason[] {
    const message = this.waiting[index];
    if (!message) return [];
    if (!keep) this.waiting.splice(index, 1);
    const { lane, kind, key, data, thread = lane, site = 'S1', urgency = 0 } = message;
    const from = (message as MessageDraft & { from?: string }).from ?? lane;
    return this.give({ lane, kind, key, data: JSON.parse(JSON.stringify(data)) as JsonObject, thread, site, urgency, object: from });
  }

  /** Delivers messages, also those that deliveries lead to, until none waits. `pick` chooses which of `n` goes next. */
  settle(pick: (n: number) => number = () => 0): Reason[] {
    const reasons: Reason[] = [];
    for (let limit = 10_000; this.waiting.length > 0 && limit > 0; limit--) reasons.push(...this.deliver(pick(this.waiting.length)));
    return reasons;
  }

  /** The target's answer to an operation, found by its lane and intent, or the first that is open. */
  answer(
    which: { intent?: string; lane?: string } = {},
    outcome: OutcomeData['outcome'] = 'applied',
    receipt: JsonObject | null = null,
    part: Partial<FlowEvent> = {},
  ): Reason[] {
    const sent = this.sent.find(
      (one) =>
        (one.outcome === 'open' || one.outcome === 'failed') &&
        (which.intent === undefined || one.operation.intent === which.intent) &&
        (which.lane === undefined || one.lane === which.lane),
    );
    if (!sent)
      throw new Error(
        `no open operation ${JSON.stringify(which)}; open: ${this.open()
          .map(({ operation }) => operation.intent)
          .join(', ')}`,
      );
    return this.answerTo(sent, outcome, receipt, part);
  }

  answerTo(sent: Sent, outcome: OutcomeData['outcome'], receipt: JsonObject | null = null, part: Partial<FlowEvent> = {}): Reason[] {
    const { lane, flow, operation } = sent;
    const key = `${lane}#${flow}#${operation.intent}`;
    const before = sent.outcome;
    sent.outcome = outcome;
    const data = JSON.parse(
      JSON.stringify({
        operation: key,
        flow,
        intent: operation.intent,
        connection: operation.to,
        record: operation.record,
        verb: operation.verb,
        outcome,
        draft: operation.draft,
        receipt: outcome === 'applied' ? receipt : null,
        fault: outcome === 'applied' ? null : { kind: 'rejected', message: 'no' },
      }),
    ) as JsonObject;
    return this.give({ lane, kind: 'operation.outcome', key: `${key}!${outcome}/${before}`, object: key, data, ...part });
  }

  /** The time of an expectation has come. */
  overdue(key: string): Reason[] {
    const found = [...this.expectations.entries()].find(([, expectation]) => expectation.key === key);
    if (!found) throw new Error(`nothing is expected under ${key}; open: ${[...this.expectations.keys()].join(', ')}`);
    const [id, { lane, what, deadline, data }] = found;
    this.expectations.delete(id);
    this.now = Math.max(this.now, deadline);
    return this.give({
      lane,
      kind: 'expectation.overdue',
      key: `overdue/${key}/${deadline}`,
      object: key,
      data: { expectation: key, what, deadline, ...data },
    });
  }

  open(): Sent[] {
    return this.sent.filter(({ outcome }) => outcome === 'open');
  }

  /** Balance of every account per work order, cost centre and currency, in minor units. */
  balances(): Map<string, Map<string, number>> {
    const books = new Map<string, Map<string, number>>();
    for (const { workOrder, costCentre, debit, credit, amount } of this.entries) {
      const key = `${workOrder}|${costCentre}|${amount.currency}`;
      const book = books.get(key) ?? new Map<string, number>();
      book.set(debit, (book.get(debit) ?? 0) + amount.minor);
      book.set(credit, (book.get(credit) ?? 0) - amount.minor);
      books.set(key, book);
    }
    return books;
  }
}
