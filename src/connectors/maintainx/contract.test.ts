import { seededRandom } from '#base/random';
import { maintainx } from '#connectors/maintainx/connector';
import { maintainxTwin } from '#simulators/maintainx/twin';
import { contract } from '#spi/contract';
import { maintainxBench } from './bench.fixture.ts';

contract(
  maintainx,
  maintainxBench((clock) => ({ twin: maintainxTwin({ clock, random: seededRandom(3) }), key: 'maintainx-twin-key' })),
);
