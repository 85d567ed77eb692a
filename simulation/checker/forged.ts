import type { Finding } from './check.ts';
import type { Entry, History } from './history.ts';

/** A history that something was done to, and the clause that it then breaks. */
export interface Forgery {
  readonly title: string;
  readonly clause: Finding['clause'];
  readonly forge: (history: History) => History;
}

const lane = 'workOrder/cmms.1';
const reference = 'LP00000000000001';
const operation = 'workOrder/cmms.1#costs#labour/1';
const base = { at: 1 };

/** A small history that keeps every clause: one work order, one labour posting, one person who cancels another event. */
export const honest: History = {
  calmSince: 100,
  endedAt: 1000,
  entries: [
    { ...base, what: 'accepted', lane, key: 'e1', seq: 1, kind: 'workOrder.snapshot', source: 'cmms' },
    { ...base, what: 'acknowledged', lane, key: 'e1' },
    { ...base, what: 'accepted', lane, key: 'e2', seq: 2, kind: 'workOrder.snapshot', source: 'cmms' },
    { ...base, what: 'decided', lane, key: 'e1', flow: 'costs', inputs: 'a', outputs: 'b' },
    { ...base, what: 'replayed', lane, key: 'e1', flow: 'costs', inputs: 'a', outputs: 'b' },
    { ...base, what: 'replayed', lane, key: 'e1', flow: 'costs', inputs: 'a', outputs: 'b' },
    {
      ...base,
      what: 'operation',
      key: operation,
      lane,
      chain: 'labour',
      n: 0,
      class: 'L',
      reference,
      connection: 'erp',
      record: 'costPosting',
      verb: 'create',
    },
    { ...base, what: 'state', key: operation, state: 'sending' },
    { ...base, what: 'settled', lane, key: 'e1', state: 'waiting' },
    { ...base, what: 'commit', lane, changes: 3, records: 1 },
    { ...base, what: 'request', reference, connection: 'erp', write: true, executed: true, answered: false, refused: false, status: 201 },
    { ...base, what: 'read', connection: 'erp' },
    { ...base, what: 'state', key: operation, state: 'applied' },
    { ...base, what: 'settled', lane, key: 'e1', state: 'applied' },
    { ...base, what: 'commit', lane, changes: 2, records: 1 },
    { ...base, what: 'decided', lane, key: 'e2', flow: 'costs', inputs: 'c', outputs: 'd' },
    { ...base, what: 'settled', lane, key: 'e2', state: 'held' },
    { ...base, what: 'person', act: 'cancel', about: 'e2', actor: 'operator' },
    { ...base, what: 'settled', lane, key: 'e2', state: 'cancelled' },
    { ...base, what: 'commit', lane, changes: 2, records: 1 },
    { ...base, what: 'document', connection: 'erp', id: 'journal 100', frozen: 'f1' },
  ],
  documents: [
    {
      connection: 'erp',
      kind: 'journal',
      id: '100',
      text: `["${reference}"]`,
      frozen: 'f1',
      charges: [{ account: '61008000', object: '4200', quantity: '1', unit: 'H', amount: '40.00', currency: 'USD' }],
    },
  ],
  events: [
    { lane, key: 'e1', seq: 1, state: 'applied', reason: 'posted' },
    { lane, key: 'e2', seq: 2, state: 'cancelled', reason: 'cancelled by operator' },
  ],
  operations: [{ key: operation, state: 'applied', owner: null }],
  audit: { records: 3, findings: [] },
};

type Change = (entry: Entry) => readonly Entry[];
const entries =
  (change: Change) =>
  (history: History): History => ({ ...history, entries: history.entries.flatMap(change) });
const add =
  (...more: readonly Entry[]) =>
  (history: History): History => ({ ...history, entries: [...history.entries, ...more] });
const event =
  (key: string, more: Partial<History['events'][number]>) =>
  (history: History): History => ({ ...history, events: history.events.map((one) => (one.key === key ? { ...one, ...more } : one)) });
const charge =
  (more: Partial<History['documents'][number]['charges'][number]>) =>
  (history: History): History => ({
    ...history,
    documents: history.documents.map((one) => ({ ...one, charges: one.charges.map((row) => ({ ...row, ...more })) })),
  });
const classM: Change = (one) => [one.what === 'operation' ? { ...one, class: 'M' } : one];
const write: Entry = { ...base, what: 'request', reference, connection: 'erp', write: true, executed: true, answered: true, refused: false, status: 201 };
const made = (n: number, state: string): Entry[] => [
  {
    ...base,
    what: 'operation',
    key: `op${n}`,
    lane,
    chain: 'labour',
    n,
    class: 'L',
    reference: `LP0000000000001${n}`,
    connection: 'erp',
    record: 'asset',
    verb: 'update',
  },
  { ...base, what: 'state', key: `op${n}`, state },
];
const operations =
  (...more: readonly History['operations'][number][]) =>
  (history: History): History => ({ ...history, operations: [...history.operations, ...more] });
const both =
  (...steps: readonly ((history: History) => History)[]) =>
  (history: History): History =>
    steps.reduce((one, step) => step(one), history);

