import * as z from 'zod';

/** Where good practice disagrees about assets. Each member and its default is explained in docs/flows/assets.md. */
export const AssetsPolicy = z.strictObject({
  createdBy: z.enum(['finance', 'maintenance', 'order', 'nobody']).default('finance'),
  structureOwner: z.enum(['finance', 'maintenance']).default('finance'),
  disposals: z.enum(['retire', 'off']).default('retire'),
  transfers: z.enum(['post', 'off']).default('post'),
  values: z.enum(['show', 'off']).default('show'),
});

export type AssetsPolicy = z.output<typeof AssetsPolicy>;
