import * as z from 'zod';

const text = (title: string, length: number) => z.string().min(1).max(length).meta({ title });
const version = (title: string) => z.enum(['auto', 'v2', 'v4']).default('auto').meta({ title });

/** What SAP must be told of a plant, because no released service says it. Nothing here has a default. */
const Plant = z.object({
  companyCode: text('Company code', 4),
  purchasingOrganisation: text('Purchasing organisation', 4),
  purchasingGroup: text('Purchasing group', 3),
  planningPlant: text('Maintenance planning plant', 4),
});

const Accounts = z.object({
  debit: text('Account that bears the cost', 10),
  credit: text('Account that is relieved', 10),
  creditCostCentre: text('Cost centre that is relieved', 10).optional(),
});

/** How labour becomes a document, with what a posting does not name itself. Both ways need the supplying cost centre. */
const Labour = z
  .object({
    by: z.enum(['allocation', 'journal']).default('allocation').meta({
      title: 'How labour is posted',
      description:
        "allocation: hours as direct activity allocation, which SAP values at its own rate of cost centre and activity type, not of the person. journal: the given amount, hours x the person's rate, as a balanced journal entry.",
    }),
    costCentre: text('Cost centre that supplies labour', 10),
    activityType: text('Activity type of labour, for allocations', 6).optional(),
    debit: text('Account that bears labour, for journal entries', 10).optional(),
    credit: text('Account that is relieved of labour, for journal entries', 10).optional(),
  })
  .refine(({ by, debit, credit }) => by === 'allocation' || (debit !== undefined && credit !== undefined), {
    message: 'labour by journal needs the accounts debit and credit',
    path: ['by'],
  });

const CompanyCode = z.object({
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .meta({ title: 'Currency of the company code' }),
  labour: Labour.optional().meta({ title: 'Labour, and what a posting of it does not name itself' }),
  service: Accounts.optional().meta({ title: 'Accounts of service cost' }),
  adjustment: Accounts.optional().meta({ title: 'Accounts of adjustments' }),
});

const custom = (title: string, fields: z.ZodType<Record<string, string>>) =>
  z
    .object({
      root: z
        .string()
        .regex(/^\/[A-Za-z0-9_/;=.-]{1,200}$/)
        .meta({ title: 'Path of the service' }),
      entity: text('Entity set', 120),
      version: z.enum(['v2', 'v4']).default('v2').meta({ title: 'OData version' }),
      fields: fields.meta({ title: 'Names of the fields, ours to theirs' }),
    })
    .optional()
    .meta({ title });

const names = <const K extends string>(list: readonly K[]) =>
  z.partialRecord(z.enum(list), z.string().min(1).max(60)).default({}) as unknown as z.ZodType<Record<string, string>>;

export const assetValueFields = [
  'CompanyCode',
  'MasterFixedAsset',
  'FixedAsset',
  'AssetDepreciationArea',
  'FiscalYear',
  'FiscalPeriod',
  'AcquisitionValue',
  'AccumulatedDepreciation',
  'NetBookValue',
  'Currency',
] as const;
export const assetDepreciationFields = [
  'CompanyCode',
  'MasterFixedAsset',
  'FixedAsset',
  'AssetDepreciationArea',
  'FiscalYear',
  'FiscalPeriod',
  'PlannedDepreciation',
  'PostedDepreciation',
  'AccumulatedDepreciation',
  'NetBookValue',
  'Currency',
] as const;
export const labourRateFields = ['PersonnelNumber', 'ValidityStartDate', 'ValidityEndDate', 'Rate', 'Currency', 'Unit'] as const;

