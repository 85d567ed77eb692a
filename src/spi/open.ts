import type * as z from 'zod';
import type { Clock } from '#base/clock';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import type { RecordKind } from '#model/records';
import { signing, type Auth } from '#spi/auth';
import {
  recordDef,
  type AnyRecordDef,
  type Connector,
  type Once,
  type Page,
  type Query,
  type Receipt,
  type Session,
  type Verbs,
  type Write,
  type WriteTarget,
  type WriteVerb,
} from '#spi/connector';
import { issuesText } from '#spi/decode';
import { asFault, scrubber, secretCleaner } from '#spi/failure';
import { fingerprintOf, type Fingerprint } from '#spi/fingerprint';
import { openSender } from '#spi/http';
import { atMost } from '#spi/parallel';
import type { Send } from '#spi/transport';
import type { IncomingHook, Notice } from '#spi/webhook';

export interface ConnectionOptions {
  readonly name: string;
  /** As it stands in the configuration file; parsed here. */
  readonly config: unknown;
  readonly credential: Readonly<Record<string, string>>;
  /** The network. Absent: a sender of its own, bound to the addresses of the configuration. */
  readonly send?: Send;
  readonly clock: Clock;
  readonly rehearsal: boolean;
  /** Requests at the same time; absent: what the connector declares. */
  readonly parallel?: number;
  /** Sign-in scheme by name, where the connector has several; absent: the first whose fields the credential fills. */
  readonly scheme?: Auth['scheme'];
  readonly timeoutMs?: number;
  readonly plainHttpWaived?: boolean;
  readonly certificateAuthority?: string;
}

/** One configured system, open. Every method rejects with a Fault and with nothing else; no message carries a secret of the credential. */
export interface Connection {
  readonly name: string;
  readonly connector: Connector;
  readonly rehearsal: boolean;
  /** Settings that mappings read as `settings.<name>`. */
  readonly settings: JsonObject;
  probe(): Promise<void>;
  list(kind: RecordKind, query: Query): Promise<Page<unknown>>;
  get(kind: RecordKind, key: string): Promise<unknown>;
  /** One attempt. `uncertain` means: trace before anything else. */
  write(kind: RecordKind, verb: WriteVerb, payload: JsonObject, target: WriteTarget): Promise<Receipt>;
  /** What an earlier attempt left behind; undefined = surely nothing. Only for class L. */
  trace(kind: RecordKind, verb: WriteVerb, once: Once, payload: JsonObject): Promise<Receipt | undefined>;
  verifyHook(hook: IncomingHook, secret: string): void;
  notices(hook: IncomingHook): readonly Notice[];
  subscribe(type: string, url: string): Promise<{ readonly id: string; readonly secret: string }>;
  alive(subscription: string): Promise<boolean>;
  fingerprint(): Promise<Fingerprint>;
  /** Ends what is under way at once and closes the sockets. */
  close(): void;
}

