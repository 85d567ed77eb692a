import type { JsonObject } from '#base/json';
import type { RecordKind, RecordOf } from '#model/records';

/** `kind/hubId`: the lane of one business object. */
export const lane = (kind: string, hubId: string): string => `${kind}/${hubId}`;

/** The stock lane of a part in a storeroom. */
export const stockLane = (part: string, storeroom: string): string => `stock/${part}@${storeroom}`;

/** The hub id that a number of a connection has when nothing better is known: deterministic, so that it never needs to be looked up. */
export const provisionalHubId = (connection: string, externalId: string): string => `${connection}.${externalId}`;

/** One share of an incoming record for one lane: documents that touch several orders are split, so that every lane gets what is its own. */
export interface LaneShare {
  readonly lane: string;
  readonly record: JsonObject;
}

type Splitter<K extends RecordKind> = (record: RecordOf<K>, self: string, connection: string) => readonly LaneShare[];

const own =
  (kind: string) =>
  (record: unknown, self: string): readonly LaneShare[] => [{ lane: lane(kind, self), record: record as JsonObject }];

function byOrder(record: RecordOf<'goodsReceipt'> | RecordOf<'supplierInvoice'>, kind: string, self: string, connection: string): readonly LaneShare[] {
  const orders = [...new Set(record.lines.map((line) => line.purchaseOrder ?? ''))];
  if (orders.every((order) => order === '')) return [{ lane: lane(kind, self), record: record as unknown as JsonObject }];
  return orders.map((order) => ({
    lane: order === '' ? lane(kind, self) : lane('purchaseOrder', provisionalHubId(connection, order)),
    record: { ...record, lines: record.lines.filter((line) => (line.purchaseOrder ?? '') === order) } as unknown as JsonObject,
  }));
}

/** Which lane an incoming record belongs to. `self` is the hub id of the record. Kinds not listed go to their own lane. */
const splitters: { readonly [K in RecordKind]?: Splitter<K> } = {
  goodsReceipt: (record, self, connection) => byOrder(record, 'goodsReceipt', self, connection),
  supplierInvoice: (record, self, connection) => byOrder(record, 'supplierInvoice', self, connection),
  stockLevel: (record) => [{ lane: stockLane(record.part, record.storeroom), record: record as unknown as JsonObject }],
  labourRate: (record, self) => [
    { lane: lane(record.employee === undefined ? 'labourRate' : 'employee', record.employee ?? self), record: record as unknown as JsonObject },
  ],
  depreciationSchedule: (record) => [{ lane: lane('fixedAsset', record.fixedAsset), record: record as unknown as JsonObject }],
  maintenanceBom: (record) => [{ lane: lane('asset', record.asset), record: record as unknown as JsonObject }],
};

/** The lanes of an incoming record, each with its share. */
export function laneShares<K extends RecordKind>(kind: K, record: RecordOf<K>, self: string, connection: string): readonly LaneShare[] {
  const splitter = splitters[kind] as Splitter<K> | undefined;
  return splitter ? splitter(record, self, connection) : own(kind)(record, self);
}
