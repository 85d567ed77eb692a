import { parseXml, member } from '#spi/soap';
import { basic, oauth2Client } from '#spi/auth';
import { defineConnector } from '#spi/connector';
import { Fault } from '#base/fault';
import { assetDisposal } from '#connectors/s4hana/asset-disposal';
import { assetTransfer } from '#connectors/s4hana/asset-transfer';
import { costCentre } from '#connectors/s4hana/cost-centre';
import { costPosting } from '#connectors/s4hana/cost-posting';
import { depreciationSchedule } from '#connectors/s4hana/depreciation';
import { asset } from '#connectors/s4hana/equipment';
import { fixedAsset } from '#connectors/s4hana/fixed-asset';
import { location } from '#connectors/s4hana/functional-location';
import { glAccount } from '#connectors/s4hana/gl-account';
import { goodsIssue } from '#connectors/s4hana/goods-issue';
import { goodsReceipt } from '#connectors/s4hana/goods-receipt';
import { labourRate } from '#connectors/s4hana/labour-rate';
import { employee, vendor } from '#connectors/s4hana/partner';
import { part } from '#connectors/s4hana/product';
import { purchaseOrder } from '#connectors/s4hana/purchase-order';
import { purchaseRequisition } from '#connectors/s4hana/purchase-requisition';
import { reservation } from '#connectors/s4hana/reservation';
import { scrapPosting } from '#connectors/s4hana/scrap';
import { services, type ServiceName } from '#connectors/s4hana/services';
import { Settings } from '#connectors/s4hana/settings';
import { stockLevel } from '#connectors/s4hana/stock';
import { storeroom } from '#connectors/s4hana/storeroom';
import { supplierInvoice } from '#connectors/s4hana/supplier-invoice';
import { transport, type S4Session, type System } from '#connectors/s4hana/system';

/** The address of the token endpoint: only OAuth 2.0 needs it. */
function tokenUrl(config: Readonly<Record<string, unknown>>): string {
  const { tokenUrl: url } = config;
  if (typeof url !== 'string') throw new Fault('misconfigured', 'tokenUrl is not in the settings of the connection, and OAuth 2.0 needs it');
  return url;
}

const permissionName = (service: string, scenario: string | undefined): string =>
  scenario === undefined ? `${service}: authorisation S_SERVICE` : `${service}: communication scenario ${scenario}, or authorisation S_SERVICE`;

