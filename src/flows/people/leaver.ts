import { isoDate } from '#base/clock';
import { factKey, type Sides } from '#engine/flow';
import { hubIdIn, pairsOf } from '#flows/master-data';
import type { PeopleInput } from '#flows/people/state';
import type { RecordOf } from '#model/records';

type Employee = RecordOf<'employee'>;
const dayMs = 86_400_000;

/** A leaver is inactive on the maintenance side from the day after the last one; who comes back is activated there by a person. */
export function settleEmployment(input: PeopleInput): void {
  const { event, facts, plan } = input;
  const hubId = hubIdIn(event.lane);
  const today = isoDate(event.receivedAt);
  let waits: Employee | undefined;
  for (const { maintenance, finance: erp } of pairsOf(input)) {
    const [finance, ours] = [erp, maintenance].map((connection) => facts.get(factKey.record('employee', hubId, connection)) as unknown as Employee | undefined);
    if (!finance) continue;
    const left = !finance.active || (finance.leftOn !== undefined && finance.leftOn < today);
    if (!left && finance.leftOn !== undefined) waits = finance;
    if (ours && left) leave(input, maintenance, finance, ours);
    else if (ours) stay(input, { maintenance, finance: erp }, finance, ours);
  }
  // The deadline is the day after the last one, at midnight UTC.
  if (waits?.leftOn === undefined) plan.meet('leave');
  else
    plan.expect('leave', `employee ${waits.code} leaves: ${waits.leftOn} is the last day`, Date.parse(`${waits.leftOn}T00:00:00Z`) + dayMs, {
      site: event.site,
    });
}

function leave({ event, state, plan }: PeopleInput, maintenance: string, finance: Employee, ours: Employee): void {
  if (!ours.active) return;
  const what = `employee ${finance.code} left${finance.leftOn === undefined ? '' : `, last day ${finance.leftOn}`}`;
  const before = state.leaving[maintenance];
  if (before?.state === 'declined') return plan.didNot(`${what}: a person decided against setting them inactive in ${maintenance}`);
  const readSince = event.source === maintenance && before !== undefined && event.at >= before.at;
  if (before?.state === 'open' || (before && !readSince)) return plan.didNot(`${what}: setting them inactive in ${maintenance} is on its way`);
  const intent = `leave/${maintenance}/${(state.n += 1)}`;
  state.leaving[maintenance] = { intent, state: 'open', at: 0 };
  plan.send({
    intent,
    chain: `employee/${maintenance}`,
    to: maintenance,
    record: 'employee',
    verb: 'update',
    targetOf: { kind: 'employee', hubId: hubIdIn(event.lane) },
    draft: { active: false },
    reason: `${what}: inactive in ${maintenance}`,
  });
}

/** Systems invite people, they do not just switch them on: whom the hub set inactive, a person sets active again. */
function stay({ event, state, plan }: PeopleInput, { maintenance, finance: erp }: Sides, finance: Employee, ours: Employee): void {
  const before = state.leaving[maintenance];
  if (!before) return;
  if (before.state === 'open' || (ours.active && before.state === 'applied' && event.source !== maintenance))
    return plan.didNot(`employee ${finance.code} is back before ${maintenance} answered: what is on its way is looked at when it is read`);
  if (ours.active) delete state.leaving[maintenance];
  else
    plan.hold(`employee ${finance.code} is active again in ${erp} and was set inactive in ${maintenance} when they left: activate or invite them there`, {
      owner: 'maintenance-supervisor',
    });
}
