import assert from 'node:assert/strict';
import test from 'node:test';
import { ManualClock } from '#base/clock';
import { Fault, type FaultKind } from '#base/fault';
import type { JsonObject } from '#base/json';
import type { RecordKind } from '#model/records';
import type { Connector } from '#spi/connector';
import { openConnection, type Connection } from '#spi/open';
import { s4hana } from '#connectors/s4hana/connector';
import { credential, settings } from '#connectors/s4hana/testing';

/** One exchange as SAP's documentation and samples show it; the section is that of the fact sheet on SAP S/4HANA, read 2026-11. */
interface Cassette {
  readonly section: string;
  readonly request: { readonly method: string; readonly url: RegExp; readonly body?: unknown; readonly xml?: readonly RegExp[] };
  readonly response: { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> };
}

const once = { key: 'k', reference: 'LP-GR-5531000000' };

/** A connection that plays cassettes in order and knows nothing else. */
function playing(cassettes: readonly Cassette[], config: Readonly<Record<string, unknown>> = {}): Connection {
  const left = [...cassettes];
  return openConnection(s4hana as Connector, {
    name: 'erp',
    config: { ...settings, odata: { requisition: 'v2', order: 'v2' }, ...config },
    credential,
    clock: new ManualClock(Date.parse('2026-03-04T16:00:00Z')),
    rehearsal: false,
    send: async (request) => {
      if (request.method === 'HEAD') return { status: 200, headers: { 'x-csrf-token': 'abc==' }, cookies: ['SAP_SESSIONID_S4H_100=1; path=/'], body: '' };
      const cassette = left.shift() ?? assert.fail(`nothing answers ${request.method} ${request.url}`);
      assert.equal(request.method, cassette.request.method);
      assert.match(decodeURIComponent(request.url), cassette.request.url, cassette.section);
      if (cassette.request.body !== undefined) assert.deepEqual(JSON.parse(request.body ?? ''), cassette.request.body, cassette.section);
      for (const part of cassette.request.xml ?? []) assert.match(request.body ?? '', part, cassette.section);
      return { status: cassette.response.status, headers: cassette.response.headers ?? {}, cookies: [], body: cassette.response.body };
    },
  });
}

const receiptAnswer = JSON.stringify({
  d: {
    __metadata: { type: 'API_MATERIAL_DOCUMENT_SRV.A_MaterialDocumentHeaderType' },
    MaterialDocumentYear: '2026',
    MaterialDocument: '5000004410',
    PostingDate: '/Date(1773014400000)/',
    to_MaterialDocumentItem: {
      results: [
        {
          MaterialDocumentItem: '1',
          Material: 'BRG-6205-2RS',
          PurchaseOrder: '4500098231',
          PurchaseOrderItem: '10',
          QuantityInEntryUnit: '2',
          EntryUnit: 'PC',
          GdsMvtExtAmtInCoCodeCrcy: '31.50',
          CompanyCodeCurrency: 'EUR',
          GoodsMovementType: '101',
          IsAutomaticallyCreated: '',
        },
      ],
    },
  },
});

test('a goods receipt is posted as section 4.2 shows it', async () => {
  const connection = playing([
    {
      section: '4.2 Goods receipt post',
      request: {
        method: 'POST',
        url: /API_MATERIAL_DOCUMENT_SRV\/A_MaterialDocumentHeader\?sap-client=100&sap-language=EN$/,
        body: {
          GoodsMovementCode: '01',
          PostingDate: '2026-03-09T00:00:00',
          DocumentDate: '2026-03-09T00:00:00',
          ReferenceDocument: 'LP-GR-5531000000',
          to_MaterialDocumentItem: {
            results: [
              {
                GoodsMovementType: '101',
                GoodsMovementRefDocType: 'B',
                PurchaseOrder: '4500098231',
                PurchaseOrderItem: '10',
                QuantityInEntryUnit: '2',
                EntryUnit: 'PC',
                Plant: '2100',
                StorageLocation: '21A1',
                IsCompletelyDelivered: false,
              },
            ],
          },
        },
      },
      response: { status: 201, body: receiptAnswer },
    },
  ]);
  const receipt = await connection.write(
    'goodsReceipt',
    'create',
    {
      PostingDate: '2026-03-09',
      to_MaterialDocumentItem: [
        {
          PurchaseOrder: '4500098231',
          PurchaseOrderItem: '10',
          QuantityInEntryUnit: '2',
          EntryUnit: 'PC',
          storeroom: '2100/21A1',
          direction: 'in',
          IsCompletelyDelivered: false,
        },
      ],
    },
    { once },
  );
  assert.deepEqual([receipt.id, receipt.data?.['value'], receipt.data?.['postedOn']], ['5000004410/2026', { minor: 3150, currency: 'EUR' }, '2026-03-09']);
});

