import assert from 'node:assert/strict';
import test from 'node:test';
import { check } from './check.ts';
import { forgeries, honest } from './forged.ts';

test('R-06 an honest history has no finding', () => assert.deepEqual(check(honest), []));

for (const { title, clause, forge } of forgeries)
  test(`R-06 the checker rejects a forged history, clause ${clause}: ${title}`, () => {
    const clauses = check(forge(honest)).map((finding) => finding.clause);
    assert.ok(clauses.includes(clause), `found: ${clauses.join(', ') || 'nothing'}`);
  });
