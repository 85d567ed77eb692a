import { compare, sign, subtract } from '#base/decimal';
import type { Random } from '#base/random';
import { changeAsset } from '#simulators/maintainx/assets';
import { changePart } from '#simulators/maintainx/parts';
import type { WorkOrder } from '#simulators/maintainx/records';
import { deleteWorkOrder } from '#simulators/maintainx/work-orders';
import { labels } from '#demo/seed-maintenance';
import { plant, site } from './plant.ts';
import { apiUser, organization, type Twins } from './twins.ts';

/** Something that a person of one side does. Answers what it was about, for the trace; undefined where there was nothing to do it to. */
export interface Act {
  readonly name: string;
  readonly weight: number;
  readonly act: (twins: Twins, random: Random) => string | undefined;
}

const actor = { organizationId: organization, userId: 0, quiet: false };
const by = { ...actor, userId: apiUser };
const stocked = ['FILTER-25', 'OIL-46', 'BRG-6205'] as const;
const bought = ['SEAL-45', 'IMPELLER-7'] as const;
const machines = ['CLV-U-P7', 'CLV-U-P8', 'CLV-U', 'CLV-X'] as const;

const pick = <T>(random: Random, from: readonly T[]): T | undefined => from[random.below(from.length)];
const between = (random: Random, least: number, most: number): number => least + random.below(most - least + 1);

function orders({ cmms }: Twins, ...states: readonly WorkOrder['status'][]): WorkOrder[] {
  return [...cmms.world.workOrders.values()].filter(({ status }) => states.includes(status)).slice(-12);
}

/** Does something to a record that is picked from those that allow it. */
const on =
  <T>(from: (twins: Twins) => readonly T[], act: (record: T, twins: Twins, random: Random) => string): Act['act'] =>
  (twins, random) => {
    const record = pick(random, from(twins));
    return record === undefined ? undefined : act(record, twins, random);
  };

const room = (twins: Twins, code: string): number => twins.seeded.storerooms.get(code) ?? 0;
const partId = (twins: Twins, code: string): number => twins.seeded.parts.get(code) ?? 0;

function openOrder(twins: Twins, random: Random): string | undefined {
  const machine = twins.assetOf(pick(random, machines) ?? '');
  const parts = new Map<string, { partId: number; quantityUsed: number; locationId: number }>();
  for (let left = random.below(4); left > 0; left--) {
    const code = random.unit() < 0.65 ? (pick(random, stocked) ?? '') : (pick(random, bought) ?? '');
    const place = code === 'BRG-6205' && random.unit() < 0.3 ? 'LINE' : 'MRO1';
    parts.set(code, { partId: partId(twins, code), quantityUsed: between(random, 1, code === 'OIL-46' ? 20 : 4), locationId: room(twins, place) });
  }
  const order = twins.cmms.world.technician.open(
    {
      title: `Order ${twins.cmms.world.workOrders.size + 1}`,
      priority: pick(random, ['NONE', 'LOW', 'MEDIUM', 'HIGH'] as const) ?? 'LOW',
      type: random.unit() < 0.5 ? 'REACTIVE' : 'PREVENTIVE',
      ...(machine ? { assetId: machine.id } : {}),
      partsUsed: [...parts.values()],
    },
    apiUser,
  );
  return `${order.id}`;
}

