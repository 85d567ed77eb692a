import * as z from 'zod';
import { isoTime } from '#base/clock';
import { page } from '#simulators/maintainx/paging';
import { priorities, triggerConditions, type Meter, type MeterTrigger, type Reading } from '#simulators/maintainx/records';
import { invalid } from '#simulators/maintainx/refusal';
import { createWorkOrder } from '#simulators/maintainx/work-orders';
import { isoOrNull, mustExist, type Actor, type World } from '#simulators/maintainx/world';
import { id, ids, isoDateTime, name, parsed, text, visible, type Call, type Route } from '#simulators/maintainx/wire';

export const newTrigger = z.strictObject({
  meterTrigger: z.strictObject({
    meterId: id,
    amount: z.number(),
    condition: z.enum(triggerConditions),
    name,
    description: text.optional(),
    minDateForProcessing: isoDateTime.optional(),
    nextTriggerValue: z.number().optional(),
    period: z.int().positive().nullable().optional(),
  }),
  workOrderTemplate: z
    .strictObject({
      title: text.optional(),
      data: z
        .strictObject({
          title: text.optional(),
          assetId: id.nullable().optional(),
          locationId: id.nullable().optional(),
          description: text.nullable().optional(),
          priority: z.enum(priorities).optional(),
        })
        .optional(),
    })
    .optional(),
});

/** A condition on a meter that makes a work order when a reading comes to meet it. */
export function createTrigger(world: World, actor: Actor, input: z.infer<typeof newTrigger>): MeterTrigger {
  const { meterTrigger, workOrderTemplate } = input;
  mustExist(world.meters, meterTrigger.meterId, 'meterTrigger.meterId', actor);
  mustExist(world.assets, workOrderTemplate?.data?.assetId, 'workOrderTemplate.data.assetId', actor);
  mustExist(world.locations, workOrderTemplate?.data?.locationId, 'workOrderTemplate.data.locationId', actor);
  const meter = world.meters.get(meterTrigger.meterId);
  if (!meter) throw invalid('meterTrigger.meterId', 'meterId does not exist', meterTrigger.meterId);
  const now = world.clock.now();
  const trigger: MeterTrigger = {
    id: world.id('trigger'),
    organizationId: actor.organizationId,
    createdAt: now,
    updatedAt: now,
    meterId: meter.id,
    creatorId: actor.userId,
    name: meterTrigger.name,
    description: meterTrigger.description ?? null,
    amount: meterTrigger.amount,
    condition: meterTrigger.condition,
    period: meterTrigger.period ?? null,
    minDateForProcessing: meterTrigger.minDateForProcessing === undefined ? null : Date.parse(meterTrigger.minDateForProcessing),
    nextTriggerValue: meterTrigger.nextTriggerValue ?? null,
    state: 'INSUFFICIENT_DATA',
    template: {
      title: meterTrigger.name,
      assetId: workOrderTemplate?.data?.assetId ?? meter.assetId,
      locationId: workOrderTemplate?.data?.locationId ?? meter.locationId,
      description: workOrderTemplate?.data?.description ?? null,
      priority: workOrderTemplate?.data?.priority ?? 'NONE',
    },
  };
  world.triggers.set(trigger.id, trigger);
  meter.triggerIds.push(trigger.id);
  return trigger;
}

/** Lets every trigger of the meter judge the new reading. Coming to meet a comparison makes one work order, staying there none; counters make one per step. */
export function watch(world: World, actor: Actor, meter: Meter, before: Reading | null, reading: Reading): void {
  for (const triggerId of meter.triggerIds) {
    const trigger = world.triggers.get(triggerId);
    if (!trigger || (trigger.minDateForProcessing !== null && reading.readingDate < trigger.minDateForProcessing)) continue;
    const met = judge(trigger, before?.value ?? null, reading.value);
    const old = trigger.state;
    trigger.state = met === undefined ? 'INSUFFICIENT_DATA' : met ? 'TRIGGERED' : 'STABLE';
    const counts = trigger.condition.endsWith('MENTED_BY');
    if (met && counts) trigger.nextTriggerValue = advance(trigger, reading.value);
    if (met && (counts || old !== 'TRIGGERED')) createWorkOrder(world, actor, trigger.template);
    if (old === trigger.state) continue;
    trigger.updatedAt = world.clock.now();
    world.emit(actor, {
      type: 'METER_TRIGGER_STATE_CHANGE',
      body: {
        meterTriggerId: trigger.id,
        meterId: meter.id,
        orgId: actor.organizationId,
        oldState: old,
        newState: trigger.state,
        occurredAt: isoTime(trigger.updatedAt),
      },
      tags: { oneOfStates: [trigger.state] },
    });
  }
}

/** Whether a reading meets the condition; undefined where there is nothing to compare with yet. */
function judge(trigger: MeterTrigger, before: number | null, value: number): boolean | undefined {
  switch (trigger.condition) {
    case 'IS_EQUAL':
      return value === trigger.amount;
    case 'IS_GREATER':
      return value > trigger.amount;
    case 'IS_LESS':
      return value < trigger.amount;
    case 'INCREMENTED_BY_BASED_ON_LAST_READING':
      return before === null ? undefined : value - before >= trigger.amount;
    case 'DECREMENTED_BY_BASED_ON_LAST_READING':
      return before === null ? undefined : before - value >= trigger.amount;
    case 'INCREMENTED_BY':
      trigger.nextTriggerValue ??= value + trigger.amount;
      return value >= trigger.nextTriggerValue;
    case 'DECREMENTED_BY':
      trigger.nextTriggerValue ??= value - trigger.amount;
      return value <= trigger.nextTriggerValue;
  }
}

const advance = (trigger: MeterTrigger, value: number): number => (trigger.condition === 'INCREMENTED_BY' ? value + trigger.amount : value - trigger.amount);

const detail = (trigger: MeterTrigger): Record<string, unknown> => ({
  id: trigger.id,
  meterId: trigger.meterId,
  organizationId: trigger.organizationId,
  amount: trigger.amount,
  condition: trigger.condition,
  createdAt: isoTime(trigger.createdAt),
  creatorId: trigger.creatorId,
  dataPoints: null,
  deletedAt: null,
  description: trigger.description,
  minDateForProcessing: isoOrNull(trigger.minDateForProcessing),
  name: trigger.name,
  nextTriggerValue: trigger.nextTriggerValue,
  period: trigger.period,
  state: trigger.state,
  updatedAt: isoTime(trigger.updatedAt),
  workOrderTemplateId: null,
});

function list(call: Call): unknown {
  const meters = ids(call.query, 'meters');
  return page(call, {
    collection: 'meterTriggers',
    paging: 'offset',
    rows: call.world.triggers.values(),
    where: meters ? [({ meterId }) => meters.has(meterId)] : [],
    view: (trigger) => ({ id: trigger.id, name: trigger.name, meterId: trigger.meterId }),
  });
}

const one = (call: Call): MeterTrigger => visible(call, call.world.triggers, 'meterTrigger');

export const triggerRoutes: readonly Route[] = [
  { method: 'GET', path: '/metertriggers', success: 200, query: ['meters'], handle: list },
  {
    method: 'POST',
    path: '/metertriggers',
    success: 201,
    handle: (call) => ({ id: createTrigger(call.world, call.actor(), parsed(newTrigger, call.body)).id }),
  },
  { method: 'GET', path: '/metertriggers/{}', success: 200, handle: (call) => ({ meterTrigger: detail(one(call)) }) },
  { method: 'DELETE', path: '/metertriggers/{}', success: 204, handle: (call) => void call.world.triggers.delete(one(call).id) },
];
