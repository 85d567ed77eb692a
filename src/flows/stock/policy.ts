import * as z from 'zod';
import { accountKinds } from '#flows/cost-object';

/** Where good practice disagrees about stock. Each member and its default is explained in docs/flows/stock.md. */
export const StockPolicy = z.strictObject({
  onHandOwner: z.enum(['finance', 'maintenance']).default('finance'),
  adjust: z.enum(['update', 'note']).default('update'),
  settleSeconds: z.int().min(0).max(86_400).default(60),
  adjustLimit: z.int().min(1).max(100).default(3),
  accountOrder: z.array(z.enum(accountKinds)).min(1).default(['order', 'costCentre', 'asset']),
  whenCancelled: z.enum(['keep', 'return']).default('keep'),
  unknownStocking: z.enum(['hold', 'stock', 'nonStock']).default('stock'),
  reorderBy: z.enum(['hub', 'erp']).default('hub'),
  quantityWithoutLot: z.enum(['shortage', 'hold']).default('shortage'),
  replenishWithinDays: z.int().min(1).max(3650).default(14),
});

export type StockPolicy = z.output<typeof StockPolicy>;
