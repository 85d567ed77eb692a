import * as z from 'zod';
import { isoDate } from '#base/clock';
import type { Json, JsonObject } from '#base/json';
import { factKey, type Flow, type FlowInput } from '#engine/flow';
import { keepInStepEverywhere, mastersOutcome, pairsOf, type MasterRules, type MastersState } from '#flows/master-data';
import type { RecordOf } from '#model/records';

/** Every choice where good practice disagrees; docs/flows/people.md explains each. */
export const PeoplePolicy = z.strictObject({
  createdBy: z.enum(['finance', 'maintenance', 'nobody']).default('finance'),
  /** Whether the maintenance side gets the rate that holds today. Many plants keep rates out of it. */
  showRate: z.boolean().default(false),
});
export type PeoplePolicy = z.output<typeof PeoplePolicy>;

interface Rate {
  readonly validFrom: string;
  readonly validTo?: string;
  readonly rate: { readonly minor: number; readonly currency: string };
}

interface PeopleState {
  master: MastersState;
  /** Every rate that finance gave, by the key of its record. */
  rates: { [record: string]: Rate };
  /** The rate last sent to each maintenance connection. */
  shown: { [maintenance: string]: Json };
  n: number;
}

type Input = FlowInput<PeopleState & JsonObject, PeoplePolicy>;

/** Employees, leavers and effective-dated rates (000-45, 000-48, 000-49). Rates are facts for costing; they are shown elsewhere only by policy. */
export const people: Flow<PeopleState & JsonObject, PeoplePolicy> = {
  name: 'people',
  title: 'People',
  handles: ['employee.snapshot', 'labourRate.snapshot', 'labourRate.removed', 'expectation.overdue', 'operation.outcome'],
  initial: { master: { by: {} }, rates: {}, shown: {}, n: 0 } as unknown as PeopleState & JsonObject,
  policy: PeoplePolicy,
  decide(input) {
    const { event, state, plan } = input;
    switch (event.kind) {
      case 'employee.snapshot': {
        keepInStepEverywhere(rulesOf(input.policy), state.master, input);
        return leaver(input);
      }
      case 'labourRate.snapshot': return rateSeen(input);
      case 'labourRate.removed': {
        delete state.rates[event.object];
        plan.note('a labour rate was withdrawn');
        return publish(input);
      }
      case 'expectation.overdue': return event.data['expectation'] === 'rate' ? publish(input) : undefined;
      default: return mastersOutcome(state.master, input);
    }
  },
};

const rulesOf = (policy: PeoplePolicy): MasterRules => ({ kind: 'employee', createdBy: policy.createdBy, fields: ['firstName', 'lastName'].map((field) => ({ field, owner: 'finance', rule: 'owner-wins' })), onCreate: ['email', 'department', 'name'] });

/** A leaver is inactive on the maintenance side from the day on. */
function leaver(input: Input): void {
  for (const sides of pairsOf(input)) leaverOf({ ...input, sides });
}

function leaverOf({ event, state, facts, plan, sides }: Input): void {
  const hubId = hubIdOf(event.lane);
  const finance = facts.get(factKey.record('employee', hubId, sides.finance)) as unknown as RecordOf<'employee'> | undefined;
  const maintenance = facts.get(factKey.record('employee', hubId, sides.maintenance)) as unknown as RecordOf<'employee'> | undefined;
  if (!finance || !maintenance) return;
  const left = !finance.active || (finance.leftOn !== undefined && finance.leftOn <= isoDate(event.receivedAt));
  if (left && maintenance.active) {
    state.n += 1;
    plan.send({ intent: `leave/${state.n}`, chain: `employee/${sides.maintenance}`, to: sides.maintenance, record: 'employee', verb: 'update', targetOf: { kind: 'employee', hubId }, draft: { active: false }, reason: `employee ${finance.code} left${finance.leftOn ? ` on ${finance.leftOn}` : ''}: inactive in ${sides.maintenance}` });
  }
}

function rateSeen(input: Input): void {
  const { event, state, plan, sides } = input;
  const record = event.data['record'] as unknown as RecordOf<'labourRate'>;
  if (event.source !== sides.finance) return plan.didNot('rates come from the finance side only');
  const clash = Object.entries(state.rates).find(([key, rate]) => key !== event.object && rate.validFrom === record.validFrom && rate.rate.minor !== record.rate.minor);
  if (clash) return plan.hold(`two rates of employee ${hubIdOf(event.lane)} begin on ${record.validFrom}: correct one of them in ${sides.finance}`, { owner: 'hr' });
  state.rates[event.object] = { validFrom: record.validFrom, ...(record.validTo === undefined ? {} : { validTo: record.validTo }), rate: record.rate };
  plan.note(`rate from ${record.validFrom} known`);
  publish(input);
}

/** The rates become a fact of costing; the one that holds today may be shown on the maintenance side. */
function publish(input: Input): void {
  const { event, state, facts, plan, policy } = input;
  const hubId = hubIdOf(event.lane);
  const rates = Object.values(state.rates).sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1));
  plan.remember(factKey.rates(hubId), { rates: rates as unknown as Json });
  const today = isoDate(event.receivedAt);
  const next = rates.find(({ validFrom }) => validFrom > today);
  if (next) plan.expect('rate', `the rate of employee ${hubId} changes on ${next.validFrom}`, Date.parse(`${next.validFrom}T00:00:00Z`), { site: event.site });
  else plan.meet('rate');
  if (!policy.showRate) return;
  const now = rates.findLast(({ validFrom, validTo }) => validFrom <= today && (validTo === undefined || validTo >= today));
  if (!now) return;
  for (const { maintenance } of pairsOf(input)) {
    if (JSON.stringify(state.shown[maintenance]) === JSON.stringify(now.rate) || !facts.get(factKey.record('employee', hubId, maintenance))) continue;
    state.shown[maintenance] = { ...now.rate };
    state.n += 1;
    plan.send({ intent: `rate/${state.n}`, chain: `employee/${maintenance}`, to: maintenance, record: 'employee', verb: 'update', targetOf: { kind: 'employee', hubId }, draft: { hourlyRate: { ...now.rate } }, reason: `the rate of employee ${hubId} from ${now.validFrom} on` });
  }
}

const hubIdOf = (lane: string): string => lane.slice(lane.indexOf('/') + 1);
