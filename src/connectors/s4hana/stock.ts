import * as z from 'zod';
import { sum } from '#base/decimal';
import { Fault } from '#base/fault';
import { decodeRows } from '#spi/decode';
import type { Query, Verbs } from '#spi/connector';
import type { Row } from '#spi/odata-codec';
import { listRows } from '#spi/odata-page';
import { valuesPerCondition } from '#spi/odata-query';
import { entity, type EntityType } from '#spi/odata-type';
import type { ODataClient } from '#spi/odata';
import { present, textIn } from '#connectors/s4hana/document';
import { priceOf, productValuation } from '#connectors/s4hana/product';
import { reads } from '#connectors/s4hana/row';
import type { Settings } from '#connectors/s4hana/settings';
import type { S4Session } from '#connectors/s4hana/system';

/** Properties that are read of API_PRODUCT_SRV and API_MATERIAL_STOCK_SRV (metadata of the services). */
export const productStorageLocation = entity('A_ProductStorageLocation', {
  Product: 'key id 40',
  Plant: 'key text 4',
  StorageLocation: 'key text 4',
  WarehouseStorageBin: 'text 10',
  IsMarkedForDeletion: 'boolean',
});
export const supplyPlanning = entity('A_ProductSupplyPlanning', {
  Product: 'key id 40',
  Plant: 'key text 4',
  MRPType: 'text 2',
  ReorderThresholdQuantity: 'decimal 13.3',
  SafetyStockQuantity: 'decimal 13.3',
  MaximumStockQuantity: 'decimal 13.3',
  FixedLotSizeQuantity: 'decimal 13.3',
  MinimumLotSizeQuantity: 'decimal 13.3',
  BaseUnit: 'text 3',
  DfltStorageLocationExtProcmt: 'text 4',
});
export const stock = entity('A_MatlStkInAcctMod', {
  Material: 'key id 40',
  Plant: 'key text 4',
  StorageLocation: 'key text 4',
  Batch: 'key text 10',
  Supplier: 'key id 10',
  Customer: 'key id 10',
  WBSElementInternalID: 'key text 8',
  SDDocument: 'key id 10',
  SDDocumentItem: 'key digits 6',
  InventorySpecialStockType: 'key text 1',
  InventoryStockType: 'key text 2',
  MaterialBaseUnit: 'text 3',
  MatlWrhsStkQtyInMatlBaseUnit: 'decimal 31.14',
});

const unrestricted = '01';

const Shape = z.looseObject({
  key: z.string(),
  Material: z.string(),
  Plant: z.string(),
  StorageLocation: z.string(),
  storeroom: z.string(),
  onHand: z.string(),
  MaterialBaseUnit: z.string().min(1),
  replenishedBySystem: z.boolean(),
});
type Native = z.output<typeof Shape>;

interface Place {
  readonly material: string;
  readonly plant: string;
  readonly location: string;
}
const keyOf = ({ material, plant, location }: Place): string => `${material}@${plant}/${location}`;

/** What is read of several services for the materials of one page. */
interface Books {
  readonly quantities: ReadonlyMap<string, readonly Row[]>;
  readonly planning: ReadonlyMap<string, Row>;
  readonly valuations: ReadonlyMap<string, Row>;
}

async function read(session: S4Session, materials: readonly string[], plants: readonly string[]): Promise<Books> {
  const products = session.api.on('product');
  const inChunks = (client: ODataClient, type: EntityType, name: string, filter: Parameters<ODataClient['all']>[1]['filter'] = []) =>
    Promise.all(chunks(materials).map((some) => client.all(type, { filter: [[name, 'eq', some], ...filter] }, 50_000))).then((lists) => lists.flat());
  const [quantities, planning, valuations] = await Promise.all([
    inChunks(session.api.on('stock'), stock, 'Material', [
      ['InventoryStockType', 'eq', unrestricted],
      ['InventorySpecialStockType', 'eq', ''],
      ['Plant', 'eq', plants],
    ]),
    inChunks(products, supplyPlanning, 'Product', [['Plant', 'eq', plants]]),
    inChunks(products, productValuation, 'Product', [
      ['ValuationType', 'eq', ''],
      ['ValuationArea', 'eq', plants],
    ]),
  ]);
  const byPlace = new Map<string, Row[]>();
  for (const row of quantities) {
    const key = keyOf({ material: textIn(row, 'Material') ?? '', plant: textIn(row, 'Plant') ?? '', location: textIn(row, 'StorageLocation') ?? '' });
    byPlace.set(key, [...(byPlace.get(key) ?? []), row]);
  }
  const byPlant = (rows: readonly Row[], area: string): Map<string, Row> =>
    new Map(rows.map((row) => [`${textIn(row, 'Product') ?? ''}@${textIn(row, area) ?? ''}`, row]));
  return { quantities: byPlace, planning: byPlant(planning, 'Plant'), valuations: byPlant(valuations, 'ValuationArea') };
}

function chunks(values: readonly string[]): readonly (readonly string[])[] {
  const list: (readonly string[])[] = [];
  for (let at = 0; at < values.length; at += valuesPerCondition) list.push(values.slice(at, at + valuesPerCondition));
  return list;
}

