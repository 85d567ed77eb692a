import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { panel } from '#simulators/panel';
import { wireFaults } from '#simulators/wire-faults';

/** One request as a twin sees it: no sockets, so that a test, the simulator and the HTTP server drive the same code. */
export interface TwinRequest {
  readonly method: string;
  /** Path and query, as sent: `/v1/workorders?limit=100`. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface TwinResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
}

/** Records of one kind in a world, as they are. */
export interface TwinTable {
  readonly name: string;
  readonly size: number;
  rows(): Iterable<object>;
}

/** A vendor's server in small: speaks its protocol over a world that refuses what the real one refuses. */
export interface Twin {
  readonly name: string;
  /** Answers one request. Never throws: a bug in the twin is a 500 that says so. */
  handle(request: TwinRequest): TwinResponse | Promise<TwinResponse>;
  readonly buttons: Buttons;
  /** What stands behind the protocol, for people and tests: plain data. */
  inspect(): unknown;
  /** The records of the world by kind, in reading order. */
  tables(): readonly TwinTable[];
  /** Requests that could change something, with their answers, oldest first; bounded by `writesKept`. */
  readonly writes: readonly { readonly method: string; readonly url: string; readonly status: number }[];
}

export interface Press {
  /** A wire fault, or a fault that the twin's own world declares in `worldFaults`. */
  readonly fault: string;
  readonly times?: number;
  readonly match?: string;
  readonly delayMs?: number;
  /** Further facts for a world fault: the material that is locked, the period that is closed. */
  readonly with?: Readonly<Record<string, string>>;
}

/** The fault panel of one twin: pressed by tests, by `linchpin twin`, and over `POST /_twin/press`. */
export class Buttons {
  #pressed: { press: Press; left: number }[] = [];
  /** How often each fault fired. */
  readonly fired = new Map<string, number>();
  readonly worldFaults: Readonly<Record<string, string>>;

  constructor(worldFaults: Readonly<Record<string, string>>) {
    this.worldFaults = worldFaults;
  }

  press(press: Press): void {
    if (!Object.hasOwn(wireFaults, press.fault) && !Object.hasOwn(this.worldFaults, press.fault)) {
      throw new RangeError(`no fault ${press.fault}; there are ${[...Object.keys(wireFaults), ...Object.keys(this.worldFaults)].join(', ')}`);
    }
    this.#pressed.push({ press, left: press.times ?? Infinity });
  }

  /** Releases one fault, or all. */
  release(fault?: string): void {
    this.#pressed = fault === undefined ? [] : this.#pressed.filter(({ press }) => press.fault !== fault);
  }

  get pressed(): readonly Press[] {
    return this.#pressed.map(({ press }) => press);
  }

  /** What is pressed, with how often each still fires; without end where `left` is absent. */
  get down(): readonly { readonly press: Press; readonly left?: number }[] {
    return this.#pressed.map(({ press, left }) => ({ press, ...(Number.isFinite(left) ? { left } : {}) }));
  }

