import * as z from 'zod';
import { Fault } from '#base/fault';
import { safeText } from '#spi/answers';
import { NoAnswer, type HttpRequest, type Send } from '#spi/transport';

/** A way to prove who we are. `fields` drives the form, the encryption at rest, and the redaction of logs. */
export interface Auth<F extends z.ZodObject = z.ZodObject> {
  readonly scheme: 'none' | 'basic' | 'apiKey' | 'bearer' | 'oauth2-client' | 'certificate';
  readonly title: string;
  readonly fields: F;
  /** Opens a signer for one connection: it may hold a token and refresh it. `send` reaches the network unsigned. */
  open(context: AuthContext): Signer;
  /** Further origins that signing needs, such as the token endpoint's. */
  origins?(config: Readonly<Record<string, unknown>>): readonly string[];
}

export interface AuthContext {
  readonly credential: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly send: Send;
  now(): number;
}

export interface Signer {
  /** The request with its proof. At once where nothing must be fetched first: most requests do not wait. */
  sign(request: HttpRequest): HttpRequest | Promise<HttpRequest>;
  /** The system answered 401 to this signed request: forget the token that it carried. True if signing again may help. */
  refused(request: HttpRequest): boolean;
}

const secret = (title: string) => z.string().min(1).max(8192).meta({ title, secret: true });
const plain = (title: string) => z.string().min(1).max(500).meta({ title });

/** No sign-in: a system that trusts its network. */
export function none(): Auth {
  return { scheme: 'none', title: 'No sign-in', fields: z.object({}), open: () => fixed({}) };
}

/** User name and password in every request (RFC 7617). A user name holds no colon. */
export function basic(title = 'User and password'): Auth {
  const fields = z.object({ user: plain('User').regex(/^[^:]*$/, 'a user name without a colon is expected'), password: secret('Password') });
  return { scheme: 'basic', title, fields, open: ({ credential }) => fixed({ authorization: `Basic ${basicText(read(fields, credential))}` }) };
}

const basicText = ({ user, password }: { user: string; password: string }): string => Buffer.from(`${user}:${password}`, 'utf8').toString('base64');

/** A key in a header of the vendor's choosing. */
export function apiKey(header: string, title = 'API key'): Auth {
  const fields = z.object({ key: secret(title) });
  return { scheme: 'apiKey', title, fields, open: ({ credential }) => fixed({ [header.toLowerCase()]: read(fields, credential).key }) };
}

/** A token that a person made in the system's settings. */
export function bearer(title = 'Access token'): Auth {
  const fields = z.object({ token: secret(title) });
  return { scheme: 'bearer', title, fields, open: ({ credential }) => fixed({ authorization: `Bearer ${read(fields, credential).token}` }) };
}

function fixed(headers: Readonly<Record<string, string>>): Signer {
  return { sign: (request) => ({ ...request, headers: { ...request.headers, ...headers } }), refused: () => false };
}

/** The fields of a credential, parsed. The message names the field and never its value. */
function read<F extends z.ZodObject>(fields: F, credential: Readonly<Record<string, string>>): z.output<F> {
  const parsed = fields.safeParse(credential);
  if (parsed.success) return parsed.data;
  const names = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new Fault('misconfigured', `the credential lacks a usable ${names}`);
}

export interface OauthOptions {
  /** Address of the token endpoint, from the connection's configuration. */
  readonly tokenUrl: (config: Readonly<Record<string, unknown>>) => string;
  readonly scope?: (config: Readonly<Record<string, unknown>>) => string | undefined;
  /** Where the client proves itself: in the header (RFC 6749 2.3.1, preferred) or in the form. */
  readonly proof?: 'header' | 'form';
}

/** Tokens are renewed this long before they end, so that none ends on the way. */
const renewBeforeMs = 60_000;
/** What holds where the answer names no lifetime. */
const lifetimeUnsaidMs = 5 * 60_000;
const tokenLength = 16_384;

const Token = z.object({
  access_token: z.string().min(1).max(tokenLength),
  token_type: z.string().optional(),
  expires_in: z.coerce
    .number()
    .positive()
    .max(30 * 24 * 3600)
    .optional(),
});

