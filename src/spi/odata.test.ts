import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault, type FaultKind } from '#base/fault';
import { openOData, requestId, type OData } from '#spi/odata';
import { batchBody, parseBatch } from '#spi/odata-batch';
import { listRows } from '#spi/odata-page';
import { entity } from '#spi/odata-type';
import { NoAnswer, type HttpRequest, type HttpResponse } from '#spi/transport';

const item = entity('A_Item', { Number: 'key id 10', Item: 'key digits 5', Quantity: 'decimal 13.3', ChangedAt: 'instant read' });
const header = entity('A_Header', { Number: 'key id 10', Text: 'text 25' }, { to_Item: { type: item } });
const v2 = { name: 'API_X', root: '/sap/opu/odata/sap/API_X', version: 'v2' } as const;
const v4 = { name: 'CE_X', root: '/sap/opu/odata4/sap/x/srvd_a2x/sap/x/0001', version: 'v4', namespace: 'SAP__self' } as const;
const rules = {
  kindOf: (code: string, text: string): FaultKind | undefined => (code === 'M7/053' ? 'closed' : /locked by/.test(text) ? 'locked' : undefined),
  generic: (code: string) => code === '' || code.startsWith('/IWBEP/'),
};

type Answer = Partial<HttpResponse>;
const full = ({ status = 200, headers = {}, cookies = [], body = '' }: Answer): HttpResponse => ({ status, headers, cookies, body });

/** A system that hands out tokens and answers the rest by a function. */
function system(
  answer: (request: HttpRequest) => Answer | Promise<never>,
  options: { readonly rehearsal?: boolean } = {},
): { readonly odata: OData; readonly sent: HttpRequest[]; readonly fetched: () => number } {
  const sent: HttpRequest[] = [];
  let tokens = 0;
  const odata = openOData(
    {
      config: {},
      rehearsal: options.rehearsal ?? false,
      signal: new AbortController().signal,
      now: () => Date.parse('2026-03-09T08:00:00Z'),
      send: async (request) => {
        sent.push(request);
        if (request.method === 'HEAD')
          return full({ headers: { 'x-csrf-token': `t${++tokens}` }, cookies: [`SAP_SESSIONID=${tokens}; path=/`, 'sap-usercontext=sap-client=100'] });
        return full(await answer(request));
      },
    },
    { base: 'https://erp.example', always: { 'sap-client': '100', 'sap-language': 'EN' }, rules },
  );
  return { odata, sent, fetched: () => tokens };
}
const json = (value: unknown, more: Answer = {}): Answer => ({ body: JSON.stringify(value), ...more });
const faultOf = async (call: Promise<unknown>): Promise<Fault> =>
  call.then(
    () => assert.fail('a fault is expected'),
    (error: unknown) => (error instanceof Fault ? error : assert.fail(String(error))),
  );
const once = { key: 'lane/1/issue', atMs: Date.parse('2026-03-09T07:59:00Z') };

test('a token is fetched once for all writes and services, also by writes at the same time', async () => {
  const { odata, sent, fetched } = system(() => json({ d: { Number: '1' } }, { status: 201 }));
  await Promise.all([1, 2, 3, 4].map(() => odata.on(v2).create(header, { Text: 'a' })));
  await odata.on(v4).create(header, { Text: 'a' });
  assert.equal(fetched(), 1);
  const posts = sent.filter(({ method }) => method === 'POST');
  assert.equal(posts.length, 5);
  for (const { headers } of posts) assert.deepEqual([headers['x-csrf-token'], headers['cookie']], ['t1', 'SAP_SESSIONID=1; sap-usercontext=sap-client=100']);
});

test('a refused token is fetched again once and the same write goes again; a second refusal is forbidden', async () => {
  let refusals = 1;
  const { odata, sent, fetched } = system(() =>
    refusals-- > 0
      ? { status: 403, headers: { 'x-csrf-token': 'Required' }, body: 'CSRF token validation failed' }
      : json({ d: { Number: '1' } }, { status: 201 }),
  );
  await odata.on(v2).create(header, { Text: 'a' });
  assert.deepEqual([fetched(), sent.filter(({ method }) => method === 'POST').length], [2, 2]);
  refusals = 5;
  assert.equal((await faultOf(odata.on(v2).create(header, { Text: 'a' }))).kind, 'forbidden');
});