/** Opens a connection. Throws `misconfigured` where configuration or credential do not fit the connector. Nothing is sent yet. */
export function openConnection(connector: Connector, options: ConnectionOptions): Connection {
  const config = configOf(connector, options);
  const auth = authOf(connector, options);
  const secrets = secretsOf(auth, options.credential);
  const scrub = scrubber(secrets);
  const stop = new AbortController();
  const network =
    options.send === undefined
      ? openSender({ ...options, origins: [...(connector.transport.origins?.(config) ?? []), ...(auth.origins?.(config) ?? [])] })
      : { send: options.send, close: () => {} };
  const sender = { send: atMost(options.parallel ?? connector.limits.parallel, network.send), close: () => network.close() };
  const now = (): number => options.clock.now();
  const signer = auth.open({ credential: options.credential, config, send: (request) => sender.send({ ...request, signal: stop.signal }), now });
  const api: unknown = connector.transport.open({
    config,
    rehearsal: options.rehearsal,
    signal: stop.signal,
    send: withoutEchoes(signing(sender.send, signer), secrets),
    now,
  });
  const session: Session<unknown, unknown> = { config, api, signal: stop.signal, rehearsal: options.rehearsal, now };

  const guarded = async <T>(what: { readonly text: string; readonly writes: boolean }, run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      throw scrub(asFault(error, what));
    }
  };
  const verbsOf = (kind: RecordKind): { readonly def: AnyRecordDef; readonly verbs: Verbs<Session<unknown, unknown>, unknown> } => {
    const def = recordDef(connector, kind);
    if (!def) throw new Fault('misconfigured', `${connector.title} has no ${kind}`);
    return { def, verbs: def.verbs as Verbs<Session<unknown, unknown>, unknown> };
  };
  const writeOf = (kind: RecordKind, verb: WriteVerb): Write<Session<unknown, unknown>, JsonObject> =>
    verbsOf(kind).verbs[verb] ?? refuse(connector, kind, verb);
  const hooks = (): NonNullable<Connector['webhooks']> => connector.webhooks ?? refuse(connector, 'webhooks', 'receive');

  return {
    name: options.name,
    connector,
    rehearsal: options.rehearsal,
    settings: config as JsonObject,
    probe: () => guarded({ text: `probe of ${options.name}`, writes: false }, () => connector.transport.probe(api)),
    list: (kind, query) =>
      guarded({ text: `list ${kind}`, writes: false }, () =>
        (verbsOf(kind).verbs.list ?? refuse(connector, kind, 'list'))(session, { ...query, limit: Math.max(1, Math.min(query.limit, connector.limits.page)) }),
      ),
    get: (kind, key) => guarded({ text: `get ${kind} ${key}`, writes: false }, () => (verbsOf(kind).verbs.get ?? refuse(connector, kind, 'get'))(session, key)),
    write: (kind, verb, payload, target) => guarded({ text: `${verb} ${kind}`, writes: true }, async () => writeOf(kind, verb).run(session, payload, target)),
    trace: (kind, verb, once, payload) =>
      guarded({ text: `trace of ${verb} ${kind}`, writes: false }, async () =>
        (writeOf(kind, verb).trace ?? refuse(connector, kind, `trace of ${verb}`))(session, once, payload),
      ),
    verifyHook: (hook, secret) => rethrowing(() => hooks().verify(hook, secret, now()), scrubber([secret])),
    notices: (hook) => rethrowing(() => hooks().notices(hook), scrub),
    subscribe: (type, url) => guarded({ text: `subscribe ${type}`, writes: true }, async () => hooks().subscribe(session, { type, url })),
    alive: (subscription) => guarded({ text: 'health of a subscription', writes: false }, async () => hooks().alive(session, subscription)),
    fingerprint: () => guarded({ text: `fingerprint of ${options.name}`, writes: false }, async () => fingerprintOf(await connector.fingerprint(session))),
    close() {
      stop.abort();
      sender.close();
    },
  };
}

/** An error body may echo the credential: it is cleaned before anything shortens it, so that no half of a secret remains. */
function withoutEchoes(send: Send, secrets: readonly string[]): Send {
  const clean = secretCleaner(secrets);
  return async (request) => {
    const answer = await send(request);
    return answer.status < 400 ? answer : { ...answer, body: clean(answer.body) };
  };
}

function refuse(connector: Connector, what: string, verb: string): never {
  throw new Fault('misconfigured', `${connector.title} cannot ${verb} ${what}`);
}

function rethrowing<T>(run: () => T, scrub: (fault: Fault) => Fault): T {
  try {
    return run();
  } catch (error) {
    throw scrub(asFault(error, { text: 'webhook', writes: false }));
  }
}

function configOf(connector: Connector, { name, config }: ConnectionOptions): Record<string, unknown> {
  const parsed = connector.config.safeParse(config);
  // The schema is a zod object, so that what it gives is a record of settings.
  if (parsed.success) return parsed.data as Record<string, unknown>;
  throw new Fault('misconfigured', `connection ${name}: ${issuesText(parsed.error as z.ZodError)}`);
}

function authOf(connector: Connector, { name, credential, scheme }: ConnectionOptions): Auth {
  const found = connector.auth.find((auth) => (scheme === undefined ? auth.fields.safeParse(credential).success : auth.scheme === scheme));
  if (found && found.fields.safeParse(credential).success) return found;
  const known = connector.auth.map((auth) => `${auth.scheme} (${Object.keys(auth.fields.shape).join(', ') || 'no fields'})`).join(' or ');
  throw new Fault('misconfigured', `connection ${name}: the credential fits no sign-in of ${connector.title}; it takes ${known}`);
}

/** Every secret text of the credential, also as it looks in a Basic header. */
function secretsOf(auth: Auth, credential: Readonly<Record<string, string>>): string[] {
  const secrets = Object.entries(auth.fields.shape).flatMap(([field, schema]) =>
    (schema as z.ZodType).meta()?.['secret'] === true ? [credential[field] ?? ''] : [],
  );
  const user = credential['user'] ?? credential['clientId'] ?? '';
  return [
    ...secrets,
    ...secrets.map((secret) => Buffer.from(`${user}:${secret}`, 'utf8').toString('base64')),
    ...secrets.map((secret) => encodeURIComponent(secret)),
  ];
}
