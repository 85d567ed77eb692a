import * as z from 'zod';
import { isoTime } from '#base/clock';
import { assetRow } from '#simulators/maintainx/assets';
import { costRows, type WireCost } from '#simulators/maintainx/cost-rows';
import { locationRow } from '#simulators/maintainx/locations';
import { page } from '#simulators/maintainx/paging';
import { availability } from '#simulators/maintainx/part-usage';
import { partStatuses, priorities, workOrderStatuses, type WorkOrder } from '#simulators/maintainx/records';
import { found } from '#simulators/maintainx/refusal';
import { inStock } from '#simulators/maintainx/stock';
import { idsOf, progress } from '#simulators/maintainx/work-order-events';
import {
  changedPartStatus,
  changedStatus,
  changedWorkOrder,
  changePartStatus,
  changeStatus,
  changeWorkOrder,
  createWorkOrder,
  deleteWorkOrder,
  newWorkOrder,
} from '#simulators/maintainx/work-orders';
import { isoOrNull, type World } from '#simulators/maintainx/world';
import { choices, flag, ids, parsed, pathId, text, visible, type Call, type Route } from '#simulators/maintainx/wire';

const oneExpansions = [
  'assignees',
  'asset',
  'estimated_time',
  'location',
  'parts',
  'times',
  'time_items',
  'expenditures',
  'extra_fields',
  'part_extra_fields',
  'asset_extra_fields',
  'location_extra_fields',
] as const;
const listExpansions = [...oneExpansions, 'thumbnail', 'categories', 'procedure', 'vendor_ids'] as const;
type Expansion = (typeof listExpansions)[number];

/** What every answer about a work order has. */
function core(world: World, workOrder: WorkOrder): Record<string, unknown> {
  return {
    id: workOrder.id,
    sequentialId: workOrder.sequentialId,
    title: workOrder.title,
    description: workOrder.description,
    status: workOrder.status,
    priority: workOrder.priority,
    type: workOrder.type,
    partStatus: workOrder.partStatus,
    partsAvailability: availability(world, workOrder),
    locationId: workOrder.locationId,
    requesterId: workOrder.requesterId,
    creatorId: workOrder.creatorId,
    completerId: workOrder.completerId,
    completedAt: isoOrNull(workOrder.completedAt),
    createdAt: isoTime(workOrder.createdAt),
    updatedAt: isoTime(workOrder.updatedAt),
    deletedAt: null,
    dueDate: workOrder.dueDate,
    dueDateIsFullDay: false,
    startDate: workOrder.startDate,
    lastMessageSentAt: isoOrNull(workOrder.lastMessageSentAt),
    nextId: null,
    previousId: null,
    organizationId: workOrder.organizationId,
    recurrenceInfo: null,
    vendorIds: workOrder.vendorIds,
  };
}

/** One work order: external data, categories and ids are here and not in list rows. */
export function workOrderDetail(world: World, workOrder: WorkOrder, expand: readonly Expansion[] = []): Record<string, unknown> {
  return {
    ...core(world, workOrder),
    assetId: workOrder.assetId,
    assigneeIds: idsOf(workOrder, 'USER'),
    teamIds: idsOf(workOrder, 'TEAM'),
    attachments: [],
    categories: workOrder.categories,
    externalData: workOrder.externalData,
    extraFields: workOrder.extraFields,
    isParent: workOrder.isParent,
    parentId: workOrder.parentId,
    thumbnail: null,
    progress: workOrder.isParent ? progress(world, workOrder) : null,
    ...expanded(world, workOrder, expand),
  };
}

