// `load`: 50,000 assets of the finance side come into an empty maintenance system through the hub; then everything is read again. Baseline: listing the
// same records through the same connection without the hub.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineClock } from '#base/clock';
import { seededRandom } from '#base/random';
import { generatedPlant } from '#demo/generated-plant';
import { writePlantFolder } from '#demo/plant-folder';
import { openStage } from '#demo/stage';
import { openInstallation, openVaultIn } from '#main';

const count = Number(process.env['BENCH_ASSETS'] ?? 50_000);
const patienceMs = 20 * 60_000;

export async function runLoad(): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-bench-'));
  const plant = generatedPlant(3, { assets: count, parts: 30, people: 6 });
  const stage = await openStage({ plant, clock: machineClock, random: seededRandom(4), automation: {} });
  try {
    writePlantFolder(join(folder, 'plant'), plant, {
      finance: stage.finance.url,
      maintenance: new Map([...stage.maintenance].map(([site, { url }]) => [site, url])),
    });
    const vault = openVaultIn(join(folder, 'data'));
    for (const [name, value] of stage.secrets) await vault.set(name, value);
    const installation = await openInstallation({ plant: join(folder, 'plant'), data: join(folder, 'data'), logLevel: 'error' });
    const { hub } = installation;
    await hub.prepare();
    hub.worker.run();
    for (const { connection, kind } of hub.polls.plan) if (kind !== 'asset') await hub.polls.run(connection, kind);
    await hub.quiet(patienceMs);
    const erp = hub.connections.get('erp')!;
    const listing = performance.now();
    for (let cursor: string | undefined, more = true; more;) {
      const page = await erp.open.list('asset', { limit: 500, ...(cursor === undefined ? {} : { cursor }) });
      cursor = page.cursor;
      more = cursor !== undefined;
    }
    const baseline = (performance.now() - listing) / 1000;
    const run = async (): Promise<{ seconds: number; writes: number; quiet: boolean }> => {
      const [started, sent] = [performance.now(), hub.worker.counters.sent];
      for (const { connection, kind } of hub.polls.plan) if (kind === 'asset') await hub.polls.run(connection, kind);
      const quiet = await hub.quiet(patienceMs);
      return { seconds: Math.round((performance.now() - started) / 100) / 10, writes: hub.worker.counters.sent - sent, quiet };
    };
    const first = await run();
    const settle = await run();
    const second = await run();
    const rssMb = Math.round(process.memoryUsage.rss() / 1024 / 1024);
    await installation.close();
    const line = (name: string, result: typeof first, goal: string): Readonly<Record<string, unknown>> => ({
      bench: 'load',
      run: name,
      assets: count,
      ...result,
      ratio: Number((result.seconds / baseline).toFixed(1)),
      baseline: `listing alone ${baseline.toFixed(1)} s`,
      rssMb,
      goal,
      note: 'hub and both twins in one process',
    });
    return [line('first', first, '<= 180 s'), line('read back', settle, ''), line('second', second, '0 writes, <= 60 s')];
  } finally {
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
