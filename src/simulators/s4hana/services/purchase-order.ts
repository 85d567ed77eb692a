import { standingFor } from '../odata/property.ts';
import type { Context, EntitySet, Input, Service } from '../odata/service.ts';
import * as table from '../properties/purchase-order.ts';
import type { Row } from '../world/store.ts';
import type { World } from '../world/world.ts';

interface Names {
  readonly items: string;
  readonly accounts: string;
  readonly lines: string;
}

function create(names: Names): (input: Input, context: Context) => Row {
  return (input, { world, user }) =>
    world.orders.create(
      {
        header: input.values,
        items: (input.children[names.items] ?? []).map((child) => {
          const date = child.children[names.lines]?.[0]?.values['ScheduleLineDeliveryDate'];
          return {
            item: child.values,
            accounts: (child.children[names.accounts] ?? []).map(({ values }) => values),
            deliveryDate: typeof date === 'string' ? date : undefined,
          };
        }),
      },
      user,
    );
}

/** Purchase orders in both protocol versions over the same documents. */
export function orderServices(world: World): Service[] {
  const { orders } = world;
  const byItem = (rows: EntitySet['table']) => (row: Row) =>
    rows.by('PurchaseOrder', row['PurchaseOrder']).filter((one) => one['PurchaseOrderItem'] === row['PurchaseOrderItem']);
  const items = (row: Row): readonly Row[] => orders.items.by('PurchaseOrder', row['PurchaseOrder']);
  const headers = (row: Row): readonly Row[] => [orders.headers.get(row['PurchaseOrder'])].filter((one) => one !== undefined);
  const change = (row: Row, changes: Row): Row => orders.change(String(row['PurchaseOrder']), String(row['PurchaseOrderItem']), changes);
  const remove = (row: Row): void => orders.deleteItem(String(row['PurchaseOrder']), String(row['PurchaseOrderItem']));
  return [
    {
      id: 'API_PURCHASEORDER_PROCESS_SRV',
      protocol: 'v2',
      root: '/sap/opu/odata/sap/API_PURCHASEORDER_PROCESS_SRV/',
      namespace: 'API_PURCHASEORDER_PROCESS_SRV',
      component: 'MM-PUR-PO',
      sets: [
        {
          name: 'A_PurchaseOrder',
          type: 'A_PurchaseOrderType',
          properties: table.order,
          table: orders.headers,
          create: create({ items: 'to_PurchaseOrderItem', accounts: 'to_AccountAssignment', lines: 'to_ScheduleLine' }),
          navigations: { to_PurchaseOrderItem: { to: 'A_PurchaseOrderItem', many: true, follow: items } },
        },
        {
          name: 'A_PurchaseOrderItem',
          type: 'A_PurchaseOrderItemType',
          properties: table.orderItem,
          table: orders.items,
          change,
          remove,
          navigations: {
            to_PurchaseOrder: { to: 'A_PurchaseOrder', many: false, follow: headers },
            to_AccountAssignment: { to: 'A_PurOrdAccountAssignment', many: true, follow: byItem(orders.accounts) },
            to_ScheduleLine: { to: 'A_PurchaseOrderScheduleLine', many: true, follow: byItem(orders.scheduleLines) },
          },
        },
        { name: 'A_PurOrdAccountAssignment', type: 'A_PurOrdAccountAssignmentType', properties: table.orderAccount, table: orders.accounts },
        { name: 'A_PurchaseOrderScheduleLine', type: 'A_PurchaseOrderScheduleLineType', properties: table.orderScheduleLine, table: orders.scheduleLines },
      ],
    },
    {
      id: 'CE_PURCHASEORDER_0001',
      protocol: 'v4',
      root: '/sap/opu/odata4/sap/api_purchaseorder_2/srvd_a2x/sap/purchaseorder/0001/',
      namespace: 'com.sap.gateway.srvd_a2x.api_purchaseorder_2.v0001',
      component: 'MM-PUR-PO',
      sets: [
        {
          name: 'PurchaseOrder',
          type: 'PurchaseOrder_Type',
          properties: standingFor(table.orderV4, { PurchaseOrderDeletionCode: 'PurchasingDocumentDeletionCode' }),
          table: orders.headers,
          etag: 'optional',
          create: create({ items: '_PurchaseOrderItem', accounts: '_PurOrdAccountAssignment', lines: '_PurchaseOrderScheduleLineTP' }),
          navigations: { _PurchaseOrderItem: { to: 'PurchaseOrderItem', many: true, follow: items } },
        },
        {
          name: 'PurchaseOrderItem',
          type: 'PurchaseOrderItem_Type',
          properties: standingFor(table.orderItemV4, { ProductTypeCode: 'ProductType' }),
          table: orders.items,
          etag: 'optional',
          change,
          remove,
          view: (row) => ({
            ...row,
            NetAmount: orders.items.get(row['PurchaseOrder'], row['PurchaseOrderItem'])
              ? world.orders.valueOf({ ...row } as Parameters<typeof orders.valueOf>[0], String(row['OrderQuantity']))
              : '0',
          }), // A row of this very table.
          navigations: {
            _PurchaseOrder: { to: 'PurchaseOrder', many: false, follow: headers },
            _PurOrdAccountAssignment: { to: 'PurchaseOrderAccountAssignment', many: true, follow: byItem(orders.accounts) },
            _PurchaseOrderScheduleLineTP: { to: 'PurchaseOrderScheduleLine', many: true, follow: byItem(orders.scheduleLines) },
          },
        },
        {
          name: 'PurchaseOrderAccountAssignment',
          type: 'PurchaseOrderAccountAssignment_Type',
          properties: standingFor(table.orderAccountV4, { OrderQuantityUnit: 'PurchaseOrderQuantityUnit', WBSElementExternalID: 'WBSElement' }),
          table: orders.accounts,
          etag: 'optional',
        },
        {
          name: 'PurchaseOrderScheduleLine',
          type: 'PurchaseOrderScheduleLine_Type',
          properties: table.orderScheduleLineV4,
          table: orders.scheduleLines,
          etag: 'optional',
        },
      ],
    },
  ];
}
