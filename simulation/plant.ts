import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { PlantData } from '#demo/plant-data';
import { maintenanceOf, writePlantFolder } from '#demo/plant-folder';
import { readPlant, type PlantConfiguration } from '#hub/configuration';
import { connectors, flows } from '#main';

/** The day on which every simulation starts, 06:00 UTC on a Monday. */
export const firstInstant = Date.UTC(2026, 2, 2, 6);

export const site = '1100';
export const maintenance = maintenanceOf(site);
export const finance = 'erp';

/** Texts that may appear in no log, answer, reason or row of the store: the credentials of the simulated plant. */
export const secrets: Readonly<Record<string, string>> = {
  'erp/password': 'canary-erp-password-7f3a',
  [`${maintenance}/token`]: 'canary-cmms-token-91c2',
};
export const clientSecret = 'canary-oauth-secret-55d0';

/** One small plant: what people do in it, not its size, makes the runs differ. */
export const plant: PlantData = {
  name: 'simulation',
  openedOn: '2026-03-01',
  sites: [
    {
      code: site,
      name: 'Cleveland',
      companyCode: '1100',
      currency: 'USD',
      storerooms: [
        { code: 'MRO1', name: 'Central store' },
        { code: 'LINE', name: 'Line-side store' },
      ],
    },
  ],
  costCentres: [
    { code: '11004100', name: 'Production', site },
    { code: '11004200', name: 'Utilities', site },
    { code: '11004300', name: 'Maintenance', site },
  ],
  vendors: [{ code: '170001', name: 'Allied Bearings', currency: 'USD' }],
  employees: [
    {
      code: '10001',
      firstName: 'Anna',
      lastName: 'Novak',
      site,
      costCentre: '11004300',
      activityType: 'MNT01',
      joinedOn: '2019-04-01',
      rates: [{ from: '2019-04-01', rate: '40', currency: 'USD' }],
    },
    {
      code: '10002',
      firstName: 'Kofi',
      lastName: 'Miller',
      site,
      costCentre: '11004300',
      activityType: 'MNT01',
      joinedOn: '2020-01-01',
      rates: [
        { from: '2020-01-01', to: '2026-03-03', rate: '37.77', currency: 'USD' },
        { from: '2026-03-04', rate: '51.35', currency: 'USD' },
      ],
    },
  ],
  parts: [
    { code: 'SEAL-45', name: 'Mechanical seal 45 mm', unit: 'PC', group: 'SEAL', stocked: false, price: '310', vendor: '170001' },
    { code: 'IMPELLER-7', name: 'Impeller type 7', unit: 'PC', group: 'PUMP', stocked: false, price: '1250.50', vendor: '170001' },
    { code: 'FILTER-25', name: 'Filter element 25 micron', unit: 'PC', group: 'FILTER', stocked: true, price: '24.99', vendor: '170001' },
    { code: 'OIL-46', name: 'Hydraulic oil HLP 46', unit: 'L', group: 'LUBRIC', stocked: true, price: '5.03', vendor: '170001' },
    { code: 'BRG-6205', name: 'Deep groove bearing 6205', unit: 'PC', group: 'BEARING', stocked: true, price: '12.50', vendor: '170001' },
  ],
  stock: [
    { part: 'FILTER-25', site, storeroom: 'MRO1', onHand: '30', reorderPoint: '8', maximum: '40' },
    { part: 'OIL-46', site, storeroom: 'MRO1', onHand: '900', reorderPoint: '100', maximum: '1000' },
    { part: 'BRG-6205', site, storeroom: 'MRO1', onHand: '400', reorderPoint: '20', maximum: '500' },
    { part: 'BRG-6205', site, storeroom: 'LINE', onHand: '60', reorderPoint: '4', maximum: '80' },
  ],
  assets: [
    { code: 'CLV', name: 'Cleveland plant', site, costCentre: '11004100', category: 'PLANT' },
    { code: 'CLV-U', name: 'Utilities line', parent: 'CLV', site, costCentre: '11004200', category: 'LINE' },
    {
      code: 'CLV-U-P7',
      name: 'Centrifugal pump 7',
      parent: 'CLV-U',
      site,
      costCentre: '11004200',
      category: 'MACHINE',
      acquisitionValue: '50000',
      acquiredOn: '2026-03-01',
    },
    {
      code: 'CLV-U-P8',
      name: 'Centrifugal pump 8',
      parent: 'CLV-U',
      site,
      costCentre: '11004200',
      category: 'MACHINE',
      acquisitionValue: '18250.75',
      acquiredOn: '2026-03-01',
    },
    { code: 'CLV-X', name: 'Press without cost centre', site, costCentre: '', category: 'MACHINE' },
  ],
};

