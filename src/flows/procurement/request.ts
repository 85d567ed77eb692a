import { add, compare, divide, subtract } from '#base/decimal';
import { currencyScale, amountText, extend, money, moneyText, type Money } from '#base/money';
import { quantityText } from '#base/quantity';
import type { FlowEvent } from '#engine/flow';
import { isoDate } from '#base/clock';
import { accountOf, type Payer, type WorkOrder } from '#flows/cost-object';
import { asJson } from '#flows/part-quantity';
import type { ProcurementInput } from '#flows/procurement/flow';
import type { Need, PlannedLine } from '#flows/procurement/need';
import type { ProcurementPolicy } from '#flows/procurement/policy';
import { nothing } from '#flows/procurement/position';
import type { Request, WorkOrderState } from '#flows/procurement/state';

/** A line that is to be requested, with the reason. */
export interface Candidate {
  readonly line: PlannedLine;
  readonly need: Need;
  readonly quantity: string;
  readonly because: string;
  readonly price: Money | undefined;
}

const hourMs = 3_600_000;

/** Price of one finance unit: the line's estimate, else the part's price. Rounded to the currency where the units differ. */
export function priceOf(line: PlannedLine, need: Need): Money | undefined {
  if (line.estimatedPrice !== undefined) {
    if (compare(line.quantity.value, need.quantity.value) === 0 || compare(need.quantity.value, '0') === 0) return line.estimatedPrice;
    const total = extend(line.estimatedPrice, line.quantity.value);
    return money(divide(amountText(total), need.quantity.value, currencyScale(total.currency)), total.currency);
  }
  const { price, pricePer } = need.part ?? {};
  return price && (pricePer === undefined || pricePer === '1' ? price : extend(price, '1', pricePer));
}

/** The approval lane by urgency and value. Value counts only where the whole document is in the row's currency. */
export function routeOf(priority: WorkOrder['priority'], total: Money | undefined, { routes }: ProcurementPolicy): { lane: string; urgency: number } {
  for (const route of routes) {
    if (!route.priorities.includes(priority)) continue;
    if (route.upTo && (!total || total.currency !== route.upTo.currency || total.minor > route.upTo.minor)) continue;
    return { lane: route.lane, urgency: route.urgency };
  }
  return { lane: 'lane of the finance system', urgency: 0 };
}

/** One requisition with every line that needs requesting, numbered 10, 20 ... */
export function sendRequisition(
  input: ProcurementInput,
  order: WorkOrder,
  hubId: string,
  state: WorkOrderState,
  payer: Payer,
  candidates: readonly Candidate[],
): void {
  const { event, plan, policy, sides } = input;
  const doc = `requisition/${(state.documents += 1)}`;
  const total = totalPrice(candidates);
  const route = routeOf(order.priority, total, policy);
  const expedite = policy.expedite.includes(order.priority);
  const account = accountOf(hubId, order, payer, policy.accountOrder, input);
  const why = [...new Set(candidates.map(({ because }) => because))].join('; ');
  const lines = candidates.map((candidate, at) => requisitionLine(candidate, String((at + 1) * 10), { order, event, policy, account }));
  for (const [at, candidate] of candidates.entries()) state.requests.push(newRequest(doc, String((at + 1) * 10), candidate, hubId, payer, route.urgency));
  const what = candidates
    .map(({ quantity, need, line }) => `${quantityText({ value: quantity, unit: need.quantity.unit })} ${need.part?.code ?? line.text ?? ''}`.trim())
    .join(', ');
  plan.send({
    intent: doc,
    to: sides.finance,
    record: 'purchaseRequisition',
    verb: 'create',
    chain: doc,
    urgency: Math.max(event.urgency, route.urgency),
    ...(total ? { money: total } : {}),
    draft: asJson({
      workOrder: hubId,
      asset: order.asset,
      priority: order.priority,
      reason: `${order.title}: ${why}`.slice(0, 2000),
      expedite,
      text: `Work order ${order.number}${expedite ? ', expedite' : ''}, ${route.lane}: ${order.title}`.slice(0, 2000),
      lines,
    }),
    reason: `requisition of ${what} for work order ${order.number} (${order.priority} priority, ${route.lane}${total ? `, ${moneyText(total)}` : ''}${expedite ? ', expedite' : ''}), ${accountText(account)} from ${payer.from}: ${why}`,
  });
}

