import { properties } from '../odata/property.ts';

/** Header of a goods movement. */
export const documentHeader = properties(`
  MaterialDocumentYear:N4:k MaterialDocument:S10:k InventoryTransactionType:S2 DocumentDate:D PostingDate:D CreationDate:D CreationTime:T
  CreatedByUser:S12 MaterialDocumentHeaderText:S25 ReferenceDocument:S16 VersionForPrintingSlip:S1 ManualPrintIsTriggered:S1 GoodsMovementCode:S2
`);

/** Item of a goods movement. There is no plain order field: an order goes into `ManufacturingOrder`. */
export const documentItem = properties(`
  MaterialDocumentYear:N4:k MaterialDocument:S10:k MaterialDocumentItem:N4:k Material:S40 Plant:S4 StorageLocation:S4 Batch:S10 GoodsMovementType:S3
  InventoryStockType:S2 InventoryValuationType:S10 InventorySpecialStockType:S1 Supplier:S10 PurchaseOrder:S10 PurchaseOrderItem:N5 WBSElement:S24
  ManufacturingOrder:S12 ManufacturingOrderItem:S4 GoodsMovementRefDocType:S1 GoodsMovementReasonCode:S4 AccountAssignmentCategory:S1 CostCenter:S10
  ControllingArea:S4 GLAccount:S10 ProfitCenter:S10 MasterFixedAsset:S12 FixedAsset:N4 MaterialBaseUnit:S3 QuantityInBaseUnit:P13.3 EntryUnit:S3
  QuantityInEntryUnit:P13.3 CompanyCodeCurrency:S5 GdsMvtExtAmtInCoCodeCrcy:P14.3 FiscalYear:N4 FiscalYearPeriod:S7 IssgOrRcvgMaterial:S40
  IssuingOrReceivingPlant:S4 IssuingOrReceivingStorageLoc:S4 IssuingOrReceivingStockType:S2 IsCompletelyDelivered:B MaterialDocumentItemText:S50
  GoodsRecipientName:S12 UnloadingPointName:S25 Reservation:N10 ReservationItem:N4 ReservationIsFinallyIssued:B IsAutomaticallyCreated:S1
  MaterialDocumentLine:N6 GoodsMovementIsCancelled:B ReversedMaterialDocumentYear:N4 ReversedMaterialDocument:S10 ReversedMaterialDocumentItem:N4
`);
