import { ManualClock } from '#base/clock';
import { seededRandom } from '#base/random';
import type { MaintainXConfig } from '#simulators/maintainx/config';
import { maintainxTwin, type MaintainXTwin, type OutgoingHook } from '#simulators/maintainx/twin';

/** Wednesday, 4 March 2026, 08:00 UTC. */
export const start = Date.UTC(2026, 2, 4, 8);

interface WireUse {
  readonly id: number;
  readonly quantityUsed: number;
  readonly locationId: number | null;
}
interface WireCostRow {
  readonly type: string;
  readonly rowTotal: number;
  readonly userId?: number | null;
}
interface WireStock {
  readonly locationId: number;
  readonly availableQuantity: number;
  readonly quantityDiff: number;
}
interface WireItem {
  readonly id: number;
  readonly quantityReceived: number;
  readonly unitCostDecimal: string;
  readonly priceDecimal: string;
  readonly fulfillments: readonly { readonly id: number; readonly locationId: number | null; readonly quantityReceived: string; readonly isLegacy: boolean }[];
}
interface WireRecord {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly title: string;
  readonly updatedAt: string;
  readonly partStatus: string;
  readonly partsAvailability?: string;
  readonly externalData: unknown;
  readonly childrenIds: readonly number[];
  readonly extraFields: Readonly<Record<string, string>>;
  readonly locations: readonly WireStock[];
  readonly inStockQuantity: number;
  readonly orderedQuantity: number;
  readonly assignedQuantity: number;
  readonly committedQuantities: unknown;
  readonly parts: readonly WireUse[];
  readonly times: readonly WireCostRow[];
  readonly timeItems: readonly WireCostRow[];
  readonly expenditures: readonly WireCostRow[];
  readonly items: readonly WireItem[];
  readonly approverId: number | null;
  readonly removedFromOrganization: boolean;
  readonly hourlyRate?: number;
  readonly lastReading: { readonly value: number } | null;
  readonly requestStatus: string;
  readonly workOrderId: number | null;
  readonly state: string;
}

/** The members of answers and webhooks that tests read. Whether they are there is what the assertions check. */
export interface Body {
  readonly id: number;
  readonly secret: string;
  readonly error: string;
  readonly errors: readonly { readonly error: string; readonly fieldPath?: string }[];
  readonly nextCursor: string | null;
  readonly nextPageUrl: string | null;
  readonly total: number;
  readonly costs: { readonly total: number; readonly rows: readonly WireCostRow[] };
  readonly comments: readonly { readonly content: string }[];
  readonly asset: WireRecord;
  readonly part: WireRecord;
  readonly workOrder: WireRecord;
  readonly purchaseOrder: WireRecord;
  readonly user: WireRecord;
  readonly meter: WireRecord;
  readonly meterTrigger: WireRecord;
  readonly workRequest: WireRecord;
  readonly assets: readonly WireRecord[];
  readonly parts: readonly WireRecord[];
  readonly workOrders: readonly WireRecord[];
  readonly purchaseOrders: readonly WireRecord[];
  readonly users: readonly WireRecord[];
  readonly partId: number;
  readonly quantityDiff: number;
  readonly oldQuantity: number;
  readonly newQuantity: number;
  readonly triggeredFrom: string;
  readonly locations: readonly WireStock[];
  readonly oldStatus: string;
  readonly newStatus: string;
  readonly oldSubStatus?: string;
  readonly newSubStatus?: string;
  readonly workOrderId: number;
  readonly newWorkOrder?: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Parsed JSON; an empty object for an empty body. */
  readonly body: Body;
  readonly text: string;
}

export interface Bench {
  readonly twin: MaintainXTwin;
  readonly world: MaintainXTwin['world'];
  readonly clock: ManualClock;
  /** Webhooks as they arrived, oldest first. */
  readonly hooks: OutgoingHook[];
  /** Statuses that the receiver answers next; 200 when empty. */
  readonly receiver: { answers: (number | 'never')[] };
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Answer;
  /** Subscribes a receiver to a type and returns its secret. */
  listen(type: string, extra?: Record<string, unknown>): string;
  /** Lets every webhook under way arrive; returns the bodies of one type. */
  arrived(type?: string): Promise<Body[]>;
}

/** A twin with a stopped clock, a seeded generator and a receiver in memory. */
export function bench(config: Partial<MaintainXConfig> = {}): Bench {
  const clock = new ManualClock(start);
  const hooks: OutgoingHook[] = [];
  const receiver: { answers: (number | 'never')[] } = { answers: [] };
  const deliver = (hook: OutgoingHook): Promise<number> => {
    hooks.push(hook);
    const answer = receiver.answers.shift() ?? 200;
    return answer === 'never' ? new Promise(() => {}) : Promise.resolve(answer);
  };
  const twin = maintainxTwin({ clock, random: seededRandom(20_260_304), deliver, config });
  const key = twin.config.keys[0]?.key ?? '';
  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Answer => {
    const answer = twin.handle({
      method,
      url: `/v1${path}`,
      headers: { authorization: `Bearer ${key}`, ...headers },
      body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: answer.status, headers: answer.headers, body: JSON.parse(answer.body || '{}') as Body, text: answer.body }; // see Body
  };
  const listen = (type: string, extra: Record<string, unknown> = {}): string =>
    call('POST', '/subscriptions', { type, url: `http://127.0.0.1:9/hooks/${type}`, ...extra }).body.secret;
  const arrived = async (type?: string): Promise<Body[]> => {
    await settled();
    return hooks.filter((hook) => type === undefined || hook.type === type).map(({ body }) => JSON.parse(body) as Body); // see Body
  };
  return { twin, world: twin.world, clock, hooks, receiver, call, listen, arrived };
}

/** Lets pending promises run. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** A small plant: two storerooms, a pump, a seal kept in both, a vendor, a mechanic at 36.00 an hour. */
export function plant(at: Bench) {
  const { world } = at;
  const stores = [world.addLocation({ name: 'ST01' }), world.addLocation({ name: 'ST02' })] as const;
  const pump = world.addAsset({ name: 'Pump P-101', locationId: stores[0].id });
  const vendor = world.addVendor({ name: 'Seals and Sons' });
  const mechanic = world.addUser({ firstName: 'Ada', lastName: 'Byron', email: 'ada@plant.example', hourlyRate: 3600 });
  const seal = world.addPart({
    name: 'Shaft seal',
    unitCost: 1250,
    vendors: [{ vendorId: vendor.id, partNumber: 'SS-7' }],
    locations: [
      { locationId: stores[0].id, availableQuantity: 12, minimumQuantity: 2 },
      { locationId: stores[1].id, availableQuantity: 5 },
    ],
  });
  return { stores, pump, vendor, mechanic, seal };
}
