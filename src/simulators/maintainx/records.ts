/** What stands behind the protocol. Times are milliseconds; amounts are cents; the wire formats are made in the views. */
interface Row {
  readonly id: number;
  readonly organizationId: number;
  readonly createdAt: number;
  updatedAt: number;
}

export type ExtraFields = Record<string, string>;
export type ExternalData = string | number | Record<string, unknown> | null;

export const customFieldEntities = ['assets', 'locations', 'parts', 'workOrders', 'vendors', 'purchaseOrders', 'lineItemPurchaseOrders'] as const;
export type CustomFieldEntity = (typeof customFieldEntities)[number];
export const customFieldTypes = ['oneline', 'multiline', 'number', 'singleSelect', 'date', 'datetime', 'link'] as const;
export interface CustomField {
  readonly id: number;
  readonly organizationId: number;
  readonly entity: CustomFieldEntity;
  label: string;
  type: (typeof customFieldTypes)[number];
  options: readonly string[];
  required: boolean;
  unlisted: boolean;
  sortOrder: number;
}

export interface Location extends Row {
  name: string;
  description: string | null;
  address: string | null;
  barcode: string | null;
  parentId: number | null;
  vendorIds: readonly number[];
  extraFields: ExtraFields;
}

export const assetStates = ['ONLINE', 'OFFLINE', 'IGNORE'] as const;
export type AssetState = (typeof assetStates)[number];
export interface CustomAssetStatus {
  readonly id: number;
  readonly organizationId: number;
  readonly label: string;
  readonly baseAssetStatus: AssetState;
  readonly createdAt: number;
}
export interface AssetStatus {
  readonly id: number;
  readonly assetId: number;
  readonly organizationId: number;
  readonly creatorId: number;
  readonly createdAt: number;
  updatedAt: number;
  status: AssetState;
  customStatusId: number | null;
  downtimeType: 'PLANNED' | 'UNPLANNED' | null;
  startedAt: number;
  endedAt: number | null;
  description: string | null;
}
export interface Depreciation {
  accumulatedDepreciation?: number | null | undefined;
  annualDepreciation?: number | null | undefined;
  currentBookValue?: number | null | undefined;
  purchasePrice?: number | null | undefined;
  salvageValue?: number | null | undefined;
  usefulLifeYears?: number | null | undefined;
  yearsDepreciated?: number | null | undefined;
  depreciationStartDate?: string | null | undefined;
  purchaseDate?: string | null | undefined;
}
export interface Manufacturer {
  readonly id: number;
  readonly organizationId: number;
  readonly name: string;
}
export interface Model extends Manufacturer {
  readonly manufacturerId: number;
}
export interface Asset extends Row {
  readonly globalUuid: string;
  readonly creatorId: number;
  name: string;
  description: string | null;
  barcode: string | null;
  serialNumber: string | null;
  criticalityId: number | null;
  parentId: number | null;
  readonly childrenIds: Set<number>;
  locationId: number | null;
  teamIds: readonly number[];
  vendorIds: readonly number[];
  assetTypes: readonly string[];
  extraFields: ExtraFields;
  manufacturerId: number | null;
  modelId: number | null;
  depreciation: Depreciation | null;
  status: AssetStatus;
}

export interface StockRow {
  availableQuantity: number;
  minimumQuantity: number;
  maximumQuantity: number | null;
  area: string | null;
}
/** The stock of a part that has no location stands under this key. */
export const noLocation = 0;
export interface Part extends Row {
  name: string;
  description: string | null;
  barcode: string | null;
  unitCost: number | null;
  partTypes: readonly string[];
  assetIds: readonly number[];
  teamIds: readonly number[];
  vendors: readonly { vendorId: number; partNumber: string }[];
  extraFields: ExtraFields;
  /** By location id, in the order in which they were added. */
  readonly stock: Map<number, StockRow>;
}

export interface Vendor extends Row {
  name: string;
  description: string | null;
  emails: readonly string[];
  phoneNumbers: readonly string[];
  extraFields: ExtraFields;
}

