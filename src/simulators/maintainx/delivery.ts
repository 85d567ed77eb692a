import { createHmac } from 'node:crypto';
import type { Subscription } from '#simulators/maintainx/records';
import { unsubscribe } from '#simulators/maintainx/subscriptions';
import type { World, WorldEvent } from '#simulators/maintainx/world';
import type { Buttons } from '#simulators/twin';

/** One webhook call as it goes out. Type, subscription and attempt are for tests: neither body nor headers carry them. */
export interface OutgoingHook {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly type: string;
  readonly subscriptionId: number;
  /** 1 for the first. */
  readonly attempt: number;
}

/** Brings a webhook to its receiver and resolves to the HTTP status; a rejection counts as no answer. */
export type Deliver = (hook: OutgoingHook) => Promise<number>;

interface Parcel {
  readonly type: string;
  readonly body: string;
  readonly forged: boolean;
  readonly attempt: number;
}

/** Per subscription: what waits to go out, in the order of the events, and how many calls are under way. */
interface Lane {
  readonly subscription: Subscription;
  waiting: Parcel[];
  head: number;
  underWay: number;
  due: boolean;
}

const mostWaiting = 200_000;

/** `t=<unix seconds>,v1=<hex>`: HMAC-SHA256 over `t.payload` with the subscription's secret. */
export function signature(secret: string, seconds: number, payload: string): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${payload}`, 'utf8').digest('hex')}`;
}

/** Sends events to subscriptions: filters, serialises, signs, calls, times out, retries on the clock, and gives a subscription up that only fails. */
export class Deliveries {
  readonly counts = { delivered: 0, failed: 0, retried: 0, lost: 0, givenUp: 0, dropped: 0, subscriptionsDeleted: 0 };
  #world: World;
  #buttons: Buttons;
  #deliver: Deliver | undefined;
  #lanes = new Map<number, Lane>();
  /** Cancels of what waits on the clock, oldest first. */
  #retries = new Set<() => void>();
  #idle: (() => void)[] = [];

  constructor(options: { world: World; buttons: Buttons; deliver: Deliver | undefined }) {
    this.#world = options.world;
    this.#buttons = options.buttons;
    this.#deliver = options.deliver;
  }

  /** Webhooks that wait for their next attempt. */
  get retriesWaiting(): number {
    return this.#retries.size;
  }

