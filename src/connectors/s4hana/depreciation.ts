import * as z from 'zod';
import { Fault } from '#base/fault';
import { decodeRows } from '#spi/decode';
import type { Query, Verbs } from '#spi/connector';
import type { Row } from '#spi/odata-codec';
import { listRows } from '#spi/odata-page';
import { valuesPerCondition } from '#spi/odata-query';
import { entity, type EntityType } from '#spi/odata-type';
import { present, textIn } from '#connectors/s4hana/document';
import { assetCode, fixedAssets, getAsset } from '#connectors/s4hana/fixed-asset';
import { reads } from '#connectors/s4hana/row';
import type { Settings } from '#connectors/s4hana/settings';
import type { S4Session } from '#connectors/s4hana/system';

const Period = z.looseObject({ period: z.string(), PlannedDepreciation: z.string(), Currency: z.string() });
const Shape = z.looseObject({ code: z.string(), rows: z.array(Period) });
type Native = z.output<typeof Shape>;

/** Most rows that are read for one page of assets: periods of their whole lives. */
const mostRows = 200_000;

type Service = NonNullable<Settings['assetDepreciation']>;

function built({ config: { assetDepreciation, fixedAsset } }: S4Session): { readonly service: Service; readonly area: string } {
  if (assetDepreciation === undefined)
    throw new Fault(
      'misconfigured',
      "assetDepreciation is not in the settings of the connection: SAP releases no service with depreciation by period, so the customer's own has to be named",
    );
  if (fixedAsset === undefined) throw new Fault('misconfigured', 'fixedAsset is not in the settings of the connection, so the depreciation area is unknown');
  return { service: assetDepreciation, area: fixedAsset.depreciationArea };
}

/** The customer's own service with its names of the fields. */
function typeOf({ entity: set, fields }: Service): EntityType {
  const kinds = {
    CompanyCode: 'key text 4',
    MasterFixedAsset: 'key id 12',
    FixedAsset: 'key id 4',
    AssetDepreciationArea: 'key text 2',
    FiscalYear: 'key digits 4',
    FiscalPeriod: 'key digits 3',
    PlannedDepreciation: 'decimal 23.3',
    PostedDepreciation: 'decimal 23.3',
    AccumulatedDepreciation: 'decimal 23.3',
    NetBookValue: 'decimal 23.3',
    Currency: 'text 5',
  };
  return entity(
    set,
    Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [fields[name] ?? name, fields[name] === undefined ? kind : `${kind} as ${name}`])),
  );
}

/** Schedules of assets: one read for many masters. An asset that is not depreciated has a schedule without rows. */
async function schedulesOf(session: S4Session, assets: readonly Row[]): Promise<Row[]> {
  const { service, area } = built(session);
  const client = session.api.custom({ name: service.entity, root: service.root, version: service.version });
  const type = typeOf(service);
  const masters = [...new Set(assets.flatMap((row) => textIn(row, 'MasterFixedAsset') ?? []))];
  const periods = new Map<string, Row[]>();
  for (let at = 0; at < masters.length; at += valuesPerCondition) {
    const rows = await client.all(
      type,
      {
        filter: [
          ['MasterFixedAsset', 'eq', masters.slice(at, at + valuesPerCondition)],
          ['AssetDepreciationArea', 'eq', area],
        ],
      },
      mostRows,
    );
    for (const row of rows) periods.set(assetCode(row), [...(periods.get(assetCode(row)) ?? []), periodRow(row)]);
  }
  // A master without a number has no schedule: it is left to the shape to refuse.
  return assets.map((asset) => ({
    ...(textIn(asset, 'MasterFixedAsset') === undefined ? {} : { code: assetCode(asset) }),
    rows: (periods.get(assetCode(asset)) ?? []).toSorted(byPeriod),
  }));
}

/** ABAP has no empty amounts: a zero is what a period shows until its run. */
const periodRow = ({ PostedDepreciation: posted, ...row }: Row): Row => ({
  ...row,
  ...(posted === undefined || posted === '0' ? {} : { PostedDepreciation: posted }),
  ...present({ period: `${textIn(row, 'FiscalYear') ?? '0000'}-${(textIn(row, 'FiscalPeriod') ?? '').padStart(3, '0')}` }),
});
const byPeriod = (a: Row, b: Row): number => ((textIn(a, 'period') ?? '') < (textIn(b, 'period') ?? '') ? -1 : 1);

const verbs = {
  async list(session: S4Session, query: Query) {
    built(session);
    const { rows, ...rest } = await listRows(
      session.api.on('fixedAsset'),
      { type: fixedAssets, orderBy: ['CompanyCode', 'MasterFixedAsset', 'FixedAsset'] },
      query,
    );
    return { ...decodeRows(Shape, await schedulesOf(session, rows), (row) => textIn(row as Row, 'code')), ...rest };
  },
  async get(session: S4Session, key: string) {
    built(session);
    return Shape.parse((await schedulesOf(session, [await getAsset(session, key)]))[0]);
  },
} satisfies Verbs<S4Session, Native>;

/** What is planned and what was posted, by period, with the book value after each. Fiscal years may have 13 or more periods: they have three digits. */
export const depreciationSchedule = {
  kind: 'depreciationSchedule' as const,
  native: "the customer's own CDS service, by FixedAsset",
  shape: Shape,
  key: (record: Native) => record.code,
  changes: 'sweep' as const,
  verbs,
  rows: [
    reads('fixedAsset', 'code', { reference: 'fixedAsset', required: true }),
    reads('rows[].period', 'rows[].period', { required: true }),
    reads('rows[].amount', 'rows[].PlannedDepreciation', { via: 'amount(Currency)', required: true }),
    reads('rows[].posted', 'rows[].PostedDepreciation', { via: 'amount(Currency)', note: 'Empty until the run of the period.' }),
    reads('rows[].accumulated', 'rows[].AccumulatedDepreciation', { via: 'amount(Currency)' }),
    reads('rows[].bookValue', 'rows[].NetBookValue', { via: 'amount(Currency)' }),
  ],
  example: {
    code: '2100/300417/0',
    rows: [
      {
        period: '2026-003',
        FiscalYear: '2026',
        FiscalPeriod: '3',
        PlannedDepreciation: '154.17',
        PostedDepreciation: '154.17',
        AccumulatedDepreciation: '154.17',
        NetBookValue: '18345.83',
        Currency: 'EUR',
      },
    ],
  },
};
