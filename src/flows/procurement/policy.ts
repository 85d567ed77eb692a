import * as z from 'zod';
import { accountKinds } from '#flows/cost-object';
import { priorities, workOrderStatuses } from '#model/documents';

const hours = z.int().min(1).max(8760);
const perPriority = (none: number, low: number, medium: number, high: number, emergency: number) =>
  z
    .object({
      none: hours.default(none),
      low: hours.default(low),
      medium: hours.default(medium),
      high: hours.default(high),
      emergency: hours.default(emergency),
    })
    .prefault({});

/** One row of the table urgency x value -> approval lane. The first row that fits holds; a row with `upTo` fits only amounts of that currency. */
const Route = z.strictObject({
  priorities: z.array(z.enum(priorities)).min(1),
  upTo: z.object({ minor: z.int().min(0), currency: z.string().regex(/^[A-Z]{3}$/) }).optional(),
  lane: z.string().min(1).max(80),
  urgency: z.int().min(0).max(2),
});

/** Where good practice disagrees about procurement. Each member and its default is explained in docs/flows/procurement.md. */
export const ProcurementPolicy = z.strictObject({
  releasedStatuses: z.array(z.enum(workOrderStatuses)).min(1).default(['released', 'inProgress']),
  kinds: z.array(z.enum(['reactive', 'preventive', 'conditionBased', 'other'])).optional(),
  priorities: z.array(z.enum(priorities)).optional(),
  assetCategories: z.array(z.string()).optional(),
  autoRequestDefault: z.boolean().default(false),
  stockItems: z.enum(['always', 'belowReorderPoint', 'never']).default('belowReorderPoint'),
  unknownStocking: z.enum(['hold', 'stock', 'nonStock']).default('hold'),
  raisedBy: z.enum(['hub', 'erp']).default('hub'),
  whenErpRaises: z.enum(['reserve', 'nothing']).default('reserve'),
  accountOrder: z.array(z.enum(accountKinds)).min(1).default(['order', 'costCentre', 'asset']),
  unpriced: z.enum(['request', 'hold']).default('request'),
  expedite: z.array(z.enum(priorities)).default(['emergency']),
  requiredWithinHours: perPriority(720, 504, 240, 72, 24),
  approvalWithinHours: perPriority(96, 72, 48, 24, 4),
  withdrawalWithinHours: hours.default(48),
  deliveryGraceHours: z.int().min(0).max(8760).default(24),
  routes: z
    .array(Route)
    .max(100)
    .default([
      { priorities: ['emergency'], lane: 'fast lane', urgency: 2 },
      { priorities: ['high'], lane: 'urgent lane', urgency: 1 },
      { priorities: ['none', 'low', 'medium'], lane: 'standard lane', urgency: 0 },
    ]),
  afterRejection: z.enum(['hold', 'note']).default('hold'),
  otherCostCentre: z.enum(['hold', 'note']).default('hold'),
  actualCost: z.enum(['receipt', 'invoice', 'none']).default('invoice'),
});

export type ProcurementPolicy = z.output<typeof ProcurementPolicy>;
