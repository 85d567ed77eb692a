import * as z from 'zod';
import { Code, Day, DecimalText, Instant, MoneyValue, QuantityValue, Ref, Text, UnitCode } from '#model/values';

/** Terms follow ISO 14224 and ISA-95 for equipment, OAGIS for partners and items. `code` is the number people know and by which records of two systems are recognised as one. */
const common = { code: Code, name: Text, active: z.boolean().default(true), changedAt: Instant.optional() };

export const Site = z.object({ ...common, currency: MoneyValue.shape.currency.optional(), companyCode: Code.optional(), timeZone: z.string().optional() });

/** A functional location: a place where equipment is installed. */
export const Location = z.object({ ...common, parent: Ref.optional(), site: Ref.optional() });

export const assetStatuses = ['operational', 'down', 'inactive', 'disposed'] as const;

/** A maintained item of the hierarchy Plant > Line > Machine > Component. */
export const Asset = z.object({
  ...common,
  description: Text.optional(),
  parent: Ref.optional(),
  location: Ref.optional(),
  site: Ref.optional(),
  costCentre: Ref.optional(),
  level: z.enum(['plant', 'line', 'machine', 'component']).optional(),
  category: Text.optional(),
  status: z.enum(assetStatuses).optional(),
  criticality: Text.optional(),
  manufacturer: Text.optional(),
  model: Text.optional(),
  serialNumber: Text.optional(),
  fixedAsset: Ref.optional(),
  acquisitionValue: MoneyValue.optional(),
  acquisitionDate: Day.optional(),
  bookValue: MoneyValue.optional(),
  accumulatedDepreciation: MoneyValue.optional(),
  valueAsOf: Day.optional(),
  disposedOn: Day.optional(),
});

export const CostCentre = z.object({
  ...common,
  companyCode: Code.optional(),
  validFrom: Day.optional(),
  validTo: Day.optional(),
  locked: z.boolean().optional(),
  responsible: Text.optional(),
});
export const GlAccount = z.object({
  ...common,
  companyCode: Code.optional(),
  chart: Code.optional(),
  kind: z.enum(['expense', 'balance']).optional(),
  /** Refuses postings at present. */
  locked: z.boolean().optional(),
});

/** What one base unit is in another unit: 1 BOX = 12 PC is `{ unit: BOX, numerator: 12, denominator: 1 }`. */
export const AlternativeUnit = z.object({ unit: UnitCode, numerator: DecimalText, denominator: DecimalText });

export const Part = z.object({
  ...common,
  description: Text.optional(),
  baseUnit: UnitCode,
  alternativeUnits: z.array(AlternativeUnit).max(50).default([]),
  group: Code.optional(),
  stocked: z.boolean().optional(),
  blocked: z.boolean().optional(),
  price: MoneyValue.optional(),
  pricePer: DecimalText.optional(),
  vendors: z
    .array(z.object({ vendor: Ref, partNumber: Text.optional() }))
    .max(100)
    .default([]),
  barcode: Text.optional(),
});

export const UnitOfMeasure = z.object({ ...common, system: Code, dimension: Text.optional() });
export const Storeroom = z.object({ ...common, site: Ref.optional(), kind: z.enum(['warehouse', 'van', 'customer']).optional() });

/** On-hand of one part in one storeroom, with its reorder point and who replenishes. */
export const StockLevel = z.object({
  part: Ref,
  storeroom: Ref,
  site: Ref.optional(),
  onHand: QuantityValue,
  reorderPoint: DecimalText.optional(),
  maximum: DecimalText.optional(),
  safetyStock: DecimalText.optional(),
  lotSize: DecimalText.optional(),
  /** True where the system itself raises the requisition below the reorder point (SAP MRP type VB and its kin). */
  replenishedBySystem: z.boolean().optional(),
  valuationPrice: MoneyValue.optional(),
  pricePer: DecimalText.optional(),
  changedAt: Instant.optional(),
});

/** The parts an asset type needs, with the auto-request default (SAP: maintenance BOM). */
export const MaintenanceBom = z.object({
  asset: Ref,
  revision: Code.optional(),
  lines: z
    .array(
      z.object({
        line: Code,
        part: Ref.optional(),
        text: Text.optional(),
        quantity: QuantityValue,
        stocked: z.boolean().optional(),
        autoRequest: z.boolean().optional(),
      }),
    )
    .max(1000),
});

export const Vendor = z.object({
  ...common,
  description: Text.optional(),
  email: Text.optional(),
  phone: Text.optional(),
  currency: MoneyValue.shape.currency.optional(),
  blocked: z.boolean().optional(),
});

export const Employee = z.object({
  ...common,
  firstName: Text.optional(),
  lastName: Text.optional(),
  email: Text.optional(),
  department: Text.optional(),
  costCentre: Ref.optional(),
  activityType: Code.optional(),
  joinedOn: Day.optional(),
  leftOn: Day.optional(),
  /** The rate that holds now, as a system shows it. History is in LabourRate. Protected: shown only with the right. */
  hourlyRate: MoneyValue.optional(),
});

/** Cost of one hour of a person, or of an activity type of a cost centre, from a day on. */
export const LabourRate = z.object({
  employee: Ref.optional(),
  costCentre: Ref.optional(),
  activityType: Code.optional(),
  validFrom: Day,
  validTo: Day.optional(),
  rate: MoneyValue,
});

export const FailureCode = z.object({ ...common, parent: Ref.optional(), kind: z.enum(['problem', 'cause', 'remedy', 'mode']).optional() });
export const Budget = z.object({ costCentre: Ref.optional(), asset: Ref.optional(), period: z.string().regex(/^\d{4}(-\d{2})?$/), amount: MoneyValue });
