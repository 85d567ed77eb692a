import type { CostRow, WorkOrder } from '#simulators/maintainx/records';
import type { World } from '#simulators/maintainx/world';

/** A cost row on the wire: cents, hours or pieces, seconds. Rows have neither id nor cost type there. */
export interface WireCost {
  readonly type: 'EXPENSE' | 'PART' | 'TIME';
  readonly costPerUnit: number | null;
  readonly description: string | null;
  readonly quantity: number;
  readonly rowTotal: number;
  readonly durationTotal?: number;
  readonly userId?: number | null;
  readonly partId?: number | null;
}

/** All rows of an order: what was posted or logged, and one PART row per part used. */
export function costRows(world: World, workOrder: WorkOrder): WireCost[] {
  const rows: WireCost[] = workOrder.costs.map(costView);
  for (const use of workOrder.parts) {
    if (use.quantityUsed === 0) continue;
    rows.push({
      type: 'PART',
      costPerUnit: use.unitCost,
      description: world.parts.get(use.partId)?.name ?? null,
      quantity: use.quantityUsed,
      rowTotal: Math.round((use.unitCost ?? 0) * use.quantityUsed),
      partId: use.partId,
    });
  }
  return rows;
}

export const costTotal = (rows: readonly WireCost[]): number => rows.reduce((sum, { rowTotal }) => sum + rowTotal, 0);

/** One posted or logged row. */
export const costView = ({ type, costPerUnit, description, quantity, rowTotal, durationTotal, userId }: CostRow): WireCost => ({
  type,
  costPerUnit,
  description,
  quantity,
  rowTotal,
  ...(durationTotal === null ? {} : { durationTotal }),
  ...(type === 'TIME' ? { userId } : {}),
});
