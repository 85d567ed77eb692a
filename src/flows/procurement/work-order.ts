import { isoDate } from '#base/clock';
import { compare, subtract } from '#base/decimal';
import { sameUnit } from '#base/quantity';
import { factKey } from '#engine/flow';
import { hubIdOf, payerOf, recordOfAsset, retiredBefore, stampOf, workOrderOf, type WorkOrder } from '#flows/cost-object';
import type { ProcurementInput } from '#flows/procurement/flow';
import { factsOf, needOf, totalOf, verdictOf, type Need, type PlannedLine } from '#flows/procurement/need';
import { tellInbound } from '#flows/procurement/inbound';
import { counts, isReservation, priceOf, reclaim, requestText, sendRequisition, sendReservation, withdraw, type Candidate } from '#flows/procurement/request';
import { emptyWorkOrder, type Request, type WorkOrderState } from '#flows/procurement/state';

/** A work order as its system last said: requests what is newly needed, takes back what is not, and gives a reason for everything else. */
export function decideWorkOrder(input: ProcurementInput): void {
  const state = (input.state.workOrder ??= emptyWorkOrder());
  decideNeeds(input, state);
  tellInbound(input, state);
}

function decideNeeds(input: ProcurementInput, state: WorkOrderState): void {
  const { event, plan, facts } = input;
  if (event.kind === 'workOrder.removed') return removed(input, state);
  const order = workOrderOf(event, input.sides);
  if (!order) return plan.note(`${event.source}'s copy of the work order is not what procurement goes by`);
  const stamp = stampOf(order.changedAt, event.at);
  if (stamp < state.seen) return plan.note(`superseded: work order ${order.number} of ${stamp} is older than ${state.seen}`);
  state.seen = stamp;
  state.number = order.number;
  state.priority = order.priority;
  const hubId = hubIdOf(event.lane);
  facts.want(factsOf(order, hubId, input));
  withdrawGone(input, order, state);
  if (order.status === 'cancelled') return;
  const outside = outOfScope(input, order);
  const candidates = planLines(input, order, state, outside);
  if (candidates.request.length === 0 && candidates.reserve.length === 0) return;
  send(input, order, hubId, state, candidates);
}

function removed(input: ProcurementInput, state: WorkOrderState): void {
  for (const line of linesOf(state)) withdraw(input, state, line, wantedOf(state, line), `work order ${state.number} was deleted in ${input.event.source}`);
  if (state.requests.length === 0) input.plan.didNot('the work order was deleted; nothing had been requested for it');
}

const linesOf = (state: WorkOrderState): string[] => [...new Set(state.requests.filter(counts).map(({ line }) => line))];
const wantedOf = (state: WorkOrderState, line: string): string =>
  totalOf(state.requests.filter((request) => request.line === line && counts(request)).map(({ wanted }) => wanted));

/** Lines that are no longer on the work order, or all of them where it was cancelled. */
function withdrawGone(input: ProcurementInput, order: WorkOrder, state: WorkOrderState): void {
  const cancelled = order.status === 'cancelled';
  const kept = new Set(cancelled ? [] : order.plannedLines.map(({ line }) => line));
  for (const line of linesOf(state)) {
    if (kept.has(line) || compare(wantedOf(state, line), '0') <= 0) continue;
    withdraw(
      input,
      state,
      line,
      wantedOf(state, line),
      cancelled ? `work order ${order.number} was cancelled` : `line ${line} was removed from work order ${order.number}`,
    );
  }
  if (cancelled && state.requests.length === 0) input.plan.didNot(`work order ${order.number} was cancelled before anything was requested`);
}

/** Why nothing new is requested for this work order, or undefined where it is in scope and released. */
function outOfScope({ policy, facts, sides }: ProcurementInput, order: WorkOrder): string | undefined {
  if (policy.kinds && !(order.kind !== undefined && policy.kinds.includes(order.kind)))
    return `work orders of kind ${order.kind ?? 'unknown'} are outside policy kinds (${policy.kinds.join(', ')})`;
  if (policy.priorities && !policy.priorities.includes(order.priority))
    return `priority ${order.priority} is outside policy priorities (${policy.priorities.join(', ')})`;
  if (policy.assetCategories) {
    const category = order.asset === undefined ? undefined : recordOfAsset(order.asset, { facts, sides })?.category;
    if (category === undefined || !policy.assetCategories.includes(category))
      return `asset category ${category ?? 'unknown'} is outside policy assetCategories (${policy.assetCategories.join(', ')})`;
  }
  if (!policy.releasedStatuses.includes(order.status))
    return `status ${order.status} does not count as released (policy releasedStatuses: ${policy.releasedStatuses.join(', ')})`;
  return undefined;
}

interface Candidates {
  readonly request: Candidate[];
  readonly reserve: Candidate[];
}

function planLines(input: ProcurementInput, order: WorkOrder, state: WorkOrderState, outside: string | undefined): Candidates {
  const out: Candidates = { request: [], reserve: [] };
  if (order.plannedLines.length === 0) input.plan.didNot(`work order ${order.number} plans no parts or services`);
  for (const line of order.plannedLines) planLine(input, order, state, line, outside, out);
  return out;
}

