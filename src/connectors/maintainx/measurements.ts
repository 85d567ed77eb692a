import * as z from 'zod';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import type { Once, Receipt } from '#spi/connector';
import { decode } from '#spi/decode';
import { Id, instant } from './native.ts';
import { readRecords } from './paging.ts';
import type { MaintainxRecord, MaintainxSession } from './settings.ts';
import { quietly, readOne, type Kind } from './writing.ts';

const kind: Kind = { path: '/meters', one: 'meter', many: 'meters' };
const Reading = z.looseObject({ value: z.number(), readingDate: instant, createdAt: instant });
const Meter = z.looseObject({
  id: Id,
  name: z.string(),
  unit: z.string(),
  measurementType: z.string(),
  assetId: Id.nullish(),
  asset: z.looseObject({ id: Id }).nullish(),
  lastReading: Reading.nullish(),
  at: instant,
});

/** When the last reading was taken, or arrived where it has no time of its own. */
function withTime(row: unknown): unknown {
  const meter = Meter.safeParse(row);
  const at = meter.success ? (meter.data.lastReading?.readingDate ?? meter.data.lastReading?.createdAt) : undefined;
  return at === undefined || at === null || row === null || typeof row !== 'object' ? row : { ...row, at };
}

const Draft = z.looseObject({ id: Id, lastReading: z.looseObject({ value: z.number() }), at: z.string() });

async function create(session: MaintainxSession, draft: JsonObject): Promise<Receipt> {
  const { id, lastReading, at } = decode(Draft, draft, 'the reading to write');
  const answer = await session.api.post('/meterreadings', [{ meterId: id, value: lastReading.value, readingDate: at }], quietly);
  decode(z.array(z.looseObject({ meterId: z.number() })).length(1), answer, 'POST /meterreadings');
  return { id: `${id}@${at}` };
}

/** Only the last reading of a meter can be seen: it is ours, or older than ours, or it hides the answer. */
async function trace(session: MaintainxSession, _once: Once, draft: JsonObject): Promise<Receipt | undefined> {
  const { id, lastReading, at } = decode(Draft, draft, 'the reading to look up');
  const meter = decode(Meter, withTime(await readOne(session, kind, String(id), ['last_reading'])), `meter ${id}`);
  const last = meter.at === undefined || meter.at === null ? -Infinity : Date.parse(meter.at);
  if (last < Date.parse(at)) return undefined;
  if (last === Date.parse(at) && meter.lastReading?.value === lastReading.value) return { id: `${id}@${at}` };
  throw new Fault('uncertain', `meter ${id} has a later reading than ${at}, and MaintainX lists no earlier ones`);
}

/** The last reading of each meter. There is no call that lists past readings. */
export const measurement = (record: MaintainxRecord) =>
  record({
    kind: 'measurement',
    native: 'Meter',
    shape: Meter,
    key: (row) => String(row.id),
    version: (row) => row.at ?? undefined,
    changes: 'sweep',
    rows: [
      { ours: 'point', theirs: 'id', via: 'text', direction: 'both', owner: 'maintenance', required: true },
      { ours: 'asset', theirs: 'asset.id', via: 'text', reference: 'asset', direction: 'in', owner: 'maintenance' },
      { ours: 'value', theirs: 'lastReading.value', via: 'number', direction: 'both', owner: 'maintenance', required: true },
      { ours: 'unit.code', theirs: 'unit', direction: 'in', owner: 'maintenance' },
      { ours: 'unit.system', theirs: '', via: "constant('maintainx')", direction: 'in', owner: 'maintenance', note: 'Free text of the meter.' },
      { ours: 'at', theirs: 'at', via: 'instant', direction: 'both', owner: 'maintenance', required: true },
    ],
    example: {
      id: 610,
      name: 'Running hours P-101',
      unit: 'h',
      measurementType: 'AUTOMATED_SENSOR',
      asset: { id: 41001, name: 'Pump P-101' },
      lastReading: { id: 'r1', meterId: 610, value: 1042.5, readingDate: '2026-02-03T10:00:00.000Z', createdAt: '2026-02-03T10:00:01.000Z' },
      at: '2026-02-03T10:00:00.000Z',
    },
    verbs: {
      list: (session, query) =>
        readRecords(session, query, { ...kind, member: 'meters', expand: ['asset', 'last_reading'], watermark: false, shape: Meter, prepare: withTime }),
      get: async (session, key) => decode(Meter, withTime(await readOne(session, kind, key, ['asset', 'last_reading'])), `meter ${key}`),
      create: {
        class: 'L',
        how: 'The last reading of the meter is compared by time and value. Where a later reading hides it, the lookup cannot tell and a person decides.',
        run: (session, draft) => create(session, draft),
        trace,
      },
    },
  });
