import { canonicalJson, type Json, type JsonObject } from '#base/json';
import { factKey, type FlowInput, type OutcomeData, type Sides } from '#engine/flow';
import { decideFields, type FieldRule, type Side } from '#mapping/ownership';
import type { RecordKind } from '#model/records';

/** What a lane of master data remembers. */
export interface MasterState {
  /** What both sides last agreed on, by field. */
  agreed: { [field: string]: Json } | null;
  /** Connections in which a create was asked for. */
  created: string[];
  /** Values that were sent and not read back yet, by connection. */
  told: { [connection: string]: { [field: string]: Json } };
  /** Counter of updates: makes intents unique for ever. */
  n: number;
}

export const noMasterState: MasterState = { agreed: null, created: [], told: {}, n: 0 };

/** State of a record that several maintenance systems may hold: one part per maintenance connection. */
export interface MastersState {
  by: { [maintenance: string]: MasterState };
}

/** The pairs of sides that an event of master data concerns: the one of its source, or all that the finance system serves. */
export function pairsOf({ event, sides, everywhere }: Pick<FlowInput<JsonObject, unknown>, 'event' | 'sides' | 'everywhere'>): readonly Sides[] {
  if (event.site !== '') return [sides];
  const found = everywhere.filter(({ maintenance, finance }) => maintenance === event.source || finance === event.source);
  return found.length > 0 ? found : [sides];
}

/** Keeps a record in step with every maintenance system it concerns. */
export function keepInStepEverywhere(rules: MasterRules, state: MastersState, input: Input & Pick<FlowInput<JsonObject, unknown>, 'everywhere'>): void {
  const pairs = pairsOf(input);
  for (const sides of pairs) {
    const own = (state.by[sides.maintenance] ??= structuredClone(noMasterState));
    // Where several maintenance systems share one finance system, a record without a site is created in none of them: nothing says where it belongs.
    keepInStep(pairs.length > 1 ? { ...rules, createdBy: 'nobody' } : rules, own, { ...input, sides });
  }
}

/** Who may bring records of a kind into being, and who owns which field. */
export interface MasterRules {
  readonly kind: RecordKind;
  readonly createdBy: Side | 'nobody';
  readonly fields: readonly FieldRule[];
  /** Members that a new record on the other side gets, beyond the fields. */
  readonly onCreate?: readonly string[];
}

type Input = Pick<FlowInput<JsonObject, unknown>, 'event' | 'facts' | 'plan' | 'sides' | 'more'>;

/** Texts that a system shortened are the same text. Shorter ones than this are compared whole. */
const shortenedFrom = 18;

/**
 * Keeps one record in step between both sides: creates it where it is missing and the rules say so, carries each field from its owner to the
 * other side, and explains what it overwrote. Level-triggered: it compares what both sides say now.
 */
export function keepInStep(rules: MasterRules, state: MasterState, { event, facts, plan, sides, more }: Input): void {
  const hubId = event.lane.slice(event.lane.indexOf('/') + 1);
  const { kind } = rules;
  const keys = { maintenance: factKey.record(kind, hubId, sides.maintenance), finance: factKey.record(kind, hubId, sides.finance) };
  facts.want([keys.maintenance, keys.finance]);
  const maintenance = facts.get(keys.maintenance);
  const finance = facts.get(keys.finance);
  delete state.told[event.source];
  if (maintenance && finance) return compare(rules, state, { maintenance, finance }, { hubId, plan, sides, event });
  const present: Side | undefined = finance ? 'finance' : maintenance ? 'maintenance' : undefined;
  if (!present) return plan.note(`${kind} ${hubId} is in neither system any more`);
  if (more) return plan.note(`${kind} ${hubId}: decided with the news that follow`);
  createOther(rules, state, (finance ?? maintenance)!, present, { hubId, plan, sides, event, facts });
}

/** Fact that a connection's records of a kind were all read at least once. */
export const readingKey = (kind: string, connection: string): string => factKey.record('reading', kind, connection);

interface Place extends Pick<Input, 'plan' | 'sides' | 'event'> {
  readonly hubId: string;
}

function createOther(rules: MasterRules, state: MasterState, record: JsonObject, present: Side, { hubId, plan, sides, facts }: Place & Pick<Input, 'facts'>): void {
  const { kind } = rules;
  const missing: Side = present === 'finance' ? 'maintenance' : 'finance';
  const to = sides[missing];
  const name = `${kind} ${String(record['code'] ?? hubId)}`;
  if (rules.createdBy !== present) return plan.didNot(`${name} is only in ${sides[present]}: ${rules.createdBy === 'nobody' ? 'records of this kind are not created' : `${sides[rules.createdBy]} creates this kind`}, so it is not created in ${to}`);
  if (state.created.includes(to)) return plan.didNot(`${name} was already sent to ${to} and has not been read back yet`);
  if (record['active'] === false || record['status'] === 'disposed') return plan.didNot(`${name} is inactive in ${sides[present]}: not created in ${to}`);
  // What was never listed may be there already: creating it would make a second one.
  if (!facts.get(readingKey(kind, to))) return plan.hold(`${name} is created in ${to} only after all records of this kind were read there once: it may be there already. Is ${kind} among the polls of ${to}?`, { owner: 'integration-engineer' });
  state.created.push(to);
  const members = [...new Set(['code', 'name', 'active', ...rules.fields.map(({ field }) => field), ...(rules.onCreate ?? [])])];
  const draft: { [member: string]: Json } = {};
  for (const member of members) if (record[member] !== undefined) draft[member] = record[member];
  state.told[to] = { ...draft };
  plan.send({ intent: `create/${to}`, to, record: kind, verb: 'create', draft, identity: { kind, hubId }, reason: `${name} "${String(record['name'] ?? '')}" is in ${sides[present]} and not in ${to}: it is created there` });
}

