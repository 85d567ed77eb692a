import * as z from 'zod';
import { Fault } from '#base/fault';
import { decodeRows } from '#spi/decode';
import type { Query, Verbs } from '#spi/connector';
import type { Row } from '#spi/odata-codec';
import { listRows } from '#spi/odata-page';
import { entity } from '#spi/odata-type';
import { clockOf, linesIn, nameless, present, textIn, today, withDrifted } from '#connectors/s4hana/document';
import { reads } from '#connectors/s4hana/row';
import type { S4Session } from '#connectors/s4hana/system';

/** Properties of API_BUSINESS_PARTNER that are read (metadata of the service). */
export const supplier = entity('A_Supplier', {
  Supplier: 'key id 10',
  PaymentIsBlockedForSupplier: 'boolean',
  PostingIsBlocked: 'boolean',
  PurchasingIsBlocked: 'boolean',
  DeletionIndicator: 'boolean',
  SupplierName: 'text 80 read',
});
export const employment = entity('A_BPEmployment', {
  BusinessPartner: 'key id 10',
  BPEmploymentStartDate: 'key day',
  BPEmploymentEndDate: 'day',
  BPEmploymentStatus: 'text 2',
});
export const partnerRole = entity('A_BusinessPartnerRole', { BusinessPartner: 'key id 10', BusinessPartnerRole: 'key text 6' });
export const businessPartner = entity(
  'A_BusinessPartner',
  {
    BusinessPartner: 'key id 10',
    Supplier: 'id 10 read',
    BusinessPartnerFullName: 'text 81 read',
    FirstName: 'text 40',
    LastName: 'text 40',
    OrganizationBPName1: 'text 40',
    SearchTerm1: 'text 20',
    SearchTerm2: 'text 20',
    PersonNumber: 'id 10 read',
    BusinessPartnerIDByExtSystem: 'text 20',
    BusinessPartnerIsBlocked: 'boolean',
    IsMarkedForArchiving: 'boolean',
    LastChangeDate: 'day read',
    LastChangeTime: 'time read',
    ETag: 'text 26 read',
  },
  { to_Supplier: { type: supplier, one: true }, to_BPEmployment: { type: employment }, to_BusinessPartnerRole: { type: partnerRole } },
);

/** When a partner changed; never changed, it is absent. */
const changes = clockOf('LastChangeDate', 'LastChangeTime');

const Vendor = z.looseObject({
  Supplier: z.string().min(1),
  BusinessPartner: z.string(),
  BusinessPartnerFullName: z.string(),
  active: z.boolean(),
  blocked: z.boolean(),
  changedAt: z.string().optional(),
  ETag: z.string().optional(),
});
type Vendor = z.output<typeof Vendor>;

function asVendor(row: Row): Row {
  const side = row['to_Supplier'] as Row | undefined;
  return {
    ...row,
    ...present({ changedAt: changes.of(row) }),
    BusinessPartnerFullName: textIn(row, 'BusinessPartnerFullName') ?? textIn(row, 'OrganizationBPName1') ?? textIn(side, 'SupplierName') ?? '',
    active: row['IsMarkedForArchiving'] !== true && side?.['DeletionIndicator'] !== true,
    blocked: row['BusinessPartnerIsBlocked'] === true || side?.['PurchasingIsBlocked'] === true || side?.['PostingIsBlocked'] === true,
  };
}

const vendorVerbs = {
  async list(session: S4Session, query: Query) {
    const { rows, ...rest } = await listRows(
      session.api.on('businessPartner'),
      { type: businessPartner, filter: [['Supplier', 'ne', '']], expand: ['to_Supplier'], orderBy: ['BusinessPartner'], changes },
      query,
    );
    return { ...decodeRows(Vendor, rows.map(asVendor), (row) => textIn(row as Row, 'Supplier')), ...rest };
  },
  async get(session: S4Session, key: string) {
    const { rows } =
      key === ''
        ? { rows: [] }
        : await session.api.on('businessPartner').list(businessPartner, { filter: [['Supplier', 'eq', key]], expand: ['to_Supplier'], top: 1 });
    if (rows[0] === undefined) throw new Fault('missing', `no business partner is supplier ${JSON.stringify(key.slice(0, 40))}`);
    return Vendor.parse(asVendor(rows[0]));
  },
} satisfies Verbs<S4Session, Vendor>;

/** Suppliers: business partners with a supplier number. */
export const vendor = {
  kind: 'vendor' as const,
  native: 'A_BusinessPartner with A_Supplier',
  shape: Vendor,
  key: (record: Vendor) => record.Supplier,
  version: (record: Vendor) => record.ETag ?? record.changedAt,
  changes: 'watermark' as const,
  verbs: vendorVerbs,
  rows: [
    reads('code', 'Supplier'),
    reads('name', 'BusinessPartnerFullName'),
    reads('active', 'active'),
    reads('blocked', 'blocked'),
    reads('changedAt', 'changedAt', { via: 'instant' }),
  ],
  example: {
    BusinessPartner: '10300001',
    Supplier: '10300001',
    BusinessPartnerFullName: 'Wälzlager Nord GmbH',
    OrganizationBPName1: 'Wälzlager Nord GmbH',
    active: true,
    blocked: false,
    LastChangeDate: '2026-02-11',
    LastChangeTime: '09:12:44',
    changedAt: '2026-02-11T09:12:44.000Z',
    ETag: 'ADMIN20260211091244',
  },
};