function expanded(world: World, workOrder: WorkOrder, expand: readonly Expansion[]): Record<string, unknown> {
  const has = (one: Expansion): boolean => expand.includes(one);
  const out: Record<string, unknown> = {};
  if (has('assignees')) out['assignees'] = workOrder.assignees;
  if (has('categories')) out['categories'] = workOrder.categories;
  if (has('estimated_time')) out['estimatedTime'] = workOrder.estimatedTime;
  if (has('extra_fields')) out['extraFields'] = workOrder.extraFields;
  if (has('vendor_ids')) out['vendorIds'] = workOrder.vendorIds;
  if (has('asset') || has('asset_extra_fields')) {
    const asset = workOrder.assetId === null ? undefined : world.assets.get(workOrder.assetId);
    out['asset'] = asset ? { ...assetRow(asset), ...(has('asset_extra_fields') ? { assetExtraFields: asset.extraFields } : {}) } : null;
  }
  if (has('location') || has('location_extra_fields')) {
    const location = workOrder.locationId === null ? undefined : world.locations.get(workOrder.locationId);
    out['location'] = location ? { ...locationRow(location), ...(has('location_extra_fields') ? { locationExtraFields: location.extraFields } : {}) } : null;
  }
  if (has('parts') || has('part_extra_fields')) out['parts'] = partsView(world, workOrder, has('part_extra_fields'));
  if (has('times') || has('time_items') || has('expenditures')) {
    const rows = costRows(world, workOrder);
    const times = rows.filter(({ type }) => type === 'TIME');
    if (has('times')) out['times'] = byUser(times);
    if (has('time_items')) out['timeItems'] = times;
    if (has('expenditures')) out['expenditures'] = rows.filter(({ type }) => type === 'EXPENSE');
  }
  return out;
}

function partsView(world: World, workOrder: WorkOrder, withFields: boolean): unknown[] {
  return workOrder.parts.map((use) => {
    const part = world.parts.get(use.partId);
    const row = part?.stock.get(use.locationId ?? -1);
    return {
      id: use.partId,
      name: part?.name ?? '',
      description: part?.description ?? null,
      area: row?.area ?? null,
      unitCost: use.unitCost,
      availableQuantity: row?.availableQuantity ?? (part ? inStock(part) : 0),
      minimumQuantity: row?.minimumQuantity ?? 0,
      barcode: part?.barcode ?? null,
      quantityUsed: use.quantityUsed,
      copyOnRecurring: use.copyOnRecurring,
      locationId: use.locationId,
      extraFields: {},
      ...(withFields ? { partExtraFields: part?.extraFields ?? {} } : {}),
    };
  });
}

/** `times` adds up the rows of one user and rate; `timeItems` keeps them apart. */
function byUser(times: readonly WireCost[]): WireCost[] {
  const groups = new Map<string, WireCost>();
  for (const row of times) {
    const key = `${row.userId} ${row.costPerUnit}`;
    const sum = groups.get(key);
    groups.set(
      key,
      sum
        ? {
            ...sum,
            quantity: sum.quantity + row.quantity,
            rowTotal: sum.rowTotal + row.rowTotal,
            durationTotal: (sum.durationTotal ?? 0) + (row.durationTotal ?? 0),
            description: null,
          }
        : row,
    );
  }
  return [...groups.values()];
}

type Condition = (workOrder: WorkOrder) => boolean;

