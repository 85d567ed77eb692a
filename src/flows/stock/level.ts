import { add, compare, decimal, subtract } from '#base/decimal';
import { quantityText, sameUnit } from '#base/quantity';
import { factKey, type OutcomeData } from '#engine/flow';
import { stampOf } from '#flows/cost-object';
import { asJson, converted, found, namedUnit, recordOf, type Found } from '#flows/part-quantity';
import type { StockInput } from '#flows/stock/flow';
import { onHandNow, pendingOf, underWay } from '#flows/stock/projection';
import { replenishmentOverdue, reviewReorderPoint } from '#flows/stock/replenishment';
import { emptyStock, type Level, type StockState } from '#flows/stock/state';
import type { RecordOf } from '#model/records';

const watchKey = 'stock/compare';

/** One side's on-hand. Both are kept in finance's unit, compared when neither is older than the hub's own last movement, and brought together. */
export function decideLevel(input: StockInput): void {
  const { event, plan, sides } = input;
  const state = (input.state.stock ??= emptyStock(event.lane));
  const connection = String(event.data['connection']);
  const side = connection === sides.finance ? 'finance' : connection === sides.maintenance ? 'maintenance' : undefined;
  if (side === undefined) return plan.note(`${connection} plays no side at this site: its on-hand is not compared`);
  const key = factKey.record('stockLevel', `${state.part}@${state.storeroom}`, connection);
  if (event.kind === 'stockLevel.removed') {
    state[side] = null;
    plan.forget(key);
    return plan.note(`${state.part} is no longer kept at ${state.storeroom} in ${connection}`);
  }
  const record = event.data['record'] as unknown as RecordOf<'stockLevel'>; // Parsed by the model's schema when it came in.
  const stamp = stampOf(record.changedAt, event.at);
  const known = side === 'finance' ? (state.unsure ?? state.finance) : state.maintenance;
  if (known && (stamp < known.seen || event.at < known.at)) return plan.note(`superseded: on-hand of ${connection} of ${stamp} is older than ${known.seen}`);
  const value = inFinanceUnit(input, state, record, connection, side);
  if (!value.ok) return plan.hold(value.problem, { owner: value.owner });
  plan.remember(key, asJson(record));
  const level: Level = {
    value: decimal(value.value.value),
    unit: { ...value.value.unit },
    shown: record.onHand.value,
    shownUnit: { ...record.onHand.unit },
    at: event.at,
    seen: stamp,
    ...(typeof event.data['hubId'] === 'string' ? { record: event.data['hubId'] } : {}),
  };
  if (side === 'maintenance') state.maintenance = level;
  else {
    state.terms = {
      reorderPoint: record.reorderPoint ?? null,
      maximum: record.maximum ?? null,
      lotSize: record.lotSize ?? null,
      bySystem: record.replenishedBySystem === true,
      site: record.site ?? null,
      price: record.valuationPrice ? { ...record.valuationPrice } : null,
      pricePer: record.pricePer ?? '1',
    };
    if (event.at <= state.postedAt || underWay(state)) {
      state.unsure = level;
      plan.note(
        `on-hand ${level.shown} ${level.shownUnit.code} of ${connection} was read while a goods issue of the hub was on its way: it may or may not show it`,
      );
    } else accept(state, level);
  }
  resolveUnsure(state);
  compareSides(input, state);
  reviewReorderPoint(input, state);
}

function inFinanceUnit(
  { facts, sides }: StockInput,
  state: StockState,
  { onHand }: RecordOf<'stockLevel'>,
  connection: string,
  side: 'finance' | 'maintenance',
): Found<{ value: string; unit: { system: string; code: string } }> {
  const named = namedUnit(onHand, state.part, connection, facts);
  if (!named.ok) return named;
  const part = recordOf(facts, 'part', state.part, sides.finance);
  if (side === 'finance' && !part) return found({ value: named.value.value, unit: { ...named.value.unit } });
  if (!part)
    return {
      ok: false,
      problem: `part ${state.part} is not known in ${sides.finance}: its on-hand cannot be compared; create it there or match it`,
      owner: 'master-data-owner',
    };
  const same = converted(named.value, part.baseUnit, part);
  return same.ok ? found({ value: same.value.value, unit: { ...same.value.unit } }) : same;
}

/** I7: what finance moved without the hub is the difference to what the hub expected. */
function accept(state: StockState, level: Level): void {
  const { book } = state;
  state.finance = level;
  state.unsure = null;
  if (book.opening === null) book.opening = add(level.value, book.issued);
  else book.other = add(book.other, subtract(level.value, subtract(add(book.opening, book.other), book.issued)));
  book.sinceRead = '0';
}

/** A figure read in between is clear as soon as nothing is on its way and it shows what the hub expects. */
export function resolveUnsure(state: StockState): void {
  if (state.unsure && !underWay(state) && showsExpected(state, state.unsure)) accept(state, state.unsure);
}

