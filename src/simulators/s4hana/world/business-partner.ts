import type { Organisation } from './organisation.ts';
import { Refusal } from './refusal.ts';
import { Table, type Row, type Store } from './store.ts';

export interface BusinessPartner extends Row {
  BusinessPartner: string;
  Supplier: string;
  PersonNumber: string;
  BusinessPartnerIsBlocked: boolean;
}

export interface Supplier extends Row {
  Supplier: string;
  SupplierName: string;
  PurchasingIsBlocked: boolean;
  PostingIsBlocked: boolean;
  DeletionIndicator: boolean;
}

/** Suppliers and employees, both as business partners with roles. */
export class BusinessPartners {
  readonly partners: Table<BusinessPartner>;
  readonly roles: Table<Row>;
  readonly suppliers: Table<Supplier>;
  readonly supplierCompanies: Table<Row>;
  readonly supplierOrganisations: Table<Row>;
  readonly employments: Table<Row>;
  readonly #organisation: Organisation;
  readonly #now: () => number;

  constructor(store: Store, organisation: Organisation, now: () => number) {
    this.#organisation = organisation;
    this.#now = now;
    this.partners = new Table(store, ['BusinessPartner'], ['Supplier', 'PersonNumber', 'BusinessPartnerIDByExtSystem', 'SearchTerm1']);
    this.roles = new Table(store, ['BusinessPartner', 'BusinessPartnerRole'], ['BusinessPartner', 'BusinessPartnerRole']);
    this.suppliers = new Table(store, ['Supplier']);
    this.supplierCompanies = new Table(store, ['Supplier', 'CompanyCode'], ['Supplier']);
    this.supplierOrganisations = new Table(store, ['Supplier', 'PurchasingOrganization'], ['Supplier']);
    this.employments = new Table(store, ['BusinessPartner', 'BPEmploymentStartDate'], ['BusinessPartner']);
  }

