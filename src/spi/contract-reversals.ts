import assert from 'node:assert/strict';
import type { JsonObject } from '#base/json';
import { benchConnection, changesSomething, type Bench, type BenchSystem } from '#spi/bench';
import type { Connector } from '#spi/connector';
import type { Check } from '#spi/contract';
import { definitions, faultOf, onceOf, type Defined } from '#spi/contract-assert';
import { inwardContext, mappingOf } from '#spi/contract-definition';
import type { Connection } from '#spi/open';
import { NoAnswer } from '#spi/transport';

/** Taking a document back: by one opposite document, linked to the original, once. */
export function reverseChecks(connector: Connector, bench: Bench): Check[] {
  return definitions(connector).flatMap((defined) => {
    if (defined.verbs.reverse === undefined) return [];
    const draft = bench.drafts[defined.kind];
    const payload = bench.reversals?.[defined.kind];
    const checks: Check[] =
      draft === undefined || payload === undefined
        ? [{ name: 'reverse is tried', run: () => assert.fail('the bench has nothing to take back') }]
        : checksOf(connector, bench, defined, { draft, payload });
    return checks.map(({ name, run }) => ({ name: `${defined.kind}: ${name}`, run }));
  });
}

interface Parts {
  readonly draft: JsonObject;
  readonly payload: (id: string) => JsonObject;
}

function checksOf(connector: Connector, bench: Bench, { kind, def, verbs }: Defined, { draft, payload }: Parts): Check[] {
  const start = async (): Promise<{ system: BenchSystem; connection: Connection; id: string; before: number }> => {
    const system = bench.start(3);
    const connection = benchConnection(connector, bench, { system });
    const { id } = await connection.write(kind, 'create', draft, { once: onceOf('original') });
    return { system, connection, id, before: system.count(kind) };
  };
  /** As the engine does it: what cannot be repeated is looked up first. */
  const takeBack = async (connection: Connection, id: string): Promise<string> => {
    const found = verbs.reverse?.class === 'L' ? await connection.trace(kind, 'reverse', onceOf('back'), payload(id)) : undefined;
    return (found ?? (await connection.write(kind, 'reverse', payload(id), { once: onceOf('back'), key: id }))).id;
  };
  return [
    {
      name: 'taking a document back makes one opposite document, which is found and names the original',
      run: async () => {
        const { system, connection, id, before } = await start();
        if (verbs.reverse?.trace)
          assert.equal(await connection.trace(kind, 'reverse', onceOf('back'), payload(id)), undefined, 'a reversal that never ran is found');
        const back = await takeBack(connection, id);
        assert.notEqual(back, id);
        assert.equal(system.count(kind), before + 1);
        if (verbs.reverse?.trace) assert.equal((await connection.trace(kind, 'reverse', onceOf('back'), payload(id)))?.id, back);
        if (!verbs.get) return;
        const { record } = mappingOf(connector, bench, def).inward(await connection.get(kind, back), inwardContext);
        assert.equal((record as { reverses?: string } | undefined)?.reverses, id, 'the opposite document does not say what it takes back');
      },
    },
    {
      name: 'a reversal, tried twice, takes back once',
      run: async () => {
        const { system, connection, id, before } = await start();
        assert.equal(await takeBack(connection, id), await takeBack(connection, id));
        assert.equal(system.count(kind), before + 1);
      },
    },
    {
      name: 'a document that nobody has cannot be taken back',
      run: async () => {
        const { system, connection, id, before } = await start();
        const nobody = id.replace(/\d/g, '9');
        await faultOf(['missing', 'rejected'], connection.write(kind, 'reverse', payload(nobody), { once: onceOf('back'), key: nobody }), 'the reversal');
        assert.equal(system.count(kind), before);
      },
    },
    {
      name: 'a reversal in a rehearsal sends nothing that changes the system',
      run: async () => {
        const { system, id, before } = await start();
        let sent = 0;
        const rehearsing = benchConnection(connector, bench, {
          system,
          rehearsal: true,
          wrap: (send) => (request) => (changesSomething(request) && sent++, send(request)),
        });
        await faultOf('rejected', rehearsing.write(kind, 'reverse', payload(id), { once: onceOf('back'), key: id }), 'the reversal');
        assert.equal(sent, 0);
        assert.equal(system.count(kind), before);
      },
    },
    {
      name: 'a reversal whose answer is lost is uncertain, is not sent again by itself, and ends in one opposite document',
      run: async () => {
        const { system, connection, id, before } = await start();
        let sent = 0;
        const losing = benchConnection(connector, bench, {
          system,
          wrap: (send) => async (request) => {
            const answer = await send(request);
            if (!changesSomething(request)) return answer;
            sent++;
            throw new NoAnswer('reset', { sent: true });
          },
        });
        await faultOf('uncertain', losing.write(kind, 'reverse', payload(id), { once: onceOf('back'), key: id }), 'the reversal');
        assert.equal(sent, 1, 'the reversal was sent again without looking');
        if (verbs.reverse?.class === 'M') return;
        await takeBack(connection, id);
        assert.equal(system.count(kind), before + 1);
      },
    },
  ];
}
