import { hashOf, type Json, type JsonObject } from '#base/json';
import { factKey, type FlowInput, type OutcomeData, type Overwrite, type Sides } from '#engine/flow';
import { asTold, isDeclined, isDue, isShortened, noteAnswer, noteReadBack, noteTold, type Telling } from '#flows/told';
import { decideFields, mayWrite, type FieldDecision, type FieldRule, type Side } from '#mapping/ownership';
import type { RecordKind } from '#model/records';

/** What a lane of master data remembers. */
export interface MasterState extends Telling {
  /** What a maintenance connection and finance last agreed on, by field. */
  agreed: { [maintenance: string]: { [field: string]: Json } };
  /** Creates by connection; `draft` is the hash of what was asked for. */
  created: { [connection: string]: { intent: string; state: 'open' | 'applied' | 'declined'; draft: string } };
  /** Connections that have, or once had, the record. */
  there: string[];
  /** Counter of operations: makes intents unique for ever. */
  n: number;
}

export const noMasterState = (): MasterState => ({ agreed: {}, created: {}, told: {}, kept: {}, there: [], n: 0 });

/** Who may bring records of a kind into being, and who owns which field. */
export interface MasterRules {
  readonly kind: RecordKind;
  readonly createdBy: Side | 'nobody';
  /** Why nobody creates them, where `nobody` has a reason of its own. */
  readonly whyNobody?: string;
  readonly fields: readonly FieldRule[];
  /** Members that a new record on the other side gets, beyond the fields. */
  readonly onCreate?: readonly string[];
}

type Input = Pick<FlowInput<JsonObject, unknown>, 'event' | 'facts' | 'plan' | 'sides' | 'everywhere' | 'more'>;

/** The hub id inside a lane name `kind/hubId`. */
export const hubIdIn = (lane: string): string => lane.slice(lane.indexOf('/') + 1);

/** Fact that a connection's records of a kind were all read at least once. */
export const readingKey = (kind: string, connection: string): string => factKey.record('reading', kind, connection);

/** The pairs of sides that an event of master data concerns: the one of its site, else all that its source serves. */
export function pairsOf({ event, sides, everywhere }: Pick<Input, 'event' | 'sides' | 'everywhere'>): readonly Sides[] {
  if (event.site !== '') return [sides];
  const found = everywhere.filter(({ maintenance, finance }) => event.source === 'hub' || maintenance === event.source || finance === event.source);
  return found.length > 0 ? found : [sides];
}

/**
 * Keeps one record in step between finance and every maintenance system it concerns: creates it where it is missing and the rules say so, carries
 * each field from its owner to the other side, and explains what it overwrote. Level-triggered: it compares what all sides say now.
 */
export function keepInStep(rules: MasterRules, state: MasterState, input: Input): void {
  const { event, facts, plan } = input;
  const { kind } = rules;
  const hubId = hubIdIn(event.lane);
  const pairs = pairsOf(input);
  const of = (connection: string): JsonObject | undefined => facts.get(factKey.record(kind, hubId, connection));
  facts.want(pairs.flatMap(({ maintenance, finance }) => [factKey.record(kind, hubId, maintenance), factKey.record(kind, hubId, finance)]));
  for (const connection of new Set(pairs.flatMap(({ maintenance, finance }) => [maintenance, finance])))
    if (of(connection) && !state.there.includes(connection)) state.there.push(connection);
  const said = of(event.source);
  if (said) forgetCreate(state, event.source);
  if (said) for (const text of noteReadBack(state, event.source, said, event.at)) plan.note(`${text}: the two count as the same until one of them changes`);

  const holders = pairs.filter(({ maintenance }) => of(maintenance));
  if (pairs.length > 1 && holders.length === 0) {
    const [{ finance }] = pairs as [Sides];
    return plan.didNot(
      `${kind} ${String(of(finance)?.['code'] ?? hubId)} names no site, and ${pairs.map(({ maintenance }) => maintenance).join(', ')} share ${finance}: nothing says where it belongs, so it is created in none of them`,
    );
  }
  // Several maintenance systems that owned one field would overwrite each other through finance for ever.
  const shared = holders.length > 1 ? { ...rules, fields: rules.fields.filter(({ owner }) => owner === 'finance') } : rules;
  for (const sides of pairs.length > 1 ? holders : pairs) {
    const place: Place = { ...input, sides, hubId };
    const [maintenance, finance] = [of(sides.maintenance), of(sides.finance)];
    if (maintenance && finance) compare(shared, state, { maintenance, finance }, place);
    else if (finance ?? maintenance)
      createOther(rules, state, finance ? { side: 'finance', record: finance } : { side: 'maintenance', record: maintenance ?? {} }, place);
    else plan.note(`${kind} ${hubId} is in neither system any more`);
  }
}

/** A record that is there needs no create to bring its values, whether or not the create was ever answered. */
function forgetCreate({ created, told }: MasterState, connection: string): void {
  const fields = told[connection] ?? {};
  for (const [field, { intent, state }] of Object.entries(fields)) if (state === 'open' && intent === created[connection]?.intent) delete fields[field];
}