test('a requisition is a deep insert with lists in results, as section 4.2 shows it', async () => {
  const connection = playing([
    {
      section: '4.2 Mode B PR, V2 deep insert',
      request: {
        method: 'POST',
        url: /API_PURCHASEREQ_PROCESS_SRV\/A_PurchaseRequisitionHeader\?/,
        body: {
          PurReqnDescription: 'WO 88123 P-204 bearing',
          PurchaseRequisitionType: 'NB',
          to_PurchaseReqnItem: {
            results: [
              {
                Material: 'BRG-6205-2RS',
                RequestedQuantity: '2',
                BaseUnit: 'PC',
                DeliveryDate: '2026-03-09T00:00:00',
                Plant: '2100',
                StorageLocation: '21A1',
                PurchaseRequisitionItem: '10',
                CompanyCode: '2100',
                PurchasingOrganization: '2100',
                PurchasingGroup: '013',
                RequisitionerName: 'LINCHPIN',
                PurReqnExternalReference: 'LP-GR-5531000000',
                PurReqnItemExternalReference: '10',
                RequirementTracking: 'LP-GR-5531',
                AccountAssignmentCategory: 'F',
                to_PurchaseReqnAcctAssgmt: { results: [{ PurchaseReqnAcctAssgmtNumber: '1', Quantity: '2', OrderID: '4000871' }] },
              },
            ],
          },
        },
      },
      response: {
        status: 201,
        body: JSON.stringify({
          d: {
            PurchaseRequisition: '10045120',
            to_PurchaseReqnItem: { results: [{ PurchaseRequisition: '10045120', PurchaseRequisitionItem: '10', ReleaseIsNotCompleted: true }] },
          },
        }),
      },
    },
  ]);
  const receipt = await connection.write(
    'purchaseRequisition',
    'create',
    {
      PurReqnDescription: 'WO 88123 P-204 bearing',
      _PurchaseRequisitionItem: [
        {
          kind: 'part',
          Material: 'BRG-6205-2RS',
          RequestedQuantity: '2',
          BaseUnit: 'PC',
          storeroom: '2100/21A1',
          DeliveryDate: '2026-03-09',
          account: { order: '4000871' },
        },
      ],
    },
    { once },
  );
  assert.deepEqual([receipt.id, receipt.data?.['lines']], ['10045120', [{ line: '10', state: 'inApproval' }]]);
});

test("equipment is created with its plant's organisation and keeps the reference in its sort field, as section 4.1 shows it", async () => {
  const connection = playing([
    {
      section: '4.1 Create equipment',
      request: {
        method: 'POST',
        url: /API_EQUIPMENT\/Equipment\?/,
        body: {
          EquipmentName: 'Centrifugal pump P-204',
          MaintenancePlant: '2100',
          CostCenter: '21004310',
          MasterFixedAsset: '300417',
          FixedAsset: '0',
          ManufacturerSerialNumber: 'KX-77-0193',
          EquipmentCategory: 'M',
          MaintenancePlanningPlant: '2100',
          CompanyCode: '2100',
          ControllingArea: 'A000',
          TechnicalObjectSortCode: 'LP-GR-5531000000',
        },
      },
      response: {
        status: 201,
        body: JSON.stringify({
          d: {
            __metadata: { uri: "…/Equipment(Equipment='10004711',ValidityEndDate=datetime'9999-12-31T00%3A00%3A00')", type: 'cds_api_equipment.EquipmentType' },
            Equipment: '10004711',
            ValidityEndDate: '/Date(253402214400000)/',
          },
        }),
      },
    },
  ]);
  const receipt = await connection.write(
    'asset',
    'create',
    {
      EquipmentName: 'Centrifugal pump P-204',
      MaintenancePlant: '2100',
      CostCenter: '21004310',
      fixedAsset: '2100/300417/0',
      ManufacturerSerialNumber: 'KX-77-0193',
    },
    { once },
  );
  assert.equal(receipt.id, '10004711');
});

