#!/usr/bin/env node
import { Fault, faults } from '#base/fault';
import type { Command } from './commands/command.ts';

/** Every command, loaded when it is called. */
const commands: Readonly<Record<string, { readonly summary: string; load(): Promise<{ command: Command }> }>> = {
  demo: { summary: 'hub and two twins on loopback, playing a plant; --once ends when both systems agree', load: () => import('./commands/demo.ts') },
  serve: { summary: 'run the hub for a plant folder', load: () => import('./commands/serve.ts') },
  check: { summary: 'check a plant folder; every problem with file and line', load: () => import('./commands/check.ts') },
  map: { summary: 'mappings as sheets: export, check, diff, import, preview on a real record', load: () => import('./commands/map.ts') },
  plan: { summary: 'what a changed plant folder would do, in words and in money; writes nothing', load: () => import('./commands/plan.ts') },
  replay: { summary: 'decide everything again and say whether every decision is the recorded one', load: () => import('./commands/replay.ts') },
  load: { summary: 'first load of a plant through the flows, with progress; restartable', load: () => import('./commands/load.ts') },
  status: { summary: 'how the hub stands: events, operations, money at risk', load: () => import('./commands/status.ts') },
  why: { summary: 'why something was or was not done, by any number the plant knows', load: () => import('./commands/why.ts') },
  exceptions: { summary: 'what waits for a person: list, retry, edit, cancel, found', load: () => import('./commands/exceptions.ts') },
  reconcile: { summary: 'compare both systems and the hub; exit 0 only if they agree', load: () => import('./commands/reconcile.ts') },
  doctor: { summary: 'sign in to a connection and say what to fix', load: () => import('./commands/doctor.ts') },
  audit: { summary: 'verify the audit log, export it, prove one record; an export is verified without the server', load: () => import('./commands/audit.ts') },
  secret: { summary: 'set, list or remove secrets in the vault', load: () => import('./commands/secret.ts') },
  twin: { summary: 'start one twin alone, with a page to look inside and press fault buttons', load: () => import('./commands/twin.ts') },
};

const [name = '', ...rest] = process.argv.slice(2);
// The hub's own timers keep no process alive; a command is over when it has answered, and not when it happens to wait for time to pass.
const awake = setInterval(() => {}, 60_000);
process.exitCode = await run();
clearInterval(awake);

async function run(): Promise<number> {
  const known = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!known) {
    const help = `linchpin <command> [options]\n\n${Object.entries(commands)
      .map(([command, { summary }]) => `  ${command.padEnd(11)} ${summary}`)
      .join('\n')}\n\nlinchpin <command> --help says more. --json prints for machines.\n`;
    if (name === '' || name === '--help' || name === '-h' || name === 'help') {
      process.stdout.write(help);
      return 0;
    }
    process.stderr.write(`There is no command ${name}.\n\n${help}`);
    return 2;
  }
  const { command } = await known.load();
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(command.help);
    return 0;
  }
  try {
    return await command.run(rest);
  } catch (error) {
    if (error instanceof Fault) {
      process.stderr.write(`${faults[error.kind].title}: ${error.message}\n${faults[error.kind].advice}\n`);
      return 1;
    }
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
      process.stderr.write(`${error.message}\n\n${command.help}`);
      return 2;
    }
    throw error;
  }
}
