import * as z from 'zod';
import type { JsonObject } from '#base/json';
import type { Once, Receipt, WriteTarget } from '#spi/connector';
import { decode } from '#spi/decode';
import { path } from '#spi/rest';
import { Id } from './native.ts';
import type { MaintainxRecord, MaintainxSession } from './settings.ts';
import { markOf } from './work-order-lines.ts';
import { quietly } from './writing.ts';

const Expense = z.looseObject({ workOrderId: Id, costType: z.enum(['LABOR', 'OTHER', 'TRAVEL']), costPerUnit: z.int(), description: z.string() });
const Costs = z.looseObject({
  costs: z.looseObject({ rows: z.array(z.looseObject({ type: z.string(), description: z.string().nullish(), id: z.number().nullish() })).max(5000) }),
});

async function create(session: MaintainxSession, draft: JsonObject, { once }: WriteTarget): Promise<Receipt> {
  const { workOrderId, description, ...row } = decode(Expense, draft, 'the cost to write');
  const answer = await session.api.post(
    path`/workorders/${workOrderId}/costs`,
    { type: 'EXPENSE', costType: row.costType, costPerUnit: row.costPerUnit, description: `${description} ${markOf(once.reference)}` },
    quietly,
  );
  return receiptOf(workOrderId, decode(z.looseObject({ id: z.number() }), answer, `POST /workorders/${workOrderId}/costs`).id, once);
}

/** Rows carry no number when they are read, so that the reference stands for it where the answer was lost. */
async function trace(session: MaintainxSession, once: Once, draft: JsonObject): Promise<Receipt | undefined> {
  const { workOrderId } = decode(Expense, draft, 'the cost to look up');
  const answer = await session.api.get(path`/workorders/${workOrderId}/costs`);
  const row = decode(Costs, answer, `GET /workorders/${workOrderId}/costs`).costs.rows.find(
    ({ description }) => description?.includes(markOf(once.reference)) === true,
  );
  return row === undefined ? undefined : receiptOf(workOrderId, row.id ?? undefined, once);
}

const receiptOf = (order: number, row: number | undefined, once: Once): Receipt => ({
  id: `${order}/${once.reference}`,
  ...(row === undefined ? {} : { data: { row } }),
});

/** What finance booked, shown on the order. There is no call that changes or deletes a row: a correction is a further row with the opposite sign. */
export const workOrderCost = (record: MaintainxRecord) =>
  record({
    kind: 'workOrderCost',
    native: 'Cost of a work order',
    shape: Expense,
    key: (row) => `${row.workOrderId}/${row.description}`,
    changes: 'sweep',
    rows: [
      { ours: 'workOrder', theirs: 'workOrderId', via: 'text', reference: 'workOrder', direction: 'both', owner: 'finance', required: true },
      { ours: 'text', theirs: 'description', direction: 'both', owner: 'finance', required: true, note: 'The reference is put behind it in brackets.' },
      {
        ours: 'amount',
        theirs: 'costPerUnit',
        via: 'cents(settings.currency)',
        direction: 'both',
        owner: 'finance',
        required: true,
        note: 'The whole amount: an expense has no quantity.',
      },
      { ours: 'kind', theirs: '', expression: "native.costType == 'LABOR' ? 'labour' : 'other'", direction: 'in', owner: 'finance' },
      {
        ours: '',
        theirs: 'costType',
        expression: "record.kind == 'labour' ? 'LABOR' : 'OTHER'",
        direction: 'out',
        owner: 'finance',
        note: 'Parts and services are OTHER: the vendor knows labour, travel and other.',
      },
    ],
    example: { workOrderId: 880012, costType: 'OTHER', costPerUnit: 16900, description: 'Parts by ERP, 5000004410' },
    verbs: {
      create: {
        class: 'L',
        how: "The reference stands in the row's description and is looked for among the costs of the order before any repetition. A person who edits the description breaks the lookup.",
        run: create,
        trace,
      },
    },
  });
