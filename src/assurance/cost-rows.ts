import { moneyText } from '#base/money';
import { isReference } from '#assurance/fresh-side';
import { DocumentCheck, referencesOf, type References, type Written } from '#assurance/operations';
import type { Ground } from '#assurance/plan';
import { compareWorkRows, type WorkRow } from '#assurance/work-rows';
import { freshly, inParallel, type ReconcileSide } from '#assurance/side';

const rowKinds: ReadonlySet<string> = new Set(['workOrderCost']);

/** Cost rows that the hub put onto work orders: each is there once, with its amount where the system lists rows, else found by its reference in the work order. */
export async function compareCostRows(ground: Ground, side: ReconcileSide, references: References): Promise<void> {
  const { section } = ground;
  const check = new DocumentCheck(references, section, side.name);
  const mine = [...references.values()].filter(({ record, state }) => record === 'workOrderCost' && state === 'applied');
  if (side.lists('workOrderCost'))
    await compareWorkRows(ground, side, { references: await referencesOf(ground.store, ground.books.finance.name), rows: await fromRows(ground, side, check) });
  else if (side.lists('workOrder')) {
    if (mine.length > 0)
      section.notCompared(`${side.name} cannot list cost rows: they are counted by their references in the work orders, amounts are not compared`);
    await fromOrders(ground, side, { check, references });
  } else if (mine.length > 0) section.notCompared(`${side.name} can list neither cost rows nor work orders: each row is looked up by its reference`);
  check.finish();
  await missing(ground, side, check.missing(rowKinds));
}

/** Compares the hub's own rows; gives the rows of people, by work order. */
async function fromRows({ section, reading }: Ground, side: ReconcileSide, check: DocumentCheck): Promise<ReadonlyMap<string, WorkRow[]>> {
  const work = new Map<string, WorkRow[]>();
  for await (const { records, unreadable } of freshly(side, 'workOrderCost', reading)) {
    for (const { key, problem } of unreadable)
      section.differ({ key: `cost row ${key}`, class: 'unreadable', left: '', right: key, text: `cost row ${key} of ${side.name}: ${problem}` });
    for (const {
      key,
      record,
      references: [first],
    } of records) {
      const reference = record.reference ?? first;
      if (reference === undefined || !isReference(reference)) {
        const { workOrder, line, kind, hours, amount } = record;
        if (line !== undefined)
          work.set(workOrder, [...(work.get(workOrder) ?? []), { line: `${kind === 'labour' ? 'labour' : 'service'}/${line}`, hours, amount }]);
        continue;
      }
      check.meet({ kind: 'cost row', number: key, reference }, (operation) => {
        if (check.judge(operation, 'cost row', key) === 'told') return;
        const { value } = operation;
        section.money('cost rows', { ...(value ? { left: value } : {}), right: record.amount });
        if (!value || (value.minor === record.amount.minor && value.currency === record.amount.currency)) section.agree();
        else
          section.differ({
            key: reference,
            class: value.currency === record.amount.currency ? 'amount' : 'currency',
            left: moneyText(value),
            right: moneyText(record.amount),
            text: `cost row ${key} of operation ${operation.key}: ${moneyText(value)} in the hub, ${moneyText(record.amount)} in ${side.name}`,
          });
      });
    }
  }
  return work;
}

/** A work order that carries a reference twice has two rows of one operation. */
async function fromOrders(
  { section, reading }: Ground,
  side: ReconcileSide,
  { check, references: known }: { readonly check: DocumentCheck; readonly references: References },
): Promise<void> {
  for await (const { records, unreadable } of freshly(side, 'workOrder', reading)) {
    for (const { key, problem } of unreadable)
      section.differ({ key: `work order ${key}`, class: 'unreadable', left: '', right: key, text: `work order ${key} of ${side.name}: ${problem}` });
    for (const {
      key,
      references,
      record: { hubMark },
    } of records) {
      const counts = new Map<string, number>();
      for (const reference of references) if (reference !== hubMark) counts.set(reference, (counts.get(reference) ?? 0) + 1);
      for (const [reference, count] of counts) {
        const record = known.get(reference)?.record;
        // The mark of another record that the order shows is no cost row.
        if (record !== undefined && !rowKinds.has(record)) continue;
        for (let row = 1; row <= (record === undefined ? 1 : count); row++) {
          check.meet({ kind: 'cost row of work order', number: row === 1 ? key : `${key}, row ${row}`, reference }, (operation) => {
            if (check.judge(operation, 'cost row of work order', key) === 'applied') section.agree();
          });
        }
      }
    }
  }
}

/** A list may leave rows out: before one is called missing it is looked up by itself. */
async function missing({ section, store, reading }: Ground, side: ReconcileSide, operations: readonly Written[]): Promise<void> {
  let count = 0;
  await inParallel(operations, side.parallel, async (operation) => {
    const row = side.traces(operation) ? await store.read.operation(operation.key) : undefined;
    const found = row && (await side.trace(row));
    if (row) reading(side.name, 'workOrderCost', ++count);
    if (found) section.agree();
    else
      section.differ({
        key: operation.reference,
        class: 'missingInMaintenance',
        left: operation.id,
        right: '',
        ...(operation.value ? { money: operation.value } : {}),
        text: `the cost row of operation ${operation.key} is not on its work order in ${side.name}: ${operation.reason}`,
      });
  });
}
