import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import type { Once, Page, Query, Receipt, WriteTarget, Write } from '#spi/connector';
import { before, listRows } from '#spi/odata-page';
import type { Row } from '#spi/odata-codec';
import { entity } from '#spi/odata-type';
import { storeroomIn } from '#connectors/s4hana/account';
import {
  clockOf,
  entityIn,
  linesIn,
  moneyIn,
  moneyJson,
  needed,
  numberOf,
  onceOf,
  present,
  receiptOf,
  splitNumber,
  textIn,
  total,
} from '#connectors/s4hana/document';
import type { S4Session } from '#connectors/s4hana/system';

/** Properties of API_MATERIAL_DOCUMENT_SRV that are sent or read (metadata of the service; lengths in characters). */
export const materialDocumentItem = entity('A_MaterialDocumentItem', {
  MaterialDocumentYear: 'key digits 4',
  MaterialDocument: 'key id 10',
  MaterialDocumentItem: 'key digits 4',
  Material: 'id 40',
  Plant: 'text 4',
  StorageLocation: 'text 4',
  GoodsMovementType: 'text 3',
  GoodsMovementRefDocType: 'text 1',
  GoodsMovementReasonCode: 'digits 4',
  PurchaseOrder: 'id 10',
  PurchaseOrderItem: 'digits 5',
  ManufacturingOrder: 'id 12',
  CostCenter: 'id 10',
  GLAccount: 'id 10',
  MasterFixedAsset: 'id 12',
  FixedAsset: 'id 4',
  MaterialBaseUnit: 'text 3',
  QuantityInBaseUnit: 'decimal 13.3',
  EntryUnit: 'text 3',
  QuantityInEntryUnit: 'decimal 13.3',
  CompanyCodeCurrency: 'text 5',
  GdsMvtExtAmtInCoCodeCrcy: 'decimal 14.3',
  IsCompletelyDelivered: 'boolean',
  MaterialDocumentItemText: 'text 50',
  Reservation: 'digits 10',
  ReservationItem: 'digits 4',
  IsAutomaticallyCreated: 'flag',
  GoodsMovementIsCancelled: 'boolean',
  ReversedMaterialDocumentYear: 'digits 4',
  ReversedMaterialDocument: 'id 10',
  ReversedMaterialDocumentItem: 'digits 4',
});

export const materialDocument = entity(
  'A_MaterialDocumentHeader',
  {
    MaterialDocumentYear: 'key digits 4',
    MaterialDocument: 'key id 10',
    DocumentDate: 'day',
    PostingDate: 'day',
    CreationDate: 'day',
    CreationTime: 'time',
    MaterialDocumentHeaderText: 'text 25',
    ReferenceDocument: 'text 16',
    GoodsMovementCode: 'text 2',
  },
  { to_MaterialDocumentItem: { type: materialDocumentItem } },
);

export const itemsOf = (document: Readonly<Row>): readonly Row[] => linesIn(document, 'to_MaterialDocumentItem');
const documentNumber = (document: Readonly<Row>): string => numberOf(document, 'MaterialDocument', 'MaterialDocumentYear');

/** Record kinds that are material documents, as they are named in messages. */
const movementNames = { goodsReceipt: 'goods receipt', goodsIssue: 'goods issue', scrapPosting: 'scrap posting' } as const;
export type MovementKind = keyof typeof movementNames;

/** Movement types by direction: what a type does to the stock, and which record kind it belongs to. */
export const movements: Readonly<Record<string, { readonly kind: MovementKind; readonly direction: 'in' | 'out' }>> = {
  101: { kind: 'goodsReceipt', direction: 'in' },
  102: { kind: 'goodsReceipt', direction: 'out' },
  122: { kind: 'goodsReceipt', direction: 'out' },
  123: { kind: 'goodsReceipt', direction: 'in' },
  201: { kind: 'goodsIssue', direction: 'out' },
  202: { kind: 'goodsIssue', direction: 'in' },
  241: { kind: 'goodsIssue', direction: 'out' },
  242: { kind: 'goodsIssue', direction: 'in' },
  261: { kind: 'goodsIssue', direction: 'out' },
  262: { kind: 'goodsIssue', direction: 'in' },
  551: { kind: 'scrapPosting', direction: 'out' },
  552: { kind: 'scrapPosting', direction: 'in' },
};