/** What technicians, storekeepers and planners do in the maintenance system. */
const floor: readonly Act[] = [
  { name: 'open', weight: 16, act: openOrder },
  {
    name: 'release',
    weight: 14,
    act: on(
      (twins) => orders(twins, 'OPEN', 'ON_HOLD'),
      ({ id }, { cmms }) => (cmms.world.technician.release(id), `${id}`),
    ),
  },
  {
    name: 'planPart',
    weight: 5,
    act: on(
      (twins) => orders(twins, 'OPEN', 'IN_PROGRESS'),
      ({ id }, twins, random) => {
        const code = pick(random, random.unit() < 0.6 ? stocked : bought) ?? '';
        twins.cmms.world.technician.planPart(id, partId(twins, code), room(twins, 'MRO1'), between(random, 1, 6));
        return `${id} ${code}`;
      },
    ),
  },
  {
    name: 'usePart',
    weight: 8,
    act: on(
      (twins) => orders(twins, 'IN_PROGRESS'),
      ({ id }, twins, random) => {
        const code = pick(random, stocked) ?? '';
        twins.cmms.world.technician.usePart(id, partId(twins, code), room(twins, 'MRO1'), between(random, 1, 3));
        return `${id} ${code}`;
      },
    ),
  },
  {
    name: 'returnPart',
    weight: 4,
    act: on(
      (twins) => orders(twins, 'IN_PROGRESS', 'DONE').flatMap((order) => order.parts.filter(({ issued }) => issued > 0).map((use) => ({ order, use }))),
      ({ order, use }, { cmms }, random) => {
        const count = between(random, 1, Math.max(1, Math.floor(use.issued)));
        cmms.world.technician.returnPart(order.id, use.partId, use.locationId, count);
        return `${order.id} ${use.partId} ${count}`;
      },
    ),
  },
  {
    name: 'logTime',
    weight: 12,
    act: on(
      (twins) => orders(twins, 'IN_PROGRESS', 'OPEN'),
      ({ id }, twins, random) => {
        const user = pick(random, [...twins.seeded.users.values()]) ?? 0;
        twins.cmms.world.technician.logTime(id, user, 300 * between(random, 1, 40));
        return `${id}`;
      },
    ),
  },
  {
    name: 'complete',
    weight: 12,
    act: on(
      (twins) => orders(twins, 'IN_PROGRESS', 'OPEN'),
      ({ id }, { cmms }) => (cmms.world.technician.complete(id), `${id}`),
    ),
  },
  {
    name: 'cancel',
    weight: 2,
    act: on(
      (twins) => orders(twins, 'OPEN', 'IN_PROGRESS'),
      ({ id }, { cmms }) => (cmms.world.technician.cancel(id), `${id}`),
    ),
  },
  {
    name: 'reopen',
    weight: 3,
    act: on(
      (twins) => orders(twins, 'DONE', 'CANCELED'),
      ({ id }, { cmms }) => (cmms.world.technician.reopen(id), `${id}`),
    ),
  },
  {
    name: 'hold',
    weight: 1,
    act: on(
      (twins) => orders(twins, 'IN_PROGRESS'),
      ({ id }, { cmms }) => (cmms.world.technician.hold(id), `${id}`),
    ),
  },
  {
    name: 'count',
    weight: 2,
    act: on(
      () => stocked,
      (code, twins, random) => {
        const part = twins.cmms.world.parts.get(partId(twins, code));
        const now = part?.stock.get(room(twins, 'MRO1'))?.availableQuantity ?? 0;
        const counted = Math.max(0, Math.floor(now) + between(random, -2, 2));
        twins.cmms.world.technician.count(partId(twins, code), room(twins, 'MRO1'), counted);
        return `${code} ${counted}`;
      },
    ),
  },
  {
    name: 'restock',
    weight: 1,
    act: on(
      () => stocked,
      (code, twins, random) => (twins.cmms.world.technician.restock(partId(twins, code), room(twins, 'MRO1'), between(random, 1, 5)), code),
    ),
  },
  {
    name: 'assetStatus',
    weight: 2,
    act: on(
      () => machines,
      (code, twins, random) => {
        const machine = twins.assetOf(code);
        if (machine) twins.cmms.world.technician.setAssetStatus(machine.id, pick(random, ['ONLINE', 'OFFLINE'] as const) ?? 'ONLINE');
        return code;
      },
    ),
  },
  {
    name: 'renamePart',
    weight: 1,
    act: on(
      () => stocked,
      (code, twins, random) => {
        const part = twins.cmms.world.parts.get(partId(twins, code));
        if (part) changePart(twins.cmms.world, by, part, { description: `Shelf ${random.below(9)}` });
        return code;
      },
    ),
  },
  {
    name: 'renameAsset',
    weight: 1,
    act: on(
      () => machines,
      (code, twins, random) => {
        const machine = twins.assetOf(code);
        if (machine) changeAsset(twins.cmms.world, by, machine, { description: `Bay ${random.below(9)}` });
        return code;
      },
    ),
  },
  {
    name: 'dispose',
    weight: 0.15,
    act: on(
      () => ['CLV-U-P8'],
      (code, twins) => {
        const machine = twins.assetOf(code);
        if (machine) twins.cmms.world.technician.setAssetStatus(machine.id, 'IGNORE', undefined, twins.seeded.disposedStatusId);
        return code;
      },
    ),
  },
];

