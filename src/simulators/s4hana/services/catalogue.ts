import type { S4Config } from '../config.ts';
import { prepare, type PreparedService, type Service } from '../odata/service.ts';
import { labourRate } from '../properties/activity.ts';
import { assetDepreciation, assetValue } from '../properties/fixed-asset.ts';
import type { World } from '../world/world.ts';
import { partnerServices } from './business-partner.ts';
import { financeServices } from './finance.ts';
import { assetServices } from './fixed-asset.ts';
import { goodsServices } from './goods.ts';
import { productServices } from './product.ts';
import { orderServices } from './purchase-order.ts';
import { requisitionServices } from './purchase-requisition.ts';
import { invoiceServices } from './supplier-invoice.ts';
import { technicalServices } from './technical-object.ts';

/** All services by the root of their address; a V2 service is also found with `;v=0001`. */
export function catalogue(world: World, config: Pick<S4Config, 'customServices'>): ReadonlyMap<string, PreparedService> {
  const services = [
    ...productServices(world),
    ...requisitionServices(world),
    ...orderServices(world),
    ...goodsServices(world),
    ...invoiceServices(world),
    ...technicalServices(world),
    ...financeServices(world),
    ...assetServices(world),
    ...partnerServices(world),
    ...customServices(world, config),
  ];
  const roots = new Map<string, PreparedService>();
  for (const service of services) {
    roots.set(service.root, prepare(service));
    if (service.protocol === 'v2') {
      const versioned = `${service.root.slice(0, -1)};v=0001/`;
      roots.set(versioned, prepare({ ...service, root: versioned }));
    }
  }
  return roots;
}

/** What a customer built for himself, since no released service offers it. */
function customServices(world: World, { customServices: built }: Pick<S4Config, 'customServices'>): Service[] {
  const custom = (name: string, set: Service['sets'][number]): Service => ({
    id: name,
    protocol: 'v2',
    root: `/sap/opu/odata/sap/${name}/`,
    namespace: name,
    component: 'CA-GTF',
    sets: [set],
  });
  return [
    ...(built.assetValues
      ? [custom('YY1_ASSETVALUES_CDS', { name: 'YY1_AssetValues', type: 'YY1_AssetValuesType', properties: assetValue, table: world.assets.values })]
      : []),
    ...(built.assetDepreciation
      ? [
          custom('YY1_ASSETDEPRECIATION_CDS', {
            name: 'YY1_AssetDepreciation',
            type: 'YY1_AssetDepreciationType',
            properties: assetDepreciation,
            table: world.assets.schedule,
          }),
        ]
      : []),
    ...(built.labourRates
      ? [custom('YY1_LABOURRATES_CDS', { name: 'YY1_LabourRates', type: 'YY1_LabourRatesType', properties: labourRate, table: world.activities.labourRates })]
      : []),
  ];
}
