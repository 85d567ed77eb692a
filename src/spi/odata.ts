import { sha256 } from '#base/json';
import { Fault } from '#base/fault';
import { answerFault, noAnswerFault, unreadableFault, type Answer, type Classify } from '#spi/answers';
import { batchBody, batchParts, parseBatch, type BatchAnswer, type BatchPart, type BatchRequest } from '#spi/odata-batch';
import { decodeRow, encodeRow, Unreadable, type Row } from '#spi/odata-codec';
import { CsrfTokens } from '#spi/odata-csrf';
import { classifyOData, warningsOf, type ODataRules } from '#spi/odata-errors';
import { keyPath, ownLink, parameterText, queryText, type ODataQuery, type Parameter } from '#spi/odata-query';
import type { EntityType, ODataService } from '#spi/odata-type';
import { parseExactly } from '#spi/rest';
import type { HttpRequest, HttpResponse, Wire } from '#spi/transport';

export interface ODataOptions {
  /** Scheme, host and port of the system, without a path. */
  readonly base: string;
  /** Query options of every request: `sap-client`, `sap-language`. */
  readonly always?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly rules: ODataRules;
}

/** What goes with a write. */
export interface WriteOptions {
  /** The operation: its key makes the request id of SAP's idempotency framework, its time is when the request was first made. */
  readonly once?: { readonly key: string; readonly atMs: number };
  /** The concurrency token that was read; sent as If-Match. */
  readonly seen?: string;
}

export interface Written {
  /** The entity of the answer; undefined where the answer has no body. */
  readonly row: Row | undefined;
  readonly warnings: readonly string[];
  /** True only where the system itself promised to recognise a repetition. */
  readonly repeatable: boolean;
}

export interface RowsPage {
  readonly rows: readonly Row[];
  /** Rest of the next page's address, where the server cut the answer. */
  readonly next?: string;
}

/** One service of either version; records in native names (see `decodeRow`). Every failure is a Fault. */
export interface ODataClient {
  readonly service: ODataService;
  get(type: EntityType, key: Readonly<Record<string, string>>, query?: Pick<ODataQuery, 'expand' | 'select'>): Promise<Row>;
  list(type: EntityType, query: ODataQuery): Promise<RowsPage>;
  /** A further page by the link of the one before. */
  follow(type: EntityType, next: string): Promise<RowsPage>;
  /** Every row of a query, page by page; more than `limit` rows are refused as too many. */
  all(type: EntityType, query: ODataQuery, limit: number): Promise<readonly Row[]>;
  create(type: EntityType, row: Readonly<Row>, options?: WriteOptions): Promise<Written>;
  update(type: EntityType, key: Readonly<Record<string, string>>, row: Readonly<Row>, options?: WriteOptions): Promise<Written>;
  /** A V2 function import: parameters in the address, no body. */
  invoke(name: string, parameters: readonly Parameter[], returns: EntityType, options?: WriteOptions): Promise<Written>;
  /** A V4 action: bound to a set, or to one entity where `on` has a key. `takes` describes its parameters. */
  act(
    on: { readonly type: EntityType; readonly key?: Readonly<Record<string, string>> },
    name: string,
    body: { readonly takes: EntityType; readonly row: Readonly<Row> },
    returns: EntityType,
    options?: WriteOptions,
  ): Promise<Written>;
  /** Several requests in one: reads, and sets of writes that succeed or fail together. */
  batch(parts: readonly BatchPart[]): Promise<readonly (readonly BatchAnswer[])[]>;
  /** A write for `batch`. */
  change(method: 'POST' | 'PATCH', path: { readonly type: EntityType; readonly key?: Readonly<Record<string, string>> }, row: Readonly<Row>): BatchRequest;
  /** The fault of an answer inside a batch, where it is no success. */
  faultOf(request: BatchRequest, answer: BatchAnswer): Fault | undefined;
  metadata(): Promise<string>;
}

export interface OData {
  on(service: ODataService): ODataClient;
  /** Whether the host offers a service to this user: its `$metadata` is there (200), or not (403, 404). Any other answer is a fault. */
  offers(service: ODataService): Promise<boolean>;
}

/** Rows that `all` collects at most where the caller names no lower number. */
export const mostRows = 20_000;

