import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { posix } from 'node:path';
import test from 'node:test';

/** The dependency rule (DESIGN 4). A folder may import from itself and from the folders named here; `alone` folders may not import their own siblings. */
const layers: Record<string, { readonly may: readonly string[]; readonly alone?: boolean }> = {
  base: { may: [] },
  model: { may: ['base'] },
  mapping: { may: ['base', 'model'] },
  spi: { may: ['base', 'model', 'mapping'] },
  store: { may: ['base'] },
  engine: { may: ['base', 'store'] },
  audit: { may: ['base', 'store'] },
  flows: { may: ['base', 'model', 'mapping', 'engine/flow'], alone: true },
  assurance: { may: ['base', 'model', 'mapping', 'spi', 'store', 'engine', 'audit', 'flows'] },
  connectors: { may: ['base', 'model', 'mapping', 'spi'], alone: true },
  simulators: { may: ['base'], alone: true },
  hub: { may: ['base', 'model', 'mapping', 'spi', 'store', 'engine', 'audit', 'flows', 'assurance'] },
  // Beside main: puts plants into twins and plays them.
  demo: { may: ['base', 'model', 'store', 'spi', 'simulators', 'hub'] },
  api: { may: ['base', 'model', 'mapping', 'spi', 'store', 'engine', 'audit', 'flows', 'assurance', 'hub'] },
};

const importPattern = /\bfrom '(#[^']+|\.[^']+)'|\bimport\('(#[^']+|\.[^']+)'\)|\bimport '(#[^']+|\.[^']+)'/g;

/** What is wrong with one file's imports, in words. */
function problems(file: string, text: string): string[] {
  const [, layer = '', part = ''] = file.split('/');
  const rule = layers[layer];
  if (!rule) return file.startsWith('src/main') ? [] : [`${file}: no layer of this name`];
  const found: string[] = [];
  for (const match of text.matchAll(importPattern)) {
    const path = match[1] ?? match[2] ?? match[3] ?? '';
    if (path.startsWith('../') && !posix.join(posix.dirname(file), path).startsWith(`src/${layer}/${part}/`))
      found.push(`${file}: climbs out of its folder with ${path}; use #`);
    if (!path.startsWith('#')) continue;
    const [target = '', below = ''] = path.slice(1).split('/');
    if (target === layer) {
      if (rule.alone && below !== part && path.split('/').length > 2) found.push(`${file}: imports its sibling ${path}`);
    } else if (!rule.may.some((allowed) => allowed === target || path.slice(1) === allowed)) found.push(`${file}: ${layer} may not import ${path}`);
  }
  return found;
}

test('every import goes down the list of layers', async () => {
  const broken: string[] = [];
  for await (const file of glob('src/**/*.ts'))
    if (!file.endsWith('.test.ts') && !file.endsWith('/testing.ts')) broken.push(...problems(file, readFileSync(file, 'utf8')));
  assert.deepEqual(broken, []);
});

const forbidden: readonly { readonly title: string; readonly file: string; readonly text: string }[] = [
  { title: 'the engine may not know a record kind', file: 'src/engine/x.ts', text: "import { records } from '#model/records';" },
  { title: 'a connector may not import another', file: 'src/connectors/a/x.ts', text: "import { b } from '#connectors/b/connector';" },
  { title: 'a twin may not share code with a connector', file: 'src/simulators/a/x.ts', text: "import { b } from '#connectors/a/connector';" },
  { title: 'a flow may not see the engine beyond its contract', file: 'src/flows/a/x.ts', text: "import { Worker } from '#engine/worker';" },
  { title: 'nobody climbs with dots', file: 'src/base/x.ts', text: "import { y } from '../store/port.ts';" },
];
for (const { title, file, text } of forbidden) test(`the layer rule bites: ${title}`, () => assert.equal(problems(file, text).length, 1));

test('the simulation may import everything, nothing imports it, and its checker imports nothing of the product', async () => {
  const found: string[] = [];
  for await (const file of glob('{src,bench,bin}/**/*.ts'))
    for (const match of readFileSync(file, 'utf8').matchAll(importPattern)) if (/simulation\//.test(match[0])) found.push(`${file}: imports the simulation`);
  for await (const file of glob('simulation/checker/*.ts')) {
    if (file.endsWith('.test.ts')) continue;
    for (const match of readFileSync(file, 'utf8').matchAll(importPattern))
      if (!/from '\.\//.test(match[0])) found.push(`${file}: the checker imports ${match[0]}`);
  }
  assert.deepEqual(found, []);
});

test('dynamic code, raw clocks and raw randomness stay out of the hub', async () => {
  const found: string[] = [];
  for await (const file of glob('src/**/*.ts')) {
    if (file.endsWith('.test.ts') || ['src/base/clock.ts', 'src/base/random.ts', 'src/main.ts'].includes(file)) continue;
    const text = readFileSync(file, 'utf8');
    for (const [pattern, what] of [
      [/\beval\(|new Function\(|node:vm/, 'dynamic code'],
      [/Math\.random\(/, 'Math.random'],
      [/\bDate\.now\(/, 'Date.now'],
      [/process\.env\b/, 'process.env'],
    ] as const) {
      if (pattern.test(text) && !(what === 'process.env' && file.startsWith('src/store/postgres-server'))) found.push(`${file}: ${what}`);
    }
  }
  assert.deepEqual(found, []);
});
