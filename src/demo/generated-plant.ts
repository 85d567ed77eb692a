import { add } from '#base/decimal';
import { seededRandom, type Random } from '#base/random';
import type { PlantAsset, PlantData, PlantEmployee, PlantPart, PlantStock } from '#demo/plant-data';

export interface PlantSize {
  readonly assets: number;
  readonly parts: number;
  readonly people: number;
}

/** Three sites in three countries: the size that the demo plays. */
export const demoSize: PlantSize = { assets: 2000, parts: 1500, people: 60 };

const sites = [
  {
    code: '1100',
    name: 'Rotterdam',
    companyCode: '1100',
    currency: 'EUR',
    storerooms: [
      { code: 'MRO1', name: 'Central store' },
      { code: 'LINE', name: 'Line-side store' },
    ],
    rate: 41,
  },
  { code: '2100', name: 'Birmingham', companyCode: '2100', currency: 'GBP', storerooms: [{ code: 'MRO1', name: 'Central store' }], rate: 36 },
  {
    code: '3100',
    name: 'Cleveland',
    companyCode: '3100',
    currency: 'USD',
    storerooms: [
      { code: 'MRO1', name: 'Central store' },
      { code: 'VAN1', name: 'Service van' },
    ],
    rate: 47,
  },
] as const;

const lines = ['Mixing', 'Filling', 'Packing', 'Pressing', 'Painting', 'Utilities'] as const;
const machines = [
  'Centrifugal pump',
  'Conveyor',
  'Compressor',
  'Gearbox',
  'Filling head',
  'Robot cell',
  'Heat exchanger',
  'Fan',
  'Agitator',
  'Hydraulic unit',
] as const;
const components = ['Motor', 'Bearing housing', 'Coupling', 'Seal pot', 'Drive', 'Valve block', 'Sensor head'] as const;
const families: readonly {
  readonly name: string;
  readonly group: string;
  readonly unit: string;
  readonly cents: readonly [number, number];
  readonly variants: readonly string[];
}[] = [
  { name: 'Deep groove bearing', group: 'BEARING', unit: 'PC', cents: [450, 9800], variants: ['6204', '6205', '6206', '6208', '6309', '6312', '22216'] },
  { name: 'Mechanical seal', group: 'SEAL', unit: 'PC', cents: [5500, 61000], variants: ['25 mm', '35 mm', '45 mm', '60 mm'] },
  { name: 'V-belt', group: 'DRIVE', unit: 'PC', cents: [700, 4200], variants: ['SPA 1250', 'SPB 2000', 'XPZ 900', 'SPC 3150'] },
  { name: 'Hydraulic oil', group: 'LUBRIC', unit: 'L', cents: [310, 950], variants: ['HLP 32', 'HLP 46', 'HLP 68'] },
  { name: 'Filter element', group: 'FILTER', unit: 'PC', cents: [1200, 18000], variants: ['10 micron', '25 micron', 'coalescing', 'F7 panel'] },
  { name: 'Copper cable', group: 'ELECTRO', unit: 'M', cents: [90, 1400], variants: ['3G1.5', '4G2.5', '5G6'] },
  { name: 'Contactor', group: 'ELECTRO', unit: 'PC', cents: [1900, 14500], variants: ['9 A', '25 A', '65 A'] },
  { name: 'Gasket sheet', group: 'SEAL', unit: 'PC', cents: [850, 5200], variants: ['1.5 mm', '3 mm'] },
];
const firstNames = ['Anna', 'Marek', 'Fatima', 'Jonas', 'Priya', 'Luis', 'Grace', 'Tomas', 'Ingrid', 'Kofi', 'Elena', 'Sam'] as const;
const lastNames = ['Novak', 'Smith', 'Okafor', 'Jansen', 'Garcia', 'Brown', 'Kumar', 'Larsen', 'Rossi', 'Miller'] as const;

const pick = <T>(random: Random, from: readonly T[]): T => from[random.below(from.length)]!;
const cents = (value: number): string => `${Math.floor(value / 100)}.${String(value % 100).padStart(2, '0')}`;

/** A plant made from a seed: the same seed gives the same plant, byte for byte. */
export function generatedPlant(seed: number, size: PlantSize = demoSize): PlantData {
  const random = seededRandom(seed);
  const costCentres = sites.flatMap((site) =>
    ['Production', 'Utilities', 'Maintenance', 'Logistics'].map((name, index) => ({
      code: `${site.code}${4100 + index * 100}`,
      name: `${name} ${site.name}`,
      site: site.code,
    })),
  );
  const vendors = Array.from({ length: 24 }, (_, index) => ({
    code: String(170001 + index),
    name: `${pick(random, ['Nordic', 'Allied', 'Prime', 'United', 'Delta', 'Harbour'])} ${pick(random, ['Bearings', 'Seals', 'Automation', 'Fluids', 'Industrial', 'Electric'])} ${index + 1}`,
    currency: sites[index % 3]!.currency,
  }));
  const parts = makeParts(
    random,
    size.parts,
    vendors.map(({ code }) => code),
  );
  return {
    name: `generated ${seed}`,
    openedOn: '2026-03-01',
    sites: sites.map(({ rate: _rate, ...site }) => site),
    costCentres,
    vendors,
    employees: makePeople(random, size.people),
    parts,
    stock: makeStock(random, parts),
    assets: makeAssets(random, size.assets),
  };
}

