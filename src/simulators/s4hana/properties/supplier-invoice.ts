import { properties } from '../odata/property.ts';

/** Supplier invoice header. */
export const invoice = properties(`
  SupplierInvoice:S10:k!c!u FiscalYear:N4:k!c!u CompanyCode:S4 DocumentDate:D PostingDate:D CreationDate:D:!c!u SuplrInvcLstChgDteTmeTxt:S23:!c!u
  SupplierInvoiceIDByInvcgParty:S16 InvoicingParty:S10 DocumentCurrency:S5 InvoiceGrossAmount:P14.3 UnplannedDeliveryCost:P14.3 DocumentHeaderText:S25
  PaymentTerms:S4 DueCalculationBaseDate:D PaymentBlockingReason:S1 AccountingDocumentType:S2 SupplierInvoiceStatus:S1 PaymentReference:S30
  AssignmentReference:S18 SupplierPostingLineItemText:S50 TaxIsCalculatedAutomatically:B SupplierInvoiceIsCreditMemo:S1 TaxDeterminationDate:D
  ReverseDocument:S10:!c!u ReverseDocumentFiscalYear:N4:!c!u IsReversal:B:!c!u IsReversed:B:!c!u SupplierInvoicePaymentStatus:S20:!c!u
`);

/** Invoice item that refers to a purchase order item. */
export const invoiceItem = properties(`
  SupplierInvoice:S10:k!c!u FiscalYear:N4:k!c!u SupplierInvoiceItem:N6:k PurchaseOrder:S10 PurchaseOrderItem:N5 Plant:S4 ReferenceDocument:S10
  ReferenceDocumentFiscalYear:N4 ReferenceDocumentItem:N4 IsSubsequentDebitCredit:S1 TaxCode:S2 DocumentCurrency:S5 SupplierInvoiceItemAmount:P14.3
  PurchaseOrderQuantityUnit:S3 PurchaseOrderQtyUnitSAPCode:S3 PurchaseOrderQtyUnitISOCode:S3 QuantityInPurchaseOrderUnit:P13.3
  SupplierInvoiceItemText:S50 IsFinallyInvoiced:B
`);

/** Invoice item posted straight to an account. */
export const invoiceGlItem = properties(`
  SupplierInvoice:S10:k!c!u FiscalYear:N4:k!c!u SupplierInvoiceItem:N4:k CompanyCode:S4 CostCenter:S10 ControllingArea:S4 ProfitCenter:S10 GLAccount:S10
  WBSElement:S24 DocumentCurrency:S5 SupplierInvoiceItemAmount:P14.3 TaxCode:S2 DebitCreditCode:S1 SupplierInvoiceItemText:S50 AssignmentReference:S18
  InternalOrder:S12 QuantityUnit:S3 Quantity:P13.3
`);

/** Account assignment of an invoice item. */
export const invoiceAccount = properties(`
  SupplierInvoice:S10:k!c!u FiscalYear:N4:k!c!u SupplierInvoiceItem:N6:k OrdinalNumber:N4:k CostCenter:S10 ControllingArea:S4 ProfitCenter:S10
  GLAccount:S10 DocumentCurrency:S5 SuplrInvcAcctAssignmentAmount:P14.3 PurchaseOrderQuantityUnit:S3 Quantity:P13.3 TaxCode:S2
  AccountAssignmentNumber:N2 MasterFixedAsset:S12 FixedAsset:N4 DebitCreditCode:S1:!c!u InternalOrder:S12 CompanyCode:S4:!c!u
`);
