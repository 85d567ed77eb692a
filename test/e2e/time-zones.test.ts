import assert from 'node:assert/strict';
import test from 'node:test';
import { maintainx } from '#connectors/maintainx/connector';
import { s4hana } from '#connectors/s4hana/connector';
import { s4hanaBench, settings } from '#connectors/s4hana/testing';
import { compileMapping } from '#mapping/apply';
import type { JsonObject } from '#base/json';
import { benchConnection } from '#spi/bench';
import type { AnyRecordDef, Connector } from '#spi/connector';

/** The first and the last place where a day begins, and one with a summer time. */
const zones = ['UTC', 'Pacific/Kiritimati', 'America/Adak', 'Europe/Berlin'] as const;

/** Runs something as on a machine in another zone. */
async function inZone<T>(zone: string, run: () => T | Promise<T>): Promise<T> {
  const before = process.env['TZ'];
  process.env['TZ'] = zone;
  try {
    return await run();
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
}

const hub = { hubId: (kind: string, id: string) => `${kind}:${id}` };
const far = { externalId: (kind: string, id: string) => (id.startsWith(`${kind}:`) ? id.slice(kind.length + 1) : undefined) };

test('the zone of a test can be changed, so that the others mean something', async () => {
  const offsets = new Set<number>();
  for (const zone of zones) offsets.add(await inZone(zone, () => new Date('2026-03-09T12:00:00Z').getTimezoneOffset()));
  assert.ok(offsets.size > 1);
});

for (const [connector, config] of [
  [maintainx, { currency: 'EUR', unitSystem: 'sap' }],
  [s4hana, settings],
] as readonly (readonly [Connector, JsonObject])[])
  for (const def of Object.values(connector.records) as AnyRecordDef[])
    test(`${connector.name}: days and instants of ${def.kind} are the same on a machine in any zone, in both directions`, async () => {
      const mapping = compileMapping(
        { id: def.kind, record: def.kind, rows: def.rows, values: def.values ?? [] },
        { settings: connector.config.parse(config) as JsonObject },
      );
      const both = (): unknown => {
        const { record } = mapping.inward(def.shape.parse(def.example), hub);
        return { record, payload: mapping.outward(record, far).payload };
      };
      const here = await inZone('UTC', both);
      for (const zone of zones) assert.deepEqual(await inZone(zone, both), here, zone);
    });

test('s4hana: a posting has its day, and the day that is read is the one that was written, in any zone', async () => {
  const bench = s4hanaBench();
  for (const zone of zones)
    await inZone(zone, async () => {
      const connection = benchConnection(s4hana as Connector, bench, { system: bench.start(3) });
      const { id } = await connection.write('goodsIssue', 'create', bench.drafts.goodsIssue ?? {}, { once: { key: zone, reference: 'LP00000000000000' } });
      const { PostingDate, createdAt } = (await connection.get('goodsIssue', id)) as { PostingDate: string; createdAt: string };
      assert.deepEqual([PostingDate, createdAt], ['2026-03-09', '2026-03-09T08:00:00.000Z'], zone);
    });
});
