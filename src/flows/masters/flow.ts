import * as z from 'zod';
import type { JsonObject } from '#base/json';
import type { Flow } from '#engine/flow';
import { keepInStepEverywhere, mastersOutcome, type MasterRules, type MastersState } from '#flows/master-data';
import type { RecordKind } from '#model/records';

const Creator = z.enum(['maintenance', 'finance', 'nobody']);

/** Who creates parts, vendors and locations. Defaults: the finance side is the record of parts and vendors; locations are not created. */
export const MastersPolicy = z.strictObject({
  partsCreatedBy: Creator.default('finance'),
  vendorsCreatedBy: Creator.default('finance'),
  locationsCreatedBy: Creator.default('nobody'),
});
export type MastersPolicy = z.output<typeof MastersPolicy>;

const finance = (field: string): MasterRules['fields'][number] => ({ field, owner: 'finance', rule: 'owner-wins' });

/** Fields that are carried from their owner; the rest of a record stays where it is kept. */
const rulesOf: Readonly<Record<string, (policy: MastersPolicy) => MasterRules>> = {
  part: (policy) => ({ kind: 'part', createdBy: policy.partsCreatedBy, fields: ['name'].map(finance), onCreate: ['baseUnit', 'barcode', 'description'] }),
  vendor: (policy) => ({ kind: 'vendor', createdBy: policy.vendorsCreatedBy, fields: ['name', 'email', 'phone'].map(finance) }),
  location: (policy) => ({ kind: 'location', createdBy: policy.locationsCreatedBy, fields: ['name', 'parent'].map(finance) }),
};

/** Parts, vendors and locations: one record in two systems, each field kept by its owner (000-67, 000-106). */
export const masters: Flow<MastersState & JsonObject, MastersPolicy> = {
  name: 'masters',
  title: 'Master data',
  handles: ['part.snapshot', 'vendor.snapshot', 'location.snapshot', 'operation.outcome'],
  initial: { by: {} } as MastersState & JsonObject,
  policy: MastersPolicy,
  decide(input) {
    const { event, state, policy } = input;
    if (event.kind === 'operation.outcome') return mastersOutcome(state, input);
    const rules = rulesOf[event.kind.slice(0, event.kind.indexOf('.')) as RecordKind];
    if (rules) keepInStepEverywhere(rules(policy), state, input);
  },
};
