import { add, compare, divide, multiply, subtract } from '#base/decimal';
import { sameUnit, type Unit } from '#base/quantity';
import { factKey, type OutcomeData } from '#engine/flow';
import { lane as laneOf, provisionalHubId } from '#flows/lanes';
import { asJson } from '#flows/part-quantity';
import type { StockInput } from '#flows/stock/flow';
import { projectedOf } from '#flows/stock/projection';
import { emptyStock, type StockState } from '#flows/stock/state';

const dayMs = 86_400_000;
const lateKey = 'stock/replenishment';
const factOf = (state: StockState): string => `stock/replenishment/${state.part}@${state.storeroom}`;

/** Below the reorder point one requisition is raised, by the hub or by the finance system, never by both, and one at a time. */
export function reviewReorderPoint(input: StockInput, state: StockState): void {
  const { plan, policy, sides } = input;
  const { finance, terms, replenishment } = state;
  const projected = projectedOf(state);
  if (!finance || projected === undefined)
    return plan.note(`${sides.finance} has not said yet what is on hand of ${state.part} at ${state.storeroom}: no replenishment is decided`);
  if (terms.reorderPoint === null) return plan.note(`no replenishment: ${state.part} has no reorder point at ${state.storeroom}`);
  const unit = finance.unit.code;
  const inbound = inboundOf(state);
  const figures = `${projected} ${unit} on hand at ${state.storeroom} when all is posted, ${compare(inbound, '0') > 0 ? `${inbound} on their way for work orders, ` : ''}reorder point ${terms.reorderPoint}`;
  if (compare(add(projected, inbound), terms.reorderPoint) >= 0) {
    if (replenishment?.state === 'rejected') closeReplenishment(input, state);
    return plan.note(`no replenishment: ${figures}`);
  }
  if (replenishment)
    return plan.didNot(
      `no second replenishment: ${figures}, ${nameOf(state)} of ${replenishment.quantity} ${unit} ${replenishment.state === 'rejected' ? 'was not approved: raise the stock or correct the reorder point' : 'is under way'}`,
    );
  if (terms.bySystem) return plan.didNot(`no replenishment by the hub: ${figures}, ${sides.finance} replenishes this part itself`);
  if (policy.reorderBy === 'erp') return plan.didNot(`no replenishment by the hub: ${figures}, ${sides.finance} raises it (policy reorderBy)`);
  if (finance.at <= state.replenishedAt) return plan.note(`no replenishment yet: on-hand was read before the last replenishment was received`);
  raise(input, state, add(projected, inbound), figures);
}

/** What requisitions of work orders bring in: it covers the reorder point too, so that one need is not bought twice. */
const inboundOf = ({ inbound }: StockState): string => Object.values(inbound ?? {}).reduce((total, { quantity }) => add(total, quantity), '0');

/** A work order says what its requisitions will bring into this storeroom, as a total. */
export function decideInbound(input: StockInput): void {
  const { event, plan } = input;
  const state = (input.state.stock ??= emptyStock(event.lane));
  const { from, n, number, quantity, unit } = event.data as unknown as { from: string; n: number; number: string; quantity: string; unit: Unit }; // Written by work-order lanes.
  const before = state.inbound?.[from];
  if (before && n < before.n) return plan.note(`superseded: message ${n} of ${from}, ${before.n} was already heard`);
  if (state.finance && !sameUnit(state.finance.unit, unit))
    return plan.note(`what work order ${number} brings in is in ${unit.code} and the stock of ${state.part} in ${state.finance.unit.code}: it is not counted`);
  (state.inbound ??= {})[from] = { n, quantity };
  plan.note(`${quantity} ${unit.code} ${state.part} are on their way to ${state.storeroom} for work order ${number}`);
  reviewReorderPoint(input, state);
}

const nameOf = ({ replenishment }: StockState): string =>
  `replenishment ${replenishment?.number === null || replenishment === null ? '(not yet numbered)' : `requisition ${replenishment.number}`}`;

