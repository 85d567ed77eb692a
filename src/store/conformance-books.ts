import assert from 'node:assert/strict';
import { Fault } from '#base/fault';
import { operationReference } from '#base/id';
import { byW1, decision, document, entry, event, identity, leaf, lease, leaseMs, noon, operation, play, type Case } from '#store/conformance-rows';
import { documentKey, type Step } from '#store/port';

const [L1, L2] = ['workOrder/1', 'workOrder/2'] as const;

/** Steps that must be refused whole, with the words the fault must contain. */
const impossible: readonly (readonly [what: string, step: Omit<Step, 'lane' | 'epoch'>, says: RegExp])[] = [
  ['an operation key that exists', { insertOperations: [operation(L1, 'taken')] }, /exists|duplicate/],
  ['an operation key twice', { insertOperations: [operation(L1, 'new'), operation(L1, 'new')] }, /exists|duplicate/],
  [
    'an update of an unknown operation',
    { updateOperations: [{ key: 'nobody', state: 'applied', attempts: 1, dueAt: 0, receipt: null, fault: null, settledAt: noon }] },
    /has no operation nobody/,
  ],
  [
    'an update of another lane’s operation',
    { updateOperations: [{ key: 'other', state: 'applied', attempts: 1, dueAt: 0, receipt: null, fault: null, settledAt: noon }] },
    /has no operation other/,
  ],
  ['an unknown event', { settle: [{ key: 'nobody', state: 'applied', reason: '' }] }, /has no event nobody/],
  ['an entry that exists', { entries: [entry(1)] }, /exists|duplicate/],
  ['an inexact amount', { entries: [entry(2, { minor: 2 ** 53 })] }, /exact integer/],
  ['a fraction of a cent', { entries: [entry(2, { minor: 0.5 })] }, /exact integer/],
  ['an event of another lane', { append: [{ event: event(L2, 'x'), state: 'applied', reason: '' }] }, /lanes talk by messages/],
  ['an operation of another lane', { insertOperations: [operation(L2, 'x')] }, /of lane workOrder\/2/],
  ['a NUL in a text', { documents: [document('4\0' + '5')] }, /NUL/],
  ['half a character', { facts: [{ key: 'f\ud800', version: '1', data: null, at: noon }] }, /half a character/],
  ['an urgency that does not exist', { release: { dueAt: null, urgency: 3 } }, /urgency is 0, 1 or 2/],
  ['an over-long key', { facts: [{ key: 'f'.repeat(1_025), version: '1', data: null, at: noon }] }, /1025 bytes/],
  ['an identity that ends before it begins', { crosswalk: [identity('h', 'x', 9, { to: 8 })] }, /before it begins/],
  ['an identity without an external id', { crosswalk: [identity('h', '', 9)] }, /must not be empty/],
];

/** Texts that break careless SQL, JSON or encodings. */
export const hostile = [
  "'; DROP TABLE event; --",
  '"quoted" \\ back\\slash',
  '%_ ? $1 :name @x',
  'Übergrößenträger – 漢字 العربية',
  '👩‍🔧🔩\u{10ffff}',
  '\u0001\u001f\u007f\u2028\r\n\t',
  '{"json":"in text"}',
  ' leading and trailing ',
  '\ue000 private',
];

