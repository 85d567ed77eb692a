import assert from 'node:assert/strict';
import type { JsonObject } from '#base/json';
import { benchConnection, changesSomething, type Bench, type BenchSystem } from '#spi/bench';
import type { Connector } from '#spi/connector';
import type { Check } from '#spi/contract';
import { definitions, faultOf, onceOf, readAll, type Defined } from '#spi/contract-assert';
import type { Connection } from '#spi/open';
import { NoAnswer, type HttpRequest, type Send } from '#spi/transport';

/** Creating and changing. */
export function writeChecks(connector: Connector, bench: Bench): Check[] {
  return definitions(connector).flatMap((defined) => {
    const draft = bench.drafts[defined.kind];
    const create =
      defined.verbs.create === undefined
        ? []
        : draft === undefined
          ? [absent('create')]
          : [...createChecks(connector, bench, defined, draft), ...createTrouble(connector, bench, defined, draft)];
    const update =
      defined.verbs.update === undefined ? [] : bench.changes[defined.kind] === undefined ? [absent('update')] : updateChecks(connector, bench, defined);
    return [...create, ...update].map(({ name, run }) => ({ name: `${defined.kind}: ${name}`, run }));
  });
}

const absent = (verb: string): Check => ({ name: `${verb} is tried`, run: () => assert.fail(`the bench has nothing to ${verb}`) });

/** A connector whose create needs no lookup first makes one document per key by itself; one of class L does when the lookup comes first, as the engine does it. */
async function createOnce(connection: Connection, { kind, verbs }: Defined, draft: JsonObject, number: number | string): Promise<string> {
  const once = onceOf(number);
  const found = verbs.create?.class === 'L' ? await connection.trace(kind, 'create', once, draft) : undefined;
  return (found ?? (await connection.write(kind, 'create', draft, { once }))).id;
}

function createChecks(connector: Connector, bench: Bench, defined: Defined, draft: JsonObject): Check[] {
  const { kind, verbs } = defined;
  const start = (): { system: BenchSystem; connection: Connection; before: number } => {
    const system = bench.start(3);
    return { system, connection: benchConnection(connector, bench, { system }), before: system.count(kind) };
  };
  const checks: Check[] = [
    {
      name: 'creating makes exactly one record, by one request',
      run: async () => {
        const { system, before } = start();
        let sent = 0;
        await benchConnection(connector, bench, { system, wrap: (send) => (request) => (changesSomething(request) && sent++, send(request)) }).write(
          kind,
          'create',
          draft,
          { once: onceOf(1) },
        );
        assert.equal(system.count(kind), before + 1);
        assert.equal(sent, 1, `${sent} requests were sent that change something`);
      },
    },
    {
      name: 'two operations make two records',
      run: async () => {
        const { system, connection, before } = start();
        const ids = [await createOnce(connection, defined, draft, 1), await createOnce(connection, defined, draft, 2)];
        assert.notEqual(ids[0], ids[1]);
        assert.equal(system.count(kind), before + 2);
      },
    },
    {
      name: 'a rehearsal sends nothing that changes the system',
      run: async () => {
        const { system, before } = start();
        let sent = 0;
        const connection = benchConnection(connector, bench, {
          system,
          rehearsal: true,
          wrap: (send) => (request) => (changesSomething(request) && sent++, send(request)),
        });
        await faultOf('rejected', connection.write(kind, 'create', draft, { once: onceOf(1) }), 'a write in a rehearsal');
        assert.equal(sent, 0);
        assert.equal(system.count(kind), before);
      },
    },
  ];
  if (verbs.create?.class !== 'M')
    checks.push({
      name: 'one operation, tried twice, makes one record',
      run: async () => {
        const { system, connection, before } = start();
        const first = await createOnce(connection, defined, draft, 1);
        assert.equal(await createOnce(connection, defined, draft, 1), first);
        assert.equal(system.count(kind), before + 1);
      },
    });
  if (verbs.create?.class === 'K')
    checks.push({
      name: 'one operation, tried at the same time, makes one record',
      run: async () => {
        const { system, connection, before } = start();
        const receipts = await Promise.all([1, 2, 3].map(() => connection.write(kind, 'create', draft, { once: onceOf(1) })));
        assert.equal(new Set(receipts.map(({ id }) => id)).size, 1);
        assert.equal(system.count(kind), before + 1);
      },
    });
  if (verbs.create?.trace)
    checks.push(
      {
        name: 'a lookup finds its own operation and no other',
        run: async () => {
          const { system, connection } = start();
          assert.equal(await connection.trace(kind, 'create', onceOf('never'), draft), undefined, 'an operation that never ran is found');
          const ids = [];
          for (const number of [1, 2, 3]) {
            ids.push((await connection.write(kind, 'create', draft, { once: onceOf(number) })).id);
            system.clock.advance(1000);
          }
          for (const [index, number] of [1, 2, 3].entries())
            assert.equal((await connection.trace(kind, 'create', onceOf(number), draft))?.id, ids[index], `operation ${number} leads to another record`);
          assert.equal(await connection.trace(kind, 'create', onceOf('other'), draft), undefined, 'an operation that never ran is found');
        },
      },
      {
        name: 'a lookup that fails is a fault, never "not there"',
        run: async () => {
          const { system } = start();
          const connection = benchConnection(connector, bench, { system, wrap: () => async () => ({ status: 500, headers: {}, cookies: [], body: '' }) });
          await faultOf('unreachable', connection.trace(kind, 'create', onceOf(1), draft), 'the lookup');
        },
      },
    );
  return checks;
}

