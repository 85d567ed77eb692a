import type { assetStatuses } from '#model/master-data';
import type { purchaseOrderStates, requisitionStates, workOrderStatuses } from '#model/documents';

type Table<S extends string> = { readonly [From in S]: readonly S[] };

/** Reopening leads back to work in progress; what was posted is then reversed by opposite documents, never by editing. */
const workOrder: Table<(typeof workOrderStatuses)[number]> = {
  open: ['released', 'inProgress', 'onHold', 'completed', 'cancelled'],
  released: ['open', 'inProgress', 'onHold', 'completed', 'cancelled'],
  inProgress: ['released', 'onHold', 'completed', 'cancelled'],
  onHold: ['open', 'released', 'inProgress', 'completed', 'cancelled'],
  completed: ['released', 'inProgress', 'closed'],
  closed: ['inProgress', 'completed'],
  cancelled: ['open'],
};

/** A changed requisition goes back to approval; a cancelled order frees it again. */
const requisition: Table<(typeof requisitionStates)[number]> = {
  inApproval: ['approved', 'rejected', 'deleted'],
  approved: ['inApproval', 'rejected', 'ordered', 'closed', 'deleted'],
  rejected: ['inApproval', 'deleted'],
  ordered: ['approved', 'closed', 'deleted'],
  closed: ['ordered'],
  deleted: ['inApproval'],
};

/** Steps back from a receipt or an invoice are reversals. A received order is returned, not cancelled. */
const purchaseOrder: Table<(typeof purchaseOrderStates)[number]> = {
  draft: ['inApproval', 'approved', 'sent', 'cancelled'],
  inApproval: ['draft', 'approved', 'cancelled'],
  approved: ['inApproval', 'sent', 'partiallyReceived', 'received', 'closed', 'cancelled'],
  sent: ['inApproval', 'approved', 'partiallyReceived', 'received', 'invoiced', 'closed', 'cancelled'],
  partiallyReceived: ['approved', 'sent', 'received', 'invoiced', 'closed'],
  received: ['approved', 'sent', 'partiallyReceived', 'invoiced', 'closed'],
  invoiced: ['sent', 'partiallyReceived', 'received', 'closed'],
  closed: ['partiallyReceived', 'received', 'invoiced'],
  cancelled: [],
};

/** Disposal is final: a retired asset gets no new postings. */
const asset: Table<(typeof assetStatuses)[number]> = {
  operational: ['down', 'inactive', 'disposed'],
  down: ['operational', 'inactive', 'disposed'],
  inactive: ['operational', 'down', 'disposed'],
  disposed: [],
};

/** Which states may follow which, per kind of object. Staying in a state is always allowed. */
export const transitions = { workOrder, requisition, purchaseOrder, asset } as const;

export type StateKind = keyof typeof transitions;
export type StateOf<K extends StateKind> = keyof (typeof transitions)[K] & string;

/** Whether `to` may follow `from`; undefined as `from` is the first sight of an object, which may be in any state. Texts that name no state are refused. */
export function mayFollow<K extends StateKind>(kind: K, from: StateOf<K> | undefined, to: StateOf<K>): boolean {
  const table: Readonly<Record<string, readonly string[]>> = transitions[kind];
  if (!Object.hasOwn(table, to)) return false;
  if (from === undefined || from === to) return true;
  return Object.hasOwn(table, from) && (table[from]?.includes(to) ?? false);
}
