import { operationReference } from '#base/id';
import { hashOf, type Json, type JsonObject } from '#base/json';
import type { Bindings } from '#engine/bindings';
import { ReadFacts, type LoadedFacts } from '#engine/facts';
import { factKey, Plan, type Flow, type FlowEvent, type OperationDraft, type OutcomeData, type Reason } from '#engine/flow';
import type { CrosswalkRow, DecisionRow, DocumentRow, EntryRow, EventState, ExpectationRow, Fact, NewEvent, OperationRow, OutboxRow } from '#store/port';

/** One event's decision by all flows that take part, ready to be committed. Pure: the same arguments give the same result, byte for byte. */
export interface Decided {
  readonly state: JsonObject;
  readonly verdict: EventState;
  readonly reason: string;
  readonly decisions: readonly DecisionRow[];
  readonly operations: readonly OperationRow[];
  readonly messages: readonly OutboxRow[];
  readonly entries: readonly EntryRow[];
  readonly documents: readonly DocumentRow[];
  readonly facts: readonly Fact[];
  readonly dropFacts: readonly string[];
  readonly crosswalk: readonly CrosswalkRow[];
  readonly setExpectations: readonly ExpectationRow[];
  readonly clearExpectations: readonly string[];
}

export interface DecideInput {
  readonly event: NewEvent & { readonly receivedAt: number };
  readonly state: JsonObject;
  readonly loaded: LoadedFacts;
  /** Facts written earlier in the same step. */
  readonly own: ReadonlyMap<string, Fact | null>;
  /** Number of operations the lane had so far in this step: orders new ones. */
  readonly operationsBefore: number;
  readonly bindings: Bindings;
  readonly now: number;
  /** Whether further events of this kind wait behind it. */
  readonly more?: boolean;
}

/** How often an operation that could not be rendered is tried again when no fact wakes it, in milliseconds. */
export const renderAgainMs = 60_000;

/** Throws FactsMissing where a fact must be loaded first. */
export function decideEvent(input: DecideInput): Decided {
  const { event, bindings, now } = input;
  const facts = new ReadFacts(input.loaded, input.own);
  const out = new DecidedParts(input);
  if (event.kind.endsWith('.unreadable')) return out.done(input.state, 'held', String((event.data as JsonObject)['problem'] ?? 'the record cannot be read'));
  const seen = rememberSnapshot(event, facts, out, now);
  if (seen === 'older') return out.done(input.state, 'superseded', 'a newer version was already seen');
  rememberIdentities(event, facts, out, now);

  let state = input.state;
  const verdicts: Reason[] = [];
  let changed = seen === 'new';
  for (const flow of bindings.flows) {
    if (!takesPart(flow, event)) continue;
    const mode = bindings.mode(flow.name, event.site);
    if (mode === 'off') {
      verdicts.push({ did: 'noted', text: `${flow.title} is off at site ${event.site || 'unknown'}` });
      continue;
    }
    const slot = mode === 'shadow' ? `${flow.name}@shadow` : flow.name;
    const used = new ReadFacts(input.loaded, out.overlay());
    const plan = new Plan();
    const before = state[slot] ?? flow.initial;
    // One text serves as copy, as comparison and as part of the decision's hash: states of orders with hundreds of receipts are long.
    const text = JSON.stringify(before);
    const after = JSON.parse(text) as Json;
    flow.decide({
      event: event as FlowEvent,
      state: after,
      facts: used,
      policy: bindings.policy(flow.name, event.site),
      sides: bindings.sides(event.site),
      everywhere: bindings.everywhere,
      more: input.more ?? false,
      plan,
    });
    if (mode === 'live') out.keep(flow, plan, used);
    const newText = JSON.stringify(after);
    if (newText !== text) {
      state = { ...state, [slot]: after };
      changed = true;
    }
    out.decide(flow, mode, plan, used, newText);
    verdicts.push(...plan.reasons);
  }
  return out.done(state, ...verdict(verdicts, out, changed));
}

function takesPart(flow: Flow, event: NewEvent): boolean {
  if (!flow.handles.includes(event.kind)) return false;
  return event.kind !== 'operation.outcome' || (event.data as JsonObject)['flow'] === flow.name;
}