interface Place extends Input {
  readonly hubId: string;
}

function createOther(
  rules: MasterRules,
  state: MasterState,
  { side, record }: { readonly side: Side; readonly record: JsonObject },
  { hubId, plan, sides, facts, more }: Place,
): void {
  const { kind } = rules;
  const to = sides[side === 'finance' ? 'maintenance' : 'finance'];
  const name = `${kind} ${String(record['code'] ?? hubId)}`;
  if (more) return plan.note(`${name}: decided with the news that follow`);
  if (state.there.includes(to)) return plan.didNot(`${name} was deleted in ${to} and is not created there again: restore it in ${to} where that was a mistake`);
  if (rules.createdBy !== side)
    return plan.didNot(
      `${name} is only in ${sides[side]}: ${rules.createdBy === 'nobody' ? (rules.whyNobody ?? 'records of this kind are not created') : `${sides[rules.createdBy]} creates this kind`}, so it is not created in ${to}`,
    );
  if (record['active'] === false || record['status'] === 'disposed') return plan.didNot(`${name} is inactive in ${sides[side]}: not created in ${to}`);
  const members = [...new Set(['code', 'name', 'active', ...rules.fields.map(({ field }) => field), ...(rules.onCreate ?? [])])];
  const draft: { [member: string]: Json } = {};
  for (const member of members) if (record[member] !== undefined) draft[member] = record[member];
  createOnce(
    { kind, to, draft, reason: `${name} "${String(record['name'] ?? '')}" is in ${sides[side]} and not in ${to}: it is created there` },
    state,
    rules.fields.map(({ field }) => field),
    { hubId, plan, facts, name },
  );
}

/** Asks for a record once; again only after a person cancelled it and what is asked for has changed. */
export function createOnce(
  wanted: { readonly kind: RecordKind; readonly to: string; readonly draft: JsonObject; readonly reason: string },
  state: MasterState,
  fields: readonly string[],
  { hubId, plan, facts, name }: { readonly hubId: string; readonly name: string } & Pick<Input, 'plan' | 'facts'>,
): void {
  const { kind, to, draft, reason } = wanted;
  const before = state.created[to];
  const hash = hashOf(draft);
  if (before && before.state !== 'declined') return plan.didNot(`${name} was already sent to ${to} and has not been read back yet`);
  if (before?.draft === hash) return plan.didNot(`${name}: a person decided against creating it in ${to}; it is asked for again when it changes`);
  // What was never listed may be there already: creating it would make a second one.
  if (!facts.get(readingKey(kind, to)))
    return plan.hold(
      `${name} is created in ${to} only after all records of this kind were read there once: it may be there already. Is ${kind} among the polls of ${to}?`,
      { owner: 'integration-engineer' },
    );
  const intent = before ? `create/${to}/${(state.n += 1)}` : `create/${to}`;
  state.created[to] = { intent, state: 'open', draft: hash };
  noteTold(state, to, intent, Object.fromEntries(fields.flatMap((field) => (draft[field] === undefined ? [] : [[field, draft[field]]]))));
  plan.send({ intent, to, record: kind, verb: 'create', draft, identity: { kind, hubId }, reason });
}

type Pair = { readonly [S in Side]: JsonObject };

function compare(rules: MasterRules, state: MasterState, records: Pair, place: Place): void {
  const { kind } = rules;
  const { hubId, plan, sides, event } = place;
  const name = `${kind} ${String(records.finance['code'] ?? hubId)}`;
  const first = state.agreed[sides.maintenance] === undefined;
  if (first) noteShortened(rules, state, records, sides);
  const known = (state.agreed[sides.maintenance] ??= {});
  const decisions = decideFields({
    agreed: first ? undefined : known,
    maintenance: { system: sides.maintenance, record: asTold(state, sides.maintenance, records.maintenance), ...changedAt(records.maintenance) },
    finance: { system: sides.finance, record: asTold(state, sides.finance, records.finance), ...changedAt(records.finance) },
    fields: rules.fields,
  });
  let open = 0;
  const writes: { [S in Side]: { values: { [field: string]: Json }; why: string[]; overwrites: Overwrite[] } } = {
    maintenance: { values: {}, why: [], overwrites: [] },
    finance: { values: {}, why: [], overwrites: [] },
  };
  for (const decision of decisions) {
    if (decision.rule === 'equal') {
      if (decision.value !== undefined) known[decision.field] = decision.value;
      continue;
    }
    open += 1;
    if (decision.held) {
      plan.hold(`${name}: ${decision.explanation}. Enter the right value on one side or both, and this is decided again`, { owner: 'data-steward' });
      continue;
    }
    const rule = rules.fields.find(({ field }) => field === decision.field) ?? {};
    const due = decision.write.filter((side) => isFieldDue(decision, { state, sides, name, plan, side, may: mayWrite(rule, side) }));
    if (decision.proposal && (due.length > 0 || decision.write.length === 0))
      plan.note(
        `${decision.proposal.system} says ${decision.field} ${JSON.stringify(decision.proposal.value ?? null)}, which ${decision.proposal.to} owns: kept as a proposal`,
      );
    for (const side of due) {
      writes[side].values[decision.field] = decision.value as Json;
      const before = decision.overwritten.find((over) => over.side === side);
      if (before?.value !== undefined)
        writes[side].overwrites.push({
          field: decision.field,
          system: before.system,
          value: before.value,
          by: decision.from === 'finance' || decision.from === 'maintenance' ? sides[decision.from] : 'hub',
          to: decision.value as Json,
          rule: decision.rule,
          ...(before.at === undefined ? {} : { changedAt: before.at }),
        });
      writes[side].why.push(
        `${decision.field} ${JSON.stringify(decision.value)}${before?.value === undefined ? '' : ` in place of ${JSON.stringify(before.value)}`} (${decision.rule})`,
      );
    }
  }
  if (open === 0) return plan.didNot(`${name}: ${sides.finance} and ${sides.maintenance} agree on ${rules.fields.map(({ field }) => field).join(', ')}`);
  for (const side of ['maintenance', 'finance'] as const) {
    const { values, why, overwrites } = writes[side];
    if (why.length === 0) continue;
    const intent = `update/${sides[side]}/${(state.n += 1)}`;
    noteTold(state, sides[side], intent, values);
    plan.send({
      intent,
      chain: `${kind}/${sides[side]}`,
      to: sides[side],
      record: kind,
      verb: 'update',
      targetOf: { kind, hubId },
      draft: values,
      overwrites,
      reason: `${name}: ${sides[side]} gets ${why.join(', ')}`,
      urgency: event.urgency,
    });
  }
}

