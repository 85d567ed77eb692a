import assert from 'node:assert/strict';
import { benchConnection, type Bench } from '#spi/bench';
import type { Connector } from '#spi/connector';
import type { Check } from '#spi/contract';
import type { IncomingHook } from '#spi/webhook';

const secret = 'whsec-contract-0123456789';

/** Webhooks are believed only when they are signed, whole and fresh. */
export function webhookChecks(connector: Connector, bench: Bench): Check[] {
  const { webhooks } = connector;
  const example = bench.start(1);
  if (!webhooks || !example.hook) return webhooks ? [{ name: 'webhooks: the bench can make a call', run: () => assert.fail('the bench has no hook') }] : [];
  const types = Object.keys(webhooks.types);
  const refused = (name: string, alter: (hook: IncomingHook) => IncomingHook, laterMs = 0): Check => ({
    name: `webhooks: ${name} is refused`,
    run: () => {
      for (const type of types) {
        const system = bench.start(1);
        const hook = system.hook?.(type, secret);
        assert.ok(hook, `the bench makes no ${type}`);
        system.clock.advance(Math.max(0, laterMs));
        const connection = benchConnection(connector, bench, { system });
        assert.throws(() => connection.verifyHook(alter(hook), secret), { name: 'Fault', kind: 'unauthorised' }, type);
      }
    },
  });
  const without = (hook: IncomingHook, pattern: RegExp): IncomingHook => ({
    ...hook,
    headers: Object.fromEntries(Object.entries(hook.headers).filter(([name]) => !pattern.test(name))),
  });
  return [
    {
      name: 'webhooks: a signed call of every type is accepted, also four minutes later, and names its record',
      run: () => {
        for (const type of types) {
          const system = bench.start(1);
          const hook = system.hook?.(type, secret);
          assert.ok(hook, `the bench makes no ${type}`);
          system.clock.advance(4 * 60_000);
          const connection = benchConnection(connector, bench, { system });
          connection.verifyHook(hook, secret);
          const notices = connection.notices(hook);
          assert.ok(notices.length > 0, `${type} says nothing`);
          for (const { key, at, urgency } of notices) assert.ok(key !== '' && Number.isFinite(at) && [0, 1, 2].includes(urgency));
          assert.ok(
            notices.every(({ kind }) => kind === webhooks.types[type]),
            `${type} speaks of another record`,
          );
        }
      },
    },
    refused('a call without a signature', (hook) => without(hook, /signature/)),
    refused('a changed body', (hook) => ({ ...hook, body: hook.body.replace(/\d/, (digit) => String((Number(digit) + 1) % 10)) })),
    refused('a body written anew with other spaces', (hook) => ({ ...hook, body: `${hook.body} ` })),
    refused('a signature of another secret', (hook) => ({ ...hook, headers: bench.start(1).hook?.(hook.type, 'another-secret-0123456789')?.headers ?? {} })),
    refused('a call that is six minutes old', (hook) => hook, 6 * 60_000),
    refused('a changed time in the signature', (hook) => ({
      ...hook,
      headers: Object.fromEntries(Object.entries(hook.headers).map(([name, value]) => [name, value.replace(/t=\d+/, 't=1')])),
    })),
    {
      name: 'webhooks: an empty secret believes nothing',
      run: () => {
        const system = bench.start(1);
        const hook = system.hook?.(types[0] ?? '', '');
        if (hook) assert.throws(() => benchConnection(connector, bench, { system }).verifyHook(hook, ''), { kind: 'unauthorised' });
      },
    },
    {
      name: 'webhooks: an unknown type, no JSON, another form are drifted',
      run: () => {
        const connection = benchConnection(connector, bench, { system: bench.start(1) });
        const hook = example.hook?.(types[0] ?? '', secret);
        assert.ok(hook);
        assert.throws(() => connection.notices({ ...hook, type: 'constructor', url: hook.url.replace(/[^/]+$/, 'constructor') }), { kind: 'drifted' });
        for (const body of ['', '{', '[]', '{}', 'null', '42']) assert.throws(() => connection.notices({ ...hook, body }), { kind: 'drifted' }, body);
      },
    },
  ];
}
