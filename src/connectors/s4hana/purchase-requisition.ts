import * as z from 'zod';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import { decodeRows } from '#spi/decode';
import type { Once, Query, Receipt, Verbs, WriteTarget } from '#spi/connector';
import { etagMember, type Row } from '#spi/odata-codec';
import { listRows } from '#spi/odata-page';
import type { ODataClient } from '#spi/odata';
import { accountIn, assetIn, categories, payerOf, placeOf, plantSettings, splitAsset, storeroomIn, type Account } from '#connectors/s4hana/account';
import { entityIn, linesIn, nameless, needed, onceOf, present, receiptOf, textIn, withDrifted } from '#connectors/s4hana/document';
import { requisitionTypes, type RequisitionTypes } from '#connectors/s4hana/purchase-requisition-types';
import { accountRows, both, reads, sends } from '#connectors/s4hana/row';
import type { S4Session } from '#connectors/s4hana/system';

const lines = '_PurchaseRequisitionItem';
const States = z.enum(['inApproval', 'approved', 'rejected', 'ordered', 'closed', 'deleted']);
const Item = z.looseObject({
  PurchaseRequisitionItem: z.string(),
  RequestedQuantity: z.string(),
  BaseUnit: z.string(),
  kind: z.enum(['part', 'service']),
  state: States,
});
const Shape = z.looseObject({ PurchaseRequisition: z.string().min(1), changedAt: z.string().optional(), _PurchaseRequisitionItem: z.array(Item) });
type Native = z.output<typeof Shape>;

const typesOf = (client: ODataClient): RequisitionTypes => requisitionTypes[client.service.version];

/** What SAP's flags of an item say together; the first that holds. `08` is the release status of a rejection. */
const states: readonly (readonly [z.output<typeof States>, (item: Row) => boolean])[] = [
  ['deleted', (item) => item['IsDeleted'] === true],
  ['ordered', (item) => textIn(item, 'PurchasingDocument') !== undefined],
  ['rejected', (item) => textIn(item, 'PurReqnReleaseStatus') === '08'],
  ['closed', (item) => item['IsClosed'] === true],
  ['approved', (item) => item['ReleaseIsNotCompleted'] === false],
];
const stateOf = (item: Row): z.output<typeof States> => states.find(([, holds]) => holds(item))?.[0] ?? 'inApproval';

function presentedItem(item: Row): Row {
  const assignment = linesIn(item, '_PurchaseReqnAcctAssgmt')[0];
  const account =
    assignment &&
    present({
      costCentre: textIn(assignment, 'CostCenter'),
      order: textIn(assignment, 'OrderID'),
      fixedAsset: assetIn(assignment, textIn(item, 'CompanyCode')),
      glAccount: textIn(assignment, 'GLAccount'),
    });
  const service = textIn(item, 'ProductTypeCode') === '2' || textIn(item, 'PurchasingDocumentItemCategory') === '9';
  return {
    ...item,
    ...present({ storeroom: storeroomIn(item), reference: textIn(item, 'PurReqnItemExternalReference') }),
    ...(account === undefined ? {} : { account }),
    kind: service ? 'service' : 'part',
    state: stateOf(item),
  };
}

/** A requisition with the connector's own members. The header has no time of change: the latest of its items is it. */
function presented(row: Row): Row {
  const items = linesIn(row, lines).map(presentedItem);
  const changed = items
    .flatMap((item) => textIn(item, 'LastChangeDateTime') ?? [])
    .toSorted()
    .at(-1);
  const reference = items.map((item) => textIn(item, 'PurReqnExternalReference')).find((text) => text !== undefined);
  return { ...row, ...present({ changedAt: changed, reference }), [lines]: items };
}

const expand = [`${lines}/_PurchaseReqnAcctAssgmt`];

async function get(session: S4Session, key: string): Promise<Native> {
  const client = await session.api.requisition();
  return Shape.parse(presented(await client.get(typesOf(client).header, { PurchaseRequisition: key }, { expand: [lines, ...expand] })));
}

/** The whole requisition as SAP wants it: organisation facts of each plant, category and payer of each line, both references. */
function document(session: S4Session, draft: JsonObject, once: Once): Row {
  const { config } = session;
  const items = linesIn(draft, lines);
  if (items.length === 0) throw new Fault('rejected', 'the purchase requisition has no lines', { fields: { [lines]: 'has no lines' } });
  // SAP knows no urgency of a requisition: the day of delivery says it, and a document type of its own where the plant has one.
  const expedited = draft['expedite'] === true ? config.requisition.expeditedType : undefined;
  return {
    ...(draft['PurReqnDescription'] === undefined ? {} : { PurReqnDescription: draft['PurReqnDescription'] }),
    PurchaseRequisitionType: expedited ?? config.requisition.type,
    [lines]: items.map((item, index) => itemFor(session, item, { number: String((index + 1) * 10), once, note: textIn(draft, 'reason') })),
  };
}

