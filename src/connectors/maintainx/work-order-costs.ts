import * as z from 'zod';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import type { Drifted, Once, Page, Query, Receipt, WriteTarget } from '#spi/connector';
import { decode, decodeRows } from '#spi/decode';
import { path } from '#spi/rest';
import { amount, Id, id } from './native.ts';
import { keyOf, readPage } from './paging.ts';
import type { MaintainxRecord, MaintainxSession } from './settings.ts';
import { costLines, markOf, referenceIn } from './work-order-lines.ts';
import { quietly } from './writing.ts';

/** A row as it is listed or written. Rows of the vendor have neither number nor cost type; `row` names them within their order. */
const CostRow = z.looseObject({
  workOrderId: Id,
  type: z.enum(['EXPENSE', 'TIME']).optional(),
  costType: z.enum(['LABOR', 'OTHER', 'TRAVEL']).optional(),
  costPerUnit: amount,
  rowTotal: z.int().optional(),
  durationTotal: amount,
  userId: id,
  description: z.string(),
  line: z.string().optional(),
  row: z.string().optional(),
  reference: z.string().optional(),
});
type CostRow = z.output<typeof CostRow>;
const Expense = z.looseObject({ workOrderId: Id, costType: z.enum(['LABOR', 'OTHER', 'TRAVEL']), costPerUnit: z.int(), description: z.string() });
const Costs = z.looseObject({
  costs: z.looseObject({ rows: z.array(z.looseObject({ type: z.string(), description: z.string().nullish(), id: z.number().nullish() })).max(5000) }),
});

const orders = { path: '/workorders', member: 'workOrders', expand: ['time_items', 'expenditures'], watermark: true } as const;
/** A list row with its time and expense rows; one that lacks them has its costs read by themselves. */
const Listed = z.looseObject({ id: Id, completedAt: z.unknown().optional(), timeItems: z.array(z.unknown()), expenditures: z.array(z.unknown()) });
/** Our cursor: the cursor of the orders, and how many rows of that page were given already. */
const Cursor = z.object({ orders: z.string().optional(), given: z.int().min(0).max(10_000_000) });

/** Time and expense rows of one order with names: the hub's own by their reference, the others as the work order numbers them. Part rows are its consumption and no cost rows. */
function rowsOf(workOrderId: number, rows: readonly unknown[]): unknown[] {
  const seen = new Map<string, number>();
  return costLines(rows, undefined).flatMap((row) => {
    if (row['type'] === 'PART') return [];
    const description = typeof row['description'] === 'string' ? row['description'] : '';
    const reference = referenceIn(description);
    const name = reference ?? String(row['line']);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    const { line, ...rest } = row;
    return [
      {
        ...rest,
        workOrderId,
        description: description === '' ? (row['type'] === 'TIME' ? 'Time' : 'Expense') : description,
        // The product of time and rate is the vendor's own; amounts of expenses are whole cents already.
        ...(row['type'] === 'TIME' && typeof row['rowTotal'] === 'number' ? { rowTotal: Math.round(row['rowTotal']) } : {}),
        row: count === 1 ? name : `${name}#${count}`,
        ...(reference === undefined ? { line } : { reference }),
      },
    ];
  });
}

async function costsOf(session: MaintainxSession, order: string): Promise<readonly unknown[]> {
  return decode(Costs, await session.api.get(path`/workorders/${order}/costs`), `GET /workorders/${order}/costs`).costs.rows;
}

/** Orders are read page by page with their rows; a page of orders that has more rows than asked for is given in several. */
async function list(session: MaintainxSession, query: Query): Promise<Page<CostRow>> {
  const from = query.cursor === undefined ? { given: 0 } : decode(Cursor, readCursor(query.cursor), 'the cursor of cost rows');
  const { cursor: _cursor, ...rest } = query;
  const page = await readPage(session, 'orders' in from && from.orders !== undefined ? { ...rest, cursor: from.orders } : rest, orders);
  const raw: unknown[] = [];
  const unread: Drifted[] = [];
  for (const order of page.rows) {
    const listed = Listed.safeParse(order);
    if (listed.success) raw.push(...rowsOf(listed.data.id, [...listed.data.timeItems, ...listed.data.expenditures]));
    else {
      const key = keyOf(order);
      if (key === undefined) unread.push({ message: 'a work order came without its number, so that its cost rows are not known' });
      else raw.push(...rowsOf(Number(key), await costsOf(session, key)));
    }
  }
  const { records, drifted } = decodeRows(CostRow, raw.slice(from.given, from.given + query.limit), (row) => keyIn(row as CostRow));
  const given = Math.min(raw.length, from.given + query.limit);
  const next = given < raw.length ? { ...from, given } : page.cursor === undefined ? undefined : { orders: page.cursor, given: 0 };
  return {
    records,
    ...(drifted.length + unread.length === 0 || (drifted.length === 0 && from.given > 0)
      ? {}
      : { drifted: from.given > 0 ? drifted : [...unread, ...drifted] }),
    ...(next === undefined ? {} : { cursor: Buffer.from(JSON.stringify(next)).toString('base64url') }),
    ...(page.since === undefined ? {} : { since: page.since }),
  };
}

