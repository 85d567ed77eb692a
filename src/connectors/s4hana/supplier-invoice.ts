import * as z from 'zod';
import { decodeRows } from '#spi/decode';
import type { Query, Verbs } from '#spi/connector';
import type { Row } from '#spi/odata-codec';
import { listRows } from '#spi/odata-page';
import { entity } from '#spi/odata-type';
import { linesIn, numberOf, present, splitNumber, textIn } from '#connectors/s4hana/document';
import { reads } from '#connectors/s4hana/row';
import type { S4Session } from '#connectors/s4hana/system';

/** Properties of API_SUPPLIERINVOICE_PROCESS_SRV that are read (metadata of the service). */
const item = entity('A_SuplrInvcItemPurOrdRef', {
  SupplierInvoice: 'key id 10 read',
  FiscalYear: 'key digits 4 read',
  SupplierInvoiceItem: 'key digits 6',
  PurchaseOrder: 'id 10',
  PurchaseOrderItem: 'digits 5',
  IsSubsequentDebitCredit: 'flag',
  DocumentCurrency: 'text 5',
  SupplierInvoiceItemAmount: 'decimal 14.3',
  PurchaseOrderQuantityUnit: 'text 3',
  QuantityInPurchaseOrderUnit: 'decimal 13.3',
  IsFinallyInvoiced: 'boolean',
});
const header = entity(
  'A_SupplierInvoice',
  {
    SupplierInvoice: 'key id 10 read',
    FiscalYear: 'key digits 4 read',
    CompanyCode: 'text 4',
    PostingDate: 'day',
    DocumentDate: 'day',
    CreationDate: 'day read',
    SuplrInvcLstChgDteTmeTxt: 'text 23 read',
    SupplierInvoiceIDByInvcgParty: 'text 16',
    InvoicingParty: 'id 10',
    DocumentCurrency: 'text 5',
    InvoiceGrossAmount: 'decimal 14.3',
    PaymentBlockingReason: 'text 1',
    SupplierInvoiceStatus: 'text 1',
    SupplierInvoiceIsCreditMemo: 'flag',
    ReverseDocument: 'id 10 read',
    ReverseDocumentFiscalYear: 'digits 4 read',
    IsReversal: 'boolean read',
    IsReversed: 'boolean read',
  },
  { to_SuplrInvcItemPurOrdRef: { type: item } },
);
export const invoiceTypes = { header, item };

const lines = 'to_SuplrInvcItemPurOrdRef';
const Item = z.looseObject({ SupplierInvoiceItem: z.string(), SupplierInvoiceItemAmount: z.string(), DocumentCurrency: z.string() });
const Shape = z.looseObject({
  number: z.string(),
  SupplierInvoice: z.string(),
  FiscalYear: z.string(),
  PostingDate: z.string().optional(),
  changedAt: z.string().optional(),
  reversed: z.boolean(),
  to_SuplrInvcItemPurOrdRef: z.array(Item),
});
type Native = z.output<typeof Shape>;

/** `20260304160211.1234560` is an instant; an invoice that never changed has zeros, and its day of entry counts. */
function changedAt(row: Readonly<Row>): string | undefined {
  const found = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})/.exec(textIn(row, 'SuplrInvcLstChgDteTmeTxt') ?? '');
  if (found) return `${found.slice(1, 4).join('-')}T${found.slice(4, 7).join(':')}.000Z`;
  const day = textIn(row, 'CreationDate');
  return day === undefined ? undefined : `${day}T00:00:00.000Z`;
}

const compact = (instant: string): string => instant.replace(/[-:TZ]/g, '');

/** SAP keeps amounts of credits positive; the flag of the header turns them round. */
function presented(row: Row): Row {
  const reverses = row['IsReversal'] === true ? textIn(row, 'ReverseDocument') : undefined;
  const credit = row['SupplierInvoiceIsCreditMemo'] === true;
  const turned = (amount: string | undefined): string | undefined =>
    amount === undefined || !credit || amount === '0' ? amount : amount.startsWith('-') ? amount.slice(1) : `-${amount}`;
  return {
    ...row,
    number: numberOf(row, 'SupplierInvoice', 'FiscalYear'),
    reversed: row['IsReversed'] === true,
    ...present({
      changedAt: changedAt(row),
      InvoiceGrossAmount: turned(textIn(row, 'InvoiceGrossAmount')),
      reverses: reverses === undefined ? undefined : `${reverses}/${textIn(row, 'ReverseDocumentFiscalYear') ?? ''}`,
    }),
    [lines]: linesIn(row, lines).map((line) => ({
      ...line,
      ...present({
        SupplierInvoiceItemAmount: turned(textIn(line, 'SupplierInvoiceItemAmount')),
        QuantityInPurchaseOrderUnit: turned(textIn(line, 'QuantityInPurchaseOrderUnit')),
      }),
    })),
  };
}

