import { Fault } from '#base/fault';
import { answerFault, noAnswerFault, type Classify } from '#spi/answers';
import type { HttpResponse, Send } from '#spi/transport';

/** The token that SAP wants with every write, with the cookies of the session it belongs to. One per connection: all services of a host share the session. */
export class CsrfTokens {
  readonly #send: Send;
  readonly #signal: AbortSignal;
  readonly #headers: Readonly<Record<string, string>>;
  #held: { readonly token: string } | undefined;
  #cookies = new Map<string, string>();
  #cookieText = '';
  #asking: Promise<string> | undefined;

  constructor(options: { readonly send: Send; readonly signal: AbortSignal; readonly headers: Readonly<Record<string, string>> }) {
    this.#send = options.send;
    this.#signal = options.signal;
    this.#headers = options.headers;
  }

  /** The session's cookies for any request; empty before the first token. */
  get cookie(): string {
    return this.#cookieText;
  }

  /** The token at hand, or one fetched from `url`; callers at the same time share one fetch. */
  token(url: string, rules: { readonly classify: Classify; readonly nowMs: number }): string | Promise<string> {
    if (this.#held) return this.#held.token;
    this.#asking ??= this.#fetch(url, rules).finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  /** The system did not accept this token: forget it, unless another caller has a newer one already. */
  refused(token: string): void {
    if (this.#held?.token === token) this.forget();
  }

  forget(): void {
    this.#held = undefined;
    this.#cookies = new Map();
    this.#cookieText = '';
  }

  async #fetch(url: string, rules: { readonly classify: Classify; readonly nowMs: number }): Promise<string> {
    // HEAD is enough by the vendor's own clients; some proxies answer it without headers, so GET is the second try.
    for (const method of ['HEAD', 'GET'] as const) {
      const where = { method, path: new URL(url).pathname };
      let response: HttpResponse;
      try {
        response = await this.#send({
          method,
          url,
          headers: { ...this.#headers, accept: 'application/json', 'x-csrf-token': 'Fetch', ...(this.#cookieText === '' ? {} : { cookie: this.#cookieText }) },
          signal: this.#signal,
        });
      } catch (error) {
        throw noAnswerFault(where, error);
      }
      const token = response.headers['x-csrf-token'];
      if (response.status < 400 && token !== undefined && token !== '' && !/^(required|fetch)$/i.test(token)) {
        this.#take(response.cookies);
        this.#held = { token };
        return token;
      }
      if (method === 'GET' && response.status >= 400)
        throw answerFault(
          { ...where, status: response.status, headers: response.headers, body: response.body },
          { classify: rules.classify, nowMs: rules.nowMs },
        );
    }
    throw new Fault('drifted', `${new URL(url).pathname} gave no x-csrf-token, and no write is accepted without one`);
  }

  #take(cookies: readonly string[]): void {
    for (const line of cookies.slice(0, 50)) {
      const pair = line.split(';', 1)[0] ?? '';
      const at = pair.indexOf('=');
      if (at > 0) this.#cookies.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
    }
    this.#cookieText = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}
