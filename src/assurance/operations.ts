import { negate } from '#base/decimal';
import type { OperationRow, Store } from '#store/port';
import type { Section } from '#assurance/statement';

const rowsPerPage = 1000;

/** Money of one document, in minor units; a document that takes back is negative. */
export interface Signed {
  readonly minor: number;
  readonly currency: string;
}

/** What is kept of an operation: enough to recognise its document and to book it. */
export interface Written {
  readonly key: string;
  readonly lane: string;
  readonly record: string;
  readonly verb: string;
  readonly reference: string;
  readonly state: OperationRow['state'];
  /** The document's number, as the target answered; empty while there is no answer. */
  readonly id: string;
  readonly workOrder: string;
  /** Cost centre of the draft's account; empty where the draft charges something else. */
  readonly costCentre: string;
  /** Value: what the target answered, else the draft's own amount. */
  readonly value: Signed | undefined;
  /** Whether the target said the value. */
  readonly valued: boolean;
  /** Signed quantity of a movement with one line, and the code of its unit; of a labour posting its hours, as finance kept them. */
  readonly quantity: { readonly value: string; readonly unit: string } | undefined;
  /** The day under which it was to be posted; empty where the draft has none. */
  readonly postedOn: string;
  /** The number that a reversal takes back. */
  readonly reverses: string;
  readonly reason: string;
}

/** Operations of one connection by their reference. */
export type References = ReadonlyMap<string, Written>;

interface Draft {
  readonly workOrder?: string;
  readonly account?: { readonly costCentre?: string };
  readonly amount?: Signed;
  readonly reverses?: string;
  readonly postedOn?: string;
  readonly hours?: string;
  readonly lines?: readonly { readonly direction?: string; readonly quantity?: { readonly value: string; readonly unit: { readonly code: string } } }[];
}

/** What a target says of a document in its receipt, where flows and statements use it. */
interface Told {
  readonly value?: { readonly minor?: unknown; readonly currency?: unknown };
  readonly hours?: unknown;
}

/** A system may round hours: what it says it kept is what it is held to. */
function hoursOf(told: Told | undefined, draft: Draft, back: boolean): Written['quantity'] {
  const hours = typeof told?.hours === 'string' ? told.hours : draft.hours;
  if (hours === undefined) return undefined;
  const worked = hours.startsWith('-') ? negate(hours) : hours;
  return { value: back ? negate(worked) : worked, unit: 'h' };
}

/** Reads every operation that the hub ever made for a connection, compact. */
export async function referencesOf(store: Store, connection: string): Promise<References> {
  const found = new Map<string, Written>();
  for (let after: string | undefined; ;) {
    const rows = await store.read.listOperations({ connection, limit: rowsPerPage, ...(after === undefined ? {} : { after }) });
    for (const row of rows) found.set(row.reference, written(row));
    after = rows.at(-1)?.key;
    if (rows.length < rowsPerPage) return found;
  }
}

function written({ key, lane, record, verb, reference, state, receipt, draft: json, reason }: OperationRow): Written {
  // Drafts are canonical records of the flows.
  const draft = (json ?? {}) as Draft;
  const told = receipt?.['data'] as Told | undefined;
  const valued = typeof told?.value?.minor === 'number' && typeof told.value.currency === 'string';
  const value = valued ? (told.value as Signed) : draft.amount;
  const back = verb === 'reverse' || (record === 'goodsIssue' && draft.lines?.[0]?.direction === 'in');
  const signed = value && (record === 'workOrderCost' ? value.minor : (back ? -1 : 1) * Math.abs(value.minor));
  const moved = draft.lines?.length === 1 ? draft.lines[0]?.quantity : undefined;
  return {
    quantity: moved
      ? { value: back ? negate(moved.value) : moved.value, unit: moved.unit.code }
      : record === 'costPosting'
        ? hoursOf(told, draft, back)
        : undefined,
    key,
    lane,
    record,
    verb,
    reference,
    state,
    id: typeof receipt?.['id'] === 'string' ? receipt['id'] : '',
    workOrder: draft.workOrder ?? '',
    costCentre: draft.account?.costCentre ?? '',
    value: value && signed !== undefined ? { minor: signed === 0 ? 0 : signed, currency: value.currency } : undefined,
    valued,
    postedOn: draft.postedOn ?? '',
    reverses: draft.reverses ?? '',
    reason,
  };
}