/** SAP S/4HANA as ERP: public cloud, private cloud and on-premise, by the released OData and SOAP services. */
export const s4hana = defineConnector<typeof Settings, System>({
  name: 's4hana',
  title: 'SAP S/4HANA',
  kind: 'erp',
  summary:
    "Parts, stock, vendors, cost centres, assets, purchase requisitions and orders, goods movements, invoices and cost postings by SAP's released OData services of both versions and one SOAP service.",
  sources: [
    'https://api.sap.com/package/SAPS4HANACloud/odata',
    'https://help.sap.com/docs/SAP_S4HANA_CLOUD',
    'https://help.sap.com/doc/saphelp_gateway20sp12/2.0/en-US/67/8b5dcd6a5c41789b27b46eb34a6a86/content.htm',
  ],
  config: Settings,
  auth: [basic('Communication user'), oauth2Client({ tokenUrl })],
  limits: { perMinute: 6000, parallel: 4, page: 500 },
  permissions: [
    ...Object.values(services).map(({ service: { name }, scenario, why }) => ({ name: permissionName(name, scenario), why })),
    {
      name: permissionName('JournalEntryCreateRequestConfirmation_In', 'SAP_COM_0002'),
      why: 'labour by journal, services and adjustments: the SOAP service that posts journal entries',
    },
    {
      name: "assetValues, assetDepreciation, labourRates: authorisation S_SERVICE for each of the customer's own CDS services that the settings name",
      why: 'book values, depreciation by period, rates per person',
    },
  ],
  knownLimits: [
    'SAP publishes no request limits; four requests at a time and 6,000 per minute are what is used, and answers 429 and 503 with Retry-After slow the connection down.',
    'SAP plans stock per plant: the reorder point is shown at the storage location that external procurement fills, or at every one of the plant where none is named.',
    'A storeroom is known once a material is kept in it, and has no name.',
    "Labour by allocation (`companyCodes.*.labour.by`) is valued by SAP at its rate of the activity type and cost centre, not of the person; the value in the receipt is SAP's. Labour by journal keeps the person's rate, but carries no hours in SAP.",
    'SAP keeps hours of allocations to three places, which is 3.6 seconds: finer hours are rounded, and the receipt says to what.',
    'The text of a purchase requisition is 40 characters; longer texts are shortened, and the reason goes into the item text.',
    'Approving a requisition and making it an order happen in SAP.',
    "Asset values, depreciation by period and labour rates per person need the customer's own CDS services, named in the settings.",
    'Journal entries are listed by the document type in the settings. SAP keeps no kind of posting: the account that is relieved says whether an entry is labour, a service or an adjustment.',
    'Opposite allocations and entries say in their line text which document they take back; SAP links only cancelled material documents by itself.',
    'A scrap posting is one part of one cost centre; documents 551 with several lines are held as unreadable.',
    'Employees show their cost centre only where a field of the business partner holds it and the settings name it.',
  ],
  transport,
  fingerprint,
}).records((record) => ({
  part: record(part),
  stockLevel: record(stockLevel),
  storeroom: record(storeroom),
  vendor: record(vendor),
  costCentre: record(costCentre),
  glAccount: record(glAccount),
  location: record(location),
  asset: record(asset),
  fixedAsset: record(fixedAsset),
  depreciationSchedule: record(depreciationSchedule),
  assetDisposal: record(assetDisposal),
  assetTransfer: record(assetTransfer),
  purchaseRequisition: record(purchaseRequisition),
  purchaseOrder: record(purchaseOrder),
  goodsReceipt: record(goodsReceipt),
  goodsIssue: record(goodsIssue),
  scrapPosting: record(scrapPosting),
  reservation: record(reservation),
  supplierInvoice: record(supplierInvoice),
  costPosting: record(costPosting),
  employee: record(employee),
  labourRate: record(labourRate),
}));

/** Property names, types and lengths of every service that the user may call, from its `$metadata`; services that are not offered are lines of their own. */
async function fingerprint(session: S4Session): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const name of Object.keys(services) as ServiceName[]) {
    const { service } = services[name];
    try {
      lines.push(...metadataLines(service.name, await session.api.on(name).metadata()));
    } catch (error) {
      if (!(error instanceof Fault) || (error.kind !== 'missing' && error.kind !== 'forbidden')) throw error;
      lines.push(`${service.name}: not offered`);
    }
  }
  return lines.toSorted();
}

const list = (value: unknown): readonly unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

/** `API_PRODUCT_SRV.A_ProductType.BaseUnit: Edm.String(3)` for each property. */
export function metadataLines(service: string, xml: string): string[] {
  const schemas = list(member(member(member(parsed(service, xml), 'Edmx'), 'DataServices'), 'Schema'));
  return schemas.flatMap((schema) =>
    list(member(schema, 'EntityType')).flatMap((type) =>
      list(member(type, 'Property')).map((property) => {
        const facets = ['@MaxLength', '@Precision', '@Scale'].flatMap((name) => {
          const value = member(property, name);
          return typeof value === 'string' ? [value] : [];
        });
        return `${service}.${text(type, '@Name')}.${text(property, '@Name')}: ${text(property, '@Type')}${facets.length === 0 ? '' : `(${facets.join(',')})`}`;
      }),
    ),
  );
}

function text(value: unknown, name: string): string {
  const found = member(value, name);
  return typeof found === 'string' ? found : '';
}

function parsed(service: string, xml: string): unknown {
  try {
    return parseXml(xml);
  } catch (cause) {
    throw new Fault('drifted', `the $metadata of ${service} cannot be read`, { cause });
  }
}
