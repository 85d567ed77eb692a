import type { Clock } from '#base/clock';
import type { Random } from '#base/random';
import type { PlantData } from '#demo/plant-data';
import { maintenanceOf } from '#demo/plant-folder';
import { defaultVendor, seedFinance } from '#demo/seed-finance';
import { seedMaintenance, type Seeded } from '#demo/seed-maintenance';
import { httpDeliver } from '#simulators/mx/subscriptions';
import { maintainxTwin, type MaintainXTwin } from '#simulators/mx/twin';
import type { Automation } from '#simulators/s4hana/world/automation';
import { s4hanaTwin, type S4Twin } from '#simulators/s4hana/twin';
import { serveTwin } from '#simulators/twin';

/** What technicians of the story do, in the plant's words. Numbers are those of the maintenance system. */
export interface Shopfloor {
  open(order: { title: string; priority: 'LOW' | 'MEDIUM' | 'HIGH'; kind: 'PREVENTIVE' | 'REACTIVE'; asset: number; parts: readonly { part: string; storeroom: string; quantity: number }[] }): number;
  release(order: number): void;
  logTime(order: number, employee: string, seconds: number): void;
  complete(order: number): void;
  /** Assets that the maintenance system has by now. */
  assets(): readonly number[];
}

export interface MaintenanceStage {
  readonly floor: Shopfloor;
  readonly site: string;
  readonly connection: string;
  readonly twin: MaintainXTwin;
  readonly seeded: Seeded;
  readonly url: string;
}

/** Twins with a plant in them, served on loopback. */
export interface Stage {
  readonly finance: { readonly twin: S4Twin; readonly url: string };
  readonly maintenance: ReadonlyMap<string, MaintenanceStage>;
  /** Secrets of the connections, by vault name: made at start, known to nobody else. */
  readonly secrets: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

/** What approvers, buyers, warehouse and accounts payable do by themselves in the demo: days become moments. */
export const briskBusiness: Automation = { approveAfterMs: 400, orderAfterMs: 400, deliverAfterMs: 600, invoiceAfterMs: 600 };

export async function openStage(options: { plant: PlantData; clock: Clock; random: Random; automation: Automation; ports?: { finance: number; maintenance: number } }): Promise<Stage> {
  const { plant, clock, random } = options;
  const secrets = new Map([['erp/password', random.hex(16)]]);
  const erp = s4hanaTwin({ clock, random, config: { users: [{ user: 'LINCHPIN', password: secrets.get('erp/password')!, services: ['*'] }], automation: { ...options.automation, supplier: defaultVendor(plant) } } });
  seedFinance(erp.world, plant);
  const erpServer = await serveTwin(erp, { port: options.ports?.finance ?? 0, throttle: () => erp.throttleAnswer() });
  const maintenance = new Map<string, MaintenanceStage>();
  const servers = [erpServer];
  for (const [index, site] of plant.sites.entries()) {
    const connection = maintenanceOf(site.code);
    const apiKey = random.hex(20);
    secrets.set(`${connection}/token`, apiKey);
    const twin = maintainxTwin({ clock, random, deliver: httpDeliver(), config: { apiKey, orgId: 100 + index } });
    const seeded = seedMaintenance(twin.world, plant, site.code);
    const server = await serveTwin(twin, { port: options.ports ? options.ports.maintenance + index : 0, throttle: () => twin.throttleAnswer() });
    servers.push(server);
    maintenance.set(site.code, { site: site.code, connection, twin, seeded, url: server.url, floor: shopfloor(twin, seeded) });
  }
  return { finance: { twin: erp, url: erpServer.url }, maintenance, secrets, close: async () => void (await Promise.all(servers.map((server) => server.close()))) };
}

function shopfloor({ world, technician }: MaintainXTwin, seeded: Seeded): Shopfloor {
  return {
    open: ({ title, priority, kind, asset, parts }) => world.workOrders.add({ title, priority, type: kind, assetId: asset, partsUsed: parts.map(({ part, storeroom, quantity }) => ({ partId: seeded.parts.get(part), quantityUsed: quantity, locationId: seeded.storerooms.get(storeroom) })) }).id,
    release: (order) => void technician.release(order),
    logTime: (order, employee, seconds) => technician.logTime(order, seeded.users.get(employee)!, seconds),
    complete: (order) => void technician.complete(order),
    assets: () => [...world.tables.asset.keys()],
  };
}