export const roles = ['ADMIN', 'MEMBER', 'OPERATOR', 'REQUESTER', 'SERVICE_ACCOUNT'] as const;
export interface User extends Row {
  firstName: string;
  lastName: string;
  email: string | null;
  phoneNumber: string | null;
  role: (typeof roles)[number];
  customRole: string | null;
  authType: 'NORMAL' | 'SAML' | 'OIDC';
  hourlyRate: number | null;
  externalData: ExternalData;
  extraFields: ExtraFields;
  removedFromOrganization: boolean;
  lastVisitedAt: number | null;
}
export interface Team extends Row {
  name: string;
  description: string | null;
  memberIds: readonly number[];
  assetIds: readonly number[];
  locationIds: readonly number[];
}
export interface Category {
  readonly id: number;
  readonly organizationId: number;
  readonly label: string;
  readonly description: string;
}

export const workOrderStatuses = ['OPEN', 'IN_PROGRESS', 'ON_HOLD', 'DONE', 'CANCELED', 'SKIPPED'] as const;
export type WorkOrderStatus = (typeof workOrderStatuses)[number];
export const partStatuses = ['NO_PARTS', 'ASSIGNED', 'RESERVED', 'KITTED', 'STAGED', 'ISSUED'] as const;
export type PartStatus = (typeof partStatuses)[number];
export const priorities = ['NONE', 'LOW', 'MEDIUM', 'HIGH'] as const;
export type Priority = (typeof priorities)[number];

export interface PartUse {
  readonly partId: number;
  locationId: number | null;
  quantityUsed: number;
  /** What has left stock for this row so far. */
  issued: number;
  /** Price in cents when the row was made. */
  readonly unitCost: number | null;
  readonly copyOnRecurring: 'NoCopy' | 'Copy' | 'Default';
}
/** The stages in which parts wait for a work order. */
export type Stage = 'assigned' | 'reserved' | 'kitted' | 'staged';
/** What one order holds of one part at one place, as it was last added to the totals. */
export interface Hold {
  readonly partId: number;
  readonly place: number;
  readonly stage: Stage;
  readonly quantity: number;
}
export interface CostRow {
  readonly id: number;
  readonly type: 'EXPENSE' | 'TIME';
  readonly description: string | null;
  readonly costPerUnit: number | null;
  /** Hours for TIME, 1 for EXPENSE. */
  readonly quantity: number;
  readonly rowTotal: number;
  /** Seconds. */
  readonly durationTotal: number | null;
  readonly userId: number | null;
}
export interface Comment {
  readonly id: number;
  readonly authorId: number;
  readonly content: string;
  readonly createdAt: number;
}
export interface Assignee {
  readonly type: 'USER' | 'TEAM';
  readonly id: number;
}
export interface WorkOrder extends Row {
  readonly sequentialId: number;
  readonly creatorId: number;
  title: string;
  description: string | null;
  status: WorkOrderStatus;
  partStatus: PartStatus;
  priority: Priority;
  type: 'OTHER' | 'REACTIVE' | 'PREVENTIVE' | 'CYCLE_COUNT';
  assetId: number | null;
  locationId: number | null;
  requesterId: number | null;
  completerId: number | null;
  completedAt: number | null;
  dueDate: string | null;
  startDate: string | null;
  estimatedTime: number | null;
  externalData: ExternalData;
  extraFields: ExtraFields;
  assignees: readonly Assignee[];
  categories: readonly string[];
  vendorIds: readonly number[];
  parts: PartUse[];
  readonly costs: CostRow[];
  readonly comments: Comment[];
  readonly parentId: number | null;
  readonly isParent: boolean;
  readonly subWorkOrderIds: number[];
  lastMessageSentAt: number | null;
  holds: readonly Hold[];
}