/** One level of stock: quantities of all batches, planning of the plant, price of the valuation area. */
function level(place: Place, books: Books, settings: Settings): Row {
  const rows = books.quantities.get(keyOf(place)) ?? [];
  const planning = books.planning.get(`${place.material}@${place.plant}`);
  const valuation = books.valuations.get(`${place.material}@${place.plant}`);
  const main = textIn(planning, 'DfltStorageLocationExtProcmt');
  // SAP plans for the plant as a whole: its reorder point is that of the storage location which procurement fills, where one is named.
  const planned = main === undefined || main === place.location ? planning : undefined;
  const lot = textIn(planned, 'FixedLotSizeQuantity');
  return present({
    key: keyOf(place),
    Material: place.material,
    Plant: place.plant,
    StorageLocation: place.location,
    storeroom: `${place.plant}/${place.location}`,
    onHand: sum(rows.map((row) => textIn(row, 'MatlWrhsStkQtyInMatlBaseUnit') ?? '0')),
    MaterialBaseUnit: textIn(rows[0], 'MaterialBaseUnit') ?? textIn(planning, 'BaseUnit') ?? textIn(valuation, 'BaseUnit'),
    MRPType: textIn(planning, 'MRPType'),
    replenishedBySystem: settings.reorderTypes.includes(textIn(planned, 'MRPType') ?? ''),
    ReorderThresholdQuantity: positive(textIn(planned, 'ReorderThresholdQuantity')),
    SafetyStockQuantity: positive(textIn(planned, 'SafetyStockQuantity')),
    MaximumStockQuantity: positive(textIn(planned, 'MaximumStockQuantity')),
    lotSize: positive(lot) ?? positive(textIn(planned, 'MinimumLotSizeQuantity')),
    price: priceOf(valuation),
  });
}

/** SAP shows zero where nothing is planned. */
const positive = (text: string | undefined): string | undefined => (text === undefined || text === '0' ? undefined : text);

async function levels(session: S4Session, places: readonly Place[]): Promise<Row[]> {
  if (places.length === 0) return [];
  const books = await read(
    session,
    [...new Set(places.map(({ material }) => material))],
    [...new Set(places.map(({ plant }) => plant))].slice(0, valuesPerCondition),
  );
  return places.map((place) => level(place, books, session.config));
}

const placeIn = (row: Row): Place => ({
  material: textIn(row, 'Product') ?? '',
  plant: textIn(row, 'Plant') ?? '',
  location: textIn(row, 'StorageLocation') ?? '',
});

const verbs = {
  async list(session: S4Session, query: Query) {
    const { rows, ...rest } = await listRows(
      session.api.on('product'),
      { type: productStorageLocation, orderBy: ['Product', 'Plant', 'StorageLocation'] },
      query,
    );
    return { ...decodeRows(Shape, await levels(session, rows.map(placeIn)), (row) => textIn(row as Row, 'key')), ...rest };
  },
  async get(session: S4Session, key: string) {
    const found = /^(.{1,40})@([^/@]{1,4})\/([^/@]{1,4})$/.exec(key);
    if (!found?.[1] || !found[2] || !found[3])
      throw new Fault('missing', `no stock level has the key ${JSON.stringify(key.slice(0, 60))}; BRG-6205@2100/21A1 is the form`);
    const place = placeIn(await session.api.on('product').get(productStorageLocation, { Product: found[1], Plant: found[2], StorageLocation: found[3] }));
    return Shape.parse((await levels(session, [place]))[0]);
  },
} satisfies Verbs<S4Session, Native>;

/** Unrestricted stock of a material in a storage location. SAP keeps no time of change, so that everything is read and compared. */
export const stockLevel = {
  kind: 'stockLevel' as const,
  native: 'A_ProductStorageLocation with A_MatlStkInAcctMod, A_ProductSupplyPlanning, A_ProductValuation',
  shape: Shape,
  key: (record: Native) => record.key,
  changes: 'sweep' as const,
  verbs,
  rows: [
    reads('part', 'Material', { reference: 'part', required: true }),
    reads('storeroom', 'storeroom', { reference: 'storeroom', required: true }),
    reads('site', 'Plant', { reference: 'site' }),
    reads('onHand.value', 'onHand', { required: true }),
    reads('onHand.unit', 'MaterialBaseUnit', { via: 'unit(sap)', required: true }),
    reads('reorderPoint', 'ReorderThresholdQuantity'),
    reads('maximum', 'MaximumStockQuantity'),
    reads('safetyStock', 'SafetyStockQuantity'),
    reads('lotSize', 'lotSize'),
    reads('replenishedBySystem', 'replenishedBySystem'),
    reads('valuationPrice', 'price.amount', { via: 'amount(Currency)' }),
    reads('pricePer', 'price.per'),
  ],
  example: {
    key: 'BRG-6205-2RS@2100/21A1',
    Material: 'BRG-6205-2RS',
    Plant: '2100',
    StorageLocation: '21A1',
    storeroom: '2100/21A1',
    onHand: '12',
    MaterialBaseUnit: 'PC',
    MRPType: 'VB',
    replenishedBySystem: true,
    ReorderThresholdQuantity: '4',
    SafetyStockQuantity: '2',
    MaximumStockQuantity: '20',
    lotSize: '10',
    price: { amount: '15.75', Currency: 'EUR', per: '1' },
  },
};