function verdict(reasons: readonly Reason[], out: DecidedParts, changed: boolean): [EventState, string] {
  const held = reasons.filter(({ did }) => did === 'held');
  if (held.length > 0) return ['held', held.map(({ text }) => text).join('; ')];
  if (out.operations.length > 0)
    return [
      'waiting',
      reasons
        .filter(({ did }) => did === 'did')
        .map(({ text }) => text)
        .join('; '),
    ];
  const refused = reasons.filter(({ did }) => did === 'refused');
  if (refused.length > 0) return ['refused', refused.map(({ text, owner }) => `${text} (owner: ${owner ?? 'data-steward'})`).join('; ')];
  const text = reasons.map((reason) => reason.text).join('; ');
  return changed || out.messages.length > 0 || out.entries.length > 0 ? ['applied', text] : ['noChange', text || 'nothing to do'];
}

/** Keeps the record of a snapshot as a fact. Answers whether it is new, or older than what is known. */
function rememberSnapshot(event: DecideInput['event'], facts: ReadFacts, out: DecidedParts, now: number): 'new' | 'older' | 'none' {
  const dot = event.kind.lastIndexOf('.');
  const what = event.kind.slice(dot + 1);
  if (what !== 'snapshot' && what !== 'removed') return 'none';
  const data = event.data as { record?: JsonObject; hubId: string; connection: string };
  const key = factKey.record(event.kind.slice(0, dot), data.hubId, data.connection);
  if (what === 'removed') {
    out.drop(key);
    return 'new';
  }
  const known = facts.get(key);
  const record = data.record ?? {};
  if (typeof known?.['changedAt'] === 'string' && typeof record['changedAt'] === 'string' && record['changedAt'] < known['changedAt']) return 'older';
  out.fact({ key, version: event.version, data: record, at: now });
  return 'new';
}

/** What an event says of identities is written in the same step: a number that a create was given, one recognised at intake, one that a person fixed. */
function rememberIdentities(event: DecideInput['event'], facts: ReadFacts, out: DecidedParts, now: number): void {
  const data = event.data as JsonObject;
  if (event.kind === 'operation.outcome') {
    const { outcome, identity, receipt, connection, operation } = data as unknown as OutcomeData & { identity?: { kind: string; hubId: string } };
    if (outcome === 'applied' && identity && typeof receipt?.['id'] === 'string')
      out.identify({ ...identity, system: connection, externalId: receipt['id'], change: 'created', reason: `created by ${operation}` }, facts, now);
    return;
  }
  const known = data['identities'];
  if (!Array.isArray(known)) return;
  const kind = event.kind.slice(0, event.kind.lastIndexOf('.'));
  for (const { system, externalId } of known as readonly { system: string; externalId: string }[])
    out.identify(
      { kind, hubId: data['hubId'] as string, system, externalId, change: 'created', reason: `recognised when ${event.source} was read` },
      facts,
      now,
    );
}

/** Collects what the flows of one event want, in rows. */
class DecidedParts {
  readonly #input: DecideInput;
  readonly operations: OperationRow[] = [];
  readonly messages: OutboxRow[] = [];
  readonly entries: EntryRow[] = [];
  readonly #decisions: DecisionRow[] = [];
  readonly #documents: DocumentRow[] = [];
  readonly #facts = new Map<string, Fact | null>();
  readonly #crosswalk: CrosswalkRow[] = [];
  readonly #expectations: ExpectationRow[] = [];
  readonly #met: string[] = [];

  constructor(input: DecideInput) {
    this.#input = input;
  }

  overlay(): ReadonlyMap<string, Fact | null> {
    return this.#facts.size === 0 ? this.#input.own : new Map([...this.#input.own, ...this.#facts]);
  }

  fact(fact: Fact): void {
    this.#facts.set(fact.key, fact);
  }

  drop(key: string): void {
    this.#facts.set(key, null);
  }

  identify(identity: Omit<CrosswalkRow, 'from' | 'to'>, facts: ReadFacts, now: number): void {
    this.#crosswalk.push({ ...identity, from: now, to: null });
    const key = factKey.identity(identity.kind, identity.hubId);
    const known = this.#facts.get(key) ?? facts.fact(key);
    const data = { ...(known?.data as JsonObject | undefined), [identity.system]: identity.externalId };
    this.fact({ key, version: hashOf(data).slice(0, 16), data, at: now });
  }