function raise(input: StockInput, state: StockState, projected: string, figures: string): void {
  const { event, plan, policy, sides } = input;
  const unit = state.finance?.unit;
  if (!unit) return;
  const sized = quantityOf(state, projected);
  if (sized.by === 'shortage' && policy.quantityWithoutLot === 'hold')
    return plan.hold(
      `${state.part} at ${state.storeroom} needs a replenishment (${figures}) but has neither lot size nor maximum: set one of them (policy quantityWithoutLot)`,
      { owner: 'storekeeper' },
    );
  const n = (state.replenishments += 1);
  state.replenishment = { n, state: 'sent', number: null, quantity: sized.quantity, receivedQuantity: '0' };
  const { price, pricePer, site } = state.terms;
  plan.remember(factOf(state), { text: `a replenishment of ${sized.quantity} ${unit.code} is under way` });
  plan.expect(lateKey, `${sized.quantity} ${unit.code} ${state.part} arrive at ${state.storeroom}`, event.at + policy.replenishWithinDays * dayMs, {
    site: event.site,
    thread: event.lane,
  });
  plan.send({
    intent: `replenish/${n}`,
    to: sides.finance,
    record: 'purchaseRequisition',
    verb: 'create',
    chain: 'replenishment',
    draft: asJson({
      reason: `below reorder point: ${figures}`,
      text: `Replenishment of ${state.part} at ${state.storeroom}`,
      lines: [
        {
          line: '10',
          kind: 'part',
          part: state.part,
          quantity: { value: sized.quantity, unit: { ...unit } },
          ...(site === null ? {} : { site }),
          storeroom: state.storeroom,
          ...(price && pricePer === '1' ? { price: { ...price } } : {}),
          requiredOn: new Date(event.at + policy.replenishWithinDays * dayMs).toISOString().slice(0, 10),
          reference: '1',
        },
      ],
    }),
    reason: `replenishment requisition of ${sized.quantity} ${unit.code} ${state.part}: ${figures}, quantity by ${sized.by}`,
  });
}

/** Up to the maximum, in whole lots where there is a lot size; whole lots to reach the reorder point; else what is short. */
function quantityOf({ terms }: StockState, projected: string): { quantity: string; by: string } {
  const short = subtract(terms.maximum ?? terms.reorderPoint ?? '0', projected);
  if (terms.lotSize !== null && compare(terms.lotSize, '0') > 0)
    return {
      quantity: multiply(terms.lotSize, wholeLots(short, terms.lotSize, terms.maximum !== null)),
      by: `lots of ${terms.lotSize}${terms.maximum === null ? '' : ` within maximum ${terms.maximum}`}`,
    };
  if (terms.maximum !== null && compare(short, '0') > 0) return { quantity: short, by: `maximum ${terms.maximum}` };
  return { quantity: subtract(terms.reorderPoint ?? '0', projected), by: 'shortage' };
}

/** Lots that cover `short`; with a maximum never beyond it, but at least one. */
function wholeLots(short: string, lot: string, capped: boolean): string {
  const rounded = divide(short, lot, 0);
  const covered = compare(multiply(rounded, lot), short);
  const lots = capped ? (covered > 0 ? subtract(rounded, '1') : rounded) : covered < 0 ? add(rounded, '1') : rounded;
  return compare(lots, '1') < 0 ? '1' : lots;
}

function closeReplenishment({ plan, event }: Pick<StockInput, 'plan' | 'event'>, state: StockState): void {
  state.replenishment = null;
  state.replenishedAt = Math.max(state.replenishedAt, event.at);
  plan.forget(factOf(state));
  plan.meet(lateKey);
}

