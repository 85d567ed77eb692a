import { add, divide, multiply, negate, sign, subtract } from '#base/decimal';
import type { JsonObject } from '#base/json';
import type { OperationRow } from '#store/port';
import { documentsOf } from '../documents.ts';
import { finance, maintenance } from '../plant.ts';
import { everyDocument, everyOperation, issuesOf, troubled } from '../reading.ts';
import type { Invariant } from './invariant.ts';

const referencePattern = /LP[0-9A-HJKMNP-TV-Z]{14}/g;

/** The kind of target document that each record becomes, by which its operation is found again; records that leave none are not here. */
const documentKind: Readonly<Record<string, string>> = {
  costPosting: 'journal',
  goodsIssue: 'movement',
  purchaseRequisition: 'requisition',
  reservation: 'reservation',
  workOrderCost: 'workOrderCost',
  asset: 'asset',
  part: 'part',
  vendor: 'vendor',
};

/** The kind of document by which an operation is found again, where it leaves one. */
export const documentOf = ({ record, verb, connection }: OperationRow): string | undefined =>
  (verb === 'create' || (verb === 'reverse' && record === 'costPosting')) && (connection === maintenance || !['asset', 'part', 'vendor'].includes(record))
    ? documentKind[record]
    : undefined;

/** How many documents of each kind carry each reference: `kind|reference`. */
export function documentsByReference(texts: readonly { readonly kind: string; readonly text: string }[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { kind, text } of texts)
    for (const reference of new Set(text.match(referencePattern) ?? [])) found.set(`${kind}|${reference}`, (found.get(`${kind}|${reference}`) ?? 0) + 1);
  return found;
}

/** Business documents of the targets against what the hub believes it did. */
export const documentInvariants: readonly Invariant[] = [
  {
    id: 'I2',
    title: 'at most one document per operation; exactly one where it is applied',
    when: ['crossing', 'sweep', 'end'],
    sweep: duplicates,
    async end(simulation) {
      const counts = documentsByReference(documentsOf(simulation.twins));
      const found = [...(await duplicates(simulation))];
      for (const operation of await everyOperation(simulation.store)) {
        const kind = documentOf(operation);
        if (kind === undefined || operation.class !== 'L' || operation.state !== 'applied') continue;
        if ((counts.get(`${kind}|${operation.reference}`) ?? 0) === 0) found.push(`operation ${operation.key} is applied and left no document`);
      }
      return found;
    },
  },
  {
    id: 'I4',
    title: 'every document of a thread follows one that exists',
    when: ['end'],
    async end({ store, twins }) {
      const found: string[] = [];
      const rows = await everyDocument(store);
      // A parent is named by kind and number, or by kind and hub id; its line may stand behind.
      const known = new Set(rows.flatMap(({ thread, kind, system, id }) => [`${thread}|${kind}/${system}.${id}`, `${thread}|${kind}/${id}`]));
      for (const { thread, kind, id, parent } of rows) {
        if (parent === '' || parent === thread) continue;
        const at = parent.split('/');
        if (![2, 3, 4].some((members) => known.has(`${thread}|${at.slice(0, members).join('/')}`)))
          found.push(`${kind} ${id} of ${thread} follows ${parent}, which is not there`);
      }
      const { world } = twins.erp;
      for (const item of world.orders.items.all())
        if (item.PurchaseRequisition !== '' && !world.requisitions.headers.get(item.PurchaseRequisition))
          found.push(`order ${item.PurchaseOrder} names requisition ${item.PurchaseRequisition}, which is not there`);
      return found;
    },
  },
  {
    id: 'I6',
    title: 'the labour posted for a work order is the hours logged at the rates of their days',
    when: ['end'],
    end: labour,
  },
  {
    id: 'I8',
    title: 'a posting and its reversal come to zero; issued less returned is what the work order used',
    when: ['end'],
    async end(simulation) {
      return [...(await reversals(simulation)), ...(await issues(simulation))];
    },
  },
  { id: 'I18', title: 'nothing is posted into a closed period', when: ['crossing'] },
];

type Simulated = Parameters<NonNullable<Invariant['end']>>[0];

async function duplicates({ twins, recorder }: Simulated): Promise<string[]> {
  const found: string[] = [];
  for (const [id, count] of documentsByReference(documentsOf(twins))) {
    const [kind = '', reference = ''] = id.split('|');
    const key = recorder.byReference.get(reference);
    const operation = key === undefined ? undefined : recorder.operations.get(key);
    if (!operation) found.push(`a ${kind} carries reference ${reference}, which no operation has`);
    else if (count > 1 && documentOf(operation) === kind) found.push(`operation ${operation.key} has ${count} documents`);
  }
  return found;
}

