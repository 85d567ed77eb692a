import type { Random } from '#base/random';
import type { Buttons, TwinRequest, TwinResponse } from '#simulators/twin';
import type { S4Config, S4User } from './config.ts';
import { readBatch, readJsonBatch, writeBatch, type Block, type Part } from './odata/batch.ts';
import type { Form } from './odata/codec.ts';
import { parseBody } from './odata/entity.ts';
import { execute, type Execution } from './odata/execute.ts';
import { metadata, serviceDocument } from './odata/metadata.ts';
import { asOdataError, errorBody, OdataError } from './odata/odata-error.ts';
import type { Property } from './odata/property.ts';
import { prepareSet, type PreparedService } from './odata/service.ts';
import { catalogue } from './services/catalogue.ts';
import { Sessions } from './session.ts';
import { journalEntrySoap } from './soap/journal-entry.ts';
import type { World } from './world/world.ts';

const tokenPath = '/sap/bc/sec/oauth2/token';
const soapPath = '/sap/bc/srt/';

/** Largest body that is read, in characters. */
export const bodyLimit = 16 * 1024 * 1024;
/** How many repeatable requests are remembered. */
export const repeatLimit = 10_000;

/** The HTTP surface: sign-in, authorisation, CSRF, then the service that the path names. */
export class Gateway {
  readonly sessions: Sessions;
  readonly #config: S4Config;
  readonly #world: World;
  readonly #buttons: Buttons;
  readonly #services: ReadonlyMap<string, PreparedService>;
  readonly #repeated = new Map<string, TwinResponse>();
  readonly #changed = new Map<string, PreparedService>();

  constructor(parts: { config: S4Config; world: World; buttons: Buttons; random: Random }) {
    this.#config = parts.config;
    this.#world = parts.world;
    this.#buttons = parts.buttons;
    this.sessions = new Sessions(parts.config, parts.random, () => parts.world.now());
    this.#services = catalogue(parts.world, parts.config);
  }

  answer(request: TwinRequest): TwinResponse {
    const at = request.url.indexOf('?');
    const path = at < 0 ? request.url : request.url.slice(0, at);
    if (path === tokenPath) return this.sessions.token(request);
    if (request.body.length > bodyLimit) return page(413, 'Request Entity Too Large');
    const user = this.sessions.user(request);
    if (!user)
      return {
        ...page(401, 'Logon failed'),
        headers: {
          'content-type': 'text/html;charset=utf-8',
          'www-authenticate': `Basic realm="SAP NetWeaver Application Server [${this.#config.systemId}/${this.#config.client}]"`,
        },
      };
    if (path.startsWith(soapPath)) return this.#soap(path, request, user);
    const found = this.#find(path);
    if (!found) return page(404, 'Not Found');
    return this.#serve(found.service, found.rest, at < 0 ? '' : request.url.slice(at + 1), request, user);
  }

  #soap(path: string, request: TwinRequest, user: S4User): TwinResponse {
    const xml = { 'content-type': 'text/xml; charset=utf-8' };
    if (!path.toLowerCase().includes('journalentrycreaterequestconfirmation_in')) return page(404, 'Not Found');
    if (!allowed(user, 'JournalEntryCreateRequestConfirmation_In')) return page(403, 'Forbidden');
    if (request.method !== 'POST') return page(405, 'Method Not Allowed');
    return { ...journalEntrySoap(request.body, this.#world, user.user), headers: xml };
  }

  /** The service that a path leads to: the map is keyed by root, so that no pattern is tried. */
  #find(path: string): { service: PreparedService; rest: string } | undefined {
    const depth = path.startsWith('/sap/opu/odata4/') ? 10 : path.startsWith('/sap/opu/odata/') ? 6 : 0;
    let end = -1;
    for (let slashes = 0; slashes < depth; slashes++) {
      end = path.indexOf('/', end + 1);
      if (end < 0) {
        const whole = slashes === depth - 1 ? this.#services.get(`${path}/`) : undefined;
        return whole ? { service: whole, rest: '' } : undefined;
      }
    }
    const service = depth === 0 ? undefined : this.#services.get(path.slice(0, end + 1));
    return service ? { service, rest: path.slice(end + 1) } : undefined;
  }

