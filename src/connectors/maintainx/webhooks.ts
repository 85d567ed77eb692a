import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { Fault } from '#base/fault';
import type { RecordKind } from '#model/records';
import { decode, shapePer } from '#spi/decode';
import { path } from '#spi/rest';
import type { IncomingHook, Notice, Webhooks } from '#spi/webhook';
import { Id } from './native.ts';
import type { MaintainxSession } from './settings.ts';

/** A signature older or newer than this is refused, so that a recorded call cannot be played again later. */
export const toleranceMs = 5 * 60_000;

/** Event type: the record it speaks of, and the member that holds its number. Bodies name neither type nor event, so that each type has a callback address of its own. */
const events: Readonly<Record<string, { readonly kind: RecordKind; readonly member: string }>> = {
  NEW_WORK_ORDER: { kind: 'workOrder', member: 'workOrderId' },
  WORK_ORDER_CHANGE: { kind: 'workOrder', member: 'workOrderId' },
  WORK_ORDER_STATUS_CHANGE: { kind: 'workOrder', member: 'workOrderId' },
  WORK_ORDER_PART_STATUS_CHANGE: { kind: 'workOrder', member: 'workOrderId' },
  WORK_ORDER_DELETE: { kind: 'workOrder', member: 'workOrderId' },
  NEW_ASSET: { kind: 'asset', member: 'assetId' },
  ASSET_STATUS_CHANGE: { kind: 'asset', member: 'assetId' },
  NEW_PART: { kind: 'part', member: 'partId' },
  PART_CHANGE: { kind: 'part', member: 'partId' },
  PART_DELETE: { kind: 'part', member: 'partId' },
  PART_QUANTITY_CHANGE: { kind: 'stockLevel', member: 'partId' },
  NEW_LOCATION: { kind: 'location', member: 'locationId' },
  NEW_VENDOR: { kind: 'vendor', member: 'vendorId' },
  NEW_PURCHASE_ORDER: { kind: 'purchaseOrder', member: 'purchaseOrderId' },
  PURCHASE_ORDER_CHANGE: { kind: 'purchaseOrder', member: 'purchaseOrderId' },
  PURCHASE_ORDER_STATUS_CHANGE: { kind: 'purchaseOrder', member: 'purchaseOrderId' },
};

const Signature = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/;

/** Both headers are checked: over the body, and over the address, so that a body cannot be moved to another event type. */
function verify(hook: IncomingHook, secret: string, nowMs: number): void {
  if (secret === '') throw new Fault('unauthorised', 'the subscription has no secret, so that no call can be believed');
  for (const [header, signed] of [
    ['x-maintainx-webhook-body-signature', hook.body],
    ['x-maintainx-webhook-uri-signature', hook.url],
  ] as const) {
    const match = Signature.exec(hook.headers[header] ?? '');
    if (!match) throw new Fault('unauthorised', `the webhook has no usable ${header}`);
    const [, seconds = '', given = ''] = match;
    if (Math.abs(nowMs - Number(seconds) * 1000) > toleranceMs)
      throw new Fault('unauthorised', `the webhook was signed at ${seconds}, more than ${toleranceMs / 60_000} minutes away from now`);
    const right = createHmac('sha256', secret).update(`${seconds}.${signed}`).digest();
    if (!timingSafeEqual(right, Buffer.from(given, 'hex'))) throw new Fault('unauthorised', `the ${header} of the webhook is wrong`);
  }
}

const Quantities = z.looseObject({
  locations: z
    .array(z.looseObject({ locationId: Id }))
    .max(1000)
    .optional(),
});

function notices(hook: IncomingHook): readonly Notice[] {
  const event = Object.hasOwn(events, hook.type) ? events[hook.type] : undefined;
  if (!event) throw new Fault('drifted', `there is no event type ${JSON.stringify(hook.type.slice(0, 60))} of MaintainX that is subscribed`);
  let body: unknown;
  try {
    body = JSON.parse(hook.body);
  } catch (cause) {
    throw new Fault('drifted', `the body of ${hook.type} is not JSON`, { cause });
  }
  const read = decode(Notified(event.member), body, hook.type);
  // The schema has just said what the two members are.
  const number = read[event.member] as number;
  const notice = { urgency: urgencyOf(hook.type, body), at: Date.parse(read['occurredAt'] as string) };
  if (event.kind !== 'stockLevel') return [{ kind: event.kind, key: String(number), ...notice }];
  const { locations } = decode(Quantities, body, hook.type);
  return locations === undefined || locations.length === 0
    ? [{ kind: 'part', key: String(number), ...notice }]
    : locations.map(({ locationId }) => ({ kind: 'stockLevel', key: `${number}@${locationId}`, ...notice }));
}

const Notified = shapePer((member) => z.looseObject({ [member]: Id, occurredAt: z.iso.datetime({ offset: true }) }));
const OutOfUse = z.looseObject({ newStatus: z.looseObject({ status: z.literal('IGNORE') }) });
const HighPriority = z.looseObject({ newWorkOrder: z.looseObject({ priority: z.literal('HIGH') }) });

/** An asset taken out of use overtakes, because a disposal must reach the ERP the same day; high priority of an order that came along goes before routine. */
function urgencyOf(type: string, body: unknown): number {
  if (type === 'ASSET_STATUS_CHANGE' && OutOfUse.safeParse(body).success) return 2;
  return HighPriority.safeParse(body).success ? 1 : 0;
}

export const webhooks: Webhooks<MaintainxSession> = {
  types: Object.fromEntries(Object.entries(events).map(([type, { kind }]) => [type, kind])),
  verify,
  notices,
  async subscribe({ api }, { type, url }) {
    if (!Object.hasOwn(events, type)) throw new Fault('misconfigured', `there is no event type ${type} of MaintainX that this connector reads`);
    if (url.length > 512) throw new Fault('misconfigured', `the callback address has ${url.length} characters; MaintainX takes 512`);
    const made = decode(z.looseObject({ id: Id, secret: z.string().optional() }), await api.post('/subscriptions', { type, url }), 'POST /subscriptions');
    const secret =
      made.secret ??
      decode(z.looseObject({ secret: z.string().min(1) }), await api.get(path`/subscriptions/${made.id}/secret`), 'GET /subscriptions/{id}/secret').secret;
    return { id: String(made.id), secret };
  },
  async alive({ api }, id) {
    try {
      const { subscription } = decode(
        z.looseObject({ subscription: z.looseObject({ status: z.string() }) }),
        await api.get(path`/subscriptions/${id}`),
        `GET /subscriptions/${id}`,
      );
      return subscription.status === 'VALID';
    } catch (error) {
      // The vendor deletes subscriptions whose address failed for long, and has no list of them.
      if (error instanceof Fault && error.kind === 'missing') return false;
      throw error;
    }
  },
};