export const forgeries: readonly Forgery[] = [
  { title: 'an accepted event is not in the store', clause: 1, forge: (one) => ({ ...one, events: one.events.slice(1) }) },
  { title: 'an acknowledged event was never kept', clause: 1, forge: add({ ...base, what: 'acknowledged', lane, key: 'e9' }) },
  { title: 'a committed operation is gone', clause: 1, forge: (one) => ({ ...one, operations: [] }) },
  { title: 'an event has another end than was committed', clause: 1, forge: event('e1', { state: 'noChange' }) },
  {
    title: 'an operation has another end than was committed',
    clause: 1,
    forge: (one) => ({ ...one, operations: [{ key: operation, state: 'superseded', owner: null }] }),
  },
  {
    title: 'an event is taken in twice',
    clause: 2,
    forge: add({ ...base, what: 'accepted', lane, key: 'e1', seq: 3, kind: 'workOrder.snapshot', source: 'cmms' }),
  },
  { title: 'the store holds an event twice', clause: 2, forge: (one) => ({ ...one, events: [...one.events, { ...one.events[0]!, seq: 3 }] }) },
  {
    title: 'an operation has two documents',
    clause: 3,
    forge: (one) => ({ ...one, documents: [...one.documents, { ...one.documents[0]!, id: '101', frozen: '' }] }),
  },
  { title: 'an applied operation has no document', clause: 3, forge: (one) => ({ ...one, documents: one.documents.map((row) => ({ ...row, text: '[]' })) }) },
  {
    title: 'a document carries a reference that no operation has',
    clause: 3,
    forge: (one) => ({ ...one, documents: [...one.documents, { ...one.documents[0]!, id: '102', text: 'LP0000000000ZZZZ' }] }),
  },
  {
    title: 'the document stands in another system',
    clause: 3,
    forge: (one) => ({ ...one, documents: one.documents.map((row) => ({ ...row, connection: 'crm' })) }),
  },
  { title: 'class M is sent again without a person', clause: 3, forge: both(entries(classM), add(write)) },
  {
    title: 'class L is sent again without a look',
    clause: 4,
    forge: both(
      entries((one) => (one.what === 'read' ? [] : [one])),
      add(write),
    ),
  },
  {
    title: 'class L looks into another system',
    clause: 4,
    forge: both(
      entries((one) => [one.what === 'read' ? { ...one, connection: 'cmms' } : one]),
      add(write),
    ),
  },
  { title: 'class L is sent three times after one look', clause: 4, forge: add({ ...write, answered: false }, write) },
  {
    title: 'a later event is decided first',
    clause: 5,
    forge: (one) => ({ ...one, entries: [one.entries[0]!, one.entries[2]!, one.entries[15]!, ...one.entries.filter((_, at) => ![0, 2, 15].includes(at))] }),
  },
  { title: 'two events have one number', clause: 5, forge: event('e2', { seq: 1 }) },
  {
    title: 'an operation is sent before the one ahead of it has ended',
    clause: 5,
    forge: both(
      add(...made(1, 'failed'), ...made(2, 'ready'), { ...write, reference: 'LP00000000000012' }),
      operations({ key: 'op1', state: 'failed', owner: 'x' }, { key: 'op2', state: 'ready', owner: null }),
    ),
  },
  { title: 'an event is pending for ever', clause: 6, forge: event('e1', { state: 'pending' }) },
  { title: 'an event waits for documents that are all done', clause: 6, forge: event('e1', { state: 'waiting' }) },
  { title: 'an event is held without a word', clause: 6, forge: event('e2', { state: 'held', reason: '' }) },
  { title: 'an event is cancelled by nobody', clause: 6, forge: entries((one) => (one.what === 'person' ? [] : [one])) },
  {
    title: 'an operation is cancelled by nobody',
    clause: 6,
    forge: both(add(...made(1, 'cancelled')), operations({ key: 'op1', state: 'cancelled', owner: null })),
  },
  {
    title: 'an operation is being sent for ever',
    clause: 6,
    forge: both(add(...made(1, 'sending')), operations({ key: 'op1', state: 'sending', owner: null })),
  },
  {
    title: 'an unknown outcome is never resolved',
    clause: 6,
    forge: both(add(...made(1, 'unknown')), operations({ key: 'op1', state: 'unknown', owner: null })),
  },
  {
    title: 'a refused operation waits for nobody',
    clause: 6,
    forge: both(add(...made(1, 'failed')), operations({ key: 'op1', state: 'failed', owner: null })),
  },
  {
    title: 'an applied operation becomes ready again',
    clause: 6,
    forge: add({ ...base, what: 'state', key: operation, state: 'ready' }, { ...base, what: 'state', key: operation, state: 'applied' }),
  },
  {
    title: 'the same inputs decide differently',
    clause: 7,
    forge: add({ ...base, what: 'replayed', lane, key: 'e1', flow: 'costs', inputs: 'a', outputs: 'z' }),
  },
  { title: 'a posted document is changed', clause: 8, forge: (one) => ({ ...one, documents: one.documents.map((row) => ({ ...row, frozen: 'f2' })) }) },
  { title: 'a posted document vanishes', clause: 8, forge: add({ ...base, what: 'document', connection: 'erp', id: 'journal 99', frozen: 'f9' }) },
  { title: 'a posting has no account', clause: 9, forge: charge({ account: '' }) },
  { title: 'a posting has no cost object', clause: 9, forge: charge({ object: '' }) },
  { title: 'a posting has no currency', clause: 9, forge: charge({ currency: '' }) },
  { title: 'a posting has no unit', clause: 9, forge: charge({ unit: '' }) },
  { title: 'an amount is a binary fraction', clause: 9, forge: charge({ amount: '40.000000000000004' }) },
  { title: 'a step leaves no record', clause: 10, forge: add({ ...base, what: 'commit', lane, changes: 1, records: 0 }) },
  { title: 'the log is shorter than what was written', clause: 10, forge: (one) => ({ ...one, audit: { records: 2, findings: [] } }) },
  { title: 'the log does not verify', clause: 10, forge: (one) => ({ ...one, audit: { records: 3, findings: ['record 2 was changed'] } }) },
];
