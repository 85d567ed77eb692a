import { compare } from '#base/decimal';
import { pricePerOf } from '#demo/price';
import type { PlantData, PlantPart } from '#demo/plant-data';
import type { World } from '#simulators/s4hana/world/world';

/** Number of the vendor that gets orders whose requisition names none. */
export const defaultVendor = (plant: PlantData): string => plant.vendors[0]!.code;

/** Puts a plant into the finance twin's world: organisation, masters, opening stock, rates, equipment and fixed assets. */
export function seedFinance(world: World, plant: PlantData): void {
  const { organisation } = world;
  for (const { code, iso } of plant.units ?? []) if (!world.units.has(code)) world.units.add({ code, iso, german: code, places: 3 });
  const currencies = [...new Set(plant.sites.map(({ currency }) => currency))];
  for (const site of plant.sites) {
    if (!organisation.companyCodes.get(site.companyCode)) organisation.addCompanyCode({ code: site.companyCode, name: site.name, currency: site.currency });
    organisation.addPlant({ plant: site.code, name: site.name, companyCode: site.companyCode, storageLocations: site.storerooms.map(({ code }) => code) });
  }
  for (const from of currencies) for (const to of currencies) if (from < to) organisation.setExchangeRate(from, to, exchange(from, to));
  const companyOf = new Map(plant.sites.map((site) => [site.code, site]));
  for (const centre of plant.costCentres)
    world.addCostCentre({ costCentre: centre.code, name: centre.name, companyCode: companyOf.get(centre.site)!.companyCode });
  for (const vendor of plant.vendors)
    world.addSupplier({ supplier: vendor.code, name: vendor.name, companyCodes: plant.sites.map(({ companyCode }) => companyCode), currency: vendor.currency });
  const activities = new Set<string>();
  for (const [index, person] of plant.employees.entries()) {
    world.addEmployee({
      partner: String(9_000_001 + index),
      personnelNumber: person.code,
      firstName: person.firstName,
      lastName: person.lastName,
      from: person.joinedOn,
      ...(person.leftOn === undefined ? {} : { to: person.leftOn }),
      costCentre: person.costCentre,
    });
    for (const rate of person.rates)
      world.activities.addLabourRate({
        personnelNumber: person.code,
        rate: rate.rate,
        currency: rate.currency,
        from: rate.from,
        ...(rate.to === undefined ? {} : { to: rate.to }),
      });
    activities.add(`${person.costCentre}|${person.activityType}`);
  }
  for (const activity of activities) {
    const [costCentre = '', activityType = ''] = activity.split('|');
    world.activities.addRate({ costCentre, activityType, rate: '45', from: '2000-01-01' });
  }
  seedParts(world, plant);
  seedAssets(world, plant);
}

/** Round rates for a story, not the market's. */
function exchange(from: string, to: string): string {
  const inEuro: Readonly<Record<string, string>> = { EUR: '1', GBP: '1.15', USD: '0.92', JPY: '0.006' };
  const known: Readonly<Record<string, string>> = { 'EUR/GBP': '0.87', 'EUR/USD': '1.09', 'GBP/USD': '1.25' };
  return known[`${from}/${to}`] ?? inEuro[from] ?? '1';
}

function seedParts(world: World, plant: PlantData): void {
  const stockOf = new Map<string, PlantData['stock'][number][]>();
  for (const row of plant.stock) stockOf.set(row.part, [...(stockOf.get(row.part) ?? []), row]);
  for (const part of plant.parts) {
    const rows = stockOf.get(part.code) ?? [];
    world.addMaterial({
      material: part.code,
      description: part.name.slice(0, 40),
      baseUnit: part.unit,
      group: part.group.slice(0, 9),
      type: part.stocked ? 'ERSA' : 'NLAG',
      ...(part.alternative ? { units: [part.alternative] } : {}),
      plants: plant.sites.map((site) => {
        const here = rows.filter((row) => row.site === site.code);
        return {
          plant: site.code,
          storageLocations: here.map(({ storeroom }) => storeroom),
          ...valuationOf(part),
          purchasingGroup: '001',
          ...(here[0] ? { reorderPoint: here[0].reorderPoint, ...(here[0].maximum === undefined ? {} : { maximumStock: here[0].maximum }) } : {}),
        };
      }),
    });
    for (const row of rows)
      if (row.onHand !== '0')
        world.addStock({ material: part.code, plant: row.site, storageLocation: row.storeroom, quantity: row.onHand, date: plant.openedOn });
  }
}

/** A stock item with a standard cost is kept at that price, per so many pieces that it has no more places than the currency. */
function valuationOf({ stocked, price, standardCost }: PlantPart): { procedure: 'S' | 'V'; price: string; priceUnit?: string } {
  if (!stocked || standardCost === undefined || compare(standardCost, '0') === 0) return { procedure: standardCost === undefined ? 'V' : 'S', price };
  const exact = pricePerOf(standardCost);
  return { procedure: 'S', price: exact.price, priceUnit: exact.pricePer };
}

function seedAssets(world: World, plant: PlantData): void {
  const companyOf = new Map(plant.sites.map((site) => [site.code, site.companyCode]));
  const currencyOf = new Map(plant.sites.map((site) => [site.code, site.currency]));
  for (const asset of plant.assets) {
    const companyCode = companyOf.get(asset.site)!;
    let master: string | undefined;
    if (asset.acquisitionValue !== undefined) {
      master = world.assets.create({
        companyCode,
        assetClass: '3100',
        description: asset.name.slice(0, 50),
        costCentre: asset.costCentre,
        inventory: asset.code,
        today: plant.openedOn,
        lifeYears: '10',
      }).MasterFixedAsset;
      world.assets.capitalise(companyCode, master, '0', asset.acquisitionValue, asset.acquiredOn ?? plant.openedOn);
    }
    world.addEquipment({
      Equipment: asset.code,
      EquipmentName: asset.name.slice(0, 40),
      TechnicalObjectType: asset.category.slice(0, 10),
      MaintenancePlant: asset.site,
      MaintenancePlanningPlant: asset.site,
      CompanyCode: companyCode,
      CostCenter: asset.costCentre,
      InventoryNumber: asset.code,
      ...(asset.parent === undefined ? {} : { SuperordinateEquipment: asset.parent }),
      ...(master === undefined ? {} : { MasterFixedAsset: master, FixedAsset: '0' }),
      ...(asset.acquisitionValue === undefined ? {} : { AcquisitionValue: asset.acquisitionValue }),
      Currency: currencyOf.get(asset.site)!,
    });
  }
}
