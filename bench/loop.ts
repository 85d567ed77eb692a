// `loop`: completions of work orders with two parts and one labour line arrive by webhook over HTTP; each leads to two goods issues and one labour
// posting over HTTP on a zero-latency finance twin. The ratio is to the same HTTP calls without durability, ordering or decisions, measured in the same run.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineClock } from '#base/clock';
import { seededRandom } from '#base/random';
import { generatedPlant } from '#demo/generated-plant';
import { writePlantFolder } from '#demo/plant-folder';
import { openStage, type Stage } from '#demo/stage';
import { openVaultIn } from '#main';

export interface LoopOptions {
  readonly events: number;
  readonly database?: string;
  readonly workers: number;
  /** Offered events per second; 0 = as fast as they are taken. */
  readonly offered: number;
  readonly mode: 'hub' | 'baseline';
  readonly store: string;
  readonly templates?: unknown;
}

export interface LoopResult {
  readonly eventsPerSecond: number;
  /** Processor time of the first process's main thread per event, in milliseconds: what a busy machine does not change much. */
  readonly cpuMsPerEvent: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly rssMb: number;
  /** Two goods issues and a labour posting as the hub sent them: the baseline posts the same. */
  readonly templates: unknown;
}

/** Work orders whose webhook is on its way at the same time, at most. */
const inFlight = 64;

const percentile = (rows: readonly number[], share: number): number | null =>
  rows.length === 0 ? null : [...rows].sort((a, b) => a - b)[Math.min(rows.length - 1, Math.floor(rows.length * share))]!;

class Child {
  readonly process: ChildProcess;
  readonly #waiting: { want: string; resolve: (message: Record<string, unknown>) => void; reject: (error: Error) => void }[] = [];
  url = '';

  constructor() {
    this.process = fork(join(import.meta.dirname, 'loop-hub.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.process.on('message', (message: Record<string, unknown>) => {
      if ('failed' in message) {
        for (const { reject } of this.#waiting.splice(0)) reject(new Error(String(message['failed'])));
        return;
      }
      const at = this.#waiting.findIndex(({ want }) => want === message['done'] || want in message);
      if (at >= 0) this.#waiting.splice(at, 1)[0]!.resolve(message);
    });
  }

  /** Asks the process to stop and waits until it is gone. */
  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    await this.ask({ do: 'stop' }, 'stop');
    await gone;
  }

  ask(message: Record<string, unknown>, want: string): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ want, resolve, reject });
      this.process.send(message);
    });
  }
}