const requisitionItems = ({ erp }: Twins, state: string) =>
  erp.world.requisitions.items
    .all()
    .filter((row) => !row.IsDeleted && !row.IsClosed && row.PurReqnReleaseStatus === state)
    .slice(-12);
const openItems = ({ erp }: Twins) =>
  erp.world.orders.items
    .all()
    .filter((row) => row.PurchasingDocumentDeletionCode === '')
    .slice(-12);
const receipts = ({ erp }: Twins) =>
  erp.world.movements.items
    .all()
    .filter((row) => row.GoodsMovementType === '101' && !row.GoodsMovementIsCancelled)
    .slice(-8);

/** What approvers, buyers, the warehouse, accounts payable and controllers do in the finance system. */
const office: readonly Act[] = [
  {
    name: 'approve',
    weight: 8,
    act: on(
      (twins) => requisitionItems(twins, '03'),
      (row, { erp }) => (
        erp.world.approveRequisition(row.PurchaseRequisition, row.PurchaseRequisitionItem),
        `${row.PurchaseRequisition}/${row.PurchaseRequisitionItem}`
      ),
    ),
  },
  {
    name: 'reject',
    weight: 1,
    act: on(
      (twins) => requisitionItems(twins, '03'),
      (row, { erp }) => (
        erp.world.rejectRequisition(row.PurchaseRequisition, row.PurchaseRequisitionItem),
        `${row.PurchaseRequisition}/${row.PurchaseRequisitionItem}`
      ),
    ),
  },
  {
    name: 'order',
    weight: 7,
    act: on(
      (twins) => requisitionItems(twins, '05'),
      (row, { erp }) => erp.world.convert(row.PurchaseRequisition, { supplier: '170001', item: row.PurchaseRequisitionItem }).PurchaseOrder,
    ),
  },
  {
    name: 'receive',
    weight: 8,
    act: on(
      (twins) => openItems(twins).filter((row) => compare(row.OrderQuantity, row.Received) > 0),
      (row, { erp }, random) => {
        const open = subtract(row.OrderQuantity, row.Received);
        const quantity = random.unit() < 0.5 ? open : String(between(random, 1, Math.max(1, Math.floor(Number(open)))));
        erp.world.receive(row.PurchaseOrder, row.PurchaseOrderItem, { quantity, storageLocation: 'MRO1' });
        return `${row.PurchaseOrder}/${row.PurchaseOrderItem} ${quantity}`;
      },
    ),
  },
  {
    name: 'cancelReceipt',
    weight: 1,
    act: on(receipts, (row, { erp }) => (erp.world.cancelDocument(row.MaterialDocumentYear, row.MaterialDocument), row.MaterialDocument)),
  },
  {
    name: 'returnGoods',
    weight: 1,
    act: on(
      (twins) => openItems(twins).filter((row) => sign(subtract(row.Received, row.Invoiced)) > 0),
      (row, { erp }) => (erp.world.returnToSupplier(row.PurchaseOrder, row.PurchaseOrderItem, '1'), `${row.PurchaseOrder}/${row.PurchaseOrderItem}`),
    ),
  },
  {
    name: 'invoice',
    weight: 6,
    act: on(
      (twins) => openItems(twins).filter((row) => sign(subtract(row.Received, row.Invoiced)) > 0),
      (row, { erp }) => {
        const quantity = subtract(row.Received, row.Invoiced);
        return erp.world.invoice(row.PurchaseOrder, row.PurchaseOrderItem, { quantity }).SupplierInvoice;
      },
    ),
  },
  {
    name: 'cancelInvoice',
    weight: 1,
    act: on(
      ({ erp }) =>
        erp.world.invoices.headers
          .all()
          .filter((row) => !row.IsReversed && !row.IsReversal)
          .slice(-6),
      (row, { erp }) => erp.world.cancelInvoice(row.SupplierInvoice, row.FiscalYear).SupplierInvoice,
    ),
  },
  {
    name: 'deleteItem',
    weight: 0.6,
    act: on(
      (twins) => openItems(twins).filter((row) => sign(row.Received) === 0),
      (row, { erp }) => (erp.world.deletePoItem(row.PurchaseOrder, row.PurchaseOrderItem), `${row.PurchaseOrder}/${row.PurchaseOrderItem}`),
    ),
  },
  {
    name: 'changePrice',
    weight: 1,
    act: on(
      (twins) => openItems(twins).filter((row) => sign(row.Received) === 0),
      (row, { erp }, random) => (
        erp.world.changePrice(row.PurchaseOrder, row.PurchaseOrderItem, `${between(random, 3, 400)}.${between(random, 10, 99)}`),
        row.PurchaseOrder
      ),
    ),
  },
  {
    name: 'changeValuation',
    weight: 0.7,
    act: on(
      () => stocked,
      (code, { erp }, random) => (erp.world.changeMaterialPrice(code, site, `${between(random, 2, 30)}.${between(random, 10, 99)}`), code),
    ),
  },
  {
    name: 'transfer',
    weight: 0.7,
    act: on(
      () => ['CLV-U-P7', 'CLV-U-P8'],
      (code, { erp }, random) => {
        const centre = pick(random, plant.costCentres)?.code ?? '';
        erp.world.technical.change(code, { CostCenter: centre }, 'CONTROLLER');
        return `${code} ${centre}`;
      },
    ),
  },
  {
    name: 'renameMaterial',
    weight: 0.8,
    act: on(
      () => stocked,
      (code, { erp }, random) => (erp.world.materials.change(code, { ProductOldID: `OLD${random.below(99)}` }), code),
    ),
  },
  {
    name: 'newMaterial',
    weight: 0.6,
    act: ({ erp }, random) => {
      const material = `NEW-${erp.world.materials.products.size}`;
      erp.world.addMaterial({
        material,
        description: `Spare ${random.below(1000)}`,
        baseUnit: 'PC',
        group: 'SEAL',
        type: 'ERSA',
        plants: [{ plant: site, storageLocations: ['MRO1'], procedure: 'V', price: '9.99', purchasingGroup: '001' }],
      });
      return material;
    },
  },
];

/** What the source of a plant's records does wrong or does at once. */
export const mischief: Readonly<Record<'massUpdate' | 'deleteWithoutEvent', Act['act']>> = {
  massUpdate(twins, random) {
    for (const part of twins.cmms.world.parts.values()) changePart(twins.cmms.world, by, part, { description: `Checked ${random.below(1000)}` });
    for (const asset of twins.cmms.world.assets.values()) changeAsset(twins.cmms.world, by, asset, { description: `Checked ${random.below(1000)}` });
    return `${twins.cmms.world.parts.size + twins.cmms.world.assets.size}`;
  },
  deleteWithoutEvent: on(
    (twins) => orders(twins, 'OPEN').filter(({ parts, costs }) => parts.length === 0 && costs.length === 0),
    (order, { cmms }) => (deleteWorkOrder(cmms.world, { ...by, quiet: true }, order), `${order.id}`),
  ),
};

export const acts: readonly Act[] = [
  ...floor.map((act) => ({ ...act, name: `floor.${act.name}` })),
  ...office.map((act) => ({ ...act, name: `office.${act.name}` })),
];
export { labels };