test('a write carries the request id of its operation, the same at every attempt, and its first time', async () => {
  const { odata, sent } = system(() => json({ d: { Number: '1' } }, { status: 201, headers: { repeatabilityresult: 'accepted' } }));
  const first = await odata.on(v2).create(header, { Text: 'a' }, { once });
  await odata.on(v2).create(header, { Text: 'a' }, { once });
  const ids = sent.flatMap(({ headers }) => headers['requestid'] ?? []);
  assert.deepEqual(ids, [requestId(once.key), requestId(once.key)]);
  assert.match(ids[0] ?? '', /^[0-9A-F]{32}$/);
  assert.equal(sent.at(-1)?.headers['repeatabilitycreation'], '2026-03-09T07:59:00.000Z');
  assert.equal(first.repeatable, true);
  const { odata: other } = system(() => json({ d: {} }, { status: 201, headers: { repeatabilityresult: 'unsupported' } }));
  assert.equal((await other.on(v2).create(header, {}, { once })).repeatable, false);
});

test('decimals of V4 are asked for as text, in both directions', async () => {
  const { odata, sent } = system(() => json({ value: [{ Number: '1', Item: '10', Quantity: '0.100' }] }));
  assert.deepEqual((await odata.on(v4).list(item, {})).rows, [{ Number: '1', Item: '10', Quantity: '0.1' }]);
  assert.equal(sent[0]?.headers['accept'], 'application/json;IEEE754Compatible=true');
});

test('every page is followed by its link and then by skip, whatever the server cuts', async () => {
  const all = Array.from({ length: 23 }, (_, index) => ({
    Number: String(index + 1).padStart(10, '0'),
    Item: '00010',
    ChangedAt: '/Date(1772640000000+0000)/',
  }));
  for (const cut of [1, 2, 5, 100]) {
    const { odata } = system((request) => {
      const query = new URL(request.url).searchParams;
      const token = Number(query.get('$skiptoken') ?? '0');
      const from = Number(query.get('$skip') ?? '0') + token;
      const top = Number(query.get('$top') ?? '1000') - token;
      const rows = all.slice(from, from + Math.min(top, cut));
      const cutShort = rows.length < top && from + rows.length < all.length;
      query.set('$skiptoken', String(token + rows.length));
      return json({ d: { results: rows, ...(cutShort ? { __next: `https://inner.host:8443/sap/opu/odata/sap/API_X/A_Item?${query}` } : {}) } });
    });
    for (const limit of [1, 3, 7, 50]) {
      const found: unknown[] = [];
      let cursor: string | undefined;
      let since: string | undefined;
      do {
        const page = await listRows(
          odata.on(v2),
          { type: item, orderBy: ['Number'], changedAt: 'ChangedAt' },
          { limit, ...(cursor === undefined ? {} : { cursor }) },
        );
        assert.ok(page.rows.length <= limit);
        found.push(...page.rows.map((row) => row['Number']));
        ({ cursor, since } = page);
      } while (cursor !== undefined);
      assert.deepEqual(
        found,
        all.map((_, index) => String(index + 1)),
        `cut ${cut}, limit ${limit}`,
      );
      assert.equal(since, '2026-03-04T16:00:00.000Z');
    }
  }
});

test('a link that leads elsewhere is not followed, and more rows than asked for are drift', async () => {
  const { odata } = system(() => json({ d: { results: [], __next: 'https://evil.example/steal' } }));
  assert.equal((await faultOf(odata.on(v2).list(item, {}))).kind, 'drifted');
  const { odata: greedy } = system(() => json({ d: { results: [{ Number: '1' }, { Number: '2' }] } }));
  assert.equal((await faultOf(listRows(greedy.on(v2), { type: item, orderBy: ['Number'] }, { limit: 1 }))).kind, 'drifted');
  await assert.rejects(greedy.on(v2).all(item, {}, 1), /more than 1 rows/);
  await assert.rejects(listRows(greedy.on(v2), { type: item, orderBy: ['Number'] }, { limit: 1, cursor: 'nonsense' }), Fault);
});

