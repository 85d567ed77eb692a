import * as z from 'zod';
import { issueParts, placeParts, plannedUse, release, stage, track } from '#simulators/maintainx/part-usage';
import { priorities, partStatuses, type Assignee, type WorkOrder, type WorkOrderStatus } from '#simulators/maintainx/records';
import { invalid } from '#simulators/maintainx/refusal';
import { categoriesAdded, changed, created, deleted, idsOf, statusChanged, type WorkOrderProperty } from '#simulators/maintainx/work-order-events';
import { closeRequest, approveRequest } from '#simulators/maintainx/work-requests';
import { allMustExist, mustExist, withExtraFields, type Actor, type World } from '#simulators/maintainx/world';
import { extraFields, externalData, id, isoDateTime, name, text, withinLength } from '#simulators/maintainx/wire';

const assignee = z.strictObject({ type: z.enum(['USER', 'TEAM']), id: z.union([id, z.string().max(320)]) });
const copy = z.enum(['NoCopy', 'Copy', 'Default']).optional();
const shared = {
  description: text.nullable().optional(),
  priority: z.enum(priorities).optional(),
  type: z.enum(['OTHER', 'REACTIVE', 'PREVENTIVE']).optional(),
  assetId: id.nullable().optional(),
  locationId: id.nullable().optional(),
  assignees: z.array(assignee).optional(),
  categories: z.array(name).optional(),
  dueDate: isoDateTime.nullable().optional(),
  startDate: isoDateTime.nullable().optional(),
  estimatedTime: z.int().nonnegative().nullable().optional(),
  externalData: externalData.optional(),
  extraFields: extraFields.optional(),
  vendorIds: z.array(id).optional(),
  requesterId: z
    .union([id, z.string().max(320)])
    .nullable()
    .optional(),
};
/** No status: an order starts OPEN. Procedures, templates and repetition are not part of this twin and are refused as unknown fields. */
export const newWorkOrder = z.strictObject({
  title: name,
  ...shared,
  parentId: id.nullable().optional(),
  isParent: z.boolean().nullable().optional(),
  workRequestId: id.nullable().optional(),
  skipRestHook: z.boolean().optional(),
  partsUsed: z.array(z.strictObject({ partId: id, quantityUsed: z.number(), locationId: id.nullable().optional(), copyOnRecurring: copy })).optional(),
});
export const changedWorkOrder = z.strictObject({
  title: name.optional(),
  ...shared,
  partsUsed: z
    .array(z.strictObject({ partId: id, quantityUsed: z.number().optional(), locationId: id.nullable().optional(), copyOnRecurring: copy }))
    .optional(),
});
export const changedStatus = z.strictObject({ status: z.enum(['OPEN', 'IN_PROGRESS', 'ON_HOLD', 'DONE', 'CANCELED']) });
export const changedPartStatus = z.strictObject({ partStatus: z.enum(partStatuses) });
type Fields = z.infer<typeof changedWorkOrder>;

function check(world: World, actor: Actor, input: Fields): void {
  withinLength(world, { names: { title: input.title }, texts: { description: input.description } });
  mustExist(world.assets, input.assetId, 'assetId', actor);
  mustExist(world.locations, input.locationId, 'locationId', actor);
  allMustExist(world.vendors, input.vendorIds, 'vendorIds', actor);
}

/** Users by id or e-mail, teams by id. */
function assigneesOf(world: World, actor: Actor, posted: Fields['assignees']): readonly Assignee[] | undefined {
  return posted?.map((one, index) => {
    const path = `assignees.${index}.id`;
    if (one.type === 'USER') return { type: 'USER', id: userId(world, actor, one.id, path) };
    const teamId = Number(one.id);
    mustExist(world.teams, Number.isSafeInteger(teamId) ? teamId : -1, path, actor);
    return { type: 'TEAM', id: teamId };
  });
}

function userId(world: World, actor: Actor, wanted: number | string, path: string): number {
  const user =
    typeof wanted === 'number'
      ? world.users.get(wanted)
      : [...world.users.values()].find((one) => one.organizationId === actor.organizationId && one.email?.toLowerCase() === wanted.toLowerCase());
  if (!user || user.organizationId !== actor.organizationId || user.removedFromOrganization) throw invalid(path, `User ${wanted} does not exist`, wanted);
  return user.id;
}

