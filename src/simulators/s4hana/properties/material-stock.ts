import { properties } from '../odata/property.ts';

/** A material as the stock service knows it. */
export const stock = properties(`
  Material:S40:k MaterialBaseUnit:S3
`);

/** Stock per storage location and stock type. */
export const stockInAccountModel = properties(`
  Material:S40:k Plant:S4:k StorageLocation:S4:k Batch:S10:k Supplier:S10:k Customer:S10:k WBSElementInternalID:S8:k SDDocument:S10:k
  SDDocumentItem:S6:k InventorySpecialStockType:S1:k InventoryStockType:S2:k MaterialBaseUnit:S3 MatlWrhsStkQtyInMatlBaseUnit:P31.14
  WBSElementExternalID:S24
`);