test('a fixed asset is made by an action with its groups, as section 4.1 shows it', async () => {
  const connection = playing([
    {
      section: '4.1 Fixed asset master',
      request: {
        method: 'POST',
        url: /srvd_a2x\/sap\/fixedasset\/0001\/FixedAsset\/SAP__self\.CreateMasterFixedAsset\?/,
        body: {
          CompanyCode: '2100',
          AssetClass: '3100',
          _General: { FixedAssetDescription: 'Centrifugal pump P-204', AssetAdditionalDescription: 'LP-GR-5531000000', AssetSerialNumber: 'KX-77-0193' },
          _AccountAssignment: { CostCenter: '21004310' },
          _Ledger: [
            {
              Ledger: '0L',
              AssetCapitalizationDate: '2026-03-02',
              _Valuation: [
                {
                  AssetDepreciationArea: '01',
                  DepreciationStartDate: '2026-03-02',
                  _TimeBasedValuation: [{ ValidityStartDate: '2026-03-02', PlannedUsefulLifeInYears: '10' }],
                },
              ],
            },
          ],
        },
      },
      response: { status: 201, body: '{"CompanyCode":"2100","MasterFixedAsset":"300417","FixedAsset":"0","AssetClass":"3100"}' },
    },
  ]);
  const receipt = await connection.write(
    'fixedAsset',
    'create',
    {
      CompanyCode: '2100',
      AssetClass: '3100',
      FixedAssetDescription: 'Centrifugal pump P-204',
      AssetSerialNumber: 'KX-77-0193',
      CostCenter: '21004310',
      AssetCapitalizationDate: '2026-03-02',
      usefulLifeYears: '10',
    },
    { once },
  );
  assert.equal(receipt.id, '2100/300417/0');
});

const posting: JsonObject = {
  kind: 'service',
  PostingDate: '2026-03-04',
  text: 'Labour WO 88123',
  amount: '245.00',
  currency: 'EUR',
  account: { costCentre: '21004310' },
  senderCostCentre: '21009000',
};
const soap = (inner: string): string =>
  `<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/"><soap-env:Body><n0:JournalEntryBulkCreateConfirmation xmlns:n0="http://sap.com/xi/SAPSCORE/SFIN"><JournalEntryCreateConfirmation>${inner}</JournalEntryCreateConfirmation></n0:JournalEntryBulkCreateConfirmation></soap-env:Body></soap-env:Envelope>`;
const posted =
  '<JournalEntryCreateConfirmation><AccountingDocument>0100000017</AccountingDocument><CompanyCode>2100</CompanyCode><FiscalYear>2026</FiscalYear></JournalEntryCreateConfirmation><Log><MaximumLogItemSeverityCode>1</MaximumLogItemSeverityCode></Log>';
const logged = (type: string, note: string): string =>
  `<JournalEntryCreateConfirmation><AccountingDocument>0000000000</AccountingDocument></JournalEntryCreateConfirmation><Log><MaximumLogItemSeverityCode>3</MaximumLogItemSeverityCode><Item><TypeID>${type}</TypeID><SeverityCode>3</SeverityCode><Note>${note}</Note></Item></Log>`;