/** A line's own reference that is longer gives way to the number of the item: half a reference would name another line. */
const referenceLength = 10;

/** The buyer's text type of a requisition item. */
const itemTextType = 'B01';

function itemFor(session: S4Session, line: Row, about: { readonly number: string; readonly once: Once; readonly note: string | undefined }): Row {
  const { kind, state: _state, storeroom: _storeroom, account: _account, reference, ...rest } = line;
  const place = placeOf(line);
  const { companyCode, purchasingOrganisation, purchasingGroup } = plantSettings(session.config, place.Plant);
  if (textIn(line, 'Material') === undefined)
    for (const name of ['PurchaseRequisitionItemText', 'MaterialGroup']) needed(line, name, `line ${about.number} without a material`);
  return {
    ...rest,
    ...place,
    PurchaseRequisitionItem: about.number,
    CompanyCode: companyCode,
    PurchasingOrganization: purchasingOrganisation,
    PurchasingGroup: purchasingGroup,
    RequisitionerName: session.config.requisition.requisitioner,
    PurReqnExternalReference: about.once.reference,
    PurReqnItemExternalReference: typeof reference === 'string' && reference.length <= referenceLength ? reference : about.number,
    RequirementTracking: about.once.reference.slice(0, 10),
    ...(textIn(line, 'PurchaseRequisitionPrice') === undefined ? {} : { PurReqnPriceQuantity: '1' }),
    ...(kind === 'service' ? (session.config.requisition.services === 'lean' ? { ProductTypeCode: '2' } : { PurchasingDocumentItemCategory: '9' }) : {}),
    ...assignment(accountIn(line), {
      companyCode,
      quantity: textIn(line, 'RequestedQuantity'),
      service: kind === 'service' || textIn(line, 'Material') === undefined,
      number: about.number,
    }),
    ...(about.note === undefined
      ? {}
      : { _PurchaseReqnItemText: [{ TextObjectType: itemTextType, Language: session.config.language, PlainLongText: about.note }] }),
  };
}

/** Category and payer. A part without a payer is bought for stock; a service or a free text without one cannot be bought. */
function assignment(
  account: Account | undefined,
  line: { readonly companyCode: string; readonly quantity: string | undefined; readonly service: boolean; readonly number: string },
): Row {
  const payer = payerOf(account);
  if (payer === undefined || account === undefined) {
    if (line.service)
      throw new Fault('rejected', `line ${line.number} is no stock material and names no order, asset or cost centre to charge`, {
        fields: { account: 'a value is required' },
      });
    return {};
  }
  const entry: Record<string, unknown> = {
    PurchaseReqnAcctAssgmtNumber: '1',
    ...(line.quantity === undefined ? {} : { Quantity: line.quantity }),
    ...(account.glAccount === undefined ? {} : { GLAccount: account.glAccount }),
  };
  if (payer === 'order') entry['OrderID'] = account.order;
  else if (payer === 'costCentre') entry['CostCenter'] = account.costCentre;
  else {
    const { companyCode, master, sub } = splitAsset(account.fixedAsset ?? '');
    if (companyCode !== line.companyCode)
      throw new Fault('rejected', `fixed asset ${account.fixedAsset ?? ''} is not in company code ${line.companyCode} of the line's plant`, {
        fields: { fixedAsset: 'belongs to another company code' },
      });
    entry['MasterFixedAsset'] = master;
    entry['FixedAsset'] = sub;
  }
  return { AccountAssignmentCategory: categories[payer].category, _PurchaseReqnAcctAssgmt: [entry] };
}

function receipt(number: string, items: readonly Row[], written: { readonly warnings: readonly string[]; readonly repeatable: boolean }): Receipt {
  return receiptOf(number, written, {
    number,
    lines: items.map((item) =>
      present({ line: textIn(item, 'PurchaseRequisitionItem'), reference: textIn(item, 'PurReqnItemExternalReference'), state: stateOf(item) }),
    ),
  });
}

async function create(session: S4Session, draft: JsonObject, { once }: WriteTarget): Promise<Receipt> {
  const client = await session.api.requisition();
  const written = await client.create(typesOf(client).header, document(session, draft, once), onceOf(session, once));
  const row = entityIn(written, 'the purchase requisition');
  return receipt(needed(row, 'PurchaseRequisition', 'the answer to the creation'), linesIn(row, lines), written);
}

