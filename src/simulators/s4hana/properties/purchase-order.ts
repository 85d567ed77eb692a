import { properties } from '../odata/property.ts';

/** Purchase order header, OData V2. */
export const order = properties(`
  PurchaseOrder:S10:k CompanyCode:S4 PurchaseOrderType:S4 PurchasingDocumentDeletionCode:S1:!c!u PurchasingProcessingStatus:S2:!c!u
  CreatedByUser:S12:!c!u CreationDate:D:!c!u LastChangeDateTime:Z:!c!u Supplier:S10 Language:S2 PaymentTerms:S4 PurchasingOrganization:S4
  PurchasingGroup:S3 PurchaseOrderDate:D DocumentCurrency:S5 ExchangeRate:S12 CorrespncExternalReference:S12 CorrespncInternalReference:S12
  InvoicingParty:S10 ReleaseIsNotCompleted:B:!c!u
`);

/** Purchase order item, OData V2. */
export const orderItem = properties(`
  PurchaseOrder:S10:k PurchaseOrderItem:N5:k PurchasingDocumentDeletionCode:S1:!c!u PurchaseOrderItemText:S40 Plant:S4 StorageLocation:S4
  MaterialGroup:S9 SupplierMaterialNumber:S35 OrderQuantity:P13.3 PurchaseOrderQuantityUnit:S3 OrderPriceUnit:S3 OrderPriceUnitToOrderUnitNmrtr:P5.0
  OrdPriceUnitToOrderUnitDnmntr:P5.0 DocumentCurrency:S5:!c!u NetPriceAmount:P12.3 NetPriceQuantity:P5.0 TaxCode:S2 OverdelivTolrtdLmtRatioInPct:P3.1
  UnlimitedOverdeliveryIsAllowed:B UnderdelivTolrtdLmtRatioInPct:P3.1 IsCompletelyDelivered:B IsFinallyInvoiced:B PurchaseOrderItemCategory:S1
  AccountAssignmentCategory:S1 MultipleAcctAssgmtDistribution:S1 GoodsReceiptIsExpected:B InvoiceIsExpected:B InvoiceIsGoodsReceiptBased:B
  PurchaseRequisition:S10 PurchaseRequisitionItem:N5 RequisitionerName:S12 Material:S40 ProductType:S2
`);

/** Account assignment of a purchase order item, OData V2. */
export const orderAccount = properties(`
  PurchaseOrder:S10:k PurchaseOrderItem:N5:k AccountAssignmentNumber:N2:k IsDeleted:B:!c!u PurchaseOrderQuantityUnit:S3:!c!u Quantity:P13.3
  MultipleAcctAssgmtDistrPercent:P3.1 DocumentCurrency:S5:!c!u PurgDocNetAmount:P14.3 GLAccount:S10 CostCenter:S10 MasterFixedAsset:S12 FixedAsset:N4
  GoodsRecipientName:S12 ControllingArea:S4 OrderID:S12 ProfitCenter:S10 WBSElement:S24
`);

/** Schedule line of a purchase order item, OData V2. */
export const orderScheduleLine = properties(`
  PurchasingDocument:S10:k PurchasingDocumentItem:N5:k ScheduleLine:N4:k DelivDateCategory:S1 ScheduleLineDeliveryDate:D
  PurchaseOrderQuantityUnit:S3:!c!u ScheduleLineOrderQuantity:P13.3 SchedLineStscDeliveryDate:D PurchaseRequisition:S10 PurchaseRequisitionItem:N5
`);

/** Purchase order header, OData V4. */
export const orderV4 = properties(`
  PurchaseOrder:S10:k PurchaseOrderType:S4 CreatedByUser:S12 CreationDate:D PurchaseOrderDate:D LastChangeDateTime:Z Language:S2
  PurchaseOrderDeletionCode:S1 ReleaseIsNotCompleted:B PurchasingProcessingStatus:S2 CompanyCode:S4 PurchasingOrganization:S4 PurchasingGroup:S3
  Supplier:S10 InvoicingParty:S10 PaymentTerms:S4 CorrespncExternalReference:S12 CorrespncInternalReference:S12 DocumentCurrency:S3 ExchangeRate:P9.5
`);

/** Purchase order item, OData V4. */
export const orderItemV4 = properties(`
  PurchaseOrder:S10:k PurchaseOrderItem:N5:k DocumentCurrency:S3 PurchasingDocumentDeletionCode:S1 MaterialGroup:S9 Material:S40
  SupplierMaterialNumber:S35 PurchaseOrderItemText:S40 ProductTypeCode:S2 CompanyCode:S4 Plant:S4 StorageLocation:S4 PurchaseOrderQuantityUnit:S3
  NetPriceQuantity:P5.0 IsCompletelyDelivered:B IsFinallyInvoiced:B GoodsReceiptIsExpected:B InvoiceIsExpected:B InvoiceIsGoodsReceiptBased:B
  PurchaseRequisition:S10 PurchaseRequisitionItem:N5 RequirementTracking:S10 UnlimitedOverdeliveryIsAllowed:B OverdelivTolrtdLmtRatioInPct:P3.1
  UnderdelivTolrtdLmtRatioInPct:P3.1 RequisitionerName:S12 BaseUnit:S3 PurchaseOrderItemCategory:S1 OrderPriceUnit:S3 MultipleAcctAssgmtDistribution:S1
  AccountAssignmentCategory:S1 NetAmount:P13.3 OrderQuantity:P13.3 NetPriceAmount:P11.3 OrderPriceUnitToOrderUnitNmrtr:P5.0
  OrdPriceUnitToOrderUnitDnmntr:P5.0 TaxCode:S2 OrderItemQtyToBaseQtyNmrtr:P5.0 OrderItemQtyToBaseQtyDnmntr:P5.0
`);

/** Account assignment of a purchase order item, OData V4. */
export const orderAccountV4 = properties(`
  PurchaseOrder:S10:k PurchaseOrderItem:N5:k AccountAssignmentNumber:N2:k CostCenter:S10 MasterFixedAsset:S12 FixedAsset:N4 OrderID:S12
  OrderQuantityUnit:S3 Quantity:P13.3 MultipleAcctAssgmtDistrPercent:P3.1 DocumentCurrency:S3 PurgDocNetAmount:P13.3 IsDeleted:B GLAccount:S10
  ControllingArea:S4 ProfitCenter:S10 WBSElementExternalID:S24 GoodsRecipientName:S12
`);

/** Schedule line of a purchase order item, OData V4. */
export const orderScheduleLineV4 = properties(`
  PurchaseOrder:S10:k PurchaseOrderItem:N5:k ScheduleLine:N4:k ScheduleLineDeliveryDate:D SchedLineStscDeliveryDate:D ScheduleLineOrderQuantity:P13.3
  OpenPurchaseOrderQuantity:P14.3 PurchaseOrderQuantityUnit:S3 Currency:S3 PurchaseRequisition:S10 PurchaseRequisitionItem:N5 DelivDateCategory:S1
`);
