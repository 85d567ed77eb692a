import type { Service } from '../odata/service.ts';
import * as table from '../properties/business-partner.ts';
import type { Row, Table } from '../world/store.ts';
import type { World } from '../world/world.ts';

/** Suppliers and employees as business partners: read only. */
export function partnerServices(world: World): Service[] {
  const { partners } = world;
  const by = (rows: Table<Row>, field: string) => (row: Row) => rows.by(field, row[field]);
  return [
    {
      id: 'API_BUSINESS_PARTNER',
      protocol: 'v2',
      root: '/sap/opu/odata/sap/API_BUSINESS_PARTNER/',
      namespace: 'API_BUSINESS_PARTNER',
      component: 'LO-MD-BP',
      sets: [
        {
          name: 'A_BusinessPartner',
          type: 'A_BusinessPartnerType',
          properties: table.businessPartner,
          table: partners.partners,
          etag: 'optional',
          navigations: {
            to_BusinessPartnerRole: { to: 'A_BusinessPartnerRole', many: true, follow: by(partners.roles, 'BusinessPartner') },
            to_BPEmployment: { to: 'A_BPEmployment', many: true, follow: by(partners.employments, 'BusinessPartner') },
            to_Supplier: { to: 'A_Supplier', many: false, follow: (row) => [partners.suppliers.get(row['Supplier'])].filter((one) => one !== undefined) },
          },
        },
        { name: 'A_BusinessPartnerRole', type: 'A_BusinessPartnerRoleType', properties: table.partnerRole, table: partners.roles },
        {
          name: 'A_Supplier',
          type: 'A_SupplierType',
          properties: table.supplier,
          table: partners.suppliers,
          navigations: {
            to_SupplierCompany: { to: 'A_SupplierCompany', many: true, follow: by(partners.supplierCompanies, 'Supplier') },
            to_SupplierPurchasingOrg: { to: 'A_SupplierPurchasingOrg', many: true, follow: by(partners.supplierOrganisations, 'Supplier') },
          },
        },
        { name: 'A_SupplierCompany', type: 'A_SupplierCompanyType', properties: table.supplierCompany, table: partners.supplierCompanies },
        {
          name: 'A_SupplierPurchasingOrg',
          type: 'A_SupplierPurchasingOrgType',
          properties: table.supplierPurchasingOrganisation,
          table: partners.supplierOrganisations,
        },
        { name: 'A_BPEmployment', type: 'A_BPEmploymentType', properties: table.employment, table: partners.employments },
      ],
    },
  ];
}