function checkDates(startDate: string | null, dueDate: string | null): void {
  if (startDate === null) return;
  if (dueDate === null) throw invalid('startDate', 'startDate is only valid when dueDate is set', startDate);
  if (Date.parse(startDate) > Date.parse(dueDate)) throw invalid('startDate', 'startDate must not be after dueDate', startDate);
}

/** Makes a work order; everything is checked before anything is changed. */
export function createWorkOrder(world: World, by: Actor, input: z.infer<typeof newWorkOrder>): WorkOrder {
  const actor = input.skipRestHook === true ? { ...by, quiet: true } : by;
  check(world, actor, input);
  if (input.parentId && input.isParent) throw invalid('isParent', 'isParent and parentId are mutually exclusive', true);
  mustExist(world.workOrders, input.parentId, 'parentId', actor);
  mustExist(world.workRequests, input.workRequestId, 'workRequestId', actor);
  checkDates(input.startDate ?? null, input.dueDate ?? null);
  const parent = input.parentId ? world.workOrders.get(input.parentId) : undefined;
  if (parent && !parent.isParent) throw invalid('parentId', `Work order ${parent.id} is not a parent work order`, parent.id);
  const assignees = assigneesOf(world, actor, input.assignees) ?? [];
  const requesterId = input.requesterId === null || input.requesterId === undefined ? null : userId(world, actor, input.requesterId, 'requesterId');
  const fields = withExtraFields(world, actor, 'workOrders', {}, input.extraFields);
  const parts = plannedUse(world, actor, [], input.partsUsed ?? []);
  const request = input.workRequestId ? world.workRequests.get(input.workRequestId) : undefined;
  if (request && request.requestStatus !== 'PENDING')
    throw invalid('workRequestId', `Work request ${request.id} is already ${request.requestStatus}`, request.id);
  const now = world.clock.now();
  const workOrder: WorkOrder = {
    id: world.id('workOrder'),
    sequentialId: world.sequence('workOrder', actor.organizationId),
    organizationId: actor.organizationId,
    createdAt: now,
    updatedAt: now,
    creatorId: actor.userId,
    title: input.title,
    description: input.description ?? null,
    status: 'OPEN',
    partStatus: 'NO_PARTS',
    priority: input.priority ?? 'NONE',
    type: input.type ?? 'REACTIVE',
    assetId: input.assetId ?? parent?.assetId ?? null,
    locationId: input.locationId ?? parent?.locationId ?? null,
    requesterId,
    completerId: null,
    completedAt: null,
    dueDate: input.dueDate ?? null,
    startDate: input.startDate ?? null,
    estimatedTime: input.estimatedTime ?? null,
    externalData: input.externalData ?? null,
    extraFields: fields,
    assignees,
    categories: input.categories ?? [],
    vendorIds: input.vendorIds ?? [],
    parts: [],
    costs: [],
    comments: [],
    parentId: parent?.id ?? null,
    isParent: input.isParent ?? false,
    subWorkOrderIds: [],
    lastMessageSentAt: null,
    holds: [],
  };
  world.workOrders.set(workOrder.id, workOrder);
  world.bySequentialId.set(`${actor.organizationId} ${workOrder.sequentialId}`, workOrder);
  parent?.subWorkOrderIds.push(workOrder.id);
  if (request) approveRequest(world, actor, request, workOrder.id);
  placeParts(world, actor, workOrder, parts);
  created(world, actor, workOrder);
  return workOrder;
}

const plain = [
  ['title', 'TITLE'],
  ['description', 'DESCRIPTION'],
  ['priority', 'PRIORITY'],
  ['assetId', 'ASSET'],
  ['locationId', 'LOCATION'],
  ['categories', 'CATEGORIES'],
  ['dueDate', 'DUE_DATE'],
  ['startDate', 'START_DATE'],
  ['estimatedTime', 'ESTIMATED_TIME'],
  ['vendorIds', 'VENDORS'],
  ['type', undefined],
  ['externalData', undefined],
] as const;

