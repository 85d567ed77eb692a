import assert from 'node:assert/strict';
import test from 'node:test';
import * as z from 'zod';
import { Fault } from '#base/fault';
import type { Bench } from '#spi/bench';
import type { AnyRecordDef, Connector } from '#spi/connector';
import type { AnyVerbs } from '#spi/contract-assert';
import { contract, runContract } from '#spi/contract';
import { depot, depotBench } from '#spi/depot.fixture';
import type { Wire } from '#spi/transport';

contract(depot, depotBench);

let attempts = 0;

/** The depot connector with the verbs of one record, or other parts, replaced. */
function spoilt(record: 'item' | 'issue', change: (verbs: AnyVerbs) => Partial<AnyVerbs>, more: Partial<AnyRecordDef> = {}): Connector {
  const def = depot.records[record] as AnyRecordDef;
  return {
    ...depot,
    records: { ...depot.records, [record]: { ...def, ...more, verbs: { ...(def.verbs as object), ...change(def.verbs as AnyVerbs) } } },
  } as Connector;
}
/** The depot connector over another wire. */
const rewired = (change: (wire: Wire<{ address: string }>) => Wire<{ address: string }>): Connector =>
  ({ ...depot, transport: { ...depot.transport, open: (wire: Wire<{ address: string }>) => depot.transport.open(change(wire)) } }) as Connector;
const withRows = (record: 'item' | 'issue', change: (rows: AnyRecordDef['rows']) => AnyRecordDef['rows']): Connector =>
  spoilt(record, () => ({}), { rows: change(depot.records[record].rows) });
const must = <T>(value: T | undefined): T => {
  assert.ok(value !== undefined);
  return value;
};

