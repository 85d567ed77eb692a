import type { JsonObject } from '#base/json';
import { factKey, type Flow, type FlowInput } from '#engine/flow';
import { hubIdIn, keepInStep, masterOutcome, noMasterState, noteGone, pairsOf, type MasterState } from '#flows/master-data';
import { MastersPolicy } from '#flows/masters/policy';
import { ownable, owned, ownedPolicy, type Owned } from '#flows/owned';
import type { FieldRule } from '#mapping/ownership';
import type { RecordKind } from '#model/records';

type Input = FlowInput<MasterState & JsonObject, MastersPolicy & Owned>;

const finance = (field: string): FieldRule => ({ field, owner: 'finance', rule: 'owner-wins' });

/** Fields that are carried from their owner; the rest of a record stays where it is kept. */
const kinds: Readonly<
  Record<
    string,
    {
      readonly kind: 'part' | 'vendor' | 'location';
      readonly createdBy: 'partsCreatedBy' | 'vendorsCreatedBy' | 'locationsCreatedBy';
      readonly onCreate?: readonly string[];
    }
  >
> = {
  part: { kind: 'part', createdBy: 'partsCreatedBy', onCreate: ['baseUnit', 'barcode', 'description'] },
  vendor: { kind: 'vendor', createdBy: 'vendorsCreatedBy' },
  location: { kind: 'location', createdBy: 'locationsCreatedBy' },
};

/** Parts, vendors and locations: one record in two systems, each field kept by its owner (000-67, 000-106). docs/flows/masters.md explains every policy and reason. */
export const masters: Flow<MasterState & JsonObject, MastersPolicy & Owned> = {
  name: 'masters',
  title: 'Master data',
  handles: [...Object.keys(kinds).flatMap((kind) => [`${kind}.snapshot`, `${kind}.removed`]), 'operation.outcome'],
  initial: noMasterState() as MasterState & JsonObject,
  policy: ownedPolicy(MastersPolicy),
  decide(input) {
    const { event, state, policy, plan } = input;
    if (event.kind === 'operation.outcome') {
      if (!masterOutcome(state, input)) plan.note('the outcome concerns no operation that is known');
      return;
    }
    const [name = '', what] = event.kind.split('.');
    const rules = kinds[name];
    if (!rules) return;
    if (what === 'removed') return noteGone(rules.kind, input);
    keepInStep(
      {
        ...rules,
        createdBy: policy[rules.createdBy],
        fields: owned(rules.kind, [...ownable[rules.kind].carried, ...(policy.inactive === 'carry' ? ['active'] : [])].map(finance), policy),
      },
      state,
      input,
    );
    if (policy.inactive === 'say') sayInactive(rules.kind, input);
  },
};

/** A record that finance closed or blocked and maintenance still offers: said, since not every maintenance system lets a connection close one. */
function sayInactive(kind: RecordKind, input: Input): void {
  const hubId = hubIdIn(input.event.lane);
  for (const { maintenance, finance: erp } of pairsOf(input)) {
    const [theirs, ours] = [input.facts.get(factKey.record(kind, hubId, erp)), input.facts.get(factKey.record(kind, hubId, maintenance))];
    if (!theirs || !ours || ours['active'] === false) continue;
    const what = theirs['active'] === false ? 'inactive' : theirs['blocked'] === true && ours['blocked'] !== true ? 'blocked' : undefined;
    if (what !== undefined)
      input.plan.didNot(
        `${kind} ${String(theirs['code'] ?? hubId)} is ${what} in ${erp} and still offered in ${maintenance} (policy inactive is say): what needs it is held until it is free again`,
      );
  }
}