async function trace(session: S4Session, once: Once): Promise<Receipt | undefined> {
  const client = await session.api.requisition();
  const items = await client.all(typesOf(client).item, { filter: [['PurReqnExternalReference', 'eq', once.reference]] }, 2000);
  const number = textIn(items[0], 'PurchaseRequisition');
  return number === undefined
    ? undefined
    : receipt(
        number,
        items.filter((item) => textIn(item, 'PurchaseRequisition') === number),
        { warnings: [], repeatable: false },
      );
}

/** Members of an item that an update may set. */
const changeable = ['DeliveryDate', 'RequestedQuantity', 'PurchaseRequisitionItemText'] as const;

/** Sets dates and quantities, or takes lines out: an open line is deleted, an ordered one is closed. Each line is one request with absolute values. */
async function update(session: S4Session, draft: JsonObject, { key = '', once }: WriteTarget): Promise<Receipt> {
  const client = await session.api.requisition();
  const { item: type } = typesOf(client);
  const now = await get(session, key);
  const warnings: string[] = [];
  for (const line of linesIn(draft, lines)) {
    const number = needed(line, 'PurchaseRequisitionItem', 'a line of the update');
    const current = now._PurchaseRequisitionItem.find((item) => item.PurchaseRequisitionItem === number);
    if (current === undefined) throw new Fault('missing', `purchase requisition ${key} has no line ${number}`);
    const changes = changesFor(line, current);
    if (Object.keys(changes).length === 0) continue;
    const id = { PurchaseRequisition: key, PurchaseRequisitionItem: number };
    // V4 demands the concurrency token of the item; an expanded item does not always carry one.
    const etag = current[etagMember] ?? (client.service.version === 'v4' ? (await client.get(type, id))[etagMember] : undefined);
    const written = await client.update(type, id, changes, {
      ...onceOf(session, { ...once, key: `${once.key}/${number}` }),
      ...(typeof etag === 'string' ? { seen: etag } : {}),
    });
    warnings.push(...written.warnings);
  }
  const after = await get(session, key);
  return receipt(key, after._PurchaseRequisitionItem, { warnings, repeatable: false });
}

function changesFor(line: Row, current: z.output<typeof Item>): Row {
  const state = textIn(line, 'state');
  if (state === 'deleted' || state === 'closed') {
    if (current.state === 'deleted' || current.state === 'closed') return {};
    return current.state === 'ordered' || state === 'closed' ? { IsClosed: true } : { IsDeleted: true };
  }
  if (state !== undefined && state !== current.state)
    throw new Fault('rejected', `line ${current.PurchaseRequisitionItem} cannot be set to ${state}: approval and ordering happen in SAP`, {
      fields: { state: 'cannot be set' },
    });
  return Object.fromEntries(changeable.filter((name) => line[name] !== undefined && line[name] !== current[name]).map((name) => [name, line[name]]));
}

/** The place to continue: the last requisition handed out, and the place in the list of items. */
function split(cursor: string | undefined): { readonly last?: string; readonly inner: { readonly cursor?: string } } {
  if (cursor === undefined) return { inner: {} };
  const at = cursor.indexOf(' ');
  return { last: cursor.slice(0, at), inner: { cursor: cursor.slice(at + 1) } };
}

const verbs = {
  async list(session: S4Session, query: Query) {
    const client = await session.api.requisition();
    const { header, item } = typesOf(client);
    // Only items know when they changed; the requisitions of a page of items are then read whole. One that began on the page before was there already.
    const from = split(query.cursor);
    const { rows, cursor, ...rest } = await listRows(
      client,
      { type: item, orderBy: ['PurchaseRequisition', 'PurchaseRequisitionItem'], changedAt: 'LastChangeDateTime' },
      { ...query, ...from.inner, limit: Math.min(query.limit, 60) },
    );
    const all = [...new Set(rows.flatMap((row) => textIn(row, 'PurchaseRequisition') ?? []))];
    const numbers = all.filter((number) => number !== from.last);
    const documents =
      numbers.length === 0
        ? []
        : await client.all(header, { filter: [['PurchaseRequisition', 'eq', numbers]], expand: [lines, ...expand], orderBy: ['PurchaseRequisition'] }, 1000);
    return {
      ...withDrifted(
        decodeRows(Shape, documents.map(presented), (row) => textIn(row as Row, 'PurchaseRequisition')),
        nameless(rows, 'PurchaseRequisition', 'an item of a requisition'),
      ),
      ...rest,
      ...(cursor === undefined ? {} : { cursor: `${all.at(-1) ?? from.last ?? ''} ${cursor}` }),
    };
  },
  get,
  create: {
    class: 'L',
    how: 'PurReqnExternalReference of every item holds the 16 characters of the operation, and the items are searched by it before any repetition; RequirementTracking carries its first ten characters on to the purchase order.',
    run: create,
    trace,
  },
  update: {
    class: 'K',
    how: 'Each line is set to absolute values or flagged deleted or closed, so that repeating changes nothing; V4 also checks the concurrency token of the line.',
    run: update,
  },
} satisfies Verbs<S4Session, Native>;

