import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { documentation } from '#spi/docs';
import { s4hana } from '#connectors/s4hana/connector';

const page = new URL('../../../docs/connectors/s4hana.md', import.meta.url);

test('docs/connectors/s4hana.md says what the connector does (write it anew with UPDATE_DOCS=1)', () => {
  const text = documentation(s4hana);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, text);
  assert.equal(existsSync(page) ? readFileSync(page, 'utf8') : '', text);
});