/** Changes a work order; `partsUsed` replaces all rows. */
export function changeWorkOrder(world: World, actor: Actor, workOrder: WorkOrder, input: Fields): WorkOrder {
  check(world, actor, input);
  checkDates(input.startDate === undefined ? workOrder.startDate : input.startDate, input.dueDate === undefined ? workOrder.dueDate : input.dueDate);
  const assignees = assigneesOf(world, actor, input.assignees);
  const requesterId =
    typeof input.requesterId === 'number' || typeof input.requesterId === 'string' ? userId(world, actor, input.requesterId, 'requesterId') : input.requesterId;
  const fields = withExtraFields(world, actor, 'workOrders', workOrder.extraFields, input.extraFields);
  const parts = input.partsUsed === undefined ? undefined : plannedUse(world, actor, workOrder.parts, input.partsUsed);
  if (parts) placeParts(world, actor, workOrder, parts);
  const properties: WorkOrderProperty[] = parts ? ['PARTS'] : [];
  const oldCategories = workOrder.categories;
  for (const [key, property] of plain) {
    const value = input[key];
    if (value === undefined || value === workOrder[key]) continue;
    Object.assign(workOrder, { [key]: value });
    if (property) properties.push(property);
  }
  if (requesterId !== undefined) workOrder.requesterId = requesterId;
  if (fields !== workOrder.extraFields) {
    workOrder.extraFields = fields;
    properties.push('EXTRA_FIELDS');
  }
  const moves = assignees ? assign(workOrder, assignees) : {};
  if (assignees) properties.push('ASSIGNEES', 'TEAMS');
  changed(world, actor, workOrder, properties, moves);
  categoriesAdded(
    world,
    actor,
    workOrder,
    workOrder.categories.filter((label) => !oldCategories.includes(label)),
  );
  return workOrder;
}

function assign(workOrder: WorkOrder, assignees: readonly Assignee[]): Record<string, number[]> {
  const [users, teams] = [idsOf(workOrder, 'USER'), idsOf(workOrder, 'TEAM')];
  workOrder.assignees = assignees;
  const [newUsers, newTeams] = [idsOf(workOrder, 'USER'), idsOf(workOrder, 'TEAM')];
  const without = (some: readonly number[], others: readonly number[]): number[] => some.filter((one) => !others.includes(one));
  return {
    addedAssigneeIds: without(newUsers, users),
    removedAssigneeIds: without(users, newUsers),
    addedTeamIds: without(newTeams, teams),
    removedTeamIds: without(teams, newTeams),
  };
}

/** Any status to any of the five. DONE takes the planned parts out of stock; the same status again changes and tells nothing. */
export function changeStatus(world: World, actor: Actor, workOrder: WorkOrder, next: WorkOrderStatus): WorkOrder {
  const before = workOrder.status;
  if (before === next) return workOrder;
  if (next === 'DONE') issueParts(world, actor, workOrder);
  workOrder.status = next;
  workOrder.updatedAt = world.clock.now();
  if (next === 'DONE') {
    workOrder.completedAt = workOrder.updatedAt;
    workOrder.completerId = actor.userId;
    closeRequest(world, actor, workOrder.id);
  }
  track(world, workOrder);
  statusChanged(world, actor, workOrder, before);
  return workOrder;
}

/** Moves the parts of an order to another stage. */
export function changePartStatus(world: World, actor: Actor, workOrder: WorkOrder, next: WorkOrder['partStatus']): WorkOrder {
  if (next !== 'NO_PARTS' && workOrder.parts.length === 0) throw invalid('partStatus', `Work order ${workOrder.id} has no parts`, next);
  if (next === 'NO_PARTS' && workOrder.parts.length > 0) throw invalid('partStatus', `Work order ${workOrder.id} has parts`, next);
  stage(world, actor, workOrder, next);
  return workOrder;
}

/** Removes an order. What it has taken from stock stays taken. */
export function deleteWorkOrder(world: World, actor: Actor, workOrder: WorkOrder): void {
  release(world, workOrder);
  world.workOrders.delete(workOrder.id);
  world.bySequentialId.delete(`${workOrder.organizationId} ${workOrder.sequentialId}`);
  deleted(world, actor, workOrder);
}
