#!/usr/bin/env node
// `npm run check`: format, lint, types, layers, words and docs, in seconds.
import { spawn } from 'node:child_process';

const checks: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  { name: 'format', command: ['oxfmt', '--check', 'src', 'bin', 'bench', 'test', 'simulation'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings', 'src', 'bin', 'bench', 'test', 'simulation'] },
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'house', command: ['node', '--test', '--test-reporter=dot', 'test/house/*.test.ts'] },
];

const run = ({ name, command }: (typeof checks)[number]): Promise<boolean> =>
  new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(`node_modules/.bin/${command[0]}`, command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr.on('data', (text: Buffer) => (output += text.toString()));
    child.on('close', (code) => {
      process.stdout.write(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)\n${code === 0 ? '' : output}`);
      resolve(code === 0);
    });
  });

const results = await Promise.all(checks.map(run));
process.exitCode = results.every(Boolean) ? 0 : 1;
