import * as z from 'zod';
import { accountKinds } from '#flows/cost-object';
import { workOrderStatuses } from '#model/documents';

/** Where good practice disagrees about costs. Each member and its default is explained in docs/flows/costs.md. */
export const CostsPolicy = z.strictObject({
  moment: z.enum(['perConfirmation', 'atClose', 'periodic']).default('perConfirmation'),
  period: z.enum(['day', 'week', 'month']).default('month'),
  closeStatuses: z.array(z.enum(workOrderStatuses)).min(1).default(['completed', 'closed']),
  whenCancelled: z.enum(['reverse', 'keep']).default('reverse'),
  undatedLabour: z.enum(['hold', 'firstSeen']).default('hold'),
  services: z.enum(['journal', 'none']).default('none'),
  accountOrder: z.array(z.enum(accountKinds)).min(1).default(['order', 'costCentre', 'asset']),
  variancePercent: z.int().min(0).max(10_000).default(10),
});

export type CostsPolicy = z.output<typeof CostsPolicy>;
