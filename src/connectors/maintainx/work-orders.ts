import * as z from 'zod';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import type { Drifted, Once, Page, Query, Receipt, WriteTarget } from '#spi/connector';
import { decode, issuesText } from '#spi/decode';
import { path } from '#spi/rest';
import { labelledOf } from './custom-fields.ts';
import { amount, ExtraFields, Id, id, instant, Labelled, text, whole } from './native.ts';
import { keyOf, readPage } from './paging.ts';
import type { MaintainxRecord, MaintainxSession, Settings } from './settings.ts';
import { costLines, partLines } from './work-order-lines.ts';
import { workOrderRows, workOrderValues } from './work-order-rows.ts';
import { agreeWithSeen, changeOne, createdSince, keyed, lookup, lookupReads, quietly, readOne, type Kind } from './writing.ts';

const kind: Kind = { path: '/workorders', one: 'workOrder', many: 'workOrders' };
/** What one order needs to be whole; costs have a call of their own. A single read gives categories and vendors unasked and refuses to be asked for them. */
const expand = ['assignees', 'parts', 'extra_fields', 'part_extra_fields'];
/** In lists the time and expense rows come along, so that a poll needs no further call per order. */
const listExpand = [...expand, 'asset', 'categories', 'vendor_ids', 'time_items', 'expenditures'];

const PartLine = z.looseObject({ id: Id, name: text, quantityUsed: z.number(), locationId: id, unitCost: whole, line: z.string(), labelled: Labelled });
const CostLine = z.looseObject({
  type: z.enum(['EXPENSE', 'PART', 'TIME']),
  costPerUnit: amount,
  description: text,
  quantity: amount,
  rowTotal: amount,
  durationTotal: amount,
  userId: id,
  partId: id,
  line: z.string(),
  hub: z.boolean(),
  at: instant,
});
const WorkOrder = z.looseObject({
  id: Id,
  sequentialId: Id,
  title: z.string(),
  description: text,
  status: z.enum(['OPEN', 'IN_PROGRESS', 'ON_HOLD', 'DONE', 'CANCELED', 'SKIPPED']),
  priority: z.enum(['NONE', 'LOW', 'MEDIUM', 'HIGH']).nullish(),
  type: text,
  assetId: id,
  locationId: id,
  categories: z.array(z.string()).nullish(),
  assigneeIds: z.array(Id).nullish(),
  dueDate: instant,
  completedAt: instant,
  externalData: z.unknown().optional(),
  extraFields: ExtraFields.optional(),
  createdAt: instant,
  updatedAt: z.iso.datetime({ offset: true }),
  labelled: Labelled,
  parts: z.array(PartLine).max(2000),
  costs: z.looseObject({ rows: z.array(CostLine).max(2000) }),
});
type WorkOrder = z.output<typeof WorkOrder>;

/** The order and its costs as one record, with keys for lines that the vendor gives none. */
function merged(order: Readonly<Record<string, unknown>>, costRows: unknown, settings: Settings): unknown {
  return {
    ...order,
    labelled: labelledOf(order['extraFields'], settings),
    parts: partLines(order['parts'], settings),
    costs: { rows: costLines(costRows, order['completedAt']) },
  };
}

const Costs = z.looseObject({ costs: z.looseObject({ rows: z.array(z.unknown()).max(5000) }) });

/** Two reads, at once: the order with all that belongs to it, and its costs. */
async function get(session: MaintainxSession, key: string): Promise<WorkOrder> {
  const costPath = path`/workorders/${key}/costs`;
  const [order, costs] = await Promise.all([readOne(session, kind, key, expand), session.api.get(costPath)]);
  return decode(WorkOrder, merged(order, decode(Costs, costs, `GET /workorders/${key}/costs`).costs.rows, session.config), `work order ${key}`);
}

/** A list row that carries everything is taken as it is; one that lacks an expanded member is read by itself, so that no order loses lines. */
const Whole = z.looseObject({
  parts: z.array(z.unknown()),
  timeItems: z.array(z.unknown()),
  expenditures: z.array(z.unknown()),
  assignees: z.array(z.looseObject({ type: z.string(), id: z.unknown() })),
  asset: z.looseObject({ id: Id }).nullish(),
});

/** Lists give `assignees` and `asset` where a single read gives `assigneeIds` and `assetId`. */
const asSingle = ({ asset, ...row }: z.output<typeof Whole>): Readonly<Record<string, unknown>> => ({
  assigneeIds: row.assignees.flatMap(({ type, id: user }) => (type === 'USER' && typeof user === 'number' ? [user] : [])),
  ...(asset ? { assetId: asset.id } : {}),
  ...row,
});

async function list(session: MaintainxSession, query: Query): Promise<Page<WorkOrder>> {
  const { rows, ...marks } = await readPage(session, query, { path: kind.path, member: kind.many, expand: listExpand, watermark: true });
  const records: WorkOrder[] = [];
  const drifted: Drifted[] = [];
  for (const row of rows) {
    const key = keyOf(row);
    try {
      const complete = Whole.safeParse(row);
      if (complete.success)
        records.push(
          decode(
            WorkOrder,
            merged(asSingle(complete.data), [...complete.data.timeItems, ...complete.data.expenditures], session.config),
            `work order ${key ?? ''}`,
          ),
        );
      else if (key === undefined) drifted.push({ message: issuesText(complete.error) });
      else records.push(await get(session, key));
    } catch (error) {
      // One order of another shape, or one that was deleted meanwhile, holds nothing but itself.
      if (!(error instanceof Fault) || (error.kind !== 'drifted' && error.kind !== 'missing')) throw error;
      if (error.kind === 'drifted') drifted.push({ message: error.message, ...(key === undefined ? {} : { key }) });
    }
  }
  return { records, ...marks, ...(drifted.length === 0 ? {} : { drifted }) };
}

