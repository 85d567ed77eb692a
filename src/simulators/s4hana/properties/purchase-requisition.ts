import { properties } from '../odata/property.ts';

/** Requisition header, OData V2. */
export const requisitionHeader = properties(`
  PurchaseRequisition:S10:k PurchaseRequisitionType:S4 PurReqnDescription:S40 SourceDetermination:B PurReqnDoOnlyValidation:B
`);

/** Requisition item, OData V2. */
export const requisitionItem = properties(`
  PurchaseRequisition:S10:k PurchaseRequisitionItem:N5:k PurchasingDocument:S10 PurchasingDocumentItem:N5 PurReqnReleaseStatus:S2
  PurchaseRequisitionType:S4 PurchasingDocumentItemCategory:S1 PurchaseRequisitionItemText:S40 AccountAssignmentCategory:S1 Material:S40
  MaterialGroup:S9 RequestedQuantity:P13.3 BaseUnit:S3 PurchaseRequisitionPrice:P12.3 PurReqnPriceQuantity:P5.0 PurchaseRequisitionReleaseDate:D
  PurchasingOrganization:S4 PurchasingGroup:S3 Plant:S4 CompanyCode:S4 OrderedQuantity:P13.3 DeliveryDate:D CreationDate:D:!c!u ProcessingStatus:S1
  Supplier:S10 IsDeleted:X FixedSupplier:S10 RequisitionerName:S12 CreatedByUser:S12:!c!u PurReqCreationDate:D:!c!u PurReqnItemCurrency:S5
  MaterialPlannedDeliveryDurn:P3.0 MultipleAcctAssgmtDistribution:S1 StorageLocation:S4 IsPurReqnBlocked:S1 IsClosed:B ReleaseIsNotCompleted:B
  ProductType:S2 ReleaseStrategy:S2 ReleaseCode:S1 SupplierMaterialNumber:S35 ItemNetAmount:P16.3 GoodsReceiptIsExpected:B InvoiceIsExpected:B
  RequirementTracking:S10 TaxCode:S2 LastChangeDateTime:Z:!c!u Reservation:N10:!c!u PurReqnExternalReference:S35 PurReqnItemExternalReference:S10
  PurReqnExternalSystemId:S60
`);

/** Account assignment of a requisition item, OData V2. */
export const requisitionAccount = properties(`
  PurchaseRequisition:S10:k PurchaseRequisitionItem:N5:k PurchaseReqnAcctAssgmtNumber:N2:k CostCenter:S10 MasterFixedAsset:S12 FixedAsset:N4 OrderID:S12
  GLAccount:S10 BaseUnit:S3:!c!u Quantity:P13.3 MultipleAcctAssgmtDistrPercent:P3.1 PurReqnItemCurrency:S5:!c!u PurReqnNetAmount:P14.3 IsDeleted:X
  ControllingArea:S4 ProfitCenter:S10 GoodsRecipientName:S12 WBSElement:S24 CostCtrActivityType:S6
`);

/** Text of a requisition item, OData V2: `DocumentText` is the kind of text, `NoteDescription` the text. */
export const requisitionText = properties(`
  PurchaseRequisition:S10:k PurchaseRequisitionItem:N5:k DocumentText:S4:k TechnicalObjectType:S10:k Language:S2:k NoteDescription:S
  FixedIndicator:S1:!c!u
`);

/** Requisition header, OData V4. */
export const requisitionHeaderV4 = properties(`
  PurchaseRequisition:S10:k PurchaseRequisitionType:S4 PurReqnDescription:S40 SourceDetermination:B PurReqnDoOnlyValidation:B
`);

/** Requisition item, OData V4. */
export const requisitionItemV4 = properties(`
  PurchaseRequisition:S10:k PurchaseRequisitionItem:N5:k PurchasingDocument:S10 PurchasingDocumentItem:N5 PurReqnReleaseStatus:S2
  PurchasingDocumentItemCategory:S1 PurchaseRequisitionItemText:S40 AccountAssignmentCategory:S1 Material:S40 MaterialGroup:S9 RequestedQuantity:P13.3
  BaseUnit:S3 BaseUnitISOCode:S3 PurchaseRequisitionPrice:P11.3 PurReqnPriceQuantity:P5.0 PurchaseRequisitionReleaseDate:D
  PurchasingOrganization:S4 PurchasingGroup:S3 Plant:S4 CompanyCode:S4 OrderedQuantity:P13.3 DeliveryDate:D ProcessingStatus:S1 Supplier:S10 IsDeleted:B
  FixedSupplier:S10 RequisitionerName:S12 CreatedByUser:S12 PurReqnItemCurrency:S3 MultipleAcctAssgmtDistribution:S1 StorageLocation:S4
  PurReqnItemBlockingStatus:S1 PurReqnItemBlockingReasonText:S60 IsClosed:B ReleaseIsNotCompleted:B ProductTypeCode:S2 SupplierMaterialNumber:S35
  ItemNetAmount:P15.3 GoodsReceiptIsExpected:B InvoiceIsExpected:B RequirementTracking:S10 TaxCode:S2 LastChangeDateTime:Z Reservation:N10
  PurReqnExternalReference:S35 PurReqnItemExternalReference:S10 PurReqnExternalSystemId:S60
`);

/** Account assignment of a requisition item, OData V4. */
export const requisitionAccountV4 = properties(`
  PurchaseRequisition:S10:k PurchaseRequisitionItem:N5:k PurchaseReqnAcctAssgmtNumber:N2:k CostCenter:S10 MasterFixedAsset:S12 FixedAsset:N4 OrderID:S12
  GLAccount:S10 BaseUnit:S3 BaseUnitISOCode:S3 Quantity:P13.3 MultipleAcctAssgmtDistrPercent:P3.1 PurReqnItemCurrency:S3 PurReqnNetAmount:P13.3
  IsDeleted:B ControllingArea:S4 ProfitCenter:S10 GoodsRecipientName:S12 WBSElementExternalID:S24 CostCtrActivityType:S6
`);

/** Text of a requisition item, OData V4. */
export const requisitionTextV4 = properties(`
  PurchaseRequisition:S10:k PurchaseRequisitionItem:N5:k TextObjectCategory:S10:k TextObjectKey:S70:k TextObjectType:S4:k Language:S2:k PlainLongText:S
  FixedIndicator:S1
`);
