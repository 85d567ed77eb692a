import type * as z from 'zod';
import { createAsset, type newAsset } from '#simulators/maintainx/assets';
import { createCustomStatus, createManufacturer, createModel } from '#simulators/maintainx/asset-statuses';
import { defineField } from '#simulators/maintainx/custom-fields';
import { createLocation, type newLocation } from '#simulators/maintainx/locations';
import { createMeter, type newMeter } from '#simulators/maintainx/meters';
import { createTrigger, type newTrigger } from '#simulators/maintainx/meter-triggers';
import { createPart, type newPart } from '#simulators/maintainx/parts';
import { changeOrderStatus, createPurchaseOrder, type newPurchaseOrder } from '#simulators/maintainx/purchase-orders';
import type {
  Asset,
  AssetState,
  CustomAssetStatus,
  CustomField,
  CustomFieldEntity,
  Location,
  Manufacturer,
  Meter,
  MeterTrigger,
  Model,
  Part,
  PurchaseOrder,
  Subscription,
  Team,
  User,
  Vendor,
  WorkOrder,
  WorkRequest,
} from '#simulators/maintainx/records';
import { inStock } from '#simulators/maintainx/stock';
import { subscribe } from '#simulators/maintainx/subscriptions';
import { Technician } from '#simulators/maintainx/technician';
import { createTeam, createUser, type newUser } from '#simulators/maintainx/users';
import { createVendor, type newVendor } from '#simulators/maintainx/vendors';
import { createWorkOrder, type newWorkOrder } from '#simulators/maintainx/work-orders';
import { createWorkRequest, type newWorkRequest } from '#simulators/maintainx/work-requests';
import { World, type Actor } from '#simulators/maintainx/world';

/** For which organisation a loader adds, as whom, and whether subscribers hear of it; by default the first organisation, its key's user, and silence. */
export interface Adding {
  readonly organizationId?: number;
  readonly userId?: number;
  readonly announce?: boolean;
}

/** The world with hands: what tests, loaders and scripted technicians call. Everything is checked as if it had come over the API. */
export class MaintainXWorld extends World {
  readonly technician: Technician = new Technician(this);

  addLocation(input: z.infer<typeof newLocation>, adding?: Adding): Location {
    return createLocation(this, this.#actor(adding), input);
  }

  addAsset(input: z.infer<typeof newAsset>, adding?: Adding): Asset {
    return createAsset(this, this.#actor(adding), input);
  }

  addPart(input: z.infer<typeof newPart>, adding?: Adding): Part {
    return createPart(this, this.#actor(adding), input);
  }

  addVendor(input: z.infer<typeof newVendor>, adding?: Adding): Vendor {
    return createVendor(this, this.#actor(adding), input);
  }

  addUser(input: z.infer<typeof newUser>, adding?: Adding): User {
    return createUser(this, this.#actor(adding), input);
  }

  addTeam(input: Parameters<typeof createTeam>[2], adding?: Adding): Team {
    return createTeam(this, this.#actor(adding), input);
  }

  addCustomField(entity: CustomFieldEntity, input: Parameters<typeof defineField>[3], adding?: Adding): CustomField {
    return defineField(this, this.#actor(adding), entity, input);
  }

  addCustomStatus(label: string, baseAssetStatus: AssetState, adding?: Adding): CustomAssetStatus {
    return createCustomStatus(this, this.#actor(adding), { label, baseAssetStatus });
  }

  addManufacturer(name: string, adding?: Adding): Manufacturer {
    return createManufacturer(this, this.#actor(adding), { name });
  }

  addModel(name: string, manufacturerId: number, adding?: Adding): Model {
    return createModel(this, this.#actor(adding), { name, manufacturerId });
  }

  addMeter(input: z.infer<typeof newMeter>, adding?: Adding): Meter {
    return createMeter(this, this.#actor(adding), input);
  }

  addTrigger(input: z.infer<typeof newTrigger>, adding?: Adding): MeterTrigger {
    return createTrigger(this, this.#actor(adding), input);
  }

  addWorkOrder(input: z.infer<typeof newWorkOrder>, adding?: Adding): WorkOrder {
    return createWorkOrder(this, this.#actor(adding), input);
  }

  addWorkRequest(input: z.infer<typeof newWorkRequest>, adding?: Adding): WorkRequest {
    return createWorkRequest(this, this.#actor(adding), input);
  }

  addPurchaseOrder(input: z.infer<typeof newPurchaseOrder>, adding?: Adding): PurchaseOrder {
    return createPurchaseOrder(this, this.#actor(adding), input);
  }

  /** Walks an order to APPROVED by the allowed steps. */
  approvePurchaseOrder(order: PurchaseOrder, adding?: Adding): PurchaseOrder {
    const actor = this.#actor(adding);
    if (order.status === 'REQUESTED' || order.status === 'DECLINED') changeOrderStatus(this, actor, order, 'PENDING');
    return changeOrderStatus(this, actor, order, 'APPROVED');
  }

  addSubscription(input: Parameters<typeof subscribe>[2], adding?: Adding): Subscription {
    return subscribe(this, this.#actor(adding), input);
  }

  /** What stands behind the protocol, in numbers and the stock of each part: bounded, so that it can be looked at. */
  summary(most = 500): Record<string, unknown> {
    const byStatus = <T extends { readonly status: string }>(rows: Iterable<T>): Record<string, number> => {
      const counts: Record<string, number> = {};
      for (const { status } of rows) counts[status] = (counts[status] ?? 0) + 1;
      return counts;
    };
    return {
      organizations: [...this.organizations.values()],
      locations: this.locations.size,
      assets: this.assets.size,
      parts: this.parts.size,
      vendors: this.vendors.size,
      users: this.users.size,
      meters: this.meters.size,
      workOrders: byStatus(this.workOrders.values()),
      purchaseOrders: byStatus(this.purchaseOrders.values()),
      workRequests: this.workRequests.size,
      subscriptions: [...this.subscriptions.values()].map(({ id, type, url, failingSince }) => ({ id, type, url, failing: failingSince !== undefined })),
      stock: [...this.parts.values()].slice(0, most).map((part) => ({
        partId: part.id,
        name: part.name,
        inStock: inStock(part),
        byLocation: Object.fromEntries([...part.stock].map(([locationId, row]) => [locationId, row.availableQuantity])),
      })),
    };
  }

  #actor({ organizationId, userId, announce }: Adding = {}): Actor {
    const [key] = this.config.keys;
    return { organizationId: organizationId ?? key?.organizationIds[0] ?? 0, userId: userId ?? key?.userId ?? 0, quiet: announce !== true };
  }
}