/** Hours and money per work order: what technicians logged, against what stands in the general ledger. */
async function labour(simulation: Simulated): Promise<string[]> {
  const { twins, variant, store } = simulation;
  if (variant.scope !== 'live') return [];
  const found: string[] = [];
  const open = await troubled(store);
  const posted = new Map<string, string>();
  for (const operation of await everyOperation(store)) {
    const uncharged = operation.state === 'applied' ? unchargeableOrder(simulation, operation) : undefined;
    if (uncharged !== undefined) found.push(`operation ${operation.key} charges work order ${uncharged}, whose asset has no cost centre`);
    if (operation.flow !== 'costs' || operation.record !== 'costPosting' || operation.state !== 'applied') continue;
    const draft = operation.draft as { workOrder?: string; hours?: string; kind?: string };
    if (draft.kind !== 'labour' || draft.workOrder === undefined || draft.hours === undefined) continue;
    const { amount, rate } = operation.draft as { amount?: { minor: number }; rate?: { minor: number } };
    if (amount && rate && operation.verb === 'create' && String(amount.minor) !== divide(multiply(draft.hours, String(rate.minor)), '1', 0))
      found.push(`operation ${operation.key} posts ${amount.minor} for ${draft.hours} h at ${rate.minor}`);
    posted.set(draft.workOrder, add(posted.get(draft.workOrder) ?? '0', operation.verb === 'reverse' ? negate(draft.hours) : draft.hours));
  }
  for (const order of twins.cmms.world.workOrders.values()) {
    const workOrder = `${maintenance}.${order.id}`;
    if (open.has(`workOrder/${workOrder}`) || !chargeable(simulation, order.assetId)) continue;
    const due = variant.costMoment === 'perConfirmation' ? ['DONE', 'IN_PROGRESS', 'OPEN', 'ON_HOLD'] : ['DONE'];
    if (!due.includes(order.status)) continue;
    const logged = order.costs.filter(({ type }) => type === 'TIME').reduce((sum, row) => add(sum, String(row.quantity)), '0');
    const stands = posted.get(workOrder) ?? '0';
    if (sign(subtract(logged, stands)) !== 0) found.push(`work order ${order.id} (${order.status}) has ${logged} h logged and ${stands} h posted`);
  }
  return found;
}

/** The work order of an operation in finance, where its asset has no cost centre that anybody has set. */
function unchargeableOrder({ twins }: Simulated, { connection, draft, record }: OperationRow): number | undefined {
  const workOrder = String((draft as { workOrder?: string }).workOrder ?? '');
  const order = twins.cmms.world.workOrders.get(Number(workOrder.split('.')[1] ?? ''));
  if (connection !== finance || !order || !['costPosting', 'goodsIssue'].includes(record)) return undefined;
  return order.assetId !== null && order.assetId === twins.assetOf('CLV-X')?.id ? order.id : undefined;
}

/** A machine without cost centre holds what is charged to it. */
const chargeable = ({ twins }: Simulated, asset: number | null): boolean =>
  asset !== null && ['CLV-U-P7', 'CLV-U-P8', 'CLV-U'].some((code) => twins.assetOf(code)?.id === asset);

/** For each reversal, the general ledger's rows of both documents per account. */
async function reversals({ twins, store }: Simulated): Promise<string[]> {
  const found: string[] = [];
  const { ledger } = twins.erp.world;
  const sums = (number: string): Map<string, string> => {
    const sum = new Map<string, string>();
    for (const row of ledger.items.all())
      if (row.AccountingDocument === number) sum.set(row.GLAccount, add(sum.get(row.GLAccount) ?? '0', String(row['AmountInCompanyCodeCurrency'])));
    return sum;
  };
  for (const operation of await everyOperation(store)) {
    if (operation.verb !== 'reverse' || operation.state !== 'applied' || operation.record !== 'costPosting') continue;
    const original = (operation.draft as { reverses?: string }).reverses ?? '';
    const own = String(operation.receipt?.['id'] ?? '');
    if (original.split('/').length < 3 || own.split('/').length < 3) continue;
    const total = sums(original.split('/')[0] ?? '');
    for (const [account, amount] of sums(own.split('/')[0] ?? '')) total.set(account, add(total.get(account) ?? '0', amount));
    for (const [account, amount] of total) if (sign(amount) !== 0) found.push(`${own} takes ${original} back and leaves ${amount} on account ${account}`);
  }
  return found;
}

/** Quantities per work order and part: what left the store in the maintenance system, against goods issues less returns in finance. */
async function issues(simulation: Simulated): Promise<string[]> {
  const { twins, variant, store, recorder } = simulation;
  if (variant.scope === 'shadow' || variant.scope === 'stockOff') return [];
  const found: string[] = [];
  const open = await troubled(store);
  const net = issuesOf(twins, (reference) => {
    const key = recorder.byReference.get(reference);
    const draft = key === undefined ? undefined : (recorder.operations.get(key)?.draft as JsonObject | undefined);
    return typeof draft?.['workOrder'] === 'string' ? draft['workOrder'] : undefined;
  });
  for (const order of twins.cmms.world.workOrders.values()) {
    const workOrder = `${maintenance}.${order.id}`;
    if (order.status !== 'DONE' || !chargeable(simulation, order.assetId) || open.has(`workOrder/${workOrder}`)) continue;
    const used = new Map<string, string>();
    for (const { partId, locationId, issued } of order.parts) {
      const code = [...twins.seeded.parts].find(([, id]) => id === partId)?.[0] ?? '';
      if (!['FILTER-25', 'OIL-46', 'BRG-6205'].includes(code) || locationId === null) continue;
      if (open.has(`stock/${maintenance}.${partId}@${maintenance}.${locationId}`)) return found;
      used.set(code, add(used.get(code) ?? '0', String(issued)));
    }
    for (const code of new Set([...used.keys(), ...(net.get(workOrder)?.keys() ?? [])])) {
      const [wanted, stands] = [used.get(code) ?? '0', net.get(workOrder)?.get(code) ?? '0'];
      if (sign(subtract(wanted, stands)) !== 0) found.push(`work order ${order.id} used ${wanted} of ${code}, and ${stands} are issued in finance`);
    }
  }
  return found;
}
