/** Parts of the application that the role of a key's user may open, with the first path segments below them. Roles are made per organisation; their exact grain is not published (unverified). */
export const areas = {
  workOrders: ['workorders', 'workrequests', 'categories'],
  assets: [
    'assets',
    'assetstatuses',
    'assetcriticalities',
    'assetcustomstatuses',
    'manufacturers',
    'models',
    'locations',
    'meters',
    'meterreadings',
    'metertriggers',
  ],
  parts: ['parts'],
  purchaseOrders: ['purchaseorders'],
  vendors: ['vendors'],
  users: ['users', 'teams'],
  webhooks: ['subscriptions'],
  settings: ['customfields'],
} as const;
export type Area = keyof typeof areas;

/** One API key: acts as a user, in one organisation or in several. */
export interface ApiKey {
  readonly key: string;
  readonly userId: number;
  readonly organizationIds: readonly number[];
  /** Absent: everything. People can be read with every key, but neither changed nor seen with their rates. */
  readonly areas?: readonly Area[];
}

export interface OrganizationFacts {
  readonly id: number;
  readonly name: string;
  readonly timeZone: string;
  readonly currency: string;
}

/** Requests per window. `undefined` = that limit is off. Vendor values in `vendorLimits`. */
export interface RateLimits {
  readonly perUser?: Limit;
  readonly perOrganization?: Limit;
  /** `POST /meterreadings`, automated meters. */
  readonly readings?: Limit;
  /** `POST /meters/{id}/readings`, automated meters. */
  readonly singleReadings?: Limit;
  /** Manual meters, over both paths. */
  readonly manualReadings?: Limit;
}
export interface Limit {
  readonly requests: number;
  readonly windowMs: number;
}

/** The limits of the vendor's page "Rate Limiting". */
export const vendorLimits: RateLimits = {
  perUser: { requests: 100, windowMs: 60_000 },
  perOrganization: { requests: 500, windowMs: 60_000 },
  readings: { requests: 100, windowMs: 60_000 },
  singleReadings: { requests: 1, windowMs: 10_000 },
  manualReadings: { requests: 10, windowMs: 24 * 3_600_000 },
};

/** How this installation behaves. What the vendor does not document is a setting here, marked (unverified). */
export interface MaintainXConfig {
  readonly keys: readonly ApiKey[];
  readonly organizations: readonly OrganizationFacts[];
  /** Off by default, so that tests and benchmarks are not slowed down; `vendorLimits` for the real ones. */
  readonly rateLimits: RateLimits | undefined;
  /** When a part on a work order leaves stock: when it is issued or the order is done, or as soon as the row is added (unverified). */
  readonly partsLeaveStock: 'issued' | 'added';
  /** The vendor's help page "About Parts" shows counts below zero; false refuses them. */
  readonly stockBelowZero: boolean;
  /** Stock and used quantities are integers in the vendor's document; true lets fractions through, to six places. */
  readonly fractionalQuantities: boolean;
  /** Whether a negative EXPENSE row is taken (unverified). */
  readonly negativeExpense: boolean;
  /** State of a purchase order made over the API: "initial state when PO is first created". */
  readonly firstPurchaseOrderStatus: 'REQUESTED' | 'PENDING' | 'APPROVED';
  /** Whether the last receipt completes the order by itself; the document names only the step to PARTIALLY_FULFILLED as automatic. */
  readonly completeWhenReceived: boolean;
  /** Rate in cents of users who have none. */
  readonly defaultHourlyRate: number | undefined;
  /** Labels of user custom fields: made in the app only, no call defines them. */
  readonly userFields: readonly string[];
  /** Order of the offset-paged lists where `sort` is not given (unverified). */
  readonly offsetSort: 'id' | '-id' | 'updatedAt' | '-updatedAt' | 'createdAt' | '-createdAt';
  /** Longest title or name, and longest other text, in characters (unverified). */
  readonly nameLength: number;
  readonly textLength: number;
  /** Rows of one `POST /meterreadings` (unverified). */
  readonly readingsPerRequest: number;
  /** A webhook call that takes longer has failed. Vendor: 10 s. */
  readonly deliveryTimeoutMs: number;
  /** Waits before each further attempt (unverified: the schedule is unpublished). */
  readonly retryDelaysMs: readonly number[];
  /** Webhooks that may wait for a retry; beyond it the oldest is dropped. */
  readonly retriesKept: number;
  /** Webhook calls under way at once per subscription; they start in the order of the events. */
  readonly deliveriesInFlight: number;
  /** A subscription that only failed for this long is deleted by the vendor (unverified duration). */
  readonly abandonAfterMs: number;
  /** Writes that `Twin.writes` remembers. */
  readonly writesKept: number;
}

export const defaultConfig: MaintainXConfig = {
  keys: [{ key: 'maintainx-twin-key', userId: 55, organizationIds: [12] }],
  organizations: [{ id: 12, name: 'Plant', timeZone: 'Etc/UTC', currency: 'EUR' }],
  rateLimits: undefined,
  partsLeaveStock: 'issued',
  stockBelowZero: true,
  fractionalQuantities: false,
  negativeExpense: true,
  firstPurchaseOrderStatus: 'REQUESTED',
  completeWhenReceived: false,
  defaultHourlyRate: undefined,
  userFields: ['Department'],
  offsetSort: 'id',
  nameLength: 255,
  textLength: 65_535,
  readingsPerRequest: 1_000,
  deliveryTimeoutMs: 10_000,
  retryDelaysMs: [10_000, 60_000, 300_000, 1_800_000, 7_200_000],
  retriesKept: 10_000,
  deliveriesInFlight: 16,
  abandonAfterMs: 3 * 24 * 3_600_000,
  writesKept: 10_000,
};