/** OAuth 2.0 client credentials (RFC 6749 4.4): one token for all callers, renewed before it ends and once after a 401. */
export function oauth2Client(options: OauthOptions): Auth {
  const fields = z.object({ clientId: plain('Client id'), clientSecret: secret('Client secret') });
  return {
    scheme: 'oauth2-client',
    title: 'OAuth 2.0 client credentials',
    fields,
    origins: (config) => [new URL(options.tokenUrl(config)).origin],
    open(context) {
      const client = read(fields, context.credential);
      let held: { readonly header: string; readonly renewAt: number } | undefined;
      let asking: Promise<string> | undefined;
      const fetchToken = async (): Promise<string> => {
        const token = await requestToken(options, client, context);
        const lifeMs = token.expires_in === undefined ? lifetimeUnsaidMs : token.expires_in * 1000;
        const header = `Bearer ${token.access_token}`;
        held = { header, renewAt: context.now() + Math.max(lifeMs - renewBeforeMs, lifeMs / 2) };
        return header;
      };
      const header = (): string | Promise<string> => {
        if (held && context.now() < held.renewAt) return held.header;
        asking ??= fetchToken().finally(() => (asking = undefined));
        return asking;
      };
      const signed = (request: HttpRequest, authorization: string): HttpRequest => ({ ...request, headers: { ...request.headers, authorization } });
      return {
        sign(request) {
          const value = header();
          return typeof value === 'string' ? signed(request, value) : value.then((text) => signed(request, text));
        },
        refused(request) {
          // Another caller may have renewed it already: then only this request carried the old one.
          if (held?.header === request.headers['authorization']) held = undefined;
          return true;
        },
      };
    },
  };
}

async function requestToken(
  options: OauthOptions,
  client: { clientId: string; clientSecret: string },
  { config, send }: AuthContext,
): Promise<z.output<typeof Token>> {
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  const scope = options.scope?.(config);
  if (scope !== undefined) form.set('scope', scope);
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
  if (options.proof === 'form') {
    form.set('client_id', client.clientId);
    form.set('client_secret', client.clientSecret);
  } else headers['authorization'] = `Basic ${basicText({ user: encodeURIComponent(client.clientId), password: encodeURIComponent(client.clientSecret) })}`;
  const url = options.tokenUrl(config);
  const where = `POST ${new URL(url).pathname} (token)`;
  let response;
  try {
    response = await send({ method: 'POST', url, headers, body: form.toString() });
  } catch (cause) {
    // Whatever happened to the token request, the request it was for has not been sent.
    if (cause instanceof NoAnswer) throw new Fault('unreachable', `${where} got no answer`, { where, cause });
    throw cause;
  }
  if (response.status !== 200) throw tokenRefused(where, response.status, response.body);
  const parsed = Token.safeParse(parseOr(response.body, undefined));
  if (!parsed.success || !(parsed.data.token_type === undefined || /^bearer$/i.test(parsed.data.token_type)))
    throw new Fault('drifted', `${where} was answered without a bearer token`, { where });
  return parsed.data;
}

function tokenRefused(where: string, status: number, body: string): Fault {
  // The error code is one of RFC 6749's words; the description is not repeated, because it may name the client.
  const code = z.object({ error: z.string().max(60) }).safeParse(parseOr(body, undefined));
  const kind =
    status === 429 ? 'throttled' : status >= 500 || status === 408 ? 'unreachable' : status >= 300 && status < 400 ? 'misconfigured' : 'unauthorised';
  return new Fault(kind, `${where} answered ${status}${code.success ? `: ${safeText(code.data.error)}` : ''}`, { where });
}

function parseOr(text: string, otherwise: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise;
  }
}

/** A `Send` that signs, and after a 401 signs and sends once more: a request refused with 401 was not executed, so that also a write may go again. */
export function signing(send: Send, signer: Signer): Send {
  return async (request) => {
    const signed = signer.sign(request);
    const first = signed instanceof Promise ? await signed : signed;
    const answer = await send(first);
    if (answer.status !== 401 || !signer.refused(first)) return answer;
    return send(await signer.sign(request));
  };
}
