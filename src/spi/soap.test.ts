import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Fault } from '#base/fault';
import { member, openSoap, parseXml, textOf, xmlText } from '#spi/soap';
import type { HttpRequest } from '#spi/transport';

const call = {
  path: '/sap/bc/srt/x',
  action: 'urn:act',
  namespaces: { s: 'urn:s' },
  name: 's:Request',
  body: { children: [['Text', 'a < b & "c"'] as const] },
};
const open = (status: number, body: string, options: { readonly rehearsal?: boolean } = {}) => {
  const sent: HttpRequest[] = [];
  const soap = openSoap(
    {
      config: {},
      rehearsal: options.rehearsal ?? false,
      signal: new AbortController().signal,
      now: () => 0,
      send: async (request) => (sent.push(request), { status, headers: {}, cookies: [], body }),
    },
    { base: 'https://erp.example' },
  );
  return { soap, sent };
};
const envelope = (inner: string): string =>
  `<?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${inner}</e:Body></e:Envelope>`;

test('values are escaped and read back, whatever they hold', () =>
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      // oxlint-disable-next-line no-control-regex -- these cannot be written in XML.
      const clean = text.replace(/[\u0000-\u001f\ufffe\uffff\ud800-\udfff]/g, '').trim();
      const read = member(parseXml(xmlText('a', { attributes: { b: clean }, text: clean })), 'a');
      assert.equal(textOf(read) ?? '', clean);
    }),
    { seed: 5 },
  ));

test('an answer is given without prefixes, and its texts stay text', async () => {
  const { soap, sent } = open(200, envelope('<n:Done xmlns:n="urn:n"><n:Number>0000000017</n:Number></n:Done>'));
  assert.equal(textOf(member(member(await soap.call(call), 'Done'), 'Number')), '0000000017');
  assert.equal(sent[0]?.headers['soapaction'], '"urn:act"');
  assert.match(sent[0]?.body ?? '', /<s:Request><Text>a &lt; b &amp; &quot;c&quot;<\/Text><\/s:Request>/);
});

const answers: readonly { readonly title: string; readonly status: number; readonly body: string; readonly kind: string }[] = [
  {
    title: 'a fault of the client is rejected',
    status: 500,
    body: envelope('<e:Fault><faultcode>e:Client</faultcode><faultstring xml:lang="en">not conform to the WSDL</faultstring></e:Fault>'),
    kind: 'rejected',
  },
  {
    title: 'a fault of the server leaves the effect open',
    status: 500,
    body: envelope('<e:Fault><faultcode>e:Server</faultcode><faultstring>short dump</faultstring></e:Fault>'),
    kind: 'uncertain',
  },
  { title: 'a 500 without a fault leaves the effect open', status: 500, body: 'Internal Server Error', kind: 'uncertain' },
  { title: 'an answer that is no envelope leaves the effect open', status: 200, body: '<html/>', kind: 'uncertain' },
  { title: 'an answer that was cut leaves the effect open', status: 200, body: envelope('<Done><Number>100</Number></Done>').slice(0, -30), kind: 'uncertain' },
  { title: 'an answer with a document type is not read', status: 200, body: `<!DOCTYPE x [<!ENTITY a "b">]>${envelope('<a/>')}`, kind: 'uncertain' },
  { title: 'an answer that is nested without end is not read', status: 200, body: envelope(`${'<a>'.repeat(200)}x${'</a>'.repeat(200)}`), kind: 'uncertain' },
  { title: 'a refused sign-in is unauthorised', status: 401, body: '', kind: 'unauthorised' },
  { title: 'a service that is not there is missing', status: 404, body: '', kind: 'missing' },
  { title: 'too many requests are throttled', status: 429, body: '', kind: 'throttled' },
];
for (const { title, status, body, kind } of answers)
  test(title, async () => {
    await assert.rejects(open(status, body).soap.call(call), (error: unknown) => error instanceof Fault && error.kind === kind);
  });

test('a rehearsal sends nothing', async () => {
  const { soap, sent } = open(200, envelope('<a/>'), { rehearsal: true });
  await assert.rejects(soap.call(call), (error: unknown) => error instanceof Fault && error.detail.code === 'REHEARSAL');
  assert.equal(sent.length, 0);
});
