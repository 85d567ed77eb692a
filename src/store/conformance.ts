import { test } from 'node:test';
import { bookCases } from '#store/conformance-books';
import { identityCases } from '#store/conformance-identity';
import { laneCases } from '#store/conformance-lanes';
import type { Case } from '#store/conformance-rows';
import type { Store } from '#store/port';

/** Everything a store must do. Memory, SQLite and PostgreSQL run all of it; there are no exceptions. */
export const cases: readonly Case[] = [...laneCases, ...bookCases, ...identityCases];

/** Runs the suite; `open` answers an empty store each time, `skip` is the reason why there is none. */
export function conformance(name: string, open: () => Promise<Store>, skip: string | false = false): void {
  for (const [sentence, run] of cases) {
    test(`${name}: ${sentence}`, { skip }, async () => {
      const store = await open();
      try {
        await run(store);
      } finally {
        await store.close();
      }
    });
  }
}
