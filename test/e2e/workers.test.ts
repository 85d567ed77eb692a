import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { machineClock } from '#base/clock';
import { seededRandom } from '#base/random';
import { writePlantFolder } from '#demo/plant-folder';
import { briskBusiness, openStage } from '#demo/stage';
import { openInstallation, openVaultIn } from '#main';
import { startPostgres } from '#store/postgres-server';
import { plant } from './plant.ts';
import { books, end, openDocuments, playOrders, startHub, until, type ServedHub } from './served.ts';

test(
  'two processes on one PostgreSQL share lanes and lists; one is killed in the middle, and every work order has its documents exactly once (R-23)',
  { timeout: 300_000 },
  async (context) => {
    const server = await startPostgres({ path: process.env['PATH'] ?? '' });
    if ('reason' in server) return context.skip(server.reason);
    const folder = mkdtempSync(join(tmpdir(), 'linchpin-workers-'));
    const twins = await openStage({ plant, clock: machineClock, random: seededRandom(12), automation: briskBusiness });
    const site = twins.maintenance.get('1100')!;
    writePlantFolder(join(folder, 'plant'), plant, { finance: twins.finance.url, maintenance: new Map([['1100', site.url]]) });
    const vault = openVaultIn(join(folder, 'data'));
    for (const [name, value] of twins.secrets) await vault.set(name, value);
    const orders = 12;
    const hubs: ServedHub[] = [];
    try {
      for (const worker of ['w1', 'w2']) hubs.push(await startHub(folder, ['--database', server.url, '--worker', worker]));
      const [first, second] = hubs;
      assert.ok(first && second);
      await until('the assets are in the maintenance system', () => twins.maintenanceTwin.world.assets.size === plant.assets.length);
      const subscriptions = [...twins.maintenanceTwin.world.subscriptions.values()];
      const types = subscriptions.map(({ type }) => type);
      assert.equal(new Set(types).size, types.length, 'the second process keeps the subscriptions of the first');
      const before = twins.finance.twin.writes.length;
      playOrders(twins, site, orders);
      await until('7 writes', () => twins.finance.twin.writes.length - before >= 7);
      await end(first, 'SIGKILL');
      await until('all is posted', () => books(twins).issues >= 2 * orders && books(twins).labour >= 50 * orders);
      await until('nothing is on its way', async () => (await openDocuments(second)) === 0);
      // Anything that would be sent twice has the time to come.
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await end(second, 'SIGTERM');
      assert.deepEqual(books(twins), { issues: 2 * orders, labour: 50 * orders, onHand: [String(2000 - 2 * orders), String(2000 - 5 * orders)] });
      assert.equal(twins.maintenanceTwin.world.assets.size, plant.assets.length);
      const { store, auditor, close } = await openInstallation({
        plant: join(folder, 'plant'),
        data: join(folder, 'data'),
        database: server.url,
        worker: 'w3',
        logLevel: 'error',
      });
      const open = await store.read.listOperations({ states: ['failed', 'unknown', 'sending'], limit: 10 });
      assert.deepEqual(
        open.map(({ key, state, fault }) => ({ key, state, fault })),
        [],
      );
      assert.deepEqual((await auditor.verify()).findings, []);
      await close();
    } finally {
      for (const hub of hubs) await end(hub, 'SIGKILL');
      await twins.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
