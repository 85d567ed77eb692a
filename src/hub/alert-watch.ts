import { advance, conditions, type AlertMessage, type OpenAlert } from '#assurance/alerts';
import type { JsonObject } from '#base/json';
import { deliver, type ChannelTools } from '#hub/alert-channels';
import type { Hub } from '#hub/hub';
import { situationOf } from '#hub/situation';

/** How often a running hub looks at itself, in milliseconds. */
export const watchEveryMs = 15_000;
/** How long a message that its channel does not take is tried again, in milliseconds. */
const giveUpMs = 86_400_000;
/** Most messages that wait for a channel; the oldest go first. */
const mostOwed = 500;
/** Where open alerts, and messages that were not taken yet, are kept. */
const cursorName = 'alerts';

interface Owed {
  readonly message: AlertMessage;
  readonly tries: number;
  readonly dueAt: number;
}

interface WatchState {
  readonly open: readonly OpenAlert[];
  readonly owed: readonly Owed[];
  readonly heard: Readonly<Record<string, number>>;
}

/** Looks at the situation, tells what is new, and remembers in the store what was told: a restart neither repeats nor forgets. */
export class AlertWatch {
  readonly #hub: Hub;
  readonly #tools: ChannelTools;
  #cancel: (() => void) | undefined;
  #looking: Promise<void> | undefined;

  constructor(hub: Hub, tools: ChannelTools) {
    this.#hub = hub;
    this.#tools = tools;
  }

  /** Looks again and again, until `stop`. */
  start(after: (delayMs: number, run: () => void) => () => void): void {
    const next = (): void => {
      this.#cancel = after(watchEveryMs, () => void this.look().then(next, next));
    };
    next();
  }

  async stop(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    await this.#looking?.catch(() => {});
  }

  /** One look. What a channel does not take is owed and tried again later; nothing that fails here stops the hub. */
  look(): Promise<void> {
    this.#looking = (this.#looking ?? Promise.resolve()).catch(() => {}).then(() => this.#look());
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { store, plant, heard } = this.#hub;
    const { channels, rules } = plant.alerts;
    if (rules.length === 0) return;
    const now = this.#tools.now();
    // Written below in this shape, and by nobody else.
    const kept = ((await store.getCursor(cursorName)) ?? { open: [], owed: [], heard: {} }) as unknown as WatchState;
    for (const [key, at] of Object.entries(kept.heard)) if (at > (heard.get(key) ?? 0)) heard.set(key, at);
    for (const rule of rules) if (rule.on === 'silent' && !heard.has(`${rule.connection}/${rule.kind}`)) heard.set(`${rule.connection}/${rule.kind}`, now);
    const { open, messages } = advance(kept.open, conditions(rules, await situationOf(this.#hub), now), now);
    const known = new Set(Object.keys(channels));
    const owed: Owed[] = [...kept.owed, ...messages.map((message) => ({ message, tries: 0, dueAt: now }))].filter(({ message }) => known.has(message.channel));
    // Before anything goes out it is known that it is owed: told twice rather than never.
    await this.#keep({ open, owed: owed.slice(-mostOwed), heard: Object.fromEntries(heard) });
    const left: Owed[] = [];
    for (const one of owed.slice(-mostOwed)) {
      const after = one.dueAt <= now ? await this.#try(one, now) : one;
      if (after) left.push(after);
    }
    if (left.length !== owed.length || left.some((one, index) => one !== owed[index])) await this.#keep({ open, owed: left, heard: Object.fromEntries(heard) });
  }

  async #try(one: Owed, now: number): Promise<Owed | undefined> {
    const { message, tries } = one;
    const channel = this.#hub.plant.alerts.channels[message.channel];
    if (!channel) return undefined;
    try {
      await deliver(channel, message, this.#tools);
      return undefined;
    } catch (error) {
      const last = now - message.at > giveUpMs;
      this.#tools.log('error', last ? 'an alert could not be told and is given up' : 'an alert could not be told; it is tried again', {
        channel: message.channel,
        alert: message.key,
        error: error instanceof Error ? error.message : String(error),
      });
      return last ? undefined : { message, tries: tries + 1, dueAt: now + Math.min(3_600_000, watchEveryMs * 2 ** tries) };
    }
  }

  #keep(state: WatchState): Promise<void> {
    return this.#hub.store.setCursor(cursorName, state as unknown as JsonObject);
  }
}
