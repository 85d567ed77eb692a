import * as z from 'zod';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import type { Once, Receipt, Verbs, WriteTarget } from '#spi/connector';
import type { Row } from '#spi/odata-codec';
import { entity } from '#spi/odata-type';
import { accountIn, categories, payerOf, placeOf, splitAsset, storeroomIn } from '#connectors/s4hana/account';
import { entityIn, linesIn, needed, onceOf, present, receiptOf, textIn } from '#connectors/s4hana/document';
import { accountRows, both, reads } from '#connectors/s4hana/row';
import type { S4Session } from '#connectors/s4hana/system';

/** Properties of API_RESERVATION_DOCUMENT_SRV that are sent or read (SAP's field list of the service). */
const item = entity('A_ReservationDocumentItem', {
  Reservation: 'key digits 10',
  ReservationItem: 'key digits 4',
  RecordType: 'key text 1',
  Product: 'id 40',
  MatlCompRequirementDate: 'day',
  Plant: 'text 4',
  StorageLocation: 'text 4',
  EntryUnit: 'text 3',
  ResvnItmRequiredQtyInEntryUnit: 'decimal 13.3',
  ResvnItmWithdrawnQtyInBaseUnit: 'decimal 13.3 read',
  ReservationItemIsFinallyIssued: 'boolean',
  ReservationItmIsMarkedForDeltn: 'boolean',
  GLAccount: 'id 10',
  ReservationItemText: 'text 50',
});
const header = entity(
  'A_ReservationDocumentHeader',
  {
    Reservation: 'key digits 10',
    OrderID: 'id 12',
    GoodsMovementType: 'text 3',
    CostCenter: 'id 10',
    GoodsRecipientName: 'text 12',
    ReservationDate: 'day',
    AssetNumber: 'id 12',
    AssetSubNumber: 'id 4',
  },
  { to_ReservationDocumentItem: { type: item } },
);

const lines = 'to_ReservationDocumentItem';
const Item = z.looseObject({
  ReservationItem: z.string(),
  Product: z.string(),
  ResvnItmRequiredQtyInEntryUnit: z.string(),
  EntryUnit: z.string(),
  storeroom: z.string(),
});
const Shape = z.looseObject({ Reservation: z.string(), to_ReservationDocumentItem: z.array(Item) });
type Native = z.output<typeof Shape>;

/** Characters of the operation that fit the recipient of the goods; the texts of the lines hold all sixteen. */
const recipientLength = 12;

function document(draft: JsonObject, once: Once): Row {
  const items = linesIn(draft, lines);
  if (items.length === 0) throw new Fault('rejected', 'the reservation has no lines', { fields: { [lines]: 'has no lines' } });
  const account = accountIn(draft);
  const payer = payerOf(account);
  if (payer === undefined || account === undefined)
    throw new Fault('rejected', 'the reservation names no order, asset or cost centre', { fields: { account: 'a value is required' } });
  const dates = items.flatMap((line) => textIn(line, 'MatlCompRequirementDate') ?? []).toSorted();
  const first = dates[0];
  if (first === undefined || dates.length < items.length)
    throw new Fault('rejected', 'a line of the reservation has no day on which the part is needed', {
      fields: { MatlCompRequirementDate: 'a value is required' },
    });
  const asset = payer === 'fixedAsset' ? splitAsset(account.fixedAsset ?? '') : undefined;
  return {
    GoodsMovementType: categories[payer].issue,
    ReservationDate: first,
    GoodsRecipientName: once.reference.slice(0, recipientLength),
    ...(payer === 'order' ? { OrderID: account.order } : asset ? { AssetNumber: asset.master, AssetSubNumber: asset.sub } : { CostCenter: account.costCentre }),
    [lines]: items.map((line) => {
      const { storeroom: _storeroom, ReservationItem: _line, ...rest } = line;
      return { ...rest, ...placeOf(line), ReservationItemText: once.reference, ...(account.glAccount === undefined ? {} : { GLAccount: account.glAccount }) };
    }),
  };
}

