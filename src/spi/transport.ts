/** How bytes reach a system. `rest` and `odata` are in their own files; each gives `Api`, the object that verbs call. */
export interface Transport<Config, Api> {
  readonly scheme: 'rest' | 'odata' | 'soap' | 'files' | 'sql' | 'mqtt';
  open(wire: Wire<Config>): Api;
  /** The cheapest call that proves the address, the credential and the permission. */
  probe(api: Api): Promise<void>;
  /** Origins that the sender may reach for this configuration, as `https://host:port`; everything else is refused. Read from the configuration, never from data. */
  origins?(config: Config): readonly string[];
}

/** What a transport is given for one connection. */
export interface Wire<Config> {
  readonly config: Config;
  readonly rehearsal: boolean;
  readonly signal: AbortSignal;
  /** Sends one request, signed. Follows no redirect. Rejects with `NoAnswer` where no whole answer came, with a Fault where signing failed (then nothing was sent). */
  readonly send: Send;
  now(): number;
}

/** One request. Plain data: `Request` objects cost more than the whole exchange on a kept-alive socket (see the measurement in `http.ts`). */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE' | 'MERGE';
  /** Absolute, already encoded. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; repeated members are joined by `, `, but for `set-cookie`, which is only in `cookies`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: string;
}

/** The network as an argument: a socket in production, a twin in tests. */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

/** No whole answer came. `sent` is false only where no byte of the request can have reached the system, so that it surely was not executed. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly sent: boolean;

  constructor(message: string, detail: { readonly sent: boolean; readonly cause?: unknown }) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.sent = detail.sent;
  }
}
