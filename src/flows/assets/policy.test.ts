import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { AssetsPolicy } from '#flows/assets/policy';

const rows = [
  ...readFileSync(new URL('../../../docs/flows/assets.md', import.meta.url), 'utf8').matchAll(/^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm),
];

test('the page has a row for every policy of assets, and no other', () => {
  assert.deepEqual(rows.map(([, name]) => name).sort(), Object.keys(AssetsPolicy.shape).sort());
});

test('the page names the default of every policy of assets', () => {
  const defaults = AssetsPolicy.parse({}) as Record<string, unknown>;
  for (const [, name = '', , shown = ''] of rows) assert.equal(shown.trim(), `\`${String(defaults[name])}\``, name);
});

test('a policy that does not exist is refused by name', () => {
  assert.throws(() => AssetsPolicy.parse({ noSuchPolicy: true }), /noSuchPolicy/);
});
