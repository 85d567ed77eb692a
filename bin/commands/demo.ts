import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { statementText } from '#assurance/statement-text';
import { listen } from '#api/server';
import { Fault } from '#base/fault';
import { seededRandom } from '#base/random';
import { adventureWorksScenario, dayOption } from '#demo/adventureworks-scenario';
import { generatedScenario } from '#demo/generated-scenario';
import { writePlantFolder } from '#demo/plant-folder';
import type { Scenario } from '#demo/scenario';
import { openStage, type Stage } from '#demo/stage';
import { exceptionsOf } from '#hub/exceptions';
import type { Hub } from '#hub/hub';
import { moneyList, statusOf } from '#hub/status';
import { openInstallation, openVaultIn, type Installation } from '#main';
import type { RecordKind } from '#model/records';
import { options, print, printJson, type Command } from './command.ts';
import { agrees, reconcileHub } from './reconcile.ts';

/** How long the demo waits for the last document, in milliseconds. */
const patienceMs = 10 * 60_000;
/** How often long work says how much is left, in milliseconds. */
const tellEveryMs = 10_000;
/** Rounds of reading until nothing new may be there. */
const mostRounds = 100;
/** What changes from day to day. */
const dailyKinds: readonly RecordKind[] = ['stockLevel', 'purchaseRequisition', 'purchaseOrder', 'goodsReceipt', 'supplierInvoice', 'workOrder'];
/** Work orders where nobody says how many: per site of the generated plant, in all of a data set. */
const usualOrders = { generated: '20', data: '400' } as const;

export const command: Command = {
  help: `linchpin demo [--once] [--orders N] [--seed N] [--size small|full] [--data FOLDER [--from DAY]]

Starts the hub and its twins on loopback with the embedded database, plays a plant of three sites, and prints where to look.

  --once         play to the end, compare both systems, print a summary; exit 0 only if they agree
  --orders N     work orders per site (default ${usualOrders.generated})
  --seed N       another plant (default 1)
  --size small   60 assets and 90 parts instead of 2,000 and 1,500
  --data FOLDER  the AdventureWorks tables as gzip CSV instead: all masters and the purchase history, then its work orders
                 from the split on, N in all (default ${usualOrders.data}; "--orders all" plays every one)
  --from DAY     the split: purchases before it are history, work that starts on it or later is played
                 (default: the first day of the last month of the tables)
  --json         the summary for machines
`,
  async run(args) {
    const { values } = options(args, {
      once: { type: 'boolean', default: false },
      orders: { type: 'string' },
      seed: { type: 'string', default: '1' },
      size: { type: 'string', default: 'full' },
      data: { type: 'string' },
      from: { type: 'string' },
      json: { type: 'boolean', default: false },
      port: { type: 'string', default: '4600' },
    });
    const tell = (line: string): void => void process.stderr.write(`${line}\n`);
    const seed = whole(values.seed, '--seed');
    const scenario = values.data === undefined ? generated(values, seed) : fromData(values.data, values, tell);
    return play(scenario, { once: values.once, json: values.json, seed, port: whole(values.port, '--port'), tell });
  },
};

interface Choice {
  readonly orders?: string | undefined;
  readonly size: string;
  readonly from?: string | undefined;
}

/** Sizes of the generated plant. */
const sizes: readonly string[] = ['small', 'full'];

function generated({ orders = usualOrders.generated, size, from }: Choice, seed: number): Scenario {
  if (!sizes.includes(size)) throw new Fault('misconfigured', `--size ${size} is not one of ${sizes.join(', ')}`);
  if (from !== undefined) throw new Fault('misconfigured', '--from belongs to --data: the generated plant has no history');
  return generatedScenario({ seed, small: size === 'small', orders: whole(orders, '--orders') });
}

function fromData(folder: string, { orders = usualOrders.data, from, size }: Choice, tell: (line: string) => void): Scenario {
  if (size !== 'full') throw new Fault('misconfigured', '--size belongs to the generated plant: the masters of a data set are always loaded in full');
  const [split, most] = [dayOption(from, '--from'), orders === 'all' ? undefined : whole(orders, '--orders')];
  return adventureWorksScenario(folder, { ...(split === undefined ? {} : { from: split }), ...(most === undefined ? {} : { orders: most }) }, tell);
}

interface Running {
  readonly once: boolean;
  readonly json: boolean;
  readonly seed: number;
  readonly port: number;
  readonly tell: (line: string) => void;
}

/** Opens twins and hub in a folder of their own, plays the scenario, and cleans up whatever happens. */
async function play(scenario: Scenario, running: Running): Promise<number> {
  const { plant, clock } = scenario;
  const { tell, once } = running;
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-demo-'));
  const random = seededRandom(running.seed + 1);
  const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const stage = await openStage({ plant, clock, random, automation: scenario.automation });
    closing.push(() => stage.close());
    scenario.before?.(stage, tell);
    tell(`Twins are up: finance at ${stage.finance.url}/_twin, maintenance at ${stage.maintenance.values().next().value?.url ?? ''}/_twin`);
    const installation = await install(folder, scenario, stage);
    closing.push(() => installation.close());
    const { hub } = installation;
    const server = await listen({ hub, log: installation.log, host: '127.0.0.1', port: once ? 0 : running.port });
    closing.push(() => server.close());
    await firstLoad(hub, tell);
    await hub.subscribe(server.url);
    if (!once)
      print(
        `\nOpen ${server.url} and search any work order, requisition, order, receipt or part number.\nPlant folder: ${join(folder, 'plant')}. Stop with Ctrl+C.\n`,
      );
    const played = await scenario.play({
      stage,
      random,
      tell,
      poll: () => hub.polls.start(),
      rest: () => rest(hub, tell),
      settle: () => settle(hub),
    });
    if (!once) {
      hub.polls.start();
      print('The day is over: everything is posted. The hub goes on listening.');
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
      });
      return 0;
    }
    hub.polls.stop();
    await hub.quiet(patienceMs);
    return (await summary(scenario, { stage, installation, played, json: running.json })) ? 0 : 1;
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

