import { add, compare, isDecimal, sign, type Decimal } from '#base/decimal';
import { currencyScale } from '#base/money';
import { XMLParser } from 'fast-xml-parser';
import * as z from 'zod';
import { withoutZeros } from '../odata/property.ts';
import type { Line } from '../world/general-ledger.ts';
import { Refusal } from '../world/refusal.ts';
import type { World } from '../world/world.ts';

/** Most journal entries in one request, and most lines in one entry. */
export const journalLimits = { entries: 200, lines: 999 } as const;

const text = z
  .union([z.string(), z.number().transform(String)])
  .optional()
  .transform((value) => value ?? '');
const amount = z.object({ '#text': text, '@currencyCode': text });
const line = z.object({
  ReferenceDocumentItem: text,
  CompanyCode: text,
  GLAccount: text,
  Creditor: text,
  AmountInTransactionCurrency: amount,
  DebitCreditCode: text,
  DocumentItemText: text,
  AssignmentReference: text,
  AccountAssignment: z.object({ CostCenter: text, OrderID: text, MasterFixedAsset: text }).optional(),
});
const entry = z.object({
  MessageHeader: z.object({ ID: text }).optional(),
  JournalEntry: z.object({
    OriginalReferenceDocument: text,
    AccountingDocumentType: text,
    DocumentReferenceID: text,
    DocumentHeaderText: text,
    CreatedByUser: text,
    CompanyCode: text,
    DocumentDate: text,
    PostingDate: text,
    ReversalReason: text,
    ReversalReferenceDocument: text,
    Item: z.array(line).optional(),
    CreditorItem: z.array(line).optional(),
  }),
});
const request = z.object({ MessageHeader: z.object({ ID: text }).optional(), JournalEntryCreateRequest: z.array(entry).min(1).max(journalLimits.entries) });
type Entry = z.infer<typeof entry>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  isArray: (name) => name === 'Item' || name === 'CreditorItem' || name === 'JournalEntryCreateRequest',
});

/** Answers `JournalEntryCreateRequestConfirmation_In`: 200 also for business errors, which stand in the log; 500 with a fault for what is no such message. */
export function journalEntrySoap(body: string, world: World, user: string): { readonly status: number; readonly body: string } {
  const parsed = read(body);
  if (!parsed)
    return {
      status: 500,
      body: envelope(
        '<soap-env:Fault><faultcode>soap-env:Client</faultcode><faultstring xml:lang="en">Web service processing error: the message does not conform to the WSDL</faultstring></soap-env:Fault>',
      ),
    };
  const confirmations = parsed.JournalEntryCreateRequest.map((one) => confirmation(one, world, user));
  return {
    status: 200,
    body: envelope(
      `<n0:JournalEntryBulkCreateConfirmation xmlns:n0="http://sap.com/xi/SAPSCORE/SFIN"><MessageHeader><ReferenceID>${escape(parsed.MessageHeader?.ID ?? '')}</ReferenceID><CreationDateTime>${new Date(world.now()).toISOString()}</CreationDateTime></MessageHeader>${confirmations.join('')}</n0:JournalEntryBulkCreateConfirmation>`,
    ),
  };
}

function read(body: string): z.infer<typeof request> | undefined {
  if (/<!DOCTYPE/i.test(body)) return undefined;
  try {
    const document = z.object({ Envelope: z.object({ Body: z.object({ JournalEntryBulkCreateRequest: request }) }) }).safeParse(parser.parse(body));
    return document.success ? document.data.Envelope.Body.JournalEntryBulkCreateRequest : undefined;
  } catch {
    return undefined;
  }
}

function confirmation(one: Entry, world: World, user: string): string {
  const header = `<MessageHeader><ReferenceID>${escape(one.MessageHeader?.ID ?? '')}</ReferenceID></MessageHeader>`;
  const { CompanyCode } = one.JournalEntry;
  try {
    const { document, year } = world.store.transaction(() => post(one, world, user));
    return `<JournalEntryCreateConfirmation>${header}<JournalEntryCreateConfirmation><AccountingDocument>${document.padStart(10, '0')}</AccountingDocument><CompanyCode>${escape(CompanyCode)}</CompanyCode><FiscalYear>${year}</FiscalYear></JournalEntryCreateConfirmation><Log><MaximumLogItemSeverityCode>1</MaximumLogItemSeverityCode><Item><TypeID>605(RW)</TypeID><SeverityCode>1</SeverityCode><Note>Document posted successfully: BKPFF ${document}${escape(CompanyCode)}${year}</Note></Item></Log></JournalEntryCreateConfirmation>`;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const [group, number] = error.code.split('/');
    return `<JournalEntryCreateConfirmation>${header}<JournalEntryCreateConfirmation><AccountingDocument>0000000000</AccountingDocument><CompanyCode>${escape(CompanyCode)}</CompanyCode><FiscalYear>0000</FiscalYear></JournalEntryCreateConfirmation><Log><MaximumLogItemSeverityCode>3</MaximumLogItemSeverityCode><Item><TypeID>${number ?? ''}(${group ?? ''})</TypeID><SeverityCode>3</SeverityCode><Note>${escape(error.message)}</Note></Item></Log></JournalEntryCreateConfirmation>`;
  }
}

