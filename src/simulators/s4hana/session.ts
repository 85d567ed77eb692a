import type { Random } from '#base/random';
import type { TwinRequest, TwinResponse } from '#simulators/twin';
import type { S4Config, S4User } from './config.ts';

interface Session {
  readonly user: string;
  readonly token: string;
  usedAt: number;
}

/** Most sessions and bearer tokens kept; the oldest go first. */
export const sessionLimit = 10_000;

/** Sign-in, bearer tokens, and the pair of session cookie and CSRF token that every write must bring. */
export class Sessions {
  readonly #config: S4Config;
  readonly #random: Random;
  readonly #now: () => number;
  readonly #sessions = new Map<string, Session>();
  readonly #bearers = new Map<string, { user: S4User; until: number }>();
  readonly #basic: ReadonlyMap<string, S4User>;

  constructor(config: S4Config, random: Random, now: () => number) {
    this.#config = config;
    this.#random = random;
    this.#now = now;
    this.#basic = new Map(config.users.map((user) => [`Basic ${Buffer.from(`${user.user}:${user.password}`).toString('base64')}`, user]));
  }

  /** The user of a request, by Basic or bearer token. */
  user(request: TwinRequest): S4User | undefined {
    const given = request.headers['authorization'] ?? '';
    const basic = this.#basic.get(given);
    if (basic) return basic;
    const bearer = given.startsWith('Bearer ') ? this.#bearers.get(given.slice(7)) : undefined;
    return bearer && bearer.until > this.#now() ? bearer.user : undefined;
  }

  /** `POST /sap/bc/sec/oauth2/token`, grant client credentials. */
  token(request: TwinRequest): TwinResponse {
    const json = (status: number, body: unknown): TwinResponse => ({
      status,
      headers: { 'content-type': 'application/json;charset=utf-8', 'cache-control': 'no-store' },
      body: JSON.stringify(body),
    });
    const form = new URLSearchParams(request.body);
    if (request.method !== 'POST') return json(405, { error: 'invalid_request' });
    if (form.get('grant_type') !== 'client_credentials')
      return json(400, { error: 'unsupported_grant_type', error_description: 'only client_credentials is offered' });
    const header = /^Basic (.+)$/.exec(request.headers['authorization'] ?? '')?.[1];
    const [id, secret] = header === undefined ? [form.get('client_id'), form.get('client_secret')] : Buffer.from(header, 'base64').toString('utf8').split(':');
    const user = this.#config.users.find((one) => one.clientId !== undefined && one.clientId === id && one.clientSecret === secret);
    if (!user) return json(401, { error: 'invalid_client' });
    const token = this.#random.hex(24);
    keep(this.#bearers, token, { user, until: this.#now() + this.#config.tokenLifetimeMs });
    return json(200, { access_token: token, token_type: 'Bearer', expires_in: Math.floor(this.#config.tokenLifetimeMs / 1000) });
  }

  /** Answers `x-csrf-token: Fetch`: the token of the session that the cookie names, or of a new one. */
  fetch(request: TwinRequest, user: S4User): Record<string, string | readonly string[]> {
    const known = this.#session(request, user);
    if (known) return { 'x-csrf-token': known.token };
    const id = this.#random.hex(16);
    const token = `${this.#random.hex(12)}==`;
    keep(this.#sessions, id, { user: user.user, token, usedAt: this.#now() });
    return {
      'x-csrf-token': token,
      'set-cookie': [`${this.#cookie}=${id}; path=/; secure; HttpOnly`, `sap-usercontext=sap-client=${this.#config.client}; path=/`],
    };
  }

  /** Whether cookie and token of a write belong together and to the user. */
  allows(request: TwinRequest, user: S4User): boolean {
    const session = this.#session(request, user);
    return session !== undefined && session.token === request.headers['x-csrf-token'];
  }

  /** Ends every session and token: what a restart of the system does. */
  clear(): void {
    this.#sessions.clear();
    this.#bearers.clear();
  }

  get #cookie(): string {
    return `SAP_SESSIONID_${this.#config.systemId}_${this.#config.client}`;
  }

  #session(request: TwinRequest, user: S4User): Session | undefined {
    const cookies = request.headers['cookie'];
    const name = `${this.#cookie}=`;
    const id = cookies
      ?.split(';')
      .map((part) => part.trim())
      .find((part) => part.startsWith(name))
      ?.slice(name.length);
    const session = id === undefined ? undefined : this.#sessions.get(id);
    if (!session || session.user !== user.user || session.usedAt + this.#config.sessionLifetimeMs < this.#now()) return undefined;
    session.usedAt = this.#now();
    return session;
  }
}

function keep<V>(map: Map<string, V>, key: string, value: V): void {
  map.set(key, value);
  if (map.size <= sessionLimit) return;
  const oldest = map.keys().next().value;
  if (oldest !== undefined) map.delete(oldest);
}
