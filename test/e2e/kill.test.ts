import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { machineClock } from '#base/clock';
import { seededRandom } from '#base/random';
import { writePlantFolder } from '#demo/plant-folder';
import { briskBusiness, openStage, type Stage as Twins } from '#demo/stage';
import { openInstallation, openVaultIn } from '#main';
import type { MaintenanceStage } from '#demo/stage';
import { plant } from './plant.ts';

/** How long one wait may take before the test fails, in milliseconds: a killed hub's leases run out after 30 s. */
const patienceMs = 90_000;

async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${patienceMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** `linchpin serve` as its own process; resolved when it listens. */
async function startHub(folder: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['bin/linchpin.ts', 'serve', '--plant', join(folder, 'plant'), '--data', join(folder, 'data'), '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString('utf8')}`.slice(-4000)));
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => line.includes('listens on') && resolve());
    child.once('exit', (code) => reject(new Error(`the hub ended with ${String(code)}: ${said}`)));
  });
  child.removeAllListeners('exit');
  return child;
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}

/** Work orders with two parts and an hour each, completed at once. */
function playOrders(twins: Twins, site: MaintenanceStage, count: number): void {
  const pump = [...twins.maintenanceTwin.world.assets.values()].find(({ name }) => name.startsWith('Centrifugal pump'))!.id;
  const parts = [
    { part: 'BRG-6205', storeroom: 'MRO1', quantity: 2 },
    { part: 'OIL-46', storeroom: 'MRO1', quantity: 5 },
  ];
  for (let n = 0; n < count; n++) {
    const order = site.floor.open({ title: `Order ${n}`, priority: 'MEDIUM', kind: 'REACTIVE', asset: pump, parts });
    site.floor.logTime(order, '10002', 3600);
    site.floor.complete(order);
  }
}

interface Books {
  readonly issues: number;
  readonly labour: number;
  readonly onHand: readonly string[];
}

function books({
  finance: {
    twin: { world },
  },
}: Twins): Books {
  const labour = [...world.ledger.items.all()].filter(({ GLAccount }) => GLAccount === '61008000');
  return {
    issues: [...world.movements.items.all()].filter(({ GoodsMovementType }) => GoodsMovementType === '201').length,
    labour: labour.reduce((sum, row) => sum + Number(row.AmountInCompanyCodeCurrency), 0),
    onHand: ['BRG-6205', 'OIL-46'].map((part) => world.materials.onHand(part, '1100', 'MRO1')),
  };
}

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
    let child = await startHub(folder);
    try {
      await until('the assets are in the maintenance system', () => twins.maintenanceTwin.world.assets.size === plant.assets.length);
      const before = twins.finance.twin.writes.length;
      playOrders(twins, site, orders);
      for (const afterWrites of [2, 9, 17, 26]) {
        await until(`${afterWrites} writes`, () => twins.finance.twin.writes.length - before >= afterWrites);
        await end(child, 'SIGKILL');
        child = await startHub(folder);
      }
      await until('all is posted', () => books(twins).issues >= 2 * orders && books(twins).labour >= 50 * orders);
      // Anything that would be sent twice has the time to come.
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await end(child, 'SIGTERM');
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
      if (child.exitCode === null && child.signalCode === null) await end(child, 'SIGKILL');
      await twins.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
