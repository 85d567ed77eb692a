#!/usr/bin/env node
// `npm run bench`: JSON lines, each with its ratio to a baseline that was measured in the same run. Names choose: `npm run bench -- loop intake`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { startPostgres } from '#store/postgres-server';
import { runIntake } from './intake.ts';
import { runLoad } from './load.ts';
import { runLoop } from './loop.ts';

const say = (value: Readonly<Record<string, unknown>>): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

/** Work orders of one loop run, and the rate offered for the latency figures, per second. */
const loopEvents = 1500;
const idleRate = 50;

async function loop(): Promise<void> {
  const first = await runLoop({ mode: 'hub', store: 'sqlite', workers: 1, events: loopEvents, offered: 0 });
  const baseline = await runLoop({ mode: 'baseline', store: 'none', workers: 1, events: loopEvents, offered: 0, templates: first.templates });
  const ratio = (eventsPerSecond: number): number => Number((eventsPerSecond / baseline.eventsPerSecond).toFixed(3));
  say({
    bench: 'loop',
    store: 'none',
    what: 'baseline: the same HTTP calls without durability, ordering or decisions',
    eventsPerSecond: baseline.eventsPerSecond,
    rssMb: baseline.rssMb,
    cpuMsPerEvent: baseline.cpuMsPerEvent,
  });
  say({
    bench: 'loop',
    store: 'sqlite',
    workers: 1,
    eventsPerSecond: first.eventsPerSecond,
    ratio: ratio(first.eventsPerSecond),
    goal: 0.6,
    rssMb: first.rssMb,
    goalRssMb: 350,
    cpuMsPerEvent: first.cpuMsPerEvent,
  });
  const idle = await runLoop({ mode: 'hub', store: 'sqlite', workers: 1, events: 500, offered: idleRate });
  say({ bench: 'loop', store: 'sqlite', offered: idleRate, p50Ms: idle.p50, p99Ms: idle.p99, goal: 'p50 <= 5 ms' });
  const half = await runLoop({ mode: 'hub', store: 'sqlite', workers: 1, events: 500, offered: Math.max(1, Math.floor(first.eventsPerSecond / 2)) });
  say({ bench: 'loop', store: 'sqlite', offered: Math.floor(first.eventsPerSecond / 2), p50Ms: half.p50, p99Ms: half.p99, goal: 'p99 <= 250 ms at half load' });
  for (const workers of [1, 2]) {
    const server = await startPostgres({ path: process.env['PATH'] ?? '', durable: true });
    if ('reason' in server) {
      say({ bench: 'loop', store: 'postgres', workers, skipped: server.reason });
      continue;
    }
    try {
      const run = await runLoop({ mode: 'hub', store: 'postgres', workers, events: loopEvents, offered: 0, database: server.url });
      const { eventsPerSecond, rssMb, cpuMsPerEvent } = run;
      say({ bench: 'loop', store: 'postgres', workers, eventsPerSecond, ratio: ratio(eventsPerSecond), goal: 0.6, rssMb, cpuMsPerEvent });
    } finally {
      await server.stop();
    }
  }
}

const decide = (): void => void spawnSync(process.execPath, [join(import.meta.dirname, 'decide.ts')], { stdio: 'inherit' });

const benches: Readonly<Record<string, () => Promise<void> | void>> = {
  intake: async () => say(await runIntake()),
  decide,
  load: async () => {
    for (const line of await runLoad()) say(line);
  },
  loop,
};

const chosen = process.argv.slice(2);
for (const name of chosen) if (!Object.hasOwn(benches, name)) throw new RangeError(`there is no bench ${name}; there are ${Object.keys(benches).join(', ')}`);
for (const [name, run] of Object.entries(benches)) if (chosen.length === 0 || chosen.includes(name)) await run();
process.exit(0);
