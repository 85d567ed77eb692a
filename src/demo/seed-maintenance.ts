import type { PlantData } from '#demo/plant-data';
import type { MaintainXWorld } from '#simulators/maintainx/plant';

/** Numbers that the maintenance twin gave: what a technician of the story needs to act. */
export interface Seeded {
  readonly organizationId: number;
  /** The custom asset status that means disposed. */
  readonly disposedStatusId: number;
  readonly parts: ReadonlyMap<string, number>;
  readonly storerooms: ReadonlyMap<string, number>;
  readonly users: ReadonlyMap<string, number>;
  readonly vendors: ReadonlyMap<string, number>;
}

/** Labels of custom fields, as the demo's connections are configured. */
export const labels = {
  erpNumber: 'ERP number',
  costCentre: 'Cost centre',
  unit: 'Unit of measure',
  autoRequest: 'Auto-request',
  reference: 'Linchpin reference',
} as const;

/** Which custom fields a plant defines before it connects. */
const fields = {
  assets: [labels.erpNumber, labels.costCentre, labels.reference],
  locations: [labels.erpNumber, labels.reference],
  parts: [labels.erpNumber, labels.unit, labels.autoRequest, labels.reference],
  vendors: [labels.erpNumber, labels.reference],
  workOrders: [labels.costCentre],
  purchaseOrders: [labels.reference],
} as const;

/** Puts one site into its organisation of the maintenance twin: custom fields, storerooms, parts with stock, people, vendors. Assets come through the hub. */
export function seedMaintenance(world: MaintainXWorld, plant: PlantData, siteCode: string, organizationId: number): Seeded {
  const site = plant.sites.find(({ code }) => code === siteCode);
  if (!site) throw new RangeError(`the plant has no site ${siteCode}`);
  const adding = { organizationId };
  for (const [entity, names] of Object.entries(fields))
    for (const label of names) world.addCustomField(entity as keyof typeof fields, { label, type: 'oneline' }, adding);
  const disposedStatusId = world.addCustomStatus('Disposed', 'IGNORE', adding).id;
  const storerooms = new Map(
    site.storerooms.map((room) => [
      room.code,
      world.addLocation({ name: room.name, extraFields: { [labels.erpNumber]: `${siteCode}/${room.code}` } }, adding).id,
    ]),
  );
  const vendors = new Map(
    plant.vendors.map((vendor) => [vendor.code, world.addVendor({ name: vendor.name, extraFields: { [labels.erpNumber]: vendor.code } }, adding).id]),
  );
  const here = plant.employees.filter((person) => person.site === siteCode && person.leftOn === undefined);
  const users = new Map(
    here.map((person) => [
      person.code,
      world.addUser(
        {
          firstName: person.firstName,
          lastName: person.lastName,
          email: `${person.code}@plant.example`,
          role: 'MEMBER',
          inviteType: 'NONE',
          externalData: { personnelNumber: person.code },
        },
        adding,
      ).id,
    ]),
  );
  const rows = new Map<string, PlantData['stock'][number][]>();
  for (const row of plant.stock) if (row.site === siteCode) rows.set(row.part, [...(rows.get(row.part) ?? []), row]);
  const parts = new Map<string, number>();
  for (const part of plant.parts) {
    const stock = rows.get(part.code);
    if (!stock && part.stocked) continue;
    // Parts that are bought for a job are kept nowhere, but a work order names the store that hands them out.
    const places = stock ?? site.storerooms.slice(0, 1).map((room) => ({ storeroom: room.code, onHand: '0', reorderPoint: '0', maximum: undefined }));
    parts.set(
      part.code,
      world.addPart(
        {
          name: part.name,
          barcode: part.code,
          unitCost: Math.round(Number(part.price) * 100),
          extraFields: { [labels.erpNumber]: part.code, [labels.unit]: part.unit, ...(part.stocked ? {} : { [labels.autoRequest]: 'Yes' }) },
          locations: places.map((row) => ({
            locationId: storerooms.get(row.storeroom) ?? 0,
            availableQuantity: Number(row.onHand),
            minimumQuantity: Number(row.reorderPoint),
            ...(row.maximum === undefined ? {} : { maximumQuantity: Number(row.maximum) }),
          })),
        },
        adding,
      ).id,
    );
  }
  return { organizationId, disposedStatusId, parts, storerooms, users, vendors };
}