/** A document with the connector's own members: number, direction, storeroom, account, and what it takes back. Undefined where it is of another kind. */
export function presented(document: Readonly<Row>, kind: MovementKind): Row | undefined {
  const items = itemsOf(document).filter(
    (item) => item['IsAutomaticallyCreated'] !== true && movements[textIn(item, 'GoodsMovementType') ?? '']?.kind === kind,
  );
  const [first] = items;
  if (first === undefined) return undefined;
  const reversed = textIn(first, 'ReversedMaterialDocument');
  return {
    ...document,
    number: documentNumber(document),
    ...present({
      reverses: reversed === undefined ? undefined : `${reversed}/${textIn(first, 'ReversedMaterialDocumentYear') ?? ''}`,
      createdAt: entered.of(document),
    }),
    account: present({ costCentre: textIn(first, 'CostCenter'), order: textIn(first, 'ManufacturingOrder'), glAccount: textIn(first, 'GLAccount') }),
    to_MaterialDocumentItem: items.map((item) => ({
      ...item,
      ...present({ storeroom: storeroomIn(item), direction: movements[textIn(item, 'GoodsMovementType') ?? '']?.direction }),
    })),
  };
}

/** When a document was entered. */
const entered = clockOf('CreationDate', 'CreationTime');

/** Material documents never change, so that the time of entry is their mark. */
export async function listDocuments<R>(
  session: S4Session,
  query: Query,
  kind: MovementKind,
  decode: (rows: readonly Row[]) => Pick<Page<R>, 'records' | 'drifted'>,
): Promise<Page<R>> {
  const { rows, ...rest } = await listRows(
    session.api.on('materialDocument'),
    {
      type: materialDocument,
      expand: ['to_MaterialDocumentItem'],
      orderBy: ['MaterialDocumentYear', 'MaterialDocument'],
      filter: query.postedFrom === undefined ? [] : [['PostingDate', 'ge', query.postedFrom]],
      changes: entered,
    },
    query.since === undefined ? query : { ...query, since: lagging(query.since) },
  );
  // A document without lines is of no kind: it is told, and not taken for one of the others.
  const own = rows.map((row) => (itemsOf(row).length === 0 ? row : presented(row, kind))).filter((row) => row !== undefined);
  return { ...decode(own), ...rest };
}

/** Documents can become visible ten minutes after their own time; five of them are in the overlap of every list. */
const lagging = (mark: string): string => before(mark);

/** One document of a kind, or `missing`. */
export async function getDocument(session: S4Session, key: string, kind: MovementKind): Promise<Row> {
  const { number, year } = splitNumber(key, movementNames[kind]);
  const row = await session.api
    .on('materialDocument')
    .get(materialDocument, { MaterialDocumentYear: year, MaterialDocument: number }, { expand: ['to_MaterialDocumentItem'] });
  const document = presented(row, kind);
  if (document === undefined) throw new Fault('missing', `material document ${key} is no ${movementNames[kind]}`);
  return document;
}

/** Posts a document: one request, whose answer already holds the values. */
export async function post(session: S4Session, document: Row, once: Once): Promise<Receipt> {
  const day = needed(document, 'PostingDate', 'the goods movement');
  const written = await session.api
    .on('materialDocument')
    .create(materialDocument, { ...document, DocumentDate: textIn(document, 'DocumentDate') ?? day, ReferenceDocument: once.reference }, onceOf(session, once));
  return receipt(entityIn(written, 'the goods movement'), written);
}

/** Number, posting date, and the value of each line, in the order of the draft. */
function receipt(document: Row, written: { readonly warnings: readonly string[]; readonly repeatable: boolean }): Receipt {
  const lines = itemsOf(document).filter((item) => item['IsAutomaticallyCreated'] !== true);
  const values = lines.map((item) => moneyIn(item, 'GdsMvtExtAmtInCoCodeCrcy', 'CompanyCodeCurrency'));
  const sum = total(values);
  const id = documentNumber(document);
  if (id.length < 6) throw new Fault('uncertain', 'the goods movement was answered without a document number');
  const data: JsonObject = present({
    number: id,
    postedOn: textIn(document, 'PostingDate'),
    value: sum === undefined ? undefined : moneyJson(sum),
    lines: lines.map((item, index) => {
      const value = values[index];
      return present({
        line: textIn(item, 'MaterialDocumentItem') ?? String(index + 1),
        part: textIn(item, 'Material'),
        quantity: textIn(item, 'QuantityInEntryUnit'),
        unit: textIn(item, 'EntryUnit'),
        purchaseOrder: textIn(item, 'PurchaseOrder'),
        purchaseOrderLine: textIn(item, 'PurchaseOrderItem'),
        value: value === undefined ? undefined : moneyJson(value),
      });
    }),
  });
  return receiptOf(id, written, data);
}