function compare(rules: MasterRules, state: MasterState, records: { maintenance: JsonObject; finance: JsonObject }, { hubId, plan, sides, event }: Place): void {
  const { kind } = rules;
  const aligned = { maintenance: sameTexts(records.maintenance, records.finance, rules, 'finance'), finance: sameTexts(records.finance, records.maintenance, rules, 'maintenance') };
  const decisions = decideFields({
    agreed: state.agreed ?? undefined,
    maintenance: { system: sides.maintenance, record: aligned.maintenance },
    finance: { system: sides.finance, record: aligned.finance },
    fields: rules.fields,
  });
  const writes: { [S in Side]: { [field: string]: Json } } = { maintenance: {}, finance: {} };
  const why: { [S in Side]: string[] } = { maintenance: [], finance: [] };
  const agreed: { [field: string]: Json } = {};
  for (const decision of decisions) {
    if (decision.value !== undefined) agreed[decision.field] = decision.value;
    for (const side of decision.write) {
      // A value that its owner does not have is not taken away from the other side.
      if (decision.value === undefined) continue;
      const told = state.told[sides[side]]?.[decision.field];
      if (told !== undefined && canonicalJson(told) === canonicalJson(decision.value)) continue;
      writes[side][decision.field] = decision.value;
      const before = decision.overwritten.find((over) => over.side === side);
      why[side].push(`${decision.field} ${JSON.stringify(decision.value)}${before?.value === undefined ? '' : ` in place of ${JSON.stringify(before.value)}`} (${decision.rule})`);
    }
    if (decision.proposal) plan.note(`${decision.proposal.system} changed ${decision.field} to ${JSON.stringify(decision.proposal.value ?? null)}, which ${decision.proposal.to} owns: kept as a proposal`);
  }
  state.agreed = agreed;
  let wrote = false;
  for (const side of ['maintenance', 'finance'] as const) {
    if (Object.keys(writes[side]).length === 0) continue;
    wrote = true;
    state.n += 1;
    state.told[sides[side]] = { ...state.told[sides[side]], ...writes[side] };
    plan.send({ intent: `update/${sides[side]}/${state.n}`, chain: `${kind}/${sides[side]}`, to: sides[side], record: kind, verb: 'update', targetOf: { kind, hubId }, draft: writes[side], reason: `${kind} ${String(records.finance['code'] ?? hubId)}: ${sides[side]} gets ${why[side].join(', ')}`, urgency: event.urgency });
  }
  if (!wrote) plan.didNot(`${kind} ${String(records.finance['code'] ?? hubId)}: both systems agree on ${rules.fields.map(({ field }) => field).join(', ')}`);
}

/** The record with those texts of the other side that it only shortened. */
function sameTexts(record: JsonObject, other: JsonObject, rules: MasterRules, otherSide: Side): JsonObject {
  const changed: { [member: string]: Json } = {};
  for (const { field, owner } of rules.fields) {
    const [mine, theirs] = [record[field], other[field]];
    if (owner === otherSide && typeof mine === 'string' && typeof theirs === 'string' && mine !== theirs && mine.length >= shortenedFrom && theirs.startsWith(mine.trimEnd())) changed[field] = theirs;
  }
  return Object.keys(changed).length === 0 ? record : { ...record, ...changed };
}

/** The same for a record with a part per maintenance connection. */
export function mastersOutcome(state: MastersState, input: Pick<Input, 'event' | 'plan' | 'sides'>): void {
  const { connection } = input.event.data as unknown as OutcomeData;
  masterOutcome((state.by[connection] ??= structuredClone(noMasterState)), input);
}

/** What an outcome means for master data: a refused create may be asked for again once it is corrected; the rest is history. */
export function masterOutcome(state: MasterState, { event, plan }: Pick<Input, 'event' | 'plan'>): void {
  const data = event.data as unknown as OutcomeData;
  if (data.outcome === 'cancelled' && data.verb === 'create') state.created = state.created.filter((connection) => connection !== data.connection);
  if (data.outcome === 'cancelled') delete state.told[data.connection];
  plan.note(`${data.verb} ${data.record} in ${data.connection}: ${data.outcome}${data.outcome === 'applied' ? ` as ${String(data.receipt?.['id'] ?? '')}` : ''}`);
}
