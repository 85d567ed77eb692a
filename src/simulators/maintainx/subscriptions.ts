import { isoTime } from '#base/clock';
import * as z from 'zod';
import { assetStates, partStatuses, purchaseOrderStatuses, triggerStates, workOrderStatuses, type Subscription } from '#simulators/maintainx/records';
import { invalid } from '#simulators/maintainx/refusal';
import { workOrderProperties } from '#simulators/maintainx/work-order-events';
import type { Actor, World } from '#simulators/maintainx/world';
import { parsed, visible, type Call, type Route } from '#simulators/maintainx/wire';

type Allowed = readonly (string | number)[] | 'ids' | 'any';
interface EventType {
  readonly options?: readonly string[];
  readonly filters?: Readonly<Record<string, Allowed>>;
}

const serialise = { options: ['serializeEntity'] };
const partProperties = [
  'AREA',
  'ASSETS',
  'AVAILABLE_QUANTITY',
  'BARCODE',
  'DESCRIPTION',
  'EXTRA_FIELDS',
  'LOCATION',
  'LOCATIONS',
  'MAXIMUM_QUANTITY',
  'MINIMUM_QUANTITY',
  'NAME',
  'PART_TYPES',
  'TEAMS',
  'UNIT_COST',
  'VENDORS',
];
const orderProperties = [
  'ATTACHMENTS',
  'BILLING_ADDRESS',
  'COSTS',
  'DUE_DATE',
  'EXTRA_FIELDS',
  'ITEMS',
  'NOTE',
  'OVERRIDE_NUMBER',
  'SHIPPING_ADDRESS',
  'STATUS',
  'TITLE',
  'VENDOR',
  'VENDOR_CONTACTS',
];

/** The 46 event types with what a subscription to each may ask for. */
export const eventTypes: Readonly<Record<string, EventType>> = {
  ASSET_STATUS_CHANGE: { filters: { oneOfAssetStatusTypes: assetStates, oneOfCustomAssetStatusesIds: 'ids' } },
  METER_TRIGGER_STATE_CHANGE: { filters: { oneOfStates: triggerStates } },
  NEW_ASSET: serialise,
  NEW_CATEGORY_ON_WORK_ORDER: { filters: { oneOfCategories: 'any' } },
  NEW_COMMENT_ON_WORK_ORDER: {},
  NEW_LOCATION: {},
  NEW_PART: serialise,
  NEW_PURCHASE_ORDER: { options: ['serializeEntity', 'includeOAuthTokensInPayload'] },
  NEW_SLASH_COMMAND: {},
  NEW_VENDOR: {},
  NEW_WORK_ORDER: serialise,
  NEW_WORK_REQUEST: {},
  PART_CHANGE: { options: ['serializeEntity', 'onlySerializeFilteredProperties'], filters: { oneOfPartProperties: partProperties } },
  PART_DELETE: serialise,
  PART_QUANTITY_CHANGE: {},
  PART_TRANSFER: {},
  PURCHASE_ORDER_CHANGE: { options: ['serializeEntity', 'onlySerializeFilteredProperties'], filters: { oneOfPurchaseOrderProperties: orderProperties } },
  PURCHASE_ORDER_STATUS_CHANGE: {
    options: ['serializePurchaseOrder', 'omitSendToVendorPopup'],
    filters: { oneOfStatuses: purchaseOrderStatuses, vendors: 'ids' },
  },
  WORK_ORDER_CHANGE: { options: ['serializeEntity', 'onlySerializeFilteredProperties'], filters: { oneOfProperties: Object.keys(workOrderProperties) } },
  WORK_ORDER_DELETE: serialise,
  WORK_ORDER_OVERDUE: {},
  WORK_ORDER_PART_STATUS_CHANGE: { options: ['serializeEntity'], filters: { oneOfPartStatuses: partStatuses.map((status) => status.toLowerCase()) } },
  WORK_ORDER_STATUS_CHANGE: { options: ['serializeEntity', 'includeOAuthTokensInPayload'], filters: { oneOfStatuses: workOrderStatuses } },
  WORK_REQUEST_STATUS_CHANGE: { filters: { oneOfStatuses: ['APPROVED', 'DONE', 'REJECTED'] } },
  ...Object.fromEntries(
    [
      'API_TOKEN_CREATED',
      'API_TOKEN_REVOKED',
      'CONNECTOR_TOKEN_REVOKED',
      'DATA_EXPORT_INITIATED',
      'INVITE_LINK_ARCHIVED',
      'INVITE_LINK_CREATED',
      'INVITE_LINK_UPDATED',
      'ROLE_ARCHIVED',
      'ROLE_CREATED',
      'ROLE_UPDATED',
      'SSO_CONFIG_CHANGED',
      'USER_ACTIVATED',
      'USER_INVITED',
      'USER_LOGIN_FAILURE',
      'USER_LOGIN_SUCCESS',
      'USER_LOGOUT',
      'USER_PERMISSIONS_CHANGED',
      'USER_REMOVED',
      'USER_ROLE_CHANGED',
      'USER_SESSION_REVOKED',
      'WEBHOOK_ARCHIVED',
      'WEBHOOK_CREATED',
    ].map((type) => [type, {}]),
  ),
};
const typeNames = Object.keys(eventTypes) as [string, ...string[]]; // the table above is not empty

