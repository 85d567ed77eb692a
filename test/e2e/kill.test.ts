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
import { plant } from './plant.ts';
import { books, end, playOrders, startHub, until } from './served.ts';

test(
  'kill -9 of the hub in the middle, four times: every work order has its documents exactly once, and the audit log verifies',
  { timeout: 300_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'linchpin-kill-'));
    const twins = await openStage({ plant, clock: machineClock, random: seededRandom(11), automation: briskBusiness });
    const site = twins.maintenance.get('1100')!;
    writePlantFolder(join(folder, 'plant'), plant, { finance: twins.finance.url, maintenance: new Map([['1100', site.url]]) });
    const vault = openVaultIn(join(folder, 'data'));
    for (const [name, value] of twins.secrets) await vault.set(name, value);
    const orders = 12;
    let hub = await startHub(folder);
    try {
      await until('the assets are in the maintenance system', () => twins.maintenanceTwin.world.assets.size === plant.assets.length);
      const before = twins.finance.twin.writes.length;
      playOrders(twins, site, orders);
      for (const afterWrites of [2, 9, 17, 26]) {
        await until(`${afterWrites} writes`, () => twins.finance.twin.writes.length - before >= afterWrites);
        await end(hub, 'SIGKILL');
        hub = await startHub(folder);
      }
      await until('all is posted', () => books(twins).issues >= 2 * orders && books(twins).labour >= 50 * orders);
      // Anything that would be sent twice has the time to come.
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await end(hub, 'SIGTERM');
      assert.deepEqual(books(twins), { issues: 2 * orders, labour: 50 * orders, onHand: [String(2000 - 2 * orders), String(2000 - 5 * orders)] });
      assert.equal(twins.maintenanceTwin.world.assets.size, plant.assets.length);
      assert.equal(twins.maintenanceTwin.world.parts.size, plant.parts.length);
      assert.deepEqual(twins.finance.twin.world.check(), []);
      const { store, auditor, close } = await openInstallation({ plant: join(folder, 'plant'), data: join(folder, 'data'), logLevel: 'error' });
      const events = await store.read.countEvents();
      assert.equal(events.held, 0);
      assert.equal((await store.read.listOperations({ states: ['failed', 'unknown', 'sending'], limit: 10 })).length, 0);
      const report = await auditor.verify();
      assert.deepEqual(report.findings, []);
      assert.ok(report.records > 0);
      await close();
    } finally {
      await end(hub, 'SIGKILL');
      await twins.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
