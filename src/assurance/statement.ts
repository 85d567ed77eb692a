import { add } from '#base/decimal';
import { amountText, type Money } from '#base/money';

/** What kinds of difference there are, worst first. The order decides which is listed first where not all are. */
export const differenceClasses = {
  duplicateDocument: {
    title: 'one operation, several documents',
    advice: 'Take all but one back by their opposite documents, then find out who posted the others.',
  },
  foreignDocument: {
    title: 'carries a reference that this hub never made',
    advice: 'Another hub, or a restored one, writes to the same system: stop one of them.',
  },
  reversedByHand: { title: 'taken back without the hub', advice: 'Correct the work order, so that the hub knows; or post the document anew.' },
  missingInFinance: { title: 'not in finance', advice: 'Look the number up in finance; create or link the record.' },
  missingInMaintenance: { title: 'not in maintenance', advice: 'Create or link the record in the maintenance system.' },
  missingInHub: { title: 'not known to the hub', advice: 'Poll the kind, then look at the held records: linchpin exceptions.' },
  negative: { title: 'below zero', advice: 'Count the shelf and correct the side that is below zero.' },
  unit: { title: 'in another unit', advice: 'Correct the unit of the part, or add its alternative unit.' },
  currency: { title: 'in another currency', advice: 'Post the document in the currency of the order; amounts of two currencies are never added.' },
  quantity: { title: 'another quantity', advice: 'Count, then correct the side that is wrong.' },
  received: { title: 'another quantity received', advice: 'Compare the goods receipts of the line.' },
  invoiced: { title: 'another quantity or amount invoiced', advice: 'Compare the supplier invoices of the line.' },
  amount: { title: 'another amount', advice: 'Compare price and value of the document.' },
  costCentre: { title: 'another cost centre', advice: 'Repost to the right cost centre, or correct the asset.' },
  number: { title: 'another document number', advice: 'Read the document in finance and record which one is right.' },
  stillActive: { title: 'disposed of and still active in finance', advice: 'Retire the fixed asset.' },
  status: { title: 'another status', advice: 'Set the status in the system that does not own it.' },
  parent: { title: 'another parent', advice: 'Move it in the system that does not own the hierarchy.' },
  name: { title: 'another name', advice: 'Rename it in the system that does not own the name.' },
  notMapped: { title: 'not linked to the other system', advice: 'Link it by code or in identities.csv.' },
  twoAsOne: { title: 'two records of one system are one in the hub', advice: 'Correct identities.csv or the codes.' },
  unreadable: { title: 'cannot be read', advice: 'Compare the contract of the connection: linchpin doctor.' },
  notOfTheHub: {
    title: 'posted in finance without the hub',
    advice: 'Nothing, if it is meant. What belongs to a work order is entered there, so that the hub posts it.',
  },
  waiting: { title: 'something is open about it that does not account for it', advice: 'Wait until it is answered, or act on it: linchpin exceptions.' },
} as const;

export type DifferenceClass = keyof typeof differenceClasses;
const ranks = new Map(Object.keys(differenceClasses).map((name, rank) => [name as DifferenceClass, rank]));
const rankOf = (name: DifferenceClass): number => ranks.get(name) ?? ranks.size;

/** One thing on which two sides do not say the same. */
export interface Difference {
  /** `part@storeroom`, order and line, document number, asset. */
  readonly key: string;
  readonly class: DifferenceClass;
  /** What each side says, as text; empty where it says nothing. */
  readonly left: string;
  readonly right: string;
  /** Money that depends on it, where a price is known. */
  readonly money?: Money;
  readonly text: string;
  /** Open operations and events, or the policy, that account for it exactly. Such a difference does not count against agreement. */
  readonly explainedBy?: readonly string[];
}

/** Sums of both sides, exact, per unit or currency. */
export interface Total {
  readonly what: string;
  readonly unit: string;
  readonly left: string;
  readonly right: string;
}

