import { add, compare, negate, subtract } from '#base/decimal';
import type { Row } from './list.ts';
import { quantityText } from './parts.ts';
import { badWrite, notFound } from './refusal.ts';
import { lines, type Body } from './shape.ts';
import { assetListView, type World } from './world.ts';

export type Status = 'OPEN' | 'IN_PROGRESS' | 'ON_HOLD' | 'DONE' | 'CANCELED' | 'SKIPPED';

/** A row of `GET /workorders/{id}/costs`; amounts in cents. Rows are only ever added. */
export interface CostRow {
  readonly id: number;
  readonly type: 'EXPENSE' | 'PART' | 'TIME';
  readonly costType?: string;
  readonly costPerUnit: number;
  readonly description?: string;
  readonly quantity?: number;
  readonly durationTotal?: number;
  readonly userId?: number;
  readonly partId?: number;
  readonly rowTotal: number;
}

export interface UsedPart {
  readonly partId: number;
  readonly quantity: string;
  readonly locationId: number | null;
}

export interface WorkOrder extends Row {
  readonly sequentialId: number;
  readonly data: Body;
  status: Status;
  partStatus: string;
  parts: UsedPart[];
  readonly costs: CostRow[];
  readonly comments: Body[];
  completedAt: number | null;
  completerId: number | null;
  /** What has left the stock for this order, per part and location. */
  readonly deducted: Map<string, string>;
}

const usedShape = { partId: 'int', quantityUsed: 'number', locationId: 'int', copyOnRecurring: ['NoCopy', 'Copy', 'Default'] } as const;

/** Work orders: status, parts, costs and the events they lead to. */
export class WorkOrders {
  readonly all = new Map<number, WorkOrder>();
  readonly bySequence = new Map<number, WorkOrder>();
  readonly #world: World;
  #sequence = 0;
  #costId = 1_000_000;

  constructor(world: World) {
    this.#world = world;
  }

  get(id: number): WorkOrder {
    const order = this.all.get(id);
    if (!order) throw notFound('Work order', id);
    return order;
  }

  add(body: Body): WorkOrder {
    const { partsUsed, ...data } = body;
    if (data['startDate'] !== undefined && data['dueDate'] === undefined) throw badWrite('"startDate" requires "dueDate"');
    if (data['isParent'] !== undefined && data['parentId'] !== undefined) throw badWrite('"isParent" and "parentId" are exclusive');
    this.#check(data);
    const parts = this.#parts(partsUsed);
    const now = this.#world.clock.now();
    const order: WorkOrder = {
      id: this.#world.nextId('workOrder'), sequentialId: ++this.#sequence, createdAt: now, updatedAt: now, data: { priority: 'NONE', type: 'OTHER', ...data }, status: 'OPEN',
      partStatus: parts.length > 0 ? 'ASSIGNED' : 'NO_PARTS', parts, costs: [], comments: [], completedAt: null, completerId: null, deducted: new Map(),
    };
    this.all.set(order.id, order);
    this.bySequence.set(order.sequentialId, order);
    this.#deduct(order, undefined);
    this.#world.emit('NEW_WORK_ORDER', { workOrderId: order.id, newWorkOrder: this.view(order, new Set()) });
    return order;
  }

  change(id: number, body: Body): WorkOrder {
    const order = this.get(id);
    const { partsUsed, extraFields, ...data } = body;
    this.#check(data);
    if (partsUsed !== undefined) {
      order.parts = this.#parts(partsUsed);
      order.partStatus = order.parts.length > 0 ? 'ASSIGNED' : 'NO_PARTS';
    }
    Object.assign(order.data, data);
    if (extraFields !== undefined) order.data['extraFields'] = { ...(order.data['extraFields'] as Body | undefined), ...(extraFields as Body) };
    this.#changed(order);
    this.#deduct(order, undefined);
    return order;
  }

