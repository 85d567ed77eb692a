import assert from 'node:assert/strict';
import { holds } from '#mapping/issue';
import { benchConnection, type Bench } from '#spi/bench';
import type { Connector } from '#spi/connector';
import type { Check } from '#spi/contract';
import { definitions, faultOf, readAll, type Defined } from '#spi/contract-assert';
import { inwardContext, mappingOf } from '#spi/contract-definition';
import { permissionChecks } from '#spi/contract-permissions';
import type { Send } from '#spi/transport';

/** Listing and reading. */
export function readChecks(connector: Connector, bench: Bench): Check[] {
  return [
    {
      name: 'a good credential passes the probe and a bad one is unauthorised',
      run: async () => {
        await benchConnection(connector, bench, { system: bench.start(1) }).probe();
        await faultOf('unauthorised', benchConnection(connector, bench, { system: bench.start(1), credential: bench.badCredential }).probe(), 'the probe');
      },
    },
    {
      name: 'a configuration that lacks a required setting is misconfigured and names it',
      run: () => {
        const required = Object.entries((connector.config as { shape: Record<string, { safeParse(value: unknown): { success: boolean } }> }).shape)
          .filter(([, schema]) => !schema.safeParse(undefined).success)
          .map(([name]) => name);
        const without = Object.fromEntries(Object.entries(bench.config).filter(([name]) => !required.includes(name)));
        if (required.length > 0)
          assert.throws(
            () => benchConnection(connector, { ...bench, config: without }, { system: bench.start(0) }),
            (error: Error) => required.some((name) => error.message.includes(name)),
          );
      },
    },
    {
      name: 'the fingerprint of an unchanged system is the same twice',
      run: async () => {
        const connection = benchConnection(connector, bench, { system: bench.start(2) });
        const first = await connection.fingerprint();
        assert.ok(first.lines.length > 0, 'the fingerprint is empty');
        assert.deepEqual(await connection.fingerprint(), first);
      },
    },
    ...permissionChecks(connector, bench),
    ...definitions(connector).flatMap((defined) =>
      [...(defined.verbs.list ? listChecks(connector, bench, defined) : []), ...(defined.verbs.get ? getChecks(connector, bench, defined) : [])].map(
        ({ name, run }) => ({ name: `${defined.kind}: ${name}`, run }),
      ),
    ),
  ];
}

/** The same answer with the first object of its first list emptied; undefined where it has no list of several objects. */
function withoutMembers(body: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  const list = listIn(parsed, 3);
  if (list === undefined) return undefined;
  list[0] = {};
  return JSON.stringify(parsed);
}

function listIn(value: unknown, depth: number): unknown[] | undefined {
  if (Array.isArray(value)) return value.length > 1 && value.every((one) => one !== null && typeof one === 'object') ? (value as unknown[]) : undefined;
  if (value === null || typeof value !== 'object' || depth === 0) return undefined;
  for (const inner of Object.values(value)) {
    const found = listIn(inner, depth - 1);
    if (found) return found;
  }
  return undefined;
}

const pageSizes = [1, 2, 3, 50];

function listChecks(connector: Connector, bench: Bench, { kind, def }: Defined): Check[] {
  const keysOf = (records: readonly unknown[]): string[] => records.map((record) => def.key(record));
  const system = bench.start(1);
  const checks: Check[] = [
    {
      name: 'a list gives every record once, for any page size',
      run: async () => {
        for (const count of [0, 1, 7]) {
          for (const limit of pageSizes) {
            const fresh = bench.start(count);
            const { records, drifted } = await readAll(benchConnection(connector, bench, { system: fresh }), kind, { limit });
            assert.equal(drifted, 0, 'records of the system itself do not decode');
            assert.equal(new Set(keysOf(records)).size, fresh.count(kind), `${count} records, pages of ${limit}: records are lost`);
            assert.equal(records.length, fresh.count(kind), `${count} records, pages of ${limit}: records are repeated`);
          }
        }
        const fresh = bench.start(3);
        const { records } = await readAll(benchConnection(connector, bench, { system: fresh }), kind, { limit: 50, postedFrom: '1970-01-01' });
        assert.equal(records.length, fresh.count(kind), 'a list from a day before everything leaves something out');
      },
    },
    {
      name: 'every listed record maps inward without a holding issue',
      run: async () => {
        const { records } = await readAll(benchConnection(connector, bench, { system: bench.start(3) }), kind, { limit: 50 });
        const mapping = mappingOf(connector, bench, def);
        for (const record of records) {
          const { issues } = mapping.inward(record, inwardContext);
          assert.ok(!holds(issues), issues.map(({ message }) => message).join('; '));
        }
      },
    },
  ];
  checks.push({
    name: 'a record without its members is held by itself, and the others of its page are given',
    run: async () => {
      const fresh = bench.start(3);
      const whole = await readAll(benchConnection(connector, bench, { system: fresh }), kind, { limit: 50 });
      let emptied = 0;
      const wrap =
        (send: Send): Send =>
        async (request) => {
          const answer = await send(request);
          const body = emptied === 0 && request.method === 'GET' ? withoutMembers(answer.body) : undefined;
          if (body === undefined) return answer;
          emptied += 1;
          return { ...answer, body };
        };
      const { records, drifted } = await readAll(benchConnection(connector, bench, { system: fresh, wrap }), kind, { limit: 50 });
      assert.equal(emptied, 1, 'no answer had a list to spoil');
      assert.ok(drifted > 0, 'the record without members is not told');
      assert.ok(records.length >= whole.records.length - drifted, 'others of its page are lost');
    },
  });
  const { touch, add } = system;
  if (touch) {
    // A record that changes may move out of the pages that are still to come: then the next poll gives it.
    checks.push({
      name: 'no record is lost that was there before, while others change between the pages',
      run: async () => {
        for (const limit of [1, 2, 3]) {
          const fresh = bench.start(7);
          const connection = benchConnection(connector, bench, { system: fresh });
          const before = keysOf((await readAll(connection, kind, { limit: 50 })).records);
          const { records, since } = await readAll(connection, kind, { limit }, (page) => {
            fresh.clock.advance(1000);
            if (page < 4) fresh.touch?.(kind, (page * 5) % 7);
          });
          const next = def.changes === 'watermark' && since !== undefined ? (await readAll(connection, kind, { limit: 50, since })).records : [];
          const after = new Set(keysOf([...records, ...next]));
          for (const key of before) assert.ok(after.has(key), `pages of ${limit}: ${key} is lost`);
        }
      },
    });
  }
  if (def.changes === 'watermark') checks.push(...watermarkChecks(connector, bench, { kind, def }, { touch: touch !== undefined, add: add !== undefined }));
  return checks;
}

