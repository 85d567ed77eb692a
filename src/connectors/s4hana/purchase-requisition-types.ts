import { entity, type EntityType } from '#spi/odata-type';

/** Properties that both versions of the requisition services share, under their common names (metadata of the services). */
const item = {
  PurchaseRequisition: 'key id 10',
  PurchaseRequisitionItem: 'key digits 5',
  PurchasingDocument: 'id 10',
  PurchasingDocumentItem: 'digits 5',
  PurReqnReleaseStatus: 'text 2',
  PurchasingDocumentItemCategory: 'text 1',
  PurchaseRequisitionItemText: 'text 40',
  AccountAssignmentCategory: 'text 1',
  Material: 'id 40',
  MaterialGroup: 'text 9',
  RequestedQuantity: 'decimal 13.3',
  BaseUnit: 'text 3',
  PurReqnPriceQuantity: 'decimal 5.0',
  PurchasingOrganization: 'text 4',
  PurchasingGroup: 'text 3',
  Plant: 'text 4',
  CompanyCode: 'text 4',
  OrderedQuantity: 'decimal 13.3',
  DeliveryDate: 'day',
  ProcessingStatus: 'text 1',
  Supplier: 'id 10',
  FixedSupplier: 'id 10',
  RequisitionerName: 'text 12',
  StorageLocation: 'text 4',
  IsClosed: 'boolean',
  ReleaseIsNotCompleted: 'boolean',
  RequirementTracking: 'text 10',
  PurReqnExternalReference: 'text 35',
  PurReqnItemExternalReference: 'text 10',
};
const account = {
  PurchaseRequisition: 'key id 10',
  PurchaseRequisitionItem: 'key digits 5',
  PurchaseReqnAcctAssgmtNumber: 'key digits 2',
  CostCenter: 'id 10',
  MasterFixedAsset: 'id 12',
  FixedAsset: 'id 4',
  OrderID: 'id 12',
  GLAccount: 'id 10',
  Quantity: 'decimal 13.3',
};
const header = { PurchaseRequisition: 'key id 10', PurchaseRequisitionType: 'text 4', PurReqnDescription: 'text 40' };

export interface RequisitionTypes {
  readonly header: EntityType;
  readonly item: EntityType;
  readonly account: EntityType;
  readonly text: EntityType;
}

const accountV4 = entity('PurchaseReqnAcctAssgmt', account);
const textV4 = entity('PurchaseReqnItemText', { TextObjectType: 'text 4', Language: 'key text 2', PlainLongText: 'text' });
const itemV4 = entity(
  'PurchaseReqnItem',
  {
    ...item,
    PurchaseRequisitionPrice: 'decimal 11.variable',
    PurReqnItemCurrency: 'text 3',
    IsDeleted: 'boolean',
    ProductTypeCode: 'text 2',
    LastChangeDateTime: 'instant',
  },
  { _PurchaseReqnAcctAssgmt: { type: accountV4 }, _PurchaseReqnItemText: { type: textV4 } },
);

const accountV2 = entity('A_PurReqnAcctAssgmt', account);
const textV2 = entity('A_PurchaseReqnItemText', { DocumentText: 'text 4 as TextObjectType', Language: 'key text 2', NoteDescription: 'text as PlainLongText' });
const itemV2 = entity(
  'A_PurchaseRequisitionItem',
  {
    ...item,
    PurchaseRequisitionPrice: 'decimal 12.3',
    PurReqnItemCurrency: 'text 5',
    IsDeleted: 'flag',
    ProductType: 'text 2 as ProductTypeCode',
    LastChangeDateTime: 'instant read',
  },
  { to_PurchaseReqnAcctAssgmt: { type: accountV2, as: '_PurchaseReqnAcctAssgmt' }, to_PurchaseReqnItemText: { type: textV2, as: '_PurchaseReqnItemText' } },
);

/** The same names of records from either version: those of V4. */
export const requisitionTypes: Readonly<Record<'v2' | 'v4', RequisitionTypes>> = {
  v4: { header: entity('PurchaseReqn', header, { _PurchaseRequisitionItem: { type: itemV4 } }), item: itemV4, account: accountV4, text: textV4 },
  v2: {
    header: entity('A_PurchaseRequisitionHeader', header, { to_PurchaseReqnItem: { type: itemV2, as: '_PurchaseRequisitionItem' } }),
    item: itemV2,
    account: accountV2,
    text: textV2,
  },
};
