import { seededRandom } from '#base/random';
import { maintainx } from '#connectors/maintainx/connector';
import { vendorLimits, type Area } from '#simulators/maintainx/config';
import { maintainxTwin } from '#simulators/maintainx/twin';
import { contract } from '#spi/contract';
import { maintainxBench } from './bench.fixture.ts';

const key = 'maintainx-twin-key';

/** What each permission of the connector opens in the application. */
const opens: Readonly<Record<string, readonly Area[]>> = {
  'work orders': ['workOrders'],
  'assets, locations, meters': ['assets'],
  parts: ['parts'],
  'purchase orders': ['purchaseOrders'],
  vendors: ['vendors'],
  users: ['users'],
  webhooks: ['webhooks'],
};

contract(
  maintainx,
  maintainxBench((clock, limits) => {
    const twin = maintainxTwin({ clock, random: seededRandom(3), config: limits === undefined ? {} : { rateLimits: vendorLimits } });
    const permit = (permissions: readonly string[]): void => {
      const opened = Object.entries(opens).flatMap(([word, areas]) => (permissions.some((permission) => permission.includes(word)) ? areas : []));
      twin.permit(key, permissions.some((permission) => permission.includes('API key')) ? opened : undefined);
    };
    return { twin, key, permit };
  }),
);