function readCursor(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** `880012/LP00000000000000`, `880012/time:55`. */
const keyIn = (row: Pick<CostRow, 'workOrderId' | 'row' | 'description'>): string => `${row.workOrderId}/${row.row ?? row.description}`;

async function get(session: MaintainxSession, key: string): Promise<CostRow> {
  const [, order = '', name = ''] = /^(\d{1,15})\/(.{1,200})$/.exec(key) ?? [];
  if (order === '') throw new Fault('missing', `${JSON.stringify(key.slice(0, 60))} is not the key of a cost row; order/row is expected`);
  const rows = rowsOf(Number(order), await costsOf(session, order)).map((row) => decode(CostRow, row, `a cost row of work order ${order}`));
  const found = rows.find((row) => row.row === name);
  if (!found) throw new Fault('missing', `work order ${order} has no cost row ${name.slice(0, 60)}`);
  return found;
}

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

/** Cost rows of work orders: what finance booked, shown on the order, and the time and expenses that people logged. There is no call that changes or deletes a row: a correction is a further row with the opposite sign. */
export const workOrderCost = (record: MaintainxRecord) =>
  record({
    kind: 'workOrderCost',
    native: 'Cost of a work order',
    shape: CostRow,
    key: keyIn,
    changes: 'watermark',
    rows: [
      { ours: 'workOrder', theirs: 'workOrderId', via: 'text', reference: 'workOrder', direction: 'both', owner: 'finance', required: true },
      { ours: 'text', theirs: 'description', direction: 'both', owner: 'finance', required: true, note: 'The reference is put behind it in brackets.' },
      { ours: 'reference', theirs: 'reference', direction: 'in', owner: 'hub', note: 'Of rows that the hub wrote.' },
      {
        ours: 'line',
        theirs: 'line',
        direction: 'in',
        owner: 'maintenance',
        note: 'The line of labour or services of the work order; rows that the hub wrote are neither.',
      },
      { ours: 'amount', theirs: 'rowTotal', via: 'cents(settings.currency)', direction: 'in', owner: 'finance', required: true },
      {
        ours: 'amount',
        theirs: 'costPerUnit',
        via: 'cents(settings.currency)',
        direction: 'out',
        owner: 'finance',
        required: true,
        note: 'The whole amount: an expense has no quantity.',
      },
      {
        ours: 'kind',
        theirs: '',
        expression: "has(native.type) && native.type == 'TIME' || has(native.costType) && native.costType == 'LABOR' ? 'labour' : 'other'",
        direction: 'in',
        owner: 'finance',
      },
      {
        ours: 'employee',
        theirs: 'userId',
        via: 'text',
        reference: 'employee',
        direction: 'in',
        owner: 'maintenance',
        when: "has(native.type) && native.type == 'TIME'",
      },
      {
        ours: 'hours',
        theirs: 'durationTotal',
        via: 'hours(6)',
        direction: 'in',
        owner: 'maintenance',
        when: "has(native.type) && native.type == 'TIME'",
        note: 'Whole seconds; hours to six places.',
      },
      {
        ours: '',
        theirs: 'costType',
        expression: "record.kind == 'labour' ? 'LABOR' : 'OTHER'",
        direction: 'out',
        owner: 'finance',
        note: 'Parts and services are OTHER: the vendor knows labour, travel and other.',
      },
    ],
    example: {
      workOrderId: 880012,
      type: 'EXPENSE',
      costType: 'OTHER',
      costPerUnit: 16900,
      rowTotal: 16900,
      quantity: 1,
      description: 'Parts by ERP, 5000004410 [LP00000000000000]',
      line: 'expense',
      row: 'LP00000000000000',
      reference: 'LP00000000000000',
    },
    verbs: {
      list,
      get,
      create: {
        class: 'L',
        how: "The reference stands in the row's description and is looked for among the costs of the order before any repetition. A person who edits the description breaks the lookup.",
        run: create,
        trace,
      },
    },
  });
