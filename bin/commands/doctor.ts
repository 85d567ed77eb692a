import { Fault, faults } from '#base/fault';
import { capabilities } from '#spi/connector';
import { options, plantOptions, plantHelp, print, printJson, withInstallation, type Command } from './command.ts';

export const command: Command = {
  help: `linchpin doctor CONNECTION\n\nSigns in, reads one record of each kind, measures the answer time and compares the contract fingerprint with the last one.\n\n${plantHelp}`,
  async run(args) {
    const { values, positionals } = options(args, plantOptions);
    return withInstallation(values, async ({ hub, store }) => {
      const connection = hub.connections.get(positionals[0] ?? '');
      if (!connection) throw new Fault('misconfigured', `name a connection: ${[...hub.connections.keys()].join(', ')}`);
      const findings: { check: string; ok: boolean; says: string }[] = [];
      const check = async (name: string, run: () => Promise<string>): Promise<void> => {
        const started = performance.now();
        try {
          const says = await run();
          findings.push({ check: name, ok: true, says: `${says} (${Math.round(performance.now() - started)} ms)` });
        } catch (error) {
          const fault = error instanceof Fault ? error : new Fault('drifted', String(error));
          findings.push({ check: name, ok: false, says: `${faults[fault.kind].title}: ${fault.message} ${faults[fault.kind].advice}` });
        }
      };
      await check('sign-in', async () => {
        await connection.open.probe();
        return 'accepted';
      });
      for (const [kind, verbs] of capabilities(connection.open.connector)) {
        if (verbs.includes('list')) await check(`read ${kind}`, async () => `${(await connection.open.list(kind, { limit: 1 })).records.length} record read`);
      }
      await check('contract fingerprint', async () => {
        const now = await connection.open.fingerprint();
        const name = `fingerprint/${connection.name}`;
        const before = await store.getCursor(name);
        await store.setCursor(name, { hash: now.hash });
        return before === undefined
          ? `${now.hash.slice(0, 16)}, kept for comparison`
          : before['hash'] === now.hash
            ? `${now.hash.slice(0, 16)}, unchanged`
            : `${now.hash.slice(0, 16)}, CHANGED since the last run: compare the mapping before the next write`;
      });
      if (values.json) printJson(findings);
      else for (const { check: name, ok, says } of findings) print(`${ok ? 'ok  ' : 'FAIL'}  ${name}: ${says}`);
      return findings.every(({ ok }) => ok) ? 0 : 1;
    });
  },
};
