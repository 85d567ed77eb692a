import type { FlowEvent } from '#engine/flow';
import type { ProcurementInput } from '#flows/procurement/flow';

/** Why something cannot be carried forward. `kind` stays the same while the figures in the text move. */
export type Trouble = { kind: string; text: string; owner: string };

/** A trouble that stands, with the subject of the event that is held for it. */
export type Hold = Trouble & { by: string };

/** What a lane holds, by what it concerns: `line/10`, `goodsReceipt/5000012`, `requisition/1/10/need`. */
export type Holds = { [about: string]: Hold };

export interface About {
  readonly key: string;
  /** What is held, in words: begins a reason that says it goes on. */
  readonly name: string;
  readonly line?: string;
  /** Whether this event speaks of it: then it says that what it brought waits. */
  readonly touched: boolean;
}

/** A newer event with the same subject takes the older one's place, as the engine sees it too. */
const subjectOf = ({ source, object, kind }: FlowEvent): string => `${source}|${kind.slice(0, kind.lastIndexOf('.'))}|${object}`;

/**
 * One held event stands for one trouble: the event that brought it, or a newer version of it. Everything that arrives behind it is taken in and ends as
 * it would without the trouble; what it says of the held line counts as soon as the line is repaired, by whichever event repairs it.
 */
export function settleHold({ event, plan }: Pick<ProcurementInput, 'event' | 'plan'>, holds: Holds, about: About, trouble: Trouble | undefined): void {
  const { key, name, line, touched } = about;
  const before = holds[key];
  if (!trouble) {
    if (!before) return;
    delete holds[key];
    plan.note(`${name} is no longer held: everything that waited for it counts now`, line);
    return;
  }
  const me = subjectOf(event);
  const mine = before?.kind !== trouble.kind || before.by === me;
  holds[key] = { ...trouble, by: mine ? me : before.by };
  if (mine) holdOnce(plan, trouble, line);
  else if (touched) plan.note(`${name} stays held, and what this says of it waits: ${trouble.text}`, line);
}

function holdOnce(plan: ProcurementInput['plan'], { text, owner }: Trouble, line: string | undefined): void {
  if (plan.reasons.some((reason) => reason.did === 'held' && reason.text === text && reason.line === line)) return;
  plan.hold(text, { owner, ...(line === undefined ? {} : { line }) });
}

/** What the event itself is held for: told again where it has nothing else to say, so that no trouble loses its event. */
export const heldBy = (event: FlowEvent, holds: Holds): string[] =>
  Object.entries(holds)
    .filter(([, { by }]) => by === subjectOf(event))
    .map(([key]) => key);

/** Holds again for what an outdated version of the event still stands for. */
export function holdAgain({ event, plan }: Pick<ProcurementInput, 'event' | 'plan'>, holds: Holds): void {
  for (const key of heldBy(event, holds)) {
    const hold = holds[key];
    if (hold) holdOnce(plan, hold, key.startsWith('line/') ? key.slice('line/'.length) : undefined);
  }
}