/** The filters of the list: a repeated value is OR, different parameters are AND, `not…` means none of. */
function conditions({ query, world }: Call): Condition[] {
  const where: Condition[] = [];
  const oneOf = (parameter: string, read: (workOrder: WorkOrder) => readonly (number | null)[], holds: boolean): void => {
    const wanted = ids(query, parameter);
    if (wanted) where.push((workOrder) => read(workOrder).some((value) => value !== null && wanted.has(value)) === holds);
  };
  oneOf('assets', (workOrder) => [workOrder.assetId], true);
  oneOf('notAssets', (workOrder) => [workOrder.assetId], false);
  oneOf('locations', (workOrder) => [workOrder.locationId], true);
  oneOf('notLocations', (workOrder) => [workOrder.locationId], false);
  oneOf('parts', (workOrder) => workOrder.parts.map(({ partId }) => partId), true);
  oneOf('notParts', (workOrder) => workOrder.parts.map(({ partId }) => partId), false);
  oneOf('vendors', (workOrder) => workOrder.vendorIds, true);
  oneOf('notVendors', (workOrder) => workOrder.vendorIds, false);
  oneOf('assignees', (workOrder) => idsOf(workOrder, 'USER'), true);
  oneOf('teams', (workOrder) => idsOf(workOrder, 'TEAM'), true);
  const enumerated = <T extends string>(parameter: string, allowed: readonly T[], read: (workOrder: WorkOrder) => T): void => {
    const wanted = choices(query, parameter, allowed);
    if (wanted.length > 0) where.push((workOrder) => wanted.includes(read(workOrder)));
  };
  enumerated('priorities', priorities, (workOrder) => workOrder.priority);
  enumerated('statuses', workOrderStatuses, (workOrder) => workOrder.status);
  enumerated('partStatuses', partStatuses, (workOrder) => workOrder.partStatus);
  enumerated('parentSubWorkOrderTypes', ['PARENT', 'SUB_WORK_ORDER', 'STANDALONE'], (workOrder) =>
    workOrder.isParent ? 'PARENT' : workOrder.parentId === null ? 'STANDALONE' : 'SUB_WORK_ORDER',
  );
  for (const [parameter, holds] of [
    ['categories', true],
    ['notCategories', false],
  ] as const) {
    const wanted = query.getAll(parameter).map((value) => world.categories.get(Number(value))?.label ?? value);
    if (wanted.length > 0) where.push((workOrder) => workOrder.categories.some((label) => wanted.includes(label)) === holds);
  }
  const title = query.get('title')?.toLowerCase();
  if (title !== undefined) where.push((workOrder) => workOrder.title.toLowerCase().includes(title));
  if (!flag(query, 'show_upcoming')) {
    const now = world.clock.now();
    where.push((workOrder) => workOrder.startDate === null || Date.parse(workOrder.startDate) <= now);
  }
  return where;
}

const dateOrEnd = (value: string | null): number => (value === null ? Number.MAX_SAFE_INTEGER : Date.parse(value));

function list(call: Call): unknown {
  const expand = choices(call.query, 'expand', listExpansions);
  return page(call, {
    collection: 'workOrders',
    paging: 'cursor',
    rows: call.world.workOrders.values(),
    where: conditions(call),
    sorts: {
      updatedAt: (row) => row.updatedAt,
      createdAt: (row) => row.createdAt,
      dueDate: (row) => dateOrEnd(row.dueDate),
      startedAt: (row) => dateOrEnd(row.startDate),
      completedAt: (row) => row.completedAt ?? Number.MAX_SAFE_INTEGER,
    },
    view: (workOrder) => ({ ...core(call.world, workOrder), ...expanded(call.world, workOrder, expand) }),
  });
}

function subOrders(call: Call): unknown {
  const parent = one(call);
  const expand = choices(call.query, 'expand', listExpansions);
  return page(call, {
    collection: 'subworkorders',
    paging: 'cursor',
    rows: parent.subWorkOrderIds.flatMap((id) => call.world.workOrders.get(id) ?? []),
    view: (workOrder) => {
      const { type: _type, dueDateIsFullDay: _full, recurrenceInfo: _recurrence, vendorIds: _vendors, ...row } = core(call.world, workOrder);
      return {
        ...row,
        assetId: workOrder.assetId,
        ...expanded(
          call.world,
          workOrder,
          expand.filter((value) => value !== 'vendor_ids'),
        ),
      };
    },
  });
}

const one = (call: Call): WorkOrder => visible(call, call.world.workOrders, 'workOrder');