/** What steps leave behind: operations, bookings, documents, facts, identities, audit leaves. */
export const bookCases: readonly Case[] = [
  [
    'the decisions of a lane are read from its first on, page by page, and those of no other lane',
    async (store) => {
      for (const n of [1, 2, 3])
        await play(store, L1, {
          decisions: [decision({ outputHash: `o${n}a` }), decision({ outputHash: `o${n}b`, flow: 'costs' })],
          crosswalk: [identity(`h${n}`, `x${n}`, n)],
        });
      await play(store, L2, { decisions: [decision({ outputHash: 'other' })] });
      const read: string[] = [];
      for (let after = 0, full = true; full;) {
        const rows = await store.read.history({ lane: L1, after, limit: 4 });
        for (const { ordinal, outputHash } of rows) {
          assert.ok(ordinal > after);
          after = ordinal;
          read.push(outputHash);
        }
        full = rows.length === 4;
      }
      assert.deepEqual(read, ['o1a', 'o1b', 'o2a', 'o2b', 'o3a', 'o3b']);
      const [first] = await store.read.history({ lane: L1, limit: 1 });
      assert.deepEqual({ ...first, ordinal: 0 }, { ...decision({ outputHash: 'o1a' }), ordinal: 0 });
      assert.deepEqual(await store.read.history({ lane: 'workOrder/none', limit: 1 }), []);
      await assert.rejects(async () => store.read.history({ lane: L1, limit: 0 }), Fault);
    },
  ],
  ...impossible.map(([what, step, says]): Case => [
    `a step with ${what} is refused whole and its neighbours are kept`,
    async (store) => {
      await play(store, L1, { insertOperations: [operation(L1, 'taken')], entries: [entry(1)] });
      await play(store, L2, { insertOperations: [operation(L2, 'other')] });
      const [one, two] = [await store.claimLane(L1, { worker: 'w1', now: noon, leaseMs }), await store.claimLane(L2, { worker: 'w1', now: noon, leaseMs })];
      const bad = {
        state: { bad: true },
        decisions: [decision()],
        facts: [{ key: 'left', version: '1', data: null, at: noon }],
        messages: [{ id: 'm', event: event(L2, 'm') }],
        audit: [leaf('left')],
        entries: [entry(7)],
        ...step,
        lane: L1,
        epoch: one?.epoch ?? 0,
      };
      const results = await store.commit([bad, { lane: L2, epoch: two?.epoch ?? 0, state: { good: true }, audit: [leaf('kept')] }], byW1);
      assert.deepEqual(
        results.map(({ kept }) => kept),
        [false, true],
      );
      assert.ok(results[0]?.fault instanceof Fault);
      assert.match(results[0].fault.message, says);
      assert.deepEqual([(await store.read.lane(L1))?.state, (await store.read.lane(L2))?.state], [{}, { good: true }]);
      assert.deepEqual(
        [await store.outbox(10), await store.read.listDecisions({ lane: L1, limit: 10 }), [...(await store.facts(['left'])).keys()]],
        [[], [], []],
      );
      assert.deepEqual(
        (await store.read.auditLeaves({ log: 'lanes', from: 0, limit: 10 })).map(({ index, subject }) => [index, subject]),
        [[0, 'kept']],
      );
      assert.equal((await store.read.listEntries({ lane: L1, limit: 10 })).length, 1);
      assert.equal((await store.read.lane(L1))?.owner, 'w1');
    },
  ]),
  [
    'a step with every kind of row is kept whole',
    async (store) => {
      await play(store, L1, {
        insertOperations: [operation(L1, 'old')],
        facts: [{ key: 'gone', version: '1', data: null, at: noon }],
        setExpectations: [{ key: 'gone', what: 'x', deadline: 1, data: null }],
      });
      await play(store, L1, {
        state: { n: 1 },
        append: [{ event: event(L1, 'born'), state: 'applied', reason: '' }],
        settle: [{ key: 'e1', state: 'applied', reason: '' }],
        decisions: [decision()],
        insertOperations: [operation(L1, 'new')],
        updateOperations: [{ key: 'old', state: 'applied', attempts: 1, dueAt: noon, receipt: { id: '7' }, fault: null, settledAt: noon }],
        messages: [{ id: 'm', event: event(L2, 'm') }],
        entries: [entry(1)],
        documents: [document('45')],
        facts: [{ key: 'kept', version: '1', data: null, at: noon }],
        dropFacts: ['gone'],
        crosswalk: [identity('h1', 'x1', 1)],
        setExpectations: [{ key: 'kept', what: 'x', deadline: 1, data: null }],
        clearExpectations: ['gone'],
        audit: [leaf('all')],
      });
      const work = await store.claimLane(L1, { worker: 'w1', now: noon, leaseMs });
      assert.deepEqual(
        [work?.state, work?.events, work?.operations.map(({ key }) => key), work?.expectations.map(({ key }) => key)],
        [{ n: 1 }, [], ['new'], ['kept']],
      );
      assert.deepEqual(
        [
          (await store.read.countEvents()).applied,
          (await store.outbox(9)).length,
          (await store.read.findThreads('7', 9)).length,
          [...(await store.facts(['gone', 'kept'])).keys()],
        ],
        [2, 1, 1, ['kept']],
      );
      assert.deepEqual(
        [
          (await store.read.listDecisions({ lane: L1, limit: 9 })).length,
          (await store.read.listEntries({ limit: 9 })).length,
          (await store.read.listDocuments({ limit: 9 })).length,
          (await store.read.auditLogs())[0]?.size,
        ],
        [1, 1, 1, 1],
      );
      assert.equal((await store.read.crosswalk({ kind: 'part', system: 'erp', externalId: 'x1' }))?.hubId, 'h1');
    },
  ],
  [
    'an operation key is unique over all lanes (R-09)',
    async (store) => {
      const epochs = [(await lease(store, L1)).epoch, (await lease(store, L2)).epoch];
      const results = await Promise.all(
        [L1, L2].map((lane, i) => store.commit([{ lane, epoch: epochs[i] ?? 0, insertOperations: [operation(lane, 'same')] }], byW1)),
      );
      assert.equal(results.flat().filter(({ kept }) => kept).length, 1);
      assert.equal((await store.read.listOperations({ limit: 10 })).length, 1);
    },
  ],
  [
    'an operation is updated in the parts named and keeps the others',
    async (store) => {
      const row = operation(L1, 'op');
      await play(store, L1, {
        insertOperations: [row],
        updateOperations: [{ key: 'op', state: 'sending', attempts: 1, dueAt: noon + 1, receipt: null, fault: null, settledAt: null }],
      });
      assert.deepEqual(await store.read.operation('op'), { ...row, state: 'sending', attempts: 1, dueAt: noon + 1 });
      const edit = {
        key: 'op',
        state: 'ready',
        attempts: 1,
        dueAt: noon + 2,
        receipt: null,
        fault: { kind: 'rejected' },
        settledAt: null,
        draft: { part: 'P2' },
        payload: [null],
        payloadHash: 'h2',
        reason: 'edited',
        urgency: 2,
      } as const;
      await play(store, L1, { updateOperations: [edit] });
      assert.deepEqual(await store.read.operation('op'), { ...row, ...edit });
      const applied = {
        key: 'op',
        state: 'applied',
        attempts: 2,
        dueAt: noon + 2,
        receipt: { id: '4900000001', year: 2026 },
        fault: null,
        settledAt: noon,
      } as const;
      await play(store, L1, { updateOperations: [applied] });
      assert.deepEqual(await store.read.operation('op'), { ...row, ...edit, ...applied });
      assert.deepEqual((await store.claimLane(L1, { worker: 'w1', now: noon, leaseMs }))?.operations, []);
    },
  ],
  [
    'operations are counted by connection and state with money per currency and the oldest',
    async (store) => {
      const rows = [
        operation(L1, 'a', { createdAt: 5 }),
        operation(L1, 'b', { createdAt: 3, minor: 50 }),
        operation(L1, 'c', { currency: 'USD', minor: 7 }),
        operation(L1, 'd', { minor: null, currency: null }),
        operation(L1, 'e', { connection: 'cmms', state: 'failed' }),
      ];
      await play(store, L1, { insertOperations: rows });
      assert.deepEqual(await store.read.countOperations(), [
        { connection: 'cmms', state: 'failed', count: 1, minor: { EUR: 1_250 }, oldestAt: noon },
        { connection: 'erp', state: 'ready', count: 4, minor: { EUR: 1_300, USD: 7 }, oldestAt: 3 },
      ]);
    },
  ],
  [
    'operations are listed by lane, thread, state and connection, paged by key',
    async (store) => {
      await play(store, L1, {
        insertOperations: [operation(L1, 'a1'), operation(L1, 'a2', { state: 'failed' }), operation(L1, 'a3', { connection: 'cmms', thread: 'T9' })],
      });
      await play(store, L2, { insertOperations: [operation(L2, 'b1')] });
      const keys = async (ask: Omit<Parameters<typeof store.read.listOperations>[0], 'limit'>) =>
        (await store.read.listOperations({ ...ask, limit: 2 })).map(({ key }) => key);
      assert.deepEqual(await keys({}), ['a1', 'a2']);
      assert.deepEqual(await keys({ after: 'a2' }), ['a3', 'b1']);
      assert.deepEqual(await keys({ lane: L1, after: 'a1' }), ['a2', 'a3']);
      assert.deepEqual(await keys({ states: ['failed', 'unknown'] }), ['a2']);
      assert.deepEqual(await keys({ states: [] }), []);
      assert.deepEqual(await keys({ thread: 'T9', connection: 'cmms' }), ['a3']);
    },
  ],
  [
    'messages wait in the outbox until the lane they are for accepts them, and are recognised when they come twice',
    async (store) => {
      const [m1, m2] = [
        { id: 'm1', event: event('part/P1', 'consumed') },
        { id: 'm2', event: event('part/P2', 'consumed') },
      ];
      await play(store, L1, { messages: [m1, m1] });
      await play(store, L1, { messages: [m2, m1] });
      assert.deepEqual(await store.outbox(10), [m1, m2]);
      assert.deepEqual(await store.outbox(1), [m1]);
      assert.deepEqual((await store.accept([m1.event], { now: noon, from: ['m1'] })).outcomes, ['accepted']);
      assert.deepEqual(await store.outbox(10), [m2]);
      assert.deepEqual((await store.accept([m1.event], { now: noon, from: ['m1', 'never'] })).outcomes, ['duplicate']);
      await assert.rejects(store.accept([event('bad', 'x')], { now: noon, from: ['m2'] }), Fault);
      assert.deepEqual(await store.outbox(10), [m2]);
    },
  ],
  [
    'facts are replaced, dropped, and read by many keys',
    async (store) => {
      const fact = (key: string, version: string) => ({ key, version, data: { v: version }, at: noon });
      await play(store, L1, { facts: [fact('part/1', '1'), fact('part/2', '1'), fact('part/1', '2')] });
      await play(store, L1, { dropFacts: ['part/2', 'part/none', 'part/1'], facts: [fact('part/1', '3'), fact('vendor/1', '1')] });
      assert.deepEqual([...(await store.facts(['part/1', 'part/2', 'vendor/1', 'part/1']))].sort(), [
        ['part/1', fact('part/1', '3')],
        ['vendor/1', fact('vendor/1', '1')],
      ]);
      assert.deepEqual(await store.read.listFacts({ prefix: 'part/', limit: 10 }), [fact('part/1', '3')]);
      assert.equal((await store.facts([])).size, 0);
    },
  ],
  [
    'of a fact that two lanes wrote the newest is read, and each lane drops only its own',
    async (store) => {
      const fact = (version: string, at: number) => ({ key: 'rate/1', version, data: null, at });
      await play(store, L1, { facts: [fact('new', noon)] });
      await play(store, L2, { facts: [fact('old', noon - 5)] });
      assert.equal((await store.facts(['rate/1'])).get('rate/1')?.version, 'new');
      await play(store, L1, { dropFacts: ['rate/1'] });
      assert.deepEqual(
        (await store.read.listFacts({ prefix: '', limit: 9 })).map(({ version }) => version),
        ['old'],
      );
    },
  ],
  [
    'facts are listed by prefix taken literally, page by page',
    async (store) => {
      const keys = ['a%', 'a%1', 'a_1', 'a1', 'b', ...hostile];
      await play(store, L1, { facts: keys.map((key) => ({ key, version: '1', data: null, at: noon })) });
      assert.deepEqual(
        (await store.read.listFacts({ prefix: 'a%', limit: 9 })).map(({ key }) => key),
        ['a%', 'a%1'],
      );
      const paged = [];
      for (let after: string | undefined; ;) {
        const page = await store.read.listFacts({ prefix: '', limit: 2, ...(after === undefined ? {} : { after }) });
        if (page.length === 0) break;
        paged.push(...page.map(({ key }) => key));
        after = page.at(-1)?.key;
      }
      assert.deepEqual(
        paged,
        keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      );
    },
  ],
  [
    'expectations are set, replaced and cleared',
    async (store) => {
      const row = (key: string, deadline: number) => ({ key, what: `${key} ${deadline}`, deadline, data: [deadline] });
      await play(store, L1, { setExpectations: [row('a', 3), row('b', 2), row('c', 1)] });
      await play(store, L1, { clearExpectations: ['b', 'c', 'none'], setExpectations: [row('a', 9), row('c', 4)] });
      assert.deepEqual((await store.claimLane(L1, { worker: 'w1', now: noon, leaseMs }))?.expectations, [row('c', 4), row('a', 9)]);
    },
  ],
  [
    'I5: balances are debits less credits per work order, cost centre, currency and account',
    async (store) => {
      await play(store, L1, {
        entries: [entry(1), entry(2, { debit: 'ordered', credit: 'requested', minor: 1_000 }), entry(3, { currency: 'USD', minor: -5 })],
      });
      await play(store, L2, { entries: [entry(1, { workOrder: 'W2', costCentre: '4712' })] });
      const of = { workOrder: 'W1', costCentre: '4711' };
      assert.deepEqual(await store.read.balances({ workOrder: 'W1' }), [
        { ...of, currency: 'EUR', account: 'estimated', minor: -1_250 },
        { ...of, currency: 'EUR', account: 'ordered', minor: 1_000 },
        { ...of, currency: 'EUR', account: 'requested', minor: 250 },
        { ...of, currency: 'USD', account: 'estimated', minor: 5 },
        { ...of, currency: 'USD', account: 'requested', minor: -5 },
      ]);
      assert.equal((await store.read.balances({ costCentre: '4712' })).length, 2);
      assert.equal(
        (await store.read.balances({})).reduce((sum, { minor }) => sum + minor, 0),
        0,
      );
      assert.deepEqual(
        (await store.read.listEntries({ limit: 2, after: { lane: L1, eventKey: 'e1', n: 2 } })).map(({ lane, n }) => [lane, n]),
        [
          [L1, 3],
          [L2, 1],
        ],
      );
      assert.deepEqual(await store.read.listEntries({ workOrder: 'W2', limit: 9 }), [{ ...entry(1, { workOrder: 'W2', costCentre: '4712' }), lane: L2 }]);
    },
  ],
  [
    'amounts up to the largest exact integer are kept to the cent; a sum beyond it is refused, not rounded',
    async (store) => {
      const most = Number.MAX_SAFE_INTEGER;
      await play(store, L1, { entries: [entry(1, { minor: most }), entry(2, { minor: -most, workOrder: 'W2' })] });
      assert.deepEqual(
        (await store.read.balances({ workOrder: 'W1' })).map(({ minor }) => minor),
        [-most, most],
      );
      await play(store, L1, { entries: [entry(3, { minor: most })] });
      await assert.rejects(store.read.balances({ workOrder: 'W1' }), /exact/);
    },
  ],
  [
    'documents are replaced within their thread, listed by thread, kind and number, and paged',
    async (store) => {
      await play(store, L1, {
        documents: [document('45'), document('46', { kind: 'goodsReceipt', parent: 'x' }), document('45', { state: 'closed', minor: 5, currency: 'EUR' })],
      });
      await play(store, L2, { documents: [document('45', { thread: 'T2' })] });
      assert.deepEqual(await store.read.listDocuments({ thread: 'T1', kind: 'purchaseOrder', limit: 9 }), [
        document('45', { state: 'closed', minor: 5, currency: 'EUR' }),
      ]);
      assert.deepEqual(
        (await store.read.listDocuments({ id: '45', limit: 9 })).map(({ thread }) => thread),
        ['T1', 'T2'],
      );
      const first = await store.read.listDocuments({ limit: 2 });
      assert.deepEqual(
        first.map(({ thread, kind }) => [thread, kind]),
        [
          ['T1', 'goodsReceipt'],
          ['T1', 'purchaseOrder'],
        ],
      );
      const after = first[1] && documentKey(first[1]);
      assert.deepEqual(
        (await store.read.listDocuments({ limit: 2, ...(after ? { after } : {}) })).map(({ thread }) => thread),
        ['T2'],
      );
      await assert.rejects(store.read.listDocuments({ limit: 2, after: '45' }), /documentKey/);
    },
  ],
  [
    'a thread is found by document, source object, operation reference and receipt number, and by nothing else',
    async (store) => {
      await store.accept([event(L1, 'e1', { object: '880012', thread: 'T-event' })], { now: noon });
      await play(store, L1, {
        documents: [document('4500001', { thread: 'T-document' })],
        insertOperations: [
          operation(L1, 'op', { thread: 'T-operation', receipt: { id: '4900001' } }),
          operation(L1, 'op2', { thread: 'T-number', receipt: { id: 77 } }),
          operation(L1, 'op3', { thread: '' }),
        ],
      });
      const found = async (number: string) => store.read.findThreads(number, 9);
      assert.deepEqual(await found('880012'), ['T-event']);
      assert.deepEqual(await found('4500001'), ['T-document']);
      assert.deepEqual(await found(operationReference('op')), ['T-operation']);
      assert.deepEqual([await found('4900001'), await found('77')], [['T-operation'], ['T-number']]);
      assert.deepEqual([await found(operationReference('op3')), await found('45'), await found(''), await found('%')], [[], [], [], []]);
    },
  ],
  [
    'audit leaves are numbered from 0 without gaps in each log, whoever writes',
    async (store) => {
      const lanes = Array.from({ length: 8 }, (_, i) => `a/${i}`);
      const epochs = await Promise.all(lanes.map(async (lane) => (await lease(store, lane)).epoch));
      await Promise.all([
        ...lanes.map((lane, i) =>
          store.commit([{ lane, epoch: epochs[i] ?? 0, audit: [leaf(`${lane} first`), leaf(`${lane} second`)] }], { ...byW1, log: i % 2 ? 'odd' : 'even' }),
        ),
        store.record([leaf('start', { kind: 'process' })], { log: 'odd', now: noon }),
        store.record([], { log: 'none', now: noon }),
      ]);
      assert.deepEqual(await store.read.auditLogs(), [
        { log: 'even', size: 8 },
        { log: 'odd', size: 9 },
      ]);
      const odd = await store.read.auditLeaves({ log: 'odd', from: 0, limit: 100 });
      assert.deepEqual(
        odd.map(({ index }) => index),
        Array.from({ length: 9 }, (_, i) => i),
      );
      for (const row of odd.filter(({ subject }) => subject.endsWith('first'))) assert.equal(odd[row.index + 1]?.subject, `${row.lane} second`);
      assert.deepEqual(
        (await store.read.auditLeaves({ log: 'odd', from: 7, limit: 9 })).map(({ index }) => index),
        [7, 8],
      );
      const { index, ...found } = (await store.read.findAudit({ kind: 'process', limit: 9 }))[0] ?? { index: -1 };
      assert.deepEqual([index >= 0, found], [true, { ...leaf('start', { kind: 'process' }), log: 'odd', at: noon, lane: '' }]);
      assert.equal((await store.read.findAudit({ subject: 'a/3 first', limit: 9 })).length, 1);
    },
  ],
  [
    'hostile texts and long ones come back byte for byte, everywhere',
    async (store) => {
      const long = `${'ä'.repeat(50_000)}"end`;
      await store.accept(
        [event(L1, hostile.join('|'), { object: hostile[0] ?? '', version: long, data: { [hostile[1] ?? '']: hostile, nul: 'a\0b', half: '\ud800' } })],
        { now: noon },
      );
      const rows = hostile.map((text, n) => operation(L1, text, { n, reason: text, payload: text, receipt: { id: text } }));
      await play(store, L1, {
        insertOperations: rows,
        documents: hostile.map((text) => document(text, { text: long, data: text })),
        audit: hostile.map((text) => leaf(text, { body: long })),
        crosswalk: hostile.map((text) => identity(text, text, noon)),
        decisions: [decision({ reasons: hostile, verdict: long })],
      });
      await store.setCursor(hostile[0] ?? '', { position: hostile });
      assert.deepEqual(await store.getCursor(hostile[0] ?? ''), { position: hostile });
      assert.deepEqual(
        (await store.read.listEvents({ lane: L1, limit: 9 })).map(({ key, version, data }) => [key, version, data]),
        [[hostile.join('|'), long, { [hostile[1] ?? '']: hostile, nul: 'a\0b', half: '\ud800' }]],
      );
      for (const row of rows) {
        assert.deepEqual(await store.read.operation(row.key), row);
        assert.deepEqual(await store.read.findThreads(row.key, 9), ['T1', `thread of ${L1}`].sort());
        assert.equal((await store.read.crosswalk({ kind: 'part', system: 'erp', externalId: row.key }))?.hubId, row.key);
        assert.equal((await store.read.findAudit({ subject: row.key, limit: 9 }))[0]?.body, long);
      }
      assert.equal((await store.read.resolve(hostile.map((externalId) => ({ kind: 'part', system: 'erp', externalId })))).size, hostile.length);
    },
  ],
  [
    '10,000 rows are accepted, claimed and paged without one missing',
    async (store) => {
      const count = 10_000;
      await store.accept(
        Array.from({ length: count }, (_, i) => event(`a/${String(i % 500).padStart(3, '0')}`, `e${i}`)),
        { now: noon },
      );
      let after: { lane: string; seq: number } | undefined;
      const seen = new Set<string>();
      for (;;) {
        const page = await store.read.listEvents({ limit: 3_333, ...(after ? { after } : {}) });
        const last = page.at(-1);
        if (!last) break;
        for (const row of page) seen.add(row.key);
        after = { lane: last.lane, seq: last.seq };
      }
      assert.equal(seen.size, count);
      assert.equal((await store.read.listEvents({ limit: count })).length, count);
      assert.equal((await store.claim({ worker: 'w1', now: noon, leaseMs, limit: count })).length, 500);
      assert.equal((await store.read.listLanes({ kind: 'a', after: 'a/497', limit: 9 })).length, 2);
    },
  ],
  [
    'batches, pages and leases outside their limits are refused',
    async (store) => {
      const ask = { worker: 'w1', now: noon, leaseMs, limit: 1 };
      for (const limit of [0, -1, 1.5, 10_001, Number.NaN]) {
        await assert.rejects(store.claim({ ...ask, limit }), /from 1 to 10000/);
        await assert.rejects(store.read.listEvents({ limit }), /from 1 to 10000/);
        await assert.rejects(store.outbox(limit), /from 1 to 10000/);
      }
      await assert.rejects(store.claim({ ...ask, leaseMs: 0 }), /leaseMs/);
      await assert.rejects(store.claim({ ...ask, worker: '' }), /worker is empty/);
      await assert.rejects(
        store.accept(
          Array.from({ length: 10_001 }, () => event(L1, 'e')),
          { now: noon },
        ),
        /10001 events/,
      );
      await assert.rejects(store.accept([event(L1, 'e')], { now: 1.5 }), /whole milliseconds/);
      for (const bad of [
        event('', 'e'),
        event('a', 'e'),
        event('a/', 'e'),
        event('/a', 'e'),
        event(L1, ''),
        event(L1, 'x'.repeat(1_025)),
        event(`a/${'é'.repeat(300)}`, 'e'),
        event(L1, 'e', { urgency: -1 }),
        event(L1, 'e', { at: Number.NaN }),
      ]) {
        await assert.rejects(store.accept([bad], { now: noon }), Fault);
      }
      assert.equal((await store.read.countEvents()).pending, 0);
    },
  ],
  [
    'a cursor is kept until it is replaced',
    async (store) => {
      assert.equal(await store.getCursor('poll cmms'), undefined);
      await store.setCursor('poll cmms', { since: 1 });
      await store.setCursor('poll cmms', { since: 2, page: null });
      assert.deepEqual(await store.getCursor('poll cmms'), { since: 2, page: null });
    },
  ],
  [
    'a closed store refuses every call',
    async (store) => {
      await store.close();
      await store.close();
      await assert.rejects(store.accept([event(L1, 'e')], { now: noon }), /closed/);
      await assert.rejects(store.read.countEvents(), /closed/);
      await assert.rejects(store.facts(['f']), /closed/);
    },
  ],
];
