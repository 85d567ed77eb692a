import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '#base/clock';
import { basic, clientOf, movementBody, plant, requisitionBody, requisitionsV4, v2 } from './plant.fixture.ts';

const products = `${v2}API_PRODUCT_SRV/A_Product`;
const equipment = `${v2}API_EQUIPMENT`;
const goods = `${v2}API_MATERIAL_DOCUMENT_SRV/A_MaterialDocumentHeader`;
const requisitions = `${v2}API_PURCHASEREQ_PROCESS_SRV`;

test('a request without a credential is 401, with the wrong one too', () => {
  const { twin } = plant();
  for (const authorization of ['', 'Basic eDp5', 'Bearer 00'])
    assert.equal(twin.handle({ method: 'GET', url: products, headers: { authorization }, body: '' }).status, 401);
});

test('a write needs the pair of token and cookie of one session, and says so', () => {
  const { twin } = plant();
  const send = (headers: Record<string, string>): ReturnType<typeof twin.handle> =>
    twin.handle({ method: 'POST', url: `${equipment}/Equipment`, headers: { authorization: basic, ...headers }, body: '{"EquipmentName":"P"}' });
  const fetched = twin.handle({ method: 'GET', url: `${equipment}/`, headers: { authorization: basic, 'x-csrf-token': 'fetch' }, body: '' });
  const token = String(fetched.headers['x-csrf-token']);
  const cookie = String((fetched.headers['set-cookie'] as readonly string[])[0]).split(';')[0] ?? '';
  for (const headers of [{}, { 'x-csrf-token': token }, { cookie }, { cookie, 'x-csrf-token': 'other' }]) {
    const refused = send(headers);
    assert.deepEqual([refused.status, refused.headers['x-csrf-token'], refused.body], [403, 'Required', 'CSRF token validation failed']);
  }
  assert.equal(send({ cookie, 'x-csrf-token': token }).status, 201);
  twin.forgetSessions();
  assert.equal(send({ cookie, 'x-csrf-token': token }).status, 403);
});

test('a session ends after its time', () => {
  const { client, clock } = plant();
  assert.equal(client.send('POST', `${equipment}/Equipment`, { EquipmentName: 'P' }).status, 201);
  clock.advance(31 * 60_000);
  assert.equal(client.send('POST', `${equipment}/Equipment`, { EquipmentName: 'P' }).status, 403);
});

test('client credentials give a bearer token that expires; wrong secrets and other grants are refused', () => {
  const { twin, clock } = plant({ tokenLifetimeMs: 60_000 });
  const ask = (body: string): ReturnType<typeof twin.handle> =>
    twin.handle({ method: 'POST', url: '/sap/bc/sec/oauth2/token', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body });
  assert.equal(ask('grant_type=password').status, 400);
  assert.equal(ask('grant_type=client_credentials&client_id=linchpin-client&client_secret=wrong').status, 401);
  const token = (JSON.parse(ask('grant_type=client_credentials&client_id=linchpin-client&client_secret=linchpin-secret').body) as { access_token: string })
    .access_token;
  const read = (): number => clientOf(twin, `Bearer ${token}`).send('GET', products).status;
  assert.equal(read(), 200);
  clock.advance(60_001);
  assert.equal(read(), 401);
});

test('a user reaches only the services it was given, S-10', () => {
  const { twin } = plant({ users: [{ user: 'LINCHPIN', password: 'plant-floor-2026', services: ['API_PRODUCT_SRV'] }] });
  const client = clientOf(twin);
  assert.equal(client.send('GET', products).status, 200);
  assert.equal(client.send('GET', `${equipment}/Equipment`).status, 403);
  assert.equal(client.send('GET', '/sap/opu/odata/sap/API_NOTHING/').status, 404);
});

test('a service that is not activated is found missing by a probe of its metadata', () => {
  const { client } = plant({ inactiveServices: ['CE_PURCHASEREQUISITION_0001', 'API_PURCHASEREQ_PROCESS_SRV'] });
  assert.equal(client.send('GET', `${requisitionsV4}$metadata`).status, 404);
  assert.equal(client.send('GET', `${requisitions}/$metadata`).status, 403);
});

