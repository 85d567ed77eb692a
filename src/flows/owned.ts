import * as z from 'zod';
import { conflictRules, type FieldRule } from '#mapping/ownership';
import { owners } from '#mapping/row';

/** Where a field may be carried to. `none`: it is compared and explained, and written nowhere. */
export const carryDirections = ['both', 'to-maintenance', 'to-finance', 'none'] as const;
export type CarryDirection = (typeof carryDirections)[number];

/** Who owns a field, what happens where the other side changed it, and where it may be written. */
export const FieldOwnership = z.strictObject({
  owner: z.enum(owners).describe('whose value holds; `hub`: what both sides agreed on, which neither may change'),
  rule: z
    .enum(conflictRules)
    .default('owner-wins')
    .describe(
      'what happens to a change of the other side: taken back and kept as a proposal, taken over where it is later (by the `changedAt` of the records), or held until a person decides',
    ),
  direction: z.enum(carryDirections).default('both').describe('where the field may be written; `none`: it is compared and told, and never written'),
});
export type FieldOwnership = z.output<typeof FieldOwnership>;

/** A plant's ownership: record kind, field, rule. What it does not name stays as the flow has it. */
export type Ownership = Readonly<Record<string, Readonly<Record<string, FieldOwnership>>>>;
export const Ownership: z.ZodType<Ownership> = z.record(z.string(), z.record(z.string(), FieldOwnership));

/** A policy with the plant's ownership beside it. */
export interface Owned {
  readonly ownership?: Ownership;
}

/**
 * Record kinds that flows keep in step, and the fields a plant may give an owner. `carried` are those that are kept in step where the plant says nothing:
 * finance owns them, or whoever the policy names. Numbers by which records are recognised, states that flows act on, and rates are not among them.
 */
export const ownable = {
  part: { flow: 'masters', carried: ['name'], fields: ['name', 'description', 'group', 'barcode'] },
  vendor: { flow: 'masters', carried: ['name', 'email', 'phone'], fields: ['name', 'description', 'email', 'phone'] },
  location: { flow: 'masters', carried: ['name', 'parent'], fields: ['name', 'parent'] },
  asset: {
    flow: 'assets',
    carried: ['name', 'parent', 'location', 'costCentre', 'manufacturer', 'model', 'serialNumber'],
    fields: ['name', 'description', 'parent', 'location', 'costCentre', 'category', 'criticality', 'manufacturer', 'model', 'serialNumber'],
  },
  employee: { flow: 'people', carried: ['firstName', 'lastName'], fields: ['firstName', 'lastName', 'email', 'department', 'costCentre'] },
} as const;
export type OwnableKind = keyof typeof ownable;
export const isOwnable = (kind: string): kind is OwnableKind => Object.hasOwn(ownable, kind);

/** Whether a flow keeps records in step, so that it is given the plant's ownership. */
export const carriesOwnership = (flow: string): boolean => Object.values(ownable).some((one) => one.flow === flow);

/** A policy's schema beside which the plant's ownership may stand. */
export function ownedPolicy<P extends object>(schema: { parse(value: unknown): P }): { parse(value: unknown): P & Owned } {
  return {
    parse(value) {
      const { ownership, ...rest } = (value ?? {}) as Record<string, unknown>;
      return { ...schema.parse(rest), ...(ownership === undefined ? {} : { ownership: Ownership.parse(ownership) }) };
    },
  };
}

/** The rules of a record kind: the flow's own, and over them what the plant says. */
export function owned(kind: OwnableKind, defaults: readonly FieldRule[], { ownership }: Owned): readonly FieldRule[] {
  const said = ownership?.[kind];
  if (!said) return defaults;
  const known = new Set(defaults.map(({ field }) => field));
  const rule = (field: string): FieldRule => ({ field, ...said[field]! });
  return [
    ...defaults.map((one) => (Object.hasOwn(said, one.field) ? rule(one.field) : one)),
    ...Object.keys(said)
      .filter((field) => !known.has(field))
      .sort()
      .map(rule),
  ];
}
