import { add, compare } from '#base/decimal';
import type { Materials } from './material.ts';
import { aboveZero, type Organisation } from './organisation.ts';
import type { Orders } from './order.ts';
import { Refusal } from './refusal.ts';
import { Table, type Row, type Store } from './store.ts';

export interface Reservation extends Row {
  Reservation: string;
  GoodsMovementType: string;
  CostCenter: string;
  OrderID: string;
  GoodsRecipientName: string;
}

export interface ReservationItem extends Row {
  Reservation: string;
  ReservationItem: string;
  Product: string;
  Plant: string;
  StorageLocation: string;
  EntryUnit: string;
  ResvnItmRequiredQtyInEntryUnit: string;
  ResvnItmRequiredQtyInBaseUnit: string;
  ResvnItmWithdrawnQtyInBaseUnit: string;
  ReservationItemIsFinallyIssued: boolean;
  ReservationItmIsMarkedForDeltn: boolean;
}

/** Parts set aside for an order or a cost centre until they are issued. */
export class Reservations {
  readonly headers: Table<Reservation>;
  readonly items: Table<ReservationItem>;
  readonly #organisation: Organisation;
  readonly #materials: Materials;
  readonly #orders: Orders;
  #next = 2_700;

  constructor(store: Store, organisation: Organisation, materials: Materials, orders: Orders) {
    this.#organisation = organisation;
    this.#materials = materials;
    this.#orders = orders;
    this.headers = new Table(store, ['Reservation'], ['OrderID', 'CostCenter', 'GoodsRecipientName']);
    this.items = new Table(store, ['Reservation', 'ReservationItem', 'RecordType'], ['Reservation', 'ReservationItemText', 'Product']);
  }

  create(header: Partial<Reservation>, items: readonly Partial<ReservationItem>[], today: string): Reservation {
    const type = header.GoodsMovementType ?? '';
    if (!['201', '261', '241', '311', '301', '551'].includes(type)) throw new Refusal('unknownMovementType', [type], 'GoodsMovementType');
    if (items.length === 0) throw new Refusal('noItems', [], 'to_ReservationDocumentItem');
    if (header.CostCenter) this.#organisation.costCentre(header.CostCenter, today);
    if (header.OrderID) this.#orders.open(header.OrderID);
    if ((type === '201' || type === '551') && !header.CostCenter) throw new Refusal('missingField', ['CostCenter'], 'CostCenter');
    if (type === '261' && !header.OrderID) throw new Refusal('missingField', ['OrderID'], 'OrderID');
    const number = String(++this.#next);
    items.forEach((item, at) => this.#addItem(number, item, at, type));
    return this.headers.insert({
      ReservationDate: today,
      ...header,
      Reservation: number,
      GoodsMovementType: type,
      CostCenter: header.CostCenter ?? '',
      OrderID: header.OrderID ?? '',
      GoodsRecipientName: header.GoodsRecipientName ?? '',
    });
  }

  /** An item that can still be issued. */
  open(reservation: string, item: string): { header: Reservation; item: ReservationItem } {
    const header = this.headers.get(reservation);
    const row = this.items.get(reservation, item, '');
    if (!header || !row) throw new Refusal('unknownReservation', [reservation, item], 'ReservationItem');
    if (row.ReservationItemIsFinallyIssued || row.ReservationItmIsMarkedForDeltn)
      throw new Refusal('reservationClosed', [reservation, item], 'ReservationItem');
    return { header, item: row };
  }

  /** Notes an issue (positive) or its reversal (negative). */
  withdraw(reservation: string, item: string, quantity: string, final: boolean): void {
    const row = this.items.get(reservation, item, '');
    if (!row) return;
    const total = add(row.ResvnItmWithdrawnQtyInBaseUnit, quantity);
    this.items.update(row, {
      ResvnItmWithdrawnQtyInBaseUnit: total,
      ReservationItemIsFinallyIssued: compare(quantity, '0') > 0 && (final || compare(total, row.ResvnItmRequiredQtyInBaseUnit) >= 0),
    });
  }

  remove(reservation: string, item: string): void {
    const { item: row } = this.open(reservation, item);
    this.items.update(row, { ReservationItmIsMarkedForDeltn: true });
  }

  change(reservation: string, item: string, changes: Partial<ReservationItem>): ReservationItem {
    const { item: row } = this.open(reservation, item);
    const quantity = changes.ResvnItmRequiredQtyInEntryUnit;
    if (quantity === undefined) return this.items.update(row, changes);
    aboveZero(quantity, item, 'ResvnItmRequiredQtyInEntryUnit');
    return this.items.update(row, {
      ...changes,
      ResvnItmRequiredQtyInBaseUnit: this.#materials.toBase(this.#materials.usable(row.Product), quantity, row.EntryUnit),
    });
  }

  #addItem(number: string, item: Partial<ReservationItem>, at: number, type: string): void {
    const { material } = this.#materials.inPlant(item.Product ?? '', item.Plant ?? '');
    if (item.StorageLocation) this.#organisation.storageLocation(item.Plant ?? '', item.StorageLocation);
    const quantity = item.ResvnItmRequiredQtyInEntryUnit ?? '0';
    aboveZero(quantity, String(at + 1), `to_ReservationDocumentItem(${at + 1})/ResvnItmRequiredQtyInEntryUnit`);
    const unit = item.EntryUnit || material.BaseUnit;
    this.items.insert({
      GoodsMovementIsAllowed: true,
      MatlCompRequirementDate: null,
      ...item,
      Reservation: number,
      ReservationItem: item.ReservationItem && item.ReservationItem !== '0' ? item.ReservationItem : String(at + 1),
      RecordType: '',
      Product: material.Product,
      Plant: item.Plant ?? '',
      StorageLocation: item.StorageLocation ?? '',
      EntryUnit: unit,
      BaseUnit: material.BaseUnit,
      GoodsMovementType: type,
      ResvnItmRequiredQtyInEntryUnit: quantity,
      ResvnItmRequiredQtyInBaseUnit: this.#materials.toBase(material, quantity, unit),
      ResvnItmWithdrawnQtyInBaseUnit: '0',
      ReservationItemIsFinallyIssued: false,
      ReservationItmIsMarkedForDeltn: false,
      ReservationItemText: item['ReservationItemText'] ?? '',
    });
  }
}
