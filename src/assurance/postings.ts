import { add, compare, negate } from '#base/decimal';
import { moneyText } from '#base/money';
import type { RecordOf } from '#model/records';
import { isReference } from '#assurance/fresh-side';
import { DocumentCheck, type References, type Signed, type Written } from '#assurance/operations';
import { Others, takenBackByHand } from '#assurance/foreign-postings';
import type { Ground } from '#assurance/plan';
import { freshly, inParallel, type ReconcileSide } from '#assurance/side';

/** What finance says of one applied operation. */
export interface Posted {
  readonly operation: Written;
  /** Finance's value now; the hub's where finance does not say one. */
  readonly value: Signed | undefined;
  /** What is compared with the ledger: the hub's value where a difference of this document was told already. */
  readonly booked: Signed | undefined;
}

/** Goods issues and cost postings of the hub, each against its document in finance. */
export async function comparePostings(ground: Ground, references: References): Promise<readonly Posted[]> {
  const { finance } = ground.books;
  return [
    ...(await goodsIssues(ground, references, finance)),
    ...(await costPostings(ground, references, finance)),
    ...(await scrapPostings(ground, references)),
  ];
}

const issueKinds: ReadonlySet<string> = new Set(['goodsIssue']);
const nameOf = ({ record }: Written): string => (record === 'goodsIssue' ? 'goods issue' : record === 'scrapPosting' ? 'scrap posting' : 'cost posting');
const postingKinds: ReadonlySet<string> = new Set(['costPosting']);

async function goodsIssues(ground: Ground, references: References, finance: ReconcileSide): Promise<Posted[]> {
  const { section, reading } = ground;
  const mine = [...references.values()].filter(({ record }) => record === 'goodsIssue');
  if (!finance.lists('goodsIssue'))
    return traced(
      ground,
      mine.filter(({ state }) => state === 'applied'),
    );
  const check = new DocumentCheck(references, section, finance.name);
  const byNumber = new Map(mine.filter(({ id }) => id !== '').map((operation) => [operation.id, operation]));
  const posted: Posted[] = [];
  const metReversals = new Set<string>();
  for await (const { records, unreadable } of freshly(finance, 'goodsIssue', reading)) {
    for (const { key, problem } of unreadable)
      section.differ({ key: `goods issue ${key}`, class: 'unreadable', left: '', right: key, text: `goods issue ${key} of ${finance.name}: ${problem}` });
    for (const { key, record } of records) {
      if (record.reverses !== undefined) {
        const reversal = byNumber.get(key);
        if (reversal?.verb === 'reverse') {
          if (metReversals.has(key)) continue;
          metReversals.add(key);
          posted.push(judged(ground, reversal, key, figuresOf(record)));
        } else takenBack(ground, mine, { key, reverses: record.reverses, original: byNumber.get(record.reverses) });
        continue;
      }
      if (record.reference === undefined || !isReference(record.reference)) continue;
      check.meet({ kind: 'goods issue', number: key, reference: record.reference }, (operation) => {
        if (check.judge(operation, 'goods issue', key) === 'applied') posted.push(judged(ground, operation, key, figuresOf(record)));
      });
    }
  }
  check.finish();
  for (const operation of [
    ...check.missing(issueKinds),
    ...mine.filter(({ verb, state, id }) => verb === 'reverse' && state === 'applied' && !metReversals.has(id)),
  ])
    posted.push(absent(ground, operation));
  return withDuplicates(posted, mine, check);
}

interface Figures {
  readonly value: Signed | undefined;
  readonly quantity: { readonly value: string; readonly unit: string } | undefined;
  readonly costCentre: string | undefined;
}

/** What a goods issue says: out is positive, back is negative. */
function figuresOf({ lines, account }: RecordOf<'goodsIssue'>): Figures {
  let value: Signed | undefined;
  for (const line of lines)
    if (line.value) value = { minor: (value?.minor ?? 0) + (line.direction === 'in' ? -1 : 1) * Math.abs(line.value.minor), currency: line.value.currency };
  const unit = lines[0]?.quantity.unit.code;
  const quantity =
    unit !== undefined && lines.every((line) => line.quantity.unit.code === unit)
      ? { value: lines.reduce((total, line) => add(total, line.direction === 'in' ? negate(line.quantity.value) : line.quantity.value), '0'), unit }
      : undefined;
  return { value, quantity, costCentre: account?.costCentre };
}

