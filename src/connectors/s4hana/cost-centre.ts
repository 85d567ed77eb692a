import * as z from 'zod';
import { Fault } from '#base/fault';
import { decodeRows } from '#spi/decode';
import type { Query, Verbs } from '#spi/connector';
import type { Row } from '#spi/odata-codec';
import { listRows } from '#spi/odata-page';
import type { Condition } from '#spi/odata-query';
import { entity } from '#spi/odata-type';
import { linesIn, textIn, today } from '#connectors/s4hana/document';
import { inLanguage } from '#connectors/s4hana/product';
import { reads } from '#connectors/s4hana/row';
import type { S4Session } from '#connectors/s4hana/system';

/** Properties of API_COSTCENTER_SRV that are read (metadata of the service). */
export const costCentreText = entity('A_CostCenterText', {
  CostCenter: 'key id 10',
  ControllingArea: 'key text 4',
  Language: 'key text 2',
  ValidityEndDate: 'key day',
  CostCenterName: 'text 20',
  CostCenterDescription: 'text 40',
});
export const costCentres = entity(
  'A_CostCenter',
  {
    ControllingArea: 'key text 4',
    CostCenter: 'key id 10',
    ValidityEndDate: 'key day',
    ValidityStartDate: 'day',
    CompanyCode: 'text 4',
    CostCtrResponsiblePersonName: 'text 20',
    Department: 'text 12',
    IsBlkdForPrimaryCostsPosting: 'flag',
  },
  { to_Text: { type: costCentreText } },
);

const Shape = z.looseObject({
  CostCenter: z.string().min(1),
  name: z.string(),
  CompanyCode: z.string().optional(),
  ValidityStartDate: z.string().optional(),
  ValidityEndDate: z.string().optional(),
  IsBlkdForPrimaryCostsPosting: z.boolean(),
});
type Native = z.output<typeof Shape>;

function presented(row: Row, language: string): Row {
  const text = inLanguage(linesIn(row, 'to_Text'), language);
  return {
    ...row,
    name: textIn(text, 'CostCenterDescription') ?? textIn(text, 'CostCenterName') ?? textIn(row, 'CostCenter') ?? '',
    IsBlkdForPrimaryCostsPosting: row['IsBlkdForPrimaryCostsPosting'] === true,
  };
}

/** A cost centre has one row per period of validity; today's is the one that counts. */
const valid = (session: S4Session): readonly Condition[] => [
  ['ControllingArea', 'eq', session.config.controllingArea],
  ['ValidityStartDate', 'le', today(session)],
  ['ValidityEndDate', 'ge', today(session)],
];

const verbs = {
  async list(session: S4Session, query: Query) {
    const { rows, ...rest } = await listRows(
      session.api.on('costCentre'),
      { type: costCentres, filter: valid(session), expand: ['to_Text'], orderBy: ['CostCenter'] },
      query,
    );
    return {
      ...decodeRows(
        Shape,
        rows.map((row) => presented(row, session.config.language)),
        (row) => textIn(row as Row, 'CostCenter'),
      ),
      ...rest,
    };
  },
  async get(session: S4Session, key: string) {
    const { rows } = await session.api
      .on('costCentre')
      .list(costCentres, { filter: [...valid(session), ['CostCenter', 'eq', key]], expand: ['to_Text'], top: 1 });
    if (rows[0] === undefined)
      throw new Fault('missing', `controlling area ${session.config.controllingArea} has no cost centre ${JSON.stringify(key.slice(0, 40))} today`);
    return Shape.parse(presented(rows[0], session.config.language));
  },
} satisfies Verbs<S4Session, Native>;

/** Cost centres that are valid today. SAP keeps no time of change here. */
export const costCentre = {
  kind: 'costCentre' as const,
  native: 'A_CostCenter',
  shape: Shape,
  key: (record: Native) => record.CostCenter,
  changes: 'sweep' as const,
  verbs,
  rows: [
    reads('code', 'CostCenter'),
    reads('name', 'name'),
    reads('companyCode', 'CompanyCode'),
    reads('validFrom', 'ValidityStartDate'),
    reads('validTo', 'ValidityEndDate'),
    reads('locked', 'IsBlkdForPrimaryCostsPosting'),
    reads('responsible', 'CostCtrResponsiblePersonName'),
  ],
  example: {
    ControllingArea: 'A000',
    CostCenter: '21004310',
    ValidityStartDate: '2020-01-01',
    ValidityEndDate: '9999-12-31',
    CompanyCode: '2100',
    CostCtrResponsiblePersonName: 'B. Manager',
    Department: 'Maintenance',
    IsBlkdForPrimaryCostsPosting: false,
    name: 'Maintenance Hall 1',
  },
};