/** `useSequentialId=true` takes the human number, which counts per organisation. */
function get(call: Call): unknown {
  const expand = choices(call.query, 'expand', oneExpansions);
  const workOrder = flag(call.query, 'useSequentialId')
    ? found(call.world.bySequentialId.get(`${call.actor().organizationId} ${pathId(call.key)}`), 'workOrder')
    : one(call);
  return { workOrder: workOrderDetail(call.world, workOrder, expand) };
}

function patch(call: Call): unknown {
  const expand = choices(call.query, 'expand', oneExpansions.slice(0, 9));
  const workOrder = one(call);
  return {
    workOrder: workOrderDetail(call.world, changeWorkOrder(call.world, call.actorOn(workOrder), workOrder, parsed(changedWorkOrder, call.body)), expand),
  };
}

const newComment = z.strictObject({ content: text.min(1) });

/** A comment moves `lastMessageSentAt` and leaves `updatedAt` alone. */
function comment(call: Call): unknown {
  const workOrder = one(call);
  const { content } = parsed(newComment, call.body);
  const actor = call.actorOn(workOrder);
  const now = call.world.clock.now();
  const id = call.world.id('comment');
  workOrder.comments.push({ id, authorId: actor.userId, content, createdAt: now });
  workOrder.lastMessageSentAt = now;
  call.world.emit(actor, {
    type: 'NEW_COMMENT_ON_WORK_ORDER',
    body: { orgId: actor.organizationId, workOrderId: workOrder.id, occurredAt: isoTime(now), type: 'TEXT', comment: content },
  });
  return { id };
}

const listFilters = [
  'title',
  'assets',
  'notAssets',
  'locations',
  'notLocations',
  'parts',
  'notParts',
  'vendors',
  'notVendors',
  'assignees',
  'teams',
  'categories',
  'notCategories',
  'priorities',
  'statuses',
  'partStatuses',
  'parentSubWorkOrderTypes',
  'show_upcoming',
  'updatedAt[gte]',
  'updatedAt[lte]',
  'createdAt[gte]',
  'createdAt[lte]',
  'sort',
  'expand',
];

export const workOrderRoutes: readonly Route[] = [
  { method: 'GET', path: '/workorders', success: 200, query: listFilters, handle: list },
  {
    method: 'POST',
    path: '/workorders',
    success: 200,
    handle: (call) => ({ id: createWorkOrder(call.world, call.actor(), parsed(newWorkOrder, call.body)).id }),
  },
  { method: 'GET', path: '/workorders/{}', success: 200, query: ['expand', 'useSequentialId'], handle: get },
  { method: 'PATCH', path: '/workorders/{}', success: 200, query: ['expand'], handle: patch },
  { method: 'DELETE', path: '/workorders/{}', success: 204, handle: (call) => deleteWorkOrder(call.world, call.actorOn(one(call)), one(call)) },
  {
    method: 'PATCH',
    path: '/workorders/{}/status',
    success: 200,
    handle: (call) => ({
      workOrder: workOrderDetail(call.world, changeStatus(call.world, call.actorOn(one(call)), one(call), parsed(changedStatus, call.body).status)),
    }),
  },
  {
    method: 'PATCH',
    path: '/workorders/{}/partStatus',
    success: 200,
    handle: (call) => ({
      workOrder: workOrderDetail(call.world, changePartStatus(call.world, call.actorOn(one(call)), one(call), parsed(changedPartStatus, call.body).partStatus)),
    }),
  },
  { method: 'GET', path: '/workorders/{}/subworkorders', success: 200, query: ['expand'], handle: subOrders },
  {
    method: 'GET',
    path: '/workorders/{}/comments',
    success: 200,
    handle: (call) =>
      page(call, {
        collection: 'comments',
        paging: 'cursor',
        rows: one(call).comments,
        view: ({ id, authorId, content, createdAt }) => ({ id, authorId, content, createdAt: isoTime(createdAt) }),
      }),
  },
  { method: 'POST', path: '/workorders/{}/comments', success: 201, handle: comment },
];
