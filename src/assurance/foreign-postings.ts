import type { RecordOf } from '#model/records';
import type { Written } from '#assurance/operations';
import type { Ground } from '#assurance/plan';
import type { Section } from '#assurance/statement';

/** Most numbers that one line of foreign postings names. */
const mostNumbers = 5;

/** Postings of finance that carry no reference of a hub: people's, or other programs'. */
export class Others {
  readonly #system: string;
  readonly #groups = new Map<string, { by: string; costCentre: string; currency: string; minor: number; numbers: string[]; count: number }>();
  /** Number of the document that takes back, by the one that it takes back. */
  readonly reversals = new Map<string, string>();

  constructor(system: string) {
    this.#system = system;
  }

  add(number: string, { amount, postedBy = '', account, reverses }: RecordOf<'costPosting'>): void {
    if (reverses !== undefined) this.reversals.set(reverses, number);
    const costCentre = account.costCentre ?? account.order ?? account.fixedAsset ?? '';
    const key = JSON.stringify([postedBy, costCentre, amount.currency]);
    const group = this.#groups.get(key) ?? { by: postedBy, costCentre, currency: amount.currency, minor: 0, numbers: [], count: 0 };
    group.minor += amount.minor;
    group.count += 1;
    if (group.numbers.length < mostNumbers) group.numbers.push(number);
    this.#groups.set(key, group);
  }

  /** One line for each person and payer: flagged, and explained by itself, since the hub is not the only one who may post. */
  report(section: Section): void {
    for (const { by, costCentre, currency, minor, numbers, count } of this.#groups.values()) {
      const who = by === '' ? 'somebody' : by;
      const more = count > numbers.length ? ` and ${count - numbers.length} more` : '';
      section.differ({
        key: `${costCentre || 'no payer'} ${who} ${currency}`,
        class: 'notOfTheHub',
        left: '',
        right: numbers.join(', '),
        money: { minor, currency },
        text: `${count} cost posting${count === 1 ? '' : 's'} in ${this.#system} by ${who} to ${costCentre || 'no single payer'} without a reference of this hub: ${numbers.join(', ')}${more}`,
        explainedBy: [`${who} posted without the hub: nothing of it is in the hub's ledger`],
      });
    }
  }
}

/** A posting of the hub that somebody took back in finance: the hub's ledger still has it. */
export function takenBackByHand({ section, books: { finance } }: Ground, own: readonly Written[], { reversals }: Others): void {
  for (const operation of own) {
    const by = operation.state === 'applied' && operation.verb !== 'reverse' ? reversals.get(operation.id) : undefined;
    if (by === undefined) continue;
    section.differ({
      key: operation.reference,
      class: 'reversedByHand',
      left: operation.id,
      right: by,
      ...(operation.value ? { money: { minor: -operation.value.minor || 0, currency: operation.value.currency } } : {}),
      text: `cost posting ${operation.id} of operation ${operation.key} was taken back in ${finance.name} by ${by}`,
    });
  }
}
