import * as z from 'zod';
import { customFieldEntities, customFieldTypes, type CustomField, type CustomFieldEntity, type ExtraFields } from '#simulators/maintainx/records';
import { found, invalid, notFound, Refusal } from '#simulators/maintainx/refusal';
import type { Actor, World } from '#simulators/maintainx/world';
import { name, parsed, pathId, withinLength, type Call, type Route } from '#simulators/maintainx/wire';

const shared = {
  options: z.array(name).nullable().optional(),
  includeInRecurrence: z.boolean().nullable().optional(),
  required: z.boolean().nullable().optional(),
  unlisted: z.boolean().nullable().optional(),
};
const definition = z.strictObject({ label: name, type: z.enum(customFieldTypes), ...shared });
const newFields = z.strictObject({ fields: z.array(definition).min(1).max(100) });
const changedField = z.strictObject({
  field: z.strictObject({ label: name.optional(), type: z.enum(customFieldTypes).optional(), ...shared, sortIndex: z.int().nonnegative().optional() }),
});

/** Defines one custom field. Its exact label is the key of its values. */
export function defineField(world: World, actor: Actor, entity: CustomFieldEntity, input: z.infer<typeof definition>): CustomField {
  const key = `${actor.organizationId} ${entity} ${input.label}`;
  withinLength(world, { names: { label: input.label } });
  if (world.fieldByLabel.has(key)) throw invalid('fields.label', `Custom field "${input.label}" already exists on ${entity}`, input.label);
  if (input.type === 'singleSelect' && !input.options?.length) throw invalid('fields.options', 'A single select needs options');
  const field: CustomField = {
    id: world.id('customField'),
    organizationId: actor.organizationId,
    entity,
    label: input.label,
    type: input.type,
    options: input.options ?? [],
    required: input.required ?? false,
    unlisted: input.unlisted ?? false,
    sortOrder: world.customFields.size + 1,
  };
  world.customFields.set(field.id, field);
  world.fieldByLabel.set(key, field);
  return field;
}

/** Changes a definition. A new label moves every value to it, which breaks whoever maps by the old one. */
export function changeField(world: World, field: CustomField, input: z.infer<typeof changedField>['field']): void {
  const old = field.label;
  if (input.label !== undefined && input.label !== old) {
    if (world.fieldByLabel.has(`${field.organizationId} ${field.entity} ${input.label}`))
      throw invalid('field.label', `Custom field "${input.label}" already exists on ${field.entity}`, input.label);
    rename(world, field, input.label);
  }
  if (input.type !== undefined) field.type = input.type;
  if (input.options) field.options = input.options;
  if (input.required !== undefined) field.required = input.required ?? false;
  if (input.unlisted !== undefined) field.unlisted = input.unlisted ?? false;
  if (input.sortIndex !== undefined) field.sortOrder = input.sortIndex + 1;
}

function rename(world: World, field: CustomField, label: string | undefined): void {
  for (const values of valuesOf(world, field)) {
    const value = values[field.label];
    if (value === undefined) continue;
    delete values[field.label];
    if (label !== undefined) values[label] = value;
  }
  world.fieldByLabel.delete(`${field.organizationId} ${field.entity} ${field.label}`);
  if (label === undefined) return;
  field.label = label;
  world.fieldByLabel.set(`${field.organizationId} ${field.entity} ${label}`, field);
}

function* valuesOf(world: World, field: CustomField): Iterable<ExtraFields> {
  const tables: Readonly<Record<CustomFieldEntity, ReadonlyMap<number, { readonly organizationId: number; readonly extraFields: ExtraFields }>>> = {
    assets: world.assets,
    locations: world.locations,
    parts: world.parts,
    workOrders: world.workOrders,
    vendors: world.vendors,
    purchaseOrders: world.purchaseOrders,
    lineItemPurchaseOrders: new Map(),
  };
  for (const record of tables[field.entity].values()) if (record.organizationId === field.organizationId) yield record.extraFields;
  if (field.entity !== 'lineItemPurchaseOrders') return;
  for (const order of world.purchaseOrders.values())
    if (order.organizationId === field.organizationId) for (const item of order.items) yield item.lineExtraFields;
}

function entityOf(call: Call): CustomFieldEntity {
  const entity = customFieldEntities.find((known) => known === call.key);
  if (!entity) throw new Refusal(400, [{ error: `entity must be one of ${customFieldEntities.join(', ')}` }]);
  return entity;
}

function fieldOf(call: Call): CustomField {
  const field = found(call.world.customFields.get(pathId(call.subKey)), 'custom field');
  if (field.entity !== entityOf(call) || !call.organizationIds.has(field.organizationId)) throw notFound('custom field');
  return field;
}

const view = ({ id, label, sortOrder, type, options, required, unlisted }: CustomField, full: boolean): Record<string, unknown> => ({
  id,
  label,
  sortOrder,
  type,
  ...(full ? { required, unlisted } : {}),
  options,
});

function create(call: Call): unknown {
  const entity = entityOf(call);
  const actor = call.actor();
  const { fields } = parsed(newFields, call.body);
  return fields.map((field) => view(defineField(call.world, actor, entity, field), false));
}

export const customFieldRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/customfields/{}',
    success: 200,
    handle: (call) => {
      const entity = entityOf(call);
      const { organizationId } = call.actor();
      return [...call.world.customFields.values()]
        .filter((field) => field.entity === entity && field.organizationId === organizationId)
        .sort((a, b) => a.sortOrder - b.sortOrder)
        .map((field) => view(field, true));
    },
  },
  { method: 'POST', path: '/customfields/{}', success: 200, handle: create },
  {
    method: 'PATCH',
    path: '/customfields/{}/{}',
    success: 204,
    handle: (call) => changeField(call.world, fieldOf(call), parsed(changedField, call.body).field),
  },
  {
    method: 'DELETE',
    path: '/customfields/{}/{}',
    success: 204,
    handle: (call) => {
      const field = fieldOf(call);
      rename(call.world, field, undefined);
      call.world.customFields.delete(field.id);
    },
  },
];