const journals: readonly { readonly title: string; readonly body: string; readonly id?: string; readonly kind?: FaultKind; readonly code?: string }[] = [
  { title: 'is posted', body: soap(posted), id: '100000017/2026/2100' },
  {
    title: 'in a closed period is closed, although the answer is 200',
    body: soap(logged('201(F5)', 'Period 03/2026 is not open')),
    kind: 'closed',
    code: 'F5/201',
  },
  { title: 'that does not balance is rejected', body: soap(logged('022(RW)', 'Balance in transaction currency')), kind: 'rejected', code: 'RW/022' },
  {
    title: 'with number zero and no reason is rejected',
    body: soap('<JournalEntryCreateConfirmation><AccountingDocument>0000000000</AccountingDocument></JournalEntryCreateConfirmation>'),
    kind: 'rejected',
  },
  { title: 'with neither number nor log is uncertain', body: soap('<MessageHeader/>'), kind: 'uncertain' },
];
for (const { title, body, id, kind, code } of journals) {
  test(`a journal entry ${title}: section 4.4`, async () => {
    const connection = playing(
      [
        {
          section: '4.4 Journal entry',
          request: {
            method: 'POST',
            url: /\/sap\/bc\/srt\//,
            xml: [
              /<sfin:JournalEntryBulkCreateRequest>/,
              /<DocumentReferenceID>LP-GR-5531000000<\/DocumentReferenceID>/,
              /<GLAccount>0061008000<\/GLAccount><AmountInTransactionCurrency currencyCode="EUR">245.00<\/AmountInTransactionCurrency><DebitCreditCode>S<\/DebitCreditCode>/,
              /<CostCenter>0021004310<\/CostCenter>/,
              /<AmountInTransactionCurrency currencyCode="EUR">-245.00<\/AmountInTransactionCurrency><DebitCreditCode>H<\/DebitCreditCode>/,
              /<CostCenter>0021009000<\/CostCenter>/,
            ],
          },
          response: { status: 200, body },
        },
      ],
      { companyCodes: { 2100: settings.companyCodes[2100] } },
    );
    const call = connection.write('costPosting', 'create', posting, { once });
    if (kind === undefined) assert.equal((await call).id, id);
    else await assert.rejects(call, (error: unknown) => error instanceof Fault && error.kind === kind && error.detail.code === code);
  });
}

test('labour is one allocation in the words of the released business object', async () => {
  const connection = playing(
    [
      {
        section: '1 Labour/activity posting without PM',
        request: {
          method: 'POST',
          url: /directactivityallocation\/0001\/ActivityAllocation\?/,
          body: {
            ControllingArea: 'A000',
            DocumentDate: '2026-03-04',
            PostingDate: '2026-03-04',
            AccountingDocumentHeaderText: 'LP-GR-5531000000',
            _Item: [
              {
                ReferenceDocumentItem: '1',
                SenderCostCenter: '21009000',
                CostCtrActivityType: 'MNT01',
                Quantity: '3.5',
                BaseUnit: 'H',
                PartnerCostCenter: '21004310',
                PersonnelNumber: '10042',
                DocumentItemText: 'Labour WO 88123',
              },
            ],
          },
        },
        response: {
          status: 201,
          body: '{"FiscalYear":"2026","ReferenceDocument":"0200000001","PostingDate":"2026-03-04","_Item":[{"ReferenceDocumentItem":"000001","AmountInCompanyCodeCurrency":"245.00","CompanyCodeCurrency":"EUR"}]}',
        },
      },
    ],
    { companyCodes: { 2100: settings.companyCodes[2100] } },
  );
  const receipt = await connection.write(
    'costPosting',
    'create',
    {
      kind: 'labour',
      PostingDate: '2026-03-04',
      text: 'Labour WO 88123',
      PersonnelNumber: '10042',
      hours: '3.5',
      amount: '240.00',
      currency: 'EUR',
      account: { costCentre: '21004310' },
    },
    { once },
  );
  assert.deepEqual([receipt.id, receipt.data?.['value']], ['200000001/2026', { minor: 24_500, currency: 'EUR' }]);
});

