import { Fault } from '#base/fault';
import { listen } from '#api/server';
import { openInstallation } from '#main';
import { options, plantOptions, plantHelp, print, type Command } from './command.ts';

/** How often the audit log is signed while the hub runs, in milliseconds. */
const checkpointEveryMs = 60_000;

export const command: Command = {
  help: `linchpin serve\n\nRuns the hub: polls, webhooks, flows. Stops cleanly on SIGINT and SIGTERM.\n\n${plantHelp}  --host ADDRESS   where to listen (default 127.0.0.1)\n  --port PORT      (default 4600)\n  --public-url URL the address as senders of webhooks call it\n  --database URL   postgres://... for PostgreSQL; default: SQLite in the data folder\n  --worker NAME    name of this process among the workers of one database\n`,
  async run(args) {
    const { values } = options(args, {
      ...plantOptions,
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '4600' },
      'public-url': { type: 'string' },
      database: { type: 'string' },
      worker: { type: 'string', default: 'hub' },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Fault('misconfigured', `--port ${values.port} is not a port`);
    const installation = await openInstallation({
      plant: values.plant,
      data: values.data,
      worker: values.worker,
      ...(values.database === undefined ? {} : { database: values.database }),
    });
    const { hub, log, auditor } = installation;
    const server = await listen({ hub, log, host: values.host, port, ...(values['public-url'] === undefined ? {} : { publicUrl: values['public-url'] }) });
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
    print(`Linchpin listens on ${server.url}`);
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    });
    clearInterval(signing);
    await server.close();
    await auditor.checkpoint();
    await installation.close();
    return 0;
  },
};