  /** Any of the five states may follow any other; a cancelled order is told as DONE with a sub-status. */
  setStatus(id: number, status: Status, userId?: number): WorkOrder {
    const order = this.get(id);
    const before = order.status;
    if (before === status) return order;
    order.status = status;
    const now = this.#world.clock.now();
    order.completedAt = status === 'DONE' ? now : null;
    order.completerId = status === 'DONE' ? (userId ?? null) : null;
    order.updatedAt = now;
    this.#deduct(order, userId);
    const [oldStatus, oldSubStatus] = told(before);
    const [newStatus, newSubStatus] = told(status);
    this.#world.emit('WORK_ORDER_STATUS_CHANGE', {
      workOrderId: id, oldStatus, ...(oldSubStatus ? { oldSubStatus } : {}), newStatus, ...(newSubStatus ? { newSubStatus } : {}),
      progress: { inProgressCount: 0, onHoldCount: 0, doneCount: 0 }, ...(userId === undefined ? {} : { userId }),
    });
    return order;
  }

  setPartStatus(id: number, partStatus: string): WorkOrder {
    const order = this.get(id);
    const before = order.partStatus;
    order.partStatus = partStatus;
    order.updatedAt = this.#world.clock.now();
    this.#world.emit('WORK_ORDER_PART_STATUS_CHANGE', { workOrderId: id, oldPartStatus: before, newPartStatus: partStatus });
    return order;
  }

  remove(id: number): void {
    const order = this.get(id);
    this.all.delete(id);
    this.bySequence.delete(order.sequentialId);
    this.#world.emit('WORK_ORDER_DELETE', { workOrderId: id, WorkOrder: this.view(order, new Set()) });
  }

  /** Adds a cost row. There is no way to change or delete one. */
  addCost(id: number, row: Omit<CostRow, 'id' | 'rowTotal'>): CostRow {
    const order = this.get(id);
    if (row.userId !== undefined && !this.#world.tables.user.has(row.userId)) throw badWrite(`"userId" ${row.userId} does not exist`);
    const total = row.durationTotal === undefined ? row.costPerUnit * (row.quantity ?? 1) : Math.round((row.costPerUnit * row.durationTotal) / 3600);
    const cost: CostRow = { id: ++this.#costId, ...row, rowTotal: total };
    order.costs.push(cost);
    this.#changed(order);
    return cost;
  }

  /** Rows as they are read: expenses, times, and one row per part used. Ids are not shown on reading. */
  costsView(order: WorkOrder): Body {
    const parts = order.parts.map(({ partId, quantity }) => {
      const unit = Number(this.#world.parts.all.get(partId)?.data['unitCost'] ?? 0);
      return { type: 'PART', costPerUnit: unit, quantity: Number(quantity), rowTotal: Math.round(unit * Number(quantity)), partId, description: this.#world.parts.all.get(partId)?.data['name'] ?? '' };
    });
    const rows: Body[] = [...order.costs.map(({ id: _id, costType: _costType, ...row }) => ({ ...row })), ...parts];
    return { total: rows.reduce((sum, row) => sum + Number(row['rowTotal']), 0), rows };
  }

  /** A work order as it is read; `expand` adds what lists and reads leave out. */
  view(order: WorkOrder, expand: ReadonlySet<string>): Body {
    const { extraFields, vendorIds, categories, assignees, estimatedTime, ...data } = order.data;
    const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
    const asset = typeof data['assetId'] === 'number' ? this.#world.tables.asset.get(data['assetId']) : undefined;
    const location = typeof data['locationId'] === 'number' ? this.#world.tables.location.get(data['locationId']) : undefined;
    const times = order.costs.filter(({ type }) => type === 'TIME').map(({ id: _id, costType: _costType, ...row }) => row);
    return {
      id: order.id, sequentialId: order.sequentialId, description: null, ...data, status: order.status, organizationId: this.#world.orgId, creatorId: 51, createdAt: time(order.createdAt), updatedAt: time(order.updatedAt), deletedAt: null,
      completedAt: time(order.completedAt), completerId: order.completerId, partStatus: order.partStatus, partsAvailability: this.#availability(order),
      assigneeIds: ((assignees as { type: string; id: number }[] | undefined) ?? []).filter(({ type }) => type === 'USER').map(({ id }) => id), teamIds: ((assignees as { type: string; id: number }[] | undefined) ?? []).filter(({ type }) => type === 'TEAM').map(({ id }) => id),
      ...(expand.has('assignees') ? { assignees: assignees ?? [] } : {}), ...(expand.has('categories') ? { categories: categories ?? [] } : {}), ...(expand.has('extra_fields') ? { extraFields: extraFields ?? {} } : {}),
      ...(expand.has('vendor_ids') ? { vendorIds: vendorIds ?? [] } : {}), ...(expand.has('estimated_time') && estimatedTime !== undefined ? { estimatedTime } : {}),
      ...(expand.has('asset') && asset ? { asset: { ...assetListView(asset, new Set()), ...(expand.has('asset_extra_fields') ? { assetExtraFields: asset.data['extraFields'] ?? {} } : {}) } } : {}),
      ...(expand.has('location') && location ? { location: { id: location.id, name: location.data['name'], parentId: location.data['parentId'] ?? null, ...(expand.has('location_extra_fields') ? { locationExtraFields: location.data['extraFields'] ?? {} } : {}) } } : {}),
      ...(expand.has('parts') ? { parts: order.parts.map((used) => this.#usedView(used, expand)) } : {}),
      ...(expand.has('times') ? { times } : {}), ...(expand.has('time_items') ? { timeItems: times } : {}), ...(expand.has('expenditures') ? { expenditures: order.costs.filter(({ type }) => type === 'EXPENSE').map(({ id: _id, costType: _costType, ...row }) => row) } : {}),
    };
  }

  #usedView({ partId, quantity, locationId }: UsedPart, expand: ReadonlySet<string>): Body {
    const part = this.#world.parts.all.get(partId);
    return {
      id: partId, name: part?.data['name'] ?? '', description: part?.data['description'] ?? null, area: null, unitCost: part?.data['unitCost'] ?? null, availableQuantity: part ? Number(this.#world.parts.total(part)) : 0, minimumQuantity: null, barcode: part?.data['barcode'] ?? null,
      quantityUsed: Number(quantity), copyOnRecurring: 'Default', locationId, ...(expand.has('part_extra_fields') ? { partExtraFields: part?.data['extraFields'] ?? {} } : {}),
    };
  }

  #availability(order: WorkOrder): string {
    if (order.parts.length === 0) return 'PARTS_AVAILABLE';
    const enough = order.parts.filter(({ partId, quantity, locationId }) => {
      const part = this.#world.parts.all.get(partId);
      return part !== undefined && compare(locationId === null ? this.#world.parts.total(part) : this.#world.parts.quantity(partId, locationId), quantity) >= 0;
    }).length;
    return enough === order.parts.length ? 'PARTS_AVAILABLE' : enough === 0 ? 'PARTS_UNAVAILABLE' : 'PARTIAL_PARTS';
  }

  #changed(order: WorkOrder): void {
    order.updatedAt = this.#world.clock.now();
    this.#world.emit('WORK_ORDER_CHANGE', { workOrderId: order.id, newWorkOrder: { ...this.view(order, new Set()), costs: this.costsView(order) }, addedAssigneeIds: [], removedAssigneeIds: [], addedTeamIds: [], removedTeamIds: [] });
  }

  /** Brings the stock to what the order's state says was used: the difference moves, in both directions. */
  #deduct(order: WorkOrder, userId: number | undefined): void {
    const counts = order.status === 'DONE' || (this.#world.partsDeductedOn === 'use' && order.status !== 'CANCELED');
    const wanted = new Map<string, string>();
    if (counts) {
      for (const { partId, quantity, locationId } of order.parts) {
        const place = locationId ?? this.#world.parts.all.get(partId)?.stock.keys().next().value;
        if (place === undefined) continue;
        const key = `${partId}@${place}`;
        wanted.set(key, add(wanted.get(key) ?? '0', quantity));
      }
    }
    for (const key of new Set([...wanted.keys(), ...order.deducted.keys()])) {
      const by = subtract(wanted.get(key) ?? '0', order.deducted.get(key) ?? '0');
      if (by === '0') continue;
      const [part, place] = key.split('@').map(Number);
      this.#world.parts.move(part!, place!, negate(by), 'WORK_ORDER', userId);
    }
    order.deducted.clear();
    for (const [key, quantity] of wanted) order.deducted.set(key, quantity);
  }

  #parts(value: unknown): UsedPart[] {
    return lines(value, usedShape, ['partId', 'quantityUsed'], 'partsUsed').map((row) => {
      const partId = row['partId'] as number;
      if (!this.#world.parts.all.has(partId)) throw badWrite(`"partsUsed.partId" ${partId} does not exist`);
      const locationId = (row['locationId'] as number | undefined) ?? null;
      if (locationId !== null && !this.#world.tables.location.has(locationId)) throw badWrite(`"partsUsed.locationId" ${locationId} does not exist`);
      return { partId, quantity: quantityText(row['quantityUsed'], 'quantityUsed'), locationId };
    });
  }

  #check(data: Body): void {
    const { asset, location, user, vendor } = this.#world.tables;
    if (typeof data['assetId'] === 'number' && !asset.has(data['assetId'])) throw badWrite(`"assetId" ${data['assetId']} does not exist`);
    if (typeof data['locationId'] === 'number' && !location.has(data['locationId'])) throw badWrite(`"locationId" ${data['locationId']} does not exist`);
    for (const id of (data['vendorIds'] as number[] | undefined) ?? []) if (!vendor.has(id)) throw badWrite(`"vendorIds" ${id} does not exist`);
    for (const assignee of (data['assignees'] as { type?: string; id?: number }[] | undefined) ?? []) if (assignee.type === 'USER' && typeof assignee.id === 'number' && !user.has(assignee.id)) throw badWrite(`"assignees.id" ${assignee.id} does not exist`);
  }
}

/** A cancelled or skipped order is DONE with a sub-status in events. */
const told = (status: Status): [string, string | undefined] => (status === 'CANCELED' || status === 'SKIPPED' ? ['DONE', status] : [status, undefined]);