/** What came of the replenishment requisition. */
export function replenishmentOutcome(input: StockInput): void {
  const { event, plan, sides } = input;
  const state = (input.state.stock ??= emptyStock(event.lane));
  const data = event.data as unknown as OutcomeData; // Written by the engine in this shape.
  const { replenishment } = state;
  if (!replenishment || data.intent !== `replenish/${replenishment.n}`)
    return plan.note(`the outcome of ${data.intent} concerns no replenishment that is open`);
  if (data.outcome === 'failed') {
    replenishment.state = 'failed';
    return plan.note(`finance refused the replenishment of ${state.part} at ${state.storeroom}: a person retries, edits or cancels it`);
  }
  if (data.outcome === 'cancelled') {
    replenishment.state = 'rejected';
    return plan.note('the replenishment was cancelled by a person: none is raised again until the stock was above its reorder point');
  }
  const number = String(data.receipt?.['id'] ?? '');
  Object.assign(replenishment, { state: 'open', number });
  const link = {
    lane: event.lane,
    line: '1',
    requisition: number,
    requisitionLine: '10',
    thread: event.thread,
    site: event.site,
    priority: 'none',
    toStock: true,
  };
  plan.remember(factOf(state), { text: `replenishment requisition ${number} of ${replenishment.quantity} ${state.finance?.unit.code ?? ''} is under way` });
  plan.remember(factKey.origin('purchaseRequisition', sides.finance, number, '10'), link);
  plan.document({
    kind: 'purchaseRequisition',
    system: sides.finance,
    id: number,
    line: '10',
    parent: event.lane,
    state: 'requested',
    text: `replenishment of ${replenishment.quantity} ${state.part}`,
    minor: null,
    currency: null,
  });
  plan.tell({
    lane: laneOf('purchaseRequisition', provisionalHubId(sides.finance, number)),
    kind: 'requisition.linked',
    key: `linked/${event.lane}/${number}`,
    data: { lane: event.lane, number, thread: event.thread, site: event.site, priority: 'none', lines: { '10': { line: '1', toStock: true } } },
  });
  plan.note(`replenishment requisition ${number} of ${replenishment.quantity} is in finance`);
}

const ended: Readonly<Record<string, true>> = { rejected: true, deleted: true, closed: true };

/** What the requisition's and the order's lanes tell: rejected is remembered, received closes it. */
export function decideReplenishment(input: StockInput): void {
  const { event, plan } = input;
  const state = (input.state.stock ??= emptyStock(event.lane));
  const from = String(event.data['from']);
  const n = Number(event.data['n']);
  if (n < (state.heard[from] ?? 0)) return plan.note(`superseded: message ${n} of ${from}, ${state.heard[from]} was already heard`);
  state.heard[from] = n;
  if (event.kind === 'procurement.requisition') return requisitionTold(input, state);
  // Written by the order's lane: absolute figures of every line that this lane is the origin of.
  const lines = event.data['lines'] as unknown as readonly { requisition: string; quantity: string; received: string; complete: boolean; deleted: boolean }[];
  const { replenishment } = state;
  const mine = lines.filter(({ requisition }) => requisition === replenishment?.number);
  if (!replenishment || mine.length === 0) return plan.note('this order belongs to no replenishment that is open');
  replenishment.receivedQuantity = mine.reduce((total, { received }) => add(total, received), '0');
  const standing = mine.filter(({ deleted }) => !deleted);
  const done =
    standing.length > 0 && standing.every(({ quantity, received, complete }) => complete || (compare(quantity, '0') > 0 && compare(received, quantity) >= 0));
  if (!done) return plan.note(`${replenishment.receivedQuantity} of ${replenishment.quantity} ${state.part} received`);
  plan.note(`replenishment requisition ${replenishment.number ?? ''} is received (${replenishment.receivedQuantity}): closed`);
  closeReplenishment(input, state);
  // What else is below the reorder point is decided when finance's new figure is read.
  reviewReorderPoint(input, state);
}

function requisitionTold(input: StockInput, state: StockState): void {
  const { event, plan } = input;
  const { replenishment } = state;
  const told = (event.data['lines'] as Record<string, { state: string }> | undefined)?.['10'];
  if (!replenishment || !told || event.data['requisition'] !== replenishment.number) return plan.note('this requisition is no replenishment that is open');
  if (ended[told.state]) {
    replenishment.state = 'rejected';
    return plan.note(
      `replenishment requisition ${replenishment.number ?? ''} was ${told.state}: none is raised again until the stock was above its reorder point`,
    );
  }
  if (replenishment.state === 'rejected') replenishment.state = 'open';
  plan.note(`replenishment requisition ${replenishment.number ?? ''} is ${told.state}`);
}

/** The replenishment has not come in time. */
export function replenishmentOverdue({ event, plan }: StockInput, state: StockState): void {
  if (event.data['expectation'] !== lateKey || !state.replenishment) return;
  plan.note(
    `overdue: ${nameOf(state)} of ${state.replenishment.quantity} ${state.part} at ${state.storeroom} has not arrived (${state.replenishment.receivedQuantity} so far): ask the buyer`,
  );
}
