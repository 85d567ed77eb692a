import * as z from 'zod';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import { decodeRows } from '#spi/decode';
import type { Query, Verbs, WriteTarget } from '#spi/connector';
import type { Row } from '#spi/odata-codec';
import { listRows } from '#spi/odata-page';
import { valuesPerCondition } from '#spi/odata-query';
import { entity, type EntityType } from '#spi/odata-type';
import { splitAsset } from '#connectors/s4hana/account';
import { entityIn, needed, onceOf, present, receiptOf, textIn } from '#connectors/s4hana/document';
import { finance, reads } from '#connectors/s4hana/row';
import type { Settings } from '#connectors/s4hana/settings';
import type { S4Session } from '#connectors/s4hana/system';

/** The asset master as CE_FIXEDASSET_0001 shows it, and the parameters of its action (SAP's description of the service; the lengths of ids are verified, the rest is checked at the connection). */
export const fixedAssets = entity('FixedAsset', {
  CompanyCode: 'key text 4',
  MasterFixedAsset: 'key id 12',
  FixedAsset: 'key id 4',
  AssetClass: 'text 8',
  FixedAssetDescription: 'text 50',
  AssetAdditionalDescription: 'text 50',
  AssetSerialNumber: 'text 18',
  CostCenter: 'id 10',
  AssetCapitalizationDate: 'day',
  AssetDeactivationDate: 'day',
});
const timeBased = entity('_TimeBasedValuation', { ValidityStartDate: 'day', PlannedUsefulLifeInYears: 'digits 3' });
const valuation = entity('_Valuation', { AssetDepreciationArea: 'text 2', DepreciationStartDate: 'day' }, { _TimeBasedValuation: { type: timeBased } });
const ledger = entity('_Ledger', { Ledger: 'text 2', AssetCapitalizationDate: 'day' }, { _Valuation: { type: valuation } });
const general = entity('_General', { FixedAssetDescription: 'text 50', AssetAdditionalDescription: 'text 50', AssetSerialNumber: 'text 18' });
const assignment = entity('_AccountAssignment', { CostCenter: 'id 10', Plant: 'text 4' });
const createMaster = entity(
  'CreateMasterFixedAsset',
  { CompanyCode: 'text 4', AssetClass: 'text 8' },
  { _General: { type: general, one: true }, _AccountAssignment: { type: assignment, one: true }, _Ledger: { type: ledger } },
);

const Shape = z.looseObject({
  code: z.string(),
  CompanyCode: z.string(),
  MasterFixedAsset: z.string(),
  FixedAsset: z.string(),
  FixedAssetDescription: z.string(),
  active: z.boolean(),
});
type Native = z.output<typeof Shape>;

/** The customer's own service of asset values with its names of the fields. */
function valuesType(settings: NonNullable<Settings['assetValues']>): EntityType {
  const kinds = {
    CompanyCode: 'key text 4',
    MasterFixedAsset: 'key id 12',
    FixedAsset: 'key id 4',
    AssetDepreciationArea: 'key text 2',
    FiscalYear: 'key digits 4',
    FiscalPeriod: 'key digits 3',
    AcquisitionValue: 'decimal 23.3',
    AccumulatedDepreciation: 'decimal 23.3',
    NetBookValue: 'decimal 23.3',
    Currency: 'text 5',
  };
  return entity(
    settings.entity,
    Object.fromEntries(
      Object.entries(kinds).map(([name, kind]) => [settings.fields[name] ?? name, settings.fields[name] === undefined ? kind : `${kind} as ${name}`]),
    ),
  );
}

/** The latest values of each asset in the depreciation area of the settings; empty where the customer has built no such service. */
async function latestValues(session: S4Session, masters: readonly string[]): Promise<ReadonlyMap<string, Row>> {
  const { assetValues, fixedAsset } = session.config;
  const latest = new Map<string, Row>();
  if (assetValues === undefined || fixedAsset === undefined) return latest;
  const client = session.api.custom({ name: assetValues.entity, root: assetValues.root, version: assetValues.version });
  const type = valuesType(assetValues);
  for (let at = 0; at < masters.length; at += valuesPerCondition) {
    const rows = await client.all(
      type,
      {
        filter: [
          ['MasterFixedAsset', 'eq', masters.slice(at, at + valuesPerCondition)],
          ['AssetDepreciationArea', 'eq', fixedAsset.depreciationArea],
        ],
      },
      50_000,
    );
    for (const row of rows) {
      const before = latest.get(assetCode(row));
      if (before === undefined || periodOf(before) <= periodOf(row)) latest.set(assetCode(row), row);
    }
  }
  return latest;
}

