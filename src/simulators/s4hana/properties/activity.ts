import { properties } from '../odata/property.ts';

/** Cost rate of a cost centre's activity type, OData V4. */
export const costRate = properties(`
  ControllingArea:S4:k CostCenter:S10:k ActivityType:S6:k ValidityStartDate:D:k ValidityEndDate:D CompanyCode:S4 CostRateFixedAmount:P15.3 CostRateVarblAmount:P15.3
  CostRateScaleFactor:P5.0 Currency:S5 CostCtrActivityTypeQtyUnit:S3
`);

/** Direct activity allocation, OData V4. Names follow the released accounting views; they are not verified. */
export const allocation = properties(`
  FiscalYear:N4:k!c ReferenceDocument:S10:k!c CompanyCode:S4 ControllingArea:S4 PostingDate:D DocumentDate:D AccountingDocumentHeaderText:S25 DocumentReferenceID:S16
  AccountingDocument:S10:!c CreatedByUser:S12:!c CreationDate:D:!c LastChangeDateTime:Z:!c
`);

/** One sender, activity and receiver of an allocation. */
export const allocationItem = properties(`
  FiscalYear:N4:k!c ReferenceDocument:S10:k!c ReferenceDocumentItem:N6:k SenderCostCenter:S10 CostCtrActivityType:S6 PartnerCostCenter:S10 PartnerOrder:S12 Quantity:P15.3
  BaseUnit:S3 PersonnelNumber:N8 DocumentItemText:S50 AmountInCompanyCodeCurrency:P23.3:!c CompanyCodeCurrency:S5:!c
`);

/** The customer's own view of rates per person. */
export const labourRate = properties(`
  PersonnelNumber:N8:k ValidityStartDate:D:k ValidityEndDate:D Rate:P11.2 Currency:S5 Unit:S3
`);

/** Operational accounting document line: what carries the reference and the text of a posting. */
export const accountingLine = properties(`
  CompanyCode:S4:k FiscalYear:N4:k AccountingDocument:S10:k AccountingDocumentItem:N6:k DocumentReferenceID:S16 OriginalReferenceDocument:S20 AccountingDocumentHeaderText:S25
  AccountingDocumentType:S2 PostingDate:D DocumentDate:D GLAccount:S10 CostCenter:S10 OrderID:S12 MasterFixedAsset:S12 Supplier:S10 Material:S40 Plant:S4
  AmountInCompanyCodeCurrency:P23.3 CompanyCodeCurrency:S5 AmountInTransactionCurrency:P23.3 TransactionCurrency:S5 DocumentItemText:S50 AssignmentReference:S18 AccountingDocCreatedByUser:S12
`);

/** Cost centre, OData V4, with its name. */
export const costCentreV4 = properties(`
  ControllingArea:S4:k CostCenter:S10:k ValidityEndDate:D:k ValidityStartDate:D CompanyCode:S4 CostCenterName:S20 CostCenterDescription:S40 CostCenterCurrency:S5 Department:S12
  CostCenterCategory:S1 IsBlkdForPrimaryCostsPosting:S1
`);
