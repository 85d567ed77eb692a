import type { Json } from '#base/json';
import { Fault } from '#base/fault';
import { answerFault, noAnswerFault, unreadableFault, writes, type Classify, type Throttle } from '#spi/answers';
import type { HttpRequest, HttpResponse, Transport, Wire } from '#spi/transport';

/** A list is sent as one member per entry: `expand=parts&expand=asset`. */
export type QueryValue = string | number | boolean | undefined | readonly string[];
export type RestQuery = Readonly<Record<string, QueryValue>>;

export interface RestOptions<Config> {
  /** Address of the API's root, from the configuration alone: `https://api.example/v1`. */
  readonly base: (config: Config) => string;
  readonly headers?: (config: Config) => Readonly<Record<string, string>>;
  /** Path of the cheapest call that proves address, credential and permission. */
  readonly probe: string;
  readonly probeQuery?: RestQuery;
  readonly classify?: Classify;
  readonly throttle?: Throttle;
}

export interface Extras {
  readonly query?: RestQuery;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls with JSON both ways. Paths begin with `/` and are made with `path`, so that no value can step out of its segment. Every failure is a Fault. */
export interface Rest {
  get(path: string, query?: RestQuery): Promise<unknown>;
  post(path: string, body: unknown, extras?: Extras): Promise<unknown>;
  patch(path: string, body: unknown, extras?: Extras): Promise<unknown>;
  put(path: string, body: unknown, extras?: Extras): Promise<unknown>;
  delete(path: string, extras?: Extras): Promise<unknown>;
  /** Any of them with status and headers: for versions in `etag`. */
  call(method: HttpRequest['method'], path: string, extras?: Extras & { readonly body?: unknown }): Promise<RestAnswer>;
}

export interface RestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined where the answer is empty. */
  readonly body: unknown;
}

/** JSON over HTTP. Status and missing answers become faults by one table (`answers.ts`); a rehearsal refuses writes before they leave. */
export function rest<Config>(options: RestOptions<Config>): Transport<Config, Rest> {
  return {
    scheme: 'rest',
    origins: (config) => [options.base(config)],
    probe: async (api) => {
      await api.get(options.probe, options.probeQuery);
    },
    open(wire) {
      const call = caller(options, wire);
      const body = async (answer: Promise<RestAnswer>): Promise<unknown> => (await answer).body;
      return {
        call,
        get: (path, query) => body(call('GET', path, query === undefined ? {} : { query })),
        post: (path, value, extras) => body(call('POST', path, { ...extras, body: value })),
        patch: (path, value, extras) => body(call('PATCH', path, { ...extras, body: value })),
        put: (path, value, extras) => body(call('PUT', path, { ...extras, body: value })),
        delete: (path, extras) => body(call('DELETE', path, extras)),
      };
    },
  };
}

function caller<Config>(options: RestOptions<Config>, wire: Wire<Config>): Rest['call'] {
  const base = options.base(wire.config).replace(/\/+$/, '');
  const fixed = { accept: 'application/json', ...options.headers?.(wire.config) };
  return async (method, path, extras = {}) => {
    const where = { method, path };
    if (wire.rehearsal && writes.has(method))
      throw new Fault('rejected', `rehearsal: ${method} ${path} was not sent`, { where: `${method} ${path}`, code: 'REHEARSAL' });
    const sends = extras.body !== undefined;
    const request: HttpRequest = {
      method,
      url: base + checkedPath(path) + queryText(extras.query),
      headers: { ...fixed, ...(sends ? { 'content-type': 'application/json' } : {}), ...extras.headers },
      signal: wire.signal,
      ...(sends ? { body: JSON.stringify(extras.body) } : {}),
    };
    let response: HttpResponse;
    try {
      response = await wire.send(request);
    } catch (error) {
      throw noAnswerFault(where, error);
    }
    if (response.status < 200 || response.status > 299)
      throw answerFault({ ...where, status: response.status, headers: response.headers, body: softJson(response.body) }, { ...options, nowMs: wire.now() });
    return { status: response.status, headers: response.headers, body: readJson(where, response.body) };
  };
}

function readJson(where: { readonly method: string; readonly path: string }, text: string): unknown {
  if (text === '') return undefined;
  try {
    return parseExactly(text);
  } catch (cause) {
    throw unreadableFault(where, 'the answer is not JSON', cause);
  }
}

function softJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

const longNumber = /[0-9][0-9.]{15,}/;

/** Parses JSON. A number of more than 15 significant digits stays the text it was, because a binary float would change it; a shape that wants a number then reports it. */
export function parseExactly(text: string): unknown {
  if (!longNumber.test(text)) return JSON.parse(text);
  const keep = (_name: string, value: Json, context: { readonly source?: string }): Json => {
    if (typeof value !== 'number' || context.source === undefined) return value;
    const digits = context.source
      .replace(/^-/, '')
      .replace(/[eE].*$/, '')
      .replace('.', '')
      .replace(/^0+/, '');
    return digits.length > 15 && !(Number.isSafeInteger(value) && String(value) === context.source) ? context.source : value;
  };
  // The reviver's third argument (source text access, in V8 since 11.4) is not in TypeScript's library yet.
  return JSON.parse(text, keep as (name: string, value: unknown) => unknown);
}

/** A path with each value encoded as one segment: path`/workorders/${id}`. Refuses values that would mean another folder. */
export function path(texts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return texts.reduce((done, text, index) => done + segment(String(values[index - 1])) + text);
}

function segment(value: string): string {
  if (value === '' || value === '.' || value === '..' || value.length > 500)
    throw new Fault('rejected', `${JSON.stringify(value.slice(0, 60))} cannot be part of an address`);
  return encodeURIComponent(value);
}

function checkedPath(text: string): string {
  if (!text.startsWith('/') || /[?#\\\s]|\/\/|\/\.{1,2}(\/|$)/.test(text))
    throw new Fault('misconfigured', `the path ${JSON.stringify(text.slice(0, 120))} is not allowed`);
  return text;
}

function queryText(query: RestQuery | undefined): string {
  if (query === undefined) return '';
  let text = '';
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of typeof value === 'object' ? value : [value]) text += `${text === '' ? '?' : '&'}${encodeURIComponent(name)}=${encodeURIComponent(one)}`;
  }
  return text;
}