/** `2100/300417/0`. */
export const assetCode = (row: Readonly<Row>): string =>
  `${textIn(row, 'CompanyCode') ?? ''}/${textIn(row, 'MasterFixedAsset') ?? ''}/${textIn(row, 'FixedAsset') ?? '0'}`;
const periodOf = (row: Readonly<Row>): string => `${textIn(row, 'FiscalYear') ?? '0000'}-${(textIn(row, 'FiscalPeriod') ?? '0').padStart(3, '0')}`;

/** The last day of a fiscal period, where periods are months; special periods belong to the last month. */
function endOf(row: Readonly<Row>): string {
  const month = Math.min(12, Math.max(1, Number(textIn(row, 'FiscalPeriod') ?? '12')));
  return new Date(Date.UTC(Number(textIn(row, 'FiscalYear') ?? '1970'), month, 0)).toISOString().slice(0, 10);
}

async function presented(session: S4Session, rows: readonly Row[]): Promise<Row[]> {
  const values = await latestValues(session, [...new Set(rows.flatMap((row) => textIn(row, 'MasterFixedAsset') ?? []))]);
  return rows.map((row) => {
    const value = values.get(assetCode(row));
    return {
      ...row,
      FixedAssetDescription: textIn(row, 'FixedAssetDescription') ?? assetCode(row),
      code: assetCode(row),
      active: textIn(row, 'AssetDeactivationDate') === undefined,
      ...(value === undefined ? {} : { values: { ...value, asOf: endOf(value) } }),
    };
  });
}

/** The master of `2100/300417/0`, or `missing`. */
export async function getAsset(session: S4Session, key: string): Promise<Row> {
  const [companyCode, master, sub, more] = key.split('/');
  if (!companyCode || !master || !sub || more !== undefined)
    throw new Fault('missing', `no fixed asset has the number ${JSON.stringify(key.slice(0, 40))}; 2100/300417/0 is the form`);
  return session.api.on('fixedAsset').get(fixedAssets, { CompanyCode: companyCode, MasterFixedAsset: master, FixedAsset: sub });
}

async function create(session: S4Session, draft: JsonObject, { once }: WriteTarget) {
  const { fixedAsset } = session.config;
  if (fixedAsset === undefined)
    throw new Fault('misconfigured', 'fixedAsset is not in the settings of the connection, so ledger and depreciation area are unknown');
  const day = textIn(draft, 'AssetCapitalizationDate');
  const years = textIn(draft, 'usefulLifeYears');
  if (years !== undefined && day === undefined)
    throw new Fault('rejected', 'the useful life has no day of capitalisation to begin at', { fields: { AssetCapitalizationDate: 'a value is required' } });
  const row: Row = {
    CompanyCode: needed(draft, 'CompanyCode', 'the fixed asset'),
    AssetClass: needed(draft, 'AssetClass', 'the fixed asset'),
    _General: {
      FixedAssetDescription: needed(draft, 'FixedAssetDescription', 'the fixed asset'),
      AssetAdditionalDescription: once.reference,
      ...present({ AssetSerialNumber: textIn(draft, 'AssetSerialNumber') }),
    },
    _AccountAssignment: { CostCenter: needed(draft, 'CostCenter', 'the fixed asset') },
    ...(day === undefined
      ? {}
      : {
          _Ledger: [
            {
              Ledger: fixedAsset.ledger,
              AssetCapitalizationDate: day,
              ...(years === undefined
                ? {}
                : {
                    _Valuation: [
                      {
                        AssetDepreciationArea: fixedAsset.depreciationArea,
                        DepreciationStartDate: day,
                        _TimeBasedValuation: [{ ValidityStartDate: day, PlannedUsefulLifeInYears: years }],
                      },
                    ],
                  }),
            },
          ],
        }),
  };
  const written = await session.api
    .on('fixedAsset')
    .act({ type: fixedAssets }, 'CreateMasterFixedAsset', { takes: createMaster, row }, fixedAssets, onceOf(session, once));
  const made = entityIn(written, 'the fixed asset');
  needed(made, 'MasterFixedAsset', 'the answer to the creation');
  return receiptOf(assetCode(made), written, { number: assetCode(made) });
}

