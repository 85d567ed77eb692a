import { properties } from '../odata/property.ts';

/** Reservation header, OData V2. */
export const reservation = properties(`
  Reservation:N10:k OrderID:S12 GoodsMovementType:S3 CostCenter:S10 GoodsRecipientName:S12 ReservationDate:D IsCheckedAgainstFactoryCal:B WBSElement:S24 ControllingArea:S4
  AssetNumber:S12 AssetSubNumber:S4 IssuingOrReceivingPlant:S4 IssuingOrReceivingStorageLoc:S4
`);

/** Reservation item, OData V2. */
export const reservationItem = properties(`
  Reservation:N10:k ReservationItem:N4:k RecordType:S1:k Product:S40 MatlCompRequirementDate:D Plant:S4 StorageLocation:S4 Batch:S10 GoodsMovementIsAllowed:B
  ResvnItmRequiredQtyInEntryUnit:P13.3 EntryUnit:S3 BaseUnit:S3:!c!u ResvnItmRequiredQtyInBaseUnit:P13.3:!c!u ResvnItmWithdrawnQtyInBaseUnit:P13.3:!c!u
  ReservationItemIsFinallyIssued:B ReservationItmIsMarkedForDeltn:B:!c GLAccount:S10 ReservationItemText:S50 GoodsMovementType:S3:!c!u
`);
