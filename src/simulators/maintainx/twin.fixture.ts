import { ManualClock } from '#base/clock';
import { seededRandom } from '#base/random';
import type { MaintainXConfig } from '#simulators/maintainx/config';
import { maintainxTwin, type MaintainXTwin, type OutgoingHook } from '#simulators/maintainx/twin';

/** Wednesday, 4 March 2026, 08:00 UTC. */
export const start = Date.UTC(2026, 2, 4, 8);

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Parsed JSON; undefined for an empty body. */
  readonly body: any; // tests read members of answers by name: the assertion is the check
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
  arrived(type?: string): Promise<any[]>;
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
    const answer = twin.handle({ method, url: `/v1${path}`, headers: { authorization: `Bearer ${key}`, ...headers }, body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body) });
    return { status: answer.status, headers: answer.headers, body: answer.body === '' ? undefined : JSON.parse(answer.body) };
  };
  const listen = (type: string, extra: Record<string, unknown> = {}): string => call('POST', '/subscriptions', { type, url: `http://127.0.0.1:9/hooks/${type}`, ...extra }).body.secret;
  const arrived = async (type?: string): Promise<any[]> => {
    await settled();
    return hooks.filter((hook) => type === undefined || hook.type === type).map(({ body }) => JSON.parse(body));
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
  const seal = world.addPart({ name: 'Shaft seal', unitCost: 1250, vendors: [{ vendorId: vendor.id, partNumber: 'SS-7' }], locations: [{ locationId: stores[0].id, availableQuantity: 12, minimumQuantity: 2 }, { locationId: stores[1].id, availableQuantity: 5 }] });
  return { stores, pump, vendor, mechanic, seal };
}
