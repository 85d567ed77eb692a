import * as z from 'zod';

/** A number of a record: positive and exact. */
export const Id = z.int().positive();
/** Custom fields by their exact label. */
export const ExtraFields = z.record(z.string().max(500), z.unknown());
/** Absent and null both mean: no value. */
export const text = z.string().nullish();
export const id = Id.nullish();
export const whole = z.int().nullish();
export const amount = z.number().nullish();
export const instant = z.iso.datetime({ offset: true }).nullish();

/** What the connector adds to a native record: custom fields under fixed names, because their labels differ by plant. Never sent as such. */
export const Labelled = z.looseObject({
  erpNumber: z.string().optional(),
  costCentre: z.string().optional(),
  unit: z.string().optional(),
  autoRequest: z.union([z.boolean(), z.string()]).optional(),
  reference: z.string().optional(),
});