/** Opens OData on one connection. Token and cookies are shared by all its services; sockets are the sender's. */
export function openOData<Config>(wire: Wire<Config>, options: ODataOptions): OData {
  const fixed = { ...options.headers };
  const host: Host = {
    wire,
    base: options.base,
    always: Object.entries(options.always ?? {})
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&'),
    rules: options.rules,
    headers: fixed,
    tokens: new CsrfTokens({ send: wire.send, signal: wire.signal, headers: fixed }),
    classify: (answer) => classifyOData(answer, options.rules, wire.now()),
  };
  const clients = new Map<string, ODataClient>();
  const on = (service: ODataService): ODataClient => {
    let client = clients.get(service.root);
    if (!client) clients.set(service.root, (client = new Client(host, service)));
    return client;
  };
  return {
    on,
    async offers(service) {
      try {
        await on(service).metadata();
        return true;
      } catch (error) {
        if (error instanceof Fault && (error.kind === 'missing' || error.kind === 'forbidden')) return false;
        throw error;
      }
    },
  };
}

interface Host {
  readonly wire: Wire<unknown>;
  readonly base: string;
  readonly always: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly rules: ODataRules;
  readonly tokens: CsrfTokens;
  readonly classify: Classify;
}

interface Where {
  readonly method: HttpRequest['method'];
  readonly path: string;
}

const json = 'application/json';
/** Decimals as text instead of JSON numbers (OData 4.0, JSON format, section 3.2). */
const exactJson = 'application/json;IEEE754Compatible=true';

class Client implements ODataClient {
  readonly service: ODataService;
  readonly #host: Host;
  readonly #readHeaders: Readonly<Record<string, string>>;
  readonly #writeHeaders: Readonly<Record<string, string>>;
  readonly #parse: (text: string) => unknown;

  constructor(host: Host, service: ODataService) {
    this.#host = host;
    this.service = service;
    const accept = service.version === 'v4' ? exactJson : json;
    this.#readHeaders = { ...host.headers, accept };
    this.#writeHeaders = { ...this.#readHeaders, 'content-type': accept };
    this.#parse = service.version === 'v4' ? parseExactly : JSON.parse;
  }

  async get(type: EntityType, key: Readonly<Record<string, string>>, query: Pick<ODataQuery, 'expand' | 'select'> = {}): Promise<Row> {
    const { where, body } = await this.#read(keyPath(type, this.service.version, key), queryText(type, this.service.version, query));
    return this.#row(type, where, entityOf(body));
  }

  async list(type: EntityType, query: ODataQuery): Promise<RowsPage> {
    const { where, body } = await this.#read(type.set, queryText(type, this.service.version, query));
    return this.#page(type, where, body);
  }

  async follow(type: EntityType, next: string): Promise<RowsPage> {
    const [path = '', query = ''] = splitOnce(next, '?');
    const { where, body } = await this.#read(path, query);
    return this.#page(type, where, body);
  }

  async all(type: EntityType, query: ODataQuery, limit: number): Promise<readonly Row[]> {
    const rows: Row[] = [];
    let page = await this.list(type, query);
    for (;;) {
      rows.push(...page.rows);
      if (rows.length > limit) throw new Fault('rejected', `${this.service.name}/${type.set} answered more than ${limit} rows`, { code: 'TOO_MANY_ROWS' });
      if (page.next === undefined) return rows;
      page = await this.follow(type, page.next);
    }
  }

  create(type: EntityType, row: Readonly<Row>, options?: WriteOptions): Promise<Written> {
    return this.#write({ method: 'POST', path: type.set, body: encodeRow(type, this.service.version, row), returns: type, options });
  }