/** Purchase requisitions of either OData version, with the state of approval of each line. */
export const purchaseRequisition = {
  kind: 'purchaseRequisition' as const,
  native: 'PurchaseReqn (V4) or A_PurchaseRequisitionHeader (V2)',
  shape: Shape,
  key: (record: Native) => record.PurchaseRequisition,
  changes: 'watermark' as const,
  verbs,
  rows: [
    reads('number', 'PurchaseRequisition'),
    reads('reference', 'reference'),
    both('text', 'PurReqnDescription', { via: 'truncate(40)' }),
    sends('reason', 'reason', { note: 'Becomes the text of each item.' }),
    sends('expedite', 'expedite', { note: 'Chooses the document type of expedited requisitions, where the settings name one.' }),
    both('lines[].line', `${lines}[].PurchaseRequisitionItem`),
    both('lines[].kind', `${lines}[].kind`),
    both('lines[].part', `${lines}[].Material`, { reference: 'part' }),
    both('lines[].text', `${lines}[].PurchaseRequisitionItemText`, { via: 'truncate(40)' }),
    both('lines[].group', `${lines}[].MaterialGroup`),
    both('lines[].quantity.value', `${lines}[].RequestedQuantity`, { required: true }),
    both('lines[].quantity.unit', `${lines}[].BaseUnit`, { via: 'unit(sap)', required: true }),
    both('lines[].site', `${lines}[].Plant`, { reference: 'site' }),
    both('lines[].storeroom', `${lines}[].storeroom`, { reference: 'storeroom' }),
    both('lines[].vendor', `${lines}[].Supplier`, { reference: 'vendor' }),
    both('lines[].price', `${lines}[].PurchaseRequisitionPrice`, { via: 'amount(PurReqnItemCurrency)' }),
    both('lines[].requiredOn', `${lines}[].DeliveryDate`),
    ...accountRows('lines[].account', `${lines}[].account`),
    both('lines[].state', `${lines}[].state`),
    reads('lines[].purchaseOrder', `${lines}[].PurchasingDocument`),
    reads('lines[].purchaseOrderLine', `${lines}[].PurchasingDocumentItem`),
    both('lines[].reference', `${lines}[].reference`),
    reads('changedAt', 'changedAt', { via: 'instant' }),
  ],
  example: {
    PurchaseRequisition: '10045120',
    PurchaseRequisitionType: 'NB',
    PurReqnDescription: 'WO 88123 P-204 bearing',
    reference: 'LP7KQ2M4X9RT1Z0A',
    reason: 'Bearing worn',
    expedite: false,
    changedAt: '2026-03-02T09:15:00.000Z',
    _PurchaseRequisitionItem: [
      {
        PurchaseRequisition: '10045120',
        PurchaseRequisitionItem: '10',
        Material: 'BRG-6205-2RS',
        MaterialGroup: 'BEARINGS',
        PurchaseRequisitionItemText: 'Deep groove ball bearing',
        RequestedQuantity: '2',
        BaseUnit: 'PC',
        Plant: '2100',
        StorageLocation: '21A1',
        storeroom: '2100/21A1',
        Supplier: '10300001',
        PurchaseRequisitionPrice: '15.75',
        PurReqnItemCurrency: 'EUR',
        DeliveryDate: '2026-03-09',
        AccountAssignmentCategory: 'F',
        account: { order: '4000871', costCentre: '21004310', fixedAsset: '2100/300417/0', glAccount: '51100000' },
        kind: 'part' as const,
        state: 'ordered' as const,
        ReleaseIsNotCompleted: false,
        PurchasingDocument: '4500098231',
        PurchasingDocumentItem: '10',
        PurReqnExternalReference: 'LP7KQ2M4X9RT1Z0A',
        PurReqnItemExternalReference: '1',
        reference: '1',
        LastChangeDateTime: '2026-03-02T09:15:00.000Z',
      },
    ],
  },
};
