import * as z from 'zod';
import { decodeRows } from '#spi/decode';
import type { Query, Verbs } from '#spi/connector';
import type { Row } from '#spi/odata-codec';
import { listRows } from '#spi/odata-page';
import { entity } from '#spi/odata-type';
import { linesIn, present, textIn } from '#connectors/s4hana/document';
import { reads } from '#connectors/s4hana/row';
import type { Settings } from '#connectors/s4hana/settings';
import type { S4Session } from '#connectors/s4hana/system';

/** Properties of API_PRODUCT_SRV that are read (metadata of the service). */
export const productDescription = entity('A_ProductDescription', { Product: 'key id 40', Language: 'key text 2', ProductDescription: 'text 40' });
export const productUnit = entity('A_ProductUnitsOfMeasure', {
  Product: 'key id 40',
  AlternativeUnit: 'key text 3',
  QuantityNumerator: 'decimal 5.0',
  QuantityDenominator: 'decimal 5.0',
  BaseUnit: 'text 3',
});
export const productValuation = entity('A_ProductValuation', {
  Product: 'key id 40',
  ValuationArea: 'key text 4',
  ValuationType: 'key text 10',
  StandardPrice: 'decimal 12.3',
  MovingAveragePrice: 'decimal 12.3',
  PriceUnitQty: 'decimal 5.0',
  InventoryValuationProcedure: 'text 1',
  Currency: 'text 5',
  BaseUnit: 'text 3',
});
export const product = entity(
  'A_Product',
  {
    Product: 'key id 40',
    ProductType: 'text 4',
    CrossPlantStatus: 'text 2',
    LastChangeDateTime: 'instant read',
    IsMarkedForDeletion: 'boolean',
    ProductGroup: 'text 9',
    BaseUnit: 'text 3',
    ProductStandardID: 'text 18',
  },
  { to_Description: { type: productDescription }, to_ProductUnitsOfMeasure: { type: productUnit }, to_Valuation: { type: productValuation } },
);

const Unit = z.looseObject({ AlternativeUnit: z.string(), QuantityNumerator: z.string(), QuantityDenominator: z.string() });
const Shape = z.looseObject({
  Product: z.string().min(1),
  BaseUnit: z.string().min(1),
  LastChangeDateTime: z.string().optional(),
  description: z.string(),
  active: z.boolean(),
  blocked: z.boolean(),
  units: z.array(Unit),
});
type Native = z.output<typeof Shape>;

/** The text of a language, else the first one. */
export function inLanguage(texts: readonly Row[], language: string): Row | undefined {
  return texts.find((text) => textIn(text, 'Language') === language) ?? texts[0];
}

/** The price that a valuation stands for: standard (S) or moving average (V), per so many base units. */
export function priceOf(valuation: Readonly<Row> | undefined): { readonly amount: string; readonly Currency: string; readonly per: string } | undefined {
  if (valuation === undefined) return undefined;
  const amount = textIn(valuation, textIn(valuation, 'InventoryValuationProcedure') === 'S' ? 'StandardPrice' : 'MovingAveragePrice');
  const currency = textIn(valuation, 'Currency');
  return amount === undefined || currency === undefined ? undefined : { amount, Currency: currency, per: textIn(valuation, 'PriceUnitQty') ?? '1' };
}

function presented(row: Row, settings: Settings): Row {
  const valuations = linesIn(row, 'to_Valuation').filter((one) => textIn(one, 'ValuationType') === undefined);
  const valuation =
    settings.priceValuationArea === undefined
      ? valuations.length === 1
        ? valuations[0]
        : undefined
      : valuations.find((one) => textIn(one, 'ValuationArea') === settings.priceValuationArea);
  const status = textIn(row, 'CrossPlantStatus');
  const base = textIn(row, 'BaseUnit');
  const type = textIn(row, 'ProductType');
  return {
    ...row,
    ...present({ price: priceOf(valuation) }),
    description: textIn(inLanguage(linesIn(row, 'to_Description'), settings.language), 'ProductDescription') ?? textIn(row, 'Product') ?? '',
    active: row['IsMarkedForDeletion'] !== true,
    blocked: status !== undefined && !settings.openStatuses.includes(status),
    ...present({ stocked: type === undefined ? undefined : !settings.nonStockTypes.includes(type) }),
    units: linesIn(row, 'to_ProductUnitsOfMeasure').filter((unit) => textIn(unit, 'AlternativeUnit') !== base),
  };
}

const expand = ['to_Description', 'to_ProductUnitsOfMeasure', 'to_Valuation'];

const verbs = {
  async list(session: S4Session, query: Query) {
    const { rows, ...rest } = await listRows(
      session.api.on('product'),
      { type: product, expand, orderBy: ['Product'], changedAt: 'LastChangeDateTime' },
      query,
    );
    return {
      ...decodeRows(
        Shape,
        rows.map((row) => presented(row, session.config)),
        (row) => textIn(row as Row, 'Product'),
      ),
      ...rest,
    };
  },
  async get(session: S4Session, key: string) {
    return Shape.parse(presented(await session.api.on('product').get(product, { Product: key }, { expand }), session.config));
  },
} satisfies Verbs<S4Session, Native>;

/** Materials, with their texts and units; the price is shown where one valuation area speaks for all. */
export const part = {
  kind: 'part' as const,
  native: 'A_Product',
  shape: Shape,
  key: (record: Native) => record.Product,
  version: (record: Native) => record.LastChangeDateTime,
  changes: 'watermark' as const,
  verbs,
  rows: [
    reads('code', 'Product'),
    reads('name', 'description'),
    reads('active', 'active'),
    reads('blocked', 'blocked'),
    reads('stocked', 'stocked'),
    reads('baseUnit', 'BaseUnit', { via: 'unit(sap)', required: true }),
    reads('alternativeUnits[].unit', 'units[].AlternativeUnit', { via: 'unit(sap)' }),
    reads('alternativeUnits[].numerator', 'units[].QuantityNumerator'),
    reads('alternativeUnits[].denominator', 'units[].QuantityDenominator'),
    reads('group', 'ProductGroup'),
    reads('price', 'price.amount', { via: 'amount(Currency)' }),
    reads('pricePer', 'price.per'),
    reads('barcode', 'ProductStandardID'),
    reads('changedAt', 'LastChangeDateTime', { via: 'instant' }),
  ],
  example: {
    Product: 'BRG-6205-2RS',
    ProductType: 'ERSA',
    BaseUnit: 'PC',
    ProductGroup: 'BEARINGS',
    ProductStandardID: '4012345678901',
    IsMarkedForDeletion: false,
    LastChangeDateTime: '2026-03-01T08:30:00.000Z',
    description: 'Deep groove ball bearing 6205-2RS',
    active: true,
    blocked: false,
    stocked: true,
    units: [{ AlternativeUnit: 'BOX', QuantityNumerator: '12', QuantityDenominator: '1', BaseUnit: 'PC' }],
    price: { amount: '15.75', Currency: 'EUR', per: '1' },
  },
};
