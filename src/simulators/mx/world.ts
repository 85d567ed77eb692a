import type { Clock } from '#base/clock';
import type { Row } from './list.ts';
import { badWrite, notFound } from './refusal.ts';
import type { Body } from './shape.ts';
import { PurchaseOrders } from './purchase-orders.ts';
import { Parts } from './parts.ts';
import { WorkOrders } from './work-orders.ts';

/** A record whose members are as on the wire; ids and times are the world's. */
export interface Plain extends Row {
  readonly data: Body;
}

export type PlainKind = 'asset' | 'location' | 'vendor' | 'user' | 'meter' | 'workRequest';

/** An event for subscribers: type and body as the vendor sends them. */
export interface WorldEvent {
  readonly type: string;
  readonly body: Body;
}

/** First ids of each kind, so that numbers of different kinds are not mistaken for each other. */
const firstIds: Readonly<Record<PlainKind | 'part' | 'workOrder' | 'purchaseOrder' | 'status', number>> = { asset: 41_000, location: 300, vendor: 7000, user: 50, meter: 6000, workRequest: 15_000, part: 9000, workOrder: 880_000, purchaseOrder: 5500, status: 1 };

/** What one organisation has in its CMMS. Every change sets `updatedAt` from the clock and tells subscribers, unless the writer asked not to. */
export class World {
  readonly orgId: number;
  readonly clock: Clock;
  readonly tables: Readonly<Record<PlainKind, Map<number, Plain>>> = { asset: new Map(), location: new Map(), vendor: new Map(), user: new Map(), meter: new Map(), workRequest: new Map() };
  readonly parts: Parts;
  readonly workOrders: WorkOrders;
  readonly purchaseOrders: PurchaseOrders;
  /** Last reading per meter. */
  readonly readings = new Map<number, Body>();
  /** Whether parts leave the stock when the work order is done, or as soon as they stand on it. */
  readonly partsDeductedOn: 'done' | 'use';
  readonly #ids = new Map<string, number>();
  #quiet = false;
  #listener: (event: WorldEvent) => void = () => {};

  constructor(options: { clock: Clock; orgId: number; partsDeductedOn: 'done' | 'use' }) {
    this.clock = options.clock;
    this.orgId = options.orgId;
    this.partsDeductedOn = options.partsDeductedOn;
    this.parts = new Parts(this);
    this.workOrders = new WorkOrders(this);
    this.purchaseOrders = new PurchaseOrders(this);
  }

  /** Who is told of events. */
  listen(listener: (event: WorldEvent) => void): void {
    this.#listener = listener;
  }