const errorV2 = (code: string, text: string, details: readonly object[] = []): string =>
  JSON.stringify({ error: { code, message: { lang: 'en', value: text }, innererror: { errordetails: details } } });
const errorV4 = (code: string, text: string, details: readonly object[] = []): string =>
  JSON.stringify({ error: { code, message: text, target: 'DeliveryDate', '@SAP__common.numericSeverity': 4, details } });

/** Sheet, section 2.8: what an error body means. */
const errors: readonly {
  readonly title: string;
  readonly answer: Answer;
  readonly kind: FaultKind;
  readonly code?: string;
  readonly says?: RegExp;
  readonly fields?: readonly string[];
  readonly waitMs?: number;
}[] = [
  {
    title: 'a deficit is rejected, with its code and place',
    answer: {
      status: 400,
      body: errorV2('M7/021', 'Deficit of SL Unrestricted-use 3 PC', [
        { code: 'M7/021', message: 'Deficit of SL Unrestricted-use 3 PC', severity: 'error', target: 'to_MaterialDocumentItem(1)' },
      ]),
    },
    kind: 'rejected',
    code: 'M7/021',
    says: /Deficit/,
    fields: ['to_MaterialDocumentItem(1)'],
  },
  {
    title: 'a generic outer text gives way to the real cause',
    answer: {
      status: 400,
      body: errorV2('/IWBEP/CM_MGW_RT/022', 'Exception raised without specific error', [
        { code: '/IWBEP/X/001', message: 'noise', severity: 'error' },
        { code: 'KI/265', message: 'Cost center A000/1 does not exist', severity: 'error' },
      ]),
    },
    kind: 'rejected',
    code: 'KI/265',
    says: /answered 400: Cost center/,
  },
  {
    title: 'a warning among the details is not the cause',
    answer: {
      status: 400,
      body: errorV2('', '', [
        { code: 'ME/090', message: 'Only a warning', severity: 'warning' },
        { code: 'ME/083', message: 'Enter Delivery Date', severity: 'error' },
      ]),
    },
    kind: 'rejected',
    code: 'ME/083',
  },
  {
    title: 'a closed period is closed, also where only a detail says so',
    answer: {
      status: 400,
      body: errorV2('/IWBEP/CM_MGW_RT/022', 'Exception', [{ code: 'M7/053', message: 'Posting only possible in periods', severity: 'error' }]),
    },
    kind: 'closed',
    code: 'M7/053',
  },
  {
    title: 'a lock is locked by its text',
    answer: { status: 400, body: errorV2('IW/116', 'Order 4000871 is currently locked by user WMEIER') },
    kind: 'locked',
    code: 'IW/116',
  },
  {
    title: 'V4 names the field',
    answer: { status: 400, body: errorV4('ME/083', 'Enter Delivery Date') },
    kind: 'rejected',
    code: 'ME/083',
    fields: ['DeliveryDate'],
  },
  {
    title: 'V4 details are mined',
    answer: {
      status: 400,
      body: errorV4('/IWBEP/CM_TEA/026', 'An exception was raised', [{ code: 'M7/053', message: 'closed', '@SAP__common.numericSeverity': 4 }]),
    },
    kind: 'closed',
  },
  { title: 'a stale token is a conflict', answer: { status: 412, body: errorV2('/IWBEP/CM_MGW_RT/047', 'Precondition failed') }, kind: 'conflict' },
  { title: 'a missing token is a conflict', answer: { status: 428 }, kind: 'conflict' },
  { title: 'an absent entity is missing', answer: { status: 404, body: errorV2('/IWBEP/CM_MGW_RT/020', 'Resource not found') }, kind: 'missing' },
  {
    title: 'a refused authorisation is forbidden, whatever its text',
    answer: { status: 403, body: errorV2('/IWFND/MED/022', 'locked by administrator') },
    kind: 'forbidden',
  },
  { title: 'too many requests name their wait', answer: { status: 429, headers: { 'retry-after': '5' } }, kind: 'throttled', waitMs: 5000 },
  { title: 'an operation that the release lacks is a matter of configuration', answer: { status: 501 }, kind: 'misconfigured' },
  { title: 'a dump may have committed, whatever it says', answer: { status: 500, body: errorV2('M7/053', 'closed') }, kind: 'uncertain' },
  { title: 'too busy says nothing of a write', answer: { status: 503, headers: { 'retry-after': '5' } }, kind: 'uncertain', waitMs: 5000 },
  { title: 'an answer without JSON is uncertain', answer: { status: 201, body: '<html>' }, kind: 'uncertain' },
  { title: 'an answer with an unreadable member is uncertain', answer: { status: 201, body: JSON.stringify({ d: { Number: 5 } }) }, kind: 'uncertain' },
];
for (const { title, answer, kind, code, says, fields, waitMs } of errors) {
  test(`a write: ${title}`, async () => {
    const { odata } = system(() => answer);
    const fault = await faultOf(odata.on(v2).create(header, { Text: 'a' }));
    assert.equal(fault.kind, kind, fault.message);
    if (code !== undefined) assert.equal(fault.detail.code, code);
    if (says !== undefined) assert.match(fault.message, says);
    if (fields !== undefined) assert.deepEqual(Object.keys(fault.detail.fields ?? {}), fields);
    if (waitMs !== undefined) assert.equal(fault.detail.retryAfterMs, waitMs);
  });
}