const accountText = (account: { order?: string; fixedAsset?: string; costCentre?: string }): string =>
  account.order !== undefined
    ? `charged to order ${account.order}`
    : account.fixedAsset !== undefined
      ? `charged to fixed asset ${account.fixedAsset}`
      : `charged to cost centre ${account.costCentre ?? ''}`;

/** The value of the document; undefined where a line has no price or currencies differ. */
function totalPrice(candidates: readonly Candidate[]): Money | undefined {
  let total: Money | undefined;
  for (const { price, quantity } of candidates) {
    if (!price) return undefined;
    const value = extend(price, quantity);
    if (total && total.currency !== value.currency) return undefined;
    total = { minor: (total?.minor ?? 0) + value.minor, currency: value.currency };
  }
  return total;
}

interface LineGround {
  readonly order: WorkOrder;
  readonly event: FlowEvent;
  readonly policy: ProcurementPolicy;
  readonly account: { order?: string; fixedAsset?: string; costCentre?: string };
}

function requisitionLine({ line, need, quantity, price }: Candidate, docLine: string, { order, event, policy, account }: LineGround): object {
  const requiredOn = line.requiredOn ?? order.dueOn ?? isoDate(event.at + policy.requiredWithinHours[order.priority] * hourMs);
  return {
    line: docLine,
    kind: line.kind,
    part: line.part,
    text: line.text,
    group: need.part?.group,
    quantity: { value: quantity, unit: { ...need.quantity.unit } },
    site: order.site,
    storeroom: line.storeroom,
    vendor: line.vendor,
    price: price && { ...price },
    requiredOn,
    account: need.stocked ? undefined : account,
    reference: line.line,
  };
}

function newRequest(doc: string, docLine: string, { line, need, quantity, price }: Candidate, hubId: string, payer: Payer, urgency: number): Request {
  return {
    doc,
    docLine,
    line: line.line,
    kind: line.kind,
    part: line.part ?? null,
    ...(line.storeroom === undefined ? {} : { storeroom: line.storeroom }),
    name: need.part?.code ?? line.text ?? line.line,
    wanted: quantity,
    asked: quantity,
    confirmed: '0',
    unit: { ...need.quantity.unit },
    price: price ? { ...price } : null,
    workOrder: hubId,
    costCentre: payer.costCentre,
    toStock: need.stocked,
    urgency,
    state: 'sent',
    number: null,
    approval: null,
    kept: false,
    changes: 0,
    orders: {},
    booked: nothing(),
    currency: price?.currency ?? null,
    costed: 0,
    costs: 0,
  };
}

/** A reservation for lines that the finance side purchases by itself. */
export function sendReservation(
  input: ProcurementInput,
  order: WorkOrder,
  hubId: string,
  state: WorkOrderState,
  payer: Payer,
  candidates: readonly Candidate[],
): void {
  const { event, plan, policy, sides } = input;
  const doc = `reservation/${(state.reservations += 1)}`;
  for (const [at, candidate] of candidates.entries())
    state.requests.push({ ...newRequest(doc, String((at + 1) * 10), candidate, hubId, payer, 0), price: null, currency: null });
  plan.send({
    intent: doc,
    to: sides.finance,
    record: 'reservation',
    verb: 'create',
    chain: doc,
    urgency: event.urgency,
    draft: asJson({
      workOrder: hubId,
      text: `Work order ${order.number}: ${order.title}`.slice(0, 2000),
      account: accountOf(hubId, order, payer, policy.accountOrder, input),
      lines: candidates.map(({ line, quantity, need }, at) => ({
        line: String((at + 1) * 10),
        part: line.part,
        storeroom: line.storeroom,
        quantity: { value: quantity, unit: { ...need.quantity.unit } },
        requiredOn: line.requiredOn ?? order.dueOn,
      })),
    }),
    reason: `reservation instead of a requisition for work order ${order.number}: ${candidates.map(({ because }) => because).join('; ')}`,
  });
}

export const isReservation = (request: Pick<Request, 'doc'>): boolean => request.doc.startsWith('reservation/');

/** How a request is named to people. */
export const requestText = (request: Request): string =>
  `${isReservation(request) ? 'reservation' : 'requisition'} ${request.number ?? `(${request.doc}, not yet numbered)`} line ${request.docLine}`;

/** Whether the request still stands for something. */
export const counts = (request: Request): boolean => request.state !== 'withdrawn';