/** What differs from one simulated installation to the next. */
export interface Variant {
  /** Workers on one store: one as with the embedded database, two as on a shared one. */
  readonly workers: 1 | 2;
  readonly signIn: 'basic' | 'oauth2-client';
  readonly scope: 'live' | 'shadow' | 'costsShadow' | 'stockOff';
  /** The finance system plans parts by its own reorder point, or the hub does. */
  readonly reorderBy: 'hub' | 'erp';
  readonly stockItems: 'always' | 'belowReorderPoint';
  readonly costMoment: 'perConfirmation' | 'atClose';
  readonly actualCost: 'receipt' | 'invoice';
  /** Cost postings as of a target in which nothing can be found again. */
  readonly postingClass: 'L' | 'M';
  /** Finance approves, orders, delivers and invoices by itself; or only when somebody acts. */
  readonly automation: boolean;
}

const busy = '30m';
const seldom = '6h';
const visibilityMs = 20_000;
/** What the connections declare: small enough that bursts meet it. */
export const limits: Readonly<Record<string, { readonly perMinute: number; readonly parallel: number }>> = {
  [finance]: { perMinute: 600, parallel: 4 },
  [maintenance]: { perMinute: 600, parallel: 8 },
};

const kept = new Map<string, PlantConfiguration>();

/** The configuration of a variant, read from a plant folder as an installation reads its own; once per variant and process. */
export function configurationOf(variant: Variant, disposedStatusId: number): PlantConfiguration {
  const key = JSON.stringify([variant, disposedStatusId]);
  const known = kept.get(key);
  if (known) return known;
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-simulation-'));
  try {
    writePlantFolder(folder, plant, { finance: 'https://erp.example', maintenance: new Map([[site, 'https://cmms.example']]) });
    change(join(folder, 'systems', `${finance}.yaml`), (system) => ({
      ...system,
      signIn: variant.signIn,
      credential: variant.signIn === 'basic' ? system['credential'] : { clientId: 'linchpin-client', clientSecret: 'secret://erp/client' },
      settings: { ...(system['settings'] as object), tokenUrl: 'https://erp.example/sap/bc/sec/oauth2/token' },
      visibilityMs,
      limits: limits[finance],
      polls: retimed(system['polls'] as Record<string, string>),
    }));
    change(join(folder, 'systems', `${maintenance}.yaml`), (system) => ({
      ...system,
      settings: { ...(system['settings'] as object), disposedStatusId },
      visibilityMs,
      limits: limits[maintenance],
      polls: retimed(system['polls'] as Record<string, string>),
    }));
    change(join(folder, 'policies.yaml'), () => ({
      procurement: { default: { autoRequestDefault: true, stockItems: variant.stockItems, actualCost: variant.actualCost } },
      stock: { default: { settleSeconds: 120, reorderBy: variant.reorderBy } },
      costs: { default: { moment: variant.costMoment, undatedLabour: 'firstSeen' } },
      people: { default: { showRate: false } },
    }));
    change(join(folder, 'scope.yaml'), () => scopes[variant.scope]);
    const configuration = readPlant(folder, flows, connectors);
    kept.set(key, configuration);
    return configuration;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const scopes: Readonly<Record<Variant['scope'], Readonly<Record<string, unknown>>>> = {
  live: { default: 'live' },
  shadow: { default: 'shadow' },
  costsShadow: { default: 'live', flows: { costs: 'shadow' } },
  stockOff: { default: 'live', flows: { stock: 'off' } },
};

const often = new Set(['stockLevel', 'purchaseRequisition', 'purchaseOrder', 'goodsReceipt', 'supplierInvoice', 'workOrder']);

function retimed(polls: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(polls).map((kind) => [kind, often.has(kind) ? busy : seldom]));
}

function change(file: string, next: (before: Record<string, unknown>) => Readonly<Record<string, unknown>>): void {
  writeFileSync(file, stringify(next(parse(readFileSync(file, 'utf8')) as Record<string, unknown>)));
}