export const sectionNames = ['stock', 'orders', 'costs', 'assets'] as const;
export type SectionName = (typeof sectionNames)[number];

export interface StatementSection {
  readonly name: SectionName;
  readonly compared: number;
  readonly agreed: number;
  readonly explained: number;
  readonly unexplained: number;
  /** How many of each class, explained ones included. */
  readonly classes: Readonly<Partial<Record<DifferenceClass, number>>>;
  /** The worst first, at most `mostDifferences`. */
  readonly differences: readonly Difference[];
  /** How many more there are than are listed. */
  readonly more: number;
  readonly totals: readonly Total[];
  /** What could not be compared, since a system does not offer it; one sentence each. */
  readonly notCompared: readonly string[];
}

/** The result of a reconciliation. Same systems, same hub and same `now`: the same bytes. */
export interface Statement {
  readonly at: number;
  readonly sections: readonly StatementSection[];
  /** True where every difference is explained. */
  readonly agrees: boolean;
}

/** Most differences that one section lists; all are counted. */
export const mostDifferences = 1000;

const order = (a: Difference, b: Difference): number =>
  Number(a.explainedBy !== undefined) - Number(b.explainedBy !== undefined) ||
  rankOf(a.class) - rankOf(b.class) ||
  textOrder(a.key, b.key) ||
  textOrder(a.text, b.text);
const textOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Collects one section while both sides stream by: counts all, keeps the worst, in an order that does not depend on that of the reading. */
export class Section {
  readonly name: SectionName;
  readonly #most: number;
  readonly #classes = new Map<DifferenceClass, number>();
  readonly #totals = new Map<string, { what: string; unit: string; left: string; right: string }>();
  readonly #notCompared = new Set<string>();
  #differences: Difference[] = [];
  #agreed = 0;
  #explained = 0;
  #unexplained = 0;

  constructor(name: SectionName, most = mostDifferences) {
    this.name = name;
    this.#most = most;
  }

  agree(count = 1): void {
    this.#agreed += count;
  }

  differ(difference: Difference): void {
    this.#classes.set(difference.class, (this.#classes.get(difference.class) ?? 0) + 1);
    if (difference.explainedBy === undefined) this.#unexplained += 1;
    else this.#explained += 1;
    this.#differences.push(difference);
    if (this.#differences.length >= 2 * this.#most + 2) this.#cut();
  }

  total(what: string, unit: string, values: { readonly left?: string; readonly right?: string }): void {
    const key = `${what}\n${unit}`;
    let found = this.#totals.get(key);
    if (!found) this.#totals.set(key, (found = { what, unit, left: '0', right: '0' }));
    if (values.left !== undefined) found.left = add(found.left, values.left);
    if (values.right !== undefined) found.right = add(found.right, values.right);
  }

  money(what: string, values: { readonly left?: Money; readonly right?: Money }): void {
    if (values.left) this.total(what, values.left.currency, { left: amountText(values.left) });
    if (values.right) this.total(what, values.right.currency, { right: amountText(values.right) });
  }

  notCompared(sentence: string): void {
    this.#notCompared.add(sentence);
  }

  done(): StatementSection {
    this.#cut();
    const found = this.#explained + this.#unexplained;
    return {
      name: this.name,
      compared: this.#agreed + found,
      agreed: this.#agreed,
      explained: this.#explained,
      unexplained: this.#unexplained,
      classes: Object.fromEntries([...this.#classes].sort(([a], [b]) => rankOf(a) - rankOf(b))),
      differences: this.#differences,
      more: found - this.#differences.length,
      totals: [...this.#totals.values()].sort((a, b) => textOrder(a.what, b.what) || textOrder(a.unit, b.unit)),
      notCompared: [...this.#notCompared].sort(),
    };
  }

  #cut(): void {
    this.#differences = this.#differences.sort(order).slice(0, this.#most);
  }
}
