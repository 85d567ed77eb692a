import { Fault } from '#base/fault';
import { listenForCommands } from '#api/admin';
import { listen } from '#api/server';
import { machineClock } from '#base/clock';
import { machineRandom } from '#base/random';
import { AlertWatch } from '#hub/alert-watch';
import { openInstallation } from '#main';
import { options, plantOptions, plantHelp, print, type Command } from './command.ts';

/** How often the audit log is signed while the hub runs, in milliseconds. */
const checkpointEveryMs = 60_000;

export const command: Command = {
  help: `linchpin serve\n\nRuns the hub: polls, webhooks, flows. Stops cleanly on SIGINT and SIGTERM.\n\n${plantHelp}  --host ADDRESS   where to listen (default 127.0.0.1)\n  --port PORT      (default 4600)\n  --public-url URL the address as senders of webhooks call it\n  --database URL   postgres://... for PostgreSQL; default: SQLite in the data folder\n  --worker NAME    name of this process among the workers of one database\n  --no-alerts      another worker of the same database tells the alerts\n`,
  async run(args) {
    const { values } = options(args, {
      ...plantOptions,
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '4600' },
      'public-url': { type: 'string' },
      database: { type: 'string' },
      worker: { type: 'string', default: 'hub' },
      'no-alerts': { type: 'boolean', default: false },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Fault('misconfigured', `--port ${values.port} is not a port`);
    // Listened for from the first moment: who is told to stop while it starts, stops cleanly once it has.
    const told = new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    });
    const installation = await openInstallation({
      plant: values.plant,
      data: values.data,
      worker: values.worker,
      ...(values.database === undefined ? {} : { database: values.database }),
    });
    const { hub, log, auditor } = installation;
    const server = await listen({ hub, log, host: values.host, port, ...(values['public-url'] === undefined ? {} : { publicUrl: values['public-url'] }) });
    const commands = await listenForCommands({ hub, log, data: values.data, random: machineRandom, pid: process.pid });
    await hub.start();
    await hub
      .subscribe(values['public-url'] ?? server.url)
      .catch((error: unknown) =>
        log('warning', 'webhooks could not be subscribed; polling goes on', { error: error instanceof Error ? error.message : String(error) }),
      );
    const signing = setInterval(
      () =>
        void auditor
          .checkpoint()
          .catch((error: unknown) => log('error', 'the audit log could not be signed', { error: error instanceof Error ? error.message : String(error) })),
      checkpointEveryMs,
    );
    const watch = new AlertWatch(hub, { log, now: () => machineClock.now(), secret: (name) => installation.secret(name) });
    if (!values['no-alerts']) watch.start((delayMs, run) => machineClock.after(delayMs, run));
    print(`Linchpin listens on ${server.url}`);
    await told;
    clearInterval(signing);
    await watch.stop();
    await commands.close();
    await server.close();
    await auditor.checkpoint();
    await installation.close();
    return 0;
  },
};