/** The plant folder as a real plant keeps it, the secrets in its vault, and the hub on both. */
async function install(folder: string, { plant, clock, decisions }: Scenario, stage: Stage): Promise<Installation> {
  const addresses = {
    finance: stage.finance.url,
    maintenance: new Map([...stage.maintenance].map(([site, { url }]) => [site, url])),
    disposed: new Map([...stage.maintenance].map(([site, { seeded }]) => [site, seeded.disposedStatusId])),
  };
  writePlantFolder(join(folder, 'plant'), plant, addresses, decisions);
  const vault = openVaultIn(join(folder, 'data'));
  for (const [name, value] of stage.secrets) await vault.set(name, value);
  return openInstallation({ plant: join(folder, 'plant'), data: join(folder, 'data'), logLevel: 'error', clock });
}

async function firstLoad(hub: Hub, tell: (line: string) => void): Promise<void> {
  const started = performance.now();
  await hub.prepare();
  hub.worker.run();
  for (const { connection, kind } of hub.polls.plan) {
    const { read } = await hub.polls.run(connection, kind);
    if (read > 500) tell(`  ${connection.name}: ${read} records of kind ${kind} read`);
  }
  if (!(await hub.quiet(patienceMs))) throw new Fault('unreachable', 'the first load did not come to rest');
  tell(`First load: ${hub.worker.counters.sent} documents written in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/** Reads what changes daily until a round of reading brings nothing new. */
async function rest(hub: Hub, tell: (line: string) => void): Promise<number> {
  const before = hub.worker.counters.events;
  let told = performance.now();
  const progress = (left: number): void => {
    if (performance.now() - told < tellEveryMs) return;
    told = performance.now();
    tell(`    ${left} events and documents left`);
  };
  for (let round = 0; round < mostRounds; round++) {
    const seen = hub.worker.counters.events;
    await hub.polls.runAll(dailyKinds);
    if (!(await hub.quiet(patienceMs, progress))) throw new Fault('unreachable', `the hub did not come to rest within ${patienceMs / 60_000} minutes`);
    if (hub.worker.counters.events === seen) break;
  }
  return hub.worker.counters.events - before;
}

/** The finance side needs a moment to approve, order, deliver and invoice: at rest means at rest for longer than its slowest step. */
async function settle(hub: Hub): Promise<void> {
  let last = -1;
  for (let still = 0; still < 4;) {
    await new Promise((resolve) => setTimeout(resolve, 4000));
    await hub.quiet(patienceMs);
    const seen = hub.worker.counters.events;
    still = seen === last ? still + 1 : 0;
    last = seen;
  }
}

interface Ended {
  readonly stage: Stage;
  readonly installation: Installation;
  readonly played: unknown;
  readonly json: boolean;
}

/** Compares both systems with each other, with the hub and with what the scenario expects; prints it; true where all agree. */
async function summary(scenario: Scenario, { stage, installation, played, json }: Ended): Promise<boolean> {
  const { hub, store, auditor } = installation;
  const { clock } = scenario;
  const statement = await reconcileHub(hub, { now: clock.now(), clock });
  await auditor.checkpoint();
  const audit = await auditor.verify();
  const [status, waiting, problems] = [await statusOf(hub), await exceptionsOf(store), stage.finance.twin.world.check()];
  const check = scenario.check?.(stage);
  const fine = agrees(statement) && waiting.length === 0 && problems.length === 0 && audit.findings.length === 0 && (check?.wrong.length ?? 0) === 0;
  if (json) {
    printJson({
      fine,
      played,
      statement,
      status,
      exceptions: waiting,
      audit: { records: audit.records, findings: audit.findings },
      ...(check ? { wrong: check.wrong, data: check.data } : {}),
    });
    return fine;
  }
  print(`\n${statementText(statement).trimEnd()}\n`);
  for (const line of check?.lines ?? []) print(line);
  for (const line of check?.wrong.slice(0, 20) ?? []) print(`Not as expected: ${line}`);
  print(
    `Events: ${Object.entries(status.events)
      .filter(([, count]) => count > 0)
      .map(([state, count]) => `${count} ${state}`)
      .join(', ')}. Money at risk: ${moneyList(status.moneyAtRisk)}.`,
  );
  print(`Audit log: ${audit.records} records, ${audit.findings.length === 0 ? 'all in order' : `${audit.findings.length} findings`}.`);
  for (const item of waiting.slice(0, 20)) print(`Waits for a person: ${item.title}: ${item.text}`);
  for (const problem of problems.slice(0, 20)) print(`The finance twin is not consistent: ${problem}`);
  print(fine ? 'Both systems agree.' : 'Both systems do NOT agree.');
  return fine;
}

function whole(text: string, name: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 100_000) throw new Fault('misconfigured', `${name} ${text} is not a whole number from 0 to 100,000`);
  return number;
}
