import type { JsonObject } from '#base/json';
import type { Bindings } from '#engine/bindings';
import { decideEvent, type Decided } from '#engine/decide';
import { FactsMissing, LoadedFacts } from '#engine/facts';
import { factKey } from '#engine/flow';
import type { DecisionRow, EventRow, Fact, Store } from '#store/port';

/** What replay reads; nothing is ever written. */
export type ReplayStore = Pick<Store, 'read' | 'facts'>;

/** The bindings of a configuration by its version; undefined where that configuration is not known any more. */
export type BindingsOf = (configuration: string) => Promise<Bindings | undefined>;

/** Facts by key as they were then; null = looked for, not there. */
export type RecordedFacts = ReadonlyMap<string, Fact | null>;

/** One event as it was decided once: by which flows, from which state, with which facts. */
export interface Recorded {
  readonly lane: string;
  readonly event: EventRow;
  readonly decisions: readonly DecisionRow[];
  readonly at: number;
  readonly configuration: string;
}

/** The same event decided again from the same state, with the same facts, by the same configuration. */
export interface Replayed extends Recorded {
  readonly before: JsonObject;
  readonly again: Decided;
  readonly facts: RecordedFacts;
  readonly bindings: Bindings;
  /** Why the decision is not the recorded one; empty where it is, byte for byte. */
  readonly differences: readonly string[];
}

/** Why decisions of a lane from some point on could not be replayed. */
export interface NotReplayed {
  readonly lane: string;
  readonly decisions: number;
  readonly why: string;
}

const page = { lanes: 500, decisions: 500, events: 500 } as const;
/** Most facts that one decision may turn out to want beyond those that were recorded. */
const mostRounds = 200;

/** All lanes by name, page by page. */
export async function* lanesOf(store: ReplayStore, only?: string): AsyncGenerator<string> {
  if (only !== undefined) return yield only;
  for (let after: string | undefined; ;) {
    const lanes = await store.read.listLanes({ limit: page.lanes, ...(after === undefined ? {} : { after }) });
    for (const { lane } of lanes) yield lane;
    after = lanes.at(-1)?.lane;
    if (lanes.length < page.lanes || after === undefined) return;
  }
}

/**
 * Decides a lane's events again, from its first on, in the order in which they were decided. The lane's state before each decision is nowhere stored:
 * it is what the decisions before it made of the empty state, which is what has to be shown. One page of events and decisions is in memory at a time, and the
 * events that are not decided for good.
 */
export async function* replayLane(store: ReplayStore, lane: string, bindingsOf: BindingsOf): AsyncGenerator<Replayed | NotReplayed> {
  const events = new LaneEvents(store, lane);
  let state: JsonObject = {};
  let stopped: string | undefined;
  let left = 0;
  for await (const group of groupsOf(store, lane)) {
    const [{ eventKey, configuration, at }] = group;
    if (stopped === undefined) {
      const event = await events.get(eventKey);
      const bindings = await bindingsOf(configuration);
      if (!event) stopped = `event ${eventKey}, which was decided, is not in the store`;
      else if (!bindings) stopped = `configuration ${configuration} is not kept in this data folder, and the plant folder is another`;
      else {
        const before: JsonObject = state;
        const facts = factsOf(group);
        const again = decideAgain({ event, state: before, facts, bindings, now: at, more: hadMore(group) }, (keys) => new Map(keys.map((key) => [key, null])));
        if (again instanceof Error) stopped = again.message;
        else {
          state = again.state;
          if (again.verdict !== 'held') events.forget(eventKey);
          yield { lane, event, decisions: group, at, configuration, before, again, facts, bindings, differences: differencesOf(group, again) };
        }
      }
    }
    if (stopped !== undefined) left += group.length;
  }
  if (stopped !== undefined) yield { lane, decisions: left, why: stopped };
}

/** Decisions of one event at one time, flow by flow. */
async function* groupsOf(store: ReplayStore, lane: string): AsyncGenerator<readonly [DecisionRow, ...DecisionRow[]]> {
  let group: [DecisionRow, ...DecisionRow[]] | undefined;
  for (let after = 0; ;) {
    const rows = await store.read.history({ lane, after, limit: page.decisions });
    for (const row of rows) {
      const [first] = group ?? [];
      const same = first && first.eventKey === row.eventKey && first.at === row.at && first.configuration === row.configuration;
      // An event that was decided twice at one time begins anew with the first flow.
      if (group && same && !group.some(({ flow }) => flow === row.flow)) group.push(row);
      else {
        if (group) yield group;
        group = [row];
      }
      after = row.ordinal;
    }
    if (rows.length < page.decisions) break;
  }
  if (group) yield group;
}

/** A lane's events by key, read on as they are asked for; what is decided for good is forgotten. */
class LaneEvents {
  readonly #store: ReplayStore;
  readonly #lane: string;
  readonly #known = new Map<string, EventRow>();
  #after = 0;
  #ended = false;

  constructor(store: ReplayStore, lane: string) {
    this.#store = store;
    this.#lane = lane;
  }

  async get(key: string): Promise<EventRow | undefined> {
    while (!this.#known.has(key) && !this.#ended) {
      const rows = await this.#store.read.listEvents({ lane: this.#lane, after: { lane: this.#lane, seq: this.#after }, limit: page.events });
      // A notice is looked at, not decided.
      for (const row of rows) if (row.kind !== 'notice') this.#known.set(row.key, row);
      this.#after = rows.at(-1)?.seq ?? this.#after;
      this.#ended = rows.length < page.events;
    }
    return this.#known.get(key);
  }

