import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { MaintenanceStage, Stage as Twins } from '#demo/stage';

/** How long one wait may take before the test fails, in milliseconds: a killed hub's leases run out after 30 s. */
const patienceMs = 90_000;

export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${patienceMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A hub in a process of its own. */
export interface ServedHub {
  readonly child: ChildProcess;
  readonly url: string;
}

/** Documents that are not yet settled: on their way, in doubt or refused. */
export async function openDocuments({ url }: ServedHub): Promise<number> {
  const { operations } = (await (await fetch(`${url}/api/v1/status`)).json()) as { operations: { state: string; count: number }[] };
  return operations.filter(({ state }) => !['applied', 'cancelled', 'superseded'].includes(state)).reduce((sum, { count }) => sum + count, 0);
}

/** `linchpin serve` as its own process; resolved when it listens. */
export async function startHub(folder: string, more: readonly string[] = []): Promise<ServedHub> {
  const child = spawn(
    process.execPath,
    ['bin/linchpin.ts', 'serve', '--plant', join(folder, 'plant'), '--data', join(folder, 'data'), '--port', '0', ...more],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString('utf8')}`.slice(-4000)));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, at] = /listens on (\S+)/.exec(line) ?? [];
      if (at !== undefined) resolve(at);
    });
    child.once('exit', (code) => reject(new Error(`the hub ended with ${String(code)}: ${said}`)));
  });
  child.removeAllListeners('exit');
  return { child, url };
}

export async function end({ child }: ServedHub, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}

/** Work orders with two parts and an hour each, completed at once. */
export function playOrders(twins: Twins, site: MaintenanceStage, count: number): void {
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

export interface Books {
  readonly issues: number;
  readonly labour: number;
  readonly onHand: readonly string[];
}

export function books({
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
