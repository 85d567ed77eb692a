import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { Fault } from '#base/fault';
import { answerFault, noAnswerFault, safeText, unreadableFault, type Classify } from '#spi/answers';
import type { HttpResponse, Wire } from '#spi/transport';

/** An XML element as data: members in order of the list, text as text. `attributes` come first on the wire. */
export type XmlValue = string | XmlElement;
export interface XmlElement {
  readonly attributes?: Readonly<Record<string, string>>;
  /** Children by name; a list repeats the element; undefined is left out. */
  readonly children?: readonly (readonly [name: string, value: XmlValue | readonly XmlValue[] | undefined])[];
  readonly text?: string;
}

// XML 1.0 has no way to write these characters, not even escaped.
// oxlint-disable-next-line no-control-regex
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** Text for an element or an attribute, escaped. */
export function escapeXml(text: string): string {
  return text.replace(unwritable, '').replace(/[&<>"']/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' })[sign] ?? sign);
}

/** `<Item><GLAccount>0061008000</GLAccount></Item>` from data. */
export function xmlText(name: string, value: XmlValue): string {
  const element: XmlElement = typeof value === 'string' ? { text: value } : value;
  const attributes = Object.entries(element.attributes ?? {})
    .map(([key, text]) => ` ${key}="${escapeXml(text)}"`)
    .join('');
  const children = (element.children ?? [])
    .map(([child, inner]) => (inner === undefined ? '' : isList(inner) ? inner.map((one) => xmlText(child, one)).join('') : xmlText(child, inner)))
    .join('');
  return `<${name}${attributes}>${escapeXml(element.text ?? '')}${children}</${name}>`;
}

const isList = (value: XmlValue | readonly XmlValue[]): value is readonly XmlValue[] => Array.isArray(value);

export interface SoapCall {
  /** Path below the host. */
  readonly path: string;
  readonly action: string;
  /** Namespace declarations of the envelope: `sfin`. */
  readonly namespaces: Readonly<Record<string, string>>;
  /** Name of the body element with its prefix. */
  readonly name: string;
  readonly body: XmlElement;
}

export interface Soap {
  /** Sends one SOAP 1.1 request and gives the element inside the body of the answer, names without prefixes. A SOAP fault is a Fault. */
  call(call: SoapCall): Promise<unknown>;
}

/** Depth of an answer; deeper ones are refused. */
export const xmlDepth = 60;

const parser = new XMLParser({
  removeNSPrefix: true,
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  processEntities: true,
  htmlEntities: false,
});

/** Parses XML to plain data: texts stay text. Refuses document types, because entities could be defined in them. */
export function parseXml(text: string): unknown {
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw new SyntaxError('the XML has a document type');
  // The parser itself is lenient: an answer that was cut would be read as a shorter one.
  if (XMLValidator.validate(text) !== true) throw new SyntaxError('the XML is not well-formed');
  const value: unknown = parser.parse(text);
  if (depthOf(value, 0) > xmlDepth) throw new SyntaxError(`the XML is nested deeper than ${xmlDepth}`);
  return value;
}

function depthOf(value: unknown, depth: number): number {
  if (value === null || typeof value !== 'object' || depth > xmlDepth) return depth;
  return Object.values(value).reduce<number>((most, member) => Math.max(most, depthOf(member, Array.isArray(value) ? depth : depth + 1)), depth);
}

/** SOAP 1.1 over the connection's sender. A rehearsal refuses before anything leaves; a missing answer is uncertain, because every call here is a write. */
export function openSoap<Config>(wire: Wire<Config>, options: { readonly base: string; readonly query?: string; readonly classify?: Classify }): Soap {
  return {
    async call({ path, action, namespaces, name, body }) {
      const where = { method: 'POST', path } as const;
      if (wire.rehearsal) throw new Fault('rejected', `rehearsal: POST ${path} was not sent`, { where: `POST ${path}`, code: 'REHEARSAL' });
      const declared = Object.entries(namespaces)
        .map(([prefix, uri]) => ` xmlns:${prefix}="${escapeXml(uri)}"`)
        .join('');
      const envelope = `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"${declared}><soapenv:Header/><soapenv:Body>${xmlText(name, body)}</soapenv:Body></soapenv:Envelope>`;
      let response: HttpResponse;
      try {
        response = await wire.send({
          method: 'POST',
          url: `${options.base}${path}${options.query === undefined || options.query === '' ? '' : `?${options.query}`}`,
          headers: { 'content-type': 'text/xml; charset=utf-8', accept: 'text/xml', soapaction: `"${action}"` },
          body: envelope,
          signal: wire.signal,
        });
      } catch (error) {
        throw noAnswerFault(where, error);
      }
      const content = contentOf(response.body);
      if (response.status < 200 || response.status > 299) {
        const said = faultIn(content);
        if (said !== undefined && response.status === 500) throw soapFault(path, said);
        throw answerFault(
          { ...where, status: response.status, headers: response.headers, body: said?.text ?? response.body },
          { ...(options.classify === undefined ? {} : { classify: options.classify }), nowMs: wire.now() },
        );
      }
      if (content === undefined) throw unreadableFault(where, 'the answer is no SOAP envelope');
      const said = faultIn(content);
      if (said !== undefined) throw soapFault(path, said);
      return content;
    },
  };
}

function contentOf(text: string): unknown {
  let parsed: unknown;
  try {
    parsed = parseXml(text);
  } catch {
    return undefined;
  }
  const envelope = member(parsed, 'Envelope');
  return envelope === undefined ? undefined : member(envelope, 'Body');
}

interface SoapFault {
  readonly code: string;
  readonly text: string;
}

function faultIn(content: unknown): SoapFault | undefined {
  const fault = member(content, 'Fault');
  if (fault === undefined) return undefined;
  const text = member(fault, 'faultstring');
  return { code: textOf(member(fault, 'faultcode')) ?? '', text: textOf(text) ?? 'without a text' };
}

/** A fault of the client was refused before it was executed; what a fault of the server left behind is not known (SOAP 1.1, section 4.4.1). */
function soapFault(path: string, { code, text }: SoapFault): Fault {
  const kind = /(^|:)Client(\.|$)/.test(code) ? 'rejected' : 'uncertain';
  return new Fault(kind, `POST ${path} answered a SOAP fault: ${safeText(text)}`, { where: `POST ${path}` });
}

/** The text of an element, with or without attributes; undefined where it has none. */
export function textOf(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value : member(value, '#text');
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** A child element by name; undefined where it is absent. */
export function member(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}
