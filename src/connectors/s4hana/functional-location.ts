import * as z from 'zod';
import { decodeRows } from '#spi/decode';
import type { Query, Verbs } from '#spi/connector';
import { etagMember, type Row } from '#spi/odata-codec';
import { listRows } from '#spi/odata-page';
import { entity } from '#spi/odata-type';
import { textIn } from '#connectors/s4hana/document';
import { reads } from '#connectors/s4hana/row';
import type { S4Session } from '#connectors/s4hana/system';

/** Properties of API_FUNCTIONALLOCATION that are read (metadata of the service). */
export const functionalLocation = entity('FunctionalLocation', {
  FunctionalLocation: 'key text 30',
  FunctionalLocationLabelName: 'text 40 read',
  FunctionalLocationName: 'text 40',
  SuperiorFunctionalLocation: 'text 30',
  MaintenancePlant: 'text 4',
  FunctionalLocationCategory: 'text 1',
  FuncnlLocIsMarkedForDeletion: 'boolean read',
  FuncnlLocIsDeactivated: 'boolean read',
  LastChangeDateTime: 'instant read',
});

const Shape = z.looseObject({
  FunctionalLocation: z.string().min(1),
  FunctionalLocationName: z.string(),
  active: z.boolean(),
  LastChangeDateTime: z.string().optional(),
});
type Native = z.output<typeof Shape>;

const presented = (row: Row): Row => ({
  ...row,
  FunctionalLocationName: textIn(row, 'FunctionalLocationName') ?? textIn(row, 'FunctionalLocation') ?? '',
  active: row['FuncnlLocIsMarkedForDeletion'] !== true && row['FuncnlLocIsDeactivated'] !== true,
});

const verbs = {
  async list(session: S4Session, query: Query) {
    const { rows, ...rest } = await listRows(
      session.api.on('functionalLocation'),
      { type: functionalLocation, orderBy: ['FunctionalLocation'], changedAt: 'LastChangeDateTime' },
      query,
    );
    return { ...decodeRows(Shape, rows.map(presented), (row) => textIn(row as Row, 'FunctionalLocation')), ...rest };
  },
  async get(session: S4Session, key: string) {
    return Shape.parse(presented(await session.api.on('functionalLocation').get(functionalLocation, { FunctionalLocation: key })));
  },
} satisfies Verbs<S4Session, Native>;

/** Functional locations: the places where equipment is installed. */
export const location = {
  kind: 'location' as const,
  native: 'FunctionalLocation',
  shape: Shape,
  key: (record: Native) => record.FunctionalLocation,
  version: (record: Native) => (typeof record[etagMember] === 'string' ? record[etagMember] : record.LastChangeDateTime),
  changes: 'watermark' as const,
  verbs,
  rows: [
    reads('code', 'FunctionalLocation'),
    reads('name', 'FunctionalLocationName'),
    reads('active', 'active'),
    reads('parent', 'SuperiorFunctionalLocation', { reference: 'location' }),
    reads('site', 'MaintenancePlant', { reference: 'site' }),
    reads('changedAt', 'LastChangeDateTime', { via: 'instant' }),
  ],
  example: {
    FunctionalLocation: 'LC-P1-UTIL-CW',
    FunctionalLocationName: 'Cooling water',
    SuperiorFunctionalLocation: 'LC-P1-UTIL',
    MaintenancePlant: '2100',
    FuncnlLocIsMarkedForDeletion: false,
    FuncnlLocIsDeactivated: false,
    active: true,
    LastChangeDateTime: '2026-03-01T08:30:00.000Z',
  },
};
