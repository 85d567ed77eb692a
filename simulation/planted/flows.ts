import type { JsonObject } from '#base/json';
import type { Flow, FlowInput, OperationDraft, Plan } from '#engine/flow';
import type { PlantedBug } from './bugs.ts';

type Input = FlowInput<never, unknown>;

/** The flows with one of them followed by something that spoils its plan. */
const after = (name: string, spoil: (plan: Plan, input: Input) => void) => (): { flows: (flows: readonly Flow[]) => readonly Flow[] } => ({
  flows: (flows) =>
    flows.map((flow) =>
      flow.name === name
        ? {
            ...flow,
            decide(input) {
              flow.decide(input);
              spoil(input.plan, input as Input);
            },
          }
        : flow,
    ),
});

/** Changes each operation of a plan: to none, one, or several. */
const operations = (change: (operation: OperationDraft) => readonly OperationDraft[]) => (plan: Plan) => {
  plan.operations.splice(0, plan.operations.length, ...plan.operations.flatMap(change));
};

const draft = (operation: OperationDraft, more: JsonObject): OperationDraft => ({ ...operation, draft: { ...operation.draft, ...more } });
const amountOf = (operation: OperationDraft): { minor: number; currency: string } | undefined =>
  operation.draft['amount'] as { minor: number; currency: string } | undefined;

let calls = 0;

export const flowBugs: readonly PlantedBug[] = [
  {
    name: 'reverseTwice',
    title: 'a labour posting is reversed twice',
    variant: { scope: 'live', postingClass: 'L' },
    surgery: after(
      'costs',
      operations((one) => (one.verb === 'reverse' ? [one, { ...one, intent: `${one.intent}/again`, chain: `${one.chain ?? one.intent}/again` }] : [one])),
    ),
  },
  {
    name: 'neverReverse',
    title: 'a correction posts anew and does not take the old posting back',
    variant: { scope: 'live', postingClass: 'L' },
    surgery: after(
      'costs',
      operations((one) => (one.verb === 'reverse' ? [] : [one])),
    ),
  },
  {
    name: 'issueTwice',
    title: 'a consumption is issued twice',
    variant: { scope: 'live' },
    surgery: after(
      'stock',
      operations((one) => (one.record === 'goodsIssue' && one.verb === 'create' ? [one, { ...one, intent: `${one.intent}/again` }] : [one])),
    ),
  },
  {
    name: 'neverIssue',
    title: 'a consumption is never issued',
    variant: { scope: 'live' },
    surgery: after(
      'stock',
      operations((one) => (one.record === 'goodsIssue' ? [] : [one])),
    ),
  },
  {
    name: 'floatInMoney',
    title: 'an amount has a fraction of a cent',
    variant: { scope: 'live' },
    surgery: after(
      'costs',
      operations((one) => {
        const amount = amountOf(one);
        return [amount ? draft(one, { amount: { ...amount, minor: amount.minor + 0.5 } }) : one];
      }),
    ),
  },
  {
    name: 'centTooMuch',
    title: 'an amount is rounded up by a cent',
    variant: { scope: 'live', postingClass: 'L' },
    surgery: after(
      'costs',
      operations((one) => {
        const amount = amountOf(one);
        return [amount && one.verb === 'create' ? draft(one, { amount: { ...amount, minor: amount.minor + 1 } }) : one];
      }),
    ),
  },
  {
    name: 'clockInFlow',
    title: 'a flow reads a clock',
    surgery: after('procurement', (plan) => plan.note(`decided at turn ${performance.now()}`)),
  },
  {
    name: 'memoryInFlow',
    title: 'a flow remembers something beside its state',
    surgery: after('stock', (plan) => plan.note(`decision ${(calls += 1)}`)),
  },
  {
    name: 'bookNegative',
    title: 'a commitment is released twice',
    variant: { scope: 'live' },
    surgery: after('procurement', (plan) => {
      plan.entries.push(...plan.entries.filter(({ debit, credit }) => debit === 'ordered' && credit === 'requested'));
    }),
  },
  {
    name: 'defaultCostCentre',
    title: 'where an asset has no cost centre, the one of maintenance is taken',
    variant: { scope: 'live', postingClass: 'L' },
    surgery: () => ({
      flows: (flows) =>
        flows.map((flow) => ({
          ...flow,
          decide(input) {
            const { facts } = input;
            const guessed = {
              want: (keys: readonly string[]) => facts.want(keys),
              get(key: string) {
                const found = facts.get(key);
                return key.startsWith('record/asset/') && found && (found['costCentre'] === undefined || found['costCentre'] === '')
                  ? { ...found, costCentre: 'erp.11004300' }
                  : found;
              },
            };
            flow.decide({ ...input, facts: guessed });
          },
        })),
    }),
  },
  {
    name: 'costCentreNotCarried',
    title: 'the cost centre of an asset is never changed in the maintenance system',
    variant: { scope: 'live' },
    surgery: after(
      'assets',
      operations((one) => {
        const { costCentre, ...rest } = one.draft;
        return costCentre === undefined || one.verb !== 'update' ? [one] : Object.keys(rest).length === 0 ? [] : [{ ...one, draft: rest }];
      }),
    ),
  },
  {
    name: 'forgetParent',
    title: 'documents name a requisition that is not there',
    variant: { scope: 'live' },
    surgery: after('procurement', (plan) => {
      for (const [at, document] of plan.documents.entries())
        if (document.kind === 'purchaseOrder') plan.documents[at] = { ...document, parent: 'purchaseRequisition/erp.1/10' };
    }),
  },
];
