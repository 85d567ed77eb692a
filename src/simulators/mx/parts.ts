import { add, compare, decimal, negate, subtract, sum } from '#base/decimal';
import type { Row } from './list.ts';
import { badWrite, notFound } from './refusal.ts';
import { lines, type Body } from './shape.ts';
import type { World } from './world.ts';

interface StockRow {
  readonly locationId: number;
  /** Exact decimal text; numbers only on the wire. */
  available: string;
  minimum: string | null;
  maximum: string | null;
  area: string | null;
}

export interface Part extends Row {
  readonly data: Body;
  readonly stock: Map<number, StockRow>;
}

export type StockCause = 'PURCHASE_ORDER' | 'WORK_ORDER' | 'MANUAL_RESTOCK' | 'PART_TRANSFER' | 'CYCLE_COUNT';

const locationShape = { locationId: 'int', availableQuantity: 'number', minimumQuantity: 'number', maximumQuantity: 'number', area: 'text' } as const;

/** A JSON number as exact decimal text; what a binary float cannot say in fifteen digits is refused. */
export function quantityText(value: unknown, name: string): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw badWrite(`"${name}" must be a number`);
  if (value < 0) throw badWrite(`"${name}" must be larger than or equal to 0`);
  return decimal(String(value));
}

/** Parts with their quantity at each location. Quantities on the wire are absolute; there is no call that says "two less". */
export class Parts {
  readonly all = new Map<number, Part>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  get(id: number): Part {
    const part = this.all.get(id);
    if (!part) throw notFound('Part', id);
    return part;
  }

  add(body: Body): Part {
    const rows = lines(body['locations'], locationShape, ['locationId'], 'locations');
    if (rows.length > 0 && ['availableQuantity', 'minimumQuantity', 'locationId'].some((name) => body[name] !== undefined)) throw badWrite('"locations" cannot be combined with "availableQuantity", "minimumQuantity" or "locationId"');
    const { locations: _locations, availableQuantity, minimumQuantity, locationId, ...data } = body;
    const now = this.#world.clock.now();
    const part: Part = { id: this.#world.nextId('part'), createdAt: now, updatedAt: now, data: { ...data }, stock: new Map() };
    if (typeof locationId === 'number') rows.push({ locationId, availableQuantity: availableQuantity ?? 0, ...(minimumQuantity === undefined ? {} : { minimumQuantity }) });
    for (const row of rows) this.#set(part, row);
    this.#vendorsExist(data);
    this.all.set(part.id, part);
    this.#world.emit('NEW_PART', { partId: part.id });
    return part;
  }

  change(id: number, body: Body): Part {
    const part = this.get(id);
    const { locations, ...data } = body;
    if (locations !== undefined && ['availableQuantity', 'minimumQuantity', 'locationId'].some((name) => data[name] !== undefined)) throw badWrite('"locations" cannot be combined with "availableQuantity", "minimumQuantity" or "locationId"');
    this.#vendorsExist(data);
    const before = this.total(part);
    const diffs: Body[] = [];
    if (locations !== undefined) {
      const { addedUpdated, removedLocationIds, ...other } = locations as Body;
      if (Object.keys(other).length > 0) throw badWrite(`"locations.${Object.keys(other)[0]}" is not allowed`);
      const rows = lines(addedUpdated, locationShape, ['locationId'], 'locations.addedUpdated');
      for (const row of rows) {
        const old = part.stock.get(row['locationId'] as number)?.available ?? '0';
        this.#set(part, row);
        const next = part.stock.get(row['locationId'] as number)!.available;
        if (next !== old) diffs.push({ locationId: row['locationId'], quantityDiff: Number(subtract(next, old)), oldQuantity: Number(old), newQuantity: Number(next) });
      }
      for (const location of (removedLocationIds as number[] | undefined) ?? []) part.stock.delete(location);
    }
    const { extraFields, ...rest } = data;
    Object.assign(part.data, rest);
    if (extraFields !== undefined) part.data['extraFields'] = { ...(part.data['extraFields'] as Body | undefined), ...(extraFields as Body) };
    part.updatedAt = this.#world.clock.now();
    this.#world.emit('PART_CHANGE', { partId: id });
    if (diffs.length > 0) this.#told(part, before, diffs, 'MANUAL_RESTOCK', undefined);
    return part;
  }

  remove(id: number): void {
    this.get(id);
    this.all.delete(id);
    this.#world.emit('PART_DELETE', { partId: id });
  }

  /** Moves the quantity at one location by a signed amount. It may go below zero, as in the vendor's product: people use what the count says is not there. */
  move(id: number, locationId: number, by: string, cause: StockCause, userId?: number): void {
    const part = this.get(id);
    const row = part.stock.get(locationId) ?? { locationId, available: '0', minimum: null, maximum: null, area: null };
    const before = this.total(part);
    const old = row.available;
    row.available = add(old, by);
    part.stock.set(locationId, row);
    part.updatedAt = this.#world.clock.now();
    this.#told(part, before, [{ locationId, quantityDiff: Number(by), oldQuantity: Number(old), newQuantity: Number(row.available) }], cause, userId);
  }

  total(part: Part): string {
    return sum([...part.stock.values()].map(({ available }) => available));
  }

  quantity(id: number, locationId: number): string {
    return this.get(id).stock.get(locationId)?.available ?? '0';
  }

  #told(part: Part, before: string, locations: readonly Body[], triggeredFrom: StockCause, userId: number | undefined): void {
    const after = this.total(part);
    this.#world.emit('PART_QUANTITY_CHANGE', { partId: part.id, quantityDiff: Number(add(after, negate(before))), oldQuantity: Number(before), newQuantity: Number(after), triggeredFrom, locations, ...(userId === undefined ? {} : { userId }) });
  }