export const purchaseOrderStatuses = ['REQUESTED', 'PENDING', 'APPROVED', 'DECLINED', 'CANCELED', 'PARTIALLY_FULFILLED', 'COMPLETED'] as const;
export type PurchaseOrderStatus = (typeof purchaseOrderStatuses)[number];
export interface Fulfillment {
  readonly id: number;
  readonly locationId: number | null;
  quantityReceived: number;
  readonly isLegacy: boolean;
}
export interface PurchaseOrderItem {
  readonly id: number;
  partId: number | null;
  name: string | null;
  partNumber: string | null;
  price: number | null;
  unitCost: number | null;
  quantityOrdered: number;
  readonly fulfillments: Fulfillment[];
  lineExtraFields: ExtraFields;
}
export interface PurchaseOrderCost {
  readonly id: number;
  readonly name: string;
  readonly type: 'AMOUNT_TAXABLE' | 'AMOUNT_NON_TAXABLE' | 'PERCENT_TAXABLE';
  readonly amount: number;
}
export interface Address {
  readonly city: string;
  readonly country: string;
  readonly postalCode: string;
  readonly state: string;
  readonly street: string;
  readonly label?: string | null | undefined;
}
export interface PurchaseOrder extends Row {
  readonly autoGeneratedNumber: number;
  readonly creatorId: number;
  vendorId: number | null;
  status: PurchaseOrderStatus;
  overrideNumber: string | null;
  title: string | null;
  note: string | null;
  reviewNote: string | null;
  dueDate: string | null;
  approverId: number | null;
  approvalDate: number | null;
  items: PurchaseOrderItem[];
  costs: readonly PurchaseOrderCost[];
  extraFields: ExtraFields;
  shippingAddress: Address | null;
  billingAddress: Address | null;
  readonly comments: Comment[];
}

export const measurementTypes = ['MANUAL', 'AUTOMATED_SENSOR', 'IOT_DEVICE'] as const;
export interface Reading {
  readonly id: string;
  readonly meterId: number;
  readonly value: number;
  readonly createdAt: number;
  readonly readingDate: number;
}
export interface Meter extends Row {
  readonly uuid: string;
  readonly creatorId: number;
  readonly measurementType: (typeof measurementTypes)[number];
  name: string;
  description: string | null;
  unit: string;
  assetId: number | null;
  locationId: number | null;
  readingFrequency: Record<string, unknown> | null;
  /** By reading date; only the last is kept visible to the API. */
  lastReading: Reading | null;
  readonly triggerIds: number[];
}
export const triggerConditions = [
  'IS_EQUAL',
  'IS_GREATER',
  'IS_LESS',
  'INCREMENTED_BY',
  'DECREMENTED_BY',
  'INCREMENTED_BY_BASED_ON_LAST_READING',
  'DECREMENTED_BY_BASED_ON_LAST_READING',
] as const;
export const triggerStates = ['INACTIVE', 'INSUFFICIENT_DATA', 'PENDING', 'STABLE', 'TRIGGERED'] as const;
export interface MeterTrigger extends Row {
  readonly meterId: number;
  readonly creatorId: number;
  readonly name: string;
  readonly description: string | null;
  readonly amount: number;
  readonly condition: (typeof triggerConditions)[number];
  readonly period: number | null;
  readonly minDateForProcessing: number | null;
  nextTriggerValue: number | null;
  state: (typeof triggerStates)[number];
  readonly template: {
    readonly title: string;
    readonly assetId: number | null;
    readonly locationId: number | null;
    readonly description: string | null;
    readonly priority: Priority;
  };
}

export const requestStatuses = ['PENDING', 'APPROVED', 'REJECTED', 'DONE'] as const;
export interface WorkRequest extends Row {
  readonly creatorId: number;
  title: string;
  description: string | null;
  priority: Priority;
  requestStatus: (typeof requestStatuses)[number];
  assetId: number | null;
  locationId: number | null;
  workOrderId: number | null;
  approverTeamId: number | null;
  creatorContactInfo: { type: 'PHONE' | 'EMAIL' | 'OTHER'; value: string } | null;
  extraFields: ExtraFields;
}

export interface Subscription {
  readonly id: number;
  readonly organizationId: number;
  readonly secret: string;
  type: string;
  url: string;
  readonly status: 'VALID' | 'PENDING_APPROVAL';
  readonly options: Readonly<Record<string, boolean>>;
  readonly filters: Readonly<Record<string, readonly (string | number)[]>>;
  /** Since when every delivery failed. */
  failingSince: number | undefined;
}
