import * as z from 'zod';

/** Where good practice disagrees about scrap. Each member and its default is explained in docs/flows/scrap.md. */
export const ScrapPolicy = z.strictObject({
  post: z.enum(['post', 'off']).default('post'),
  whenCancelled: z.enum(['keep', 'reverse']).default('keep'),
  unknownStocking: z.enum(['hold', 'stock', 'nonStock']).default('stock'),
});

export type ScrapPolicy = z.output<typeof ScrapPolicy>;