async function create(session: MaintainxSession, draft: JsonObject, { once }: WriteTarget): Promise<Receipt> {
  const { status, ...rest } = draft;
  if (status !== undefined && status !== 'OPEN')
    throw new Fault('rejected', `POST /workorders: MaintainX creates orders as OPEN; write the status ${String(status)} afterwards`);
  const answer = await session.api.post(kind.path, { ...withCustomFields(rest, session.config, {}), externalData: { linchpin: once.reference } }, quietly);
  return { id: String(decode(z.looseObject({ id: Id }), answer, 'POST /workorders').id) };
}

const Mark = z.looseObject({ externalData: z.looseObject({ linchpin: z.string() }) });

/** Lists do not give `externalData` and cannot be filtered by it: the orders created since the operation was made are opened one by one, newest first. */
async function trace(session: MaintainxSession, once: Once): Promise<Receipt | undefined> {
  let opened = 0;
  for await (const row of lookup(session, kind, { ...createdSince(once), sort: '-createdAt' })) {
    if (++opened > lookupReads) throw new Fault('uncertain', `the lookup of ${once.reference} would have to open more than ${lookupReads} work orders`);
    const listed = Mark.safeParse(row);
    const mark = listed.success ? listed : Mark.safeParse(await readOne(session, kind, String(row.id)));
    if (mark.success && mark.data.externalData.linchpin === once.reference) return { id: String(row.id) };
  }
  return undefined;
}

/** Members first, then the status: both set absolute values, so that repeating after a half-done change completes it. */
async function update(session: MaintainxSession, draft: JsonObject, target: WriteTarget): Promise<Receipt> {
  const { status, ...rest } = draft;
  const key = keyed(target, kind);
  if (Object.keys(rest).length > 0) {
    const receipt = await changeOne(session, kind, rest, target);
    if (status === undefined) return receipt;
  } else if (target.seen !== undefined) agreeWithSeen(await readOne(session, kind, key), target, `${kind.path}/${key}`);
  if (status === undefined) return { id: key };
  const answer = await session.api.patch(path`/workorders/${key}/status`, { status }, quietly);
  const stamp = z.looseObject({ workOrder: z.looseObject({ updatedAt: z.string() }) }).safeParse(answer);
  return { id: key, ...(stamp.success ? { version: stamp.data.workOrder.updatedAt } : {}) };
}

function withCustomFields({ labelled, ...body }: JsonObject, settings: Settings, existing: JsonObject): JsonObject {
  if (labelled === undefined || labelled === null || typeof labelled !== 'object' || !('costCentre' in labelled)) return body;
  return { ...body, extraFields: { ...existing, [settings.costCentreLabel]: labelled.costCentre } };
}

/** Work orders with parts, time and expenses. */
export const workOrder = (record: MaintainxRecord) =>
  record({
    kind: 'workOrder',
    native: 'Work Order',
    shape: WorkOrder,
    key: (row) => String(row.id),
    version: (row) => row.updatedAt,
    changes: 'watermark',
    customFields: 'extraFields',
    values: workOrderValues,
    rows: workOrderRows,
    example: {
      id: 880012,
      sequentialId: 1204,
      title: 'Replace seal P-101',
      description: 'Leaks at the drive end',
      status: 'DONE',
      priority: 'HIGH',
      type: 'REACTIVE',
      assetId: 41001,
      locationId: 300,
      categories: ['Mechanical'],
      assigneeIds: [55],
      dueDate: '2026-02-04T00:00:00.000Z',
      completedAt: '2026-02-03T10:11:12.000Z',
      externalData: { linchpin: 'LP00000000000000' },
      extraFields: { 'Cost centre': '4100' },
      createdAt: '2026-02-01T08:00:00.000Z',
      updatedAt: '2026-02-03T10:11:12.000Z',
      labelled: { costCentre: '4100' },
      parts: [
        {
          id: 9001,
          name: 'Mechanical seal 40 mm',
          quantityUsed: 2,
          locationId: 301,
          unitCost: 8450,
          copyOnRecurring: 'Default',
          line: '9001@301',
          labelled: { autoRequest: true },
        },
      ],
      costs: {
        rows: [
          {
            type: 'TIME',
            durationTotal: 5400,
            userId: 55,
            costPerUnit: 4250,
            rowTotal: 6375,
            description: 'Repair',
            line: 'time:55',
            hub: false,
            at: '2026-02-03T10:11:12.000Z',
          },
          {
            type: 'EXPENSE',
            rowTotal: 12000,
            costPerUnit: 12000,
            quantity: 1,
            description: 'Crane hire',
            line: 'expense',
            hub: false,
            at: '2026-02-03T10:11:12.000Z',
          },
        ],
      },
    },
    verbs: {
      list,
      get,
      create: {
        class: 'L',
        how: 'The reference stands in `externalData`, which lists neither give nor filter: the orders created since the operation are opened one by one, at most 500. Two hubs on one operation would race between lookup and creation.',
        run: create,
        trace,
      },
      update: {
        class: 'K',
        how: 'Members and status are set to absolute values. The version is compared by reading just before; a change in between is overwritten.',
        run: update,
      },
    },
  });
