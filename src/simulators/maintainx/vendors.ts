import * as z from 'zod';
import { isoTime } from '#base/clock';
import { customFieldFilters, page } from '#simulators/maintainx/paging';
import type { Category, Vendor } from '#simulators/maintainx/records';
import { invalid } from '#simulators/maintainx/refusal';
import { withExtraFields, type Actor, type World } from '#simulators/maintainx/world';
import { choices, extraFields, name, parsed, text, visible, withinLength, type Call, type Route } from '#simulators/maintainx/wire';

/** E-mail addresses and telephone numbers can only be given at creation. */
export const newVendor = z.strictObject({
  name,
  description: text.nullable().optional(),
  extraFields: extraFields.optional(),
  emails: z.array(z.string().max(320)).optional(),
  phoneNumbers: z.array(z.string().max(40)).optional(),
});
const changedVendor = z.strictObject({ name: name.optional(), description: text.nullable().optional(), extraFields: extraFields.optional() });

export function createVendor(world: World, actor: Actor, input: z.infer<typeof newVendor>): Vendor {
  withinLength(world, { names: { name: input.name }, texts: { description: input.description } });
  input.emails?.forEach((address, index) => {
    if (!/^[^\s@]+@[^\s@]+$/.test(address)) throw invalid(`emails.${index}`, 'must be an e-mail address', address);
  });
  const now = world.clock.now();
  const vendor: Vendor = {
    id: world.id('vendor'),
    organizationId: actor.organizationId,
    createdAt: now,
    updatedAt: now,
    name: input.name,
    description: input.description ?? null,
    emails: input.emails ?? [],
    phoneNumbers: input.phoneNumbers ?? [],
    extraFields: withExtraFields(world, actor, 'vendors', {}, input.extraFields),
  };
  world.vendors.set(vendor.id, vendor);
  world.emit(actor, { type: 'NEW_VENDOR', body: { vendorId: vendor.id, orgId: actor.organizationId, occurredAt: isoTime(now) } });
  return vendor;
}

function changeVendor(world: World, actor: Actor, vendor: Vendor, input: z.infer<typeof changedVendor>): Vendor {
  withinLength(world, { names: { name: input.name }, texts: { description: input.description } });
  vendor.extraFields = withExtraFields(world, actor, 'vendors', vendor.extraFields, input.extraFields);
  if (input.name !== undefined) vendor.name = input.name;
  if (input.description !== undefined) vendor.description = input.description;
  vendor.updatedAt = world.clock.now();
  return vendor;
}

const detail = (vendor: Vendor): Record<string, unknown> => ({
  id: vendor.id,
  name: vendor.name,
  emails: vendor.emails,
  phoneNumbers: vendor.phoneNumbers,
  description: vendor.description,
  thumbnail: null,
  attachments: [],
  contactIds: [],
  deletedAt: null,
  extraFields: vendor.extraFields,
});

function list(call: Call): unknown {
  const expand = choices(call.query, 'expand', ['extra_fields']);
  return page(call, {
    collection: 'vendors',
    paging: 'offset',
    rows: call.world.vendors.values(),
    where: customFieldFilters<Vendor>(call, 'vendors'),
    view: (vendor) => ({ id: vendor.id, name: vendor.name, ...(expand.length > 0 ? { extraFields: vendor.extraFields } : {}) }),
  });
}

const one = (call: Call): Vendor => visible(call, call.world.vendors, 'vendor');

const newCategory = z.strictObject({ label: name, description: text.optional() });

export function createCategory(world: World, actor: Actor, input: z.infer<typeof newCategory>): Category {
  for (const known of world.categories.values())
    if (known.organizationId === actor.organizationId && known.label === input.label)
      throw invalid('label', `Category "${input.label}" already exists`, input.label);
  const category: Category = { id: world.id('category'), organizationId: actor.organizationId, label: input.label, description: input.description ?? '' };
  world.categories.set(category.id, category);
  return category;
}

export const vendorRoutes: readonly Route[] = [
  { method: 'GET', path: '/vendors', success: 200, query: ['expand'], handle: list },
  { method: 'POST', path: '/vendors', success: 201, handle: (call) => ({ id: createVendor(call.world, call.actor(), parsed(newVendor, call.body)).id }) },
  { method: 'GET', path: '/vendors/{}', success: 200, handle: (call) => ({ vendor: detail(one(call)) }) },
  {
    method: 'PATCH',
    path: '/vendors/{}',
    success: 200,
    handle: (call) => ({ vendor: detail(changeVendor(call.world, call.actorOn(one(call)), one(call), parsed(changedVendor, call.body))) }),
  },
  { method: 'DELETE', path: '/vendors/{}', success: 204, handle: (call) => void call.world.vendors.delete(one(call).id) },
  {
    method: 'GET',
    path: '/categories',
    success: 200,
    handle: (call) =>
      page(call, {
        collection: 'categories',
        paging: 'offset',
        rows: call.world.categories.values(),
        view: ({ id, label, description }) => ({ id, label, description }),
      }),
  },
  {
    method: 'POST',
    path: '/categories',
    success: 201,
    handle: (call) => ({ id: createCategory(call.world, call.actor(), parsed(newCategory, call.body)).id }),
  },
  {
    method: 'GET',
    path: '/organizations',
    success: 200,
    handle: (call) =>
      page(call, {
        collection: 'organizations',
        paging: 'offset',
        rows: [...call.world.organizations.values()].filter(({ id }) => call.organizationIds.has(id)),
        view: (organization) => organization,
      }),
  },
];
