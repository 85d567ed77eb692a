import assert from 'node:assert/strict';
import { benchConnection, type Bench } from '#spi/bench';
import type { Connector } from '#spi/connector';
import type { Check } from '#spi/contract';
import { definitions, faultOf } from '#spi/contract-assert';

/** How long the declared pace is kept up, in simulated minutes. */
const minutes = 3;

/** The pace that a connector declares is one that the system bears. Time is moved, never waited for. */
export function limitChecks(connector: Connector, bench: Bench): Check[] {
  const { perMinute, parallel } = connector.limits;
  const listed = definitions(connector).find(({ verbs }) => verbs.list)?.kind;
  if (listed === undefined) return [];
  return [
    {
      name: 'limits: the declared pace is never refused, in bursts as large as may run at once',
      run: async () => {
        const system = bench.limited?.(1);
        assert.ok(system, 'the bench has no system with limits');
        let sent = 0;
        const connection = benchConnection(connector, bench, { system, wrap: (send) => (request) => (sent++, send(request)) });
        const end = system.clock.now() + minutes * 60_000;
        while (system.clock.now() < end) {
          const before = sent;
          await Promise.all(Array.from({ length: parallel }, () => connection.list(listed, { limit: 1 })));
          // What a governor does: as many requests as went out are waited for at the declared pace.
          system.clock.advance(Math.ceil(((sent - before) * 60_000) / perMinute));
        }
        assert.ok(sent >= perMinute * (minutes - 1), `${sent} requests in ${minutes} minutes are not the declared pace`);
      },
    },
    {
      name: 'limits: a pace beyond them is throttled, says how long to wait, and goes on after that time',
      run: async () => {
        const system = bench.limited?.(1);
        assert.ok(system, 'the bench has no system with limits');
        const connection = benchConnection(connector, bench, { system });
        const fault = await faultOf(
          'throttled',
          (async () => {
            for (let sent = 0; sent < perMinute * 4; sent++) await connection.list(listed, { limit: 1 });
          })(),
          'four times the declared pace',
        );
        const { retryAfterMs } = fault.detail;
        assert.ok(retryAfterMs !== undefined && retryAfterMs > 0, 'how long to wait is not said');
        system.clock.advance(retryAfterMs);
        await connection.list(listed, { limit: 1 });
      },
    },
  ];
}