test('a read that is too busy is throttled for the time it names', async () => {
  const { odata } = system(() => ({ status: 503, headers: { 'retry-after': '9' } }));
  const fault = await faultOf(odata.on(v2).list(item, {}));
  assert.deepEqual([fault.kind, fault.detail.retryAfterMs], ['throttled', 9000]);
});

test('a token that could not be fetched leaves the write unsent, so that it is unreachable and not uncertain', async () => {
  const odata = openOData(
    {
      config: {},
      rehearsal: false,
      signal: new AbortController().signal,
      now: () => 0,
      send: async () => {
        throw new NoAnswer('reset', { sent: true });
      },
    },
    { base: 'https://erp.example', rules },
  );
  assert.equal((await faultOf(odata.on(v2).create(header, {}))).kind, 'unreachable');
});

test('a rehearsal sends no write and fetches no token', async () => {
  const { odata, sent } = system(() => json({ d: {} }), { rehearsal: true });
  for (const call of [
    odata.on(v2).create(header, {}),
    odata.on(v2).update(header, { Number: '1' }, {}),
    odata.on(v2).invoke('Cancel', [], header),
    odata.on(v4).act({ type: header }, 'Post', { takes: header, row: {} }, header),
    odata.on(v2).batch([{ changes: [odata.on(v2).change('POST', { type: header }, {})] }]),
  ]) {
    assert.equal((await faultOf(call)).detail.code, 'REHEARSAL');
  }
  assert.equal(sent.length, 0);
});

test('messages beside a success are warnings', async () => {
  const { odata } = system(() =>
    json(
      { d: { Number: '1' } },
      {
        status: 201,
        headers: {
          'sap-message': JSON.stringify({
            code: 'ME/090',
            message: 'Delivery date is in the past',
            severity: 'warning',
            details: [{ code: 'ME/040', message: 'Price adopted' }],
          }),
        },
      },
    ),
  );
  assert.deepEqual((await odata.on(v2).create(header, {})).warnings, ['ME/090 Delivery date is in the past', 'ME/040 Price adopted']);
  const { odata: newer } = system(() => json({ Number: '1', SAP__Messages: [{ code: 'ME/090', message: 'Late', numericSeverity: 3 }] }, { status: 201 }));
  assert.deepEqual((await newer.on(v4).create(header, {})).warnings, ['ME/090 Late']);
});

