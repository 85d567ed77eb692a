import { compare, subtract } from '#base/decimal';
import { extend, moneyText } from '#base/money';
import { sameUnit } from '#base/quantity';
import { asJson, converted, recordOf } from '#flows/part-quantity';
import type { ProcurementInput } from '#flows/procurement/flow';
import { settleHold, type Trouble } from '#flows/procurement/holding';
import { move, negativeStage, nothing, samePosition, stages, type Position } from '#flows/procurement/position';
import { isReservation, requestText } from '#flows/procurement/request';
import type { OrderShare, Request, WorkOrderState } from '#flows/procurement/state';

/** What a booking is about: the request, the document that moved it, and words for the ledger. */
export interface Movement {
  readonly request: Request;
  readonly document: string;
  readonly text: string;
}

/** Key of what a request's money is held for. */
export const moneyKey = ({ doc, docLine }: Request): string => `${doc}/${docLine}/money`;

/**
 * Books the difference between where a request's commitment stands and where it should, and brings the actual cost onto the work order. Where currencies
 * differ or an account would go below zero the request is held alone, and catches up with the news that repairs it.
 */
export function bookCommitment(input: ProcurementInput, state: WorkOrderState, movement: Movement): void {
  const { request } = movement;
  if (isReservation(request)) return;
  const trouble = book(input, movement);
  settleHold(input, (state.held ??= {}), { key: moneyKey(request), name: requestText(request), line: request.line, touched: true }, trouble);
  if (!trouble) noteActualCost(input, request);
}

/** Books, or answers why it cannot. */
function book(input: ProcurementInput, { request, document, text }: Movement): Trouble | undefined {
  const currencies = new Set(
    Object.values(request.orders).flatMap(({ currency, position }) => (currency === null || stages.every((stage) => position[stage] === 0) ? [] : [currency])),
  );
  if (request.currency !== null && !samePosition(request.booked, nothing())) currencies.add(request.currency);
  else if (request.price && compare(openQuantity(input, request), '0') > 0) currencies.add(request.price.currency);
  if (currencies.size > 1)
    return {
      kind: 'currency',
      owner: 'buyer',
      text: `${requestText(request)} is committed in ${[...currencies].sort().join(' and ')}: amounts of different currencies are never added; correct the price or the currency of the order`,
    };
  const target = targetOf(input, request);
  const below = negativeStage(target);
  if (below)
    return {
      kind: 'below',
      owner: 'accounts-payable',
      text: `${requestText(request)} would stand at less than nothing in ${below}: a credit or reversal is larger than what it takes back`,
    };
  const [currency] = currencies;
  if (currency === undefined) return undefined;
  move(input.plan, request.booked, target, { workOrder: request.workOrder, costCentre: request.costCentre, currency, document, text });
  request.booked = target;
  request.currency = currency;
  return undefined;
}

/** What stands of a request at each stage. What is bought into stock leaves the work order's books when it is received: its cost comes with the goods issue. */
function targetOf(input: ProcurementInput, request: Request): Position {
  const target = nothing();
  for (const { position } of Object.values(request.orders)) {
    target.ordered += position.ordered;
    if (request.toStock) continue;
    target.received += position.received;
    target.invoiced += position.invoiced;
    target.settled += position.settled;
  }
  const value = (quantity: string): number => (request.price ? extend(request.price, quantity).minor : 0);
  if (request.state === 'failed') target.estimated = value(request.wanted);
  else if (request.state === 'open') target.requested = value(openQuantity(input, request));
  return target;
}

/** What finance still has to order. An order in a unit that cannot be converted counts as the whole. */
function openQuantity({ facts, sides }: ProcurementInput, request: Request): string {
  if (request.state === 'failed') return request.wanted;
  if (request.state !== 'open') return '0';
  let left = request.confirmed;
  for (const share of Object.values(request.orders)) {
    const quantity = inUnitOf(request, share, request.part === null ? undefined : recordOf(facts, 'part', request.part, sides.finance));
    if (quantity === undefined) return '0';
    left = subtract(left, quantity);
  }
  return compare(left, '0') > 0 ? left : '0';
}

function inUnitOf(request: Request, share: OrderShare, part: Parameters<typeof converted>[2] | undefined): string | undefined {
  if (compare(share.quantity, '0') === 0) return '0';
  if (sameUnit(share.unit, request.unit)) return share.quantity;
  const result = part && converted({ value: share.quantity, unit: share.unit }, request.unit, part);
  return result?.ok ? result.value.value : undefined;
}

/** The actual cost goes back onto the work order in its own system: the difference to what was noted there, once per change. */
function noteActualCost(input: ProcurementInput, request: Request): void {
  const { plan, policy, sides } = input;
  if (request.currency === null) return;
  if (request.toStock || policy.actualCost === 'none') return;
  const minor = Object.values(request.orders).reduce(
    (total, share) => total + (policy.actualCost === 'receipt' ? share.receivedMinor : share.invoicedMinor),
    0,
  );
  const difference = { minor: minor - request.costed, currency: request.currency };
  if (difference.minor === 0) return;
  request.costed = minor;
  const orders = Object.values(request.orders)
    .map(({ order }) => order)
    .join(', ');
  const why = `${policy.actualCost === 'receipt' ? 'received' : 'invoiced'} so far ${moneyText({ minor, currency: request.currency })} for ${request.name} with order ${orders}`;
  plan.send({
    intent: `cost/${request.doc}/${request.docLine}/${(request.costs += 1)}`,
    to: sides.maintenance,
    record: 'workOrderCost',
    verb: 'create',
    chain: 'cost',
    money: difference,
    draft: asJson({
      workOrder: request.workOrder,
      kind: request.kind,
      text: `${request.name}: order ${orders}${difference.minor < 0 ? ', correction' : ''}`,
      amount: difference,
    }),
    reason: `actual cost ${moneyText(difference)} of line ${request.line} onto the work order: ${why}`,
  });
}
