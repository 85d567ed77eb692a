import { canonicalJson, type Json, type JsonObject } from '#base/json';
import { Plan, type Flow, type FlowEvent } from '#engine/flow';
import { costs } from '#flows/costs/flow';
import { procurement } from '#flows/procurement/flow';
import { stock } from '#flows/stock/flow';
import { records } from '#model/records';

/**
 * Pure decisions per second and core: `node bench/decide.ts [seconds]`. One JSON line per case. Every decision gets a fresh copy of its lane's state,
 * as the engine gives it, and is checked to have led to what it should. The baseline of a case is that copy alone. Seconds are processor seconds,
 * so that other work on the machine does not count.
 */
const seconds = Number(process.argv[2] ?? 1);
const at = Date.UTC(2026, 2, 2, 8);
const pc = { system: 'sap', code: 'PC' };
const workOrders = 1000;

const facts = new Map<string, JsonObject>([
  [
    'record/part/erp.BEARING@erp',
    records.part.parse({ code: 'BEARING', name: 'Bearing', baseUnit: pc, stocked: false, price: { minor: 8000, currency: 'EUR' } }) as unknown as JsonObject,
  ],
  ['record/part/erp.FILTER@erp', records.part.parse({ code: 'FILTER', name: 'Filter', baseUnit: pc, stocked: true }) as unknown as JsonObject],
  ['record/part/erp.SEAL@erp', records.part.parse({ code: 'SEAL', name: 'Seal', baseUnit: pc, stocked: true }) as unknown as JsonObject],
  ['record/asset/erp.P1@erp', records.asset.parse({ code: 'P1', name: 'Pump', costCentre: 'erp.4310' }) as unknown as JsonObject],
  ['record/costCentre/erp.4310@erp', records.costCentre.parse({ code: '4310', name: 'Maintenance' }) as unknown as JsonObject],
  ['record/employee/erp.ANN@erp', records.employee.parse({ code: 'ANN', name: 'Ann', activityType: 'MNT01' }) as unknown as JsonObject],
  [
    'rates/erp.ANN',
    {
      rates: [
        { validFrom: '2025-01-01', validTo: '2025-12-31', rate: { minor: 4000, currency: 'EUR' } },
        { validFrom: '2026-01-01', rate: { minor: 4250, currency: 'EUR' } },
      ],
    },
  ],
]);

const base = { source: 'cmms', object: 'x', version: '1', thread: 'workOrder/cmms.7', site: 'S1', urgency: 0, at, receivedAt: at };
const event = (lane: string, kind: string, n: number, data: unknown): FlowEvent => ({ ...base, lane, kind, key: `${kind}/${n}`, data: data as JsonObject });

/** A completed work order with two parts and one labour line, as the loop benchmark plays it. */
const workOrder = (n: number): JsonObject => ({
  connection: 'cmms',
  hubId: `cmms.${n}`,
  record: records.workOrder.parse({
    number: String(n),
    title: 'Pump overhaul',
    status: 'completed',
    priority: 'medium',
    asset: 'erp.P1',
    changedAt: '2026-03-02T08:00:00.000Z',
    issues: [
      { line: '1', part: 'erp.FILTER', storeroom: 'erp.ST01', quantity: { value: '2', unit: pc }, usedAt: '2026-03-02T07:00:00.000Z' },
      { line: '2', part: 'erp.SEAL', storeroom: 'erp.ST01', quantity: { value: '1', unit: pc } },
    ],
    labour: [{ line: '1', employee: 'erp.ANN', hours: '3.5', workedOn: '2026-03-02' }],
  }) as unknown as Json,
});
const released = (n: number): JsonObject => ({
  connection: 'cmms',
  hubId: `cmms.${n}`,
  record: records.workOrder.parse({
    number: String(n),
    title: 'Pump overhaul',
    status: 'released',
    asset: 'erp.P1',
    plannedLines: [1, 2, 3].map((line) => ({ line: String(line), part: 'erp.BEARING', quantity: { value: '2', unit: pc }, autoRequest: true })),
  }) as unknown as Json,
});
const consumed = (n: number): JsonObject => ({
  from: `workOrder/cmms.${n}`,
  n: 1,
  number: String(n),
  site: '',
  thread: 't',
  lines: { 1: { total: '2', unit: pc, costCentre: 'erp.4310', account: { costCentre: 'erp.4310' }, usedOn: '2026-03-02' } },
});

