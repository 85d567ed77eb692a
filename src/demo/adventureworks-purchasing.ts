import { add, compare, divide, multiply, sum, type Decimal } from '#base/decimal';
import { Fault } from '#base/fault';
import { costCentreOf, currency, siteCode } from '#demo/adventureworks-codes';
import type { PurchaseHistory, PurchaseLine } from '#demo/adventureworks-purchases';
import { placeKey, type PurchaseEvent } from '#demo/adventureworks-window';
import type { World } from '#simulators/s4hana/world/world';

/** Lines of one material document that books what production used. */
const linesPerDocument = 500;
const production = costCentreOf('7');

interface Ordered {
  readonly number: string;
  /** The tables' line to the order's item. */
  readonly items: ReadonlyMap<string, string>;
}

/**
 * The purchasing department of the bicycle maker: posts orders, receipts, returns and invoices of the tables in the ERP's world as real documents, on the day
 * that the world's clock shows. The status of an order is not gone by: rejected and pending orders of the tables have receipts and stock movements as the
 * complete ones do. Tax and freight of the headers are left out: the tables say neither tax code nor carrier's invoice.
 */
export class Purchasing {
  readonly #world: World;
  /** The storeroom to which a part is delivered: where most of it lies. */
  readonly #storerooms: ReadonlyMap<string, string>;
  readonly #ordered = new Map<string, Ordered>();
  /** What came to the shelves and is not yet booked as used by production. */
  #stocked = new Map<string, { readonly part: string; readonly storeroom: string; quantity: Decimal }>();

  constructor(world: World, storerooms: ReadonlyMap<string, string>) {
    this.#world = world;
    this.#storerooms = storerooms;
  }

  get orders(): number {
    return this.#ordered.size;
  }

  /** The ERP's number of an order of the tables. */
  numberOf(order: string): string | undefined {
    return this.#ordered.get(order)?.number;
  }

  play({ kind, order }: PurchaseEvent): void {
    if (kind === 'order') this.#order(order);
    else this.#receive(order);
  }

  /** Books what was stocked since the last time as used by production: the inventory table is what is left after it. */
  bookUse(): number {
    const lines = [...this.#stocked.values()].filter(({ quantity }) => compare(quantity, '0') > 0);
    this.#stocked = new Map();
    for (let from = 0; from < lines.length; from += linesPerDocument)
      this.#world.store.transaction(() =>
        this.#world.movements.post(
          { GoodsMovementCode: '03', PostingDate: this.#world.today(), MaterialDocumentHeaderText: 'Used by production' },
          lines.slice(from, from + linesPerDocument).map(({ part, storeroom, quantity }) => ({
            GoodsMovementType: '201',
            Material: part,
            Plant: siteCode,
            StorageLocation: storeroom,
            QuantityInEntryUnit: quantity,
            CostCenter: production,
          })),
          'PRODUCTION',
        ),
      );
    return lines.length;
  }