test('V2 writes dates as milliseconds, decimals and counters as text, empty NUMC as "0", and defers navigations', () => {
  const { client } = plant();
  const created = client.json('POST', `${requisitions}/A_PurchaseRequisitionHeader`, requisitionBody());
  assert.equal(created.status, 201);
  const [item] = client.json('GET', `${requisitions}/A_PurchaseRequisitionItem?$filter=PurReqnExternalReference eq 'LP-WO-88123'`).body.d.results;
  assert.ok(item);
  assert.deepEqual(
    [item.DeliveryDate, item.RequestedQuantity, item.PurchasingDocumentItem, item.PurchaseRequisitionItem, item.IsDeleted, item.LastChangeDateTime],
    ['/Date(1773964800000)/', '2', '0', '10', '', '/Date(1773043200000+0000)/'],
  );
  assert.match(String(item.to_PurchaseReqnAcctAssgmt.__deferred.uri), /A_PurchaseRequisitionItem\(.*\)\/to_PurchaseReqnAcctAssgmt$/);
  assert.equal(item.__metadata.type, 'API_PURCHASEREQ_PROCESS_SRV.A_PurchaseRequisitionItemType');
});

test('V4 writes plain dates and numbers, or decimals as text when asked', () => {
  const { client } = plant();
  const body = {
    PurchaseRequisitionType: 'NB',
    _PurchaseRequisitionItem: [
      {
        Material: 'BRG-6205-2RS',
        RequestedQuantity: 2,
        BaseUnitISOCode: 'PCE',
        Plant: '2100',
        DeliveryDate: '2026-03-20',
        AccountAssignmentCategory: 'K',
        _PurchaseReqnAcctAssgmt: [{ PurchaseReqnAcctAssgmtNumber: '01', CostCenter: '0021004310', GLAccount: '61008000' }],
        _PurchaseReqnItemText: [{ TextObjectType: 'B01', Language: 'EN', PlainLongText: 'For the pump' }],
      },
    ],
  };
  const created = client.json('POST', `${requisitionsV4}PurchaseReqn`, body).body;
  const [item] = created._PurchaseRequisitionItem;
  assert.ok(item);
  assert.deepEqual(
    [
      item.DeliveryDate,
      item.RequestedQuantity,
      item.IsDeleted,
      item.BaseUnit,
      item.BaseUnitISOCode,
      item._PurchaseReqnAcctAssgmt[0]?.CostCenter,
      item._PurchaseReqnItemText[0]?.PlainLongText,
    ],
    ['2026-03-20', 2, false, 'PC', 'PCE', '21004310', 'For the pump'],
  );
  const text = client.json(
    'GET',
    `${requisitionsV4}PurchaseReqnItem?$filter=PurchaseRequisition eq '${created.PurchaseRequisition}'&$select=RequestedQuantity`,
    undefined,
    { accept: 'application/json;IEEE754Compatible=true' },
  );
  assert.equal(text.body.value[0]?.RequestedQuantity, '2');
});

test('a material number with leading zeros is the same material, in keys, filters and bodies', () => {
  const { client } = plant();
  const long = '1234'.padStart(18, '0');
  assert.equal(client.json('GET', `${products}('${long}')`).body.d.Product, '1234');
  assert.equal(client.json('GET', `${products}?$filter=Product eq '${long}'`).body.d.results.length, 1);
  assert.equal(client.json('POST', goods, movementBody('03', { Material: long, GoodsMovementType: '261', ManufacturingOrder: '000004000871' })).status, 201);
});

test('units follow the logon language', () => {
  const { client } = plant();
  assert.equal(client.json('GET', `${products}('1234')?sap-language=DE`).body.d.BaseUnit, 'ST');
  assert.equal(client.json('GET', `${products}('1234')?sap-language=EN`).body.d.BaseUnit, 'PC');
});

