#!/usr/bin/env node
import { Fault, faults } from '#base/fault';
import { commands } from './commands/all.ts';

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
