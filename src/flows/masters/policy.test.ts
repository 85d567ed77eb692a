import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { MastersPolicy } from '#flows/masters/policy';

const rows = [
  ...readFileSync(new URL('../../../docs/flows/masters.md', import.meta.url), 'utf8').matchAll(/^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm),
];

test('the page has a row for every policy of master data, and no other', () => {
  assert.deepEqual(rows.map(([, name]) => name).sort(), Object.keys(MastersPolicy.shape).sort());
});

test('the page names the default of every policy of master data', () => {
  const defaults = MastersPolicy.parse({}) as Record<string, unknown>;
  for (const [, name = '', , shown = ''] of rows) assert.equal(shown.trim(), `\`${String(defaults[name])}\``, name);
});

test('a policy that does not exist is refused by name', () => {
  assert.throws(() => MastersPolicy.parse({ noSuchPolicy: true }), /noSuchPolicy/);
});
