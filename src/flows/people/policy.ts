import * as z from 'zod';

/** Where good practice disagrees about people. Each member and its default is explained in docs/flows/people.md. */
export const PeoplePolicy = z.strictObject({
  createdBy: z.enum(['finance', 'maintenance', 'nobody']).default('finance'),
  showRate: z.boolean().default(false),
});

export type PeoplePolicy = z.output<typeof PeoplePolicy>;
