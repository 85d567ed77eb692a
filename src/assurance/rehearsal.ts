import type { Json, JsonObject } from '#base/json';
import { canonicalJson } from '#base/json';
import { changeText, memberChanges } from '#base/member-changes';
import { moneyText } from '#base/money';
import type { Bindings } from '#engine/bindings';
import type { Decided } from '#engine/decide';
import { factKey, type Reason } from '#engine/flow';
import type { DecisionRow, EventRow, EventState, OperationRow } from '#store/port';
import { decideAgain, lanesOf, replayLane, unrecorded, type BindingsOf, type Replayed, type ReplayStore } from '#assurance/replay';

/** What a changed configuration would do otherwise, by kind. Each has a word for the summary. */
export const changeKinds = {
  sent: 'documents that would be sent and were not',
  notSent: 'documents that were sent and would not be',
  otherwise: 'documents that would have another content',
  held: 'events that would be held',
  released: 'events that were held and would not be',
  booked: 'events that would book or tell something else',
  explained: 'events that would only be explained otherwise',
  failed: 'events on which a flow would fail',
} as const;
export type ChangeKind = keyof typeof changeKinds;

/** One thing that would be different. */
export interface RehearsedChange {
  readonly kind: ChangeKind;
  readonly lane: string;
  readonly event: string;
  /** When it was decided. */
  readonly at: number;
  readonly site: string;
  /** The operation's key, where it is about one. */
  readonly operation?: string;
  readonly text: string;
  readonly minor?: number;
  readonly currency?: string;
  /** Facts that were not recorded, since nobody asked for them then: as they are today. */
  readonly todaysFacts: readonly string[];
}

export interface RehearsalReport {
  readonly decisions: number;
  /** Events that were decided again by both configurations. */
  readonly events: number;
  readonly changedEvents: number;
  readonly counts: Readonly<Record<ChangeKind, number>>;
  /** Money of documents, by kind of change and currency, in minor units. */
  readonly money: Readonly<Partial<Record<ChangeKind, Readonly<Record<string, number>>>>>;
  /** Events that could not be decided again, or not as they were recorded, with the reasons: what is said of them says less. */
  readonly notRehearsed: number;
  readonly why: readonly string[];
}

/** Most reasons for not rehearsing that are listed. */
const mostWhy = 50;

export interface RehearsalOptions {
  readonly store: ReplayStore;
  /** Bindings of the configurations that decided. */
  readonly bindingsOf: BindingsOf;
  /** The configuration to rehearse. */
  readonly wanted: Bindings;
  /** Only what was decided at or after this time is compared, in milliseconds; earlier events only build the state. */
  readonly since?: number;
  readonly lane?: string;
  changed(change: RehearsedChange): void;
  progress?(decisions: number, lanes: number): void;
}

/**
 * Decides every recorded event twice, by the configuration that decided it and by another, from the state and the facts of then, and tells what differs: all of
 * it and only that. It says what would be decided otherwise at each event. It does not play on what would have followed: a document that would not have
 * been sent also would not have been answered, and nobody recorded a world without it. Nothing is written, nothing sent.
 */
export async function rehearse(options: RehearsalOptions): Promise<RehearsalReport> {
  const tally = new Tally(options.changed);
  let [decisions, lanes] = [0, 0];
  for await (const lane of lanesOf(options.store, options.lane)) {
    lanes += 1;
    const compared = new LaneComparison(options, tally);
    for await (const one of replayLane(options.store, lane, options.bindingsOf)) {
      if ('why' in one) {
        tally.notRehearsed(one.decisions, `${lane}: ${one.why}`);
        continue;
      }
      decisions += one.decisions.length;
      if (one.differences.length > 0) tally.notRehearsed(1, `${lane}: ${one.event.key} is not decided as it was recorded: ${one.differences.join('; ')}`);
      await compared.event(one);
    }
    options.progress?.(decisions, lanes);
  }
  return { decisions, ...tally.report() };
}

class Tally {
  readonly #changed: (change: RehearsedChange) => void;
  readonly #counts = Object.fromEntries(Object.keys(changeKinds).map((kind) => [kind, 0])) as Record<ChangeKind, number>;
  readonly #money: Partial<Record<ChangeKind, Record<string, number>>> = {};
  readonly #why: string[] = [];
  #notRehearsed = 0;
  events = 0;
  changedEvents = 0;

  constructor(changed: (change: RehearsedChange) => void) {
    this.#changed = changed;
  }

