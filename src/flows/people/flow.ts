import type { JsonObject } from '#base/json';
import { factKey, type Flow, type OutcomeData } from '#engine/flow';
import { hubIdIn, keepInStep, masterOutcome, pairsOf, type MasterRules } from '#flows/master-data';
import { ownable, owned, ownedPolicy, type Owned } from '#flows/owned';
import { settleEmployment } from '#flows/people/leaver';
import { PeoplePolicy } from '#flows/people/policy';
import { decideRate, rateGone, showRate, timeOfRates } from '#flows/people/rates';
import { noPerson, type PeopleInput, type PeopleState } from '#flows/people/state';
import type { RecordOf } from '#model/records';

const events: { readonly [kind: string]: (input: PeopleInput) => void } = {
  'employee.snapshot': employeeSeen,
  'employee.removed': employeeGone,
  'labourRate.snapshot': decideRate,
  'labourRate.removed': rateGone,
  'expectation.overdue': dayCame,
  'operation.outcome': answered,
};

/**
 * People: employees, leavers and effective-dated rates (000-45, 000-48, 000-49). Rates are facts for costing; they are shown elsewhere only by
 * policy and never in a reason. docs/flows/people.md explains every policy and reason.
 */
export const people: Flow<PeopleState & JsonObject, PeoplePolicy & Owned> = {
  name: 'people',
  title: 'People',
  handles: Object.keys(events),
  initial: noPerson() as PeopleState & JsonObject,
  policy: ownedPolicy(PeoplePolicy),
  decide: (input) => events[input.event.kind]?.(input),
};

const rulesOf = (policy: PeoplePolicy & Owned): MasterRules => ({
  kind: 'employee',
  createdBy: policy.createdBy,
  fields: owned(
    'employee',
    ownable.employee.carried.map((field) => ({ field, owner: 'finance', rule: 'owner-wins' })),
    policy,
  ),
  onCreate: ['email', 'department', 'name'],
});

function employeeSeen(input: PeopleInput): void {
  keepInStep(rulesOf(input.policy), input.state.master, input);
  settleEmployment(input);
  showRate(input);
}

/** A person who is gone from a list has not thereby left: somebody must say so, and until then hours and rates stay as they are. */
function employeeGone({ event, facts, plan, sides, everywhere }: PeopleInput): void {
  const hubId = hubIdIn(event.lane);
  const pairs = pairsOf({ event, sides, everywhere });
  if (!pairs.some(({ finance }) => finance === event.source))
    return plan.didNot(`employee ${event.object} was deleted in ${event.source}: nothing is deleted elsewhere, and nobody is created there again`);
  const active = pairs
    .map(({ maintenance }) => maintenance)
    .filter((maintenance) => (facts.get(factKey.record('employee', hubId, maintenance)) as unknown as RecordOf<'employee'> | undefined)?.active === true);
  if (active.length === 0) return plan.didNot(`employee ${event.object} was deleted in ${event.source}; no maintenance system has this person active`);
  plan.hold(
    `employee ${event.object} was deleted in ${event.source} and is active in ${active.join(', ')}: set the last day in ${event.source}, or set the person inactive in ${active.join(', ')}`,
    { owner: 'hr-data-owner' },
  );
}

function dayCame(input: PeopleInput): void {
  const { event } = input;
  if (event.data['expectation'] === 'leave') return settleEmployment(input);
  if (event.data['expectation'] === 'rate') return timeOfRates(input);
  input.plan.note(`nothing waits for ${String(event.data['expectation'])}`);
}

function answered({ event, state, plan }: PeopleInput): void {
  if (masterOutcome(state.master, { event, plan })) return;
  const data = event.data as unknown as OutcomeData; // Written by the engine in this shape.
  const leaving = Object.values(state.leaving).find(({ intent }) => intent === data.intent);
  if (leaving && data.outcome !== 'failed') Object.assign(leaving, { state: data.outcome === 'applied' ? 'applied' : 'declined', at: event.at });
  plan.note(`${leaving ? 'setting the leaver inactive' : 'the new rate'} in ${data.connection}: ${data.outcome}`);
}
