import type { Flow, FlowInput } from '#engine/flow';
import { CostsPolicy } from '#flows/costs/policy';
import { decideOutcome } from '#flows/costs/posting';
import { emptyCosts, type CostsState } from '#flows/costs/state';
import { decideTold } from '#flows/costs/summary';
import { decidePeriod, decideWork } from '#flows/costs/work';

/** What costs' decisions are given. */
export type CostsInput = FlowInput<CostsState, CostsPolicy>;

const events: { readonly [kind: string]: (input: CostsInput) => void } = {
  'workOrder.snapshot': decideWork,
  'workOrder.removed': decideWork,
  'expectation.overdue': decidePeriod,
  'operation.outcome': decideOutcome,
  'stock.issued': decideTold,
  'procurement.stage': decideTold,
};

/**
 * Costs: hours x the person's rate on that day, and services noted on the order, go to the right cost centre, per confirmation, at close or once in a period;
 * a correction reverses the document and posts anew. docs/flows/costs.md explains every policy and reason.
 */
export const costs: Flow<CostsState, CostsPolicy> = {
  name: 'costs',
  title: 'Costs',
  handles: Object.keys(events),
  initial: emptyCosts(),
  policy: { parse: (value) => CostsPolicy.parse(value ?? {}) },
  decide(input) {
    if (!input.event.lane.startsWith('workOrder/')) return;
    events[input.event.kind]?.(input);
    if (input.plan.reasons.length === 0) input.plan.note('nothing changed: everything this says was already known');
  },
};
