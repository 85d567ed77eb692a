import { compare, negate, sign, subtract, type Decimal } from '#base/decimal';
import type { Clock } from '#base/clock';
import { Activities } from './activity.ts';
import { Assignments } from './account-assignment.ts';
import { Agenda, automate, type Automation } from './automation.ts';
import { BusinessPartners } from './business-partner.ts';
import { TechnicalObjects } from './equipment.ts';
import { FixedAssets } from './fixed-asset.ts';
import { accounts, GeneralLedger } from './general-ledger.ts';
import { GoodsMovements, type MaterialDocument } from './goods-movement.ts';
import { Materials, type NewMaterial, type Material } from './material.ts';
import { Orders } from './order.ts';
import { Organisation } from './organisation.ts';
import { PurchaseOrders, type PurchaseOrder } from './purchase-order.ts';
import { Requisitions } from './purchase-requisition.ts';
import { Reservations } from './reservation.ts';
import { Store } from './store.ts';
import { SupplierInvoices, type Invoice } from './supplier-invoice.ts';
import { Units } from './units.ts';

/** Kinds of objects that a person can have open. */
export type LockKind = 'material' | 'order' | 'purchaseOrder' | 'purchaseRequisition';

export interface WorldOptions {
  readonly clock: Clock;
  readonly automation: Automation;
  /** Requisition items up to this value in the company code's currency need no release; absent: every item does. */
  readonly releasedUpTo: Decimal | undefined;
  readonly overDeliveryPercent: Decimal;
  /** Who has an object open, if anyone. */
  readonly lockedBy: (kind: LockKind, id: string) => string | undefined;
}

/** The plant behind the protocol: one consistent set of books, stock, orders and people. */
export class World {
  readonly store = new Store();
  readonly units = new Units();
  readonly organisation: Organisation;
  readonly ledger: GeneralLedger;
  readonly materials: Materials;
  readonly partners: BusinessPartners;
  readonly internalOrders: Orders;
  readonly assets: FixedAssets;
  readonly technical: TechnicalObjects;
  readonly assignments: Assignments;
  readonly requisitions: Requisitions;
  readonly orders: PurchaseOrders;
  readonly reservations: Reservations;
  readonly movements: GoodsMovements;
  readonly invoices: SupplierInvoices;
  readonly activities: Activities;
  readonly #agenda = new Agenda();
  readonly #clock: Clock;

