import * as z from 'zod';
import { Code, Day, DecimalText, Instant, MoneyValue, QuantityValue, Ref, Text } from '#model/values';

/** Documents with lines keep lines as child records: lines are what gets reconciled. */
const lines = <T extends z.ZodType>(line: T) => z.array(line).max(2000);

export const priorities = ['none', 'low', 'medium', 'high', 'emergency'] as const;
export const workOrderStatuses = ['open', 'released', 'inProgress', 'onHold', 'completed', 'closed', 'cancelled'] as const;

/** Who pays: exactly one of order, asset or cost centre, as ERPs assign accounts (SAP categories F, A, K). */
export const AccountAssignment = z.object({ costCentre: Ref.optional(), order: Ref.optional(), fixedAsset: Ref.optional(), glAccount: Code.optional() });

/** A part or service that a work order needs. */
export const PlannedLine = z.object({
  line: Code,
  kind: z.enum(['part', 'service']).default('part'),
  part: Ref.optional(),
  text: Text.optional(),
  quantity: QuantityValue,
  storeroom: Ref.optional(),
  vendor: Ref.optional(),
  estimatedPrice: MoneyValue.optional(),
  /** Auto-request material: set on the line, else the maintenance BOM's default holds. */
  autoRequest: z.boolean().optional(),
  requiredOn: Day.optional(),
});

/** Parts that were used: the cumulative quantity of this line, not a delta. */
export const IssueLine = z.object({
  line: Code,
  part: Ref,
  storeroom: Ref.optional(),
  quantity: QuantityValue,
  usedAt: Instant.optional(),
  employee: Ref.optional(),
});

/** Time that was worked: the cumulative hours of this line. */
export const LabourLine = z.object({
  line: Code,
  employee: Ref.optional(),
  hours: DecimalText,
  workedOn: Day.optional(),
  kind: Text.optional(),
  rate: MoneyValue.optional(),
});

/** What was scrapped: the cumulative quantity of this line, not a delta. */
export const ScrapLine = z.object({
  line: Code,
  part: Ref,
  storeroom: Ref.optional(),
  quantity: QuantityValue,
  reason: Code.optional(),
  scrappedOn: Day.optional(),
});

/** A contractor's or other external cost noted on the order. */
export const ServiceLine = z.object({ line: Code, text: Text.optional(), vendor: Ref.optional(), amount: MoneyValue });

export const WorkOrder = z.object({
  number: Code,
  title: Text,
  description: Text.optional(),
  status: z.enum(workOrderStatuses),
  kind: z.enum(['reactive', 'preventive', 'conditionBased', 'other']).optional(),
  priority: z.enum(priorities).default('none'),
  asset: Ref.optional(),
  location: Ref.optional(),
  site: Ref.optional(),
  costCentre: Ref.optional(),
  category: Text.optional(),
  failureCode: Ref.optional(),
  assignees: z.array(Ref).max(200).default([]),
  plannedLines: lines(PlannedLine).default([]),
  issues: lines(IssueLine).default([]),
  labour: lines(LabourLine).default([]),
  services: lines(ServiceLine).default([]),
  scrap: lines(ScrapLine).optional(),
  dueOn: Day.optional(),
  completedAt: Instant.optional(),
  /** The hub's own mark, where the system gave it back verbatim. */
  hubMark: Text.optional(),
  changedAt: Instant.optional(),
});

export const Reservation = z.object({
  number: Code.optional(),
  workOrder: Ref.optional(),
  text: Text.optional(),
  account: AccountAssignment.optional(),
  lines: lines(z.object({ line: Code, part: Ref, storeroom: Ref, quantity: QuantityValue, requiredOn: Day.optional(), withdrawn: DecimalText.optional() })),
});

