import { properties } from '../odata/property.ts';

/** A material, independent of plants. */
export const product = properties(`
  Product:S40:k ProductType:S4 CrossPlantStatus:S2 CreationDate:D:!c!u LastChangeDate:D:!c!u LastChangeDateTime:Z:!c!u IsMarkedForDeletion:B
  ProductOldID:S40 PurchaseOrderQuantityUnit:S3 ProductGroup:S9 BaseUnit:S3 ItemCategoryGroup:S4 ProductStandardID:S18 ProductManufacturerNumber:S40
  ManufacturerNumber:S10 IndustrySector:S1 GrossWeight:P13.3 NetWeight:P13.3 WeightUnit:S3 SizeOrDimensionText:S32
`);

/** A material's description in one language. */
export const productDescription = properties(`
  Product:S40:k Language:S2:k ProductDescription:S40
`);

/** A material in a plant. */
export const productPlant = properties(`
  Product:S40:k Plant:S4:k PurchasingGroup:S3 ProfileCode:S2 ProfitCenter:S10 MaintenanceStatusName:S15 IsMarkedForDeletion:B MRPType:S2
  MRPResponsible:S3 MinimumLotSizeQuantity:P13.3 MaximumLotSizeQuantity:P13.3 FixedLotSizeQuantity:P13.3 ProcurementType:S1 BaseUnit:S3
  GoodsReceiptDuration:P3.0 IsBatchManagementRequired:B
`);

/** A material in a storage location. */
export const productStorageLocation = properties(`
  Product:S40:k Plant:S4:k StorageLocation:S4:k WarehouseStorageBin:S10 MaintenanceStatus:S15:!c!u PhysicalInventoryBlockInd:S1 CreationDate:D:!c!u
  IsMarkedForDeletion:B
`);

/** Planning data of a material in a plant, with its reorder point. */
export const productSupplyPlanning = properties(`
  Product:S40:k Plant:S4:k FixedLotSizeQuantity:P13.3 MaximumLotSizeQuantity:P13.3 MinimumLotSizeQuantity:P13.3 LotSizingProcedure:S2 MRPType:S2
  MRPResponsible:S3 SafetyStockQuantity:P13.3 MaximumStockQuantity:P13.3 ReorderThresholdQuantity:P13.3 PlannedDeliveryDurationInDays:P3.0
  ProcurementType:S1 BaseUnit:S3 DfltStorageLocationExtProcmt:S4
`);

/** What a material is worth in a valuation area. */
export const productValuation = properties(`
  Product:S40:k ValuationArea:S4:k ValuationType:S10:k ValuationClass:S4 PriceDeterminationControl:S1 StandardPrice:P12.3 PriceUnitQty:P5.0
  InventoryValuationProcedure:S1 IsMarkedForDeletion:B MovingAveragePrice:P12.3 PriceLastChangeDate:D Currency:S5 BaseUnit:S3
`);

/** An alternative unit: numerator base units are denominator alternative units. */
export const productUnit = properties(`
  Product:S40:k AlternativeUnit:S3:k QuantityNumerator:P5.0 QuantityDenominator:P5.0 BaseUnit:S3
`);
