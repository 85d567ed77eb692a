import type { Decimal } from '#base/decimal';

export type UnitOf = { system: string; code: string };
export type Account = { order?: string; fixedAsset?: string; costCentre?: string };

/** What a work order's line has used so far of a part of one storeroom, in finance's unit: cumulative. */
export type Consumed = { total: Decimal; unit: UnitOf; costCentre: string; account: Account; usedOn: string };

/** What the stock lane posted for a line, cumulative: quantity and value after returns. */
export type Issued = { quantity: Decimal; unit: UnitOf; minor: number; currency: string | null; unvalued: boolean };

export type WorkOrderState = {
  seen: string;
  number: string;
  /** Stock lane -> line -> what was told last. */
  told: { [lane: string]: { n: number; lines: { [line: string]: Consumed } } };
  /** Stock lane -> what it answered: newest counter and lines. */
  issued: { [lane: string]: { n: number; lines: { [line: string]: Issued } } };
  /** `lane|line` -> what is in the ledger, and what is noted on the work order. */
  booked: { [line: string]: { minor: number; currency: string; costCentre: string } };
};

/** One goods issue or return, of a line of a work order. `quantity` is signed: out is positive. */
export type Movement = {
  intent: string;
  line: string;
  quantity: Decimal;
  state: 'sent' | 'failed' | 'applied' | 'cancelled';
  number: string | null;
  reversed: boolean;
  undoes: string | null;
  value: { minor: number; currency: string } | null;
};

export type Consumer = {
  n: number;
  answered: number;
  number: string;
  thread: string;
  site: string;
  count: number;
  lines: { [line: string]: Consumed };
  movements: Movement[];
};

/** On-hand as one connection last said it, in finance's unit and in its own; `record` is the hub id of the record that said it. */
export type Level = { value: Decimal; unit: UnitOf; shown: Decimal; shownUnit: UnitOf; at: number; seen: string; record?: string };

export type Replenishment = { n: number; state: 'sent' | 'failed' | 'open' | 'rejected'; number: string | null; quantity: Decimal; receivedQuantity: Decimal };

export type StockState = {
  part: string;
  storeroom: string;
  consumers: { [workOrder: string]: Consumer };
  finance: Level | null;
  maintenance: Level | null;
  terms: {
    reorderPoint: Decimal | null;
    maximum: Decimal | null;
    lotSize: Decimal | null;
    bySystem: boolean;
    site: string | null;
    price: { minor: number; currency: string } | null;
    pricePer: Decimal;
  };
  /** A figure of finance that was read while an own movement was on its way: it may or may not show it. */
  unsure: Level | null;
  /** When the last own movement or adjustment was answered: figures read before say nothing about it. */
  postedAt: number;
  adjustedAt: number;
  /** The maintenance side's figure when both last agreed, and a difference that is being watched. */
  agreed: Decimal | null;
  suspect: { expected: Decimal; maintenance: Decimal; since: number } | null;
  /** An adjustment on its way; `seen` is the figure that it is based on. */
  adjusting: { value: Decimal; shown: Decimal; side: 'finance' | 'maintenance'; seen?: Decimal } | null;
  adjustments: number;
  inVain: number;
  replenishments: number;
  replenishment: Replenishment | null;
  replenishedAt: number;
  heard: { [lane: string]: number };
  /** What requisitions of work orders bring in, by work-order lane. Absent where nothing ever was told. */
  inbound?: { [workOrder: string]: { n: number; quantity: Decimal } };
  /** I7: opening + other - issued = on hand. `other` is what finance moved without the hub. */
  book: { opening: Decimal | null; issued: Decimal; other: Decimal; sinceRead: Decimal };
};

/** The flow's state in a lane: the member of the lane's kind is there, the other is not. */
export type StockFlowState = { workOrder?: WorkOrderState; stock?: StockState };

export const emptyWorkOrder = (): WorkOrderState => ({ seen: '', number: '', told: {}, issued: {}, booked: {} });

/** State of `stock/<part>@<storeroom>`. */
export function emptyStock(lane: string): StockState {
  const name = lane.slice(lane.indexOf('/') + 1);
  const at = name.lastIndexOf('@');
  return {
    part: name.slice(0, at),
    storeroom: name.slice(at + 1),
    consumers: {},
    finance: null,
    maintenance: null,
    terms: { reorderPoint: null, maximum: null, lotSize: null, bySystem: false, site: null, price: null, pricePer: '1' },
    unsure: null,
    postedAt: 0,
    adjustedAt: 0,
    agreed: null,
    suspect: null,
    adjusting: null,
    adjustments: 0,
    inVain: 0,
    replenishments: 0,
    replenishment: null,
    replenishedAt: 0,
    heard: {},
    book: { opening: null, issued: '0', other: '0', sinceRead: '0' },
  };
}
