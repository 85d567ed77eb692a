import type { ManualClock } from '#base/clock';
import type { JsonObject } from '#base/json';
import type { RecordKind } from '#model/records';
import type { Connector } from '#spi/connector';
import { openConnection, type Connection } from '#spi/open';
import type { HttpRequest, Send } from '#spi/transport';
import type { IncomingHook } from '#spi/webhook';

/** A fresh system for one check: a twin in the same process, with a clock that the check moves. */
export interface BenchSystem {
  readonly send: Send;
  readonly clock: ManualClock;
  /** How many records of a kind the system holds, by its own count. */
  count(kind: RecordKind): number;
  /** Changes one record behind the connector's back, at the present time of the system; gives its key. */
  touch?(kind: RecordKind, index: number): string;
  /** Adds one record behind the connector's back; gives its key. */
  add?(kind: RecordKind): string;
  /** A call that the vendor would make now for an event type, signed with the secret. */
  hook?(type: string, secret: string): IncomingHook;
  /** Leaves the credential what these permissions of the definition allow, by their names, and nothing else. */
  restrict?(permissions: readonly string[]): void;
}

/** What a connector's test file supplies; everything else is read from the definition. */
export interface Bench {
  readonly config: Readonly<Record<string, unknown>>;
  readonly credential: Readonly<Record<string, string>>;
  /** Well formed and wrong; its texts are canaries that must not appear anywhere. */
  readonly badCredential: Readonly<Record<string, string>>;
  /** A system with `count` records of each kind that can be listed. */
  start(count: number): BenchSystem;
  /** The same system with the vendor's own limits of requests switched on. */
  limited?(count: number): BenchSystem;
  /** What the mapping writes to take back the document that the draft of the kind makes. */
  readonly reversals?: Partial<Record<RecordKind, (id: string) => JsonObject>>;
  /** What the mapping writes for a new record; may depend on records that `start(3)` made. */
  readonly drafts: Partial<Record<RecordKind, JsonObject>>;
  /** A change of the first record, as the mapping writes it, and the key where the kind has no list. */
  readonly changes: Partial<Record<RecordKind, { readonly key?: string; readonly payload: JsonObject }>>;
  /** Checks that cannot hold, by their exact name, each with the reason. A waiver of a check that does not exist fails the suite. */
  readonly waivers?: Readonly<Record<string, string>>;
}

/** A connection to a bench's system. `wrap` stands between the connector and the system. */
export function benchConnection(
  connector: Connector,
  bench: Bench,
  options: {
    readonly system: BenchSystem;
    readonly rehearsal?: boolean;
    readonly credential?: Readonly<Record<string, string>>;
    readonly wrap?: (send: Send) => Send;
  },
): Connection {
  const send = options.wrap ? options.wrap(options.system.send) : options.system.send;
  return openConnection(connector, {
    name: `${connector.name}-bench`,
    config: bench.config,
    credential: options.credential ?? bench.credential,
    send,
    clock: options.system.clock,
    rehearsal: options.rehearsal ?? false,
  });
}

/** Whether a request could change the system. Token requests go to another path and are the sign-in's own. */
export const changesSomething = ({ method, url }: HttpRequest): boolean => method !== 'GET' && method !== 'HEAD' && !/token/i.test(new URL(url).pathname);