  #set(part: Part, row: Body): void {
    const locationId = row['locationId'] as number;
    if (!this.#world.tables.location.has(locationId)) throw badWrite(`"locationId" ${locationId} does not exist`);
    const known = part.stock.get(locationId);
    const text = (name: string, otherwise: string | null): string | null => (row[name] === undefined ? otherwise : row[name] === null ? null : quantityText(row[name], name));
    const next = { locationId, available: text('availableQuantity', known?.available ?? '0') ?? '0', minimum: text('minimumQuantity', known?.minimum ?? null), maximum: text('maximumQuantity', known?.maximum ?? null), area: row['area'] === undefined ? (known?.area ?? null) : (row['area'] as string | null) };
    if (next.maximum !== null && next.minimum !== null && compare(next.maximum, next.minimum) < 0) throw badWrite('"maximumQuantity" must be larger than or equal to "minimumQuantity"');
    part.stock.set(locationId, next);
  }

  #vendorsExist(data: Body): void {
    for (const { vendorId } of (data['vendors'] as { vendorId?: number }[] | undefined) ?? []) if (vendorId !== undefined && !this.#world.tables.vendor.has(vendorId)) throw badWrite(`"vendors.vendorId" ${vendorId} does not exist`);
  }
}

/** A part as it is read; lists leave custom fields and vendors out unless asked. */
export function partView(world: World, part: Part, expand: ReadonlySet<string> | null): Body {
  const rows = [...part.stock.values()];
  const number = (text: string | null): number | null => (text === null ? null : Number(text));
  const total = Number(world.parts.total(part));
  const first = rows[0];
  const { extraFields, vendors, ...plain } = part.data;
  return {
    id: part.id, name: '', description: null, barcode: null, unitCost: null, partTypes: [], ...plain,
    locationId: first?.locationId ?? null, area: first?.area ?? null, availableQuantity: total, inStockQuantity: total, minimumQuantity: number(first?.minimum ?? null), maximumQuantity: number(first?.maximum ?? null),
    orderedQuantity: world.purchaseOrders.ordered(part.id), reservedQuantity: 0, assignedQuantity: 0, committedQuantities: { kitted: 0, reserved: 0, staged: 0 },
    locations: rows.map((row) => ({ locationId: row.locationId, availableQuantity: Number(row.available), minimumQuantity: number(row.minimum), maximumQuantity: number(row.maximum), area: row.area, reservedQuantity: 0, assignedQuantity: 0, committedQuantities: { kitted: 0, reserved: 0, staged: 0 } })),
    organizationId: world.orgId, createdAt: new Date(part.createdAt).toISOString(), updatedAt: new Date(part.updatedAt).toISOString(),
    ...(expand === null || expand.has('extra_fields') ? { extraFields: extraFields ?? {} } : {}), ...(expand === null || expand.has('vendors') ? { vendors: vendors ?? [] } : {}),
  };
}
