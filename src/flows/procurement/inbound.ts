import { add, compare, subtract } from '#base/decimal';
import { sameUnit } from '#base/quantity';
import { stockLane } from '#flows/lanes';
import { converted, recordOf } from '#flows/part-quantity';
import type { ProcurementInput } from '#flows/procurement/flow';
import { counts, isReservation } from '#flows/procurement/request';
import type { OrderShare, Request, WorkOrderState } from '#flows/procurement/state';

/**
 * What a work order's requisitions will bring into a storeroom is told to the lane of that part and storeroom, as a total and when it changes: what is on its
 * way for a work order is not replenished a second time (001-20, 002-30).
 */
export function tellInbound(input: ProcurementInput, state: WorkOrderState): void {
  const totals = new Map<string, { quantity: string; unit: Request['unit'] }>();
  for (const lane of Object.keys(state.inbound ?? {})) totals.set(lane, { quantity: '0', unit: state.inbound?.[lane]?.unit ?? { system: '', code: '' } });
  for (const request of state.requests) {
    if (!request.toStock || request.part === null || request.storeroom === undefined || isReservation(request)) continue;
    const lane = stockLane(request.part, request.storeroom);
    totals.set(lane, { quantity: add(totals.get(lane)?.quantity ?? '0', inboundOf(input, request)), unit: request.unit });
  }
  for (const [lane, { quantity, unit }] of totals) {
    const before = state.inbound?.[lane];
    if (compare(before?.quantity ?? '0', quantity) === 0) continue;
    const n = (before?.n ?? 0) + 1;
    (state.inbound ??= {})[lane] = { n, quantity, unit };
    input.plan.tell({
      lane,
      kind: 'procurement.inbound',
      key: `inbound/${input.event.lane}/${n}`,
      data: { from: input.event.lane, n, number: state.number, quantity, unit: { ...unit } },
    });
  }
}

const waits: Readonly<Record<string, true>> = { sent: true, failed: true, open: true };

/** What is requested and not yet on an order, and what is on orders and not yet received. */
function inboundOf(input: ProcurementInput, request: Request): string {
  if (!counts(request)) return '0';
  let ordered = '0';
  let inbound = '0';
  for (const share of Object.values(request.orders)) {
    ordered = add(ordered, inUnitOf(input, request, share, share.quantity));
    if (share.deleted || share.complete || share.final) continue;
    inbound = add(inbound, positive(subtract(inUnitOf(input, request, share, share.quantity), inUnitOf(input, request, share, share.received))));
  }
  const asked = Object.hasOwn(waits, request.state) ? request.asked : '0';
  return add(inbound, positive(subtract(asked, ordered)));
}

const positive = (value: string): string => (compare(value, '0') > 0 ? value : '0');

/** An order in a unit that nothing converts brings what was asked for: it is held elsewhere, and no second requisition follows from it. */
function inUnitOf({ facts, sides }: ProcurementInput, request: Request, share: OrderShare, value: string): string {
  if (sameUnit(share.unit, request.unit)) return value;
  const part = request.part === null ? undefined : recordOf(facts, 'part', request.part, sides.finance);
  const result = part && converted({ value, unit: share.unit }, request.unit, part);
  return result?.ok ? result.value.value : '0';
}
