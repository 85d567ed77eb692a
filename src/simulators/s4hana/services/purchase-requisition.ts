import { standingFor, properties } from '../odata/property.ts';
import type { Context, EntitySet, Input, Operation, Service } from '../odata/service.ts';
import * as table from '../properties/purchase-requisition.ts';
import type { Row } from '../world/store.ts';
import type { World } from '../world/world.ts';

const item = (row: Row): [string, string] => [String(row['PurchaseRequisition']), String(row['PurchaseRequisitionItem'])];

/** Names of one protocol version for the same navigations. */
interface Names {
  readonly items: string;
  readonly accounts: string;
  readonly texts: string;
}

function create(names: Names): (input: Input, context: Context) => Row {
  return (input, { world, user }) =>
    world.requisitions.create(
      {
        header: input.values,
        // Decoding let only declared properties of declared kinds through, and the world's fields have the same names.
        items: (input.children[names.items] ?? []).map((child) => ({
          item: child.values,
          accounts: (child.children[names.accounts] ?? []).map(({ values }) => values),
          texts: (child.children[names.texts] ?? []).map(({ values }) => values),
        })),
      },
      user,
    );
}

/** Purchase requisitions in both protocol versions over the same documents. */
export function requisitionServices(world: World): Service[] {
  const { requisitions } = world;
  const byItem = (rows: EntitySet['table']) => (row: Row) =>
    rows.by('PurchaseRequisition', row['PurchaseRequisition']).filter((one) => one['PurchaseRequisitionItem'] === row['PurchaseRequisitionItem']);
  const items = (row: Row): readonly Row[] => requisitions.items.by('PurchaseRequisition', row['PurchaseRequisition']);
  const headers = (row: Row): readonly Row[] => [requisitions.headers.get(row['PurchaseRequisition'])].filter((one) => one !== undefined);
  const change = (row: Row, changes: Row, _context: Context): Row => requisitions.change(...item(row), changes);
  const remove = (row: Row): void => void requisitions.change(...item(row), { IsDeleted: true });
  const changeHeader = (row: Row, changes: Row): Row => {
    const header = requisitions.headers.get(row['PurchaseRequisition']);
    return header ? requisitions.headers.update(header, { ...changes, LastChangeDateTime: world.now() }) : row;
  };
  const document = properties('PurchaseRequisition:S10:k');
  const documentItem = properties('PurchaseRequisition:S10:k PurchaseRequisitionItem:N5:k');
  const blocking = (name: string, blocked: boolean): Operation => ({
    name,
    method: 'POST',
    parameters: documentItem,
    run: (given) => {
      requisitions.block(...item(given), blocked);
      return { plain: { results: [] } };
    },
  });
  const v4Block = (name: string, set: string, blocked: boolean): Operation => ({
    name,
    method: 'POST',
    parameters: [],
    bound: { set, to: 'entity', etag: true },
    run: (_given, _context, row = {}) => {
      requisitions.block(String(row['PurchaseRequisition']), set === 'PurchaseReqn' ? undefined : String(row['PurchaseRequisitionItem']), blocked);
      return { set, row };
    },
  });
  return [
    {
      id: 'API_PURCHASEREQ_PROCESS_SRV',
      protocol: 'v2',
      root: '/sap/opu/odata/sap/API_PURCHASEREQ_PROCESS_SRV/',
      namespace: 'API_PURCHASEREQ_PROCESS_SRV',
      component: 'MM-PUR-REQ',
      sets: [
        {
          name: 'A_PurchaseRequisitionHeader',
          type: 'A_PurchaseRequisitionHeaderType',
          properties: table.requisitionHeader,
          table: requisitions.headers,
          create: create({ items: 'to_PurchaseReqnItem', accounts: 'to_PurchaseReqnAcctAssgmt', texts: 'to_PurchaseReqnItemText' }),
          change: changeHeader,
          navigations: { to_PurchaseReqnItem: { to: 'A_PurchaseRequisitionItem', many: true, follow: items } },
        },
        {
          name: 'A_PurchaseRequisitionItem',
          type: 'A_PurchaseRequisitionItemType',
          properties: table.requisitionItem,
          table: requisitions.items,
          change,
          remove,
          navigations: {
            to_PurchaseReqn: { to: 'A_PurchaseRequisitionHeader', many: false, follow: headers },
            to_PurchaseReqnAcctAssgmt: { to: 'A_PurReqnAcctAssgmt', many: true, follow: byItem(requisitions.accounts) },
            to_PurchaseReqnItemText: { to: 'A_PurchaseReqnItemText', many: true, follow: byItem(requisitions.texts) },
          },
        },
        { name: 'A_PurReqnAcctAssgmt', type: 'A_PurReqnAcctAssgmtType', properties: table.requisitionAccount, table: requisitions.accounts },
        { name: 'A_PurchaseReqnItemText', type: 'A_PurchaseReqnItemTextType', properties: table.requisitionText, table: requisitions.texts },
      ],
      operations: [
        blocking('EnableForPurchasing', false),
        blocking('DiscardFromPurchasing', true),
        {
          name: 'Validate',
          method: 'GET',
          parameters: document,
          run: (given) => {
            requisitions.get(String(given['PurchaseRequisition']));
            return { plain: { results: [] } };
          },
        },
      ],
    },
    {
      id: 'CE_PURCHASEREQUISITION_0001',
      protocol: 'v4',
      root: '/sap/opu/odata4/sap/api_purchaserequisition_2/srvd_a2x/sap/purchaserequisition/0001/',
      namespace: 'com.sap.gateway.srvd_a2x.api_purchaserequisition_2.v0001',
      component: 'MM-PUR-REQ',
      sets: [
        {
          name: 'PurchaseReqn',
          type: 'PurchaseReqnType',
          properties: table.requisitionHeaderV4,
          table: requisitions.headers,
          etag: 'required',
          create: create({ items: '_PurchaseRequisitionItem', accounts: '_PurchaseReqnAcctAssgmt', texts: '_PurchaseReqnItemText' }),
          change: changeHeader,
          navigations: { _PurchaseRequisitionItem: { to: 'PurchaseReqnItem', many: true, follow: items } },
        },
        {
          name: 'PurchaseReqnItem',
          type: 'PurchaseReqnItemType',
          properties: standingFor(table.requisitionItemV4, { ProductTypeCode: 'ProductType', PurReqnItemBlockingStatus: 'IsPurReqnBlocked' }),
          table: requisitions.items,
          etag: 'required',
          change,
          remove,
          navigations: {
            _PurReqn: { to: 'PurchaseReqn', many: false, follow: headers },
            _PurchaseReqnAcctAssgmt: { to: 'PurchaseReqnAcctAssgmt', many: true, follow: byItem(requisitions.accounts) },
            _PurchaseReqnItemText: { to: 'PurchaseReqnItemText', many: true, follow: byItem(requisitions.texts) },
          },
        },
        {
          name: 'PurchaseReqnAcctAssgmt',
          type: 'PurchaseReqnAcctAssgmtType',
          properties: standingFor(table.requisitionAccountV4, { WBSElementExternalID: 'WBSElement' }),
          table: requisitions.accounts,
          etag: 'required',
        },
        {
          name: 'PurchaseReqnItemText',
          type: 'PurchaseReqnItemTextType',
          properties: standingFor(table.requisitionTextV4, {
            TextObjectCategory: 'TechnicalObjectType',
            TextObjectKey: 'ArchObjectNumber',
            TextObjectType: 'DocumentText',
            PlainLongText: 'NoteDescription',
          }),
          table: requisitions.texts,
          etag: 'required',
        },
      ],
      operations: [
        v4Block('EnablePurReqForPurchasing', 'PurchaseReqn', false),
        v4Block('DiscardPurReqFromPurchasing', 'PurchaseReqn', true),
        v4Block('EnablePurReqItemForPurchasing', 'PurchaseReqnItem', false),
        v4Block('DiscardPurReqItemFromPurg', 'PurchaseReqnItem', true),
        {
          name: 'Validate',
          method: 'POST',
          parameters: [],
          bound: { set: 'PurchaseReqn', to: 'entity' },
          run: (_given, _context, row = {}) => ({ set: 'PurchaseReqn', row }),
        },
      ],
    },
  ];
}
