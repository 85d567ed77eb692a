import * as z from 'zod';
import { costRows, costTotal, costView } from '#simulators/maintainx/cost-rows';
import type { CostRow, WorkOrder } from '#simulators/maintainx/records';
import { invalid } from '#simulators/maintainx/refusal';
import { exact } from '#simulators/maintainx/stock';
import { changed } from '#simulators/maintainx/work-order-events';
import type { Actor, World } from '#simulators/maintainx/world';
import { cents, parsed, text, visible, withinLength, type Call, type Route } from '#simulators/maintainx/wire';

const posted = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('EXPENSE'),
    costType: z.enum(['LABOR', 'OTHER', 'TRAVEL']),
    costPerUnit: cents.nullable(),
    description: text.nullable().optional(),
  }),
  z.strictObject({
    type: z.literal('TIME'),
    costType: z.enum(['INSPECTION', 'OTHER', 'WORK']),
    durationTotal: z.number().nonnegative().nullable(),
    hourlyRate: cents.nonnegative().nullable().optional(),
    description: text.nullable().optional(),
  }),
]);

/** Adds a time row. `userId` is set only by people in the app: the API has no field for it. */
export function addTime(
  world: World,
  actor: Actor,
  workOrder: WorkOrder,
  time: { seconds: number; rate: number | null; userId: number | null; description: string | null },
): CostRow {
  const row: CostRow = {
    id: world.id('costRow'),
    type: 'TIME',
    description: time.description,
    costPerUnit: time.rate,
    quantity: exact(time.seconds / 3600),
    rowTotal: Math.round(((time.rate ?? 0) * time.seconds) / 3600),
    durationTotal: time.seconds,
    userId: time.userId,
  };
  return append(world, actor, workOrder, row);
}

/** Adds an expense; its cost per unit is the total. */
export function addExpense(world: World, actor: Actor, workOrder: WorkOrder, expense: { cents: number; description: string | null }): CostRow {
  if (expense.cents < 0 && !world.config.negativeExpense) throw invalid('costPerUnit', 'costPerUnit must not be negative', expense.cents);
  return append(world, actor, workOrder, {
    id: world.id('costRow'),
    type: 'EXPENSE',
    description: expense.description,
    costPerUnit: expense.cents,
    quantity: 1,
    rowTotal: expense.cents,
    durationTotal: null,
    userId: null,
  });
}

function append(world: World, actor: Actor, workOrder: WorkOrder, row: CostRow): CostRow {
  workOrder.costs.push(row);
  changed(world, actor, workOrder, ['COSTS']);
  return row;
}

function post(call: Call): unknown {
  const { world } = call;
  const workOrder = visible(call, world.workOrders, 'workOrder');
  const input = parsed(posted, call.body);
  withinLength(world, { texts: { description: input.description } });
  const actor = call.actorOn(workOrder);
  const description = input.description ?? null;
  const row =
    input.type === 'EXPENSE'
      ? addExpense(world, actor, workOrder, { cents: input.costPerUnit ?? 0, description })
      : addTime(world, actor, workOrder, { seconds: input.durationTotal ?? 0, rate: input.hourlyRate ?? null, userId: null, description });
  return { ...costView(row), id: row.id, total: costTotal(costRows(world, workOrder)) };
}

/** Rows can be added and read; no call changes or removes one. */
export const costRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/workorders/{}/costs',
    success: 200,
    handle: (call) => {
      const rows = costRows(call.world, visible(call, call.world.workOrders, 'workOrder'));
      return { costs: { total: costTotal(rows), rows } };
    },
  },
  { method: 'POST', path: '/workorders/{}/costs', success: 201, handle: post },
];