function showsExpected(state: StockState, level: Level): boolean {
  const now = onHandNow(state);
  return now !== undefined && compare(level.value, now) === 0;
}

/** Whether both sides agree: finance's figure less what is told and not yet posted is what the maintenance side should show. */
export function compareSides(input: StockInput, state: StockState): void {
  const { event, plan, policy, sides } = input;
  const { maintenance } = state;
  if (underWay(state)) return plan.note('on-hand is compared when the goods issues that are on their way are answered');
  if (state.unsure) watch(input, state);
  const now = onHandNow(state);
  if (now === undefined || !maintenance || state.adjusting) return;
  const expected = subtract(now, pendingOf(state));
  if (compare(expected, maintenance.value) === 0) {
    const nonOwner = policy.onHandOwner === 'finance' ? sides.maintenance : sides.finance;
    if (event.kind === 'stockLevel.snapshot' && event.data['connection'] === nonOwner) state.inVain = 0;
    state.agreed = maintenance.value;
    state.suspect = null;
    if (!state.unsure) plan.meet(watchKey);
    return plan.note(`on-hand agrees: ${differenceText(state)}`);
  }
  // Where only the owner's figure moved since both agreed, and not by a consumption that the other side told, nobody's consumption can be on its way.
  const ownerMoved =
    maintenance.at > state.postedAt &&
    policy.onHandOwner === 'finance' &&
    state.agreed !== null &&
    compare(state.agreed, maintenance.value) === 0 &&
    compare(pendingOf(state), '0') === 0;
  if (!state.unsure && maintenance.at > state.adjustedAt && (ownerMoved || policy.settleSeconds === 0))
    return bringTogether(input, state, `on-hand differs: ${differenceText(state)}`);
  if (state.suspect?.expected === expected && state.suspect.maintenance === maintenance.value)
    return plan.note(`on-hand differs: ${differenceText(state)}; watched since ${new Date(state.suspect.since).toISOString()}`);
  state.suspect = { expected, maintenance: maintenance.value, since: event.at };
  watch(input, state);
  plan.note(`on-hand differs: ${differenceText(state)}; watched for ${policy.settleSeconds} s, since a consumption may be on its way`);
}

function watch({ event, plan, policy }: StockInput, state: StockState): void {
  plan.expect(watchKey, `both sides show the same on-hand of ${state.part} at ${state.storeroom}`, event.at + policy.settleSeconds * 1000, {
    site: event.site,
    thread: event.thread,
  });
}

function differenceText(state: StockState): string {
  const pending = pendingOf(state);
  const unit = (state.finance ?? state.maintenance)?.unit.code ?? '';
  return `finance ${onHandNow(state) ?? 'unknown'} ${unit}${compare(pending, '0') === 0 ? '' : ` less ${pending} not yet posted`}, maintenance ${state.maintenance?.value ?? 'unknown'} ${unit}`;
}

/** The side that does not own the figure is set to what it should be, based on the figure that was seen. */
function bringTogether(input: StockInput, state: StockState, told: string): void {
  const { event, plan, policy, sides } = input;
  const { finance, maintenance } = state;
  if (!finance || !maintenance) return;
  state.suspect = null;
  plan.meet(watchKey);
  if (policy.adjust === 'note') return plan.didNot(`${told}; not adjusted (policy adjust)`);
  if (state.inVain >= policy.adjustLimit)
    return plan.hold(`${told}; set ${state.inVain} times without effect: count the shelf and correct one side`, { owner: 'storekeeper' });
  const toMaintenance = policy.onHandOwner === 'finance';
  const target = toMaintenance ? maintenance : finance;
  const wanted = toMaintenance ? subtract(onHandNow(state) ?? finance.value, pendingOf(state)) : add(maintenance.value, pendingOf(state));
  const shown = shownAs(input, state, wanted, target);
  if (!shown.ok) return plan.hold(shown.problem, { owner: shown.owner });
  const connection = toMaintenance ? sides.maintenance : sides.finance;
  state.adjusting = { value: wanted, shown: shown.value, side: toMaintenance ? 'maintenance' : 'finance', seen: target.shown };
  state.inVain += 1;
  plan.send({
    intent: `adjust/${(state.adjustments += 1)}`,
    to: connection,
    record: 'stockLevel',
    verb: 'update',
    seen: target.shown,
    chain: 'on-hand',
    draft: asJson({
      part: state.part,
      storeroom: state.storeroom,
      ...(state.terms.site === null ? {} : { site: state.terms.site }),
      onHand: { value: shown.value, unit: { ...target.shownUnit } },
    }),
    reason: `${told}; ${policy.onHandOwner} owns the figure (policy onHandOwner), so ${connection} is set to ${shown.value} ${target.shownUnit.code}`,
    ...(event.urgency > 0 ? { urgency: event.urgency } : {}),
  });
}