const invoice = {
  SupplierInvoice: '5105600881',
  FiscalYear: '2026',
  PostingDate: '/Date(1773273600000)/',
  CreationDate: '/Date(1773273600000)/',
  SuplrInvcLstChgDteTmeTxt: '0.0000000',
  InvoicingParty: '10300001',
  DocumentCurrency: 'EUR',
  InvoiceGrossAmount: '37.49',
  SupplierInvoiceStatus: '5',
  SupplierInvoicePaymentStatus: 'Calc. only for 1 row',
  SupplierInvoiceIsCreditMemo: '',
  IsReversed: false,
  to_SuplrInvcItemPurOrdRef: {
    results: [
      {
        SupplierInvoiceItem: '000001',
        PurchaseOrder: '4500098231',
        PurchaseOrderItem: '00010',
        SupplierInvoiceItemAmount: '31.50',
        DocumentCurrency: 'EUR',
        QuantityInPurchaseOrderUnit: '2.000',
        PurchaseOrderQuantityUnit: 'PC',
      },
    ],
  },
};
/** Reads with their quirks: what the record says after them. */
const reads: readonly {
  readonly section: string;
  readonly kind: RecordKind;
  readonly key: string;
  readonly url: RegExp;
  readonly body: unknown;
  readonly holds: Readonly<Record<string, unknown>>;
}[] = [
  {
    section: '5 an invoice that never changed has zeros as its time of change',
    kind: 'supplierInvoice',
    key: '5105600881/2026',
    url: /A_SupplierInvoice\(SupplierInvoice='5105600881',FiscalYear='2026'\)/,
    body: { d: invoice },
    holds: { changedAt: '2026-03-12T00:00:00.000Z', reversed: false },
  },
  {
    section: '2.4 amounts of a credit memo are turned round',
    kind: 'supplierInvoice',
    key: '5105600881/2026',
    url: /A_SupplierInvoice/,
    body: { d: { ...invoice, SupplierInvoiceIsCreditMemo: 'X' } },
    holds: { InvoiceGrossAmount: '-37.49' },
  },
  {
    section: '2.4 the current segment of equipment',
    kind: 'asset',
    key: '10004711',
    url: /Equipment\(Equipment='10004711',ValidityEndDate=datetime'9999-12-31T00:00:00'\)/,
    body: {
      d: {
        __metadata: { etag: 'W/"datetimeoffset\'2026-03-02T09%3A00%3A00Z\'"' },
        Equipment: '10004711',
        EquipmentName: 'Pump',
        CompanyCode: '2100',
        MasterFixedAsset: '000000300417',
        FixedAsset: '0000',
        AcquisitionValue: '0.000',
        Currency: '',
        EquipmentIsInactive: false,
        LastChangeDateTime: '/Date(1772442000000+0000)/',
      },
    },
    holds: { fixedAsset: '2100/300417/0', active: true, AcquisitionValue: undefined },
  },
  {
    section: '5 old products have no time of change',
    kind: 'part',
    key: 'BRG-6205-2RS',
    url: /A_Product\('BRG-6205-2RS'\)/,
    body: {
      d: {
        Product: 'BRG-6205-2RS',
        BaseUnit: 'PC',
        LastChangeDateTime: null,
        CrossPlantStatus: '01',
        to_Description: {
          results: [
            { Language: 'DE', ProductDescription: 'Lager' },
            { Language: 'EN', ProductDescription: 'Bearing' },
          ],
        },
        to_Plant: { __deferred: { uri: 'x' } },
      },
    },
    holds: { description: 'Bearing', blocked: true, active: true },
  },
];
for (const { section, kind, key, url, body, holds } of reads)
  test(`reading: ${section}`, async () => {
    const record = (await playing([{ section, request: { method: 'GET', url }, response: { status: 200, body: JSON.stringify(body) } }]).get(
      kind,
      key,
    )) as Record<string, unknown>;
    for (const [name, value] of Object.entries(holds)) assert.deepEqual(record[name], value, name);
  });

test("a deficit is told in SAP's own words, with its code: section 2.8", async () => {
  const body =
    '{"error":{"code":"M7/021","message":{"lang":"en","value":"Deficit of SL Unrestricted-use 3 PC : BRG-6205-2RS 2100 21A1"},"innererror":{"application":{"component_id":"MM-IM"},"transactionid":"2E5A","errordetails":[{"ContentID":"","code":"M7/021","message":"Deficit of SL Unrestricted-use 3 PC","propertyref":"","severity":"error","transition":false,"target":"to_MaterialDocumentItem(1)"}]}}}';
  const connection = playing([{ section: '2.8', request: { method: 'POST', url: /A_MaterialDocumentHeader/ }, response: { status: 400, body } }]);
  await assert.rejects(
    connection.write(
      'goodsIssue',
      'create',
      {
        PostingDate: '2026-03-09',
        account: { costCentre: '21004310' },
        to_MaterialDocumentItem: [{ Material: 'BRG-6205-2RS', storeroom: '2100/21A1', QuantityInEntryUnit: '5', EntryUnit: 'PC' }],
      },
      { once },
    ),
    (error: unknown) =>
      error instanceof Fault &&
      error.kind === 'rejected' &&
      error.detail.code === 'M7/021' &&
      error.detail.fields?.['to_MaterialDocumentItem(1)'] !== undefined,
  );
});