export const requisitionStates = ['inApproval', 'approved', 'rejected', 'ordered', 'closed', 'deleted'] as const;
export const PurchaseRequisition = z.object({
  number: Code.optional(),
  reference: Code.optional(),
  workOrder: Ref.optional(),
  asset: Ref.optional(),
  priority: z.enum(priorities).optional(),
  reason: Text.optional(),
  text: Text.optional(),
  expedite: z.boolean().optional(),
  requester: Text.optional(),
  lines: lines(
    z.object({
      line: Code,
      kind: z.enum(['part', 'service']).default('part'),
      part: Ref.optional(),
      text: Text.optional(),
      group: Code.optional(),
      quantity: QuantityValue,
      site: Ref.optional(),
      storeroom: Ref.optional(),
      vendor: Ref.optional(),
      price: MoneyValue.optional(),
      requiredOn: Day.optional(),
      account: AccountAssignment.optional(),
      state: z.enum(requisitionStates).optional(),
      approver: Text.optional(),
      purchaseOrder: Code.optional(),
      purchaseOrderLine: Code.optional(),
      reference: Code.optional(),
    }),
  ),
  changedAt: Instant.optional(),
});

export const purchaseOrderStates = ['draft', 'inApproval', 'approved', 'sent', 'partiallyReceived', 'received', 'invoiced', 'closed', 'cancelled'] as const;
export const PurchaseOrder = z.object({
  number: Code.optional(),
  reference: Code.optional(),
  vendor: Ref.optional(),
  currency: MoneyValue.shape.currency.optional(),
  state: z.enum(purchaseOrderStates).optional(),
  text: Text.optional(),
  lines: lines(
    z.object({
      line: Code,
      part: Ref.optional(),
      text: Text.optional(),
      quantity: QuantityValue,
      price: MoneyValue.optional(),
      pricePer: DecimalText.optional(),
      site: Ref.optional(),
      storeroom: Ref.optional(),
      requisition: Code.optional(),
      requisitionLine: Code.optional(),
      promisedOn: Day.optional(),
      deleted: z.boolean().optional(),
      complete: z.boolean().optional(),
      finallyInvoiced: z.boolean().optional(),
      account: AccountAssignment.optional(),
      /** Cumulative, where the system says so on the order. */
      received: DecimalText.optional(),
    }),
  ),
  changedAt: Instant.optional(),
});

/** A stock movement in or against an order. `reverses` names the receipt that this one takes back. */
export const GoodsReceipt = z.object({
  number: Code.optional(),
  reference: Code.optional(),
  postedOn: Day,
  reverses: Code.optional(),
  lines: lines(
    z.object({
      line: Code,
      purchaseOrder: Code.optional(),
      purchaseOrderLine: Code.optional(),
      part: Ref.optional(),
      storeroom: Ref.optional(),
      quantity: QuantityValue,
      direction: z.enum(['in', 'out']),
      value: MoneyValue.optional(),
      complete: z.boolean().optional(),
    }),
  ),
  changedAt: Instant.optional(),
});

export const GoodsIssue = z.object({
  number: Code.optional(),
  reference: Code.optional(),
  postedOn: Day,
  reverses: Code.optional(),
  workOrder: Ref.optional(),
  text: Text.optional(),
  account: AccountAssignment.optional(),
  lines: lines(
    z.object({
      line: Code,
      part: Ref,
      site: Ref.optional(),
      storeroom: Ref.optional(),
      quantity: QuantityValue,
      direction: z.enum(['out', 'in']).default('out'),
      value: MoneyValue.optional(),
      reservation: Code.optional(),
      reservationLine: Code.optional(),
    }),
  ),
  changedAt: Instant.optional(),
});

export const SupplierInvoice = z.object({
  number: Code.optional(),
  reference: Code.optional(),
  vendor: Ref.optional(),
  postedOn: Day.optional(),
  reversed: z.boolean().optional(),
  reverses: Code.optional(),
  gross: MoneyValue.optional(),
  lines: lines(
    z.object({
      line: Code,
      purchaseOrder: Code.optional(),
      purchaseOrderLine: Code.optional(),
      quantity: QuantityValue.optional(),
      amount: MoneyValue,
      final: z.boolean().optional(),
    }),
  ),
  changedAt: Instant.optional(),
});

