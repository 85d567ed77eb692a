import type { TwinTable } from '#simulators/twin';
import type { World } from './world/world.ts';

/** Everything that stands in the world, by SAP's own names of the objects, in the order of a plant's story. */
export function tablesOf(world: World): readonly TwinTable[] {
  const { organisation, materials, partners, internalOrders, assets, technical, requisitions, orders, reservations, movements, invoices, activities, ledger } =
    world;
  const tables = {
    'company codes': organisation.companyCodes,
    plants: organisation.plants,
    'storage locations': organisation.storageLocations,
    'cost centres': organisation.costCentres,
    'G/L accounts': organisation.glAccounts,
    materials: materials.products,
    'material plants': materials.plants,
    'material prices': materials.valuations,
    stock: materials.stock,
    suppliers: partners.suppliers,
    'business partners': partners.partners,
    employments: partners.employments,
    'functional locations': technical.locations,
    equipment: technical.equipment,
    'fixed assets': assets.assets,
    'asset values': assets.values,
    depreciation: assets.schedule,
    'asset postings': assets.postings,
    orders: internalOrders.orders,
    requisitions: requisitions.headers,
    'requisition items': requisitions.items,
    'purchase orders': orders.headers,
    'purchase order items': orders.items,
    'material documents': movements.headers,
    'material document items': movements.items,
    reservations: reservations.headers,
    'reservation items': reservations.items,
    invoices: invoices.headers,
    'invoice items': invoices.items,
    'activity rates': activities.rates,
    'labour rates': activities.labourRates,
    'activity allocations': activities.allocations,
    'activity allocation items': activities.items,
    'journal items': ledger.items,
  };
  return Object.entries(tables).map(([name, table]) => ({ name, size: table.size, rows: () => table.all() }));
}