const ended: ReadonlySet<OperationRow['state']> = new Set(['cancelled', 'superseded']);

/** Recognises documents by the references they carry: each operation has at most one, each reference an operation. */
export class DocumentCheck {
  readonly #references: References;
  readonly #section: Section;
  readonly #system: string;
  /** Reference to the documents that carry it. */
  readonly #met = new Map<string, { kind: string; number: string }[]>();
  /** Judgements that wait until all documents were met. */
  readonly #later = new Map<string, () => void>();

  constructor(references: References, section: Section, system: string) {
    this.#references = references;
    this.#section = section;
    this.#system = system;
  }

  /**
   * A document was met. `judge` is called with its operation: at once where the number is the one that was answered, else at the end, and only if no
   * other document has the reference. So the order in which a system lists changes nothing.
   */
  meet(document: { readonly kind: string; readonly number: string; readonly reference: string }, judge: (operation: Written) => void): void {
    const { kind, number, reference } = document;
    const numbers = this.#met.get(reference) ?? [];
    if (numbers.some((one) => one.number === number)) return;
    numbers.push({ kind, number });
    this.#met.set(reference, numbers);
    const operation = this.#references.get(reference);
    if (!operation) return;
    if (operation.id === number) judge(operation);
    else if (numbers.length === 1) this.#later.set(reference, () => judge(operation));
  }

  /** Whether the reference was met. */
  has(reference: string): boolean {
    return this.#met.has(reference);
  }

  /** All documents were met: says which references stand on several, and which are not ours. */
  finish(): void {
    for (const [reference, met] of this.#met) {
      const operation = this.#references.get(reference);
      const [first] = met;
      if (met.length === 1 && first) {
        this.#later.get(reference)?.();
        if (!operation)
          this.#section.differ({
            key: reference,
            class: 'foreignDocument',
            left: '',
            right: first.number,
            text: `${first.kind} ${first.number} in ${this.#system} carries the reference ${reference}, which no operation of this hub has`,
          });
        continue;
      }
      const sorted = met.map(({ number }) => number).sort();
      this.#section.differ({
        key: reference,
        class: 'duplicateDocument',
        left: operation ? operation.id || operation.key : '',
        right: sorted.join(', '),
        ...(operation?.value ? { money: { minor: operation.value.minor * (met.length - 1), currency: operation.value.currency } } : {}),
        text: `${met.length} documents in ${this.#system} carry the reference ${reference}${operation ? ` of operation ${operation.key}` : ''}: ${sorted.join(', ')}`,
      });
    }
  }

  /** Operations of some kinds that were applied and whose document was not met. */
  missing(kinds: ReadonlySet<string>): readonly Written[] {
    return [...this.#references.values()].filter(
      ({ record, verb, state, reference }) => kinds.has(record) && verb === 'create' && state === 'applied' && !this.#met.has(reference),
    );
  }

  /** Documents whose operation ended without one, or that nobody has answered: said where they are met. */
  judge(operation: Written, kind: string, number: string): 'applied' | 'told' {
    if (operation.state === 'applied') return 'applied';
    const text = `${kind} ${number} is in ${this.#system}; operation ${operation.key} is ${operation.state}`;
    if (ended.has(operation.state)) this.#section.differ({ key: operation.reference, class: 'missingInHub', left: operation.state, right: number, text });
    else
      this.#section.differ({
        key: operation.reference,
        class: 'waiting',
        left: operation.state,
        right: number,
        text,
        explainedBy: [`operation ${operation.key} (${operation.state}): its outcome is looked up`],
      });
    return 'told';
  }
}