interface Case {
  readonly name: string;
  readonly flow: Flow;
  readonly lane: (n: number) => string;
  readonly kind: string;
  readonly data: (n: number) => JsonObject;
  readonly expect: (plan: Plan) => boolean;
  /** Events played before, whose state each decision starts from. */
  readonly before?: (n: number) => FlowEvent[];
}

const wo = (n: number): string => `workOrder/cmms.${n}`;
const cases: readonly Case[] = [
  {
    name: 'stock: a completed work order with two parts',
    flow: stock as unknown as Flow,
    lane: wo,
    kind: 'workOrder.snapshot',
    data: workOrder,
    expect: ({ messages }) => messages.length === 2,
  },
  {
    name: 'stock: a consumption becomes a goods issue',
    flow: stock as unknown as Flow,
    lane: () => 'stock/erp.FILTER@erp.ST01',
    kind: 'stock.consumed',
    data: consumed,
    expect: ({ operations }) => operations.length === 1,
  },
  {
    name: 'costs: a completed work order with one labour line',
    flow: costs as unknown as Flow,
    lane: wo,
    kind: 'workOrder.snapshot',
    data: workOrder,
    expect: ({ operations }) => operations.length === 1,
  },
  {
    name: 'costs: the same again changes nothing',
    flow: costs as unknown as Flow,
    lane: wo,
    kind: 'workOrder.snapshot',
    data: workOrder,
    expect: ({ operations }) => operations.length === 0,
    before: (n) => [event(wo(n), 'workOrder.snapshot', n, workOrder(n))],
  },
  {
    name: 'procurement: a release with three lines',
    flow: procurement as unknown as Flow,
    lane: wo,
    kind: 'workOrder.snapshot',
    data: released,
    expect: ({ operations }) => operations.length === 1,
  },
];

for (const one of cases) {
  const policy = one.flow.policy.parse({});
  const sides = { maintenance: 'cmms', finance: 'erp' };
  const readFacts = { want: (): void => undefined, get: (key: string): JsonObject | undefined => facts.get(key) };
  const events = Array.from({ length: workOrders }, (_, n) => event(one.lane(n), one.kind, n, one.data(n)));
  const states = Array.from({ length: workOrders }, (_, n) => {
    const state = JSON.parse(JSON.stringify(one.flow.initial)) as Json;
    for (const earlier of one.before?.(n) ?? [])
      one.flow.decide({ event: earlier, state, facts: readFacts, policy, sides, everywhere: [sides], plan: new Plan() });
    return canonicalJson(state);
  });
  const pass = (decides: boolean, forMs: number): number => {
    const end = performance.now() + forMs;
    let count = 0;
    const before = process.cpuUsage();
    while (performance.now() < end) {
      for (let n = 0; n < workOrders; n++) {
        const state = JSON.parse(states[n] ?? '{}') as Json;
        if (!decides) continue;
        const plan = new Plan();
        one.flow.decide({ event: events[n] ?? event('', '', 0, {}), state, facts: readFacts, policy, sides, everywhere: [sides], plan });
        if (!one.expect(plan)) throw new Error(`${one.name}: decided something else: ${canonicalJson(plan.reasons)}`);
      }
      count += workOrders;
    }
    const { user, system } = process.cpuUsage(before);
    return Math.round((count * 1e6) / (user + system));
  };
  pass(true, 300);
  const baseline = pass(false, 200);
  const perSecond = pass(true, seconds * 1000);
  process.stdout.write(
    `${JSON.stringify({ bench: 'decide', case: one.name, decisionsPerCpuSecond: perSecond, baselinePerCpuSecond: baseline, ratio: Number((perSecond / baseline).toFixed(4)) })}\n`,
  );
}
