/**
 * What the system refuses, by message class and number. `{0}` and following are filled in.
 * Codes seen in the field: M7/021, M3/305, M3/024, M7/053, F5/201, KI/265, ME/083. The others follow the class of their transaction and are not verified.
 */
export const refusals = {
  deficit: ['M7/021', 'Deficit of SL Unrestricted-use {0} {1} : {2} {3} {4}'],
  unknownMaterial: ['M3/305', 'The material {0} does not exist or is not activated'],
  materialNotInPlant: ['M3/351', 'Material {0} not maintained in plant {1}'],
  materialBlocked: ['M3/138', 'Material {0} has status {1}: blocked for this procedure'],
  materialDeleted: ['M3/184', 'Material {0} is flagged for deletion'],
  materialLocked: ['M3/024', 'The valuation data for material {0} is locked by the user {1}'],
  orderLocked: ['IW/116', 'Order {0} is currently locked by user {1}'],
  purchaseOrderLocked: ['ME/006', 'Purchase order {0} is currently locked by user {1}'],
  requisitionLocked: ['ME/006', 'Purchase requisition {0} is currently locked by user {1}'],
  periodClosedMaterials: ['M7/053', 'Posting only possible in open periods in company code {0}; period {1} is closed'],
  periodClosed: ['F5/201', 'Period {1} is not open for account type S in company code {0}'],
  unknownPlant: ['M7/001', 'Check table T001W: entry {0} does not exist'],
  unknownStorageLocation: ['M7/001', 'Check table T001L: entry {0} {1} does not exist'],
  missingStorageLocation: ['M7/062', 'Storage location is missing for material {0} in plant {1}'],
  unknownCompanyCode: ['F5/165', 'Company code {0} does not exist'],
  unknownCostCentre: ['KI/265', 'Cost center {0}/{1} does not exist on {2}'],
  costCentreLocked: ['KI/174', 'Cost center {0}/{1} is blocked against direct postings on {2}'],
  unknownOrder: ['KI/206', 'Order {0} does not exist'],
  orderDeleted: ['KI/260', 'Order {0} is flagged for deletion'],
  unknownAsset: ['AA/001', 'Asset {1}-{2} does not exist in company code {0}'],
  assetRetired: ['AA/360', 'Asset {1}-{2} in company code {0} is already deactivated'],
  unknownGlAccount: ['F5/506', 'G/L account {0} is not defined in chart of accounts {1}'],
  glAccountBlocked: ['F5/351', 'Account {0} in chart of accounts {1} is blocked for posting'],
  missingAssignment: ['ME/065', 'Enter account assignment data for item {0} (category {1})'],
  assignmentNotWanted: ['ME/069', 'Account assignment {1} does not fit category "{0}"'],
  unknownAssignmentCategory: ['ME/054', 'Account assignment category {0} is not defined'],
  missingCostObject: ['KI/235', 'Account {0} requires an assignment to a CO object'],
  unknownUnit: ['BM/302', 'Unit {0} is not created in language {1}'],
  noConversion: ['M7/157', 'Conversion from {0} to {1} is not defined for material {2}'],
  quantityZero: ['ME/062', 'Enter a quantity for item {0}'],
  quantityNegative: ['ME/063', 'Quantity {0} is negative'],
  missingDeliveryDate: ['ME/083', 'Enter Delivery Date'],
  missingField: ['ME/083', 'Enter {0}'],
  unknownCurrency: ['SG/105', 'Currency {0} is not defined'],
  noExchangeRate: ['SG/105', 'Enter rate {0} / {1} rate type M in the system settings'],
  unknownSupplier: ['F5/360', 'Supplier {0} does not exist in company code {1}'],
  supplierBlocked: ['ME/025', 'Supplier {0} is blocked for purchasing'],
  supplierBlockedForPosting: ['F5/104', 'Account {0} is blocked for posting in company code {1}'],
  unknownRequisition: ['ME/261', 'Purchase requisition {0} does not exist'],
  requisitionNotReleased: ['ME/390', 'Purchase requisition {0} item {1} has not been released'],
  requisitionClosed: ['ME/268', 'Purchase requisition {0} item {1} can no longer be changed: {2}'],
  unknownPurchaseOrder: ['ME/012', 'Purchase order {0} does not exist'],
  unknownPurchaseOrderItem: ['M7/018', 'Document {0} does not contain item {1}'],
  purchaseOrderItemDeleted: ['M7/036', 'Item {1} of purchase order {0} is deleted'],
  purchaseOrderNotReleased: ['ME/104', 'Purchase order {0} has not been released'],
  overDelivery: ['M7/022', 'PU Ordered quantity exceeded by {0} {1} : {2} {3}'],
  returnsTooMuch: ['M7/022', 'Quantity received is exceeded by {0} {1} : {2} {3}'],
  unknownMovementType: ['M7/001', 'Check table T156: entry {0} does not exist'],
  movementTypeNotAllowed: ['M7/120', 'Goods movement with movement type {0} is not possible with code {1}'],
  reasonMissing: ['M7/139', 'Enter a reason for movement type {0}'],
  unknownDocument: ['M7/056', 'Document {0} {1} does not exist'],
  alreadyCancelled: ['M7/065', 'Document {0} {1} has already been reversed'],
  unknownReservation: ['M7/031', 'Reservation {0} item {1} does not exist'],
  reservationClosed: ['M7/033', 'Reservation {0} item {1} is finally issued or deleted'],
  noItems: ['M7/080', 'Document contains no items'],
  duplicateInvoice: ['M8/462', 'Check whether document has already been entered under accounting document number {0} {1}'],
  balanceNotZero: ['M8/534', 'Balance not zero: {0} debits: {1} credits: {2}'],
  invoiceBeyondReceipt: ['M8/504', 'Quantity invoiced {0} is greater than goods receipt quantity {1}'],
  unknownInvoice: ['M8/318', 'Document {0} {1} does not exist'],
  entryNotBalanced: ['RW/022', 'Balance in transaction currency: {0} {1}'],
  entryEmpty: ['F5/670', 'Enter at least two line items'],
  unknownEquipment: ['IE/001', 'Equipment {0} does not exist'],
  equipmentInactive: ['IE/043', 'Equipment {0} is inactive'],
  unknownFunctionalLocation: ['IL/001', 'Functional location {0} does not exist'],
  notInstalled: ['IE/122', 'Equipment {0} is not installed'],
  alreadyInstalled: ['IE/121', 'Equipment {0} is already installed'],
  hierarchyLoop: ['IE/130', 'Equipment {0} would become its own superior'],
  installedBoth: ['IE/123', 'Equipment can be installed at a functional location or in superordinate equipment, not in both'],
  segmentBeforeStart: ['IE/087', 'Validity start {0} is before the start of the current segment {1}'],
  unknownActivityRate: ['KI/131', 'No price for cost center {0} activity type {1} on {2}'],
  unknownAssetClass: ['AA/031', 'Asset class {0} is not defined'],
  retirementTooMuch: ['AA/477', 'Retirement {0} is more than the acquisition value {1}'],
  alreadyThere: ['ME/001', '{0} {1} already exists'],
  orderedQuantityExceeded: ['ME/622', 'Quantity {0} is less than the quantity already ordered {1}'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;
export type RefusalName = keyof typeof refusals;

/** A business error: 400 on the wire, with its message class and number. `target` names the property or item. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: RefusalName;
  readonly code: string;
  readonly target: string;

  constructor(reason: RefusalName, facts: readonly (string | number)[] = [], target = '') {
    const [code, text] = refusals[reason];
    super(text.replace(/\{(\d)\}/g, (_all, at: string) => String(facts[Number(at)] ?? '')));
    this.reason = reason;
    this.code = code;
    this.target = target;
  }
}