  update(type: EntityType, key: Readonly<Record<string, string>>, row: Readonly<Row>, options?: WriteOptions): Promise<Written> {
    return this.#write({
      method: 'PATCH',
      path: keyPath(type, this.service.version, key),
      body: encodeRow(type, this.service.version, row),
      returns: type,
      options,
    });
  }

  invoke(name: string, parameters: readonly Parameter[], returns: EntityType, options?: WriteOptions): Promise<Written> {
    return this.#write({ method: 'POST', path: name, query: parameterText(parameters), returns, wrapper: name, options });
  }

  act(
    on: { readonly type: EntityType; readonly key?: Readonly<Record<string, string>> },
    name: string,
    body: { readonly takes: EntityType; readonly row: Readonly<Row> },
    returns: EntityType,
    options?: WriteOptions,
  ): Promise<Written> {
    const path = on.key === undefined ? on.type.set : keyPath(on.type, this.service.version, on.key);
    return this.#write({
      method: 'POST',
      path: `${path}/${this.service.namespace ?? 'SAP__self'}.${name}`,
      body: encodeRow(body.takes, this.service.version, body.row),
      returns,
      options,
    });
  }

  change(
    method: 'POST' | 'PATCH',
    { type, key }: { readonly type: EntityType; readonly key?: Readonly<Record<string, string>> },
    row: Readonly<Row>,
  ): BatchRequest {
    const path = key === undefined ? type.set : keyPath(type, this.service.version, key);
    return {
      method,
      path,
      headers: { Accept: this.#readHeaders['accept'] ?? json, 'Content-Type': this.#writeHeaders['content-type'] ?? json },
      body: JSON.stringify(encodeRow(type, this.service.version, row)),
    };
  }

  async batch(parts: readonly BatchPart[]): Promise<readonly (readonly BatchAnswer[])[]> {
    if (parts.length === 0 || parts.length > batchParts) throw new Fault('misconfigured', `a batch has ${parts.length} parts; 1 to ${batchParts} are possible`);
    const writing = parts.some((part) => 'changes' in part);
    const where: Where = { method: 'POST', path: `${this.service.root}/$batch` };
    if (writing) this.#refuseRehearsal(where);
    const boundary = `batch_${sha256(JSON.stringify(parts)).slice(0, 24)}`;
    const response = await this.#exchange({
      where,
      query: '',
      headers: { ...this.#host.headers, accept: 'multipart/mixed', 'content-type': `multipart/mixed;boundary=${boundary}` },
      body: batchBody(parts, boundary),
    });
    const answers = parseBatch(response.headers['content-type'] ?? '', response.body);
    if (answers === undefined || answers.length !== parts.length)
      throw unreadableFault(writing ? where : { ...where, method: 'GET' }, 'the parts of the answer do not fit those of the request');
    return answers;
  }

  faultOf(request: BatchRequest, { status, headers, body }: BatchAnswer): Fault | undefined {
    if (status >= 200 && status < 300) return undefined;
    return this.#fault({ method: request.method, path: `${this.service.root}/${request.path}` }, { status, headers, cookies: [], body });
  }

  async metadata(): Promise<string> {
    const where: Where = { method: 'GET', path: `${this.service.root}/$metadata` };
    const response = await this.#get(where, '', { ...this.#host.headers, accept: 'application/xml' });
    return response.body;
  }

  async #read(path: string, query: string): Promise<{ where: Where; body: unknown }> {
    const where: Where = { method: 'GET', path: `${this.service.root}/${path}` };
    const response = await this.#get(where, query, this.#readHeaders);
    return { where, body: this.#json(where, response.body) };
  }

  async #get(where: Where, query: string, headers: Readonly<Record<string, string>>): Promise<HttpResponse> {
    const { tokens, wire } = this.#host;
    const { cookie } = tokens;
    let response: HttpResponse;
    try {
      response = await wire.send({
        method: 'GET',
        url: this.#url(where.path, query),
        headers: cookie === '' ? headers : { ...headers, cookie },
        signal: wire.signal,
      });
    } catch (error) {
      throw noAnswerFault(where, error);
    }
    if (response.status !== 200) throw this.#fault(where, response);
    return response;
  }

  async #write(request: {
    method: 'POST' | 'PATCH';
    path: string;
    query?: string;
    body?: Row;
    returns: EntityType;
    wrapper?: string;
    options: WriteOptions | undefined;
  }): Promise<Written> {
    const where: Where = { method: request.method, path: `${this.service.root}/${request.path}` };
    this.#refuseRehearsal(where);
    const { once, seen } = request.options ?? {};
    const headers: Record<string, string> = { ...this.#writeHeaders };
    if (once !== undefined) {
      headers['requestid'] = requestId(once.key);
      headers['repeatabilitycreation'] = new Date(once.atMs).toISOString();
    }
    if (seen !== undefined) headers['if-match'] = seen;
    const response = await this.#exchange({
      where,
      query: request.query ?? '',
      headers,
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    const entity = response.body === '' ? undefined : unwrapped(entityOf(this.#json(where, response.body)), request.wrapper);
    return {
      row: entity === undefined ? undefined : this.#row(request.returns, where, entity),
      warnings: warningsOf(response.headers, entity),
      repeatable: response.headers['repeatabilityresult'] === 'accepted',
    };
  }

  #refuseRehearsal(where: Where): void {
    if (this.#host.wire.rehearsal)
      throw new Fault('rejected', `rehearsal: ${where.method} ${where.path} was not sent`, { where: `${where.method} ${where.path}`, code: 'REHEARSAL' });
  }

  /** One write with the token; where the system wants another token it has not executed anything, so the same request goes again, once. */
  async #exchange(request: { where: Where; query: string; headers: Readonly<Record<string, string>>; body?: string }): Promise<HttpResponse> {
    const { tokens, wire } = this.#host;
    const url = this.#url(request.where.path, request.query);
    let response: HttpResponse | undefined;
    for (let attempt = 1; ; attempt++) {
      const held = tokens.token(this.#url(`${this.service.root}/`, ''), { classify: this.#host.classify, nowMs: wire.now() });
      const token = typeof held === 'string' ? held : await held;
      const headers = { ...request.headers, 'x-csrf-token': token, cookie: tokens.cookie };
      try {
        response = await wire.send({
          method: request.where.method,
          url,
          headers,
          signal: wire.signal,
          ...(request.body === undefined ? {} : { body: request.body }),
        });
      } catch (error) {
        throw noAnswerFault(request.where, error);
      }
      if (response.status >= 200 && response.status < 300) return response;
      if (response.status === 401) tokens.forget();
      if (attempt > 1 || response.status !== 403 || !/^required$/i.test(response.headers['x-csrf-token'] ?? '')) throw this.#fault(request.where, response);
      tokens.refused(token);
    }
  }

  #url(path: string, query: string): string {
    const { base, always } = this.#host;
    return `${base}${path}${query === '' ? (always === '' ? '' : `?${always}`) : `?${query}${always === '' ? '' : `&${always}`}`}`;
  }

  #page(type: EntityType, where: Where, body: unknown): RowsPage {
    const { rows, next } = rowsOf(body);
    if (rows === undefined) throw unreadableFault(where, 'the answer has no list');
    return {
      rows: rows.map((row) => this.#row(type, where, row)),
      ...(next === undefined ? {} : { next: withoutAlways(ownLink(this.#host.base, this.service, next)) }),
    };
  }

  #row(type: EntityType, where: Where, entity: unknown): Row {
    try {
      return decodeRow(type, entity);
    } catch (error) {
      if (error instanceof Unreadable) throw unreadableFault(where, error.message, error);
      throw error;
    }
  }

  #json(where: Where, text: string): unknown {
    try {
      return this.#parse(text);
    } catch (cause) {
      throw unreadableFault(where, 'the answer is not JSON', cause);
    }
  }

  #fault({ method, path }: Where, response: HttpResponse): Fault {
    const answer: Answer = { method, path, status: response.status, headers: response.headers, body: softJson(response.body) };
    return answerFault(answer, { classify: this.#host.classify, nowMs: this.#host.wire.now() });
  }
}

/** The 32 characters by which SAP's idempotency framework knows a request: the same for every attempt of one operation. */
export function requestId(operationKey: string): string {
  return sha256(operationKey).slice(0, 32).toUpperCase();
}

function splitOnce(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

/** Options that every request gets are taken off a link, so that they are not there twice. */
function withoutAlways(link: string): string {
  const [path, query] = splitOnce(link, '?');
  return `${path}?${query
    .split('&')
    .filter((option) => !option.startsWith('sap-'))
    .join('&')}`;
}

function entityOf(body: unknown): unknown {
  return body !== null && typeof body === 'object' && Object.hasOwn(body, 'd') ? (body as { d: unknown }).d : body;
}

/** A function import may put its result under its own name. */
function unwrapped(entity: unknown, name: string | undefined): unknown {
  if (name === undefined || entity === null || typeof entity !== 'object' || !Object.hasOwn(entity, name)) return entity;
  return (entity as Row)[name];
}

function rowsOf(body: unknown): { readonly rows?: readonly unknown[]; readonly next?: string } {
  const inner = entityOf(body);
  // OData 2.0 also knows a bare list inside `d`; one without it is something else.
  if (Array.isArray(inner)) return inner === body ? {} : { rows: inner };
  if (inner === null || typeof inner !== 'object') return {};
  const { results, value, __next: next2, '@odata.nextLink': next4 } = inner as Row;
  const rows = Array.isArray(results) ? results : Array.isArray(value) ? value : undefined;
  const next = typeof next2 === 'string' ? next2 : typeof next4 === 'string' ? next4 : undefined;
  return { ...(rows === undefined ? {} : { rows }), ...(next === undefined ? {} : { next }) };
}

function softJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