const Employee = z.looseObject({
  personnelNumber: z.string().min(1),
  BusinessPartner: z.string(),
  BusinessPartnerFullName: z.string(),
  active: z.boolean(),
  changedAt: z.string().optional(),
  ETag: z.string().optional(),
});
type Employee = z.output<typeof Employee>;

function asEmployee(row: Row, session: S4Session): Row {
  const { employeeCostCentre } = session.config;
  const jobs = linesIn(row, 'to_BPEmployment').toSorted((a, b) =>
    (textIn(a, 'BPEmploymentStartDate') ?? '') < (textIn(b, 'BPEmploymentStartDate') ?? '') ? -1 : 1,
  );
  const last = jobs.at(-1);
  const until = textIn(last, 'BPEmploymentEndDate');
  return {
    ...row,
    ...present({
      personnelNumber: textIn(row, 'BusinessPartnerIDByExtSystem') ?? textIn(row, 'PersonNumber'),
      changedAt: changes.of(row),
      costCentre: employeeCostCentre === undefined ? undefined : textIn(row, employeeCostCentre),
      joinedOn: textIn(jobs[0], 'BPEmploymentStartDate'),
      leftOn: until === undefined || until >= '9999-12-31' ? undefined : until,
    }),
    BusinessPartnerFullName:
      textIn(row, 'BusinessPartnerFullName') ?? [textIn(row, 'FirstName'), textIn(row, 'LastName')].filter((part) => part !== undefined).join(' '),
    active: row['BusinessPartnerIsBlocked'] !== true && row['IsMarkedForArchiving'] !== true && (until === undefined || until >= today(session)),
  };
}

const employeeExpand = ['to_BPEmployment'];

const employeeVerbs = {
  async list(session: S4Session, query: Query) {
    const client = session.api.on('businessPartner');
    // Roles name the employees; their partners are read by number, because a filter across the navigation is not offered everywhere.
    const { rows: roles, ...rest } = await listRows(
      client,
      { type: partnerRole, filter: [['BusinessPartnerRole', 'eq', session.config.employeeRole]], orderBy: ['BusinessPartner'] },
      { limit: Math.min(query.limit, 60), ...(query.cursor === undefined ? {} : { cursor: query.cursor }) },
    );
    const numbers = [...new Set(roles.flatMap((role) => textIn(role, 'BusinessPartner') ?? []))];
    const rows =
      numbers.length === 0
        ? []
        : await client.all(businessPartner, { filter: [['BusinessPartner', 'eq', numbers]], expand: employeeExpand, orderBy: ['BusinessPartner'] }, 1000);
    const page = decodeRows(
      Employee,
      rows.map((row) => asEmployee(row, session)),
      (row) => textIn(row as Row, 'BusinessPartner'),
    );
    return { ...withDrifted(page, nameless(roles, 'BusinessPartner', 'a role of an employee')), ...rest };
  },
  async get(session: S4Session, key: string) {
    const client = session.api.on('businessPartner');
    for (const name of key === '' ? [] : (['BusinessPartnerIDByExtSystem', 'PersonNumber'] as const)) {
      const { rows } = await client.list(businessPartner, { filter: [[name, 'eq', key]], expand: employeeExpand, top: 1 });
      if (rows[0] !== undefined) return Employee.parse(asEmployee(rows[0], session));
    }
    throw new Fault('missing', `no business partner has the personnel number ${JSON.stringify(key.slice(0, 40))}`);
  },
} satisfies Verbs<S4Session, Employee>;

/** Employees: business partners with the employee role. Who has left is inactive. */
export const employee = {
  kind: 'employee' as const,
  native: 'A_BusinessPartner with A_BPEmployment',
  shape: Employee,
  key: (record: Employee) => record.personnelNumber,
  changes: 'sweep' as const,
  verbs: employeeVerbs,
  rows: [
    reads('code', 'personnelNumber'),
    reads('name', 'BusinessPartnerFullName'),
    reads('firstName', 'FirstName'),
    reads('lastName', 'LastName'),
    reads('active', 'active'),
    reads('costCentre', 'costCentre', {
      reference: 'costCentre',
      note: 'From the field that the settings name; SAP keeps none on the business partner itself.',
    }),
    reads('joinedOn', 'joinedOn'),
    reads('leftOn', 'leftOn'),
    reads('changedAt', 'changedAt', { via: 'instant' }),
  ],
  example: {
    BusinessPartner: '9980000042',
    BusinessPartnerIDByExtSystem: '10042',
    PersonNumber: '10042',
    personnelNumber: '10042',
    BusinessPartnerFullName: 'Ann Fitter',
    FirstName: 'Ann',
    LastName: 'Fitter',
    SearchTerm1: '21004310',
    costCentre: '21004310',
    active: true,
    joinedOn: '2019-04-01',
    leftOn: '2027-01-31',
    LastChangeDate: '2026-02-11',
    changedAt: '2026-02-11T09:12:44.000Z',
  },
};
