import { isoTime } from '#base/clock';
import { costRows, costTotal } from '#simulators/maintainx/cost-rows';
import type { WorkOrder, WorkOrderStatus } from '#simulators/maintainx/records';
import type { Actor, World } from '#simulators/maintainx/world';

/** The filter words of WORK_ORDER_CHANGE and the members that they stand for. */
export const workOrderProperties = {
  ASSET: 'assetId',
  ASSIGNEES: 'assigneeIds',
  CATEGORIES: 'categories',
  COSTS: 'costs',
  DESCRIPTION: 'description',
  DUE_DATE: 'dueDate',
  ESTIMATED_TIME: 'estimatedTime',
  EXTRA_FIELDS: 'extraFields',
  LOCATION: 'locationId',
  PARTS: 'parts',
  PRIORITY: 'priority',
  START_DATE: 'startDate',
  TEAMS: 'teamIds',
  TITLE: 'title',
  VENDORS: 'vendorIds',
} as const;
export type WorkOrderProperty = keyof typeof workOrderProperties;

/** A work order as events carry it: neither status nor number nor external data. */
export function eventWorkOrder(world: World, workOrder: WorkOrder): Record<string, unknown> {
  return {
    assetId: workOrder.assetId,
    assigneeIds: idsOf(workOrder, 'USER'),
    teamIds: idsOf(workOrder, 'TEAM'),
    categories: categoriesOf(world, workOrder, workOrder.categories),
    description: workOrder.description,
    dueDate: workOrder.dueDate,
    estimatedTime: workOrder.estimatedTime,
    extraFields: workOrder.extraFields,
    locationId: workOrder.locationId,
    priority: workOrder.priority,
    startDate: workOrder.startDate,
    title: workOrder.title,
    vendorIds: workOrder.vendorIds,
    parts: workOrder.parts.map(({ partId, quantityUsed, unitCost, locationId, copyOnRecurring }) => ({
      id: partId,
      quantityUsed,
      unitCost,
      locationId,
      copyOnRecurring,
    })),
  };
}

export const idsOf = (workOrder: WorkOrder, type: 'USER' | 'TEAM'): number[] => workOrder.assignees.filter((one) => one.type === type).map((one) => one.id);

function categoriesOf(world: World, workOrder: WorkOrder, labels: readonly string[]): { id: number; name: string; description: string }[] {
  const known = [...world.categories.values()].filter(({ organizationId }) => organizationId === workOrder.organizationId);
  return labels.flatMap((label) => known.filter((category) => category.label === label).map(({ id, description }) => ({ id, name: label, description })));
}

const basics = (workOrder: WorkOrder, actor: Actor): Record<string, unknown> => ({
  workOrderId: workOrder.id,
  orgId: actor.organizationId,
  occurredAt: isoTime(workOrder.updatedAt),
});

export function created(world: World, actor: Actor, workOrder: WorkOrder): void {
  world.emit(actor, { type: 'NEW_WORK_ORDER', body: basics(workOrder, actor), entity: { key: 'newWorkOrder', make: () => eventWorkOrder(world, workOrder) } });
  categoriesAdded(world, actor, workOrder, workOrder.categories);
}

export function categoriesAdded(world: World, actor: Actor, workOrder: WorkOrder, labels: readonly string[]): void {
  if (labels.length === 0) return;
  const newCategories = categoriesOf(world, workOrder, labels);
  world.emit(actor, {
    type: 'NEW_CATEGORY_ON_WORK_ORDER',
    body: { ...basics(workOrder, actor), newCategories },
    tags: { oneOfCategories: newCategories.flatMap(({ id, name }) => [id, name]) },
  });
}

/** Sets `updatedAt` and tells WORK_ORDER_CHANGE of the properties. */
export function changed(
  world: World,
  actor: Actor,
  workOrder: WorkOrder,
  properties: readonly WorkOrderProperty[],
  assignees: Readonly<Record<string, readonly number[]>> = {},
): void {
  workOrder.updatedAt = world.clock.now();
  world.emit(actor, {
    type: 'WORK_ORDER_CHANGE',
    body: { ...basics(workOrder, actor), ...assignees },
    tags: { oneOfProperties: properties },
    entity: {
      key: 'newWorkOrder',
      byProperty: workOrderProperties,
      make: () => {
        const rows = costRows(world, workOrder);
        return { ...eventWorkOrder(world, workOrder), costs: { total: costTotal(rows), rows } };
      },
    },
  });
}

/** Events know four statuses: cancelled and skipped orders are DONE with a sub-status. */
const asEvent = (status: WorkOrderStatus): { status: string; sub?: string } =>
  status === 'CANCELED' || status === 'SKIPPED' ? { status: 'DONE', sub: status } : { status };

export function statusChanged(world: World, actor: Actor, workOrder: WorkOrder, before: WorkOrderStatus): void {
  const old = asEvent(before);
  const next = asEvent(workOrder.status);
  const counts = progress(world, workOrder);
  world.emit(actor, {
    type: 'WORK_ORDER_STATUS_CHANGE',
    body: {
      workOrderId: workOrder.id,
      orgId: actor.organizationId,
      oldStatus: old.status,
      ...(old.sub ? { oldSubStatus: old.sub } : {}),
      newStatus: next.status,
      ...(next.sub ? { newSubStatus: next.sub } : {}),
      progress: { inProgressCount: counts.inProgressCount, onHoldCount: counts.onHoldCount, doneCount: counts.doneCount },
      occurredAt: isoTime(workOrder.updatedAt),
      userId: actor.userId,
    },
    tags: { oneOfStatuses: [workOrder.status] },
    entity: { key: 'newWorkOrder', make: () => eventWorkOrder(world, workOrder) },
  });
}

/** How many sub-orders stand in which status. */
export function progress(world: World, workOrder: WorkOrder): { openCount: number; inProgressCount: number; onHoldCount: number; doneCount: number } {
  const counts = { openCount: 0, inProgressCount: 0, onHoldCount: 0, doneCount: 0 };
  for (const id of workOrder.subWorkOrderIds) {
    const status = world.workOrders.get(id)?.status;
    if (status === 'OPEN') counts.openCount++;
    else if (status === 'IN_PROGRESS') counts.inProgressCount++;
    else if (status === 'ON_HOLD') counts.onHoldCount++;
    else if (status !== undefined) counts.doneCount++;
  }
  return counts;
}

export function deleted(world: World, actor: Actor, workOrder: WorkOrder): void {
  world.emit(actor, {
    type: 'WORK_ORDER_DELETE',
    body: { workOrderId: workOrder.id, orgId: actor.organizationId, occurredAt: isoTime(world.clock.now()) },
    entity: { key: 'WorkOrder', make: () => eventWorkOrder(world, workOrder) },
  });
}