/** How every kind of material document is posted and taken back; `document` makes the request of a draft. */
export function documentWrites(document: (session: S4Session, draft: JsonObject) => Row) {
  return {
    create: {
      class: 'L',
      how: 'ReferenceDocument in the header holds the 16 characters of the operation, and A_MaterialDocumentHeader is searched by it before any repetition. Between search and posting nobody but the holder of the lane writes this reference; a document that SAP shows late (seconds) is waited for by the engine.',
      run: (session, draft, { once }) => post(session, document(session, draft), once),
      trace: (session, once) => findByReference(session, once),
    },
    reverse: {
      class: 'L',
      how: 'SAP notes in every line of a cancellation which document it takes back and refuses a second one; the lines are searched by that number before any repetition.',
      run: cancel,
      trace: (session, _once, draft) => findCancellation(session, needed(draft, 'reverses', 'the reversal')),
    },
  } satisfies { readonly create: Write<S4Session, JsonObject>; readonly reverse: Write<S4Session, JsonObject> };
}

/** Finds a posted document by the reference in its header. */
export async function findByReference(session: S4Session, once: Once): Promise<Receipt | undefined> {
  const rows = await session.api
    .on('materialDocument')
    .all(
      materialDocument,
      { filter: [['ReferenceDocument', 'eq', once.reference]], expand: ['to_MaterialDocumentItem'], orderBy: ['MaterialDocumentYear', 'MaterialDocument'] },
      50,
    );
  const own = rows.find((row) => itemsOf(row).every((item) => textIn(item, 'ReversedMaterialDocument') === undefined));
  return own === undefined ? undefined : receipt(own, { warnings: [], repeatable: false });
}

/** Takes a document back by SAP's own cancellation, which makes the opposite document at the original values. */
export async function cancel(session: S4Session, draft: JsonObject, { key, once }: WriteTarget): Promise<Receipt> {
  const { number, year } = splitNumber(key ?? '', 'material document');
  const day = needed(draft, 'PostingDate', 'the reversal');
  const written = await session.api.on('materialDocument').invoke(
    'Cancel',
    [
      ['MaterialDocumentYear', 'text', year],
      ['MaterialDocument', 'text', number],
      ['PostingDate', 'day', day],
    ],
    materialDocument,
    onceOf(session, once),
  );
  const cancelled = entityIn(written, 'the cancellation');
  // The function gives the header alone; its values are those of the lines, which are read where they are not there.
  const whole =
    itemsOf(cancelled).length > 0
      ? cancelled
      : await session.api
          .on('materialDocument')
          .get(
            materialDocument,
            {
              MaterialDocumentYear: textIn(cancelled, 'MaterialDocumentYear') ?? year,
              MaterialDocument: needed(cancelled, 'MaterialDocument', 'the answer to the cancellation'),
            },
            { expand: ['to_MaterialDocumentItem'] },
          )
          .catch(() => cancelled);
  return receipt(whole, written);
}

/** Finds the opposite document: SAP keeps in each of its lines which document it takes back. */
export async function findCancellation(session: S4Session, key: string): Promise<Receipt | undefined> {
  const { number, year } = splitNumber(key, 'material document');
  const client = session.api.on('materialDocument');
  const items = await client.all(
    materialDocumentItem,
    {
      filter: [
        ['ReversedMaterialDocument', 'eq', number],
        ['ReversedMaterialDocumentYear', 'eq', year],
      ],
    },
    2000,
  );
  const [item] = items;
  if (item === undefined) return undefined;
  const document = await client.get(
    materialDocument,
    { MaterialDocumentYear: textIn(item, 'MaterialDocumentYear') ?? year, MaterialDocument: needed(item, 'MaterialDocument', 'the opposite document') },
    { expand: ['to_MaterialDocumentItem'] },
  );
  return receipt(document, { warnings: [], repeatable: false });
}
