import type { Decimal } from '#base/decimal';
import type { Holds } from '#flows/procurement/holding';
import type { Position } from '#flows/procurement/position';

export type Amount = { minor: number; currency: string };
export type UnitOf = { system: string; code: string };

/** What an order lane says about one order line: cumulative, so that the newest message is the whole truth. */
export type OrderShare = {
  order: string;
  orderLine: string;
  requisition: string;
  requisitionLine: string;
  line: string;
  toStock: boolean;
  quantity: Decimal;
  unit: UnitOf;
  received: Decimal;
  invoiced: Decimal;
  complete: boolean;
  deleted: boolean;
  final: boolean;
  promisedOn: string | null;
  /** The cost centre that the order itself charges; empty where it charges an order or an asset, or does not say. */
  chargedTo: string;
  currency: string | null;
  position: Position;
  /** Cumulative amounts received and invoiced: for the actual cost. */
  receivedMinor: number;
  invoicedMinor: number;
};

/** One requisition line that a work-order line led to. `wanted`: what the work order needs; `asked`: what was last sent; `confirmed`: what finance has. */
export type Request = {
  doc: string;
  docLine: string;
  line: string;
  kind: 'part' | 'service';
  part: string | null;
  /** Where it is to arrive; absent where it goes into no storeroom. */
  storeroom?: string;
  name: string;
  wanted: Decimal;
  asked: Decimal;
  confirmed: Decimal;
  unit: UnitOf;
  price: Amount | null;
  workOrder: string;
  costCentre: string;
  toStock: boolean;
  urgency: number;
  state: 'sent' | 'failed' | 'open' | 'rejected' | 'deleted' | 'closed' | 'withdrawn';
  number: string | null;
  approval: string | null;
  kept: boolean;
  changes: number;
  orders: { [orderLine: string]: OrderShare };
  booked: Position;
  currency: string | null;
  costed: number;
  costs: number;
};

export type WorkOrderState = {
  seen: string;
  number: string;
  priority: string;
  documents: number;
  reservations: number;
  requests: Request[];
  /** Newest counter heard from each lane. */
  heard: { [lane: string]: number };
  ready: boolean;
  /** What is on its way into each stock lane, as it was last told. Absent where nothing ever was. */
  inbound?: { [lane: string]: { n: number; quantity: Decimal; unit: UnitOf } };
  /** Requests that cannot be carried forward, each held by one event. Absent where nothing ever was. */
  held?: Holds;
};

/** Where a requisition line comes from: a work order's lane, or a stock lane that replenishes. */
export type Link = {
  lane: string;
  line: string;
  requisition: string;
  requisitionLine: string;
  thread: string;
  site: string;
  priority: string;
  toStock: boolean;
};

export type RequisitionState = {
  seen: string;
  number: string;
  linkedAt: number;
  n: number;
  told: string;
  approved: boolean;
  lines: {
    [line: string]: {
      state: string;
      quantity: Decimal;
      unit: UnitOf;
      price: Amount | null;
      approver: string | null;
      purchaseOrder: string | null;
      purchaseOrderLine: string | null;
    };
  };
  links: { [line: string]: Link };
  /** Order lines that asked to be linked, and those that were: `order lane|order line` -> requisition line. */
  asking: { [order: string]: string };
  answered: { [order: string]: true };
};

export type OrderLine = {
  quantity: Decimal;
  unit: UnitOf;
  price: Amount | null;
  pricePer: Decimal;
  promisedOn: string | null;
  deleted: boolean;
  complete: boolean;
  final: boolean;
  part: string | null;
  requisition: string | null;
  requisitionLine: string | null;
  received: Decimal | null;
  costCentre: string;
  chargedTo: string;
};
export type ReceiptLine = { orderLine: string; quantity: Decimal; unit: UnitOf; complete: boolean };
export type InvoiceLine = { orderLine: string; quantity: Decimal | null; unit: UnitOf | null; amount: Amount; final: boolean };

export type OrderState = {
  seen: string;
  number: string;
  currency: string | null;
  cancelled: boolean;
  lines: { [line: string]: OrderLine };
  receipts: { [number: string]: { seen: string; reverses?: string; lines: ReceiptLine[] } };
  invoices: { [number: string]: { seen: string; reversed: boolean; reverses?: string; lines: InvoiceLine[] } };
  links: { [line: string]: Link };
  asked: { [line: string]: string };
  told: { [lane: string]: { n: number; hash: string } };
  /** Promises that are watched: order line -> day. */
  promised: { [line: string]: string };
  /** Own books of lines that no work order stands behind. */
  booked: { [line: string]: { currency: string; costCentre: string; position: Position } };
  /** Lines and documents that cannot be carried forward, each held by one event. Absent where nothing ever was. */
  held?: Holds;
};

/** The flow's state in a lane: the member of the lane's kind is there, the others are not. */
export type ProcurementState = { workOrder?: WorkOrderState; requisition?: RequisitionState; order?: OrderState };

export const emptyWorkOrder = (): WorkOrderState => ({
  seen: '',
  number: '',
  priority: 'none',
  documents: 0,
  reservations: 0,
  requests: [],
  heard: {},
  ready: false,
});
export const emptyRequisition = (): RequisitionState => ({
  seen: '',
  number: '',
  linkedAt: 0,
  n: 0,
  told: '',
  approved: false,
  lines: {},
  links: {},
  asking: {},
  answered: {},
});
export const emptyOrder = (): OrderState => ({
  seen: '',
  number: '',
  currency: null,
  cancelled: false,
  lines: {},
  receipts: {},
  invoices: {},
  links: {},
  asked: {},
  told: {},
  promised: {},
  booked: {},
});