  #serve(original: PreparedService, rawPath: string, query: string, request: TwinRequest, user: S4User): TwinResponse {
    const service = this.#buttons.pressed.length === 0 ? original : this.#afterChange(original);
    const fail = (error: OdataError): TwinResponse => ({
      status: error.status,
      headers: { 'content-type': 'application/json;charset=utf-8', ...error.headers },
      body: errorBody(error, service, this.#world.now()),
    });
    if (this.#config.inactiveServices.includes(service.id))
      return fail(
        new OdataError(service.protocol === 'v2' ? 403 : 404, '/IWFND/MED/170', `No service found for namespace '', name '${service.id}', version '0001'`),
      );
    if (!allowed(user, service.id)) return fail(new OdataError(403, '/IWFND/MED/022', `No authorization to access service '${service.id}'`));
    const reading = request.method === 'GET' || request.method === 'HEAD';
    const session = reading && request.headers['x-csrf-token']?.toLowerCase() === 'fetch' ? this.sessions.fetch(request, user) : {};
    if (!reading && !this.sessions.allows(request, user))
      return { status: 403, headers: { 'content-type': 'text/plain;charset=utf-8', 'x-csrf-token': 'Required' }, body: 'CSRF token validation failed' };
    try {
      const path = decodePath(rawPath);
      const answer = this.#route(service, path, query, request, user);
      return { status: answer.status, headers: { ...answer.headers, ...session }, body: request.method === 'HEAD' ? '' : answer.body };
    } catch (error) {
      const failed = fail(asOdataError(error));
      return { ...failed, headers: { ...failed.headers, ...session } };
    }
  }

  #route(service: PreparedService, path: string, query: string, request: TwinRequest, user: S4User): TwinResponse {
    const form = this.#form(service, query, request.headers);
    const origin = `https://${request.headers['host'] ?? 's4hana.example'}`;
    if (path === '') return { status: 200, headers: { 'content-type': 'application/json;charset=utf-8' }, body: serviceDocument(service, origin) };
    if (path === '$metadata') return { status: 200, headers: { 'content-type': 'application/xml;charset=utf-8' }, body: metadata(service) };
    const now = this.#world.now();
    const run = (part: { method: string; path: string; query: string; headers: Readonly<Record<string, string>>; body: string }): TwinResponse => {
      const at: Execution = {
        context: { world: this.#world, user: user.user, warnings: [] },
        view: {
          service,
          form: part.headers === request.headers ? form : this.#form(service, part.query, part.headers, form),
          origin,
          seen: (row) => this.#world.store.seen(row, now),
        },
        pageSize: this.#config.pageSize,
      };
      return part.method === 'GET' || part.method === 'HEAD' ? execute(part, at) : this.#world.store.transaction(() => execute(part, at));
    };
    const tunnelled = request.method === 'POST' && request.headers['x-http-method'] ? request.headers['x-http-method'].toUpperCase() : request.method;
    if (path === '$batch') return this.#batch(service, request, run);
    return this.#repeatable(request, user, () => run({ method: tunnelled, path, query, headers: request.headers, body: request.body }));
  }

  #form(service: PreparedService, query: string, headers: Readonly<Record<string, string>>, outer?: Form): Form {
    const asked = /(?:^|&)sap-language=([A-Za-z]{2})/.exec(query)?.[1] ?? headers['sap-language'] ?? headers['accept-language']?.slice(0, 2);
    const language = asked === undefined ? (outer?.language ?? 'EN') : asked.toUpperCase() === 'DE' ? 'DE' : 'EN';
    const decimalText =
      service.protocol === 'v4' &&
      (`${headers['accept'] ?? ''} ${headers['content-type'] ?? ''}`.includes('IEEE754Compatible=true') ||
        (headers['accept'] === undefined && (outer?.decimalText ?? false)));
    return { protocol: service.protocol, language, decimalText, units: this.#world.units };
  }

  /** Requests with `RequestID`: answered again from memory where the installation supports it, else marked unsupported. */
  #repeatable(request: TwinRequest, user: S4User, run: () => TwinResponse): TwinResponse {
    const id = request.method === 'GET' ? undefined : request.headers['requestid'];
    if (id === undefined || request.headers['repeatabilitycreation'] === undefined) return run();
    if (this.#config.repeatability === 'unsupported') {
      const answer = run();
      return { ...answer, headers: { ...answer.headers, repeatabilityresult: 'unsupported' } };
    }
    const key = `${user.user} ${id}`;
    const known = this.#repeated.get(key);
    if (known) return known;
    const answer = run();
    const kept = { ...answer, headers: { ...answer.headers, repeatabilityresult: 'accepted' } };
    this.#repeated.set(key, kept);
    const oldest = this.#repeated.size > repeatLimit ? this.#repeated.keys().next().value : undefined;
    if (oldest !== undefined) this.#repeated.delete(oldest);
    return kept;
  }