/** A goods issue of the hub that finance took back: by an operation whose answer is not known, or without the hub. */
function takenBack(
  { section, books: { finance } }: Ground,
  mine: readonly Written[],
  { key, reverses, original }: { readonly key: string; readonly reverses: string; readonly original: Written | undefined },
): void {
  if (!original) return;
  const open = mine.find(
    (operation) =>
      operation.verb === 'reverse' &&
      operation.reverses === reverses &&
      operation.state !== 'applied' &&
      operation.state !== 'cancelled' &&
      operation.state !== 'superseded',
  );
  section.differ({
    key: original.reference,
    class: 'reversedByHand',
    left: reverses,
    right: key,
    ...(original.value ? { money: { minor: -original.value.minor || 0, currency: original.value.currency } } : {}),
    text: `goods issue ${reverses} of operation ${original.key} was taken back in ${finance.name} by ${key}`,
    ...(open ? { explainedBy: [`operation ${open.key} (${open.state}): its outcome is looked up`] } : {}),
  });
}

/** Compares number, quantity, value and cost centre of one document with what the hub was answered. */
function judged({ section, books: { finance } }: Ground, operation: Written, number: string, { value, quantity, costCentre }: Figures): Posted {
  const what = nameOf(operation);
  const differ = (name: 'number' | 'quantity' | 'currency' | 'amount' | 'costCentre', left: string, right: string): Posted => {
    const money = name === 'amount' && value && operation.value ? { money: { minor: value.minor - operation.value.minor, currency: value.currency } } : {};
    section.differ({
      key: operation.reference,
      class: name,
      left,
      right,
      ...money,
      text: `${what} ${number} of operation ${operation.key}: ${left || 'nothing'} in the hub, ${right || 'nothing'} in ${finance.name}`,
    });
    return { operation, value, booked: operation.value };
  };
  if (operation.id !== number) return differ('number', operation.id, number);
  if (quantity && operation.quantity?.unit === quantity.unit && compare(quantity.value, operation.quantity.value) !== 0)
    return differ('quantity', `${operation.quantity.value} ${quantity.unit}`, `${quantity.value} ${quantity.unit}`);
  if (costCentre !== undefined && operation.costCentre !== '' && costCentre !== operation.costCentre)
    return differ('costCentre', operation.costCentre, costCentre);
  if (value && operation.value && operation.valued && value.currency !== operation.value.currency)
    return differ('currency', moneyText(operation.value), moneyText(value));
  if (value && operation.value && operation.valued && value.minor !== operation.value.minor)
    return differ('amount', moneyText(operation.value), moneyText(value));
  section.agree();
  return { operation, value: value ?? operation.value, booked: value ?? operation.value };
}

function absent({ section, books: { finance } }: Ground, operation: Written): Posted {
  const what = nameOf(operation);
  section.differ({
    key: operation.reference,
    class: 'missingInFinance',
    left: operation.id,
    right: '',
    ...(operation.value ? { money: operation.value } : {}),
    text: `${what} ${operation.id} of operation ${operation.key} is not in ${finance.name}: ${operation.reason}`,
  });
  return { operation, value: undefined, booked: operation.value };
}

/** Scrap is a movement of stock like others in most systems: each posting is looked up by its reference. */
const scrapPostings = (ground: Ground, references: References): Promise<Posted[]> =>
  traced(
    ground,
    [...references.values()].filter(({ record, state }) => record === 'scrapPosting' && state === 'applied'),
  );

