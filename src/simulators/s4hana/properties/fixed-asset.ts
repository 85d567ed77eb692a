import { properties } from '../odata/property.ts';

/** Fixed asset master, OData V4. */
export const fixedAsset = properties(`
  CompanyCode:S4:k MasterFixedAsset:S12:k FixedAsset:N4:k AssetClass:S8 FixedAssetDescription:S50 AssetAdditionalDescription:S50 AssetSerialNumber:S18
  CostCenter:S10 Plant:S4 AssetLocation:S10 Inventory:S25 AssetCapitalizationDate:D AssetDeactivationDate:D Currency:S5
`);

/** Parameters of `CreateMasterFixedAsset`; the groups below it are deep. */
export const createAsset = properties('CompanyCode:S4 AssetClass:S8');
export const assetGeneral = properties('FixedAssetDescription:S50 AssetAdditionalDescription:S50 AssetSerialNumber:S18 BaseUnitSAPCode:S3 BaseUnitISOCode:S3');
export const assetAssignment = properties('CostCenter:S10 Plant:S4 AssetLocation:S10 Room:S8 WBSElementExternalID:S24 ProfitCenter:S10 Segment:S10');
export const assetInventory = properties('Inventory:S25 InventoryNote:S15');
export const assetLedger = properties('Ledger:S2 AssetCapitalizationDate:D');
export const assetTimeBasedValuation = properties('ValidityStartDate:D PlannedUsefulLifeInYears:N3 PlannedUsefulLifeInPeriods:N3 DepreciationKey:S4');

/** Postings of either kind, for reading them back. */
export const assetPosting = properties(`
  FixedAssetPostingUUID:S36:k ReferenceDocument:S10 ReferenceDocumentType:S5 CompanyCode:S4 MasterFixedAsset:S12 FixedAsset:N4 FiscalYear:N4 PostingDate:D
  DocumentReferenceID:S16 AssignmentReference:S18 BusinessTransactionType:S4
`);

/** Parameters of the acquisition's `Post`. */
export const acquisition = properties(`
  ReferenceDocumentItem:S6 BusinessTransactionType:S4 CompanyCode:S4 MasterFixedAsset:S12 FixedAsset:N4 DocumentDate:D PostingDate:D AssetValueDate:D DebitCreditCode:S1
  TransactionCurrency:S3 AcqnAmtInTransactionCurrency:P23.2 OffsettingAccount:S10 DocumentReferenceID:S16 AccountingDocumentHeaderText:S25 DocumentItemText:S50
  QuantityInBaseUnit:P13.3 BaseUnitSAPCode:S3 BaseUnitISOCode:S3 AccountingDocumentType:S2 AssignmentReference:S18
`);

/** Parameters of the retirement's `Post`. */
export const retirement = properties(`
  ReferenceDocumentItem:S6 BusinessTransactionType:S4 CompanyCode:S4 MasterFixedAsset:S12 FixedAsset:N4 DocumentDate:D PostingDate:D AssetValueDate:D FxdAstRetirementRevenueType:S1
  AstRevenueAmountInTransCrcy:P23.2 FxdAstRtrmtRevnTransCrcy:S3 FxdAstRtrmtRevnCurrencyRole:S2 FxdAstRevnDetnDeprArea:S2 FixedAssetRetirementType:S1 AstRtrmtAmtInTransCrcy:P23.2
  FxdAstRetirementTransCrcy:S3 FxdAstRetirementRatioInPercent:P5.2 FixedAssetYearOfAcqnCode:S1 DocumentReferenceID:S16 AccountingDocumentHeaderText:S25
  FxdAstRtrmtQuantityInBaseUnit:P13.3 BaseUnitSAPCode:S3 BaseUnitISOCode:S3 AccountingDocumentType:S2 TradingPartner:S6 AssignmentReference:S18 DocumentItemText:S50
`);

/** The customer's own view of asset values. */
export const assetValue = properties(`
  CompanyCode:S4:k MasterFixedAsset:S12:k FixedAsset:N4:k AssetDepreciationArea:S2:k FiscalYear:N4:k FiscalPeriod:N3:k AcquisitionValue:P23.2 AccumulatedDepreciation:P23.2
  NetBookValue:P23.2 Currency:S5
`);

/** The customer's own view of depreciation by period: planned, and posted once its run is through. */
export const assetDepreciation = properties(`
  CompanyCode:S4:k MasterFixedAsset:S12:k FixedAsset:N4:k AssetDepreciationArea:S2:k FiscalYear:N4:k FiscalPeriod:N3:k PlannedDepreciation:P23.2 PostedDepreciation:P23.2
  AccumulatedDepreciation:P23.2 NetBookValue:P23.2 Currency:S5
`);
