import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { statementText } from '#assurance/statement-text';
import { listen } from '#api/server';
import { machineClock } from '#base/clock';
import { Fault } from '#base/fault';
import { seededRandom } from '#base/random';
import { demoSize, generatedPlant } from '#demo/generated-plant';
import { writePlantFolder } from '#demo/plant-folder';
import { briskBusiness, openStage } from '#demo/stage';
import { playStory } from '#demo/story';
import { exceptionsOf } from '#hub/exceptions';
import { moneyList, statusOf } from '#hub/status';
import { openInstallation, openVaultIn } from '#main';
import { options, print, printJson, type Command } from './command.ts';
import { agrees, reconcileHub } from './reconcile.ts';

/** How long the demo waits for the last document, in milliseconds. */
const patienceMs = 10 * 60_000;

export const command: Command = {
  help: 'linchpin demo [--once] [--orders N] [--seed N] [--size small|full]\n\nStarts the hub and its twins on loopback with the embedded database, plays a plant of three sites, and prints where to look.\n\n  --once        play to the end, compare both systems, print a summary; exit 0 only if they agree\n  --orders N    work orders per site (default 20)\n  --seed N      another plant (default 1)\n  --size small  60 assets and 90 parts instead of 2,000 and 1,500\n  --json        the summary for machines\n',
  async run(args) {
    const { values } = options(args, {
      once: { type: 'boolean', default: false },
      orders: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      size: { type: 'string', default: 'full' },
      json: { type: 'boolean', default: false },
      port: { type: 'string', default: '4600' },
    });
    const [orders, seed] = [whole(values.orders, '--orders'), whole(values.seed, '--seed')];
    const tell = (line: string): void => void process.stderr.write(`${line}\n`);
    const plant = generatedPlant(seed, values.size === 'small' ? { assets: 60, parts: 90, people: 12 } : demoSize);
    const folder = mkdtempSync(join(tmpdir(), 'linchpin-demo-'));
    const random = seededRandom(seed + 1);
    const stage = await openStage({ plant, clock: machineClock, random, automation: briskBusiness });
    tell(`Twins are up: finance at ${stage.finance.url}/_twin, maintenance at ${stage.maintenance.values().next().value?.url ?? ''}/_twin`);
    writePlantFolder(join(folder, 'plant'), plant, {
      finance: stage.finance.url,
      maintenance: new Map([...stage.maintenance].map(([site, { url }]) => [site, url])),
      disposed: new Map([...stage.maintenance].map(([site, { seeded }]) => [site, seeded.disposedStatusId])),
    });
    const vault = openVaultIn(join(folder, 'data'));
    for (const [name, value] of stage.secrets) await vault.set(name, value);
    const installation = await openInstallation({ plant: join(folder, 'plant'), data: join(folder, 'data'), logLevel: 'error' });
    const { hub, store, auditor } = installation;
    const server = await listen({ hub, log: installation.log, host: '127.0.0.1', port: values.once ? 0 : whole(values.port, '--port') });
    const close = async (): Promise<void> => {
      await server.close();
      await installation.close();
      await stage.close();
      rmSync(folder, { recursive: true, force: true });
    };
    try {
      const started = performance.now();
      await hub.prepare();
      hub.worker.run();
      for (const { connection, kind } of hub.polls.plan) {
        const { read } = await hub.polls.run(connection, kind);
        if (read > 500) tell(`  ${connection.name}: ${read} records of kind ${kind} read`);
      }
      if (!(await hub.quiet(patienceMs))) throw new Fault('unreachable', 'the first load did not come to rest');
      tell(`First load: ${hub.worker.counters.sent} documents written in ${((performance.now() - started) / 1000).toFixed(1)} s`);
      await hub.subscribe(server.url);
      hub.polls.start();
      if (!values.once)
        print(
          `\nOpen ${server.url} and search any work order, requisition, order, receipt or part number.\nPlant folder: ${join(folder, 'plant')}. Stop with Ctrl+C.\n`,
        );
      const played = await playStory({ stage, plant, random, size: { orders }, tell, pause: () => new Promise((resolve) => setTimeout(resolve, 150)) });
      await settle(hub);
      if (!values.once) {
        print('The day is over: everything is posted. The hub goes on listening.');
        await new Promise<void>((resolve) => {
          for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
        });
        return 0;
      }
      hub.polls.stop();
      await hub.quiet(patienceMs);
      const statement = await reconcileHub(hub, { now: machineClock.now() });
      await auditor.checkpoint();
      const audit = await auditor.verify();
      const [status, waiting, problems] = [await statusOf(hub), await exceptionsOf(store), stage.finance.twin.world.check()];
      const fine = agrees(statement) && waiting.length === 0 && problems.length === 0 && audit.findings.length === 0;
      if (values.json) printJson({ fine, played, statement, status, exceptions: waiting, audit: { records: audit.records, findings: audit.findings } });
      else {
        print(`\n${statementText(statement).trimEnd()}\n`);
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
      }
      return fine ? 0 : 1;
    } finally {
      await close();
    }
  },
};

/** The finance side needs a moment to approve, order, deliver and invoice: at rest means at rest for longer than its slowest step. */
async function settle(hub: Awaited<ReturnType<typeof openInstallation>>['hub']): Promise<void> {
  let last = -1;
  for (let still = 0; still < 4;) {
    await new Promise((resolve) => setTimeout(resolve, 4000));
    await hub.quiet(patienceMs);
    const seen = hub.worker.counters.events;
    still = seen === last ? still + 1 : 0;
    last = seen;
  }
}

function whole(text: string, name: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 100_000) throw new Fault('misconfigured', `${name} ${text} is not a whole number from 0 to 100,000`);
  return number;
}