  add(change: RehearsedChange): void {
    this.#counts[change.kind] += 1;
    if (change.minor !== undefined && change.currency !== undefined) {
      const sums = (this.#money[change.kind] ??= {});
      sums[change.currency] = (sums[change.currency] ?? 0) + change.minor;
    }
    this.#changed(change);
  }

  notRehearsed(count: number, why: string): void {
    this.#notRehearsed += count;
    if (this.#why.length < mostWhy) this.#why.push(why);
  }

  report(): Omit<RehearsalReport, 'decisions'> {
    return {
      events: this.events,
      changedEvents: this.changedEvents,
      counts: this.#counts,
      money: this.#money,
      notRehearsed: this.#notRehearsed,
      why: this.#why,
    };
  }
}

/** Compares the events of one lane. A document is told once, however many events would ask for it again. */
class LaneComparison {
  readonly #options: RehearsalOptions;
  readonly #tally: Tally;
  readonly #told = new Set<string>();
  /** States of flows that were not live then: nobody recorded what they would remember, so it is carried from event to event. */
  #carried: JsonObject = {};

  constructor(options: RehearsalOptions, tally: Tally) {
    this.#options = options;
    this.#tally = tally;
  }

  async event(one: Replayed): Promise<void> {
    const { since = Number.NEGATIVE_INFINITY, wanted } = this.#options;
    const own = Object.fromEntries(Object.entries(this.#carried).filter(([slot]) => !Object.hasOwn(one.before, slot)));
    const { event, at, facts } = one;
    const hadMore = one.decisions.some((row) => Object.hasOwn(row.facts as JsonObject, factKey.more));
    const after = await this.#decide({ event, state: { ...own, ...one.before }, facts, bindings: wanted, now: at, more: hadMore });
    if (!(after instanceof Error)) this.#carried = Object.fromEntries(Object.entries(after.state).filter(([slot]) => !Object.hasOwn(one.again.state, slot)));
    if (at < since) return;
    this.#tally.events += 1;
    const changes = after instanceof Error ? [failure(one, after)] : differences(one, after);
    const fresh = changes.filter(({ kind, operation, event: key }) => {
      const name = `${kind}|${operation ?? key}`;
      // A held event that is decided again and again is told once; everything else is told each time.
      if (operation === undefined && kind !== 'held' && kind !== 'released') return true;
      if (this.#told.has(name)) return false;
      this.#told.add(name);
      return true;
    });
    if (fresh.length > 0) this.#tally.changedEvents += 1;
    for (const change of fresh) this.#tally.add(change);
  }

  /** Decides with the wanted configuration; facts that were not asked for then are loaded as they are today. */
  async #decide(input: Parameters<typeof decideAgain>[0]): Promise<Decided | Error> {
    const facts = new Map(input.facts);
    // What was known of the record before it was read this time is overwritten by the event; the record of today would make the event look old.
    const ownKey = ownRecord(input.event);
    if (ownKey !== undefined && !facts.has(ownKey)) facts.set(ownKey, null);
    for (;;) {
      const asked: string[] = [];
      const decided = decideAgain({ ...input, facts }, (keys) => {
        asked.push(...keys);
        return new Map(keys.map((key) => [key, null]));
      });
      if (asked.length === 0) return decided;
      const found = await this.#options.store.facts(asked);
      for (const key of asked) facts.set(key, found.get(key) ?? null);
    }
  }
}

function ownRecord({ kind, data }: EventRow): string | undefined {
  const { hubId, connection } = data as { readonly hubId?: unknown; readonly connection?: unknown };
  return typeof hubId === 'string' && typeof connection === 'string' ? factKey.record(kind.slice(0, kind.lastIndexOf('.')), hubId, connection) : undefined;
}

const failure = ({ lane, event, at }: Replayed, error: Error): RehearsedChange => ({
  kind: 'failed',
  lane,
  event: event.key,
  at,
  site: event.site,
  text: `${event.kind} of ${event.source} ${event.object}: ${error.message}`,
  todaysFacts: [],
});

/** Everything in which two decisions of one event differ. */
function differences(one: Replayed, after: Decided): RehearsedChange[] {
  const { lane, event, at, again: before } = one;
  const recorded = new Map(before.decisions.map((row) => [row.flow, row]));
  const todaysFacts = [...new Set(after.decisions.flatMap((row) => unrecorded(recorded.get(row.flow), row)))].filter((key) => !one.facts.has(key));
  const head = { lane, event: event.key, at, site: event.site, todaysFacts };
  const changes: RehearsedChange[] = [];
  const [was, is] = [byKey(before.operations), byKey(after.operations)];
  for (const operation of after.operations) if (!was.has(operation.key)) changes.push({ ...head, ...documentOf('sent', operation, reasonOf(operation)) });
  for (const operation of before.operations) {
    const now = is.get(operation.key);
    if (!now) changes.push({ ...head, ...documentOf('notSent', operation, whyNot(operation, after)) });
    else {
      const texts = operationChanges(operation, now);
      if (texts.length > 0) changes.push({ ...head, ...documentOf('otherwise', now, texts.join('; '), (now.minor ?? 0) - (operation.minor ?? 0)) });
    }
  }
  const title = `${event.kind} of ${event.source} ${event.object}`;
  if (isHeld(after.verdict) && !isHeld(before.verdict)) changes.push({ ...head, kind: 'held', text: `${title} would be held: ${after.reason}` });
  if (!isHeld(after.verdict) && isHeld(before.verdict)) changes.push({ ...head, kind: 'released', text: `${title} would not be held: ${after.reason}` });
  const books = bookChanges(before, after);
  if (books.length > 0) changes.push({ ...head, kind: 'booked', text: `${title}: ${books.join('; ')}` });
  if (changes.length === 0) {
    const words = reasonChanges(before.decisions, after.decisions);
    if (words.length > 0) changes.push({ ...head, kind: 'explained', text: `${title}: ${words.join('; ')}` });
  }
  return changes;
}

const byKey = (operations: readonly OperationRow[]): ReadonlyMap<string, OperationRow> => new Map(operations.map((operation) => [operation.key, operation]));
const isHeld = (verdict: EventState): boolean => verdict === 'held';
const reasonOf = ({ reason, fault }: OperationRow): string => (fault ? `${reason}; it could not be written yet: ${String(fault['message'] ?? '')}` : reason);

function documentOf(
  kind: 'sent' | 'notSent' | 'otherwise',
  operation: OperationRow,
  text: string,
  minor = operation.minor,
): Pick<RehearsedChange, 'kind' | 'text' | 'operation' | 'minor' | 'currency'> {
  const { connection, record, verb, currency } = operation;
  const amount = minor !== null && currency !== null && minor !== 0 ? ` (${moneyText({ minor, currency })})` : '';
  return {
    kind,
    operation: operation.key,
    text: `${verb} ${record} at ${connection}${amount}: ${text}`,
    ...(minor === null || currency === null || minor === 0 ? {} : { minor, currency }),
  };
}

/** The reasons that the wanted configuration gives where the recorded one sent something. */
function whyNot({ flow }: OperationRow, after: Decided): string {
  const row = after.decisions.find((decision) => decision.flow === flow);
  if (!row) return `the flow ${flow} would be off`;
  if (row.verdict === 'shadow') return `the flow ${flow} would only say what it would do (shadow)`;
  return (
    reasons(row)
      .filter(({ did }) => did !== 'did')
      .map(({ text }) => text)
      .join('; ') || after.reason
  );
}

const reasons = ({ reasons: rows }: DecisionRow): readonly Reason[] => rows as unknown as readonly Reason[];

function operationChanges(before: OperationRow, after: OperationRow): string[] {
  const texts: string[] = [];
  const members = ['connection', 'record', 'verb', 'minor', 'currency', 'chain', 'urgency', 'class'] as const;
  for (const member of members) if (before[member] !== after[member]) texts.push(`${member}: ${String(before[member])} -> ${String(after[member])}`);
  texts.push(...memberChanges(before.draft, after.draft).map(changeText));
  const body = ({ payload }: OperationRow): Json => (payload as JsonObject)['body'] ?? null;
  // What both drafts say is told in the hub's words; the payload is told where only the mapping made the difference.
  if (texts.length === 0 && before.payloadHash !== after.payloadHash) {
    const rendered = memberChanges(body(before), body(after)).map(changeText);
    texts.push(...(rendered.length > 0 ? rendered : memberChanges(before.payload, after.payload).map(changeText)));
  }
  if ((before.fault === null) !== (after.fault === null))
    texts.push(after.fault ? `it could not be written: ${String(after.fault['message'] ?? '')}` : 'it could be written, which it could not');
  return texts;
}

/** Bookings, messages to other lanes, documents, expectations and facts that differ, in words. */
function bookChanges(before: Decided, after: Decided): string[] {
  const texts: string[] = [];
  const compare = (what: string, a: readonly unknown[], b: readonly unknown[], name: (item: unknown) => string): void => {
    const [left, right] = [a.map((item) => canonicalJson(item)), b.map((item) => canonicalJson(item))];
    for (const [index, text] of right.entries()) if (!left.includes(text)) texts.push(`would ${what} ${name(b[index])}`);
    for (const [index, text] of left.entries()) if (!right.includes(text)) texts.push(`would not ${what} ${name(a[index])}`);
  };
  compare(
    'book',
    before.entries,
    after.entries,
    (item) => entryText(item as Decided['entries'][number]), // Items come back as they went in.
  );
  compare(
    'tell',
    before.messages.map(({ event }) => ({ lane: event.lane, kind: event.kind, data: event.data })),
    after.messages.map(({ event }) => ({ lane: event.lane, kind: event.kind, data: event.data })),
    (item) => `${(item as { kind: string }).kind} to ${(item as { lane: string }).lane}`,
  );
  compare('expect', before.setExpectations, after.setExpectations, (item) => (item as { what: string }).what);
  return texts;
}

const entryText = ({ debit, credit, minor, currency, text }: Decided['entries'][number]): string =>
  `${moneyText({ minor, currency })} from ${credit} to ${debit} (${text})`;

function reasonChanges(before: readonly DecisionRow[], after: readonly DecisionRow[]): string[] {
  const all = (rows: readonly DecisionRow[]): string[] => rows.flatMap((row) => reasons(row).map(({ text }) => `${row.flow}: ${text}`));
  const [left, right] = [all(before), all(after)];
  return [...right.filter((text) => !left.includes(text)), ...left.filter((text) => !right.includes(text)).map((text) => `no longer "${text}"`)];
}