/** A quantity of finance's unit in the unit in which a side shows it. */
function shownAs({ facts, sides }: StockInput, state: StockState, value: string, target: Level): Found<string> {
  const quantity = { value, unit: target.unit };
  if (compare(value, '0') < 0)
    return {
      ok: false,
      problem: `on-hand of ${state.part} at ${state.storeroom} would be ${quantityText(quantity)}: count the shelf and correct one side`,
      owner: 'storekeeper',
    };
  const connection = target === state.finance ? sides.finance : sides.maintenance;
  const named = namedUnit({ value: target.shown, unit: target.shownUnit }, state.part, connection, facts);
  if (!named.ok) return named;
  if (sameUnit(named.value.unit, target.unit)) return found(value);
  const part = recordOf(facts, 'part', state.part, sides.finance);
  if (!part) return { ok: false, problem: `part ${state.part} is not known in ${sides.finance}`, owner: 'master-data-owner' };
  const result = converted(quantity, named.value.unit, part);
  return result.ok ? found(result.value.value) : result;
}

/** What came of an adjustment: what was set is what that side has, until it says otherwise. */
export function decideAdjustment(input: StockInput): void {
  const { event, plan } = input;
  const state = (input.state.stock ??= emptyStock(event.lane));
  const data = event.data as unknown as OutcomeData; // Written by the engine in this shape.
  const { adjusting } = state;
  if (!adjusting || data.intent !== `adjust/${state.adjustments}`) return plan.note(`the outcome of ${data.intent} concerns no adjustment that is open`);
  if (data.outcome === 'failed' && data.fault?.['kind'] === 'conflict') {
    // The figure had moved since it was read: nothing was set. What was read meanwhile decides, and where nothing was, what is read next.
    const newer = adjusting.seen !== undefined && state[adjusting.side]?.shown !== adjusting.seen;
    state.adjusting = null;
    state.agreed = null;
    state.inVain = Math.max(0, state.inVain - 1);
    plan.note(
      `${state.part} at ${state.storeroom} had changed since it was read: compared again ${newer ? 'with what was read meanwhile' : 'when it is read'}`,
    );
    return newer ? compareSides(input, state) : undefined;
  }
  if (data.outcome === 'failed') return plan.note(`the adjustment of ${state.part} at ${state.storeroom} was refused: a person retries or cancels it`);
  state.adjusting = null;
  state.adjustedAt = event.at;
  state.agreed = null;
  if (data.outcome === 'cancelled') return plan.note('the adjustment was cancelled by a person: both sides are compared when one is read again');
  plan.note(`${state.part} at ${state.storeroom} was set to ${adjusting.shown} in ${data.connection}`);
  const before = state[adjusting.side];
  // The answer may come after a reading that already shows what happened since: its version says which of both is newer. Without one the answer is.
  const version = data.receipt?.['version'];
  // What was last read of the record no longer stands there: if somebody sets it back, the same reading again is news.
  if (before?.record !== undefined) plan.forget(factKey.record('stockLevel', before.record, data.connection));
  const readSince = before !== null && before.at > state.postedAt && typeof version === 'string' && before.seen > version;
  if (readSince) plan.note(`${data.connection} has shown ${before.shown} since then`);
  else if (before) {
    const level = { ...before, value: adjusting.value, shown: adjusting.shown, at: event.at };
    if (adjusting.side === 'maintenance') state.maintenance = level;
    else accept(state, level);
  }
  compareSides(input, state);
}

/** A watched difference that is still there is no coincidence; a replenishment that has not come is late. */
export function decideOverdue(input: StockInput): void {
  const { event, plan } = input;
  const state = (input.state.stock ??= emptyStock(event.lane));
  if (String(event.data['expectation']) !== watchKey) return replenishmentOverdue(input, state);
  const { suspect } = state;
  state.suspect = null;
  // Nothing newer was read in all that time, so that the figure that was in doubt is what finance has.
  const doubted = state.unsure !== null && !underWay(state);
  if (state.unsure && doubted) accept(state, state.unsure);
  const now = onHandNow(state);
  const expected = now === undefined ? undefined : subtract(now, pendingOf(state));
  if (!suspect || state.adjusting || underWay(state) || suspect.expected !== expected || suspect.maintenance !== state.maintenance?.value) {
    plan.note(
      doubted ? 'the figure of finance that was in doubt is taken as it is: nothing newer was read' : 'on-hand moved while it was watched: compared anew',
    );
    compareSides(input, state);
    return reviewReorderPoint(input, state);
  }
  bringTogether(input, state, `on-hand differs since ${new Date(suspect.since).toISOString()}: ${differenceText(state)}`);
}