const filters: readonly (readonly [filter: string, count: number | string])[] = [
  ["Product eq '1234'", 1],
  ["Product ne '1234'", 2],
  ["startswith(Product,'BRG')", 1],
  ["endswith(Product,'2RS')", 1],
  ["substringof('6205',Product)", 1],
  ["not startswith(Product,'BRG')", 2],
  ["(Product eq '1234' or Product eq 'OIL-46') and BaseUnit eq 'L'", 1],
  ["LastChangeDateTime ge datetimeoffset'2026-03-09T08:00:00Z'", 3],
  ["LastChangeDateTime gt datetimeoffset'2026-03-09T08:00:00Z'", 0],
  ["CreationDate lt datetime'2026-03-10T00:00:00'", 3],
  ['IsMarkedForDeletion eq false', 3],
  ["Product eq 'it''s'", 0],
  ["Nope eq '1'", '/IWBEP/CM_MGW_RT/020'],
  ["contains(Product,'1')", '/IWBEP/CM_MGW_RT/021'],
  ['Product eq 1234', '/IWBEP/CM_MGW_RT/020'],
  ["Product like '1'", '/IWBEP/CM_MGW_RT/021'],
  ["Product eq '1234' and", '/IWBEP/CM_MGW_RT/021'],
  ["Product eq '12", '/IWBEP/CM_MGW_RT/021'],
  ["CreationDate eq '2026-03-09'", '/IWBEP/CM_MGW_RT/020'],
];
for (const [filter, expected] of filters) {
  test(`$filter=${filter} ${typeof expected === 'number' ? `finds ${expected}` : 'is refused'}`, () => {
    const { status, body } = plant().client.json('GET', `${products}?$filter=${encodeURIComponent(filter)}`);
    if (typeof expected === 'number') assert.equal(body.d?.results.length, expected, JSON.stringify(body));
    else assert.deepEqual([status, body.error.code], [400, expected]);
  });
}

test('unknown options, properties and navigations are 400, unknown entities 404, wrong methods 405', () => {
  const { client } = plant();
  for (const [method, url, status] of [
    ['GET', `${products}?$select=Nope`, 400],
    ['GET', `${products}?$expand=to_Nope`, 400],
    ['GET', `${products}?$count=true`, 400],
    ['GET', `${requisitionsV4}PurchaseReqn?$inlinecount=allpages`, 400],
    ['GET', `${products}?$top=many`, 400],
    ['GET', `${products}?$orderby=Nope`, 400],
    ['GET', `${products}('NOPE')`, 404],
    ['GET', `${v2}API_PRODUCT_SRV/A_Nope`, 404],
    ['GET', `${products}(Nope='1')`, 400],
    ['DELETE', `${products}('1234')`, 405],
    ['PATCH', `${products}('1234')`, 405],
    ['DELETE', `${equipment}/Equipment(Equipment='1',ValidityEndDate=datetime'9999-12-31T00:00:00')`, 404],
    ['GET', `${equipment}/InstallEquipment?Equipment='1'`, 405],
    ['POST', `${equipment}/InstallEquipment?Equipment='1'`, 400],
    ['GET', `${products}('%E0%A4%A')`, 400],
  ] as const)
    assert.equal(client.send(method, url, method === 'GET' ? undefined : {}).status, status, `${method} ${url}`);
});

test('paging by the server and by the client loses and repeats nothing, whatever the page size', () => {
  for (const pageSize of [1, 3, 7, 50]) {
    const { twin, client } = plant({ pageSize });
    for (let i = 0; i < 23; i++) twin.world.addEquipment({ EquipmentName: `E${i}`, CompanyCode: '2100' });
    const server: string[] = [];
    let url = `${equipment}/Equipment?$orderby=Equipment&$select=Equipment&$inlinecount=allpages`;
    while (url !== '') {
      const { d } = client.json('GET', url).body;
      assert.equal(d.__count, '23');
      server.push(...d.results.map((one) => String(one.Equipment)));
      url = d.__next === undefined ? '' : String(d.__next).replace(/^https:\/\/[^/]+/, '');
    }
    const skipped: string[] = [];
    for (let skip = 0; skip < 30; skip += 5) {
      let next = `${equipment}/Equipment?$orderby=Equipment&$skip=${skip}&$top=5`;
      while (next !== '') {
        const { d } = client.json('GET', next).body;
        skipped.push(...d.results.map((one) => String(one.Equipment)));
        next = d.__next === undefined ? '' : String(d.__next).replace(/^https:\/\/[^/]+/, '');
      }
    }
    assert.equal(new Set(server).size, 23);
    assert.deepEqual(skipped, server);
  }
});

