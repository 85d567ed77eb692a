import type { Flow, FlowInput } from '#engine/flow';
import { ScrapPolicy } from '#flows/scrap/policy';
import { decideOutcome } from '#flows/scrap/posting';
import { decideGone, decideReport } from '#flows/scrap/report';
import { emptyScrap, type ScrapState } from '#flows/scrap/state';

/** What scrap's decisions are given. */
export type ScrapInput = FlowInput<ScrapState, ScrapPolicy>;

const events: { readonly [kind: string]: (input: ScrapInput) => void } = {
  'inspection.snapshot': decideReport,
  'inspection.removed': decideGone,
  'workOrder.snapshot': decideReport,
  'workOrder.removed': decideGone,
  'operation.outcome': decideOutcome,
};

/**
 * Scrap: a quantity that an inspection or a work order says was scrapped leaves the storeroom and becomes a cost of the right cost centre, once; a correction
 * reverses the document and posts anew (002-14, 002-48). docs/flows/scrap.md explains every policy and reason.
 */
export const scrap: Flow<ScrapState, ScrapPolicy> = {
  name: 'scrap',
  title: 'Scrap',
  handles: Object.keys(events),
  initial: emptyScrap(),
  policy: { parse: (value) => ScrapPolicy.parse(value ?? {}) },
  decide: (input) => events[input.event.kind]?.(input),
};