const verbs = {
  async list(session: S4Session, query: Query) {
    const { rows, ...rest } = await listRows(
      session.api.on('invoice'),
      {
        type: header,
        expand: [lines],
        orderBy: ['SupplierInvoice', 'FiscalYear'],
        changes: {
          since: (instant) => [{ anyOf: [[['SuplrInvcLstChgDteTmeTxt', 'ge', compact(instant)]], [['CreationDate', 'ge', instant.slice(0, 10)]]] }],
          of: changedAt,
        },
      },
      query,
    );
    return { ...decodeRows(Shape, rows.map(presented), (row) => textIn(row as Row, 'number')), ...rest };
  },
  async get(session: S4Session, key: string) {
    const { number, year } = splitNumber(key, 'supplier invoice');
    return Shape.parse(presented(await session.api.on('invoice').get(header, { SupplierInvoice: number, FiscalYear: year }, { expand: [lines] })));
  },
} satisfies Verbs<S4Session, Native>;

/** Supplier invoices and credit memos with their lines against purchase orders. */
export const supplierInvoice = {
  kind: 'supplierInvoice' as const,
  native: 'A_SupplierInvoice',
  shape: Shape,
  key: (record: Native) => record.number,
  changes: 'watermark' as const,
  verbs,
  rows: [
    reads('number', 'number'),
    reads('reference', 'SupplierInvoiceIDByInvcgParty'),
    reads('vendor', 'InvoicingParty', { reference: 'vendor' }),
    reads('postedOn', 'PostingDate'),
    reads('reversed', 'reversed'),
    reads('reverses', 'reverses'),
    reads('gross', 'InvoiceGrossAmount', { via: 'amount(DocumentCurrency)' }),
    reads('lines[].line', `${lines}[].SupplierInvoiceItem`),
    reads('lines[].purchaseOrder', `${lines}[].PurchaseOrder`),
    reads('lines[].purchaseOrderLine', `${lines}[].PurchaseOrderItem`),
    reads('lines[].quantity.value', `${lines}[].QuantityInPurchaseOrderUnit`),
    reads('lines[].quantity.unit', `${lines}[].PurchaseOrderQuantityUnit`, { via: 'unit(sap)' }),
    reads('lines[].amount', `${lines}[].SupplierInvoiceItemAmount`, { via: 'amount(DocumentCurrency)', required: true }),
    reads('lines[].final', `${lines}[].IsFinallyInvoiced`),
    reads('changedAt', 'changedAt', { via: 'instant' }),
  ],
  example: {
    number: '5105600881/2026',
    SupplierInvoice: '5105600881',
    FiscalYear: '2026',
    CompanyCode: '2100',
    PostingDate: '2026-03-12',
    DocumentDate: '2026-03-11',
    CreationDate: '2026-03-12',
    SuplrInvcLstChgDteTmeTxt: '20260312081500.0000000',
    changedAt: '2026-03-12T08:15:00.000Z',
    SupplierInvoiceIDByInvcgParty: 'R-2026-0815',
    InvoicingParty: '10300001',
    DocumentCurrency: 'EUR',
    InvoiceGrossAmount: '37.49',
    SupplierInvoiceStatus: '5',
    IsReversed: false,
    IsReversal: false,
    reversed: false,
    reverses: '5105600880/2026',
    to_SuplrInvcItemPurOrdRef: [
      {
        SupplierInvoiceItem: '1',
        PurchaseOrder: '4500098231',
        PurchaseOrderItem: '10',
        SupplierInvoiceItemAmount: '31.5',
        DocumentCurrency: 'EUR',
        QuantityInPurchaseOrderUnit: '2',
        PurchaseOrderQuantityUnit: 'PC',
        IsFinallyInvoiced: true,
      },
    ],
  },
};
