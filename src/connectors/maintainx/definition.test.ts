import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { definitionChecks } from '#spi/contract-definition';
import type { Bench } from '#spi/bench';
import { documentation } from '#spi/docs';
import { maintainx } from './connector.ts';

const bench: Bench = {
  config: { currency: 'EUR', unitSystem: 'sap' },
  credential: { token: 't' },
  badCredential: { token: 'canary-token' },
  start: () => {
    throw new Error('no system is needed');
  },
  drafts: {},
  changes: {},
};
for (const { name, run } of definitionChecks(maintainx, bench)) test(`maintainx: ${name}`, () => run());

const page = new URL('../../../docs/connectors/maintainx.md', import.meta.url);
test('docs/connectors/maintainx.md says what the connector does (write it anew with UPDATE_DOCS=1)', () => {
  const text = documentation(maintainx);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, text);
  assert.equal(existsSync(page) ? readFileSync(page, 'utf8') : '', text);
});
