// The hub's side of the loop benchmark, in a process of its own: the real hub, or the same HTTP calls without durability, ordering or decisions.
import { createServer } from 'node:http';
import { readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { machineClock } from '#base/clock';
import type { JsonObject } from '#base/json';
import { listen } from '#api/server';
import { connectors, openInstallation } from '#main';
import { readPlant } from '#hub/configuration';
import { flows } from '#main';
import { openConnection } from '#spi/open';

interface Ask {
  readonly mode: 'hub' | 'baseline';
  readonly plant: string;
  readonly data: string;
  readonly database?: string;
  readonly worker: string;
  readonly port: number;
  readonly secrets: Record<string, string>;
  readonly templates?: string;
}

const send = (message: unknown): void => void process.send?.(message);
/** Measures what the process spends, and where if a file for the profile is named. */
class Meter {
  #cpu = process.threadCpuUsage();
  #written = process.resourceUsage().fsWrite;
  #session: Session | undefined;
  #file = '';

  start(profile: string): void {
    this.#cpu = process.threadCpuUsage();
    this.#written = process.resourceUsage().fsWrite;
    if (profile === '') return;
    this.#file = profile;
    this.#session = new Session();
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.start');
  }

  async stop(): Promise<{ cpuMs: number; writtenKb: number }> {
    const { user, system } = process.threadCpuUsage(this.#cpu);
    const session = this.#session;
    if (session) {
      await new Promise<void>((resolve) => {
        session.post('Profiler.stop', (_error, { profile }) => {
          writeFileSync(this.#file, JSON.stringify(profile));
          resolve();
        });
      });
      session.disconnect();
      this.#session = undefined;
    }
    return { cpuMs: Math.round((user + system) / 1000), writtenKb: Math.round((process.resourceUsage().fsWrite - this.#written) / 2) };
  }
}

const meter = new Meter();
const memory = (): number => Math.round(process.memoryUsage.rss() / 1024 / 1024);

process.once('message', (ask: Ask) => void (ask.mode === 'hub' ? hub(ask) : baseline(ask)));
process.once('disconnect', () => process.exit(0));

async function hub(ask: Ask): Promise<void> {
  const installation = await openInstallation({
    plant: ask.plant,
    data: ask.data,
    worker: ask.worker,
    logLevel: 'error',
    ...(ask.database === undefined ? {} : { database: ask.database }),
  });
  const server = await listen({ hub: installation.hub, log: installation.log, host: '127.0.0.1', port: ask.port });
  await installation.hub.prepare();
  installation.hub.worker.run();
  process.on('message', (message: { do: string; type?: string; connection?: string; url?: string; secret?: string; profile?: string }) => {
    void (async () => {
      if (message.do === 'measure') {
        meter.start(message.profile ?? '');
        send({ done: 'measure', counters: { ...installation.hub.worker.counters } });
      } else if (message.do === 'measured') send({ done: 'measured', ...(await meter.stop()), counters: { ...installation.hub.worker.counters } });
      else if (message.do === 'load') {
        for (const { connection, kind } of installation.hub.polls.plan) await installation.hub.polls.run(connection, kind);
        send({ done: 'load', quiet: await installation.hub.quiet(600_000) });
      } else if (message.do === 'secret') {
        installation.hub.hookSecret(message.connection ?? '', message.type ?? '', message.secret ?? '');
        send({ done: 'secret' });
      } else if (message.do === 'quiet') {
        const operations = await installation.store.read.countOperations();
        const settled = operations.filter(({ connection, state }) => connection === 'erp' && state === 'applied').reduce((sum, { count }) => sum + count, 0);
        const exceptions = process.env['BENCH_TRACE']
          ? (await (await import('#hub/exceptions')).exceptionsOf(installation.store)).slice(0, 3).map(({ title, text }) => `${title}: ${text}`)
          : [];
        send({
          done: 'quiet',
          settled,
          rss: memory(),
          counters: installation.hub.worker.counters,
          exceptions,
          moving: installation.hub.worker.moving,
          governors: installation.hub.worker.dispatcher.governors.map((g) => [g.name, g.waiting, g.running, g.pausedUntil]),
          states: operations,
        });
      } else if (message.do === 'latencies') {
        const rows: number[] = [];
        for (const operation of await allOperations(installation.store))
          if (operation.settledAt !== null && operation.at > 0) rows.push(operation.settledAt - operation.at);
        const erp = await installation.store.read.listOperations({ connection: 'erp', states: ['applied'], limit: 10_000 });
        const bodies = (record: string) =>
          erp.filter((operation) => operation.record === record).map((operation) => ({ record, body: (operation.payload as { body: JsonObject }).body }));
        send({ done: 'latencies', rows, templates: [...bodies('goodsIssue').slice(0, 2), ...bodies('costPosting').slice(0, 1)] });
      } else if (message.do === 'stop') {
        await server.close();
        await installation.close();
        send({ done: 'stop', rss: memory() });
        process.disconnect();
      }
    })().catch((error: unknown) => send({ failed: error instanceof Error ? error.stack : String(error) }));
  });
  send({ ready: server.url });
}

/** Every finished operation with the time its work order's notice came in. */
async function allOperations(store: Awaited<ReturnType<typeof openInstallation>>['store']): Promise<{ settledAt: number | null; at: number }[]> {
  const received = new Map<string, number>();
  let after: { lane: string; seq: number } | undefined;
  for (;;) {
    const events = await store.read.listEvents({ limit: 10_000, ...(after === undefined ? {} : { after }) });
    for (const event of events) if (event.kind === 'notice') received.set(event.thread, event.receivedAt);
    const last = events.at(-1);
    if (!last || events.length < 10_000) break;
    after = { lane: last.lane, seq: last.seq };
  }
  const latest = new Map<string, number>();
  let key: string | undefined;
  for (;;) {
    const operations = await store.read.listOperations({ connection: 'erp', states: ['applied'], limit: 10_000, ...(key === undefined ? {} : { after: key }) });
    for (const operation of operations)
      if (operation.thread.startsWith('workOrder/') && operation.settledAt !== null)
        latest.set(operation.thread, Math.max(latest.get(operation.thread) ?? 0, operation.settledAt));
    const last = operations.at(-1);
    if (!last || operations.length < 10_000) break;
    key = last.key;
  }
  return [...latest].map(([thread, settledAt]) => ({ settledAt, at: received.get(thread) ?? 0 }));
}

/** What a script without a hub would do: on each webhook read the order, then post what the hub would post. */
async function baseline(ask: Ask): Promise<void> {
  const plant = readPlant(ask.plant, flows, connectors);
  const opened = new Map(
    plant.systems.map((system) => [
      system.name,
      openConnection(connectors.get(system.connector)!, {
        name: system.name,
        config: system.settings,
        clock: machineClock,
        rehearsal: false,
        scheme: system.signIn as 'basic',
        credential: Object.fromEntries(
          Object.entries(system.credential).map(([name, value]) => [name, value.startsWith('secret://') ? (ask.secrets[value.slice(9)] ?? '') : value]),
        ),
      }),
    ]),
  );
  const templates = JSON.parse(readFileSync(ask.templates!, 'utf8')) as { record: 'goodsIssue' | 'costPosting'; body: JsonObject }[];
  const erp = opened.get('erp')!;
  let count = 0;
  let done = 0;
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      outgoing.writeHead(200).end('{"accepted":1}');
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { workOrderId: number };
      const connection = opened.get((incoming.url ?? '').split('/')[2] ?? '')!;
      void connection
        .get('workOrder', String(body.workOrderId))
        .then(() =>
          Promise.all(
            templates.map((template) => {
              const reference = `LPBASE${String(count++).padStart(10, '0')}`;
              return erp.write(template.record, 'create', JSON.parse(JSON.stringify(template.body)) as JsonObject, { once: { key: reference, reference } });
            }),
          ),
        )
        .then(
          () => (done += templates.length),
          (error: unknown) => send({ failed: String(error) }),
        );
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(ask.port, '127.0.0.1', () => send({ ready: `http://127.0.0.1:${(server.address() as { port: number }).port}` }));
  process.on('message', (message: { do: string }) => {
    if (message.do === 'measure') {
      meter.start('');
      send({ done: 'measure' });
    } else if (message.do === 'measured') void meter.stop().then((spent) => send({ done: 'measured', ...spent }));
    else if (message.do === 'quiet') send({ done: 'quiet', settled: done, rss: memory(), counters: {} });
    else if (message.do === 'stop') {
      server.close();
      server.closeAllConnections();
      send({ done: 'stop', rss: memory() });
      process.disconnect();
    } else send({ done: message.do });
  });
}