const verbs = {
  async list(session: S4Session, query: Query) {
    const { rows, ...rest } = await listRows(
      session.api.on('fixedAsset'),
      { type: fixedAssets, orderBy: ['CompanyCode', 'MasterFixedAsset', 'FixedAsset'] },
      query,
    );
    return { ...decodeRows(Shape, await presented(session, rows), (row) => textIn(row as Row, 'code')), ...rest };
  },
  get: async (session: S4Session, key: string) => Shape.parse((await presented(session, [await getAsset(session, key)]))[0]),
  create: {
    class: 'L',
    how: 'AssetAdditionalDescription holds the 16 characters of the operation, and the masters of the company code are searched by it before any repetition. Whether a release lets this property be filtered is not published: where it does not, the search is refused and a person decides.',
    run: create,
    async trace(session, once, draft) {
      const companyCode = textIn(draft, 'CompanyCode');
      const rows = await session.api.on('fixedAsset').all(
        fixedAssets,
        {
          filter: [...(companyCode === undefined ? [] : [['CompanyCode', 'eq', companyCode] as const]), ['AssetAdditionalDescription', 'eq', once.reference]],
        },
        50,
      );
      return rows[0] === undefined ? undefined : receiptOf(assetCode(rows[0]), { warnings: [], repeatable: false }, { number: assetCode(rows[0]) });
    },
  },
} satisfies Verbs<S4Session, Native>;

/** Asset masters with the values of the customer's own service. */
export const fixedAsset = {
  kind: 'fixedAsset' as const,
  native: 'FixedAsset',
  shape: Shape,
  key: (record: Native) => record.code,
  changes: 'sweep' as const,
  verbs,
  rows: [
    reads('code', 'code'),
    finance('name', 'FixedAssetDescription', { via: 'truncate(50)', required: true }),
    reads('active', 'active'),
    finance('companyCode', 'CompanyCode', { required: true }),
    finance('assetClass', 'AssetClass', { required: true }),
    finance('costCentre', 'CostCenter', { reference: 'costCentre', required: true }),
    finance('serialNumber', 'AssetSerialNumber'),
    finance('capitalisedOn', 'AssetCapitalizationDate'),
    finance('usefulLifeYears', 'usefulLifeYears'),
    reads('acquisitionValue', 'values.AcquisitionValue', { via: 'amount(Currency)' }),
    reads('accumulatedDepreciation', 'values.AccumulatedDepreciation', { via: 'amount(Currency)' }),
    reads('bookValue', 'values.NetBookValue', { via: 'amount(Currency)' }),
    reads('valueAsOf', 'values.asOf'),
    reads('retiredOn', 'AssetDeactivationDate'),
    reads('reference', 'AssetAdditionalDescription'),
  ],
  example: {
    code: '2100/300417/0',
    CompanyCode: '2100',
    MasterFixedAsset: '300417',
    FixedAsset: '0',
    AssetClass: '3100',
    FixedAssetDescription: 'Centrifugal pump P-204',
    AssetAdditionalDescription: 'LP-A-000913',
    AssetSerialNumber: 'KX-77-0193',
    CostCenter: '21004310',
    AssetCapitalizationDate: '2026-03-02',
    AssetDeactivationDate: '2031-06-30',
    usefulLifeYears: '10',
    active: true,
    values: { AcquisitionValue: '18500', AccumulatedDepreciation: '154.17', NetBookValue: '18345.83', Currency: 'EUR', asOf: '2026-03-31' },
  },
};

/** Moves a fixed asset to another cost centre, if it is not there yet. */
export async function assignAsset(session: S4Session, code: string, costCentre: string): Promise<boolean> {
  const { companyCode, master, sub } = splitAsset(code);
  const client = session.api.on('fixedAsset');
  const key = { CompanyCode: companyCode, MasterFixedAsset: master, FixedAsset: sub };
  const now = await client.get(fixedAssets, key);
  if (textIn(now, 'CostCenter') === costCentre) return false;
  const etag = now['@etag'];
  await client.update(fixedAssets, key, { CostCenter: costCentre }, typeof etag === 'string' ? { seen: etag } : {});
  return true;
}