  constructor(options: WorldOptions) {
    const { store } = this;
    this.#clock = options.clock;
    const now = (): number => this.#clock.now();
    const locked = (kind: LockKind) => (id: string) => options.lockedBy(kind, id);
    this.organisation = new Organisation(store);
    for (const account of Object.values(accounts)) this.organisation.addGlAccount(account);
    this.ledger = new GeneralLedger(store, this.organisation);
    this.materials = new Materials(store, this.organisation, this.units, now);
    this.partners = new BusinessPartners(store, this.organisation, now);
    this.internalOrders = new Orders(store, this.organisation, now, locked('order'));
    this.assets = new FixedAssets(store, this.organisation, this.ledger);
    this.technical = new TechnicalObjects(store, this.organisation, this.assets, now);
    this.assignments = new Assignments(this.organisation, this.internalOrders, this.assets);
    const shared = { organisation: this.organisation, materials: this.materials, assignments: this.assignments, now };
    this.requisitions = new Requisitions(store, { ...shared, releasedUpTo: options.releasedUpTo, lockedBy: locked('purchaseRequisition') });
    this.orders = new PurchaseOrders(store, {
      ...shared,
      partners: this.partners,
      requisitions: this.requisitions,
      lockedBy: locked('purchaseOrder'),
      overDeliveryPercent: options.overDeliveryPercent,
    });
    this.reservations = new Reservations(store, this.organisation, this.materials, this.internalOrders);
    const books = { ledger: this.ledger, assets: this.assets, orders: this.orders };
    this.movements = new GoodsMovements(store, { ...shared, ...books, reservations: this.reservations, units: this.units, lockedBy: locked('material') });
    this.invoices = new SupplierInvoices(store, { ...shared, ...books, partners: this.partners, checks: this.assignments });
    this.activities = new Activities(store, this.organisation, this.internalOrders, this.ledger, this.units);
    automate(this, options.automation, this.#agenda, now);
  }

  now(): number {
    return this.#clock.now();
  }

  /** Today's date in UTC. */
  today(): string {
    return new Date(this.now()).toISOString().slice(0, 10);
  }

  /** Does everything that has become due: approvals, orders, deliveries, invoices. Cheap when nothing is. */
  tick(): void {
    const { next } = this.#agenda;
    if (next !== undefined && next <= this.now()) this.#agenda.run(this.now());
  }

  addMaterial(material: NewMaterial): Material {
    return this.store.transaction(() => this.materials.add(material));
  }

  addEquipment(equipment: Parameters<TechnicalObjects['create']>[0]): ReturnType<TechnicalObjects['create']> {
    return this.technical.create(equipment);
  }

  addFunctionalLocation(location: Parameters<TechnicalObjects['addLocation']>[0]): ReturnType<TechnicalObjects['addLocation']> {
    return this.technical.addLocation(location);
  }

  addSupplier(supplier: Parameters<BusinessPartners['addSupplier']>[0]): ReturnType<BusinessPartners['addSupplier']> {
    return this.partners.addSupplier(supplier);
  }

  addEmployee(employee: Parameters<BusinessPartners['addEmployee']>[0]): ReturnType<BusinessPartners['addEmployee']> {
    return this.partners.addEmployee(employee);
  }

  addCostCentre(centre: Parameters<Organisation['addCostCentre']>[0]): ReturnType<Organisation['addCostCentre']> {
    return this.organisation.addCostCentre(centre);
  }

  addOrder(order: Parameters<Orders['add']>[0]): ReturnType<Orders['add']> {
    return this.internalOrders.add(order);
  }

  /** Opening stock by movement 561. */
  addStock(stock: { material: string; plant: string; storageLocation: string; quantity: Decimal; date?: string }): MaterialDocument {
    return this.store.transaction(() =>
      this.movements.post(
        { GoodsMovementCode: '05', PostingDate: stock.date ?? this.today(), MaterialDocumentHeaderText: 'Initial stock' },
        [
          {
            GoodsMovementType: '561',
            Material: stock.material,
            Plant: stock.plant,
            StorageLocation: stock.storageLocation,
            QuantityInEntryUnit: stock.quantity,
          },
        ],
        'LOADER',
      ),
    );
  }

  approveRequisition(requisition: string, item?: string): void {
    this.store.transaction(() => this.requisitions.approve(requisition, item));
  }

  rejectRequisition(requisition: string, item?: string): void {
    this.store.transaction(() => this.requisitions.reject(requisition, item));
  }

  /** The buyer turns a released requisition (or one item) into a purchase order. */
  convert(
    requisition: string,
    given: { supplier: string; item?: string; currency?: string; deliveryDate?: string; prices?: Readonly<Record<string, string>> },
  ): PurchaseOrder {
    const items = this.requisitions.items
      .by('PurchaseRequisition', requisition)
      .filter((row) => (given.item === undefined ? !row.IsDeleted && !row.IsClosed : row.PurchaseRequisitionItem === given.item));
    return this.store.transaction(() => this.orders.convert(items, given));
  }

  /** The warehouse receives an order item: the open quantity unless told otherwise. */
  receive(
    order: string,
    item: string,
    given: { quantity?: Decimal; date?: string; reference?: string; final?: boolean; storageLocation?: string } = {},
  ): MaterialDocument {
    const row = this.orders.open(order, item);
    const quantity = given.quantity ?? subtract(row.OrderQuantity, row.Received);
    return this.store.transaction(() =>
      this.movements.post(
        { GoodsMovementCode: '01', PostingDate: given.date ?? this.today(), ReferenceDocument: given.reference ?? '' },
        [
          {
            GoodsMovementType: '101',
            GoodsMovementRefDocType: 'B',
            PurchaseOrder: order,
            PurchaseOrderItem: item,
            QuantityInEntryUnit: quantity,
            EntryUnit: row.PurchaseOrderQuantityUnit,
            IsCompletelyDelivered: given.final ?? false,
            ...(given.storageLocation === undefined ? {} : { StorageLocation: given.storageLocation }),
          },
        ],
        'WAREHOUSE',
      ),
    );
  }

  /** Takes a material document back. */
  cancelDocument(year: string, document: string, item?: string): MaterialDocument {
    return this.store.transaction(() => this.movements.cancel(year, document, { item, user: 'WAREHOUSE' }));
  }

  /** Sends received goods back to the supplier (122). */
  returnToSupplier(order: string, item: string, quantity: Decimal, reason = '0001'): MaterialDocument {
    return this.store.transaction(() =>
      this.movements.post(
        { GoodsMovementCode: '01', PostingDate: this.today() },
        [{ GoodsMovementType: '122', PurchaseOrder: order, PurchaseOrderItem: item, QuantityInEntryUnit: quantity, GoodsMovementReasonCode: reason }],
        'WAREHOUSE',
      ),
    );
  }

  /** Accounts payable posts the supplier's invoice for what was received and not invoiced, at the order's price unless told otherwise. */
  invoice(order: string, item: string, given: { quantity?: Decimal; amount?: Decimal; reference?: string; date?: string } = {}): Invoice {
    const row = this.orders.open(order, item);
    const header = this.orders.headers.get(order);
    const quantity = given.quantity ?? subtract(row.Received, row.Invoiced);
    const amount = given.amount ?? this.orders.valueOf(row, quantity);
    return this.store.transaction(() =>
      this.invoices.post(
        {
          CompanyCode: row.CompanyCode,
          InvoicingParty: header?.Supplier ?? '',
          DocumentCurrency: row.DocumentCurrency,
          InvoiceGrossAmount: amount,
          SupplierInvoiceIDByInvcgParty: given.reference ?? '',
          PostingDate: given.date ?? this.today(),
        },
        [{ PurchaseOrder: order, PurchaseOrderItem: item, SupplierInvoiceItemAmount: amount, QuantityInPurchaseOrderUnit: quantity, TaxCode: 'V0' }],
        [],
        'APCLERK',
      ),
    );
  }

  cancelInvoice(invoice: string, year: string): Invoice {
    return this.store.transaction(() => this.invoices.cancel(invoice, year, undefined, 'APCLERK'));
  }

  deletePoItem(order: string, item: string): void {
    this.store.transaction(() => this.orders.deleteItem(order, item));
  }

  changePrice(order: string, item: string, price: Decimal): void {
    this.store.transaction(() => this.orders.changePrice(order, item, price));
  }

  /** Sets a new material price and posts the change of value. */
  changeMaterialPrice(material: string, plant: string, price: Decimal): void {
    this.store.transaction(() => {
      const change = this.materials.setPrice(material, plant, price);
      if (sign(change) === 0) return;
      this.ledger.post({
        companyCode: this.organisation.companyOf(plant).CompanyCode,
        postingDate: this.today(),
        documentType: 'PR',
        user: 'COSTING',
        lines: [
          { account: accounts.inventory.account, amount: change, material, plant },
          { account: accounts.priceDifference.account, amount: negate(change), material, plant },
        ],
      });
    });
  }

  /** Counts everything and names what does not add up: an empty list is a consistent world. */
  check(): string[] {
    const wrong: string[] = [];
    for (const [company, balance] of this.ledger.balances()) if (sign(balance) !== 0) wrong.push(`ledger of ${company} is off by ${balance}`);
    for (const row of this.materials.stock.all())
      if (compare(row.MatlWrhsStkQtyInMatlBaseUnit, '0') < 0)
        wrong.push(`stock of ${row.Material} at ${row.Plant}/${row.StorageLocation} is ${row.MatlWrhsStkQtyInMatlBaseUnit}`);
    return wrong;
  }

  /** How many rows of each kind there are, and what is closed: for people. */
  summary(): Record<string, unknown> {
    return {
      materials: this.materials.products.size,
      equipment: this.technical.equipment.size,
      functionalLocations: this.technical.locations.size,
      suppliers: this.partners.suppliers.size,
      costCentres: this.organisation.costCentres.size,
      requisitions: this.requisitions.headers.size,
      purchaseOrders: this.orders.headers.size,
      materialDocuments: this.movements.headers.size,
      reservations: this.reservations.headers.size,
      invoices: this.invoices.headers.size,
      journalItems: this.ledger.items.size,
      fixedAssets: this.assets.assets.size,
      activityAllocations: this.activities.allocations.size,
      closedPeriods: this.organisation.closedPeriods(),
      balances: Object.fromEntries(this.ledger.balances()),
      wrong: this.check(),
    };
  }
}
