import type { Twin, TwinRequest, TwinResponse } from '#simulators/twin';
import { NoAnswer, type HttpRequest, type HttpResponse, type Send } from '#spi/transport';
import type { Kernel } from './kernel.ts';

/** What one request meets on its way. */
export interface WireTrouble {
  readonly name: string;
  /** Nothing arrives, and the sender knows. */
  readonly refused?: true;
  /** It arrives so much later. */
  readonly lateMs?: number;
  /** The answer takes so much longer. */
  readonly slowMs?: number;
  /** It arrives and is not executed: this is the answer. */
  readonly instead?: TwinResponse;
  /** It arrives and is executed; the connection then ends without an answer. */
  readonly reset?: true;
  /** Never arrives, never answered. */
  readonly hang?: true;
  /** It arrives twice. */
  readonly twice?: true;
  /** Changes the answer. */
  readonly answer?: (response: TwinResponse) => TwinResponse;
}

/** One request as it happened, told at the instant it arrives. */
export interface Exchange {
  readonly owner: string;
  readonly connection: string;
  readonly request: TwinRequest;
  /** Absent where it was not executed. */
  readonly response?: TwinResponse;
  /** The sender got the answer as it was given. */
  readonly answered: boolean;
  readonly trouble: string | undefined;
}

/** How long the hub's sender waits for an answer, as in production. */
const timeoutMs = 30_000;

/** The network between the processes of the hub and the twins: latencies and troubles come from the seed. */
export class Network {
  readonly #kernel: Kernel;
  readonly #twins: ReadonlyMap<string, Twin>;
  readonly #trouble: (connection: string, request: TwinRequest) => WireTrouble | undefined;
  readonly #seen: (exchange: Exchange) => void;
  readonly #left: (owner: string, connection: string, request: TwinRequest) => void;
  readonly #ended: (owner: string, connection: string) => void;
  requests = 0;

  constructor(options: {
    readonly kernel: Kernel;
    readonly twins: ReadonlyMap<string, Twin>;
    readonly trouble: (connection: string, request: TwinRequest) => WireTrouble | undefined;
    readonly seen: (exchange: Exchange) => void;
    /** Told when a request leaves the hub, before it arrives anywhere. */
    readonly left: (owner: string, connection: string, request: TwinRequest) => void;
    /** Told when the hub no longer waits for its answer. */
    readonly ended: (owner: string, connection: string) => void;
  }) {
    this.#kernel = options.kernel;
    this.#twins = options.twins;
    this.#trouble = options.trouble;
    this.#seen = options.seen;
    this.#left = options.left;
    this.#ended = options.ended;
  }

  /** The network of one connection as one process reaches it. */
  send(owner: string, connection: string): Send {
    return (request) => new Promise((resolve, reject) => this.#carry({ owner, connection, request, resolve, reject }));
  }

  #carry(call: Call): void {
    const { owner, connection, request } = call;
    const url = new URL(request.url);
    const where = `${request.method} ${url.pathname}`;
    const twin = this.#twins.get(connection);
    if (!twin) throw new Error(`no twin plays ${connection}`);
    if (request.signal?.aborted) {
      call.reject(new NoAnswer(`${where} was stopped before it was sent`, { sent: false }));
      return;
    }
    this.requests += 1;
    const wire: TwinRequest = {
      method: request.method,
      url: url.pathname + url.search,
      headers: { host: url.host, ...request.headers },
      body: request.body ?? '',
    };
    this.#left(owner, connection, wire);
    const met = this.#trouble(connection, wire);
    const { random } = this.#kernel;
    const there = 1 + random.below(12);
    const back = 1 + random.below(12) + (met?.slowMs ?? 0);
    let open = true;
    const end = (settle: () => void): void => {
      if (!open) return;
      open = false;
      stop();
      this.#ended(owner, connection);
      settle();
    };
    const stop = this.#kernel.later(owner, 'timeout', timeoutMs, () =>
      end(() => call.reject(new NoAnswer(`${where} got no answer: no whole answer within ${timeoutMs} ms`, { sent: true }))),
    );
    if (met?.refused) {
      this.#seen({ owner, connection, request: wire, answered: false, trouble: met.name });
      this.#kernel.later(owner, 'refused', there, () => end(() => call.reject(new NoAnswer(`${where} got no answer: ECONNREFUSED`, { sent: false }))));
      return;
    }
    if (met?.hang) {
      this.#seen({ owner, connection, request: wire, answered: false, trouble: met.name });
      return;
    }
    // What is on its way arrives even if its sender dies meanwhile: it belongs to the world.
    this.#kernel.later('world', `arrive ${connection} ${request.method}`, there + (met?.lateMs ?? 0), () => {
      const executed = met?.instead === undefined;
      const given = met?.instead ?? (twin.handle(wire) as TwinResponse); // Both twins answer at once.
      if (met?.twice) void twin.handle(wire);
      const response = met?.answer ? met.answer(given) : given;
      // A refusal tells the sender that nothing was done, whoever speaks it; anything else that is not the system's own answer tells nothing.
      const answered =
        !met?.reset && ((response === given && response.status < 500) || (response.status >= 400 && response.status < 500) || response.status === 503);
      this.#seen({ owner, connection, request: wire, ...(executed ? { response: given } : {}), answered, trouble: met?.name });
      this.#kernel.later(owner, `answer ${connection} ${response.status}`, back, () =>
        end(() => {
          if (met?.reset) call.reject(new NoAnswer(`${where} got no answer: ECONNRESET`, { sent: true }));
          else call.resolve(plain(response));
        }),
      );
    });
  }
}

interface Call {
  readonly owner: string;
  readonly connection: string;
  readonly request: HttpRequest;
  readonly resolve: (response: HttpResponse) => void;
  readonly reject: (error: Error) => void;
}

function plain(response: TwinResponse): HttpResponse {
  const headers: Record<string, string> = {};
  let cookies: readonly string[] = [];
  for (const [name, value] of Object.entries(response.headers)) {
    if (name.toLowerCase() === 'set-cookie') cookies = typeof value === 'string' ? [value] : value;
    else headers[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ');
  }
  return { status: response.status, headers, cookies, body: response.status === 204 || response.status === 304 ? '' : response.body };
}
