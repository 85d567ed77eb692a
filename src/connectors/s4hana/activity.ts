import { Fault } from '#base/fault';
import { add, isDecimal, negate, round, sign } from '#base/decimal';
import { amountText } from '#base/money';
import type { Once, Receipt } from '#spi/connector';
import type { Query } from '#spi/connector';
import type { Row } from '#spi/odata-codec';
import { listRows, type ListedRows } from '#spi/odata-page';
import { entity, type EntityType } from '#spi/odata-type';
import type { Account } from '#connectors/s4hana/account';
import { entityIn, linesIn, moneyIn, moneyJson, numberOf, onceOf, present, receiptOf, takenBack, takesBack, textIn, total } from '#connectors/s4hana/document';
import type { Settings } from '#connectors/s4hana/settings';
import type { S4Session } from '#connectors/s4hana/system';

const lines = '_Item';

/** Properties of CE_DIRECTACTIVITYALLOCATION_0001 by the released view of the business object; a release with other names is told in the settings. */
const itemKinds = {
  ReferenceDocumentItem: 'digits 6',
  SenderCostCenter: 'id 10',
  CostCtrActivityType: 'text 6',
  Quantity: 'decimal 15.3',
  BaseUnit: 'text 3',
  PartnerCostCenter: 'id 10',
  PartnerOrder: 'id 12',
  PersonnelNumber: 'digits 8',
  DocumentItemText: 'text 50',
  AmountInCompanyCodeCurrency: 'decimal 23.3 read',
  CompanyCodeCurrency: 'text 5 read',
};
const headerKinds = {
  FiscalYear: 'digits 4 read',
  ReferenceDocument: 'id 10 read',
  ControllingArea: 'text 4',
  DocumentDate: 'day',
  PostingDate: 'day',
  AccountingDocumentHeaderText: 'text 25',
  CreatedByUser: 'text 12 read',
};

interface Types {
  readonly header: EntityType;
  readonly item: EntityType;
}
const made = new WeakMap<Settings['activityFields'], Types>();

/** The types of a connection: built once. */
function typesOf({ activityFields: names }: Settings): Types {
  const known = made.get(names);
  if (known) return known;
  const renamed = (kinds: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(kinds)
        .filter(([name]) => names[name] !== '')
        .map(([name, kind]) => [names[name] ?? name, names[name] === undefined ? kind : `${kind} as ${name}`]),
    );
  const item = entity('ActivityAllocationItem', renamed(itemKinds));
  const header = entity(
    'ActivityAllocation',
    {
      ...renamed(headerKinds),
      ...(names['CompanyCode'] === undefined || names['CompanyCode'] === '' ? {} : { [names['CompanyCode']]: 'text 4 as CompanyCode' }),
    },
    { [names[lines] ?? lines]: { type: item, as: lines } },
  );
  const types: Types = { header, item };
  made.set(names, types);
  return types;
}

/** Hours of an activity that a cost centre supplies to a receiver. SAP values them at its own rate of that day. */
export interface Labour {
  readonly day: string;
  readonly companyCode: string;
  readonly sender: string;
  readonly activityType: string;
  readonly hours: string;
  readonly account: Account;
  readonly personnelNumber?: string;
  readonly text?: string;
}

/** Places of an hour that SAP keeps: 3.6 seconds. */
const hourPlaces = 3;

/** One request; the answer holds the value. */
export async function allocate(session: S4Session, labour: Labour, once: Once): Promise<Receipt> {
  if (labour.account.fixedAsset !== undefined)
    throw new Fault('rejected', 'labour cannot be allocated to a fixed asset; an order or a cost centre receives it', {
      fields: { account: 'names a fixed asset' },
    });
  const types = typesOf(session.config);
  if (!isDecimal(labour.hours)) throw new Fault('rejected', 'the hours of the labour posting are no decimal', { fields: { hours: 'is no decimal' } });
  const hours = round(labour.hours, hourPlaces);
  if (sign(hours) === 0)
    throw new Fault('rejected', `${labour.hours} hours are none in SAP, which keeps ${hourPlaces} places`, { fields: { hours: 'is too small' } });
  const item = {
    ReferenceDocumentItem: '1',
    SenderCostCenter: labour.sender,
    CostCtrActivityType: labour.activityType,
    Quantity: hours,
    BaseUnit: 'H',
    PartnerCostCenter: labour.account.costCentre,
    PartnerOrder: labour.account.order,
    PersonnelNumber: labour.personnelNumber,
    DocumentItemText: labour.text,
  };
  return send(
    session,
    {
      CompanyCode: labour.companyCode,
      ControllingArea: session.config.controllingArea,
      DocumentDate: labour.day,
      PostingDate: labour.day,
      AccountingDocumentHeaderText: once.reference,
      [lines]: [sendable(item, types.item)],
    },
    once,
  );
}

async function send(session: S4Session, row: Row, once: Once): Promise<Receipt> {
  const types = typesOf(session.config);
  const written = await session.api.on('activity').create(types.header, { ...sendable(row, types.header), [lines]: row[lines] }, onceOf(session, once));
  return receipt(entityIn(written, 'the activity allocation'), written);
}

/** Members that this release has and takes. */
const sendable = (row: Row, type: EntityType): Row =>
  Object.fromEntries(Object.entries(row).filter(([name, value]) => value !== undefined && type.byName.get(name)?.readOnly === false));