  nextId(kind: keyof typeof firstIds): number {
    const id = (this.#ids.get(kind) ?? firstIds[kind]) + 1;
    this.#ids.set(kind, id);
    return id;
  }

  /** Runs a write whose author asked for no webhooks. */
  silently<T>(quiet: boolean, run: () => T): T {
    const before = this.#quiet;
    this.#quiet = before || quiet;
    try {
      return run();
    } finally {
      this.#quiet = before;
    }
  }

  emit(type: string, body: Body): void {
    if (!this.#quiet) this.#listener({ type, body: { ...body, orgId: this.orgId, ...('triggeredAt' in body ? {} : { occurredAt: new Date(this.clock.now()).toISOString() }) } });
  }

  get(kind: PlainKind, id: number): Plain {
    const row = this.tables[kind].get(id);
    if (!row) throw notFound(titles[kind], id);
    return row;
  }

  /** Adds a record as the API or a loader would. */
  add(kind: PlainKind, data: Body): Plain {
    this.#check(kind, data, undefined);
    const now = this.clock.now();
    const row: Plain = { id: this.nextId(kind), createdAt: now, updatedAt: now, data: named({ ...data }) };
    this.tables[kind].set(row.id, row);
    if (kind === 'asset') this.emit('NEW_ASSET', { assetId: row.id, newAsset: assetView(this, row) });
    if (kind === 'location') this.emit('NEW_LOCATION', { locationId: row.id });
    if (kind === 'vendor') this.emit('NEW_VENDOR', { vendorId: row.id });
    return row;
  }

  change(kind: PlainKind, id: number, data: Body): Plain {
    const row = this.get(kind, id);
    this.#check(kind, data, id);
    const { extraFields, ...rest } = data;
    Object.assign(row.data, named(rest));
    // Custom fields are changed one by one; the others keep their values.
    if (extraFields !== undefined) row.data['extraFields'] = { ...(row.data['extraFields'] as Body | undefined), ...(extraFields as Body) };
    row.updatedAt = this.clock.now();
    return row;
  }

  remove(kind: PlainKind, id: number): void {
    this.get(kind, id);
    this.tables[kind].delete(id);
  }

  /** The state of an asset; a new one each time it changes. */
  setAssetStatus(id: number, status: Body): Body {
    const row = this.get('asset', id);
    const before = (row.data['status'] as Body | undefined) ?? { status: 'ONLINE' };
    const next = { id: this.nextId('status'), startedAt: new Date(this.clock.now()).toISOString(), ...status, updatedAt: new Date(this.clock.now()).toISOString() };
    row.data['status'] = next;
    row.updatedAt = this.clock.now();
    this.emit('ASSET_STATUS_CHANGE', { assetId: id, oldStatus: before, newStatus: next });
    return next;
  }

  #check(kind: PlainKind, data: Body, id: number | undefined): void {
    const exists = (target: PlainKind, value: unknown, name: string): void => {
      if (typeof value === 'number' && !this.tables[target].has(value)) throw badWrite(`"${name}" ${value} does not exist`);
    };
    if (kind === 'asset' || kind === 'location') {
      exists(kind, data['parentId'], 'parentId');
      for (let at = data['parentId'] as number | undefined, depth = 0; typeof at === 'number'; at = this.tables[kind].get(at)?.data['parentId'] as number | undefined) {
        if (at === id || ++depth > 50) throw badWrite('"parentId" would make the hierarchy circular');
      }
    }
    if (kind === 'asset' || kind === 'meter' || kind === 'workRequest') exists('location', data['locationId'], 'locationId');
    if (kind === 'meter' || kind === 'workRequest') exists('asset', data['assetId'], 'assetId');
    for (const vendor of (data['vendorIds'] as number[] | undefined) ?? []) exists('vendor', vendor, 'vendorIds');
    if (typeof data['hourlyRate'] === 'number' && data['hourlyRate'] < 0) throw badWrite('"hourlyRate" must be positive');
  }
}

const titles: Readonly<Record<PlainKind, string>> = { asset: 'Asset', location: 'Location', vendor: 'Vendor', user: 'User', meter: 'Meter', workRequest: 'Work request' };

/** Manufacturer and model are written as `{id}` or `{name}` and read as text. */
function named(data: Body): Body {
  for (const name of ['manufacturer', 'model']) {
    const value = data[name];
    if (typeof value === 'object' && value !== null) data[name] = (value as { name?: string; id?: number }).name ?? String((value as { id?: number }).id);
  }
  return data;
}

const iso = (at: number): string => new Date(at).toISOString();

/** An asset as `GET /assets/{id}` shows it. */
export function assetView(world: World, row: Plain): Body {
  const childrenIds = [...world.tables.asset.values()].filter(({ data }) => data['parentId'] === row.id).map(({ id }) => id);
  return { ...assetListView(row, null), childrenIds };
}

/** An asset as a list shows it: `expand` decides what beyond the plain members; null = everything. */
export function assetListView(row: Plain, expand: ReadonlySet<string> | null): Body {
  const { description = null, parentId = null, criticalityId = null, locationId = null, serialNumber = null, ...more } = row.data;
  const shown = expand === null ? more : Object.fromEntries(Object.entries(more).filter(([name]) => name === 'name' || expand.has(expandNames[name] ?? name)));
  return { id: row.id, name: row.data['name'], description, parentId, criticalityId, locationId, serialNumber, createdAt: iso(row.createdAt), updatedAt: iso(row.updatedAt), creatorId: 51, ...shown };
}

const expandNames: Readonly<Record<string, string>> = { teamIds: 'team_ids', assetTypes: 'asset_types', extraFields: 'extra_fields', vendorIds: 'vendor_ids' };

/** Locations, vendors, users, meters and work requests as they are read. */
export function plainView(kind: PlainKind, row: Plain, world: World): Body {
  if (kind === 'location') return { id: row.id, ...row.data, childrenIds: [...world.tables.location.values()].filter(({ data }) => data['parentId'] === row.id).map(({ id }) => id), createdAt: iso(row.createdAt), updatedAt: iso(row.updatedAt) };
  if (kind === 'user') return { id: row.id, role: 'MEMBER', authType: 'NORMAL', ...Object.fromEntries(Object.entries(row.data).filter(([name]) => name !== 'inviteType')) };
  if (kind === 'meter') return { id: row.id, ...row.data, ...(world.readings.has(row.id) ? { lastReading: world.readings.get(row.id) } : {}) };
  return { id: row.id, ...row.data };
}
