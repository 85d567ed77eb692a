import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { parse } from 'yaml';
import { plantFilesReference, plantReference } from '#hub/plant-reference';
import { importOverlayCsv } from '#mapping/sheet';
import { commandReference, commands } from '../../bin/commands/all.ts';

const pages: readonly { readonly file: string; readonly text: () => string | Promise<string> }[] = [
  { file: 'docs/reference/commands.md', text: commandReference },
  { file: 'docs/reference/plant-folder.md', text: plantReference },
];
for (const { file, text } of pages)
  test(`${file} says what the program does (write it anew with UPDATE_DOCS=1)`, async () => {
    const wanted = await text();
    if (process.env['UPDATE_DOCS'] === '1') {
      mkdirSync('docs/reference', { recursive: true });
      writeFileSync(file, wanted);
    }
    assert.equal(readFileSync(file, 'utf8'), wanted);
  });

for (const { name, schema, example } of plantFilesReference)
  test(`the example of ${name} is right`, () => {
    if (schema) schema.parse(parse(example));
    else if (name.startsWith('mappings')) assert.equal(importOverlayCsv(example, name).overlay.rows.length, 1);
    else assert.match(example, /^kind,hubId,connection,externalId\n\w+,[\w.]+,[\w-]+,\d+\n$/);
  });

test('every member of every plant file has a word of explanation', () => {
  const bare = plantReference()
    .split('\n')
    .filter((line) => line.startsWith('| `') && /\|\s*\|$/.test(line));
  assert.deepEqual(bare, []);
});

test('every command explains itself and its options', async () => {
  for (const [name, { summary, load }] of Object.entries(commands)) {
    const { command } = await load();
    assert.match(command.help, new RegExp(`^linchpin ${name}\\b`), name);
    assert.ok(summary.length > 10 && command.help.endsWith('\n'), name);
  }
});