function makeParts(random: Random, count: number, vendors: readonly string[]): PlantPart[] {
  return Array.from({ length: count }, (_, index) => {
    const family = families[index % families.length]!;
    const [low, high] = family.cents;
    return {
      code: `${family.group}-${String(1000 + index)}`,
      name: `${family.name} ${pick(random, family.variants)} no. ${index + 1}`,
      unit: family.unit,
      group: family.group,
      stocked: index % 9 !== 8,
      price: cents(low + random.below(high - low)),
      vendor: pick(random, vendors),
      ...(family.unit === 'PC' && index % 7 === 0 ? { alternative: { unit: 'BOX', numerator: '12', denominator: '1' } } : {}),
    };
  });
}

function makeStock(random: Random, parts: readonly PlantPart[]): PlantStock[] {
  return parts
    .filter(({ stocked }) => stocked)
    .flatMap((part, index) => {
      const chosen = index % 5 === 0 ? sites : [sites[index % 3]!];
      return chosen.flatMap((site) =>
        site.storerooms.slice(0, index % 4 === 0 ? 2 : 1).map((storeroom) => {
          const reorderPoint = 1 + random.below(8);
          return {
            part: part.code,
            site: site.code,
            storeroom: storeroom.code,
            onHand: String(reorderPoint + 1 + random.below(30)),
            reorderPoint: String(reorderPoint),
            maximum: String(reorderPoint + 40),
          };
        }),
      );
    });
}

function makePeople(random: Random, count: number): PlantEmployee[] {
  return Array.from({ length: count }, (_, index) => {
    const site = sites[index % sites.length]!;
    const rate = `${site.rate + random.below(12)}.${pick(random, ['00', '25', '50', '75'])}`;
    return {
      code: String(10001 + index),
      firstName: pick(random, firstNames),
      lastName: pick(random, lastNames),
      site: site.code,
      costCentre: `${site.code}4300`,
      activityType: 'MNT01',
      joinedOn: '2019-04-01',
      ...(index % 20 === 19 ? { leftOn: '2026-02-28' } : {}),
      rates: [
        { from: '2019-04-01', to: '2025-12-31', rate, currency: site.currency },
        { from: '2026-01-01', rate: add(rate, '1.5'), currency: site.currency },
      ],
    };
  });
}

/** Plant > line > machine > component; about one machine in three has components. */
function makeAssets(random: Random, count: number): PlantAsset[] {
  const assets: PlantAsset[] = [];
  const lineCodes: { code: string; site: string; costCentre: string }[] = [];
  for (const site of sites) {
    assets.push({ code: `${site.code}-PLANT`, name: `${site.name} plant`, site: site.code, costCentre: `${site.code}4100`, category: 'PLANT' });
    for (const [index, line] of lines.entries()) {
      const code = `${site.code}-L${index + 1}`;
      const costCentre = line === 'Utilities' ? `${site.code}4200` : `${site.code}4100`;
      assets.push({ code, name: `${line} line ${site.name}`, parent: `${site.code}-PLANT`, site: site.code, costCentre, category: 'LINE' });
      lineCodes.push({ code, site: site.code, costCentre });
    }
  }
  for (let index = 0; assets.length < count; index++) {
    const line = pick(random, lineCodes);
    const code = `${line.code}-M${String(index + 1).padStart(4, '0')}`;
    const machine = pick(random, machines);
    assets.push({
      code,
      name: `${machine} ${index + 1}`,
      parent: line.code,
      site: line.site,
      costCentre: line.costCentre,
      category: 'MACHINE',
      acquisitionValue: cents(500_000 + random.below(9_000_000)),
      acquiredOn: `20${15 + random.below(10)}-0${1 + random.below(9)}-15`,
    });
    for (let part = 0; part < (index % 3 === 0 ? 3 : 0) && assets.length < count; part++)
      assets.push({
        code: `${code}-C${part + 1}`,
        name: `${pick(random, components)} of ${machine} ${index + 1}`,
        parent: code,
        site: line.site,
        costCentre: line.costCentre,
        category: 'COMPONENT',
      });
  }
  return assets;
}