test('operations of either version are called in their own way', async () => {
  const { odata, sent } = system(() => json({ d: { Cancel: { Number: '2' } } }));
  assert.equal(
    (
      await odata.on(v2).invoke(
        'Cancel',
        [
          ['Document', 'text', "a'b"],
          ['PostingDate', 'day', '2026-03-09'],
        ],
        header,
      )
    ).row?.['Number'],
    '2',
  );
  assert.match(sent.at(-1)?.url ?? '', /API_X\/Cancel\?Document='a''b'&PostingDate=datetime'2026-03-09T00%3A00%3A00'&sap-client=100/);
  const { odata: newer, sent: calls } = system(() => json({ Number: '3' }));
  await newer.on(v4).act({ type: header, key: { Number: '3' } }, 'Enable', { takes: entity('Enable', {}), row: {} }, header, { seen: 'W/"1"' });
  assert.match(calls.at(-1)?.url ?? '', /A_Header\('3'\)\/SAP__self\.Enable/);
  assert.deepEqual([calls.at(-1)?.body, calls.at(-1)?.headers['if-match']], ['{}', 'W/"1"']);
});

test('a service is offered, or it is not; anything else is a fault', async () => {
  const status = { now: 200 };
  const { odata } = system(() => ({ status: status.now, body: '<x/>' }));
  for (const [code, offered] of [
    [200, true],
    [403, false],
    [404, false],
  ] as const) {
    status.now = code;
    assert.equal(await odata.offers(v4), offered);
  }
  status.now = 500;
  assert.equal((await faultOf(odata.offers(v4))).kind, 'unreachable');
});

test('a batch keeps reads outside of change sets and ends its lines as the protocol wants', async () => {
  const { odata, sent } = system(() => ({
    status: 202,
    headers: { 'content-type': 'multipart/mixed; boundary=b' },
    body: [
      '--b',
      'Content-Type: application/http',
      '',
      'HTTP/1.1 200 OK',
      'Content-Type: application/json',
      '',
      '{"d":{"results":[]}}',
      '--b',
      'Content-Type: multipart/mixed; boundary=b_1',
      '',
      '--b_1',
      'Content-Type: application/http',
      'Content-ID: 1',
      '',
      'HTTP/1.1 201 Created',
      '',
      '{"d":{"Number":"1"}}',
      '--b_1--',
      '',
      '--b',
      'Content-Type: application/http',
      '',
      'HTTP/1.1 400 Bad Request',
      'Content-Type: application/json',
      '',
      errorV2('M7/053', 'closed'),
      '--b--',
      '',
    ].join('\r\n'),
  }));
  const client = odata.on(v2);
  const change = client.change('POST', { type: header }, { Text: 'a' });
  const answers = await client.batch([{ read: { method: 'GET', path: 'A_Item', headers: {} } }, { changes: [change] }, { changes: [change, change] }]);
  assert.deepEqual(
    answers.map((group) => group.map(({ status }) => status)),
    [[200], [201], [400]],
  );
  assert.equal(answers[0]?.[0]?.body, '{"d":{"results":[]}}');
  assert.equal(client.faultOf(change, answers[2]?.[0] ?? assert.fail())?.kind, 'closed');
  assert.equal(client.faultOf(change, answers[1]?.[0] ?? assert.fail()), undefined);
  const body = sent.at(-1)?.body ?? '';
  assert.ok(!/[^\r]\n/.test(body), 'a line ends without CR');
  assert.ok(body.indexOf('GET A_Item') < body.indexOf('Content-Type: multipart/mixed'));
  assert.equal(body.match(/Content-ID:/g)?.length, 3);
});

test('a batch answer that was cut, has too few parts or is none at all is uncertain', async () => {
  const whole = batchBody([{ read: { method: 'GET', path: 'x', headers: {} } }], 'b');
  for (const body of ['', whole.slice(0, -8), 'hello', '--b--'])
    assert.equal(parseBatch('multipart/mixed; boundary=b', body)?.length === 1 && body !== '', false);
  const { odata } = system(() => ({ status: 202, headers: { 'content-type': 'multipart/mixed; boundary=b' }, body: '--b--' }));
  assert.equal((await faultOf(odata.on(v2).batch([{ changes: [odata.on(v2).change('POST', { type: header }, {})] }]))).kind, 'uncertain');
  await assert.rejects(odata.on(v2).batch([]), /1 to 50/);
});
