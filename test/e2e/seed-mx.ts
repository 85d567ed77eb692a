import type { PlantData } from '#demo/plant-data';
import type { World } from '#simulators/mx/world';

/** Numbers that the maintenance twin gave: what a technician of the story needs to act. */
export interface Seeded {
  readonly parts: ReadonlyMap<string, number>;
  readonly storerooms: ReadonlyMap<string, number>;
  readonly users: ReadonlyMap<string, number>;
  readonly vendors: ReadonlyMap<string, number>;
}

/** Labels of custom fields, as the demo's connections are configured. */
export const labels = { erpNumber: 'ERP number', costCentre: 'Cost centre', unit: 'Unit of measure', autoRequest: 'Auto-request' } as const;

/** Puts one site into its maintenance twin: storerooms, parts with stock, people, vendors. Assets come through the hub. */
export function seedMaintenance(world: World, plant: PlantData, siteCode: string): Seeded {
  const site = plant.sites.find(({ code }) => code === siteCode)!;
  const [storerooms, vendors, users, parts] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  for (const room of site.storerooms) storerooms.set(room.code, world.add('location', { name: room.name, extraFields: { [labels.erpNumber]: `${siteCode}/${room.code}` } }).id);
  for (const vendor of plant.vendors) vendors.set(vendor.code, world.add('vendor', { name: vendor.name, extraFields: { [labels.erpNumber]: vendor.code } }).id);
  for (const person of plant.employees) {
    if (person.site !== siteCode || person.leftOn !== undefined) continue;
    users.set(person.code, world.add('user', { firstName: person.firstName, lastName: person.lastName, email: `${person.code}@plant.example`, role: 'MEMBER', externalData: { personnelNumber: person.code } }).id);
  }
  const rows = new Map<string, PlantData['stock'][number][]>();
  for (const row of plant.stock) if (row.site === siteCode) rows.set(row.part, [...(rows.get(row.part) ?? []), row]);
  for (const part of plant.parts) {
    const here = rows.get(part.code);
    if (!here && part.stocked) continue;
    const made = world.parts.add({
      name: part.name, barcode: part.code, unitCost: Math.round(Number(part.price) * 100), extraFields: { [labels.erpNumber]: part.code, [labels.unit]: part.unit, ...(part.stocked ? {} : { [labels.autoRequest]: 'Yes' }) },
      locations: (here ?? []).map((row) => ({ locationId: storerooms.get(row.storeroom)!, availableQuantity: Number(row.onHand), minimumQuantity: Number(row.reorderPoint), ...(row.maximum === undefined ? {} : { maximumQuantity: Number(row.maximum) }) })),
    });
    parts.set(part.code, made.id);
  }
  return { parts, storerooms, users, vendors };
}