/** A cost in the ledger: labour by activity allocation, or a journal entry with balanced lines. */
export const CostPosting = z.object({
  number: Code.optional(),
  reference: Code.optional(),
  kind: z.enum(['labour', 'service', 'adjustment']),
  workOrder: Ref.optional(),
  text: Text.optional(),
  postedOn: Day,
  reverses: Code.optional(),
  employee: Ref.optional(),
  activityType: Code.optional(),
  senderCostCentre: Ref.optional(),
  account: AccountAssignment,
  hours: DecimalText.optional(),
  rate: MoneyValue.optional(),
  rateValidFrom: Day.optional(),
  amount: MoneyValue,
  /** The user of the system under whose name the document was posted. */
  postedBy: Text.optional(),
  changedAt: Instant.optional(),
});

/** A cost row shown on the work order itself, so that the maintenance side sees what finance booked. */
export const WorkOrderCost = z.object({
  workOrder: Ref,
  reference: Code.optional(),
  /** The line under which the work order carries it among its labour or services; absent for rows that are neither. */
  line: Code.optional(),
  kind: z.enum(['part', 'labour', 'service', 'other']),
  text: Text,
  amount: MoneyValue,
  /** Labour rows: who worked, and how long. */
  employee: Ref.optional(),
  hours: DecimalText.optional(),
});

export const FixedAsset = z.object({
  code: Code,
  name: Text,
  active: z.boolean().default(true),
  companyCode: Code.optional(),
  assetClass: Code.optional(),
  costCentre: Ref.optional(),
  asset: Ref.optional(),
  serialNumber: Text.optional(),
  capitalisedOn: Day.optional(),
  usefulLifeYears: DecimalText.optional(),
  acquisitionValue: MoneyValue.optional(),
  bookValue: MoneyValue.optional(),
  accumulatedDepreciation: MoneyValue.optional(),
  valueAsOf: Day.optional(),
  retiredOn: Day.optional(),
  reference: Code.optional(),
  changedAt: Instant.optional(),
});
/** Depreciation of one asset by period: `amount` is what is planned, `posted` what its run booked; a period without `posted` is still to come. */
export const DepreciationSchedule = z.object({
  fixedAsset: Ref,
  method: Code.optional(),
  rows: lines(
    z.object({
      period: z.string().regex(/^\d{4}-\d{2,3}$/),
      amount: MoneyValue,
      posted: MoneyValue.optional(),
      accumulated: MoneyValue.optional(),
      bookValue: MoneyValue.optional(),
    }),
  ),
});
export const AssetDisposal = z.object({
  number: Code.optional(),
  reference: Code.optional(),
  asset: Ref.optional(),
  fixedAsset: Ref,
  disposedOn: Day,
  kind: z.enum(['scrapped', 'sold', 'lost']).optional(),
  revenue: MoneyValue.optional(),
  text: Text.optional(),
});
export const AssetTransfer = z.object({
  asset: Ref,
  transferredOn: Day,
  fromCostCentre: Ref.optional(),
  toCostCentre: Ref,
  toLocation: Ref.optional(),
  reference: Code.optional(),
  text: Text.optional(),
});

export const Inspection = z.object({
  number: Code,
  asset: Ref.optional(),
  batch: Code.optional(),
  result: z.enum(['passed', 'failed']),
  defect: Code.optional(),
  severity: z.enum(['minor', 'major', 'critical']).optional(),
  confidence: DecimalText.optional(),
  at: Instant,
  /** The work order that the inspection belongs to, and who bears its scrap where the asset does not say. */
  workOrder: Ref.optional(),
  costCentre: Ref.optional(),
  site: Ref.optional(),
  scrap: lines(ScrapLine).optional(),
  changedAt: Instant.optional(),
});
export const Measurement = z.object({ asset: Ref.optional(), point: Code, value: DecimalText, unit: QuantityValue.shape.unit.optional(), at: Instant });
export const ScrapPosting = z.object({
  number: Code.optional(),
  reference: Code.optional(),
  reverses: Code.optional(),
  direction: z.enum(['out', 'in']).default('out'),
  part: Ref,
  storeroom: Ref.optional(),
  quantity: QuantityValue,
  reason: Code.optional(),
  account: AccountAssignment,
  postedOn: Day,
  text: Text.optional(),
  value: MoneyValue.optional(),
  changedAt: Instant.optional(),
});