/** One run: own twins, own data folder, own processes; everything is gone afterwards. */
export async function runLoop(options: LoopOptions): Promise<LoopResult> {
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-bench-'));
  const plant = generatedPlant(11, { assets: 40, parts: 900, people: 30 });
  const stage = await openStage({ plant, clock: machineClock, random: seededRandom(5), automation: {} });
  const children: Child[] = [];
  try {
    writePlantFolder(join(folder, 'plant'), plant, {
      finance: stage.finance.url,
      maintenance: new Map([...stage.maintenance].map(([site, { url }]) => [site, url])),
    });
    // The twin has no latency and no limit: the connector's own 4 at a time would measure the vendor, not the hub.
    for (const name of ['erp', ...[...stage.maintenance.values()].map(({ connection }) => connection)]) {
      const file = join(folder, 'plant', 'systems', `${name}.yaml`);
      writeFileSync(file, readFileSync(file, 'utf8').replace(/perMinute: 100000(\n {2}parallel: \d+)?/, 'perMinute: 100000\n  parallel: 48'));
    }
    // Stock levels are not read during the run, so there is nothing to compare on-hand with.
    const policies = join(folder, 'plant', 'policies.yaml');
    writeFileSync(policies, readFileSync(policies, 'utf8').replace('settleSeconds: 12', 'settleSeconds: 86400'));
    const vault = openVaultIn(join(folder, 'data'));
    for (const [name, value] of stage.secrets) await vault.set(name, value);
    const templates = join(folder, 'templates.json');
    writeFileSync(templates, JSON.stringify(options.templates ?? []));
    for (let index = 0; index < options.workers; index++) {
      const child = new Child();
      children.push(child);
      child.url = String(
        (
          await child.ask(
            {
              mode: options.mode,
              plant: join(folder, 'plant'),
              data: join(folder, 'data'),
              worker: `w${index + 1}`,
              port: 0,
              secrets: Object.fromEntries(stage.secrets),
              templates,
              ...(options.database === undefined ? {} : { database: options.database }),
            },
            'ready',
          )
        )['ready'],
      );
    }
    const first = children[0]!;
    await first.ask({ do: 'load' }, 'load');
    const site = stage.maintenance.get('1100')!;
    for (const child of children) {
      const subscription = stage.maintenanceTwin.world.addSubscription(
        { type: 'WORK_ORDER_STATUS_CHANGE', url: `${child.url}/hooks/${site.connection}/WORK_ORDER_STATUS_CHANGE` },
        { organizationId: site.seeded.organizationId },
      );
      for (const other of children)
        await other.ask({ do: 'secret', connection: site.connection, type: 'WORK_ORDER_STATUS_CHANGE', secret: subscription.secret }, 'secret');
      // Several workers share one plant: each sender of webhooks knows one address, so only the first is subscribed.
      break;
    }
    const settled = Number((await first.ask({ do: 'quiet' }, 'quiet'))['settled']);
    const warm = await play(stage, Math.min(500, Math.ceil(options.events / 10)), options, children, settled);
    const before = await first.ask({ do: 'measure', profile: process.env['BENCH_PROFILE'] ?? '' }, 'measure');
    const seconds = await play(stage, options.events, options, children, warm.settled);
    const spent = await first.ask({ do: 'measured' }, 'measured');
    if (process.env['BENCH_TRACE']) process.stderr.write(`${JSON.stringify({ before, spent })}\n`);
    const measured = options.mode === 'hub' ? await first.ask({ do: 'latencies' }, 'latencies') : {};
    const latencies = ((measured['rows'] as number[] | undefined) ?? []).slice(-options.events);
    const rss = await Promise.all(children.map(async (child) => Number((await child.ask({ do: 'quiet' }, 'quiet'))['rss'])));
    for (const child of children) await child.stop();
    return {
      eventsPerSecond: Math.round(options.events / seconds.seconds),
      cpuMsPerEvent: Number((Number(spent['cpuMs']) / options.events).toFixed(2)),
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
      rssMb: Math.max(...rss),
      templates: measured['templates'],
    };
  } finally {
    for (const child of children) if (child.process.connected) child.process.kill();
    await stage.close();
    if (process.env['BENCH_KEEP']) process.stderr.write(`kept in ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

async function play(
  stage: Stage,
  events: number,
  options: LoopOptions,
  children: readonly Child[],
  before: number,
): Promise<{ seconds: number; settled: number }> {
  const site = stage.maintenance.get('1100')!;
  const { deliveries, world } = stage.maintenanceTwin;
  const asset = site.floor.assets()[0]!;
  const room = site.seeded.storerooms.get('MRO1')!;
  const stocked = [...site.seeded.parts].filter(([, id]) => (world.parts.get(id)?.stock.get(room)?.availableQuantity ?? 0) > 0);
  const users = [...site.seeded.users.keys()];
  const orders: number[] = [];
  // The baseline posts the same two parts again and again: they must not run out.
  if (options.mode === 'baseline')
    for (const [code] of stocked)
      stage.finance.twin.world.addStock({ material: code, plant: site.site, storageLocation: 'MRO1', quantity: String(events * 3), date: '2026-11-02' });
  for (let index = 0; index < events; index++) {
    const two = [stocked[(index * 2) % stocked.length]!, stocked[(index * 2 + 1) % stocked.length]!];
    for (const [code, id] of two) {
      if ((world.parts.get(id)?.stock.get(room)?.availableQuantity ?? 0) >= 50) continue;
      stage.finance.twin.world.addStock({ material: code, plant: site.site, storageLocation: 'MRO1', quantity: '1000', date: '2026-11-02' });
      world.technician.restock(id, room, 1000);
    }
    const order = site.floor.open({
      title: `Bench ${index}`,
      priority: 'MEDIUM',
      kind: 'REACTIVE',
      asset,
      parts: two.map(([part]) => ({ part, storeroom: 'MRO1', quantity: 1 })),
    });
    site.floor.logTime(order, users[index % users.length]!, 1800);
    orders.push(order);
  }
  const started = performance.now();
  const target = before + events * 3;
  const delivered = deliveries.counts.delivered;
  for (let index = 0; index < orders.length; index++) {
    if (options.offered > 0) {
      const due = started + (index / options.offered) * 1000;
      while (performance.now() < due) await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    }
    while (index - (deliveries.counts.delivered - delivered) >= inFlight) await new Promise((resolve) => setImmediate(resolve));
    site.floor.complete(orders[index]!);
  }
  for (;;) {
    const answer = await children[0]!.ask({ do: 'quiet' }, 'quiet');
    const settled = Number(answer['settled']);
    if (process.env['BENCH_TRACE']) process.stderr.write(`${settled}/${target} ${JSON.stringify(answer)}\n`);
    if (settled >= target) return { seconds: (performance.now() - started) / 1000, settled };
    if (performance.now() - started > 300_000) throw new Error(`the loop did not end: ${settled} of ${target} documents after 300 s`);
    await new Promise((resolve) => setTimeout(resolve, process.env['BENCH_TRACE'] ? 500 : 100));
  }
}
