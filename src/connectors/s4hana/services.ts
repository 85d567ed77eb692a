import type { ODataService } from '#spi/odata-type';

const v2 = (name: string): ODataService => ({ name, root: `/sap/opu/odata/sap/${name}`, version: 'v2' });
const v4 = (name: string, group: string, service: string): ODataService => ({
  name,
  root: `/sap/opu/odata4/sap/${group}/srvd_a2x/sap/${service}/0001`,
  version: 'v4',
  namespace: 'SAP__self',
});

/** The services that the connector calls, with the communication scenario that opens each in the public cloud (absent where SAP's catalogue names none). */
export const services = {
  product: { service: v2('API_PRODUCT_SRV'), scenario: 'SAP_COM_0009', why: 'parts, reorder points and prices' },
  stock: { service: v2('API_MATERIAL_STOCK_SRV'), scenario: 'SAP_COM_0164', why: 'quantities on hand' },
  businessPartner: { service: v2('API_BUSINESS_PARTNER'), scenario: 'SAP_COM_0008', why: 'vendors and employees' },
  costCentre: { service: v2('API_COSTCENTER_SRV'), scenario: 'SAP_COM_0087', why: 'cost centres' },
  glAccount: { service: v2('API_GLACCOUNTINCHARTOFACCOUNTS_SRV'), scenario: undefined, why: 'accounts of the chart, so that a posting names one that exists' },
  equipment: { service: v2('API_EQUIPMENT'), scenario: undefined, why: 'assets, their place and their cost centre' },
  functionalLocation: { service: v2('API_FUNCTIONALLOCATION'), scenario: undefined, why: 'locations' },
  fixedAsset: { service: v4('CE_FIXEDASSET_0001', 'api_fixedasset', 'fixedasset'), scenario: undefined, why: 'asset masters of the asset accounting' },
  retirement: { service: v4('CE_FIXEDASSETRETIREMENT_0001', 'api_fixedassetretirement', 'fixedassetretirement'), scenario: undefined, why: 'disposals' },
  requisitionV2: { service: v2('API_PURCHASEREQ_PROCESS_SRV'), scenario: 'SAP_COM_0102', why: 'purchase requisitions, where the newer service is absent' },
  requisitionV4: {
    service: v4('CE_PURCHASEREQUISITION_0001', 'api_purchaserequisition_2', 'purchaserequisition'),
    scenario: 'SAP_COM_0102',
    why: 'purchase requisitions',
  },
  orderV2: { service: v2('API_PURCHASEORDER_PROCESS_SRV'), scenario: 'SAP_COM_0053', why: 'purchase orders, where the newer service is absent' },
  orderV4: { service: v4('CE_PURCHASEORDER_0001', 'api_purchaseorder_2', 'purchaseorder'), scenario: 'SAP_COM_0053', why: 'purchase orders' },
  materialDocument: { service: v2('API_MATERIAL_DOCUMENT_SRV'), scenario: 'SAP_COM_0108', why: 'goods receipts, goods issues and scrap' },
  reservation: { service: v2('API_RESERVATION_DOCUMENT_SRV'), scenario: 'SAP_COM_0112', why: 'reservations' },
  invoice: { service: v2('API_SUPPLIERINVOICE_PROCESS_SRV'), scenario: 'SAP_COM_0057', why: 'supplier invoices' },
  activity: {
    service: v4('CE_DIRECTACTIVITYALLOCATION_0001', 'api_drctactivityallocation', 'directactivityallocation'),
    scenario: undefined,
    why: 'labour cost',
  },
  journalItems: {
    service: v2('API_OPLACCTGDOCITEMCUBE_SRV'),
    scenario: 'SAP_COM_0303',
    why: 'listing journal entries, and finding them and disposals again by their reference',
  },
} as const satisfies Readonly<Record<string, { readonly service: ODataService; readonly scenario: string | undefined; readonly why: string }>>;
export type ServiceName = keyof typeof services;
