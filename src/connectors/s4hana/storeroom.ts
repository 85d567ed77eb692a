import * as z from 'zod';
import { Fault } from '#base/fault';
import type { Page, Query, Verbs } from '#spi/connector';
import type { Condition } from '#spi/odata-query';
import { splitStoreroom } from '#connectors/s4hana/account';
import { textIn } from '#connectors/s4hana/document';
import { reads } from '#connectors/s4hana/row';
import { productStorageLocation } from '#connectors/s4hana/stock';
import type { S4Session } from '#connectors/s4hana/system';

const Shape = z.looseObject({ code: z.string(), Plant: z.string(), StorageLocation: z.string() });
type Native = z.output<typeof Shape>;

async function first(session: S4Session, filter: readonly Condition[]): Promise<Native | undefined> {
  const { rows } = await session.api.on('product').list(productStorageLocation, { filter, orderBy: ['Plant', 'StorageLocation', 'Product'], top: 1 });
  const Plant = textIn(rows[0], 'Plant');
  const StorageLocation = textIn(rows[0], 'StorageLocation');
  if (rows[0] === undefined) return undefined;
  // Taken for the end of the list, such a row would hide every storeroom after it.
  if (Plant === undefined || StorageLocation === undefined)
    throw new Fault('drifted', 'A_ProductStorageLocation answered a row without Plant or StorageLocation');
  return { code: `${Plant}/${StorageLocation}`, Plant, StorageLocation };
}

/** The storeroom after another one: no released service lists storage locations, so the next one in which a material is kept is asked for. */
async function next(session: S4Session, after: string | undefined): Promise<Native | undefined> {
  if (after === undefined) return first(session, []);
  const { plant, location } = splitStoreroom(after);
  return (
    (await first(session, [
      ['Plant', 'eq', plant],
      ['StorageLocation', 'gt', location],
    ])) ?? first(session, [['Plant', 'gt', plant]])
  );
}

const verbs = {
  async list(session: S4Session, { limit, cursor }: Query): Promise<Page<Native>> {
    const records: Native[] = [];
    let last = cursor;
    while (records.length < limit) {
      const found = await next(session, last);
      if (found === undefined) return { records, since: 'sweep' };
      records.push(found);
      last = found.code;
    }
    return last === undefined ? { records, since: 'sweep' } : { records, cursor: last };
  },
  async get(session: S4Session, key: string): Promise<Native> {
    const [plant = '', location = ''] = key.split('/');
    const found = await first(session, [
      ['Plant', 'eq', plant],
      ['StorageLocation', 'eq', location],
    ]);
    if (found === undefined || found.code !== key) throw new Fault('missing', `no material is kept in storeroom ${JSON.stringify(key.slice(0, 40))}`);
    return found;
  },
} satisfies Verbs<S4Session, Native>;

/** Storage locations in which at least one material is kept. */
export const storeroom = {
  kind: 'storeroom' as const,
  native: 'Plant and StorageLocation of A_ProductStorageLocation',
  shape: Shape,
  key: (record: Native) => record.code,
  changes: 'sweep' as const,
  verbs,
  rows: [
    reads('code', 'code'),
    reads('name', 'code', { note: 'SAP offers the text of a storage location in no released service.' }),
    reads('site', 'Plant', { reference: 'site' }),
  ],
  example: { code: '2100/21A1', Plant: '2100', StorageLocation: '21A1' },
};
