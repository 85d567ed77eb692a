import { properties, standingFor } from '../odata/property.ts';
import type { Service } from '../odata/service.ts';
import * as table from '../properties/supplier-invoice.ts';
import type { Row } from '../world/store.ts';
import type { World } from '../world/world.ts';

/** Supplier invoices: posted whole, read, cancelled; never changed. */
export function invoiceServices(world: World): Service[] {
  const { invoices } = world;
  const same =
    (row: Row) =>
    (one: Row): boolean =>
      one['FiscalYear'] === row['FiscalYear'];
  const unit = { PurchaseOrderQtyUnitSAPCode: 'PurchaseOrderQuantityUnit' };
  return [
    {
      id: 'API_SUPPLIERINVOICE_PROCESS_SRV',
      protocol: 'v2',
      root: '/sap/opu/odata/sap/API_SUPPLIERINVOICE_PROCESS_SRV/',
      namespace: 'API_SUPPLIERINVOICE_PROCESS_SRV',
      component: 'MM-IV-LIV',
      sets: [
        {
          name: 'A_SupplierInvoice',
          type: 'A_SupplierInvoiceType',
          properties: table.invoice,
          table: invoices.headers,
          view: (row, single) => ({
            ...row,
            SupplierInvoicePaymentStatus: single ? (row['IsReversed'] === true ? 'Cleared' : 'Not Cleared') : 'Calc. only for 1 row',
          }),
          create: (input, { user }) =>
            invoices.post(
              input.values,
              (input.children['to_SuplrInvcItemPurOrdRef'] ?? []).map(({ values }) => values),
              (input.children['to_SupplierInvoiceItemGLAcct'] ?? []).map(({ values }) => values),
              user,
            ),
          navigations: {
            to_SuplrInvcItemPurOrdRef: {
              to: 'A_SuplrInvcItemPurOrdRef',
              many: true,
              follow: (row) => invoices.items.by('SupplierInvoice', row['SupplierInvoice']).filter(same(row)),
            },
            to_SupplierInvoiceItemGLAcct: {
              to: 'A_SupplierInvoiceItemGLAcct',
              many: true,
              follow: (row) => invoices.glItems.by('SupplierInvoice', row['SupplierInvoice']).filter(same(row)),
            },
          },
        },
        {
          name: 'A_SuplrInvcItemPurOrdRef',
          type: 'A_SuplrInvcItemPurOrdRefType',
          properties: standingFor(table.invoiceItem, unit),
          table: invoices.items,
          navigations: {
            to_SupplierInvoiceItmAcctAssgmt: {
              to: 'A_SuplrInvcItemAcctAssgmt',
              many: true,
              follow: (row) =>
                invoices.assignments
                  .by('SupplierInvoice', row['SupplierInvoice'])
                  .filter((one) => same(row)(one) && one['SupplierInvoiceItem'] === row['SupplierInvoiceItem']),
            },
          },
        },
        { name: 'A_SupplierInvoiceItemGLAcct', type: 'A_SupplierInvoiceItemGLAcctType', properties: table.invoiceGlItem, table: invoices.glItems },
        { name: 'A_SuplrInvcItemAcctAssgmt', type: 'A_SuplrInvcItemAcctAssgmtType', properties: table.invoiceAccount, table: invoices.assignments },
      ],
      operations: [
        {
          name: 'Cancel',
          method: 'POST',
          parameters: properties('PostingDate:D ReversalReason:S2:k FiscalYear:N4:k SupplierInvoice:S10:k'),
          run: (given, { user }) => {
            const row = invoices.cancel(
              String(given['SupplierInvoice']),
              String(given['FiscalYear']),
              given['PostingDate'] ? String(given['PostingDate']) : undefined,
              user,
            );
            return { plain: { Cancel: { ReverseDocument: row.SupplierInvoice, FiscalYear: row.FiscalYear, Success: true } } };
          },
        },
      ],
    },
  ];
}