  /** Takes one firing of `fault` for this target text, if the button is down for it. */
  fire(fault: string, target: string): Press | undefined {
    if (this.#pressed.length === 0) return undefined;
    const entry = this.#pressed.find(({ press, left }) => press.fault === fault && left > 0 && (press.match === undefined || target.includes(press.match)));
    if (!entry) return undefined;
    entry.left -= 1;
    if (entry.left <= 0) this.#pressed = this.#pressed.filter((other) => other !== entry);
    this.fired.set(fault, (this.fired.get(fault) ?? 0) + 1);
    return entry.press;
  }

  /** Whether a world fault is down, without using a firing. */
  holds(fault: string): Press | undefined {
    return this.#pressed.find(({ press }) => press.fault === fault)?.press;
  }
}

/** The connection ended without a whole answer: what a client sees as a reset. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** Plays the wire faults around a twin. Throws ConnectionLost where a socket would be cut. `throttle` words the vendor's own refusal. */
export async function throughWire(
  twin: Twin,
  request: TwinRequest,
  wire: { throttle: () => TwinResponse; wait: (ms: number) => Promise<void> },
): Promise<TwinResponse> {
  const { buttons } = twin;
  if (buttons.pressed.length === 0) return twin.handle(request);
  const target = `${request.method} ${request.url}`;
  const slow = buttons.fire('slow', target);
  if (slow) await wire.wait(slow.delayMs ?? 1000);
  if (buttons.fire('down', target)) throw new ConnectionLost('down');
  if (buttons.fire('hang', target)) {
    await wire.wait(24 * 3600 * 1000);
    throw new ConnectionLost('hang');
  }
  if (buttons.fire('throttled', target)) return wire.throttle();
  if (buttons.fire('serverError', target)) return { status: 500, headers: { 'content-type': 'text/plain' }, body: 'Internal Server Error' };
  const response = await twin.handle(request);
  if (buttons.fire('answerLost', target)) throw new ConnectionLost('answer lost');
  if (buttons.fire('answerCut', target)) return { ...response, body: response.body.slice(0, Math.floor(response.body.length / 2)) };
  if (buttons.fire('serverErrorAfterCommit', target)) return { status: 500, headers: { 'content-type': 'text/plain' }, body: 'Internal Server Error' };
  return response;
}

/** A `fetch` that reaches a twin without a socket: for tests and simulation. A cut connection is the TypeError that undici throws. */
export function twinFetch(twin: Twin, wire: { throttle: () => TwinResponse; wait: (ms: number) => Promise<void> }): (request: Request) => Promise<Response> {
  return async (request) => {
    const url = new URL(request.url);
    const body = request.body === null ? '' : await request.text();
    let answer: TwinResponse;
    try {
      answer = await throughWire(twin, { method: request.method, url: url.pathname + url.search, headers: Object.fromEntries(request.headers), body }, wire);
    } catch (cause) {
      throw new TypeError('fetch failed', { cause });
    }
    const headers = new Headers();
    for (const [name, value] of Object.entries(answer.headers)) for (const one of typeof value === 'string' ? [value] : value) headers.append(name, one);
    return new Response(answer.status === 204 || answer.status === 304 ? null : answer.body, { status: answer.status, headers });
  };
}

const bodyLimit = 32 * 1024 * 1024;

/** Serves a twin over HTTP on loopback, with `/_twin` to look inside and press buttons. Port 0 takes a free one. */
export async function serveTwin(
  twin: Twin,
  options: { port: number; throttle: () => TwinResponse; host?: string },
): Promise<{ readonly url: string; readonly port: number; close(): Promise<void> }> {
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
  const server = createServer((incoming, outgoing) => {
    void read(incoming).then(
      async (request) => {
        try {
          const answer = request.url.startsWith('/_twin') ? panel(twin, request) : await throughWire(twin, request, { throttle: options.throttle, wait });
          write(outgoing, answer);
        } catch (error) {
          if (error instanceof ConnectionLost) outgoing.destroy();
          else
            write(outgoing, {
              status: 500,
              headers: { 'content-type': 'text/plain' },
              body: `bug in the twin: ${error instanceof Error ? error.stack : String(error)}`,
            });
        }
      },
      () => outgoing.destroy(),
    );
  });
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host ?? '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host ?? '127.0.0.1'}:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function read(incoming: IncomingMessage): Promise<TwinRequest> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyLimit) reject(new RangeError('body too large'));
      else chunks.push(chunk);
    });
    incoming.on('error', reject);
    incoming.on('end', () => {
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(incoming.headers))
        if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ');
      resolve({ method: incoming.method ?? 'GET', url: incoming.url ?? '/', headers, body: chunks.length === 0 ? '' : Buffer.concat(chunks).toString('utf8') });
    });
  });
}

function write(outgoing: ServerResponse, answer: TwinResponse): void {
  const body = Buffer.from(answer.body, 'utf8');
  outgoing.writeHead(answer.status, {
    ...(answer.headers as Record<string, string | string[]>),
    ...(answer.status === 204 ? {} : { 'content-length': String(body.length) }),
  });
  outgoing.end(answer.status === 204 ? undefined : body);
}