/** When a record says that it was last changed. */
function changedAt(record: JsonObject): { readonly at?: number } {
  const at = typeof record['changedAt'] === 'string' ? Date.parse(record['changedAt']) : Number.NaN;
  return Number.isNaN(at) ? {} : { at };
}

interface FieldPlace {
  readonly state: MasterState;
  readonly sides: Sides;
  readonly name: string;
  readonly plan: Input['plan'];
  readonly side: Side;
  readonly may: boolean;
}

/** Whether a field that differs is written to a side now; where not, it says why. */
function isFieldDue({ field, value }: FieldDecision, { state, sides, name, plan, side, may }: FieldPlace): boolean {
  const why = whyNotDue({ field, value }, { state, connection: sides[side], may });
  if (why !== undefined) plan.didNot(`${name}: ${why}`);
  return why === undefined;
}

function whyNotDue(
  { field, value }: Pick<FieldDecision, 'field' | 'value'>,
  { state, connection, may }: { readonly state: MasterState; readonly connection: string; readonly may: boolean },
): string | undefined {
  if (value === undefined) return `${field} is empty where it is owned; it is not taken away from ${connection}`;
  if (!may) return `${field} differs and is not carried to ${connection} (ownership, direction)`;
  const told = { connection, field, value };
  if (isDue(state, told)) return undefined;
  return isDeclined(state, told)
    ? `a person decided against sending ${field} ${JSON.stringify(value)} to ${connection}; it is sent again when it changes`
    : `${field} ${JSON.stringify(value)} is on its way to ${connection}`;
}

/** At first contact a text that the other side cut off counts as the same: thousands of records that nobody changed are not written. */
function noteShortened({ fields }: MasterRules, state: MasterState, records: Pair, sides: Sides): void {
  for (const { field, owner } of fields) {
    if (owner === 'hub') continue;
    const other: Side = owner === 'finance' ? 'maintenance' : 'finance';
    const [whole, short] = [records[owner][field], records[other][field]];
    if (whole !== undefined && short !== undefined && isShortened(short, whole)) (state.kept[sides[other]] ??= {})[field] = { of: whole, as: short };
  }
}

/** What an answer means for master data. True where the operation was one of its own. */
export function masterOutcome(state: MasterState, { event, plan }: Pick<Input, 'event' | 'plan'>): boolean {
  const data = event.data as unknown as OutcomeData; // Written by the engine in this shape.
  const created = Object.values(state.created).find(({ intent }) => intent === data.intent);
  if (created && data.outcome !== 'failed') created.state = data.outcome === 'applied' ? 'applied' : 'declined';
  const told = noteAnswer(state, data, event.at);
  // Values of a record that was not created are not on their way: what creates it later brings its own.
  if (created?.state === 'declined') delete state.told[data.connection];
  if (!created && !told && !data.intent.startsWith('update/')) return false;
  plan.note(
    `${data.verb} ${data.record} in ${data.connection}: ${data.outcome}${data.outcome === 'applied' ? ` as ${String(data.receipt?.['id'] ?? '')}` : ''}`,
  );
  return true;
}

/** Deleting a record in one system deletes it nowhere else. */
export function noteGone(kind: RecordKind, { event, plan }: Pick<Input, 'event' | 'plan'>): void {
  plan.didNot(`${kind} ${event.object} was deleted in ${event.source}: nothing is deleted elsewhere, and it is not created there again`);
}