  addSupplier(given: {
    supplier: string;
    name: string;
    companyCodes: readonly string[];
    currency?: string;
    paymentTerms?: string;
    blocked?: boolean;
    deliveryDays?: number;
    taxNumber?: string;
  }): Supplier {
    this.#partner(
      {
        BusinessPartner: given.supplier,
        Supplier: given.supplier,
        BusinessPartnerCategory: '2',
        BusinessPartnerGrouping: 'BP02',
        OrganizationBPName1: given.name.slice(0, 40),
        BusinessPartnerName: given.name,
        BusinessPartnerFullName: given.name,
      },
      'FLVN01',
    );
    const common = { Supplier: given.supplier, PaymentTerms: given.paymentTerms ?? '0001', DeletionIndicator: false };
    for (const companyCode of given.companyCodes) {
      const company = this.#organisation.company(companyCode);
      this.supplierCompanies.insert({ ...common, CompanyCode: companyCode, ReconciliationAccount: '21100000', SupplierIsBlockedForPosting: false });
      this.supplierOrganisations.insert({
        ...common,
        PurchasingOrganization: companyCode,
        PurchaseOrderCurrency: given.currency ?? company.Currency,
        PurchasingGroup: '001',
        PurchasingIsBlockedForSupplier: given.blocked ?? false,
        MaterialPlannedDeliveryDurn: String(given.deliveryDays ?? 5),
      });
    }
    return this.suppliers.insert({
      Supplier: given.supplier,
      SupplierName: given.name.slice(0, 80),
      SupplierFullName: given.name,
      SupplierAccountGroup: 'SUPL',
      PurchasingIsBlocked: given.blocked ?? false,
      PostingIsBlocked: false,
      PaymentIsBlockedForSupplier: false,
      DeletionIndicator: false,
      TaxNumber1: given.taxNumber ?? '',
      CreationDate: this.#today(),
      CreatedByUser: 'LOADER',
    });
  }

  /** An employee: a person with a personnel number and periods of employment. */
  addEmployee(given: {
    partner: string;
    personnelNumber: string;
    firstName: string;
    lastName: string;
    from: string;
    to?: string;
    costCentre?: string;
    occupation?: string;
  }): BusinessPartner {
    const name = `${given.firstName} ${given.lastName}`;
    const row = this.#partner(
      {
        BusinessPartner: given.partner,
        Supplier: '',
        BusinessPartnerCategory: '1',
        BusinessPartnerGrouping: 'BP03',
        FirstName: given.firstName.slice(0, 40),
        LastName: given.lastName.slice(0, 40),
        BusinessPartnerName: name,
        BusinessPartnerFullName: name,
        PersonFullName: name.slice(0, 80),
        PersonNumber: given.personnelNumber,
        SearchTerm1: given.costCentre ?? '',
        BusinessPartnerIDByExtSystem: given.personnelNumber,
      },
      'BUP003',
    );
    this.employments.insert({
      BusinessPartner: given.partner,
      BPEmploymentStartDate: given.from,
      BPEmploymentEndDate: given.to ?? '9999-12-31',
      BPEmploymentStatus: given.to === undefined ? '01' : '02',
      BusinessPartnerEmployerName: given.costCentre ?? '',
      BusinessPartnerOccupationGroup: given.occupation ?? '',
    });
    return row;
  }

  /** Ends an employment on a date. */
  leave(partner: string, date: string): void {
    const row = this.employments.by('BusinessPartner', partner).at(-1);
    if (!row) throw new RangeError(`no employment of ${partner}`);
    this.employments.update(row, { BPEmploymentEndDate: date, BPEmploymentStatus: '02' });
    this.#touch(partner);
  }

  blockSupplier(supplier: string, blocked = true): void {
    const row = this.suppliers.get(supplier);
    if (!row) throw new Refusal('unknownSupplier', [supplier, ''], 'Supplier');
    this.suppliers.update(row, { PurchasingIsBlocked: blocked });
    this.#touch(supplier);
  }

  /** A supplier that may be used for `purpose` in a company code. */
  usable(supplier: string, companyCode: string, purpose: 'purchasing' | 'posting'): Supplier {
    const row = this.suppliers.get(supplier);
    if (!row || !this.supplierCompanies.get(supplier, companyCode)) throw new Refusal('unknownSupplier', [supplier, companyCode], 'Supplier');
    if (purpose === 'purchasing' && (row.PurchasingIsBlocked || row.DeletionIndicator)) throw new Refusal('supplierBlocked', [supplier], 'Supplier');
    if (purpose === 'posting' && row.PostingIsBlocked) throw new Refusal('supplierBlockedForPosting', [supplier, companyCode], 'InvoicingParty');
    return row;
  }

  #partner(given: Partial<BusinessPartner> & { BusinessPartner: string }, role: string): BusinessPartner {
    const today = this.#today();
    this.roles.insert({ BusinessPartner: given.BusinessPartner, BusinessPartnerRole: role, ValidFrom: null, ValidTo: null });
    return this.partners.insert({
      CreationDate: today,
      CreationTime: '00:00:00',
      CreatedByUser: 'LOADER',
      Supplier: '',
      PersonNumber: '',
      Customer: '',
      BusinessPartnerIsBlocked: false,
      IsMarkedForArchiving: false,
      Language: 'EN',
      ...given,
      ...this.#stamp(),
    });
  }

  #touch(partner: string): void {
    const row = this.partners.get(partner);
    if (row) this.partners.update(row, this.#stamp());
  }

  #stamp(): { LastChangeDate: string; LastChangeTime: string; ETag: string } {
    const text = new Date(this.#now()).toISOString();
    return { LastChangeDate: text.slice(0, 10), LastChangeTime: text.slice(11, 19), ETag: `LOADER${text.replace(/\D/g, '').slice(0, 14)}` };
  }

  #today(): string {
    return new Date(this.#now()).toISOString().slice(0, 10);
  }
}
