import type { Clock } from '#base/clock';
import type { Random } from '#base/random';
import { defaultVendor, seedFinance } from '#demo/seed-finance';
import { labels, seedMaintenance, type Seeded } from '#demo/seed-maintenance';
import type { Asset } from '#simulators/maintainx/records';
import { maintainxTwin, type MaintainXTwin, type OutgoingHook } from '#simulators/maintainx/twin';
import { s4hanaTwin, type S4Twin } from '#simulators/s4hana/twin';
import type { Automation } from '#simulators/s4hana/world/automation';
import { clientSecret, maintenance, plant, secrets, site, type Variant } from './plant.ts';

/** The one organisation of the maintenance twin, and who its API key acts as. */
export const organization = 100;
export const apiUser = 55;

/** What approvers, buyers, warehouse and accounts payable do by themselves: minutes to hours. */
const steady: Automation = {
  approveAfterMs: 9 * 60_000,
  orderAfterMs: 14 * 60_000,
  deliverAfterMs: 47 * 60_000,
  invoiceAfterMs: 31 * 60_000,
  deliverInParts: 2,
};

/** Both systems of the plant, with its people's numbers. */
export interface Twins {
  readonly erp: S4Twin;
  readonly cmms: MaintainXTwin;
  readonly seeded: Seeded;
  assetOf(code: string): Asset | undefined;
}

export function openTwins(options: {
  readonly clock: Clock;
  readonly random: Random;
  readonly variant: Variant;
  readonly deliver: (hook: OutgoingHook) => Promise<number>;
}): Twins {
  const { clock, random, variant } = options;
  const erp = s4hanaTwin({
    clock,
    random,
    config: {
      users: [{ user: 'LINCHPIN', password: secrets['erp/password'] ?? '', clientId: 'linchpin-client', clientSecret, services: ['*'] }],
      // Short, so that tokens and sessions end several times in one run.
      tokenLifetimeMs: 20 * 60_000,
      sessionLifetimeMs: 15 * 60_000,
      automation: { ...(variant.automation ? steady : {}), supplier: defaultVendor(plant) },
    },
  });
  seedFinance(erp.world, plant);
  const { materials } = erp.world;
  if (variant.reorderBy === 'hub')
    for (const row of materials.planning.all()) erp.world.store.transaction(() => materials.planning.update(row, { MRPType: 'ND' }));
  const cmms = maintainxTwin({
    clock,
    random,
    config: {
      keys: [{ key: secrets[`${maintenance}/token`] ?? '', userId: apiUser, organizationIds: [organization] }],
      organizations: [{ id: organization, name: 'Plant', timeZone: 'Etc/UTC', currency: 'USD' }],
    },
    deliver: options.deliver,
  });
  const seeded = seedMaintenance(cmms.world, plant, site, organization);
  return {
    erp,
    cmms,
    seeded,
    assetOf: (code) => [...cmms.world.assets.values()].find(({ extraFields }) => extraFields[labels.erpNumber] === code),
  };
}