function post(one: Entry, world: World, user: string): { document: string; year: string } {
  const { JournalEntry: journal } = one;
  if (journal.DocumentReferenceID.length > 16) throw new Refusal('missingField', ['DocumentReferenceID of at most 16 characters']);
  if (journal.DocumentHeaderText.length > 25) throw new Refusal('missingField', ['DocumentHeaderText of at most 25 characters']);
  for (const [name, date] of [
    ['PostingDate', journal.PostingDate],
    ['DocumentDate', journal.DocumentDate],
  ] as const)
    if (!/^\d{4}-\d\d-\d\d$/.test(date)) throw new Refusal('missingField', [name]);
  const header = {
    companyCode: journal.CompanyCode,
    postingDate: journal.PostingDate,
    documentDate: journal.DocumentDate,
    documentType: journal.AccountingDocumentType || 'SA',
    reference: journal.DocumentReferenceID,
    headerText: journal.DocumentHeaderText,
    originalReference: journal.OriginalReferenceDocument || (one.MessageHeader?.ID ?? ''),
    user: journal.CreatedByUser || user,
  };
  const company = world.organisation.company(journal.CompanyCode);
  if (journal.ReversalReferenceDocument !== '') return reverse(withoutZeros(journal.ReversalReferenceDocument), header, world);
  const given = [
    ...(journal.Item ?? []).map((item) => ({ item, account: withoutZeros(item.GLAccount) })),
    ...(journal.CreditorItem ?? []).map((item) => ({ item, account: '21100000' })),
  ];
  if (given.length < 2 || given.length > journalLimits.lines) throw new Refusal('entryEmpty');
  let balance: Decimal = '0';
  const lines = given.map(({ item, account }): Line => {
    const value = item.AmountInTransactionCurrency['#text'];
    const currency = world.organisation.currency(item.AmountInTransactionCurrency['@currencyCode']);
    if (!isDecimal(value) || (value.split('.')[1] ?? '').replace(/0+$/, '').length > currencyScale(currency))
      throw new Refusal('missingField', [`an amount in ${currency}, not ${value}`]);
    if ((item.DebitCreditCode === 'H') !== sign(value) < 0) throw new Refusal('missingField', [`a debit/credit code that fits ${value}`]);
    balance = add(balance, value);
    const to = item.AccountAssignment;
    const assignment = {
      CostCenter: withoutZeros(to?.CostCenter ?? ''),
      OrderID: withoutZeros(to?.OrderID ?? ''),
      MasterFixedAsset: withoutZeros(to?.MasterFixedAsset ?? ''),
    };
    world.assignments.check({ ...assignment, FixedAsset: '0' }, company.CompanyCode, journal.PostingDate);
    if (item.Creditor) world.partners.usable(withoutZeros(item.Creditor), company.CompanyCode, 'posting');
    return {
      account,
      amount: world.organisation.exchange(value, currency, company.Currency),
      costCentre: assignment.CostCenter,
      order: assignment.OrderID,
      asset: assignment.MasterFixedAsset,
      supplier: withoutZeros(item.Creditor),
      text: item.DocumentItemText,
      assignment: item.AssignmentReference,
      original: { amount: value, currency },
    };
  });
  if (compare(balance, '0') !== 0) throw new Refusal('entryNotBalanced', [balance, company.Currency]);
  return world.ledger.post({ ...header, lines });
}

/** Posts the opposite of an earlier entry. */
function reverse(reference: string, header: Omit<Parameters<World['ledger']['post']>[0], 'lines'>, world: World): { document: string; year: string } {
  const items = world.ledger.items.by('AccountingDocument', reference.slice(0, 9)).filter((item) => item.CompanyCode === header.companyCode);
  if (items.length === 0) throw new Refusal('unknownDocument', [reference, header.companyCode]);
  const negated = (value: string): string => (value.startsWith('-') ? value.slice(1) : sign(value) === 0 ? value : `-${value}`);
  const lines = items.map((item): Line => ({
    account: item.GLAccount,
    amount: negated(item.AmountInCompanyCodeCurrency),
    costCentre: String(item['CostCenter']),
    order: String(item['OrderID']),
    asset: String(item['MasterFixedAsset']),
    supplier: String(item['Supplier']),
    text: String(item['DocumentItemText']),
    original: { amount: negated(String(item['AmountInTransactionCurrency'])), currency: String(item['TransactionCurrency']) },
  }));
  return world.ledger.post({ ...header, lines });
}

const envelope = (body: string): string =>
  `<?xml version="1.0" encoding="utf-8"?><soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/"><soap-env:Header/><soap-env:Body>${body}</soap-env:Body></soap-env:Envelope>`;
const escape = (value: string): string => value.replace(/[<>&"]/g, (sign) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[sign] ?? sign);
