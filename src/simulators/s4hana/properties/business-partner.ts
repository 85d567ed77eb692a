import { properties } from '../odata/property.ts';

/** A supplier or an employee as business partner. */
export const businessPartner = properties(`
  BusinessPartner:S10:k Customer:S10:!c!u Supplier:S10:!c!u BusinessPartnerCategory:S1 BusinessPartnerFullName:S81:!c!u BusinessPartnerGrouping:S4
  BusinessPartnerName:S81:!c!u CorrespondenceLanguage:S2 CreatedByUser:S12:!c!u CreationDate:D:!c!u CreationTime:T:!c!u FirstName:S40 LastName:S40
  LastChangeDate:D:!c!u LastChangeTime:T:!c!u LastChangedByUser:S12:!c!u OrganizationBPName1:S40 OrganizationBPName2:S40 SearchTerm1:S20
  BusinessPartnerIsBlocked:B BusinessPartnerType:S4 ETag:S26:!c!u PersonFullName:S80 PersonNumber:S10:!c!u IsMarkedForArchiving:B
  BusinessPartnerIDByExtSystem:S20
`);

/** The purchasing and accounting side of a supplier. */
export const supplier = properties(`
  Supplier:S10:k CreatedByUser:S12:!c!u CreationDate:D:!c!u PaymentIsBlockedForSupplier:B PostingIsBlocked:B PurchasingIsBlocked:B
  SupplierAccountGroup:S4 SupplierFullName:S220:!c!u SupplierName:S80:!c!u VATRegistration:S20:!c!u DeletionIndicator:B SupplierProcurementBlock:S2
  TaxNumber1:S16:!c!u
`);

/** A supplier in a company code. */
export const supplierCompany = properties(`
  Supplier:S10:k CompanyCode:S4:k PaymentTerms:S4 ReconciliationAccount:S10 SupplierIsBlockedForPosting:B DeletionIndicator:B
`);

/** A supplier in a purchasing organisation. */
export const supplierPurchasingOrganisation = properties(`
  Supplier:S10:k PurchasingOrganization:S4:k PaymentTerms:S4 PurchaseOrderCurrency:S5 PurchasingGroup:S3 PurchasingIsBlockedForSupplier:B
  DeletionIndicator:B MaterialPlannedDeliveryDurn:P3.0
`);

/** When a person is employed. */
export const employment = properties(`
  BusinessPartner:S10:k BPEmploymentStartDate:D:k BPEmploymentEndDate:D BPEmploymentStatus:S2 BusinessPartnerEmployerName:S35
  BusinessPartnerOccupationGroup:S4
`);

/** A role of a business partner. */
export const partnerRole = properties(`
  BusinessPartner:S10:k BusinessPartnerRole:S6:k ValidFrom:Z ValidTo:Z
`);