/** What happens to an attempt on its way, and what must then be known of it. */
const troubles: readonly {
  readonly name: string;
  readonly kind: 'uncertain' | 'unreachable';
  readonly happened: boolean;
  readonly play: (send: Send, request: HttpRequest) => Promise<never | Awaited<ReturnType<Send>>>;
}[] = [
  {
    name: 'an answer that is lost',
    kind: 'uncertain',
    happened: true,
    play: async (send, request) => {
      await send(request);
      throw new NoAnswer('reset', { sent: true });
    },
  },
  {
    name: 'an answer that is cut',
    kind: 'uncertain',
    happened: true,
    play: async (send, request) => {
      const answer = await send(request);
      return { ...answer, body: '{"id":' };
    },
  },
  {
    name: 'an error 500 after the work was done',
    kind: 'uncertain',
    happened: true,
    play: async (send, request) => ({ ...(await send(request)), status: 500, body: 'Internal Server Error' }),
  },
  {
    name: 'an error 502 from a proxy',
    kind: 'uncertain',
    happened: false,
    play: async () => ({ status: 502, headers: {}, cookies: [], body: '<html>Bad Gateway</html>' }),
  },
  {
    name: 'a connection that was refused',
    kind: 'unreachable',
    happened: false,
    play: async () => {
      throw new NoAnswer('ECONNREFUSED', { sent: false });
    },
  },
];

function createTrouble(connector: Connector, bench: Bench, defined: Defined, draft: JsonObject): Check[] {
  const { kind, verbs } = defined;
  return troubles.map(({ name, kind: expected, happened, play }) => ({
    name: `create: ${name} is ${expected}, is not sent again by itself, and ends in one record`,
    run: async () => {
      const system = bench.start(3);
      const before = system.count(kind);
      let sent = 0;
      const troubled = benchConnection(connector, bench, {
        system,
        wrap: (send) => async (request) => {
          if (!changesSomething(request)) return send(request);
          sent++;
          return play(send, request);
        },
      });
      const once = onceOf('troubled');
      await faultOf(expected, troubled.write(kind, 'create', draft, { once }), 'the attempt');
      assert.equal(sent, 1, 'the write was sent again without looking');
      assert.equal(system.count(kind), before + (happened ? 1 : 0));
      if (verbs.create?.class === 'M') return;
      await createOnce(benchConnection(connector, bench, { system }), defined, draft, 'troubled');
      assert.equal(system.count(kind), before + 1, 'the second attempt made another record');
    },
  }));
}

function updateChecks(connector: Connector, bench: Bench, { kind, def, verbs }: Defined): Check[] {
  const change = bench.changes[kind];
  const start = async (
    options: Parameters<typeof benchConnection>[2] = { system: bench.start(3) },
  ): Promise<{ system: BenchSystem; connection: Connection; key: string }> => {
    const connection = benchConnection(connector, bench, options);
    const key = change?.key ?? def.key((await readAll(benchConnection(connector, bench, { system: options.system }), kind, { limit: 1 })).records[0]);
    return { system: options.system, connection, key };
  };
  const payload = change?.payload ?? {};
  const checks: Check[] = [
    {
      name: 'a change can be repeated, and makes no record',
      run: async () => {
        const { system, connection, key } = await start();
        const before = system.count(kind);
        for (let i = 0; i < 2; i++) assert.equal((await connection.write(kind, 'update', payload, { once: onceOf(1), key })).id, key);
        assert.equal(system.count(kind), before);
      },
    },
    {
      name: 'a change of a record that nobody has is missing',
      run: async () => {
        const { connection, key } = await start();
        await faultOf('missing', connection.write(kind, 'update', payload, { once: onceOf(1), key: key.replace(/\d/g, '9') }), 'the change');
      },
    },
    {
      name: 'a change in a rehearsal sends nothing that changes the system',
      run: async () => {
        let sent = 0;
        const { connection, key } = await start({
          system: bench.start(3),
          rehearsal: true,
          wrap: (send) => (request) => (changesSomething(request) && sent++, send(request)),
        });
        await faultOf('rejected', connection.write(kind, 'update', payload, { once: onceOf(1), key }), 'the change');
        assert.equal(sent, 0);
      },
    },
    {
      name: 'a change whose answer is lost is uncertain and is not sent again by itself',
      run: async () => {
        const seen: string[] = [];
        const { connection, key } = await start({
          system: bench.start(3),
          wrap: (send) => async (request) => {
            const answer = await send(request);
            if (!changesSomething(request)) return answer;
            seen.push(`${request.method} ${request.url}`);
            throw new NoAnswer('reset', { sent: true });
          },
        });
        await faultOf('uncertain', connection.write(kind, 'update', payload, { once: onceOf(1), key }), 'the change');
        assert.equal(seen.length, 1, seen.join(', '));
      },
    },
  ];
  if (verbs.get)
    checks.push({
      name: 'a change is seen by the next read',
      run: async () => {
        const { connection, key } = await start();
        const before = JSON.stringify(await connection.get(kind, key));
        await connection.write(kind, 'update', payload, { once: onceOf(1), key });
        assert.notEqual(JSON.stringify(await connection.get(kind, key)), before, 'nothing changed');
      },
    });
  if (verbs.get && def.version)
    checks.push({
      name: 'a change of what was changed meanwhile is a conflict, and a change of what was read is not',
      run: async () => {
        const { system, connection, key } = await start();
        await faultOf(
          'conflict',
          connection.write(kind, 'update', payload, { once: onceOf(1), key, seen: 'another-version' }),
          'a change with a stale version',
        );
        system.clock.advance(1000);
        const seen = def.version?.(await connection.get(kind, key));
        assert.ok(seen !== undefined, 'the record has no version');
        await connection.write(kind, 'update', payload, { once: onceOf(2), key, seen });
      },
    });
  return checks;
}