  forget(key: string): void {
    this.#known.delete(key);
  }
}

const hadMore = (group: readonly DecisionRow[]): boolean => group.some(({ facts }) => Object.hasOwn(facts as JsonObject, factKey.more));

/** The facts that a group of decisions used. Where a flow wrote one, the first value read is the one from before; later flows see what was written. */
function factsOf(group: readonly DecisionRow[]): RecordedFacts {
  const facts = new Map<string, Fact | null>();
  for (const { facts: used, at } of group)
    for (const [key, fact] of Object.entries(used as { readonly [key: string]: { readonly version: string; readonly data: JsonObject } | null }))
      if (!facts.has(key)) facts.set(key, fact === null ? null : { key, version: fact.version, data: fact.data, at });
  return facts;
}

export interface Again {
  readonly event: EventRow;
  readonly state: JsonObject;
  readonly facts: RecordedFacts;
  readonly bindings: Bindings;
  readonly now: number;
  readonly more: boolean;
}

/** Decides once more. Facts that nobody recorded come from `missing`, as far as it answers at once; an error of a flow is answered, not thrown. */
export function decideAgain(input: Again, missing: (keys: readonly string[]) => ReadonlyMap<string, Fact | null>): Decided | Error {
  const loaded = new LoadedFacts();
  for (const [key, fact] of input.facts) loaded.set(key, fact);
  for (let round = 0; round < mostRounds; round++) {
    try {
      return decideEvent({
        event: input.event,
        state: input.state,
        loaded,
        own: new Map(),
        operationsBefore: 0,
        bindings: input.bindings,
        now: input.now,
        more: input.more,
      });
    } catch (error) {
      if (!(error instanceof FactsMissing)) return error instanceof Error ? error : new Error(String(error));
      for (const [key, fact] of missing(error.keys)) loaded.set(key, fact);
    }
  }
  return new Error(`the decision still asks for facts after ${mostRounds} rounds`);
}

/** Whether what was decided again is what was recorded: the same flows, facts that were recorded, and equal hashes of everything that was wanted. */
function differencesOf(group: readonly DecisionRow[], again: Decided): string[] {
  const found: string[] = [];
  const flows = (rows: readonly DecisionRow[]): string => rows.map(({ flow, verdict }) => `${flow} (${verdict})`).join(', ') || 'none';
  if (flows(group) !== flows(again.decisions)) found.push(`decided by ${flows(again.decisions)} and not by ${flows(group)}`);
  for (const before of group) {
    const after = again.decisions.find(({ flow }) => flow === before.flow);
    if (!after) continue;
    const unknown = unrecorded(before, after);
    if (unknown.length > 0) found.push(`${before.flow} asks for facts that were not used then: ${unknown.slice(0, 5).join(', ')}`);
    if (after.outputHash !== before.outputHash)
      found.push(`${before.flow} decides otherwise: ${after.outputHash.slice(0, 16)} and not ${before.outputHash.slice(0, 16)}`);
  }
  return found;
}

/** Facts that a decision read now and had not read when it was recorded. */
export function unrecorded(before: Pick<DecisionRow, 'facts'> | undefined, after: Pick<DecisionRow, 'facts'>): string[] {
  return Object.keys(after.facts as JsonObject).filter((key) => !Object.hasOwn((before?.facts ?? {}) as JsonObject, key));
}

/** What a whole replay found. */
export interface ReplayReport {
  readonly lanes: number;
  readonly decisions: number;
  readonly identical: number;
  readonly different: number;
  readonly notReplayed: number;
  /** The first of each, up to `mostFindings`. */
  readonly findings: readonly { readonly lane: string; readonly event: string; readonly at: number; readonly text: string }[];
}

/** Most findings that a report lists; all are counted. */
export const mostFindings = 1000;

/** Decides everything again and says whether each decision is the recorded one, byte for byte (I15, delivery contract clause 7). */
export async function replay(
  store: ReplayStore,
  bindingsOf: BindingsOf,
  options: { readonly lane?: string; readonly progress?: (decisions: number, lanes: number) => void } = {},
): Promise<ReplayReport> {
  let [lanes, decisions, identical, different, notReplayed] = [0, 0, 0, 0, 0];
  const findings: ReplayReport['findings'][number][] = [];
  const find = (finding: ReplayReport['findings'][number]): void => {
    if (findings.length < mostFindings) findings.push(finding);
  };
  for await (const lane of lanesOf(store, options.lane)) {
    lanes += 1;
    for await (const one of replayLane(store, lane, bindingsOf)) {
      if ('why' in one) {
        notReplayed += one.decisions;
        find({ lane, event: '', at: 0, text: `${one.decisions} decisions could not be made again: ${one.why}` });
        continue;
      }
      decisions += one.decisions.length;
      if (one.differences.length === 0) identical += one.decisions.length;
      else different += one.decisions.length;
      for (const text of one.differences) find({ lane, event: one.event.key, at: one.at, text });
    }
    options.progress?.(decisions, lanes);
  }
  return { lanes, decisions: decisions + notReplayed, identical, different, notReplayed, findings };
}
