import { isoTime, type Clock } from '#base/clock';
import type { Random } from '#base/random';
import type { MaintainXConfig, OrganizationFacts } from '#simulators/maintainx/config';
import { invalid } from '#simulators/maintainx/refusal';
import type {
  Asset,
  AssetStatus,
  Category,
  CustomAssetStatus,
  CustomField,
  CustomFieldEntity,
  ExtraFields,
  Location,
  Manufacturer,
  Meter,
  MeterTrigger,
  Model,
  Part,
  PurchaseOrder,
  PurchaseOrderItem,
  Stage,
  Subscription,
  Team,
  User,
  Vendor,
  WorkOrder,
  WorkRequest,
} from '#simulators/maintainx/records';

/** Who acts, for which organisation, and whether webhooks are left out (`skipWebhook`). */
export interface Actor {
  readonly organizationId: number;
  readonly userId: number;
  readonly quiet: boolean;
}

/** First id of each kind: far apart, so that an id used for the wrong kind is a 404 and not somebody else's record. */
const firstIds = {
  location: 301,
  asset: 41_001,
  assetStatus: 2_400_001,
  customStatus: 60_001,
  manufacturer: 61_001,
  model: 62_001,
  part: 900_001,
  vendor: 7_001,
  user: 10_101,
  team: 8_001,
  category: 5_001,
  customField: 3_001,
  workOrder: 8_800_001,
  costRow: 1_200_001,
  comment: 1_500_001,
  purchaseOrder: 55_001,
  item: 770_001,
  fulfillment: 1_900_001,
  orderCost: 1_950_001,
  meter: 20_001,
  reading: 3_000_001,
  trigger: 25_001,
  workRequest: 660_001,
  subscription: 9_001,
} as const;
export type IdKind = keyof typeof firstIds;

/** One webhook event before it is made for a subscription. */
export interface WorldEvent {
  readonly type: string;
  readonly organizationId: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** The serialised record, sent where the subscription asks for it. `byProperty` names its members by the filter's words. */
  readonly entity?: { readonly key: string; make(): Record<string, unknown>; readonly byProperty?: Readonly<Record<string, string>> };
  /** Filter name to the values that this event has for it. */
  readonly tags?: Readonly<Record<string, readonly (string | number)[]>>;
}

/** The records behind the protocol. Indexed by id; iteration is in order of creation, which is the order of ids. */
export class World {
  readonly clock: Clock;
  readonly random: Random;
  readonly config: MaintainXConfig;
  readonly organizations: ReadonlyMap<number, OrganizationFacts>;
  readonly locations = new Map<number, Location>();
  readonly assets = new Map<number, Asset>();
  readonly assetStatuses = new Map<number, AssetStatus>();
  readonly customStatuses = new Map<number, CustomAssetStatus>();
  readonly manufacturers = new Map<number, Manufacturer>();
  readonly models = new Map<number, Model>();
  readonly parts = new Map<number, Part>();
  readonly vendors = new Map<number, Vendor>();
  readonly users = new Map<number, User>();
  readonly teams = new Map<number, Team>();
  readonly categories = new Map<number, Category>();
  readonly customFields = new Map<number, CustomField>();
  readonly workOrders = new Map<number, WorkOrder>();
  readonly purchaseOrders = new Map<number, PurchaseOrder>();
  readonly meters = new Map<number, Meter>();
  readonly triggers = new Map<number, MeterTrigger>();
  readonly workRequests = new Map<number, WorkRequest>();
  readonly subscriptions = new Map<number, Subscription>();
  /** What open work orders hold and has not left stock, by part and place; place -1 is wherever the part is usually taken from. Running totals, so that reading a part does not depend on the number of orders. */
  readonly held = new Map<number, Map<number, Record<Stage, number>>>();
  /** Items of approved orders still to be received, by part. */
  readonly supply = new Map<number, Set<PurchaseOrderItem>>();
  /** Work orders by `organisation number`. */
  readonly bySequentialId = new Map<string, WorkOrder>();
  /** Custom field definitions by `organisation entity label`. */
  readonly fieldByLabel = new Map<string, CustomField>();
  /** Where events go; set by the twin. */
  send: (event: WorldEvent) => void = () => {};
  #nextId: Record<IdKind, number> = { ...firstIds };
  #sequences = new Map<string, number>();

  constructor(options: { clock: Clock; random: Random; config: MaintainXConfig }) {
    this.clock = options.clock;
    this.random = options.random;
    this.config = options.config;
    this.organizations = new Map(options.config.organizations.map((organization) => [organization.id, organization]));
  }

  id(kind: IdKind): number {
    return this.#nextId[kind]++;
  }

  /** The next human number of one organisation. */
  sequence(kind: 'workOrder' | 'purchaseOrder', organizationId: number): number {
    const key = `${kind} ${organizationId}`;
    const next = (this.#sequences.get(key) ?? 0) + 1;
    this.#sequences.set(key, next);
    return next;
  }

  uuid(): string {
    const hex = this.random.hex(16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  emit(actor: Actor, event: Omit<WorldEvent, 'organizationId'>): void {
    if (!actor.quiet) this.send({ ...event, organizationId: actor.organizationId });
  }
}

/** `2026-03-04T16:00:00.000Z`, or null. */
export const isoOrNull = (at: number | null): string | null => (at === null ? null : isoTime(at));

/** Refuses a reference to a record that is not there or belongs to another organisation. Null refers to nothing. */
export function mustExist(
  table: ReadonlyMap<number, { readonly organizationId: number }>,
  id: number | null | undefined,
  fieldPath: string,
  actor: Actor,
): void {
  if (id === null || id === undefined) return;
  if (table.get(id)?.organizationId !== actor.organizationId) throw invalid(fieldPath, `${fieldPath} ${id} does not exist`, id);
}

/** The same for a list of references. */
export function allMustExist(
  table: ReadonlyMap<number, { readonly organizationId: number }>,
  ids: readonly number[] | undefined,
  fieldPath: string,
  actor: Actor,
): void {
  ids?.forEach((id, index) => mustExist(table, id, `${fieldPath}.${index}`, actor));
}

/** Applies posted custom-field values: keys are exact labels, an empty text clears, the type of the definition is checked. */
export function withExtraFields(
  world: World,
  actor: Actor,
  entity: CustomFieldEntity,
  before: ExtraFields,
  posted: ExtraFields | undefined,
  path = 'extraFields',
): ExtraFields {
  if (posted === undefined) return before;
  const after = { ...before };
  for (const [label, value] of Object.entries(posted)) {
    const field = world.fieldByLabel.get(`${actor.organizationId} ${entity} ${label}`);
    if (!field) throw invalid(`${path}.${label}`, `Custom field "${label}" does not exist on ${entity}`, value);
    if (value === '') {
      delete after[label];
      continue;
    }
    const reason = unfit(field, value);
    if (reason) throw invalid(`${path}.${label}`, `Custom field "${label}" ${reason}`, value);
    after[label] = value;
  }
  return after;
}

function unfit(field: CustomField, value: string): string | undefined {
  switch (field.type) {
    case 'number':
      return value.trim() === '' || !Number.isFinite(Number(value)) ? 'must be a number' : undefined;
    case 'singleSelect':
      return field.options.includes(value) ? undefined : `must be one of ${field.options.join(', ')}`;
    case 'date':
    case 'datetime':
      return Number.isNaN(Date.parse(value)) ? 'must be a date' : undefined;
    case 'link':
      return URL.canParse(value) ? undefined : 'must be a link';
    case 'oneline':
      return value.includes('\n') ? 'must be one line' : undefined;
    case 'multiline':
      return undefined;
  }
}
