#!/usr/bin/env node
// `npm test`: the checks, then every test. Arguments are passed on: `npm test -- src/store`.
import { spawnSync } from 'node:child_process';

const chosen = process.argv.slice(2);
const patterns =
  chosen.length > 0
    ? chosen.map((path) => (path.endsWith('.ts') ? path : `${path}/**/*.test.ts`))
    : ['src/**/*.test.ts', 'test/**/*.test.ts', 'simulation/**/*.test.ts'];
const run = (command: string, args: readonly string[]): number => spawnSync(command, args, { stdio: 'inherit' }).status ?? 1;

if (chosen.length === 0) {
  const checked = run(process.execPath, ['bin/check.ts']);
  if (checked !== 0) process.exit(checked);
}
process.exit(run(process.execPath, ['--test', '--test-concurrency=2', '--test-timeout=900000', ...patterns]));