  #order({ number, vendor, lines }: PurchaseHistory): void {
    const bought = lines.filter(({ quantity }) => compare(quantity, '0') > 0);
    if (bought.length === 0) return;
    const order = this.#quietly(() =>
      this.#world.orders.create(
        {
          header: { CompanyCode: siteCode, Supplier: vendor, DocumentCurrency: currency, CorrespncExternalReference: number },
          items: bought.map((line) => this.#item(line)),
        },
        'BUYER',
      ),
    );
    this.#ordered.set(number, { number: order.PurchaseOrder, items: new Map(bought.map(({ line }, at) => [line, String((at + 1) * 10)])) });
  }

  /** What is kept nowhere is charged to production when it comes in. */
  #item({ part, unit, quantity, price, pricePer, dueOn }: PurchaseLine) {
    const storeroom = this.#storerooms.get(part);
    return {
      item: {
        Material: part,
        Plant: siteCode,
        OrderQuantity: quantity,
        PurchaseOrderQuantityUnit: unit,
        NetPriceAmount: price,
        NetPriceQuantity: pricePer,
        ...(storeroom === undefined ? { AccountAssignmentCategory: 'K' } : { StorageLocation: storeroom }),
      },
      accounts: storeroom === undefined ? [{ CostCenter: production }] : [],
      deliveryDate: dueOn,
    };
  }

  /** Receipt of what came, return of what was rejected, invoice for what was kept; then nothing more is expected. */
  #receive({ number, vendor, lines }: PurchaseHistory): void {
    const ordered = this.#ordered.get(number);
    if (!ordered) return;
    const items = lines.flatMap((line) => {
      const item = ordered.items.get(line.line);
      return item === undefined ? [] : [{ line, item }];
    });
    this.#quietly(() => {
      this.#move(
        '101',
        number,
        items.map(({ line, item }) => ({ PurchaseOrder: ordered.number, PurchaseOrderItem: item, QuantityInEntryUnit: line.received })),
      );
      this.#move(
        '122',
        number,
        items.map(({ line, item }) => ({
          PurchaseOrder: ordered.number,
          PurchaseOrderItem: item,
          QuantityInEntryUnit: line.rejected,
          GoodsMovementReasonCode: '0001',
        })),
      );
      for (const { item } of items) this.#world.orders.touch(this.#world.orders.open(ordered.number, item), { IsCompletelyDelivered: true });
      this.#invoice(vendor, number, items, ordered.number);
    });
    for (const { line } of items) this.#shelve(line);
  }

  #move(
    type: '101' | '122',
    number: string,
    items: readonly { PurchaseOrder: string; PurchaseOrderItem: string; QuantityInEntryUnit: Decimal; GoodsMovementReasonCode?: string }[],
  ): void {
    const moved = items.filter(({ QuantityInEntryUnit }) => compare(QuantityInEntryUnit, '0') > 0);
    if (moved.length === 0) return;
    this.#world.movements.post(
      { GoodsMovementCode: '01', PostingDate: this.#world.today(), ReferenceDocument: number },
      moved.map((item) => ({ ...item, GoodsMovementType: type, GoodsMovementRefDocType: 'B' })),
      'WAREHOUSE',
    );
  }

  #invoice(vendor: string, number: string, items: readonly { readonly line: PurchaseLine; readonly item: string }[], order: string): void {
    const kept = items.filter(({ line }) => compare(line.stocked, '0') > 0);
    if (kept.length === 0) return;
    const rows = kept.map(({ line, item }) => ({
      PurchaseOrder: order,
      PurchaseOrderItem: item,
      SupplierInvoiceItemAmount: invoiceAmount(line),
      QuantityInPurchaseOrderUnit: line.stocked,
      TaxCode: 'V0',
    }));
    this.#world.invoices.post(
      {
        CompanyCode: siteCode,
        InvoicingParty: vendor,
        DocumentCurrency: currency,
        InvoiceGrossAmount: sum(rows.map(({ SupplierInvoiceItemAmount }) => SupplierInvoiceItemAmount)),
        SupplierInvoiceIDByInvcgParty: `AW-${number}`,
        PostingDate: this.#world.today(),
      },
      rows,
      [],
      'APCLERK',
    );
  }

  #shelve({ part, stocked }: PurchaseLine): void {
    const storeroom = this.#storerooms.get(part);
    if (storeroom === undefined) return;
    const key = placeKey(part, storeroom);
    const row = this.#stocked.get(key) ?? { part, storeroom, quantity: '0' };
    row.quantity = add(row.quantity, stocked);
    this.#stocked.set(key, row);
  }

  /** The tables say what came and when: the world's own warehouse and accounts payable keep out of it. A refusal of the world names the order's data. */
  #quietly<T>(run: () => T): T {
    const { orders, movements } = this.#world;
    const [onOrdered, onReceived] = [orders.onOrdered, movements.onReceived];
    [orders.onOrdered, movements.onReceived] = [() => {}, () => {}];
    try {
      return this.#world.store.transaction(run);
    } catch (error) {
      throw new Fault('rejected', `the ERP refused a purchase document of the tables: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    } finally {
      [orders.onOrdered, movements.onReceived] = [onOrdered, onReceived];
    }
  }
}

/** What is paid for a line: kept quantity x price, rounded once. */
export const invoiceAmount = ({ stocked, price, pricePer }: PurchaseLine): Decimal => divide(multiply(stocked, price), pricePer, 2);
