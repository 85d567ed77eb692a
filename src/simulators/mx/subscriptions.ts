import { createHmac } from 'node:crypto';
import type { Clock } from '#base/clock';
import type { Random } from '#base/random';
import type { Buttons } from '../twin.ts';
import { badWrite, notFound } from './refusal.ts';
import type { WorldEvent } from './world.ts';

/** Every event type that can be subscribed to; one per subscription. */
export const eventTypes: ReadonlySet<string> = new Set([
  'ASSET_STATUS_CHANGE', 'METER_TRIGGER_STATE_CHANGE', 'NEW_ASSET', 'NEW_CATEGORY_ON_WORK_ORDER', 'NEW_COMMENT_ON_WORK_ORDER', 'NEW_LOCATION', 'NEW_PART', 'NEW_PURCHASE_ORDER', 'NEW_SLASH_COMMAND', 'NEW_VENDOR', 'NEW_WORK_ORDER', 'NEW_WORK_REQUEST', 'PART_CHANGE', 'PART_DELETE',
  'PART_QUANTITY_CHANGE', 'PART_TRANSFER', 'PURCHASE_ORDER_CHANGE', 'PURCHASE_ORDER_STATUS_CHANGE', 'WORK_ORDER_CHANGE', 'WORK_ORDER_DELETE', 'WORK_ORDER_OVERDUE', 'WORK_ORDER_PART_STATUS_CHANGE', 'WORK_ORDER_STATUS_CHANGE', 'WORK_REQUEST_STATUS_CHANGE',
  'API_TOKEN_CREATED', 'API_TOKEN_REVOKED', 'CONNECTOR_TOKEN_REVOKED', 'DATA_EXPORT_INITIATED', 'INVITE_LINK_ARCHIVED', 'INVITE_LINK_CREATED', 'INVITE_LINK_UPDATED', 'ROLE_ARCHIVED', 'ROLE_CREATED', 'ROLE_UPDATED', 'SSO_CONFIG_CHANGED', 'USER_ACTIVATED', 'USER_INVITED',
  'USER_LOGIN_FAILURE', 'USER_LOGIN_SUCCESS', 'USER_LOGOUT', 'USER_PERMISSIONS_CHANGED', 'USER_REMOVED', 'USER_ROLE_CHANGED', 'USER_SESSION_REVOKED', 'WEBHOOK_ARCHIVED', 'WEBHOOK_CREATED',
]);

/** One delivery as it leaves the vendor. */
export interface OutgoingHook {
  readonly url: string;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Subscription {
  readonly id: number;
  readonly type: string;
  readonly url: string;
  readonly secret: string;
}

/** The retry schedule is not published; these waits are ours, in milliseconds. */
const retryAfterMs = [2000, 10_000, 60_000] as const;
/** Deliveries that wait at most; beyond it the oldest are dropped, as a vendor's queue would. */
const mostWaiting = 50_000;

/** `t=<unix>,v1=<hex>`: HMAC-SHA256 of `t.` and the signed text. */
export function signature(secret: string, atMs: number, text: string): string {
  const t = Math.floor(atMs / 1000);
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${text}`).digest('hex')}`;
}

/** Subscriptions and their deliveries: at least once, not in order when retried, and with the bad habits that buttons switch on. */
export class Subscriptions {
  readonly #byId = new Map<number, Subscription>();
  readonly #options: { clock: Clock; random: Random; buttons: Buttons; deliver: (hook: OutgoingHook) => Promise<number> };
  #id = 2000;
  #waiting = 0;
  readonly counts = { delivered: 0, failed: 0, dropped: 0 };

  constructor(options: { clock: Clock; random: Random; buttons: Buttons; deliver: (hook: OutgoingHook) => Promise<number> }) {
    this.#options = options;
  }

  add(type: string, url: string): Subscription {
    if (!eventTypes.has(type)) throw badWrite('"type" must be one of the event types');
    if (url.length > 512 || !/^https?:\/\/[^\s]+$/.test(url)) throw badWrite('"url" must be a valid uri of at most 512 characters');
    const subscription = { id: ++this.#id, type, url, secret: this.#options.random.hex(32) };
    this.#byId.set(subscription.id, subscription);
    return subscription;
  }

  get(id: number): Subscription {
    const subscription = this.#byId.get(id);
    if (!subscription) throw notFound('Subscription', id);
    return subscription;
  }

  remove(id: number): void {
    this.get(id);
    this.#byId.delete(id);
  }

  get waiting(): number {
    return this.#waiting;
  }

  publish(event: WorldEvent): void {
    const { buttons, clock } = this.#options;
    for (const subscription of this.#byId.values()) {
      if (subscription.type !== event.type) continue;
      if (buttons.fire('lostWebhook', event.type)) continue;
      const twice = buttons.fire('duplicateWebhook', event.type);
      const late = buttons.fire('lateWebhook', event.type);
      const body = JSON.stringify(event.body);
      for (let copy = 0; copy < (twice ? Number(twice.with?.['times'] ?? 2) : 1); copy++) {
        if (late) clock.after(late.delayMs ?? 60_000, () => this.#send(subscription, body, 0));
        else this.#send(subscription, body, 0);
      }
    }
  }

  #send(subscription: Subscription, body: string, attempt: number): void {
    const { clock, deliver, buttons } = this.#options;
    if (this.#waiting >= mostWaiting) {
      this.counts.dropped += 1;
      return;
    }
    this.#waiting += 1;
    const secret = buttons.fire('wrongSignature', subscription.type) ? `${subscription.secret}x` : subscription.secret;
    const now = clock.now();
    const hook = { url: subscription.url, type: subscription.type, body, headers: { 'content-type': 'application/json', 'x-maintainx-webhook-body-signature': signature(secret, now, body), 'x-maintainx-webhook-uri-signature': signature(secret, now, subscription.url) } };
    void deliver(hook).then((status) => status < 300, () => false).then((taken) => {
      this.#waiting -= 1;
      const wait = retryAfterMs[attempt];
      if (taken) this.counts.delivered += 1;
      else if (wait === undefined) this.counts.failed += 1;
      else clock.after(wait, () => this.#send(subscription, body, attempt + 1));
    });
  }
}

/** Delivers over HTTP with the vendor's time limit of 10 seconds. */
export function httpDeliver(): (hook: OutgoingHook) => Promise<number> {
  return async ({ url, headers, body }) => (await fetch(url, { method: 'POST', headers: { ...headers }, body, redirect: 'manual', signal: AbortSignal.timeout(10_000) })).status;
}
