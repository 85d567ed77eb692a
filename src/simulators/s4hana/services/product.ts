import * as table from '../properties/product.ts';
import * as stock from '../properties/material-stock.ts';
import type { Row, Table } from '../world/store.ts';
import type { Service } from '../odata/service.ts';
import type { World } from '../world/world.ts';

/** Materials and their stock: read only. */
export function productServices(world: World): Service[] {
  const { materials } = world;
  const of = (rows: Table<Row>) => (row: Row) => rows.by('Product', row['Product']);
  const inPlant = (rows: Table<Row>) => (row: Row) => rows.by('Product', row['Product']).filter((one) => one['Plant'] === row['Plant']);
  const stockRow = (row: Row): Row => ({ Material: row['Product'], MaterialBaseUnit: row['BaseUnit'], Product: row['Product'] });
  return [
    {
      id: 'API_PRODUCT_SRV',
      protocol: 'v2',
      root: '/sap/opu/odata/sap/API_PRODUCT_SRV/',
      namespace: 'API_PRODUCT_SRV',
      component: 'LO-MD-MM',
      sets: [
        {
          name: 'A_Product',
          type: 'A_ProductType',
          properties: table.product,
          table: materials.products,
          etag: 'optional',
          navigations: {
            to_Description: { to: 'A_ProductDescription', many: true, follow: of(materials.descriptions) },
            to_Plant: { to: 'A_ProductPlant', many: true, follow: of(materials.plants) },
            to_ProductUnitsOfMeasure: { to: 'A_ProductUnitsOfMeasure', many: true, follow: of(materials.units) },
            to_Valuation: { to: 'A_ProductValuation', many: true, follow: of(materials.valuations) },
          },
        },
        { name: 'A_ProductDescription', type: 'A_ProductDescriptionType', properties: table.productDescription, table: materials.descriptions },
        {
          name: 'A_ProductPlant',
          type: 'A_ProductPlantType',
          properties: table.productPlant,
          table: materials.plants,
          navigations: {
            to_StorageLocation: { to: 'A_ProductStorageLocation', many: true, follow: inPlant(materials.storageLocations) },
            to_ProductSupplyPlanning: { to: 'A_ProductSupplyPlanning', many: false, follow: inPlant(materials.planning) },
          },
        },
        { name: 'A_ProductStorageLocation', type: 'A_ProductStorageLocationType', properties: table.productStorageLocation, table: materials.storageLocations },
        { name: 'A_ProductSupplyPlanning', type: 'A_ProductSupplyPlanningType', properties: table.productSupplyPlanning, table: materials.planning },
        { name: 'A_ProductValuation', type: 'A_ProductValuationType', properties: table.productValuation, table: materials.valuations },
        { name: 'A_ProductUnitsOfMeasure', type: 'A_ProductUnitsOfMeasureType', properties: table.productUnit, table: materials.units },
      ],
    },
    {
      id: 'API_MATERIAL_STOCK_SRV',
      protocol: 'v2',
      root: '/sap/opu/odata/sap/API_MATERIAL_STOCK_SRV/',
      namespace: 'API_MATERIAL_STOCK_SRV',
      component: 'MM-IM-GF-REP',
      sets: [
        {
          name: 'A_MaterialStock',
          type: 'A_MaterialStockType',
          properties: stock.stock.map((property) => ({ ...property, field: property.name === 'Material' ? 'Product' : 'BaseUnit' })),
          table: materials.products,
          view: (row) => ({ ...row, ...stockRow(row) }),
          navigations: { to_MatlStkInAcctMod: { to: 'A_MatlStkInAcctMod', many: true, follow: (row) => materials.stock.by('Material', row['Product']) } },
        },
        { name: 'A_MatlStkInAcctMod', type: 'A_MatlStkInAcctModType', properties: stock.stockInAccountModel, table: materials.stock },
      ],
    },
  ];
}
