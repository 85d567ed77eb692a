import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import test from 'node:test';

/** Words that another word of docs/words.md stands for, where they would be ours: vendors' wire names in connectors, twins and mappings are theirs. */
const banned: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  { pattern: /\bworkflow\b/i, instead: 'flow' },
  { pattern: /\badapter\b/i, instead: 'connector' },
  { pattern: /\bdry[- ]?run\b/i, instead: 'shadow or rehearsal' },
  { pattern: /\bticket\b/i, instead: 'work order' },
  { pattern: /\blabor\b/, instead: 'labour' },
  { pattern: /\bcost ?center\b/i, instead: 'cost centre' },
  { pattern: /\bmock\b/i, instead: 'twin' },
  { pattern: /\bSKU\b/, instead: 'part' },
];
const ours = ['src/base', 'src/engine', 'src/store', 'src/audit', 'src/flows', 'src/hub', 'src/api', 'src/assurance', 'src/model'];

test('one word per idea in our own layers', async () => {
  const found: string[] = [];
  for (const folder of ours) {
    for await (const file of glob(`${folder}/**/*.ts`)) {
      const text = readFileSync(file, 'utf8');
      for (const { pattern, instead } of banned) {
        const match = pattern.exec(text);
        if (match) found.push(`${file}: "${match[0]}", say ${instead}`);
      }
    }
  }
  assert.deepEqual(found, []);
});

test('engine, flows and policies name no system', async () => {
  const found: string[] = [];
  const vendors = /\b(sap|s4hana|s\/4hana|maintainx|netsuite|maximo|tryton|odoo|dynamics)\b/i;
  for (const folder of ['src/engine', 'src/flows', 'src/base']) {
    for await (const file of glob(`${folder}/**/*.ts`)) {
      if (file.endsWith('.test.ts')) continue;
      // Comments may give a vendor as an example; code may not.
      const code = readFileSync(file, 'utf8')
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .replace(/\/\/.*$/gm, '');
      const match = vendors.exec(code);
      if (match) found.push(`${file}: ${match[0]}`);
    }
  }
  assert.deepEqual(found, []);
});

test('the words page has one row per word', () => {
  const words = readFileSync('docs/words.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| Word'))
    .map((line) => line.split('|')[1]!.trim());
  assert.equal(new Set(words).size, words.length);
});