  #batch(
    service: PreparedService,
    request: TwinRequest,
    run: (part: { method: string; path: string; query: string; headers: Readonly<Record<string, string>>; body: string }) => TwinResponse,
  ): TwinResponse {
    const json = service.protocol === 'v4' && (request.headers['content-type'] ?? '').startsWith('application/json');
    const blocks = json ? readJsonBatch(parseBody(request.body)) : readBatch(request.body, request.headers['content-type'] ?? '');
    const broken = this.#buttons.pressed.length > 0 && blocks.length > 1 ? this.#buttons.fire('partialBatch', request.url) : undefined;
    const failed = (error: unknown): TwinResponse => {
      const known = asOdataError(error);
      return { status: known.status, headers: { 'content-type': 'application/json;charset=utf-8' }, body: errorBody(known, service, this.#world.now()) };
    };
    const one = (part: Part, made: ReadonlyMap<string, string>): TwinResponse => {
      const url = relative(part.url, service.root).replace(/^\$(\w+)/, (all, id: string) => made.get(id) ?? all);
      const at = url.indexOf('?');
      return run({
        method: part.method,
        path: decodePath(at < 0 ? url : url.slice(0, at)),
        query: at < 0 ? '' : url.slice(at + 1),
        headers: part.headers,
        body: part.body,
      });
    };
    const answers = blocks.map((block, index): TwinResponse | TwinResponse[] => {
      if (broken && index >= Math.ceil(blocks.length / 2))
        return {
          status: 500,
          headers: { 'content-type': 'application/json;charset=utf-8' },
          body: errorBody(new OdataError(500, '/IWBEP/CM_MGW_RT/000', 'Exception raised without specific error'), service, this.#world.now()),
        };
      try {
        return block.kind === 'single' ? one(block.part, new Map()) : this.#changeset(block, service, one);
      } catch (error) {
        return failed(error);
      }
    });
    if (json) return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ responses: jsonResponses(blocks, answers) }) };
    return {
      status: service.protocol === 'v2' ? 202 : 200,
      headers: { 'content-type': 'multipart/mixed; boundary=ejjeeffe0' },
      body: writeBatch(answers, 'ejjeeffe0'),
    };
  }

  /** All parts or none: the first refusal takes everything back. */
  #changeset(
    block: Extract<Block, { kind: 'changeset' }>,
    service: PreparedService,
    one: (part: Part, made: ReadonlyMap<string, string>) => TwinResponse,
  ): TwinResponse[] {
    return this.#world.store.transaction(() => {
      const made = new Map<string, string>();
      return block.parts.map((part) => {
        const answer = one(part, made);
        const location = answer.headers['location'];
        if (part.id !== '' && typeof location === 'string') made.set(part.id, location.slice(location.indexOf(service.root) + service.root.length));
        return { ...answer, headers: { ...answer.headers, ...(part.id === '' ? {} : { 'content-id': part.id }) } };
      });
    });
  }

  /** The service as it looks after properties were renamed or taken away by the button. */
  #afterChange(service: PreparedService): PreparedService {
    const changes = this.#buttons.pressed
      .filter(({ fault }) => fault === 'contractChanged')
      .map((press) => press.with ?? {})
      .filter((one) => service.setsByName.has(one['set'] ?? ''));
    if (changes.length === 0) return service;
    const key = `${service.root} ${JSON.stringify(changes)}`;
    const known = this.#changed.get(key);
    if (known) return known;
    const sets = service.sets.map((set) => {
      const own = changes.filter((one) => one['set'] === set.name);
      if (own.length === 0) return set;
      const properties = set.properties.flatMap((property): Property[] => {
        const change = own.find((one) => one['property'] === property.name);
        return change === undefined ? [property] : change['to'] === undefined ? [] : [{ ...property, name: change['to'] }];
      });
      return { ...set, properties };
    });
    const changed = { ...service, sets, setsByName: new Map(sets.map((set) => [set.name, prepareSet(set)])) };
    this.#changed.set(key, changed);
    return changed;
  }
}

const allowed = (user: S4User, service: string): boolean => user.services.includes('*') || user.services.includes(service);

function decodePath(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    throw new OdataError(400, '/IWBEP/CM_MGW_RT/021', 'Malformed percent encoding in the path');
  }
}

/** A part's address below the service root; absolute addresses are accepted too. */
function relative(url: string, root: string): string {
  const at = url.indexOf(root);
  return at >= 0 ? url.slice(at + root.length) : url.replace(/^\//, '');
}

function jsonResponses(blocks: readonly Block[], answers: readonly (TwinResponse | TwinResponse[])[]): unknown[] {
  return blocks.flatMap((block, index) => {
    const parts = block.kind === 'single' ? [block.part] : block.parts;
    const answer = answers[index];
    return parts.flatMap((part, at) => {
      const one = Array.isArray(answer) ? answer[at] : answer;
      return one ? [{ id: part.id, status: one.status, headers: one.headers, ...(one.body === '' ? {} : { body: JSON.parse(one.body) as unknown }) }] : [];
    });
  });
}

function page(status: number, title: string): TwinResponse {
  return {
    status,
    headers: { 'content-type': 'text/html;charset=utf-8' },
    body: `<html><head><title>${title}</title></head><body><h1>${status} ${title}</h1></body></html>`,
  };
}