async function costPostings(ground: Ground, references: References, finance: ReconcileSide): Promise<Posted[]> {
  const { section, reading } = ground;
  const mine = [...references.values()].filter(({ record, state }) => record === 'costPosting' && state === 'applied');
  if (!finance.lists('costPosting')) return traced(ground, mine);
  const check = new DocumentCheck(references, section, finance.name);
  const posted: Posted[] = [];
  const others = new Others(finance.name);
  const own = [...references.values()].filter(({ record }) => record === 'costPosting');
  for await (const { records, unreadable } of freshly(finance, 'costPosting', reading, beginningOf(own))) {
    for (const { key, problem } of unreadable)
      section.differ({ key: `cost posting ${key}`, class: 'unreadable', left: '', right: key, text: `cost posting ${key} of ${finance.name}: ${problem}` });
    for (const { key, record } of records) {
      if (record.reference === undefined || !isReference(record.reference)) {
        others.add(key, record);
        continue;
      }
      check.meet({ kind: 'cost posting', number: key, reference: record.reference }, (operation) => {
        if (check.judge(operation, 'cost posting', key) === 'told') return;
        const minor = (operation.verb === 'reverse' ? -1 : 1) * Math.abs(record.amount.minor);
        posted.push(
          judged(ground, operation, key, {
            value: { minor, currency: record.amount.currency },
            quantity: hoursOf(operation, record),
            costCentre: record.account.costCentre,
          }),
        );
      });
    }
  }
  check.finish();
  takenBackByHand(ground, own, others);
  others.report(section);
  for (const operation of [...check.missing(postingKinds), ...mine.filter(({ verb, reference }) => verb === 'reverse' && !check.has(reference))])
    posted.push(absent(ground, operation));
  return withDuplicates(posted, mine, check);
}

/** Cost postings are compared from the first day that the hub posted for: what lies before is not its business. */
function beginningOf(own: readonly Written[]): { readonly postedFrom?: string } {
  const days = own.flatMap(({ postedOn }) => (postedOn === '' ? [] : [postedOn]));
  return days.length === 0 || days.length < own.length ? {} : { postedFrom: days.reduce((a, b) => (a < b ? a : b)) };
}

/** Hours are compared where finance keeps them; those of a document that takes back are negative. */
function hoursOf({ verb }: Written, { hours }: RecordOf<'costPosting'>): Figures['quantity'] {
  if (hours === undefined) return undefined;
  const back = verb === 'reverse';
  return { value: back === hours.startsWith('-') ? hours : negate(hours), unit: 'h' };
}

/** Operations with several documents, none under the number that was answered, were told as such: the books are compared with the hub's own value. */
function withDuplicates(posted: readonly Posted[], mine: readonly Written[], check: DocumentCheck): Posted[] {
  const known = new Set(posted.map(({ operation }) => operation.reference));
  return [
    ...posted,
    ...mine
      .filter(({ reference, state }) => state === 'applied' && check.has(reference) && !known.has(reference))
      .map((operation) => ({ operation, value: operation.value, booked: operation.value })),
  ];
}

/** Documents that cannot be listed: each is looked up by its reference. A second one with the same reference cannot be seen that way. */
async function traced(ground: Ground, operations: readonly Written[]): Promise<Posted[]> {
  const {
    section,
    store,
    books: { finance },
    reading,
  } = ground;
  const posted: Posted[] = [];
  if (operations.length === 0) return posted;
  const [first] = operations;
  section.notCompared(
    `${finance.name} cannot list ${first?.record === 'goodsIssue' ? 'goods issues' : first?.record === 'scrapPosting' ? 'scrap postings' : 'cost postings'}: each is looked up by its reference, so that a second document with the same reference stays unseen`,
  );
  let count = 0;
  await inParallel(operations, finance.parallel, async (operation) => {
    const row = finance.traces(operation) ? await store.read.operation(operation.key) : undefined;
    if (!row) {
      section.notCompared(`${finance.name} cannot look up ${operation.verb} ${operation.record} by reference`);
      posted.push({ operation, value: operation.value, booked: operation.value });
      return;
    }
    const found = await finance.trace(row);
    reading(finance.name, operation.record as 'costPosting', ++count);
    if (!found) posted.push(absent(ground, operation));
    else
      posted.push(
        judged(ground, operation, found.id, {
          value: found.value && {
            minor: (row.verb === 'reverse' ? -1 : Math.sign(operation.value?.minor ?? 1) || 1) * Math.abs(found.value.minor),
            currency: found.value.currency,
          },
          quantity: undefined,
          costCentre: undefined,
        }),
      );
  });
  return posted;
}