/** Quantity that finance has put on orders which still stand. */
export const orderedOf = (request: Request): boolean => Object.values(request.orders).some(({ quantity }) => compare(quantity, '0') > 0);

/**
 * Needs less than was requested: takes the difference back, from the newest request. What is not yet ordered is changed or closed in finance;
 * what is ordered stays, with a reason for the buyer and a deadline. Nothing is deleted silently.
 */
export function withdraw(input: ProcurementInput, state: WorkOrderState, line: string, excess: string, because: string): void {
  const { event, plan, policy } = input;
  let left = excess;
  for (const request of [...state.requests].reverse()) {
    if (request.line !== line || !counts(request) || compare(left, '0') <= 0) continue;
    if (request.kept) {
      plan.didNot(`${requestText(request)} stays at ${request.wanted} ${request.unit.code}: a person cancelled the change`, line);
      return;
    }
    const take = compare(request.wanted, left) < 0 ? request.wanted : left;
    left = subtract(left, take);
    if (compare(take, '0') <= 0) continue;
    request.wanted = subtract(request.wanted, take);
    if (orderedOf(request)) {
      const orders = Object.values(request.orders)
        .map(({ order, orderLine }) => `${order} line ${orderLine}`)
        .join(', ');
      plan.didNot(
        `${take} ${request.unit.code} ${request.name} no longer needed (${because}), but already ordered with ${orders}: the buyer must cancel or return them`,
        line,
      );
      plan.expect(
        withdrawalKey(request),
        `${take} ${request.unit.code} ${request.name} are cancelled on ${orders}`,
        event.at + policy.withdrawalWithinHours * hourMs,
        { site: event.site, thread: event.thread, doc: request.doc, docLine: request.docLine },
      );
    } else if (request.state === 'rejected' || request.state === 'deleted' || request.state === 'closed') {
      if (compare(request.wanted, '0') === 0) request.state = 'withdrawn';
      plan.note(`${requestText(request)} was not going to be ordered anyway; no longer needed: ${because}`, line);
    } else pushChange(input, request, because);
  }
}

/** Needs more again: takes back what was given up but is still on order, before anything new is requested. Answers what is still missing. */
export function reclaim({ plan }: ProcurementInput, state: WorkOrderState, line: string, missing: string): string {
  let left = missing;
  for (const request of state.requests) {
    if (request.line !== line || !counts(request) || !orderedOf(request) || compare(request.wanted, request.asked) >= 0) continue;
    const spare = subtract(request.asked, request.wanted);
    const take = compare(spare, left) < 0 ? spare : left;
    if (compare(take, '0') <= 0) continue;
    request.wanted = add(request.wanted, take);
    left = subtract(left, take);
    plan.note(`${take} ${request.unit.code} ${request.name} are needed again and still on order: ${requestText(request)} stands`, line);
    if (compare(request.wanted, request.asked) === 0) plan.meet(withdrawalKey(request));
  }
  return left;
}

export const withdrawalKey = ({ doc, docLine }: Pick<Request, 'doc' | 'docLine'>): string => `procurement/withdrawal/${doc}/${docLine}`;

/** Sends what differs between what is wanted and what was last asked of finance; waits where the document has no number yet. */
export function pushChange({ plan, sides }: Pick<ProcurementInput, 'plan' | 'sides'>, request: Request, because: string): void {
  if (compare(request.wanted, request.asked) === 0 || request.kept) return;
  if (request.state === 'failed' || request.state === 'sent') {
    plan.note(`${requestText(request)} will be changed to ${request.wanted} ${request.unit.code} as soon as it has a number; ${because}`, request.line);
    return;
  }
  if (request.state !== 'open' || request.number === null || orderedOf(request)) return;
  const close = compare(request.wanted, '0') === 0;
  request.asked = request.wanted;
  const change =
    close && !isReservation(request)
      ? { line: request.docLine, state: 'closed' }
      : { line: request.docLine, quantity: { value: request.wanted, unit: { ...request.unit } } };
  plan.send({
    intent: `${request.doc}/${request.docLine}/change/${(request.changes += 1)}`,
    to: sides.finance,
    record: isReservation(request) ? 'reservation' : 'purchaseRequisition',
    verb: 'update',
    target: request.number,
    chain: request.doc,
    draft: asJson({ lines: [change] }),
    reason: `${requestText(request)} ${close ? 'is closed' : `is reduced to ${request.wanted} ${request.unit.code}`}: ${because}`,
  });
}
