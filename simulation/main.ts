import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { faults } from './faults.ts';
import { judged } from './judged.ts';
import { lostAnswers } from './lost-answers.ts';
import { invariants } from './invariants/all.ts';
import { plantedBugs } from './planted/bugs.ts';
import { huntBug } from './planted/hunt.ts';
import { commandOf, numbersIn, shrink } from './shrink.ts';
import type { SimulationOptions } from './simulation.ts';

const help = `npm run simulate -- [--seeds N] [--seed S] [--events M] [--faults a,b|none] [--processes P]

Plays N seeds from S on: the real engine, flows, mappings and connectors against the twins, in one thread, on a clock that jumps.
Every seed is reproducible byte for byte; its trace hash is printed. A failing seed is made smaller and printed as a command.

  --twice             plays every seed twice and compares the trace hashes
  --without 3,7-9     leaves events of the script out
  --list              prints faults, invariants and planted bugs
  --bugs [a,b]        hunts planted bugs instead: each must be caught within N seeds (default 1000)
  --lost N            drops the answers of N writes per class after the target committed
`;

/** What one process prints for each seed it has played, as a line of JSON. */
interface Line {
  readonly seed: number;
  readonly hash: string;
  readonly accepted: number;
  readonly requests: number;
  readonly simulatedMs: number;
  readonly ms: number;
  readonly fired: Readonly<Record<string, number>>;
  readonly failure?: { readonly id: string; readonly title: string; readonly text: string; readonly event: number | 'end' };
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    events: { type: 'string', default: '500' },
    faults: { type: 'string' },
    processes: { type: 'string', default: '1' },
    without: { type: 'string' },
    twice: { type: 'boolean', default: false },
    child: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    bugs: { type: 'boolean', default: false },
    only: { type: 'string' },
    lost: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const whole = (name: string, text: string, least: number, most: number): number => {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new RangeError(`--${name} ${text}: a whole number from ${least} to ${most} is expected`);
};

function faultsOf(text: string | undefined): readonly string[] | undefined {
  if (text === undefined || text === 'all') return undefined;
  if (text === 'none') return [];
  const names = text.split(',');
  for (const name of names)
    if (!faults.some((fault) => fault.name === name))
      throw new RangeError(`--faults: there is no fault ${name}; there are ${faults.map((fault) => fault.name).join(', ')}`);
  return names;
}

const base = (seed: number): SimulationOptions => {
  const chosen = faultsOf(values.faults);
  return {
    seed,
    events: whole('events', values.events, 1, 100_000),
    ...(chosen ? { faults: chosen } : {}),
    ...(values.without === undefined ? {} : { without: numbersIn(values.without) }),
  };
};

async function played(seed: number): Promise<Line> {
  const began = performance.now();
  const result = await judged(base(seed));
  return {
    seed,
    hash: result.traceHash,
    accepted: result.accepted,
    requests: result.requests,
    simulatedMs: result.simulatedMs,
    ms: performance.now() - began,
    fired: Object.fromEntries(result.fired),
    ...(result.failure ? { failure: result.failure } : {}),
  };
}

/** Plays seeds in this process, or hands every P-th to each of P processes. */
async function play(seeds: readonly number[], processes: number, each: (line: Line) => void): Promise<void> {
  if (processes === 1) {
    for (const seed of seeds) each(await played(seed));
    return;
  }
  await Promise.all(
    Array.from({ length: processes }, (_, part) => {
      const own = seeds.filter((_seed, at) => at % processes === part);
      if (own.length === 0) return Promise.resolve();
      const args = [
        import.meta.filename,
        '--child',
        '--seed',
        own.join(','),
        '--events',
        values.events,
        ...(values.faults === undefined ? [] : ['--faults', values.faults]),
      ];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      createInterface({ input: child.stdout }).on('line', (line) => each(JSON.parse(line) as Line));
      return new Promise<void>((resolve, reject) =>
        child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a process of the simulation ended with ${String(code)}`)))),
      );
    }),
  );
}

async function simulateSeeds(): Promise<number> {
  const first = whole('seed', values.seed, 0, 1e9);
  const seeds = Array.from({ length: whole('seeds', values.seeds ?? '1', 1, 1e6) }, (_, at) => first + at);
  const began = performance.now();
  const fired = new Map<string, number>();
  const failed: Line[] = [];
  const lines = new Map<number, Line>();
  let [accepted, requests, simulatedMs] = [0, 0, 0];
  await play(seeds, whole('processes', values.processes, 1, 64), (line) => {
    lines.set(line.seed, line);
    accepted += line.accepted;
    requests += line.requests;
    simulatedMs += line.simulatedMs;
    for (const [name, count] of Object.entries(line.fired)) fired.set(name, (fired.get(name) ?? 0) + count);
    if (line.failure) {
      failed.push(line);
      say(`seed ${line.seed} FAILS ${line.failure.id} (${line.failure.title}) after event ${line.failure.event}: ${line.failure.text.slice(0, 600)}`);
    } else if (seeds.length <= 20) say(`seed ${line.seed} holds: trace ${line.hash.slice(0, 16)}, ${line.accepted} events accepted, ${line.requests} requests`);
  });
  if (values.twice) {
    let same = 0;
    for (const seed of seeds) {
      const again = await played(seed);
      if (again.hash === lines.get(seed)?.hash) same += 1;
      else say(`seed ${seed} is not reproducible: ${lines.get(seed)?.hash ?? ''} and ${again.hash}`);
    }
    say(`${same} of ${seeds.length} seeds gave the same trace twice`);
    if (same < seeds.length) return 1;
  }
  const seconds = (performance.now() - began) / 1000;
  say(
    `${seeds.length - failed.length} of ${seeds.length} seeds hold: ${accepted} events accepted, ${requests} requests, ${(simulatedMs / 3_600_000).toFixed(0)} hours of plant time in ${seconds.toFixed(0)} s, ${Math.round(simulatedMs / 1000 / seconds)} times faster than life`,
  );
  const wanted = faultsOf(values.faults) ?? faults.map(({ name }) => name);
  say(`faults: ${wanted.map((name) => `${name} ${fired.get(name) ?? 0}`).join(', ')}`);
  const silent = wanted.filter((name) => !fired.has(name));
  if (silent.length > 0) say(`never fired: ${silent.join(', ')}`);
  for (const line of failed.slice(0, 3)) {
    const smaller = await shrink(base(line.seed), line.failure!, say);
    say(`play it again: ${commandOf(smaller)}`);
  }
  return failed.length > 0 ? 1 : 0;
}

async function hunt(): Promise<number> {
  const most = whole('seeds', values.seeds ?? '1000', 1, 1e6);
  const chosen = plantedBugs.filter(({ name }) => values.only === undefined || values.only.split(',').includes(name));
  let free = 0;
  for (const bug of chosen) {
    const found = await huntBug(bug, { seeds: most, events: whole('events', values.events, 1, 100_000) });
    say(
      found
        ? `${bug.name}: caught after ${found.seeds} seed${found.seeds === 1 ? '' : 's'} by ${found.id}: ${found.text.slice(0, 160)}`
        : `${bug.name}: NOT CAUGHT in ${most} seeds`,
    );
    if (!found) free += 1;
  }
  say(`${chosen.length - free} of ${chosen.length} planted bugs were caught`);
  return free === 0 ? 0 : 1;
}

async function lost(): Promise<number> {
  const reports = await lostAnswers({ writes: whole('lost', values.lost ?? '10000', 1, 1e6), progress: say });
  for (const report of reports)
    say(
      `class ${report.class}: ${report.lost} answers lost, ${report.duplicates} duplicates, ${report.parked} parked for a person, ${report.retried} sent again by themselves, ${report.resolved} resolved`,
    );
  return reports.every(({ holds }) => holds) ? 0 : 1;
}

async function main(): Promise<number> {
  if (values.help) return (say(help), 0);
  if (values.child) {
    for (const seed of values.seed.split(',')) say(JSON.stringify(await played(whole('seed', seed, 0, 1e9))));
    return 0;
  }
  if (values.list) {
    for (const { name, title } of faults) say(`fault ${name}: ${title}`);
    for (const { id, title } of invariants) say(`invariant ${id}: ${title}`);
    for (const { name, title } of plantedBugs) say(`bug ${name}: ${title}`);
    return 0;
  }
  if (values.bugs) return hunt();
  if (values.lost !== undefined) return lost();
  return simulateSeeds();
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof RangeError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 2;
});
