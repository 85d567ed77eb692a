import { Fault } from '#base/fault';
import type { Row } from '#spi/odata-codec';
import { textIn } from '#connectors/s4hana/document';
import type { Settings } from '#connectors/s4hana/settings';

/** Who pays, in numbers of SAP: the connector's own member `account` beside SAP's. */
export interface Account {
  readonly costCentre?: string;
  readonly order?: string;
  /** `companyCode/master/sub`. */
  readonly fixedAsset?: string;
  readonly glAccount?: string;
}

/** SAP's category of account assignment, with the movement types that consume for it and give back. */
export const categories = {
  order: { category: 'F', issue: '261', back: '262' },
  fixedAsset: { category: 'A', issue: '241', back: '242' },
  costCentre: { category: 'K', issue: '201', back: '202' },
} as const;
export type Payer = keyof typeof categories;

const payers = ['order', 'fixedAsset', 'costCentre'] as const;

/** Which of order, asset and cost centre pays. More than one is refused; none is undefined. */
export function payerOf(account: Account | undefined): Payer | undefined {
  const named = payers.filter((payer) => account?.[payer] !== undefined);
  if (named.length > 1)
    throw new Fault('rejected', `the account assignment names ${named.join(' and ')}; exactly one of them pays`, {
      fields: { account: 'names more than one payer' },
    });
  return named[0];
}

/** `account` of a draft or of one of its lines. */
export function accountIn(row: Readonly<Row> | undefined): Account | undefined {
  const value = row?.['account'];
  return value !== null && typeof value === 'object' ? (value as Account) : undefined;
}

/** Company code, master number and sub-number of `2100/300417/0`. Throws `rejected`. */
export function splitAsset(text: string): { readonly companyCode: string; readonly master: string; readonly sub: string } {
  const [companyCode, master, sub, ...more] = text.split('/');
  if (!companyCode || !master || sub === undefined || sub === '' || more.length > 0)
    throw new Fault('rejected', `${JSON.stringify(text.slice(0, 40))} is no fixed asset; 2100/300417/0 is the form`, {
      fields: { fixedAsset: 'is not company code/master/sub' },
    });
  return { companyCode, master, sub };
}

/** `2100/300417/0`; undefined where the row names no asset. */
export function assetIn(row: Readonly<Row>, companyCode: string | undefined): string | undefined {
  const master = textIn(row, 'MasterFixedAsset');
  return master === undefined || companyCode === undefined ? undefined : `${companyCode}/${master}/${textIn(row, 'FixedAsset') ?? '0'}`;
}

/** Plant and storage location of `2100/21A1`. Throws `rejected`. */
export function splitStoreroom(text: string): { readonly plant: string; readonly location: string } {
  const [plant, location, ...more] = text.split('/');
  if (!plant || !location || more.length > 0)
    throw new Fault('rejected', `${JSON.stringify(text.slice(0, 40))} is no storeroom; 2100/21A1 is the form`, {
      fields: { storeroom: 'is not plant/storage location' },
    });
  return { plant, location };
}

/** `2100/21A1`; undefined where a row names no storage location. */
export function storeroomIn(row: Readonly<Row>): string | undefined {
  const plant = textIn(row, 'Plant');
  const location = textIn(row, 'StorageLocation');
  return plant === undefined || location === undefined ? undefined : `${plant}/${location}`;
}

/** Plant and storage location of a line that names a storeroom, a plant, or both. A contradiction is refused. */
export function placeOf(line: Readonly<Row>): { readonly Plant?: string; readonly StorageLocation?: string } {
  const plant = textIn(line, 'Plant');
  const storeroom = textIn(line, 'storeroom');
  if (storeroom === undefined) return plant === undefined ? {} : { Plant: plant };
  const place = splitStoreroom(storeroom);
  if (plant !== undefined && plant !== place.plant)
    throw new Fault('rejected', `the storeroom ${storeroom} is not in plant ${plant}`, { fields: { storeroom: `is not in plant ${plant}` } });
  return { Plant: place.plant, StorageLocation: place.location };
}

/** Settings of a plant, or a `misconfigured` fault that says where to add them. */
export function plantSettings(settings: Settings, plant: string | undefined): Settings['plants'][string] {
  const found = plant !== undefined && Object.hasOwn(settings.plants, plant) ? settings.plants[plant] : undefined;
  if (!found)
    throw new Fault(
      'misconfigured',
      plant === undefined
        ? 'the line names no plant, so company code and purchasing group are unknown'
        : `plants.${plant} is not in the settings of the connection, so company code and purchasing group are unknown`,
    );
  return found;
}
