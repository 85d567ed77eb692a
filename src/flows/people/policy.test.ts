import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PeoplePolicy } from '#flows/people/policy';

const rows = [
  ...readFileSync(new URL('../../../docs/flows/people.md', import.meta.url), 'utf8').matchAll(/^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm),
];

test('the page has a row for every policy of people, and no other', () => {
  assert.deepEqual(rows.map(([, name]) => name).sort(), Object.keys(PeoplePolicy.shape).sort());
});

test('the page names the default of every policy of people', () => {
  const defaults = PeoplePolicy.parse({}) as Record<string, unknown>;
  for (const [, name = '', , shown = ''] of rows) assert.equal(shown.trim(), `\`${String(defaults[name])}\``, name);
});

test('a policy that does not exist is refused by name', () => {
  assert.throws(() => PeoplePolicy.parse({ noSuchPolicy: true }), /noSuchPolicy/);
});
