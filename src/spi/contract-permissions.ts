import assert from 'node:assert/strict';
import { Fault } from '#base/fault';
import { benchConnection, type Bench } from '#spi/bench';
import type { Connector } from '#spi/connector';
import type { Check } from '#spi/contract';
import { definitions, onceOf, readAll } from '#spi/contract-assert';
import type { Connection } from '#spi/open';

/** The published list of permissions is enough for everything that the connector does, and nothing on it is too much (S-10). */
export function permissionChecks(connector: Connector, bench: Bench): Check[] {
  const names = connector.permissions.map(({ name }) => name);
  if (bench.start(0).restrict === undefined)
    return [
      {
        name: 'permissions: the declared ones are enough',
        run: () => assert.fail('the bench cannot restrict a credential, so that the list of permissions is not shown to be enough'),
      },
    ];
  return [
    {
      name: 'permissions: the declared ones are enough',
      run: async () => {
        for (const call of callsOf(connector, bench)) {
          const refused = await outcome(connector, bench, names, call);
          assert.equal(refused, undefined, `${call.name}: ${refused?.message ?? ''}`);
        }
      },
    },
    ...names.map((name) => ({
      name: `permissions: without "${name}" something is refused`,
      run: async () => {
        const left = names.filter((one) => one !== name);
        for (const call of callsOf(connector, bench)) {
          const refused = await outcome(connector, bench, left, call);
          if (refused === undefined) continue;
          assert.ok(
            refused instanceof Fault && (refused.kind === 'forbidden' || refused.kind === 'unauthorised'),
            `${call.name} ended with ${String(refused)}`,
          );
          return;
        }
        assert.fail('everything still works: the permission is not needed');
      },
    })),
  ];
}

interface Call {
  readonly name: string;
  run(connection: Connection): Promise<unknown>;
}

/** The probe, the fingerprint, and every verb that a bench has something for. */
function callsOf(connector: Connector, bench: Bench): Call[] {
  const calls: Call[] = [
    { name: 'probe', run: (connection) => connection.probe() },
    ...(connector.webhooks === undefined
      ? []
      : [
          {
            name: 'subscribe',
            run: (connection: Connection) => connection.subscribe(Object.keys(connector.webhooks?.types ?? {})[0] ?? '', 'https://hub.example/hooks'),
          },
        ]),
  ];
  for (const { kind, def, verbs } of definitions(connector)) {
    const { list, get, create, update } = verbs;
    if (list)
      calls.push({
        name: `${kind}.list`,
        async run(connection) {
          const { records } = await readAll(connection, kind, { limit: 50 });
          if (get && records[0] !== undefined) await connection.get(kind, def.key(records[0]));
        },
      });
    const draft = bench.drafts[kind];
    if (create && draft !== undefined)
      calls.push({
        name: `${kind}.create`,
        async run(connection) {
          const once = onceOf('permitted');
          if (create.trace) await connection.trace(kind, 'create', once, draft);
          await connection.write(kind, 'create', draft, { once });
        },
      });
    const change = bench.changes[kind];
    if (update && change && (list || change.key !== undefined))
      calls.push({
        name: `${kind}.update`,
        async run(connection) {
          const key = change.key ?? def.key((await readAll(connection, kind, { limit: 1 })).records[0]);
          await connection.write(kind, 'update', change.payload, { once: onceOf('permitted'), key });
        },
      });
  }
  return calls;
}

/** How a call ends on a fresh system whose credential has only some permissions. */
async function outcome(connector: Connector, bench: Bench, permissions: readonly string[], call: Call): Promise<Error | undefined> {
  const system = bench.start(3);
  system.restrict?.(permissions);
  try {
    await call.run(benchConnection(connector, bench, { system }));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
