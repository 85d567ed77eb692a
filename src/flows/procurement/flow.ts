import type { Flow, FlowInput } from '#engine/flow';
import { decideOrderEvent } from '#flows/procurement/order';
import { ProcurementPolicy } from '#flows/procurement/policy';
import { decideProgress } from '#flows/procurement/progress';
import { decideRequisitionEvent } from '#flows/procurement/requisition';
import type { ProcurementState } from '#flows/procurement/state';
import { decideWorkOrder, rememberBom } from '#flows/procurement/work-order';

/** What procurement's decisions are given. */
export type ProcurementInput = FlowInput<ProcurementState, ProcurementPolicy>;

/** Which lane kind handles an event, and how. */
const lanes: { readonly [kind: string]: { readonly [event: string]: (input: ProcurementInput) => void } } = {
  workOrder: {
    'workOrder.snapshot': decideWorkOrder,
    'workOrder.removed': decideWorkOrder,
    'operation.outcome': decideProgress,
    'procurement.requisition': decideProgress,
    'procurement.stage': decideProgress,
    'expectation.overdue': decideProgress,
  },
  asset: { 'maintenanceBom.snapshot': rememberBom, 'maintenanceBom.removed': rememberBom },
  purchaseRequisition: {
    'purchaseRequisition.snapshot': decideRequisitionEvent,
    'purchaseRequisition.removed': decideRequisitionEvent,
    'requisition.linked': decideRequisitionEvent,
    'requisition.ordered': decideRequisitionEvent,
    'expectation.overdue': decideRequisitionEvent,
  },
  purchaseOrder: {
    'purchaseOrder.snapshot': decideOrderEvent,
    'purchaseOrder.removed': decideOrderEvent,
    'goodsReceipt.snapshot': decideOrderEvent,
    'supplierInvoice.snapshot': decideOrderEvent,
    'order.linked': decideOrderEvent,
    'expectation.overdue': decideOrderEvent,
  },
  goodsReceipt: { 'goodsReceipt.snapshot': withoutOrder },
  supplierInvoice: { 'supplierInvoice.snapshot': withoutOrder },
};

/**
 * Procurement: a released work order's needs become requisitions; approval, order, receipt and invoice are followed back to the line that needed them,
 * with the commitment ledger and the work order's actual cost. docs/flows/procurement.md explains every policy and reason.
 */
export const procurement: Flow<ProcurementState, ProcurementPolicy> = {
  name: 'procurement',
  title: 'Procurement',
  handles: [...new Set(Object.values(lanes).flatMap((events) => Object.keys(events)))],
  initial: {},
  policy: { parse: (value) => ProcurementPolicy.parse(value ?? {}) },
  decide(input) {
    const { lane, kind } = input.event;
    const decideHere = lanes[lane.slice(0, lane.indexOf('/'))]?.[kind];
    decideHere?.(input);
    if (decideHere && input.plan.reasons.length === 0) input.plan.note('nothing changed: everything this says was already known');
  },
};

function withoutOrder({ event, plan }: ProcurementInput): void {
  plan.didNot(
    `${event.kind === 'goodsReceipt.snapshot' ? 'goods receipt' : 'supplier invoice'} ${event.object} names no purchase order: no commitment is touched`,
  );
}