function watermarkChecks(
  connector: Connector,
  bench: Bench,
  { kind, def }: Pick<Defined, 'kind' | 'def'>,
  can: { readonly touch: boolean; readonly add: boolean },
): Check[] {
  const changed = (name: string, change: 'touch' | 'add'): Check => ({
    name,
    run: async () => {
      const system = bench.start(3);
      const connection = benchConnection(connector, bench, { system });
      system.touch?.(kind, 0);
      const { since } = await readAll(connection, kind, { limit: 2 });
      assert.ok(since !== undefined, 'the last page gives no mark');
      // The clock stands still: this change has the very time of the one before.
      const key = change === 'touch' ? system.touch?.(kind, 1) : system.add?.(kind);
      const { records, since: next } = await readAll(connection, kind, { limit: 2, since });
      assert.ok(
        records.some((record) => def.key(record) === key),
        `${String(key)} is lost`,
      );
      system.clock.advance(3_600_000);
      const later = change === 'touch' ? system.touch?.(kind, 2) : system.add?.(kind);
      const { records: after } = await readAll(connection, kind, { limit: 50, since: next ?? since });
      assert.ok(
        after.some((record) => def.key(record) === later),
        `${String(later)} is lost an hour later`,
      );
    },
  });
  return [
    ...(can.touch ? [changed('a change with the time of the last one seen is not lost', 'touch')] : []),
    ...(can.add ? [changed('a record made at the time of the last one seen is not lost', 'add')] : []),
    {
      name: 'a poll long after the last change gives less than everything',
      run: async () => {
        const system = bench.start(5);
        const connection = benchConnection(connector, bench, { system });
        system.clock.advance(24 * 3_600_000);
        system.touch?.(kind, 0);
        const { since } = await readAll(connection, kind, { limit: 50 });
        assert.ok(since !== undefined, 'the last page gives no mark');
        const { records } = await readAll(connection, kind, { limit: 50, since });
        assert.ok(records.length < system.count(kind) || system.touch === undefined, 'the mark filters nothing');
      },
    },
  ];
}

function getChecks(connector: Connector, bench: Bench, { kind, def, verbs }: Defined): Check[] {
  const checks: Check[] = [
    {
      name: 'a key that nobody has is missing',
      run: async () => {
        const key = /[^\d]/.test(def.key(def.shape.parse(def.example))) ? def.key(def.shape.parse(def.example)).replace(/\d/g, '9') : '999999999';
        await faultOf('missing', benchConnection(connector, bench, { system: bench.start(0) }).get(kind, key), `get ${key}`);
      },
    },
    {
      name: 'a key with path characters reaches no other record',
      run: async () => {
        for (const key of ['../1', '..', '1/../2', '1?x=1', ''])
          await faultOf(['missing', 'rejected'], benchConnection(connector, bench, { system: bench.start(2) }).get(kind, key), `get ${JSON.stringify(key)}`);
      },
    },
  ];
  if (verbs.list)
    checks.push({
      name: 'what a list names can be read, and has the same key and version',
      run: async () => {
        const connection = benchConnection(connector, bench, { system: bench.start(3) });
        const { records } = await readAll(connection, kind, { limit: 50 });
        for (const record of records) {
          const again = await connection.get(kind, def.key(record));
          assert.equal(def.key(again), def.key(record));
          assert.equal(def.version?.(again), def.version?.(record));
        }
      },
    });
  return checks;
}
