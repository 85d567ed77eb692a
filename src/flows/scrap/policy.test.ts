import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ScrapPolicy } from '#flows/scrap/policy';

const rows = [...readFileSync(new URL('../../../docs/flows/scrap.md', import.meta.url), 'utf8').matchAll(/^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)];

test('the page has a row for every policy of scrap, and no other', () => {
  assert.deepEqual(rows.map(([, name]) => name).sort(), Object.keys(ScrapPolicy.shape).sort());
});

test('the page names the default of every policy of scrap that is one word or a list', () => {
  const defaults = ScrapPolicy.parse({}) as Record<string, unknown>;
  for (const [, name = '', , shown = ''] of rows) {
    const value = defaults[name];
    if (value === undefined) assert.equal(shown.trim(), 'all', name);
    else if (Array.isArray(value) && value.every((one) => typeof one === 'string')) assert.equal(shown.trim(), `\`${value.join(', ')}\``, name);
    else if (typeof value === 'number') assert.equal(shown.trim(), String(value), name);
    else if (typeof value !== 'object') assert.equal(shown.trim(), `\`${String(value)}\``, name);
  }
});

test('a policy that does not exist is refused by name', () => {
  assert.throws(() => ScrapPolicy.parse({ noSuchPolicy: true }), /noSuchPolicy/);
});