test('V4 pages carry a next link and the count', () => {
  const { client } = plant({ pageSize: 2 });
  for (let i = 0; i < 5; i++) client.send('POST', `${requisitions}/A_PurchaseRequisitionHeader`, requisitionBody());
  let url = 'PurchaseReqn?$count=true';
  const seen: string[] = [];
  while (url !== '') {
    const { body } = client.json('GET', requisitionsV4 + url);
    assert.equal(body['@odata.count'], 5);
    seen.push(...body.value.map((one) => one.PurchaseRequisition));
    url = String(body['@odata.nextLink'] ?? '');
  }
  assert.equal(new Set(seen).size, 5);
  assert.equal(client.send('GET', `${requisitionsV4}PurchaseReqn/$count`).body, '5');
});

test('a V4 requisition item changes only with the tag of its latest version: 428 without, 412 when stale', () => {
  const { client, clock } = plant();
  const number = client.json('POST', `${requisitions}/A_PurchaseRequisitionHeader`, requisitionBody()).body.d.PurchaseRequisition;
  const url = `${requisitionsV4}PurchaseReqnItem(PurchaseRequisition='${number}',PurchaseRequisitionItem='10')`;
  const tag = String(client.json('GET', url).body['@odata.etag']);
  assert.equal(client.send('PATCH', url, { RequestedQuantity: 3 }).status, 428);
  clock.advance(1000);
  assert.equal(client.json('PATCH', url, { RequestedQuantity: 3 }, { 'if-match': tag }).body['RequestedQuantity'], 3);
  assert.equal(client.send('PATCH', url, { RequestedQuantity: 4 }, { 'if-match': tag }).status, 412);
  assert.equal(client.send('PATCH', url, { RequestedQuantity: 4 }, { 'if-match': '*' }).status, 200);
  assert.equal(client.send('POST', `${requisitionsV4}PurchaseReqn('${number}')/SAP__self.DiscardPurReqFromPurchasing`, {}).status, 428);
});

const changeset = (parts: readonly string[]): string =>
  [
    '--batch_1',
    'Content-Type: multipart/mixed; boundary=cs_1',
    '',
    ...parts.flatMap((part, at) => ['--cs_1', 'Content-Type: application/http', 'Content-Transfer-Encoding: binary', `Content-ID: ${at + 1}`, '', part]),
    '--cs_1--',
    '',
    '--batch_1--',
    '',
  ].join('\r\n');
const post = (body: unknown): string => ['POST A_MaterialDocumentHeader HTTP/1.1', 'Content-Type: application/json', '', JSON.stringify(body)].join('\r\n');
const issue = (quantity: string): unknown => movementBody('03', { GoodsMovementType: '261', ManufacturingOrder: '4000871', QuantityInEntryUnit: quantity });

test('a changeset is all or nothing: one refusal takes everything back and is one part', () => {
  const { twin, client } = plant();
  const lines = twin.world.ledger.items.size;
  const send = (quantities: readonly string[]): string => {
    const answer = client.send('POST', `${v2}API_MATERIAL_DOCUMENT_SRV/$batch`, changeset(quantities.map((one) => post(issue(one)))), {
      'content-type': 'multipart/mixed;boundary=batch_1',
    });
    assert.equal(answer.status, 202);
    return answer.body;
  };
  const failed = send(['2', '99']);
  assert.equal(failed.match(/HTTP\/1\.1 /g)?.length, 1);
  assert.match(failed, /HTTP\/1\.1 400[^]*M7\/021/);
  assert.equal(twin.world.ledger.items.size, lines);
  assert.equal(twin.world.materials.onHand('BRG-6205-2RS', '2100', '21A1'), '10');
  assert.equal(send(['2', '3']).match(/HTTP\/1\.1 201/g)?.length, 2);
  assert.equal(twin.world.materials.onHand('BRG-6205-2RS', '2100', '21A1'), '5');
});

