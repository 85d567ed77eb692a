import type { Clock } from '#base/clock';
import type { Random } from '#base/random';
import type { PlantData } from '#demo/plant-data';
import { maintenanceOf } from '#demo/plant-folder';
import { defaultVendor, seedFinance } from '#demo/seed-finance';
import { labels, seedMaintenance, type Seeded } from '#demo/seed-maintenance';
import { httpDeliver, maintainxTwin, type MaintainXTwin } from '#simulators/maintainx/twin';
import type { Automation } from '#simulators/s4hana/world/automation';
import { s4hanaTwin, type S4Twin } from '#simulators/s4hana/twin';
import { serveTwin } from '#simulators/twin';

/** What technicians of the story do, in the plant's words. Numbers are those of the maintenance system. */
export interface Shopfloor {
  open(order: {
    title: string;
    description?: string;
    priority: 'LOW' | 'MEDIUM' | 'HIGH';
    kind: 'PREVENTIVE' | 'REACTIVE';
    asset: number;
    parts: readonly { part: string; storeroom: string; quantity: number }[];
  }): number;
  release(order: number): void;
  logTime(order: number, employee: string, seconds: number): void;
  /** Notes an amount that was spent on an order, in cents. */
  spend(order: number, cents: number, text: string): void;
  complete(order: number): void;
  /** Assets that the maintenance system has by now. */
  assets(): readonly number[];
  /** The same by the number that finance gave them. */
  assetsByCode(): ReadonlyMap<string, number>;
}

export interface MaintenanceStage {
  readonly floor: Shopfloor;
  readonly site: string;
  readonly connection: string;
  readonly seeded: Seeded;
  readonly url: string;
}

/** Two twins with a plant in them, served on loopback: one finance system for all sites, one maintenance system with an organisation per site. */
export interface Stage {
  readonly maintenanceTwin: MaintainXTwin;
  readonly finance: { readonly twin: S4Twin; readonly url: string };
  readonly maintenance: ReadonlyMap<string, MaintenanceStage>;
  /** Secrets of the connections, by vault name: made at start, known to nobody else. */
  readonly secrets: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

/** What approvers, buyers, warehouse and accounts payable do by themselves in the demo: days become moments. */
export const briskBusiness: Automation = { approveAfterMs: 400, orderAfterMs: 400, deliverAfterMs: 600, invoiceAfterMs: 600 };

const unserved = { url: '', close: (): Promise<void> => Promise.resolve() };

export async function openStage(options: {
  plant: PlantData;
  clock: Clock;
  random: Random;
  automation: Automation;
  ports?: { finance: number; maintenance: number };
  /** Serves one of the two alone; the other one has no address. */
  only?: 'finance' | 'maintenance';
}): Promise<Stage> {
  const { plant, clock, random } = options;
  const secrets = new Map([['erp/password', random.hex(16)]]);
  const erp = s4hanaTwin({
    clock,
    random,
    config: {
      users: [{ user: 'LINCHPIN', password: secrets.get('erp/password')!, services: ['*'] }],
      automation: { ...options.automation, supplier: defaultVendor(plant) },
    },
  });
  seedFinance(erp.world, plant);
  const erpServer =
    options.only === 'maintenance' ? unserved : await serveTwin(erp, { port: options.ports?.finance ?? 0, throttle: () => erp.throttleAnswer() });
  const organizations = plant.sites.map((site, index) => ({ site, id: 100 + index, key: random.hex(20), connection: maintenanceOf(site.code) }));
  const cmms = maintainxTwin({
    clock,
    random,
    deliver: httpDeliver(),
    config: {
      keys: organizations.map(({ id, key }) => ({ key, userId: id * 10, organizationIds: [id] })),
      organizations: organizations.map(({ id, site }) => ({ id, name: site.name, timeZone: 'Etc/UTC', currency: site.currency })),
    },
  });
  const cmmsServer =
    options.only === 'finance' ? unserved : await serveTwin(cmms, { port: options.ports?.maintenance ?? 0, throttle: () => cmms.throttleAnswer() });
  const maintenance = new Map<string, MaintenanceStage>();
  for (const { site, id, key, connection } of organizations) {
    secrets.set(`${connection}/token`, key);
    const seeded = seedMaintenance(cmms.world, plant, site.code, id);
    maintenance.set(site.code, { site: site.code, connection, seeded, url: cmmsServer.url, floor: shopfloor(cmms, seeded) });
  }
  return {
    finance: { twin: erp, url: erpServer.url },
    maintenanceTwin: cmms,
    maintenance,
    secrets,
    close: async () => void (await Promise.all([erpServer.close(), cmmsServer.close()])),
  };
}

function shopfloor({ world }: MaintainXTwin, seeded: Seeded): Shopfloor {
  const { technician } = world;
  const planner = seeded.users.values().next().value;
  return {
    open({ title, description, priority, kind, asset, parts }) {
      if (planner === undefined) throw new RangeError('the site has no people');
      return technician.open(
        {
          title,
          ...(description === undefined ? {} : { description }),
          priority,
          type: kind,
          assetId: asset,
          partsUsed: parts.map(({ part, storeroom, quantity }) => ({
            partId: seeded.parts.get(part) ?? 0,
            quantityUsed: quantity,
            locationId: seeded.storerooms.get(storeroom) ?? 0,
          })),
        },
        planner,
      ).id;
    },
    release: (order) => void technician.release(order),
    logTime: (order, employee, seconds) => void technician.logTime(order, seeded.users.get(employee) ?? 0, seconds),
    spend: (order, cents, text) => void technician.spend(order, cents, text),
    complete: (order) => void technician.complete(order),
    assetsByCode: () =>
      new Map(
        [...world.assets.values()]
          .filter(({ organizationId }) => organizationId === seeded.organizationId)
          .map(({ id, extraFields }) => [String(extraFields[labels.erpNumber] ?? ''), id]),
      ),
    assets: () => [...world.assets.values()].filter(({ organizationId }) => organizationId === seeded.organizationId).map(({ id }) => id),
  };
}