  /** Resolves when nothing is waiting or under way; retries that wait on the clock do not count. */
  idle(): Promise<void> {
    return this.#busy() ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }

  send(event: WorldEvent): void {
    if (!this.#deliver) return;
    for (const subscription of this.#world.subscriptions.values()) {
      if (subscription.type !== event.type || subscription.organizationId !== event.organizationId || !wanted(subscription, event)) continue;
      this.#post(subscription, { type: event.type, body: bodyFor(subscription, event), forged: false, attempt: 1 });
    }
  }

  /** The fault buttons that act on webhooks, then the lane. */
  #post(subscription: Subscription, parcel: Parcel): void {
    const target = `${parcel.type} ${subscription.url}`;
    if (this.#buttons.fire('lostWebhook', target)) {
      this.counts.lost++;
      return;
    }
    const sent = this.#buttons.fire('wrongSignature', target) ? { ...parcel, forged: true } : parcel;
    const twice = this.#buttons.fire('duplicateWebhook', target);
    const times = twice ? Math.max(1, Number(twice.with?.['times'] ?? 2) || 2) : 1;
    const late = this.#buttons.fire('lateWebhook', target);
    for (let i = 0; i < times; i++) {
      if (late) this.#later(subscription, sent, late.delayMs ?? 60_000);
      else this.#enqueue(subscription, sent);
    }
  }

  #later(subscription: Subscription, parcel: Parcel, delayMs: number): void {
    if (this.#retries.size >= this.#world.config.retriesKept) {
      const oldest = this.#retries.values().next().value;
      oldest?.();
      this.counts.dropped++;
    }
    const stop = this.#world.clock.after(delayMs, () => {
      this.#retries.delete(cancel);
      this.#enqueue(subscription, parcel);
    });
    const cancel = (): void => {
      this.#retries.delete(cancel);
      stop();
    };
    this.#retries.add(cancel);
  }

  #enqueue(subscription: Subscription, parcel: Parcel): void {
    let lane = this.#lanes.get(subscription.id);
    if (!lane) this.#lanes.set(subscription.id, (lane = { subscription, waiting: [], head: 0, underWay: 0, due: false }));
    if (lane.waiting.length - lane.head >= mostWaiting) {
      this.counts.dropped++;
      return;
    }
    lane.waiting.push(parcel);
    if (lane.due) return;
    lane.due = true;
    const pumped = lane;
    // Not within the request that caused the event: a receiver may call the twin back at once.
    queueMicrotask(() => {
      pumped.due = false;
      this.#pump(pumped);
    });
  }

  #pump(lane: Lane): void {
    while (lane.underWay < this.#world.config.deliveriesInFlight && lane.head < lane.waiting.length) {
      const parcel = lane.waiting[lane.head++];
      if (lane.head > 1024 && lane.head * 2 > lane.waiting.length) {
        lane.waiting = lane.waiting.slice(lane.head);
        lane.head = 0;
      }
      if (parcel && this.#world.subscriptions.has(lane.subscription.id)) this.#call(lane, parcel);
    }
    if (!this.#busy()) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #busy(): boolean {
    for (const lane of this.#lanes.values()) if (lane.underWay > 0 || lane.head < lane.waiting.length) return true;
    return false;
  }

  #call(lane: Lane, parcel: Parcel): void {
    const { clock, config } = this.#world;
    const { subscription } = lane;
    const seconds = Math.floor(clock.now() / 1000);
    const secret = parcel.forged ? `${subscription.secret}-forged` : subscription.secret;
    const hook: OutgoingHook = {
      url: subscription.url,
      body: parcel.body,
      type: parcel.type,
      subscriptionId: subscription.id,
      attempt: parcel.attempt,
      headers: {
        'content-type': 'application/json',
        'x-maintainx-webhook-body-signature': signature(secret, seconds, parcel.body),
        'x-maintainx-webhook-uri-signature': signature(secret, seconds, subscription.url),
      },
    };
    lane.underWay++;
    let open = true;
    const finish = (status: number): void => {
      if (!open) return;
      open = false;
      stop();
      lane.underWay--;
      this.#settle(lane.subscription, parcel, status);
      this.#pump(lane);
    };
    const stop = clock.after(config.deliveryTimeoutMs, () => finish(0));
    try {
      (this.#deliver as Deliver)(hook).then(finish, () => finish(0)); // nothing is enqueued without a deliver
    } catch {
      finish(0);
    }
  }

  #settle(subscription: Subscription, parcel: Parcel, status: number): void {
    const { clock, config } = this.#world;
    if (status >= 200 && status < 300) {
      this.counts.delivered++;
      subscription.failingSince = undefined;
      return;
    }
    this.counts.failed++;
    subscription.failingSince ??= clock.now();
    if (clock.now() - subscription.failingSince >= config.abandonAfterMs && this.#world.subscriptions.has(subscription.id)) {
      this.counts.subscriptionsDeleted++;
      unsubscribe(this.#world, { organizationId: subscription.organizationId, userId: 0, quiet: false }, subscription);
      return;
    }
    const delay = config.retryDelaysMs[parcel.attempt - 1];
    if (delay === undefined) {
      this.counts.givenUp++;
      return;
    }
    this.counts.retried++;
    this.#later(subscription, { ...parcel, attempt: parcel.attempt + 1 }, delay);
  }
}

/** Every filter with values needs one of them on the event; an empty filter asks for everything. */
function wanted(subscription: Subscription, event: WorldEvent): boolean {
  for (const [filter, values] of Object.entries(subscription.filters)) {
    if (values.length > 0 && !event.tags?.[filter]?.some((tag) => values.includes(tag))) return false;
  }
  return true;
}

function bodyFor(subscription: Subscription, { body, entity }: WorldEvent): string {
  const { options, filters } = subscription;
  if (!entity || !(options['serializeEntity'] || options['serializePurchaseOrder'])) return JSON.stringify(body);
  let record = entity.make();
  const properties = Object.values(filters).flat();
  if (options['onlySerializeFilteredProperties'] && entity.byProperty && properties.length > 0) {
    const keep = new Set(properties.map((property) => entity.byProperty?.[String(property)]));
    record = Object.fromEntries(Object.entries(record).filter(([key]) => keep.has(key)));
  }
  return JSON.stringify({ ...body, [entity.key]: record });
}

/** Posts webhooks over HTTP with kept-alive connections, for a twin that is served. Redirects are not followed. */
export function httpDeliver(options: { timeoutMs?: number } = {}): Deliver {
  return async ({ url, headers, body }) => {
    const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(options.timeoutMs ?? 10_000) });
    await answer.arrayBuffer();
    return answer.status;
  };
}
