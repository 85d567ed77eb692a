import type { Flow, FlowInput } from '#engine/flow';
import { decideConsumed, decideMovement } from '#flows/stock/movement';
import { decideAdjustment, decideLevel, decideOverdue } from '#flows/stock/level';
import { StockPolicy } from '#flows/stock/policy';
import { decideInbound, decideReplenishment, replenishmentOutcome } from '#flows/stock/replenishment';
import type { StockFlowState } from '#flows/stock/state';
import { decideIssued, decideUsage } from '#flows/stock/usage';

/** What stock's decisions are given. */
export type StockInput = FlowInput<StockFlowState, StockPolicy>;

/** Which lane kind handles an event, and how. */
const lanes: { readonly [kind: string]: { readonly [event: string]: (input: StockInput) => void } } = {
  workOrder: { 'workOrder.snapshot': decideUsage, 'workOrder.removed': decideUsage, 'stock.issued': decideIssued },
  stock: {
    'stock.consumed': decideConsumed,
    'stockLevel.snapshot': decideLevel,
    'stockLevel.removed': decideLevel,
    'operation.outcome': decideOutcome,
    'procurement.inbound': decideInbound,
    'procurement.requisition': decideReplenishment,
    'procurement.stage': decideReplenishment,
    'expectation.overdue': decideOverdue,
  },
};

/**
 * Stock: what a work order used becomes a goods issue once, per part and storeroom in order; on-hand agrees on both sides without oscillation;
 * the reorder point raises one requisition, by hub or ERP. docs/flows/stock.md explains every policy and reason.
 */
export const stock: Flow<StockFlowState, StockPolicy> = {
  name: 'stock',
  title: 'Stock',
  handles: [...new Set(Object.values(lanes).flatMap((events) => Object.keys(events)))],
  initial: {},
  policy: { parse: (value) => StockPolicy.parse(value ?? {}) },
  decide(input) {
    const { lane, kind } = input.event;
    const decideHere = lanes[lane.slice(0, lane.indexOf('/'))]?.[kind];
    decideHere?.(input);
    if (decideHere && input.plan.reasons.length === 0) input.plan.note('nothing changed: everything this says was already known');
  },
};

function decideOutcome(input: StockInput): void {
  const { record } = input.event.data;
  if (record === 'goodsIssue') decideMovement(input);
  else if (record === 'stockLevel') decideAdjustment(input);
  else replenishmentOutcome(input);
}
