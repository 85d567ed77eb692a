import type { Decimal } from '#base/decimal';
import type { World } from './world.ts';

/** A plant in a few lines, for tests and demonstrations. */
export interface PlantSeed {
  readonly companyCode?: string;
  readonly currency?: string;
  readonly plant?: string;
  readonly storageLocations?: readonly string[];
  readonly costCentres?: readonly string[];
  readonly suppliers?: readonly string[];
  readonly materials?: readonly {
    readonly material: string;
    readonly description?: string;
    readonly baseUnit?: string;
    readonly price?: Decimal;
    readonly procedure?: 'S' | 'V';
    readonly stock?: Decimal;
    readonly reorderPoint?: Decimal;
  }[];
  /** Activity type and hourly rate, for the first cost centre. */
  readonly activityRates?: Readonly<Record<string, Decimal>>;
}

/** Adds a company code, a plant, cost centres, suppliers, materials with stock and rates; returns the names used. */
export function seedPlant(
  world: World,
  seed: PlantSeed = {},
): { companyCode: string; plant: string; storageLocation: string; costCentre: string; supplier: string } {
  const companyCode = seed.companyCode ?? '2100';
  const plant = seed.plant ?? companyCode;
  const locations = seed.storageLocations ?? ['21A1', '21A2'];
  const centres = seed.costCentres ?? ['21004310', '21009000'];
  const suppliers = seed.suppliers ?? ['1000001'];
  const { organisation } = world;
  if (!organisation.companyCodes.get(companyCode)) organisation.addCompanyCode({ code: companyCode, currency: seed.currency ?? 'EUR' });
  if (!organisation.plants.get(plant)) organisation.addPlant({ plant, companyCode, storageLocations: locations });
  for (const costCentre of centres)
    if (organisation.costCentres.by('CostCenter', costCentre).length === 0) organisation.addCostCentre({ costCentre, companyCode });
  for (const supplier of suppliers)
    if (!world.partners.suppliers.get(supplier)) world.addSupplier({ supplier, name: `Supplier ${supplier}`, companyCodes: [companyCode] });
  for (const [activityType, rate] of Object.entries(seed.activityRates ?? {}))
    world.activities.addRate({ costCentre: centres[0] ?? '', activityType, rate, from: '2000-01-01' });
  const storageLocation = locations[0] ?? '';
  for (const one of seed.materials ?? []) {
    world.addMaterial({
      material: one.material,
      description: one.description ?? one.material,
      baseUnit: one.baseUnit ?? 'PC',
      plants: [
        {
          plant,
          storageLocations: locations,
          procedure: one.procedure ?? 'V',
          price: one.price ?? '10',
          ...(one.reorderPoint === undefined ? {} : { reorderPoint: one.reorderPoint }),
        },
      ],
    });
    if (one.stock !== undefined) world.addStock({ material: one.material, plant, storageLocation, quantity: one.stock });
  }
  return { companyCode, plant, storageLocation, costCentre: centres[0] ?? '', supplier: suppliers[0] ?? '' };
}