test('a partial batch commits its first half only', () => {
  const { twin, client } = plant();
  twin.buttons.press({ fault: 'partialBatch', times: 1 });
  const two = changeset([post(issue('1'))]).replace('--batch_1--\r\n', '') + changeset([post(issue('1'))]);
  const answer = client.send('POST', `${v2}API_MATERIAL_DOCUMENT_SRV/$batch`, two, { 'content-type': 'multipart/mixed;boundary=batch_1' });
  assert.deepEqual(answer.body.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 201', 'HTTP/1.1 500']);
  assert.equal(twin.world.materials.onHand('BRG-6205-2RS', '2100', '21A1'), '9');
});

test('a batch refuses writes outside of changesets, missing boundaries and too many parts', () => {
  const { client } = plant();
  const url = `${v2}API_MATERIAL_DOCUMENT_SRV/$batch`;
  const single = ['--b', 'Content-Type: application/http', '', post(issue('1')), '--b--', ''].join('\r\n');
  for (const [body, type] of [
    [single, 'multipart/mixed;boundary=b'],
    [single, 'multipart/mixed'],
    ['', 'multipart/mixed;boundary=b'],
    [changeset(Array.from({ length: 1001 }, () => post(issue('1')))), 'multipart/mixed;boundary=batch_1'],
  ] as const)
    assert.equal(client.send('POST', url, body, { 'content-type': type }).status, 400);
});

test('a renamed and a removed property change metadata, answers and requests', () => {
  const { twin, client } = plant();
  twin.buttons.press({ fault: 'contractChanged', with: { set: 'A_Product', property: 'ProductOldID', to: 'FormerProductID' } });
  twin.buttons.press({ fault: 'contractChanged', with: { set: 'A_Product', property: 'ProductGroup' } });
  const metadata = client.send('GET', `${v2}API_PRODUCT_SRV/$metadata`).body;
  assert.match(metadata, /Name="FormerProductID"/);
  assert.doesNotMatch(metadata, /Name="Product(OldID|Group)"/);
  const { d } = client.json('GET', `${products}('1234')`).body;
  assert.deepEqual([d.FormerProductID, d.ProductOldID, d.ProductGroup], ['', undefined, undefined]);
  assert.equal(client.send('GET', `${products}?$filter=ProductOldID eq '1'`).status, 400);
});

test('a committed write is read late while visibility is delayed', () => {
  const { twin, client, clock } = plant();
  twin.buttons.press({ fault: 'delayedVisibility', delayMs: 5000 });
  const { d } = client.json('POST', goods, issue('2')).body;
  const look = (): number => client.send('GET', `${goods}(MaterialDocumentYear='2026',MaterialDocument='${d.MaterialDocument}')`).status;
  assert.equal(look(), 404);
  assert.equal(client.json('GET', `${goods}?$filter=ReferenceDocument eq 'LP-GI-1'`).body.d.results.length, 0);
  clock.advance(5001);
  assert.equal(look(), 200);
});

test('RequestID is unsupported unless the installation supports it; then a repetition is answered from memory', () => {
  const headers = { requestid: '0123456789ABCDEF0123456789ABCDEF', repeatabilitycreation: '2026-03-09T08:00:00Z' };
  for (const [repeatability, documents] of [
    ['unsupported', 2],
    ['accepted', 1],
  ] as const) {
    const { twin, client } = plant({ repeatability });
    const before = twin.world.movements.headers.size;
    for (let i = 0; i < 2; i++) assert.equal(client.send('POST', goods, issue('1'), headers).headers['repeatabilityresult'], repeatability);
    assert.equal(twin.world.movements.headers.size - before, documents);
  }
});

test('a journal entry over SOAP is posted, and refusals come as 200 with a log', () => {
  const { twin, client } = plant();
  const entry = (credit: string, centre: string): string =>
    `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sfin="http://sap.com/xi/SAPSCORE/SFIN"><soapenv:Body><sfin:JournalEntryBulkCreateRequest><MessageHeader><ID>M</ID></MessageHeader><JournalEntryCreateRequest><MessageHeader><ID>M-1</ID></MessageHeader><JournalEntry><AccountingDocumentType>SA</AccountingDocumentType><DocumentReferenceID>LPWO88123</DocumentReferenceID><DocumentHeaderText>WO 88123</DocumentHeaderText><CompanyCode>2100</CompanyCode><DocumentDate>2026-03-09</DocumentDate><PostingDate>2026-03-09</PostingDate><Item><GLAccount>0061008000</GLAccount><AmountInTransactionCurrency currencyCode="EUR">245.00</AmountInTransactionCurrency><DebitCreditCode>S</DebitCreditCode><AccountAssignment><CostCenter>${centre}</CostCenter></AccountAssignment></Item><Item><GLAccount>0094308000</GLAccount><AmountInTransactionCurrency currencyCode="EUR">${credit}</AmountInTransactionCurrency><DebitCreditCode>H</DebitCreditCode><AccountAssignment><CostCenter>0021009000</CostCenter></AccountAssignment></Item></JournalEntry></JournalEntryCreateRequest></sfin:JournalEntryBulkCreateRequest></soapenv:Body></soapenv:Envelope>`;
  const url = '/sap/bc/srt/scs_ext/sap/journalentrycreaterequestconfirmation_in';
  const posted = client.send('POST', url, entry('-245.00', '0021004310'));
  assert.match(posted.body, /<AccountingDocument>0100\d{6}<[^]*<SeverityCode>1</);
  assert.equal(
    client.json('GET', `${v2}API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube?$filter=DocumentReferenceID eq 'LPWO88123'`).body.d.results.length,
    2,
  );
  for (const [bad, code] of [
    [entry('-244.00', '0021004310'), '022(RW)'],
    [entry('-245.00', '0000000001'), '265(KI)'],
  ] as const) {
    const answer = client.send('POST', url, bad);
    assert.equal(answer.status, 200);
    assert.ok(
      answer.body.includes('<AccountingDocument>0000000000<') && answer.body.includes('<MaximumLogItemSeverityCode>3<') && answer.body.includes(code),
      answer.body,
    );
  }
  assert.equal(client.send('POST', url, '<!DOCTYPE x><x/>').status, 500);
  assert.deepEqual(twin.world.check(), []);
});

test('equipment keeps its past: a later start of validity makes a segment, and the flags have no delete', () => {
  const { twin, client: earlier, clock } = plant();
  twin.world.addFunctionalLocation({ FunctionalLocation: 'LC-P1', FunctionalLocationName: 'Line 1' });
  const number = earlier.json('POST', `${equipment}/Equipment`, {
    EquipmentName: 'Pump',
    CompanyCode: '2100',
    CostCenter: '21004310',
    ValidityStartDate: '2026-03-01T00:00:00',
    TechnicalObjectSortCode: 'LP-A-1',
  }).body.d['Equipment'];
  const key = `Equipment='${number}',ValidityEndDate=datetime'9999-12-31T00%3A00%3A00'`;
  clock.advance(86_400_000);
  const client = clientOf(twin);
  assert.equal(client.send('PATCH', `${equipment}/Equipment(${key})`, { CostCenter: '21009000', ValidityStartDate: '2026-03-10T00:00:00' }).status, 204);
  const segments = client.json('GET', `${equipment}/Equipment?$filter=Equipment eq '${number}'&$orderby=ValidityEndDate`).body.d.results;
  assert.deepEqual(
    segments.map((one) => [one.CostCenter, one.ValidityEndDate]),
    [
      ['21004310', '/Date(1773014400000)/'],
      ['21009000', '/Date(253402214400000)/'],
    ],
  );
  assert.equal(client.send('PATCH', `${equipment}/Equipment(${key})`, { CostCenter: '21004310', ValidityStartDate: '2026-03-01T00:00:00' }).status, 400);
  const install = client.json(
    'POST',
    `${equipment}/InstallEquipment?${key.replace(',', '&')}&SuperordinateEquipment=''&EquipInstallationPositionNmbr='0010'&FunctionalLocation='LC-P1'&EquipmentInstallationDate=datetime'2026-03-10T00:00:00'&EquipmentInstallationTime=time'PT08H00M00S'`,
  );
  assert.equal(install.body.d.FunctionalLocation, 'LC-P1');
  assert.equal(client.send('POST', `${equipment}/SetEquipmentToInactive?${key.replace(',', '&')}`).status, 200);
  assert.equal(client.send('DELETE', `${equipment}/Equipment(${key})`).status, 405);
  assert.equal(
    client.json('GET', `${equipment}/Equipment?$filter=TechnicalObjectSortCode eq 'LP-A-1' and EquipmentIsInactive eq true`).body.d.results.length,
    1,
  );
});

test("time is the clock's: nothing happens between two reads of a clock that stands still", () => {
  assert.ok(plant().clock instanceof ManualClock);
  const { client } = plant();
  assert.equal(client.send('GET', `${products}('1234')`).body, client.send('GET', `${products}('1234')`).body);
});