/** A defect, planted, and the check that must find it. */
const defects: readonly { readonly defect: string; readonly found: RegExp; readonly connector: Connector; readonly bench?: Bench }[] = [
  {
    defect: 'skips the last page',
    found: /every record once/,
    connector: spoilt('item', ({ list }) => ({
      list: async (session, query) => {
        const page = await must(list)(session, query);
        const { cursor: _cursor, ...end } = page;
        return query.cursor !== undefined || page.cursor === undefined ? page : end;
      },
    })),
  },
  {
    defect: 'repeats the first record of each page',
    found: /every record once/,
    connector: spoilt('item', ({ list }) => ({
      list: async (session, query) => {
        const page = await must(list)(session, query);
        return { ...page, records: page.records.slice(0, 1).concat(page.records).slice(0, query.limit) };
      },
    })),
  },
  {
    defect: 'gives longer pages than asked for',
    found: /every record once/,
    connector: spoilt('item', ({ list }) => ({ list: (session, query) => must(list)(session, { ...query, limit: query.limit + 1 }) })),
  },
  {
    defect: 'never ends a list',
    found: /every record once/,
    connector: spoilt('item', ({ list }) => ({ list: async (session, query) => ({ cursor: '0', ...(await must(list)(session, query)) }) })),
  },
  {
    defect: 'loses a record at the time of the last one seen',
    found: /time of the last one seen/,
    connector: spoilt('item', ({ list }) => ({
      list: async (session, query) => {
        const page = await must(list)(session, query);
        return { ...page, ...(page.since === undefined ? {} : { since: new Date(Date.parse(page.since) + 1).toISOString() }) };
      },
    })),
  },
  {
    defect: 'ignores the mark and reads everything',
    found: /less than everything/,
    connector: spoilt('item', ({ list }) => ({ list: (session, { since: _since, ...query }) => must(list)(session, query) })),
  },
  {
    defect: 'gives no mark',
    found: /time of the last one seen/,
    connector: spoilt('item', ({ list }) => ({
      list: async (session, query) => {
        const { since: _since, ...page } = await must(list)(session, query);
        return page;
      },
    })),
  },
  {
    defect: 'swallows 404',
    found: /nobody has is missing/,
    connector: spoilt('item', ({ get }) => ({
      get: async (session, key) => {
        try {
          return await must(get)(session, key);
        } catch {
          return depot.records.item.example;
        }
      },
    })),
  },
  {
    defect: 'builds paths from raw keys',
    found: /path characters/,
    connector: spoilt(
      'item',
      () =>
        ({
          get: async (session: { api: { call: (method: 'GET', path: string) => Promise<{ body: unknown }> } }, key: string) =>
            (await session.api.call('GET', `/items/${new URL(`https://x.example/items/${key}`).pathname.split('/').pop() ?? ''}`)).body,
        }) as never,
    ),
  },
  {
    defect: 'retries a write blindly',
    found: /lost is uncertain/,
    connector: rewired((wire) => ({
      ...wire,
      send: async (request) => {
        try {
          return await wire.send(request);
        } catch {
          return wire.send(request);
        }
      },
    })),
  },
  {
    defect: 'treats 500 after a write as not done',
    found: /500 is uncertain/,
    connector: rewired((wire) => ({
      ...wire,
      send: async (request) => {
        const answer = await wire.send(request);
        return answer.status >= 500 ? { ...answer, status: 422 } : answer;
      },
    })),
  },
  {
    defect: 'takes a cut answer to a write for a success',
    found: /cut is uncertain/,
    connector: rewired((wire) => ({
      ...wire,
      send: async (request) => {
        const answer = await wire.send(request);
        return request.method === 'POST' && answer.body === '{"id":' ? { ...answer, body: JSON.stringify(depot.records.item.example) } : answer;
      },
    })),
  },
  {
    defect: 'makes a document anew for each attempt',
    found: /tried twice|same time/,
    connector: spoilt('item', ({ create }) => ({
      create: {
        ...must(create),
        run: (session, draft, target) => must(create).run(session, draft, { ...target, once: { ...target.once, key: `${target.once.key}/${attempts++}` } }),
      },
    })),
  },
  {
    defect: 'finds the wrong document',
    found: /its own operation/,
    connector: spoilt('issue', ({ create, list }) => ({
      create: {
        ...must(create),
        trace: async (session) => {
          const { records } = await must(list)(session, { limit: 50 });
          const row = records.at(-1) as { id: number } | undefined;
          return row && { id: String(row.id) };
        },
      },
    })),
  },
  {
    defect: 'forgets to write the reference',
    found: /its own operation|ends in one record/,
    connector: spoilt('issue', ({ create }) => ({
      create: {
        ...must(create),
        run: (session, draft, target) => must(create).run(session, draft, { ...target, once: { ...target.once, reference: 'LPXXXXXXXXXXXXXX' } }),
      },
    })),
  },
  {
    defect: 'takes a failed lookup for "not there"',
    found: /never "not there"/,
    connector: spoilt('issue', ({ create }) => ({
      create: { ...must(create), trace: (session, once, draft) => must(must(create).trace)(session, once, draft).catch(() => undefined) },
    })),
  },
  {
    defect: 'ignores the version',
    found: /conflict/,
    connector: spoilt('item', ({ update }) => ({
      update: { ...must(update), run: (session, draft, { seen: _seen, ...target }) => must(update).run(session, draft, target) },
    })),
  },
  {
    defect: 'writes nothing and says it did',
    found: /next read/,
    connector: spoilt('item', ({ update }) => ({ update: { ...must(update), run: async (_session, _draft, { key = '' }) => ({ id: key }) } })),
  },
  { defect: 'writes in a rehearsal', found: /rehearsal/, connector: rewired((wire) => ({ ...wire, rehearsal: false })) },
  {
    defect: 'hides the secret in an error where no one takes it out',
    found: /no secret/,
    connector: spoilt('item', ({ list }) => ({
      list: async (session, query) => {
        try {
          return await must(list)(session, query);
        } catch (error) {
          throw new Fault(error instanceof Fault ? error.kind : 'drifted', Buffer.from('canary-7f3a91c2d4').toString('base64'));
        }
      },
    })),
  },
  {
    defect: 'goes on after the connection is closed',
    found: /100 ms/,
    connector: rewired((wire) => ({
      ...wire,
      signal: new AbortController().signal,
      send: ({ signal: _signal, ...request }) =>
        Promise.race([wire.send(request), new Promise<never>((_resolve, reject) => setTimeout(() => reject(new Fault('unreachable', 'late')), 150))]),
    })),
  },
  {
    defect: 'follows redirects',
    found: /redirect/,
    connector: rewired((wire) => ({
      ...wire,
      send: async (request) => {
        const answer = await wire.send(request);
        return answer.status === 302 ? { ...answer, status: 200, body: '{"rows":[]}' } : answer;
      },
    })),
  },
  {
    defect: 'takes a sign-in page for an empty list',
    found: /no JSON/,
    connector: spoilt('item', ({ list }) => ({
      list: (session, query) =>
        must(list)(session, query).catch((error: unknown) => {
          if (error instanceof Fault && error.kind === 'drifted') return { records: [], since: '2026-03-01T08:00:00.000Z' };
          throw error;
        }),
    })),
  },
  {
    defect: 'keeps money as a float',
    found: /binary float|holding issue/,
    connector: withRows('item', (rows) =>
      rows.map((row) =>
        row.ours === 'price' ? { ...row, theirs: '', via: undefined as never, expression: "{'minor': 12.5, 'currency': 'EUR'}", direction: 'in' } : row,
      ),
    ),
  },
  {
    defect: 'maps a member that is not there',
    found: /mapped path exists/,
    connector: withRows('item', (rows) => rows.map((row) => (row.ours === 'name' ? { ...row, theirs: 'titel' } : row))),
  },
  {
    defect: 'loses digits on the way back',
    found: /comes back exactly/,
    connector: withRows('item', (rows) => rows.map((row) => (row.ours === 'code' ? { ...row, via: 'trimZeros | lower' } : row))),
  },
  {
    defect: 'drops members that it does not know',
    found: /nobody knows are kept/,
    connector: spoilt('item', () => ({}), { shape: (depot.records.item.shape as unknown as { strip(): AnyRecordDef['shape'] }).strip() }),
  },
  {
    defect: 'has a value map with one word for two',
    found: /one to one/,
    connector: spoilt('item', () => ({}), {
      values: [
        {
          name: 'state',
          pairs: [
            { ours: 'a', theirs: 'X' },
            { ours: 'b', theirs: 'X' },
          ],
        },
      ],
    }),
  },
  {
    defect: 'believes webhooks that are old',
    found: /six minutes old/,
    connector: {
      ...depot,
      webhooks: {
        ...must(depot.webhooks),
        verify: (hook, secret) => must(depot.webhooks).verify(hook, secret, Number(/t=(\d+)/.exec(hook.headers['x-signature'] ?? '')?.[1] ?? 0) * 1000),
      },
    } as Connector,
  },
  {
    defect: 'believes any webhook',
    found: /without a signature/,
    connector: { ...depot, webhooks: { ...must(depot.webhooks), verify: () => {} } } as Connector,
  },
  {
    defect: 'loses a page for one record',
    found: /held by itself/,
    connector: spoilt('item', ({ list }) => ({
      list: async (session, query) => {
        const page = await must(list)(session, query);
        if ((page.drifted?.length ?? 0) > 0) throw new Fault('drifted', 'a row cannot be read');
        return page;
      },
    })),
  },
  {
    defect: 'drops a record that it cannot read without a word',
    found: /held by itself/,
    connector: spoilt('item', ({ list }) => ({
      list: async (session, query) => {
        const { drifted: _drifted, ...page } = await must(list)(session, query);
        return page;
      },
    })),
  },
  {
    defect: 'declares a pace that the system does not bear',
    found: /declared pace is never refused/,
    connector: { ...depot, limits: { ...depot.limits, perMinute: 900 } } as Connector,
  },
  {
    defect: 'does not say how long to wait',
    found: /throttled, says how long|429 is throttled/,
    connector: rewired((wire) => ({
      ...wire,
      send: async (request) => {
        const answer = await wire.send(request);
        return answer.status === 429 ? { ...answer, status: 400 } : answer;
      },
    })),
  },
  {
    defect: 'takes back without saying what',
    found: /names the original/,
    connector: spoilt('issue', ({ reverse, create }) => ({
      reverse: {
        ...must(reverse),
        run: (session, _draft, target) => must(create).run(session, { day: '2026-03-02', sku: 'S-1', store: 'ST01', qty: '-1', unit: 'C62' }, target),
      },
    })),
  },
  {
    defect: 'takes back twice',
    found: /takes back once|ends in one opposite/,
    connector: spoilt('issue', ({ reverse }) => ({ reverse: { ...must(reverse), trace: async () => undefined } })),
  },
  {
    defect: 'takes back what is not there',
    found: /nobody has cannot be taken back/,
    connector: spoilt('issue', ({ reverse, create }) => ({
      reverse: {
        ...must(reverse),
        run: (session, draft, target) =>
          must(reverse)
            .run(session, draft, target)
            .catch(() => must(create).run(session, { day: '2026-03-02', sku: 'S-1', store: 'ST01', qty: '-1', unit: 'C62' }, target)),
      },
    })),
  },
  {
    defect: 'takes back in a rehearsal',
    found: /reversal in a rehearsal/,
    connector: rewired((wire) => ({ ...wire, rehearsal: false })),
  },
  {
    defect: 'sends a reversal again without looking',
    found: /reversal whose answer is lost/,
    connector: rewired((wire) => ({
      ...wire,
      send: async (request) => {
        try {
          return await wire.send(request);
        } catch {
          return wire.send(request);
        }
      },
    })),
  },
  {
    defect: 'keeps quiet about a permission that it needs',
    found: /permissions: the declared ones are enough/,
    connector: { ...depot, permissions: depot.permissions.slice(1) } as Connector,
  },
  {
    defect: 'asks for a permission that it does not need',
    found: /without "administrator" something is refused/,
    connector: { ...depot, permissions: [...depot.permissions, { name: 'administrator', why: 'To be on the safe side.' }] } as Connector,
  },
  { defect: 'has a setting without a title', found: /has a title/, connector: { ...depot, config: z.object({ address: z.url() }) } as unknown as Connector },
  {
    defect: 'does not say how repetition is recognised',
    found: /documentation page/,
    connector: spoilt('item', ({ create }) => ({ create: { ...must(create), how: 'By its key.' } })),
  },
  { defect: 'states no limits', found: /limits and sources are stated/, connector: { ...depot, limits: { ...depot.limits, page: 0 } } as Connector },
  { defect: 'has an example that does not decode', found: /example decodes/, connector: spoilt('item', () => ({}), { example: { id: 'seven' } }) },
  { defect: 'takes anything for a record', found: /without its required members is refused/, connector: spoilt('item', () => ({}), { shape: z.unknown() }) },
  {
    defect: 'takes any credential for a good one',
    found: /bad one is unauthorised/,
    connector: rewired((wire) => ({
      ...wire,
      send: async (request) => {
        const answer = await wire.send(request);
        return answer.status === 401 ? { ...answer, status: 200, body: '{"version":"1","rows":[]}' } : answer;
      },
    })),
  },
  {
    defect: 'invents a setting that is missing',
    found: /lacks a required setting/,
    connector: {
      ...depot,
      config: new Proxy(depot.config, {
        get: (config, name) =>
          name === 'safeParse' ? () => ({ success: true, data: { address: 'https://depot.example' } }) : (Reflect.get(config, name) as unknown),
      }),
    } as Connector,
  },
  {
    defect: 'has a fingerprint that changes by itself',
    found: /fingerprint of an unchanged system/,
    connector: { ...depot, fingerprint: async () => [`read: ${attempts++}`] } as Connector,
  },
  {
    defect: 'writes a new record in two steps',
    found: /exactly one record, by one request/,
    connector: spoilt('item', ({ create, update }) => ({
      create: {
        ...must(create),
        run: async (session, draft, target) => {
          const receipt = await must(create).run(session, draft, target);
          await must(update).run(session, draft, { ...target, key: receipt.id });
          return receipt;
        },
      },
    })),
  },
  {
    defect: 'takes a system that is away for an empty one',
    found: /reading: no answer is unreachable/,
    connector: rewired((wire) => ({
      ...wire,
      send: (request) =>
        wire.send(request).catch((error: unknown) => {
          if (request.method === 'GET') return { status: 200, headers: {}, cookies: [], body: '{"rows":[]}' };
          throw error;
        }),
    })),
  },
  {
    defect: 'takes every refusal for a trouble that passes',
    found: /create: 400 is rejected/,
    connector: rewired((wire) => ({
      ...wire,
      send: async (request) => {
        const answer = await wire.send(request);
        return answer.status >= 400 && answer.status < 429 ? { ...answer, status: 503 } : answer;
      },
    })),
  },
  {
    defect: 'takes every refusal for a wrong credential',
    found: /reading: 404 is missing/,
    connector: rewired((wire) => ({
      ...wire,
      send: async (request) => {
        const answer = await wire.send(request);
        return answer.status >= 400 && answer.status !== 401 ? { ...answer, status: 401 } : answer;
      },
    })),
  },
  {
    defect: 'refuses webhooks that are a little late',
    found: /also four minutes later/,
    connector: {
      ...depot,
      webhooks: { ...must(depot.webhooks), verify: (hook, secret, nowMs) => must(depot.webhooks).verify(hook, secret, nowMs + 200_000) },
    } as Connector,
  },
  {
    defect: 'takes a webhook of any type',
    found: /unknown type, no JSON/,
    connector: { ...depot, webhooks: { ...must(depot.webhooks), notices: () => [{ kind: 'part', key: '1', urgency: 0, at: 0 }] } } as Connector,
  },
  {
    defect: 'is class L without a lookup',
    found: /defined once/,
    connector: spoilt('issue', ({ create }) => ({ create: { class: 'L', how: must(create).how, run: must(create).run } })),
  },
];

/** Checks that found a defect, without the record kind that they were run for. */
const caught = new Set<string>();
const withoutKind = (name: string): string => name.replace(/^(part|goodsIssue): /, '').replace(/^permissions: without .*/, 'permissions: without');

for (const { defect, found, connector, bench } of defects) {
  test(`the suite fails a connector that ${defect}`, async () => {
    const failed = (await runContract(connector, bench ?? depotBench)).filter(({ passed }) => !passed);
    for (const { name } of failed) caught.add(withoutKind(name));
    assert.ok(
      failed.some(({ name }) => found.test(name)),
      `not found; failed: ${failed.map(({ name, error }) => `${name} (${String(error).slice(0, 90)})`).join(' | ') || 'nothing'}`,
    );
  });
}

test('every check of the suite bites: some planted defect fails it', async () => {
  const names = new Set((await runContract(depot, depotBench)).map(({ name }) => withoutKind(name)));
  assert.deepEqual(
    [...names].filter((name) => !caught.has(name)),
    [],
  );
});

test('a waived check is not run and shows its reason', async () => {
  const name = 'part: a key that nobody has is missing';
  const results = await runContract(depot, { ...depotBench, waivers: { [name]: 'the system answers for every key' } });
  assert.deepEqual(
    results.find((result) => result.name === name),
    { name, passed: true, waived: 'the system answers for every key' },
  );
});