const longestUrl = 512;
const type = z.string().refine((text) => Object.hasOwn(eventTypes, text), { message: 'type is not a webhook event type' });
const url = z
  .string()
  .max(longestUrl, `url must have at most ${longestUrl} characters`)
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'url must be an http or https address');
const newSubscription = z.strictObject({
  type,
  url,
  options: z.record(z.string(), z.boolean()).optional(),
  filters: z.record(z.string(), z.array(z.union([z.string(), z.number()])).max(200)).optional(),
});
const changedSubscription = z.strictObject({ type: type.optional(), url: url.optional() });

/** Subscribes one URL to one event type; the secret is told once here and by `…/secret`. There is no list call. */
export function subscribe(world: World, actor: Actor, input: z.infer<typeof newSubscription>): Subscription {
  const allowed = eventTypes[input.type];
  if (!allowed) throw invalid('type', `type must be one of ${typeNames.join(', ')}`, input.type);
  for (const option of Object.keys(input.options ?? {}))
    if (!allowed.options?.includes(option)) throw invalid(`options.${option}`, `${input.type} has no option ${option}`);
  for (const [filter, values] of Object.entries(input.filters ?? {})) checkFilter(input.type, allowed, filter, values);
  const subscription: Subscription = {
    id: world.id('subscription'),
    organizationId: actor.organizationId,
    secret: world.random.hex(32),
    type: input.type,
    url: input.url,
    status: 'VALID',
    options: input.options ?? {},
    filters: input.filters ?? {},
    failingSince: undefined,
  };
  world.subscriptions.set(subscription.id, subscription);
  world.emit(actor, {
    type: 'WEBHOOK_CREATED',
    body: {
      orgId: actor.organizationId,
      actorId: actor.userId,
      webhookId: subscription.id,
      webhookType: input.type,
      url: input.url,
      occurredAt: isoTime(world.clock.now()),
    },
  });
  return subscription;
}

function checkFilter(event: string, allowed: EventType, filter: string, values: readonly (string | number)[]): void {
  const known = allowed.filters && Object.hasOwn(allowed.filters, filter) ? allowed.filters[filter] : undefined;
  if (!known) throw invalid(`filters.${filter}`, `${event} has no filter ${filter}`);
  if (known === 'any') return;
  for (const value of values)
    if (known === 'ids' ? typeof value !== 'number' : !known.includes(value)) throw invalid(`filters.${filter}`, `${value} is not a value of ${filter}`, value);
}

/** Ends a subscription: by its owner, or by the vendor after long failure. */
export function unsubscribe(world: World, actor: Actor, subscription: Subscription): void {
  world.subscriptions.delete(subscription.id);
  world.emit(actor, {
    type: 'WEBHOOK_ARCHIVED',
    body: { orgId: actor.organizationId, actorId: actor.userId, webhookId: subscription.id, occurredAt: isoTime(world.clock.now()) },
  });
}

function change(call: Call): unknown {
  const subscription = one(call);
  const input = parsed(changedSubscription, call.body);
  if (input.type !== undefined) subscription.type = input.type;
  if (input.url !== undefined) subscription.url = input.url;
  return { subscription: view(subscription) };
}

const view = ({ id, type: event, url: address, status }: Subscription): Record<string, unknown> => ({ id, type: event, url: address, status });
const one = (call: Call): Subscription => visible(call, call.world.subscriptions, 'subscription');

function create(call: Call): unknown {
  const { id, status, secret } = subscribe(call.world, call.actor(), parsed(newSubscription, call.body));
  return { id, status, secret };
}

export const subscriptionRoutes: readonly Route[] = [
  { method: 'POST', path: '/subscriptions', success: 201, handle: create },
  { method: 'GET', path: '/subscriptions/{}', success: 200, handle: (call) => ({ subscription: view(one(call)) }) },
  { method: 'PATCH', path: '/subscriptions/{}', success: 200, handle: change },
  { method: 'DELETE', path: '/subscriptions/{}', success: 204, handle: (call) => unsubscribe(call.world, call.actorOn(one(call)), one(call)) },
  { method: 'GET', path: '/subscriptions/{}/secret', success: 200, handle: (call) => ({ secret: one(call).secret }) },
];
