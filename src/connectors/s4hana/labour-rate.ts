import * as z from 'zod';
import { Fault } from '#base/fault';
import { decodeRows } from '#spi/decode';
import type { Query, Verbs } from '#spi/connector';
import type { Row } from '#spi/odata-codec';
import { listRows } from '#spi/odata-page';
import { entity, type EntityType } from '#spi/odata-type';
import { present, textIn } from '#connectors/s4hana/document';
import { reads } from '#connectors/s4hana/row';
import type { Settings } from '#connectors/s4hana/settings';
import type { S4Session } from '#connectors/s4hana/system';

const Shape = z.looseObject({ key: z.string(), PersonnelNumber: z.string(), ValidityStartDate: z.string(), Rate: z.string(), Currency: z.string() });
type Native = z.output<typeof Shape>;

const built = (settings: Settings): NonNullable<Settings['labourRates']> => {
  if (settings.labourRates === undefined)
    throw new Fault(
      'misconfigured',
      "labourRates is not in the settings of the connection: SAP releases no service with rates per person, so the customer's own has to be named",
    );
  return settings.labourRates;
};

/** The customer's own service with its names of the fields. */
function typeOf({ entity: set, fields }: NonNullable<Settings['labourRates']>): EntityType {
  const kinds = {
    PersonnelNumber: 'key digits 8',
    ValidityStartDate: 'key day',
    ValidityEndDate: 'day',
    Rate: 'decimal 15.3',
    Currency: 'text 5',
    Unit: 'text 3',
  };
  return entity(
    set,
    Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [fields[name] ?? name, fields[name] === undefined ? kind : `${kind} as ${name}`])),
  );
}

/** A rate of another unit than the hour is left to the shape to refuse: it has no key. */
function presented(row: Row): Row {
  const until = textIn(row, 'ValidityEndDate');
  const { ValidityEndDate: _until, ...rest } = row;
  const hourly = (textIn(row, 'Unit') ?? 'H') === 'H';
  return {
    ...rest,
    ...present({
      ValidityEndDate: until === undefined || until >= '9999-12-31' ? undefined : until,
      key: hourly ? `${textIn(row, 'PersonnelNumber') ?? ''}@${textIn(row, 'ValidityStartDate') ?? ''}` : undefined,
    }),
  };
}

const verbs = {
  async list(session: S4Session, query: Query) {
    const service = built(session.config);
    const client = session.api.custom({ name: service.entity, root: service.root, version: service.version });
    const { rows, ...rest } = await listRows(client, { type: typeOf(service), orderBy: ['PersonnelNumber', 'ValidityStartDate'] }, query);
    return { ...decodeRows(Shape, rows.map(presented), (row) => textIn(row as Row, 'PersonnelNumber')), ...rest };
  },
  async get(session: S4Session, key: string) {
    const [person = '', from = '', more] = key.split('@');
    if (!/^\d{1,8}$/.test(person) || !/^\d{4}-\d{2}-\d{2}$/.test(from) || Number.isNaN(Date.parse(from)) || more !== undefined)
      throw new Fault('missing', `no labour rate has the key ${JSON.stringify(key.slice(0, 40))}; 10042@2026-01-01 is the form`);
    const service = built(session.config);
    const client = session.api.custom({ name: service.entity, root: service.root, version: service.version });
    return Shape.parse(presented(await client.get(typeOf(service), { PersonnelNumber: person, ValidityStartDate: from })));
  },
} satisfies Verbs<S4Session, Native>;

/** What one hour of a person costs from a day on. */
export const labourRate = {
  kind: 'labourRate' as const,
  native: "the customer's own CDS service",
  shape: Shape,
  key: (record: Native) => record.key,
  changes: 'sweep' as const,
  verbs,
  rows: [
    reads('employee', 'PersonnelNumber', { reference: 'employee', required: true }),
    reads('validFrom', 'ValidityStartDate', { required: true }),
    reads('validTo', 'ValidityEndDate'),
    reads('rate', 'Rate', { via: 'amount(Currency)', required: true }),
  ],
  example: {
    key: '10042@2026-01-01',
    PersonnelNumber: '10042',
    ValidityStartDate: '2026-01-01',
    ValidityEndDate: '2026-12-31',
    Rate: '62.5',
    Currency: 'EUR',
    Unit: 'H',
  },
};
