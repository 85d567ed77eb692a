import * as z from 'zod';

const Creator = z.enum(['maintenance', 'finance', 'nobody']);

/** Where good practice disagrees about parts, vendors and locations. Each member and its default is explained in docs/flows/masters.md. */
export const MastersPolicy = z.strictObject({
  partsCreatedBy: Creator.default('finance'),
  vendorsCreatedBy: Creator.default('finance'),
  locationsCreatedBy: Creator.default('nobody'),
  inactive: z.enum(['say', 'carry']).default('say'),
});

export type MastersPolicy = z.output<typeof MastersPolicy>;
