import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { PlantData } from '#demo/plant-data';
import { labels } from '#demo/seed-maintenance';

export interface Addresses {
  readonly finance: string;
  /** Address of the maintenance system of each site. */
  readonly maintenance: ReadonlyMap<string, string>;
  /** The custom asset status that means disposed, per site. */
  readonly disposed?: ReadonlyMap<string, number>;
}

/** What a plant decided otherwise than the demo's own. */
export interface Decisions {
  /** Flow to its default policy. */
  readonly policies?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Accounts between which expenses of work orders are posted. */
  readonly service?: { readonly debit: string; readonly credit: string };
}

/** Name of a site's maintenance connection. */
export const maintenanceOf = (site: string): string => `cmms-${site.toLowerCase()}`;

/** How often the demo polls: a plant of minutes instead of months. */
const often = '2s';
const seldom = '20s';

/** Writes the configuration folder of a plant that is played by twins: the same files that a real plant keeps in git. */
export function writePlantFolder(folder: string, plant: PlantData, addresses: Addresses, decisions: Decisions = {}): void {
  mkdirSync(join(folder, 'systems'), { recursive: true });
  const put = (name: string, head: string, value: unknown): void => writeFileSync(join(folder, name), `# ${head}\n${stringify(value)}`);
  put('systems/erp.yaml', 'The finance side: one ERP for all sites. Secrets by reference only.', {
    connector: 's4hana',
    settings: financeSettings(plant, addresses.finance, decisions),
    signIn: 'basic',
    credential: { user: 'LINCHPIN', password: 'secret://erp/password' },
    visibilityMs: 2000,
    limits: { perMinute: 100_000 },
    polls: {
      costCentre: seldom,
      storeroom: seldom,
      vendor: seldom,
      employee: seldom,
      labourRate: seldom,
      part: seldom,
      fixedAsset: seldom,
      asset: seldom,
      stockLevel: '5s',
      purchaseRequisition: often,
      purchaseOrder: often,
      goodsReceipt: often,
      supplierInvoice: often,
    },
  });
  for (const site of plant.sites) {
    put(`systems/${maintenanceOf(site.code)}.yaml`, `The maintenance side of ${site.name}.`, {
      connector: 'maintainx',
      settings: {
        address: `${addresses.maintenance.get(site.code) ?? ''}/v1`,
        currency: site.currency,
        unitSystem: 'sap',
        erpNumberLabel: labels.erpNumber,
        costCentreLabel: labels.costCentre,
        unitLabel: labels.unit,
        autoRequestLabel: labels.autoRequest,
        referenceLabel: labels.reference,
        ...(addresses.disposed?.has(site.code) ? { disposedStatusId: addresses.disposed.get(site.code) } : {}),
      },
      signIn: 'bearer',
      credential: { token: `secret://${maintenanceOf(site.code)}/token` },
      site: site.code,
      webhooks: true,
      visibilityMs: 2000,
      limits: { perMinute: 100_000, parallel: 16 },
      polls: { location: seldom, storeroom: seldom, vendor: seldom, employee: seldom, part: seldom, asset: seldom, stockLevel: '5s', workOrder: often },
    });
  }
  put(
    'sites.yaml',
    'Sites, and which connection plays which side.',
    plant.sites.map((site) => ({ code: site.code, name: site.name, maintenance: maintenanceOf(site.code), finance: 'erp', ids: { erp: site.code } })),
  );
  const policies: NonNullable<Decisions['policies']> = {
    procurement: { autoRequestDefault: false },
    stock: { settleSeconds: 12 },
    people: { showRate: false },
    ...decisions.policies,
  };
  put(
    'policies.yaml',
    'What the plant decided where good practice disagrees; docs/flows says what each means.',
    Object.fromEntries(Object.entries(policies).map(([flow, policy]) => [flow, { default: policy }])),
  );
  put('scope.yaml', 'Where flows are off, shadow or live.', { default: 'live' });
}

function financeSettings(plant: PlantData, address: string, { service = { debit: '61008000', credit: '94308000' } }: Decisions): Record<string, unknown> {
  const labourCentre = (company: string): string =>
    plant.employees.find(({ site }) => plant.sites.find(({ code }) => code === site)?.companyCode === company)?.costCentre ?? plant.costCentres[0]!.code;
  return {
    baseUrl: address,
    controllingArea: 'A000',
    plants: Object.fromEntries(
      plant.sites.map((site) => [
        site.code,
        { companyCode: site.companyCode, purchasingOrganisation: site.companyCode, purchasingGroup: '001', planningPlant: site.code },
      ]),
    ),
    companyCodes: Object.fromEntries(
      plant.sites.map((site) => [
        site.companyCode,
        {
          currency: site.currency,
          labour: { by: 'journal', costCentre: labourCentre(site.companyCode), activityType: 'MNT01', debit: '61008000', credit: '94308000' },
          service,
          adjustment: { debit: '61008000', credit: '94308000' },
        },
      ]),
    ),
    requisition: { type: 'NB', requisitioner: 'LINCHPIN' },
    equipment: { category: 'M' },
    fixedAsset: { ledger: '0L', depreciationArea: '01', retirement: { transactionType: 'RA21', documentType: 'AA', scrapped: '1', sold: '2' } },
    journal: { path: '/sap/bc/srt/scs_ext/sap/journalentrycreaterequestconfirmation_in', documentType: 'SA', user: 'LINCHPIN' },
    assetValues: { root: '/sap/opu/odata/sap/YY1_ASSETVALUES_CDS', entity: 'YY1_AssetValues', version: 'v2' },
    labourRates: { root: '/sap/opu/odata/sap/YY1_LABOURRATES_CDS', entity: 'YY1_LabourRates', version: 'v2' },
    priceValuationArea: plant.sites[0]!.code,
  };
}