function receipt(row: Row, written: { readonly warnings: readonly string[]; readonly repeatable: boolean }): Receipt {
  const values = linesIn(row, lines).map((line) => moneyIn(line, 'AmountInCompanyCodeCurrency', 'CompanyCodeCurrency'));
  const value = total(values);
  const year = textIn(row, 'FiscalYear') ?? textIn(row, 'PostingDate')?.slice(0, 4);
  const id = numberOf({ ReferenceDocument: textIn(row, 'ReferenceDocument'), FiscalYear: year }, 'ReferenceDocument', 'FiscalYear');
  if (!/^\d+\/\d{4}$/.test(id)) throw new Fault('uncertain', 'the activity allocation was answered without a document number');
  return receiptOf(
    id,
    written,
    present({
      number: id,
      postedOn: textIn(row, 'PostingDate'),
      hours: textIn(linesIn(row, lines)[0], 'Quantity'),
      value: value === undefined ? undefined : moneyJson(value),
    }),
  );
}

/** Finds an allocation by the reference in its header text. */
export async function findAllocation(session: S4Session, once: Once): Promise<Receipt | undefined> {
  const { header } = typesOf(session.config);
  const rows = await session.api.on('activity').all(header, { filter: [['AccountingDocumentHeaderText', 'eq', once.reference]], expand: [lines] }, 50);
  return rows[0] === undefined ? undefined : receipt(rows[0], { warnings: [], repeatable: false });
}

/** Takes an allocation back by one with the opposite hours, which SAP values at the rate of the original's day. */
export async function allocateBack(
  session: S4Session,
  document: { readonly number: string; readonly day: string; readonly companyCode?: string },
  once: Once,
): Promise<Receipt> {
  const types = typesOf(session.config);
  const rows = await session.api.on('activity').all(types.header, { filter: [['ReferenceDocument', 'eq', document.number]], expand: [lines] }, 50);
  const original = rows[0];
  if (original === undefined) throw new Fault('missing', `there is no activity allocation ${document.number}`);
  const items = linesIn(original, lines).map((line) => {
    const quantity = textIn(line, 'Quantity');
    return {
      ...sendable(line, types.item),
      ...(quantity === undefined ? {} : { Quantity: negate(quantity) }),
      ...(types.item.byName.has('DocumentItemText') ? { DocumentItemText: takesBack(numberOf(original, 'ReferenceDocument', 'FiscalYear')) } : {}),
    };
  });
  return send(
    session,
    {
      ...present({ CompanyCode: textIn(original, 'CompanyCode') ?? document.companyCode }),
      ControllingArea: session.config.controllingArea,
      DocumentDate: document.day,
      PostingDate: document.day,
      AccountingDocumentHeaderText: once.reference,
      [lines]: items,
    },
    once,
  );
}

/** One page of allocations as cost postings, in the order of their numbers. */
export async function listAllocations(session: S4Session, query: Query): Promise<ListedRows> {
  const { header } = typesOf(session.config);
  const { rows, ...rest } = await listRows(
    session.api.on('activity'),
    {
      type: header,
      expand: [lines],
      orderBy: ['FiscalYear', 'ReferenceDocument'].filter((name) => header.byName.has(name)),
      filter: query.postedFrom === undefined ? [] : [['PostingDate', 'ge', query.postedFrom]],
    },
    query,
  );
  return { rows: rows.map(presentedAllocation), ...rest };
}

/** One allocation as cost posting, or `missing`. */
export async function getAllocation(session: S4Session, { number, year }: { readonly number: string; readonly year: string }): Promise<Row> {
  const { header } = typesOf(session.config);
  const rows = await session.api.on('activity').all(header, { filter: [['ReferenceDocument', 'eq', number]], expand: [lines] }, 50);
  const found = rows.find((row) => (textIn(row, 'FiscalYear') ?? textIn(row, 'PostingDate')?.slice(0, 4)) === year);
  if (found === undefined) throw new Fault('missing', `there is no activity allocation ${number}/${year}`);
  return presentedAllocation(found);
}

/** An allocation in the words of a cost posting: one that takes hours back has a negative amount. Several receivers have no one account, and their hours add up. */
function presentedAllocation(row: Row): Row {
  const items = linesIn(row, lines);
  const [first] = items;
  const sum = total(items.map((line) => moneyIn(line, 'AmountInCompanyCodeCurrency', 'CompanyCodeCurrency')));
  const hours = items.reduce<string | undefined>((all, line) => {
    const more = textIn(line, 'Quantity');
    return all === undefined || more === undefined || (textIn(line, 'BaseUnit') ?? 'H') !== 'H' ? undefined : add(all, more);
  }, '0');
  const text = textIn(first, 'DocumentItemText');
  return {
    kind: 'labour',
    number: numberOf(
      { ReferenceDocument: row['ReferenceDocument'], FiscalYear: textIn(row, 'FiscalYear') ?? textIn(row, 'PostingDate')?.slice(0, 4) },
      'ReferenceDocument',
      'FiscalYear',
    ),
    account: items.length > 1 ? {} : present({ costCentre: textIn(first, 'PartnerCostCenter'), order: textIn(first, 'PartnerOrder') }),
    native: row,
    ...present({
      reference: textIn(row, 'AccountingDocumentHeaderText'),
      PostingDate: textIn(row, 'PostingDate'),
      text,
      reverses: takenBack(text),
      PersonnelNumber: textIn(first, 'PersonnelNumber'),
      activityType: textIn(first, 'CostCtrActivityType'),
      senderCostCentre: textIn(first, 'SenderCostCenter'),
      hours,
      amount: sum === undefined ? undefined : amountText(sum),
      currency: sum?.currency,
      user: textIn(row, 'CreatedByUser'),
    }),
  };
}