function planLine(input: ProcurementInput, order: WorkOrder, state: WorkOrderState, line: PlannedLine, outside: string | undefined, out: Candidates): void {
  const { plan, policy } = input;
  const before = state.requests.filter((request) => request.line === line.line && counts(request));
  if (before.length === 0 && outside !== undefined) return plan.didNot(`no requisition for line ${line.line}: ${outside}`, line.line);
  const need = needOf(line, policy, input);
  if (!need.ok) return plan.hold(need.problem, { owner: need.owner, line: line.line });
  const changed = before.find((request) => !sameUnit(request.unit, need.value.quantity.unit) || request.part !== (line.part ?? null));
  if (changed && changed.part === (line.part ?? null))
    return plan.hold(
      `line ${line.line} was requested in ${changed.unit.code} and is now in ${need.value.quantity.unit.code}: the unit of part ${changed.name} changed; close ${requestText(changed)} or correct the part`,
      { owner: 'master-data-owner', line: line.line },
    );
  if (changed)
    withdraw(input, state, line.line, wantedOf(state, line.line), `line ${line.line} now needs ${need.value.part?.code ?? line.text ?? 'something else'}`);
  const have = changed ? '0' : wantedOf(state, line.line);
  const difference = subtract(need.value.quantity.value, have);
  if (compare(difference, '0') < 0)
    return withdraw(
      input,
      state,
      line.line,
      subtract('0', difference),
      `line ${line.line} now needs ${need.value.quantity.value} ${need.value.quantity.unit.code}`,
    );
  if (compare(difference, '0') === 0) return already(input, line, before);
  const missing = reclaim(input, state, line.line, difference);
  if (compare(missing, '0') === 0) return;
  if (outside !== undefined) return plan.didNot(`no requisition for the further ${missing} of line ${line.line}: ${outside}`, line.line);
  decideNew(input, order, state, line, { ...need.value, quantity: { value: missing, unit: need.value.quantity.unit } }, out);
}

function already({ plan }: ProcurementInput, line: PlannedLine, before: readonly Request[]): void {
  const standing = before.filter(({ wanted }) => compare(wanted, '0') > 0);
  if (standing.length === 0) return plan.didNot(`line ${line.line} needs nothing`, line.line);
  plan.note(
    `line ${line.line}: ${standing.map((request) => `${request.wanted} ${request.unit.code} with ${requestText(request)}${request.state === 'rejected' ? ', which was not approved' : ''}`).join(', ')}; nothing more to request`,
    line.line,
  );
}

function decideNew(input: ProcurementInput, order: WorkOrder, state: WorkOrderState, line: PlannedLine, need: Need, out: Candidates): void {
  const { plan, policy } = input;
  const reserved = totalOf(
    state.requests.filter((request) => isReservation(request) && request.part === line.part && counts(request)).map(({ wanted }) => wanted),
  );
  const verdict = verdictOf(line, need, order, reserved, policy, input);
  if (!verdict.ok) return plan.hold(verdict.problem, { owner: verdict.owner, line: line.line });
  const { act, because } = verdict.value;
  if (act === 'none') return plan.didNot(`no requisition for line ${line.line}: ${because}`, line.line);
  if (act === 'reserve' && line.storeroom === undefined)
    return plan.hold(`line ${line.line} is to be reserved but names no storeroom: set the storeroom of the line`, {
      owner: 'maintenance-planner',
      line: line.line,
    });
  const price = priceOf(line, need);
  if (act === 'request' && price === undefined) {
    if (policy.unpriced === 'hold')
      return plan.hold(
        `line ${line.line} has no estimated price and part ${need.part?.code ?? line.text ?? ''} has none: set estimatedPrice (policy unpriced)`,
        { owner: 'maintenance-planner', line: line.line },
      );
    plan.note(`line ${line.line} has no estimated price: finance sees the commitment when the order has one`, line.line);
  }
  out[act === 'request' ? 'request' : 'reserve'].push({ line, need, quantity: need.quantity.value, because, price: price && { ...price } });
}

function send(input: ProcurementInput, order: WorkOrder, hubId: string, state: WorkOrderState, { request, reserve }: Candidates): void {
  const { event, plan } = input;
  const day = isoDate(event.at);
  const retired = retiredBefore(order, day, input);
  const payer = payerOf(order, day, input);
  for (const { line } of [...request, ...reserve]) {
    if (retired !== undefined) plan.hold(retired, { owner: 'maintenance-planner', line: line.line });
    else if (!payer.ok) plan.hold(payer.problem, { owner: payer.owner, line: line.line });
  }
  if (retired !== undefined || !payer.ok) return;
  if (request.length > 0) sendRequisition(input, order, hubId, state, payer.value, request);
  if (reserve.length > 0) sendReservation(input, order, hubId, state, payer.value, reserve);
}

/** The maintenance BOM of an asset becomes a fact under the asset's own id, where every work order of the asset finds it. */
export function rememberBom({ event, plan }: ProcurementInput): void {
  const key = factKey.record('maintenanceBom', hubIdOf(event.lane), String(event.data['connection']));
  const record = event.data['record'];
  if (event.kind === 'maintenanceBom.removed' || record === null || typeof record !== 'object' || Array.isArray(record)) {
    plan.forget(key);
    return plan.note('the maintenance BOM of the asset no longer exists');
  }
  // Not an array and not null: an object.
  plan.remember(key, record as { readonly [key: string]: never });
  plan.note('the maintenance BOM of the asset is known to its work orders');
}
