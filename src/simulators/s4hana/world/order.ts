import { Refusal } from './refusal.ts';
import { Table, type Row, type Store } from './store.ts';
import type { Organisation } from './organisation.ts';

export interface Order extends Row {
  InternalOrder: string;
  OrderType: string;
  CompanyCode: string;
  IsDeleted: boolean;
}

/** Internal and maintenance orders, as far as accounting sees them: objects that collect costs. */
export class Orders {
  readonly orders: Table<Order>;
  readonly #organisation: Organisation;
  readonly #now: () => number;
  readonly #lockedBy: (order: string) => string | undefined;
  #next = 4_000_000;

  constructor(store: Store, organisation: Organisation, now: () => number, lockedBy: (order: string) => string | undefined) {
    this.#organisation = organisation;
    this.#now = now;
    this.#lockedBy = lockedBy;
    this.orders = new Table(store, ['InternalOrder'], ['ResponsibleCostCenter', 'InternalOrderDescription']);
  }

  /** Adds an order; without a number the next of the range 4000000 is taken. */
  add(order: { order?: string; description: string; companyCode: string; type?: string; plant?: string; responsibleCostCentre?: string }): Order {
    const company = this.#organisation.company(order.companyCode);
    const now = this.#now();
    return this.orders.insert({
      InternalOrder: order.order ?? String(++this.#next),
      InternalOrderDescription: order.description.slice(0, 40),
      OrderType: order.type ?? 'YA01',
      OrderCategory: '30',
      CompanyCode: company.CompanyCode,
      ControllingArea: company.ControllingArea,
      Currency: company.Currency,
      Plant: order.plant ?? '',
      IsStatisticalOrder: false,
      IsDeleted: false,
      ResponsibleCostCenter: order.responsibleCostCentre ?? '',
      CreationDate: new Date(now).toISOString().slice(0, 10),
      CreatedByUser: 'PLANNER',
      LastChangeTime: new Date(now).toISOString().slice(11, 19),
    });
  }

  /** An order that can be posted to. */
  open(order: string): Order {
    const row = this.orders.get(order);
    if (!row) throw new Refusal('unknownOrder', [order], 'OrderID');
    if (row.IsDeleted) throw new Refusal('orderDeleted', [order], 'OrderID');
    const user = this.#lockedBy(order);
    if (user !== undefined) throw new Refusal('orderLocked', [order, user], 'OrderID');
    return row;
  }

  remove(order: string): void {
    const row = this.orders.get(order);
    if (!row) throw new Refusal('unknownOrder', [order], 'OrderID');
    this.orders.update(row, { IsDeleted: true });
  }
}