/** Settings of a connection to SAP S/4HANA. Organisation facts are tables by plant and company code; what is missing holds the document that needs it. */
export const Settings = z.object({
  baseUrl: z.url({ protocol: /^https?$/ }).meta({ title: 'Address of the API host' }),
  sapClient: z
    .string()
    .regex(/^\d{3}$/)
    .optional()
    .meta({ title: 'Client (private cloud and on-premise)' }),
  language: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .default('EN')
    .meta({ title: 'Logon language; units and texts are in it' }),
  unitCodes: z.record(z.string().min(1).max(3), z.string().min(1).max(3)).default({}).meta({
    title: 'Unit codes of the logon language',
    description:
      'SAP shows units in the logon language. Where it is not English, the codes that differ, theirs to the English ones: `ST: PC`, `STD: H`. A code that is missing here is held as an unknown unit.',
  }),
  tokenUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ title: 'Token endpoint (OAuth 2.0 only)' }),
  controllingArea: text('Controlling area', 4),
  chartOfAccounts: z
    .string()
    .min(1)
    .max(4)
    .optional()
    .meta({ title: 'Chart of accounts', description: 'Which chart the numbers of G/L accounts belong to; needed to read the accounts.' }),
  plants: z.record(z.string().min(1).max(4), Plant).meta({ title: 'Plants' }),
  companyCodes: z.record(z.string().min(1).max(4), CompanyCode).meta({
    title: 'Company codes',
    description:
      "`labour.by` decides who values labour. `allocation` (default): SAP multiplies the hours by its own rate of cost centre and activity type; the receipt says that value, and the ledger follows it. `journal`: hours x the person's rate, as calculated, is posted as a journal entry that debits `labour.debit` for the receiver and credits `labour.credit` at the supplying cost centre.",
  }),
  odata: z
    .object({ requisition: version('Version of the purchase requisition service'), order: version('Version of the purchase order service') })
    .prefault({})
    .meta({ title: 'Versions of services; auto prefers V4 and asks the system' }),
  requisition: z
    .object({
      type: text('Document type', 4),
      expeditedType: text('Document type of expedited requisitions', 4).optional(),
      requisitioner: text('Requisitioner', 12),
      services: z.enum(['lean', 'classic']).default('lean').meta({ title: 'How a service item is marked: product type 2, or item category 9' }),
    })
    .meta({ title: 'Purchase requisitions' }),
  equipment: z.object({ category: text('Equipment category', 1) }).meta({ title: 'Equipment' }),
  fixedAsset: z
    .object({
      ledger: text('Ledger', 2),
      depreciationArea: text('Depreciation area', 2),
      retirement: z.object({
        transactionType: text('Business transaction type', 4),
        documentType: text('Document type', 2),
        scrapped: text('Retirement type without revenue', 1),
        sold: text('Retirement type with revenue', 1),
      }),
    })
    .optional()
    .meta({ title: 'Asset accounting' }),
  journal: z
    .object({
      path: z
        .string()
        .regex(/^\/[A-Za-z0-9_/;=.-]{1,300}$/)
        .meta({ title: 'Path of the SOAP service' }),
      documentType: text('Document type', 2),
      user: text('Name shown as creator', 12),
    })
    .optional()
    .meta({ title: 'Journal entries' }),
  scrapReason: z
    .string()
    .regex(/^\d{1,4}$/)
    .optional()
    .meta({ title: 'Reason of movement of scrap where a posting names none' }),
  returnReason: z
    .string()
    .regex(/^\d{1,4}$/)
    .optional()
    .meta({ title: 'Reason of movement with which goods go back to the vendor' }),
  priceValuationArea: z.string().min(1).max(4).optional().meta({ title: 'Valuation area whose price is shown on the part' }),
  reorderTypes: z
    .array(z.string().max(2))
    .default(['VB', 'VM', 'V1', 'V2', 'VV'])
    .meta({ title: 'MRP types by which SAP itself replenishes at the reorder point' }),
  nonStockTypes: z.array(z.string().max(4)).default(['NLAG', 'DIEN', 'SERV']).meta({ title: 'Material types without stock' }),
  openStatuses: z.array(z.string().max(2)).default([]).meta({ title: 'Cross-plant material statuses that block nothing' }),
  employeeCostCentre: z
    .enum(['SearchTerm1', 'SearchTerm2'])
    .optional()
    .meta({ title: "Field of the business partner that holds an employee's cost centre; absent: none" }),
  employeeRole: z.string().min(1).max(6).default('BUP003').meta({ title: 'Business partner role of employees' }),
  assetValues: custom("Asset values: the customer's own CDS service", names(assetValueFields)),
  assetDepreciation: custom("Depreciation by period, planned and posted: the customer's own CDS service", names(assetDepreciationFields)),
  labourRates: custom("Labour rates per person: the customer's own CDS service", names(labourRateFields)),
  activityFields: z
    .record(z.string().max(60), z.string().max(60))
    .default({})
    .meta({ title: 'Names of fields of activity allocation that differ in this release, ours to theirs; empty: the release has no such field' }),
});
export type Settings = z.output<typeof Settings>;
