import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import type { Level } from '#base/log';
import { openInstallation, openReading, type Installation, type Reading } from '#main';

/** One command of the tool. `run` answers the exit code: 0 done, 1 something is wrong, 2 the call was wrong. */
export interface Command {
  readonly help: string;
  run(args: readonly string[]): Promise<number>;
}

/** Options that most commands share. */
export const plantOptions = {
  plant: { type: 'string', default: 'plant' },
  data: { type: 'string', default: '.linchpin' },
  json: { type: 'boolean', default: false },
} as const satisfies ParseArgsOptionsConfig;
export const plantHelp =
  '  --plant FOLDER   the plant folder (default plant)\n  --data FOLDER    where database, vault and keys are (default .linchpin)\n  --json           for machines\n';

/** Strict: an unknown option is refused with the help text. */
export function options<T extends ParseArgsOptionsConfig>(args: readonly string[], config: T) {
  return parseArgs({ args: [...args], options: config, allowPositionals: true, strict: true });
}

/** Opens the installation for one command and closes it again. */
export async function withInstallation<T>(
  values: { plant: string; data: string },
  run: (installation: Installation) => Promise<T>,
  logLevel: Level = 'warning',
): Promise<T> {
  const installation = await openInstallation({ plant: values.plant, data: values.data, worker: `command-${process.pid}`, logLevel });
  try {
    return await run(installation);
  } finally {
    await installation.close();
  }
}

/** Opens a data folder for reading, beside a hub that may be running. `signIn`: systems are read too. */
export async function withReading<T>(
  values: { plant: string; data: string },
  run: (reading: Reading) => Promise<T>,
  { signIn = false }: { readonly signIn?: boolean } = {},
): Promise<T> {
  const reading = await openReading({ ...values, signIn });
  try {
    return await run(reading);
  } finally {
    await reading.close();
  }
}

export const print = (text: string): void => void process.stdout.write(`${text}\n`);
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** A line that is written over by the next; only where somebody watches. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}