function receipt(row: Row, written: { readonly warnings: readonly string[]; readonly repeatable: boolean }): Receipt {
  const number = needed(row, 'Reservation', 'the answer to the reservation');
  return receiptOf(number, written, {
    number,
    lines: linesIn(row, lines).map((line) => present({ line: textIn(line, 'ReservationItem'), part: textIn(line, 'Product') })),
  });
}

function presented(row: Row): Row {
  return {
    ...row,
    account: present({ costCentre: textIn(row, 'CostCenter'), order: textIn(row, 'OrderID'), glAccount: textIn(linesIn(row, lines)[0], 'GLAccount') }),
    [lines]: linesIn(row, lines)
      .filter((line) => line['ReservationItmIsMarkedForDeltn'] !== true)
      .map((line) => ({ ...line, ...present({ storeroom: storeroomIn(line) }) })),
  };
}

const verbs = {
  async get(session: S4Session, key: string) {
    return Shape.parse(presented(await session.api.on('reservation').get(header, { Reservation: key }, { expand: [lines] })));
  },
  create: {
    class: 'L',
    how: 'GoodsRecipientName holds the first twelve characters of the operation and every line text all sixteen; headers are searched by the first and told apart by the second before any repetition.',
    async run(session, draft, { once }: WriteTarget) {
      const written = await session.api.on('reservation').create(header, document(draft, once), onceOf(session, once));
      return receipt(entityIn(written, 'the reservation'), written);
    },
    async trace(session, once) {
      const rows = await session.api
        .on('reservation')
        .all(header, { filter: [['GoodsRecipientName', 'eq', once.reference.slice(0, recipientLength)]], expand: [lines] }, 100);
      const own = rows.find((row) => linesIn(row, lines).some((line) => textIn(line, 'ReservationItemText') === once.reference));
      return own === undefined ? undefined : receipt(own, { warnings: [], repeatable: false });
    },
  },
} satisfies Verbs<S4Session, Native>;

/** Reservations of parts for an order, an asset or a cost centre. */
export const reservation = {
  kind: 'reservation' as const,
  native: 'A_ReservationDocumentHeader',
  shape: Shape,
  key: (record: Native) => record.Reservation,
  changes: 'sweep' as const,
  verbs,
  rows: [
    reads('number', 'Reservation'),
    ...accountRows('account', 'account'),
    both('lines[].line', `${lines}[].ReservationItem`),
    both('lines[].part', `${lines}[].Product`, { reference: 'part', required: true }),
    both('lines[].storeroom', `${lines}[].storeroom`, { reference: 'storeroom', required: true }),
    both('lines[].quantity.value', `${lines}[].ResvnItmRequiredQtyInEntryUnit`, { required: true }),
    both('lines[].quantity.unit', `${lines}[].EntryUnit`, { via: 'unit(sap)', required: true }),
    both('lines[].requiredOn', `${lines}[].MatlCompRequirementDate`, { required: true }),
    reads('lines[].withdrawn', `${lines}[].ResvnItmWithdrawnQtyInBaseUnit`),
  ],
  example: {
    Reservation: '2724',
    GoodsMovementType: '261',
    OrderID: '4000871',
    GoodsRecipientName: 'LP7KQ2M4X9RT',
    ReservationDate: '2026-03-02',
    account: { order: '4000871', costCentre: '21004310', fixedAsset: '2100/300417/0', glAccount: '51100000' },
    to_ReservationDocumentItem: [
      {
        Reservation: '2724',
        ReservationItem: '1',
        Product: 'BRG-6205-2RS',
        Plant: '2100',
        StorageLocation: '21A1',
        storeroom: '2100/21A1',
        ResvnItmRequiredQtyInEntryUnit: '2',
        EntryUnit: 'PC',
        MatlCompRequirementDate: '2026-03-04',
        ResvnItmWithdrawnQtyInBaseUnit: '0',
        ReservationItemText: 'LP7KQ2M4X9RT1Z0A',
      },
    ],
  },
};