  keep(flow: Flow, plan: Plan, facts: ReadFacts): void {
    const { event, now } = this.#input;
    for (const draft of plan.operations) this.operations.push(this.#operation(flow, draft, facts));
    for (const message of plan.messages) {
      const key = message.key;
      this.messages.push({
        id: `${message.lane}|${key}`,
        event: {
          lane: message.lane,
          kind: message.kind,
          key,
          source: 'hub',
          object: event.lane,
          version: event.version,
          urgency: message.urgency ?? event.urgency,
          thread: message.thread ?? event.thread,
          site: message.site ?? event.site,
          data: message.data,
          at: now,
        },
      });
    }
    for (const { amount, ...entry } of plan.entries)
      this.entries.push({ ...entry, eventKey: event.key, n: this.entries.length, minor: amount.minor, currency: amount.currency, at: now });
    for (const document of plan.documents) this.#documents.push({ ...document, thread: document.thread ?? event.thread, data: document.data ?? null, at: now });
    for (const { key, data } of plan.facts) this.fact({ key, version: hashOf(data).slice(0, 16), data, at: now });
    for (const key of plan.dropped) this.drop(key);
    for (const identity of plan.identities) this.identify(identity, facts, now);
    this.#expectations.push(...plan.expectations);
    this.#met.push(...plan.met);
  }

  #operation(flow: Flow, draft: OperationDraft, facts: ReadFacts): OperationRow {
    const { event, now, bindings } = this.#input;
    const key = `${event.lane}#${flow.name}#${draft.intent}`;
    const prepared = bindings.prepare(draft, facts);
    const payload: JsonObject = {
      target: prepared.ok ? prepared.target : (draft.target ?? null),
      ...(draft.seen === undefined ? {} : { seen: draft.seen }),
      ...(draft.identity === undefined ? {} : { identity: { ...draft.identity } }),
      ...(draft.targetOf === undefined ? {} : { targetOf: { ...draft.targetOf } }),
      body: prepared.ok ? prepared.payload : null,
    };
    return {
      key,
      lane: event.lane,
      chain: draft.chain ?? `${flow.name}/${draft.intent}`,
      n: this.#input.operationsBefore + this.operations.length,
      eventKey: event.key,
      flow: flow.name,
      connection: draft.to,
      record: draft.record,
      verb: draft.verb,
      class: prepared.class,
      reference: operationReference(key),
      urgency: draft.urgency ?? event.urgency,
      thread: event.thread,
      site: event.site,
      draft: draft.draft,
      payload,
      payloadHash: hashOf(payload),
      minor: draft.money?.minor ?? null,
      currency: draft.money?.currency ?? null,
      reason: draft.reason,
      state: prepared.ok ? 'ready' : 'failed',
      attempts: 0,
      dueAt: prepared.ok ? now : now + renderAgainMs,
      receipt: null,
      fault: prepared.ok ? null : { ...prepared.fault, prepared: false },
      createdAt: now,
      settledAt: null,
    };
  }

  decide(flow: Flow, mode: string, plan: Plan, facts: ReadFacts, state: string): void {
    const { event, now, bindings } = this.#input;
    const reasons = plan.reasons as unknown as Json;
    const wants = {
      operations: plan.operations,
      entries: plan.entries,
      messages: plan.messages,
      documents: plan.documents,
      facts: plan.facts,
      dropped: plan.dropped,
      identities: plan.identities,
      expectations: plan.expectations,
      met: plan.met,
    };
    this.#decisions.push({
      eventKey: event.key,
      flow: flow.name,
      verdict: mode === 'shadow' ? 'shadow' : 'live',
      reasons: mode === 'shadow' ? ([{ did: 'noted', text: 'shadow: nothing was sent' }, ...(plan.reasons as unknown as Json[])] as Json) : reasons,
      // Whether more of the kind waited is no fact of the store, and still something that was used.
      facts: this.#input.more === true ? { ...facts.toJson(), [factKey.more]: { version: '1', data: {} } } : facts.toJson(),
      configuration: bindings.configuration,
      outputHash: hashOf({ wants, reasons, state, payloads: this.operations.map(({ payloadHash }) => payloadHash) }),
      at: now,
    });
  }

  done(state: JsonObject, verdict: EventState, reason: string): Decided {
    const facts: Fact[] = [];
    const dropFacts: string[] = [];
    for (const [key, fact] of this.#facts) {
      if (fact) facts.push(fact);
      else dropFacts.push(key);
    }
    return {
      state,
      verdict,
      reason: reason.slice(0, 2000),
      decisions: this.#decisions,
      operations: this.operations,
      messages: this.messages,
      entries: this.entries,
      documents: this.#documents,
      facts,
      dropFacts,
      crosswalk: this.#crosswalk,
      setExpectations: this.#expectations,
      clearExpectations: this.#met,
    };
  }
}
