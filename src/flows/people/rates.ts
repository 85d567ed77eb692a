import { isoDate } from '#base/clock';
import type { Json } from '#base/json';
import { factKey } from '#engine/flow';
import { hubIdIn, pairsOf } from '#flows/master-data';
import type { PeopleInput, PeopleState, Rate } from '#flows/people/state';
import { same } from '#flows/told';
import type { RecordOf } from '#model/records';

const dayMs = 86_400_000;

/** A rate of finance: kept where it contradicts no other, so that no hour has two rates. Reasons name days, never amounts. */
export function decideRate(input: PeopleInput): void {
  const { event, state, facts, plan } = input;
  const record = event.data['record'] as unknown as RecordOf<'labourRate'>;
  const hubId = hubIdIn(event.lane);
  if (!event.lane.startsWith('employee/'))
    return plan.didNot('the rate names no person: it is not used, since hours are valued at the rate of who worked them');
  if (!pairsOf(input).some(({ finance }) => finance === event.source)) return plan.didNot(`rates come from the finance side only, not from ${event.source}`);
  const rate: Rate = { validFrom: record.validFrom, ...(record.validTo === undefined ? {} : { validTo: record.validTo }), rate: { ...record.rate } };
  const problem = problemOf(
    rate,
    Object.entries(state.rates).flatMap(([key, other]) => (key === event.object ? [] : [other])),
  );
  if (problem !== undefined) {
    // Read so that a corrected rate wakes what is held.
    facts.get(factKey.rates(hubId));
    return plan.hold(`a rate of employee ${hubId}: ${problem}; correct one of them in ${event.source}`, { owner: 'hr-data-owner' });
  }
  if (same(state.rates[event.object], rate)) plan.note(`the rate valid from ${rate.validFrom} was already known`);
  else plan.note(`the rate of employee ${hubId} valid from ${rate.validFrom}${rate.validTo === undefined ? '' : ` to ${rate.validTo}`} is known`);
  state.rates[event.object] = rate;
  remember(input);
}

/** Why a rate cannot stand beside the others. Without an end a rate holds until the next begins; two stated ends may not cross. */
function problemOf(rate: Rate, others: readonly Rate[]): string | undefined {
  if (rate.rate.minor < 0) return `the one valid from ${rate.validFrom} is negative`;
  if (rate.validTo !== undefined && rate.validTo < rate.validFrom) return `it ends on ${rate.validTo}, before it begins on ${rate.validFrom}`;
  // Rates of one amount contradict nothing, wherever they begin.
  for (const other of others.filter((one) => !same(one.rate, rate.rate))) {
    if (other.validFrom === rate.validFrom) return `two begin on ${rate.validFrom}`;
    const [earlier, later] = other.validFrom < rate.validFrom ? [other, rate] : [rate, other];
    if (earlier.validTo !== undefined && earlier.validTo >= later.validFrom)
      return `the one valid from ${earlier.validFrom} to ${earlier.validTo} overlaps the one valid from ${later.validFrom}`;
  }
  return undefined;
}

export function rateGone(input: PeopleInput): void {
  const { event, state, plan } = input;
  const known = state.rates[event.object];
  if (!known) return plan.didNot('a labour rate that was not in use was withdrawn');
  delete state.rates[event.object];
  plan.note(`the rate of employee ${hubIdIn(event.lane)} valid from ${known.validFrom} was withdrawn: hours of its days are held until another covers them`);
  remember(input);
}

const inOrder = ({ rates }: PeopleState): Rate[] => Object.values(rates).sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1));

/** The rates become a fact of costing. */
function remember(input: PeopleInput): void {
  const { event, state, plan } = input;
  const rates = inOrder(state);
  plan.remember(factKey.rates(hubIdIn(event.lane)), { rates: rates as unknown as Json });
  for (const [at, { validTo }] of rates.entries()) {
    const next = rates[at + 1];
    if (validTo !== undefined && next && Date.parse(next.validFrom) > Date.parse(validTo) + dayMs)
      plan.note(`no rate between ${validTo} and ${next.validFrom}: hours of those days are held`);
  }
  timeOfRates(input);
}

/** What changes with the calendar: the next rate is expected on its day, and the one that holds today is shown where policy says so. */
export function timeOfRates(input: PeopleInput): void {
  const { event, state, plan } = input;
  const today = isoDate(event.receivedAt);
  const next = inOrder(state).find(({ validFrom }) => validFrom > today);
  if (next)
    plan.expect('rate', `the rate of employee ${hubIdIn(event.lane)} changes on ${next.validFrom}`, Date.parse(`${next.validFrom}T00:00:00Z`), {
      site: event.site,
    });
  else plan.meet('rate');
  if (event.kind === 'expectation.overdue') plan.note(`the rate of employee ${hubIdIn(event.lane)} changed on its day`);
  showRate(input);
}

/** Shows today's rate in every maintenance system that has the person, once per change. */
export function showRate(input: PeopleInput): void {
  const { event, state, facts, plan, policy } = input;
  if (!policy.showRate) return;
  const hubId = hubIdIn(event.lane);
  const today = isoDate(event.receivedAt);
  const now = inOrder(state).findLast(({ validFrom, validTo }) => validFrom <= today && (validTo === undefined || validTo >= today));
  if (!now) return Object.keys(state.rates).length === 0 ? undefined : plan.didNot(`employee ${hubId} has no rate on ${today}: none is shown`);
  for (const { maintenance } of pairsOf(input)) {
    if (same(state.shown[maintenance], now.rate) || !facts.get(factKey.record('employee', hubId, maintenance))) continue;
    state.shown[maintenance] = { ...now.rate };
    plan.send({
      intent: `rate/${maintenance}/${(state.n += 1)}`,
      chain: `employee/${maintenance}`,
      to: maintenance,
      record: 'employee',
      verb: 'update',
      targetOf: { kind: 'employee', hubId },
      draft: { hourlyRate: { ...now.rate } },
      reason: `${maintenance} shows the rate of employee ${hubId} that is valid from ${now.validFrom}`,
    });
  }
}
