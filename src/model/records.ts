import type * as z from 'zod';
import * as documents from '#model/documents';
import * as master from '#model/master-data';

/** Every record kind that crosses a connector. A connector maps its own records onto these, and onto nothing else. */
export const records = {
  site: master.Site,
  location: master.Location,
  asset: master.Asset,
  costCentre: master.CostCentre,
  glAccount: master.GlAccount,
  part: master.Part,
  unitOfMeasure: master.UnitOfMeasure,
  storeroom: master.Storeroom,
  stockLevel: master.StockLevel,
  maintenanceBom: master.MaintenanceBom,
  vendor: master.Vendor,
  employee: master.Employee,
  labourRate: master.LabourRate,
  failureCode: master.FailureCode,
  budget: master.Budget,
  workOrder: documents.WorkOrder,
  reservation: documents.Reservation,
  purchaseRequisition: documents.PurchaseRequisition,
  purchaseOrder: documents.PurchaseOrder,
  goodsReceipt: documents.GoodsReceipt,
  goodsIssue: documents.GoodsIssue,
  supplierInvoice: documents.SupplierInvoice,
  costPosting: documents.CostPosting,
  workOrderCost: documents.WorkOrderCost,
  fixedAsset: documents.FixedAsset,
  depreciationSchedule: documents.DepreciationSchedule,
  assetDisposal: documents.AssetDisposal,
  assetTransfer: documents.AssetTransfer,
  inspection: documents.Inspection,
  measurement: documents.Measurement,
  scrapPosting: documents.ScrapPosting,
} as const;

export type RecordKind = keyof typeof records;
export type RecordOf<K extends RecordKind> = z.output<(typeof records)[K]>;

/** Whether a text names a record kind. */
export const isRecordKind = (text: string): text is RecordKind => Object.hasOwn(records, text);
