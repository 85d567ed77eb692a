import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '#base/json';
import type { Reason } from '#engine/flow';
import { assets } from '#flows/assets/flow';
import type { AssetsState } from '#flows/assets/state';
import { readingKey } from '#flows/master-data';
import { FlowDriver } from '#flows/testing';

const eur = (minor: number) => ({ minor, currency: 'EUR' });
const lane = 'asset/P1';
const pump = { code: 'P-204', name: 'Centrifugal pump P-204', site: 'S1', costCentre: 'erp.4310', fixedAsset: 'F1' };
const register = { code: '2100/1/0', name: 'Pump', acquisitionValue: eur(100_000), bookValue: eur(80_000), valueAsOf: '2026-02-28' };

function plant(policy: JsonObject = {}, read = ['cmms', 'erp']): FlowDriver {
  const driver = new FlowDriver({ flows: [{ flow: assets, policy }] });
  for (const connection of read) driver.facts.set(readingKey('asset', connection), { kind: 'asset', at: 1 });
  return driver;
}

/** Each reading is news of its own, as intake counts versions. */
let reading = 0;
const from = (connection: string) => ({ connection, version: String((reading += 1)) });
const inErp = (driver: FlowDriver, more: object = {}): Reason[] => driver.snapshot('asset', lane, { ...pump, ...more } as never, from('erp'));
const inCmms = (driver: FlowDriver, more: object = {}): Reason[] =>
  driver.snapshot('asset', lane, { ...pump, fixedAsset: undefined, ...more } as never, from('cmms'));
const inRegister = (driver: FlowDriver, more: object = {}, fixedAsset = 'F1'): Reason[] =>
  driver.snapshot('fixedAsset', `fixedAsset/${fixedAsset}`, { ...register, ...more } as never, from('erp'));
const both = (driver: FlowDriver, more: object = {}): FlowDriver => (
  inErp(driver, more),
  driver.answer({ lane }, 'applied', { id: '9' }),
  inCmms(driver, more),
  driver.settle(),
  driver
);
const gone = (driver: FlowDriver, connection: string): Reason[] => (
  driver.facts.delete(`record/asset/P1@${connection}`),
  driver.give({
    lane,
    kind: 'asset.removed',
    source: connection,
    object: 'P-204',
    key: `removed/${connection}/${driver.now}`,
    data: { hubId: 'P1', connection },
  })
);
const again = (driver: FlowDriver, kind: string): Reason[] => driver.give(driver.delivered.findLast((event) => event.kind === kind) ?? assert.fail(kind), true);
const order = (driver: FlowDriver, line: object = {}, more: object = {}): Reason[] =>
  driver.snapshot('purchaseOrder', 'purchaseOrder/O1', {
    number: '4500',
    lines: [{ line: '10', text: 'Pump', quantity: { value: '1', unit: { system: 'sap', code: 'PC' } }, site: 'S1', account: { fixedAsset: 'F1' }, ...line }],
    ...more,
  } as never);
const receipt = (driver: FlowDriver, number: string, direction: 'in' | 'out' = 'in', line = '10'): Reason[] =>
  driver.snapshot('goodsReceipt', 'purchaseOrder/O1', {
    number,
    postedOn: '2026-03-02',
    lines: [{ line: '1', purchaseOrder: 'O1', purchaseOrderLine: line, quantity: { value: '1', unit: { system: 'sap', code: 'PC' } }, direction }],
  });

interface Row {
  readonly name: string;
  readonly policy?: JsonObject;
  readonly read?: string[];
  readonly play: (driver: FlowDriver) => Reason[];
  readonly act: Reason['did'];
  readonly text: RegExp;
  /** Operations that go out in all, as `record verb`. */
  readonly sends?: readonly string[];
}

const byMaintenance = { createdBy: 'maintenance' };
const byOrder = { createdBy: 'order' };
const disposed = { status: 'disposed', disposedOn: '2026-03-02' };

const rows: readonly Row[] = [
  {
    name: 'an asset of finance is created in maintenance, with its parent named (000-38)',
    play: (driver) => inErp(driver, { parent: 'P0' }),
    act: 'did',
    text: /asset P-204 "Centrifugal pump P-204" is in erp and not in cmms: it is created there/,
    sends: ['asset create'],
  },
  {
    name: 'an asset of maintenance is created in finance by policy (003-27)',
    policy: byMaintenance,
    play: (driver) => inCmms(driver),
    act: 'did',
    text: /is in cmms and not in erp/,
    sends: ['asset create'],
  },
  {
    name: 'an asset of maintenance is not created in finance by default',
    play: (driver) => inCmms(driver),
    act: 'didNot',
    text: /only in cmms: erp creates this kind/,
  },
  {
    name: 'an asset of finance is not created in maintenance where maintenance creates',
    policy: byMaintenance,
    play: (driver) => inErp(driver),
    act: 'didNot',
    text: /cmms creates this kind/,
  },
  { name: 'nobody creates', policy: { createdBy: 'nobody' }, play: (driver) => inErp(driver), act: 'didNot', text: /records of this kind are not created/ },
  { name: 'an inactive asset is not created', play: (driver) => inErp(driver, { active: false }), act: 'didNot', text: /is inactive in erp: not created/ },
  { name: 'a disposed asset is not created', play: (driver) => inErp(driver, { status: 'disposed' }), act: 'didNot', text: /is inactive in erp: not created/ },
  {
    name: 'what was sent is not sent again while it is not read back',
    play: (driver) => (inErp(driver), inErp(driver, { model: 'KX' })),
    act: 'didNot',
    text: /already sent to cmms/,
    sends: ['asset create'],
  },
  {
    name: 'an asset is not created before the other side was read once',
    read: [],
    play: (driver) => inErp(driver),
    act: 'held',
    text: /only after all records of this kind were read there once/,
  },
  {
    name: 'both agree',
    play: (driver) => (inErp(driver), driver.answer({}, 'applied', { id: '9' }), inCmms(driver)),
    act: 'didNot',
    text: /erp and cmms agree on name, parent, location, costCentre/,
    sends: ['asset create'],
  },
  {
    name: "the owner's structure is carried, with what it replaces (000-39, I13)",
    play: (driver) => (both(driver), inErp(driver, { location: 'L2', name: 'Pump 204' })),
    act: 'did',
    text: /cmms gets name "Pump 204" in place of "Centrifugal pump P-204" \(changed-by-owner\), location "L2"/,
    sends: ['asset create', 'asset update'],
  },
  {
    name: 'an edit of the other side becomes a proposal and is taken back',
    play: (driver) => (both(driver), inCmms(driver, { name: 'Our pump' })),
    act: 'noted',
    text: /cmms says name "Our pump", which finance owns: kept as a proposal/,
    sends: ['asset create', 'asset update'],
  },
  {
    name: 'a structure that maintenance owns goes to finance',
    policy: { structureOwner: 'maintenance' },
    play: (driver) => (both(driver), inCmms(driver, { location: 'L9' })),
    act: 'did',
    text: /erp gets location "L9"/,
    sends: ['asset create', 'asset update'],
  },
  {
    name: 'a field that the owner emptied is not taken away',
    play: (driver) => (both(driver, { location: 'L1' }), inErp(driver)),
    act: 'didNot',
    text: /location is empty where it is owned/,
    sends: ['asset create'],
  },

  {
    name: 'a disposal retires the fixed asset the same day (003-24)',
    play: (driver) => (both(driver), inCmms(driver, { status: 'disposed' })),
    act: 'did',
    text: /disposed of on 2026-03-02: its fixed asset F1 is retired the same day/,
    sends: ['asset create', 'assetDisposal create'],
  },
  {
    name: 'a disposal twice retires once',
    play: (driver) => (both(driver), inCmms(driver, disposed), inCmms(driver, { ...disposed, model: 'x' })),
    act: 'didNot',
    text: /was retired before, on 2026-03-02/,
    sends: ['asset create', 'assetDisposal create'],
  },
  {
    name: 'a disposal that finance did already',
    play: (driver) => (inRegister(driver, { retiredOn: '2026-02-01' }), both(driver), inCmms(driver, disposed)),
    act: 'didNot',
    text: /already retired in erp on 2026-02-01/,
    sends: ['asset create', 'asset update'],
  },
  {
    name: 'disposals are off',
    policy: { disposals: 'off' },
    play: (driver) => (both(driver), inCmms(driver, disposed)),
    act: 'didNot',
    text: /policy disposals is off/,
    sends: ['asset create'],
  },
  {
    name: 'a disposal without fixed asset',
    play: (driver) => (both(driver, { fixedAsset: undefined }), inCmms(driver, disposed)),
    act: 'held',
    text: /names no fixed asset in erp: set the fixed asset of P-204/,
    sends: ['asset create'],
  },
  {
    name: 'a disposal of an asset that only maintenance knows',
    play: (driver) => inCmms(driver, disposed),
    act: 'held',
    text: /erp has no such asset: link it, or retire it there by hand/,
  },
  {
    name: 'a disposal in finance is no message of maintenance',
    play: (driver) => (both(driver), inErp(driver, disposed)),
    act: 'didNot',
    text: /agree/,
    sends: ['asset create'],
  },
  {
    name: 'a fixed asset that is the value of two assets is not retired with one',
    play: (driver) => (driver.snapshot('asset', 'asset/P2', { ...pump, code: 'P-205' }, from('erp')), both(driver), inCmms(driver, disposed)),
    act: 'held',
    text: /fixed asset F1 is the value of P-205 too: retire the part of P-204 in erp by hand/,
    sends: ['asset create', 'asset create'],
  },
  {
    name: 'what was disposed of and is in use again',
    play: (driver) => (both(driver), inCmms(driver, disposed), inCmms(driver)),
    act: 'didNot',
    text: /in use again in cmms, but its fixed asset F1 was retired on 2026-03-02/,
    sends: ['asset create', 'assetDisposal create'],
  },
  {
    name: 'deleting in maintenance is no disposal',
    play: (driver) => (both(driver), gone(driver, 'cmms')),
    act: 'held',
    text: /deleted in cmms, which is no disposal.*nothing was retired/,
    sends: ['asset create'],
  },
  {
    name: 'deleting in finance neither',
    play: (driver) => (both(driver), gone(driver, 'erp')),
    act: 'held',
    text: /deleted in erp, which is no disposal/,
    sends: ['asset create'],
  },
  { name: 'deleting what finance does not have', play: (driver) => (inCmms(driver), gone(driver, 'cmms')), act: 'didNot', text: /there is nothing to retire/ },
  {
    name: 'deleting what was disposed of',
    play: (driver) => (both(driver), inCmms(driver, disposed), gone(driver, 'cmms')),
    act: 'didNot',
    text: /after its disposal on 2026-03-02/,
    sends: ['asset create', 'assetDisposal create'],
  },
  {
    name: 'what was deleted is not created again by the next news of the other side',
    play: (driver) => (both(driver), gone(driver, 'cmms'), inErp(driver, { model: 'KX' })),
    act: 'didNot',
    text: /was deleted in cmms and is not created there again/,
    sends: ['asset create'],
  },

  {
    name: 'a new cost centre moves the fixed asset (003-33)',
    play: (driver) => (both(driver), inErp(driver, { costCentre: 'erp.4320' })),
    act: 'did',
    text: /moved from cost centre erp\.4310 to erp\.4320: fixed asset F1 follows/,
    sends: ['asset create', 'asset update', 'assetTransfer create'],
  },
  {
    name: 'the first cost centre is no transfer',
    play: (driver) => (both(driver, { costCentre: undefined }), inErp(driver)),
    act: 'did',
    text: /cmms gets costCentre "erp\.4310"/,
    sends: ['asset create', 'asset update'],
  },
  {
    name: 'transfers are off',
    policy: { transfers: 'off' },
    play: (driver) => (both(driver), inErp(driver, { costCentre: 'erp.4320' })),
    act: 'didNot',
    text: /policy transfers is off/,
    sends: ['asset create', 'asset update'],
  },
  {
    name: 'an asset without fixed asset has nothing to move',
    play: (driver) => (both(driver, { fixedAsset: undefined }), inErp(driver, { fixedAsset: undefined, costCentre: 'erp.4320' })),
    act: 'didNot',
    text: /has no fixed asset, so finance has nothing to move/,
    sends: ['asset create', 'asset update'],
  },
  {
    name: 'a transfer after disposal is refused (I17)',
    play: (driver) => (both(driver), inCmms(driver, disposed), inErp(driver, { costCentre: 'erp.4320' })),
    act: 'refused',
    text: /after it was disposed of on 2026-03-02: nothing is transferred any more/,
    sends: ['asset create', 'assetDisposal create', 'asset update'],
  },
  {
    name: 'a transfer after finance retired it is refused (I17)',
    play: (driver) => (inRegister(driver, { retiredOn: '2026-02-01' }), both(driver), inErp(driver, { costCentre: 'erp.4320' })),
    act: 'refused',
    text: /disposed of on 2026-02-01/,
    sends: ['asset create', 'asset update', 'asset update'],
  },

  {
    name: 'book value is shown with its day (003-32)',
    play: (driver) => (both(driver), inRegister(driver), driver.settle()),
    act: 'did',
    text: /cmms shows book value and depreciation of asset P-204 as erp says, as of 2026-02-28/,
    sends: ['asset create', 'asset update'],
  },
  {
    name: 'a value that did not change is not shown again',
    play: (driver) => (both(driver), inRegister(driver), driver.settle(), inRegister(driver, { usefulLifeYears: '9' }), driver.settle()),
    act: 'didNot',
    text: /is shown already/,
    sends: ['asset create', 'asset update'],
  },
  { name: 'a value before its asset is known', play: (driver) => inRegister(driver), act: 'didNot', text: /not linked to any asset yet/ },
  {
    name: 'a value before maintenance has the asset',
    play: (driver) => (inRegister(driver), inErp(driver), driver.settle()),
    act: 'didNot',
    text: /shown once cmms has the asset/,
    sends: ['asset create'],
  },
  {
    name: 'a value that came first is shown as soon as maintenance has the asset',
    play: (driver) => (inRegister(driver), inErp(driver), driver.settle(), inCmms(driver)),
    act: 'did',
    text: /cmms shows book value/,
    sends: ['asset create', 'asset update'],
  },
  {
    name: 'values are off',
    policy: { values: 'off' },
    play: (driver) => (both(driver), inRegister(driver), driver.settle()),
    act: 'didNot',
    text: /policy values is off/,
    sends: ['asset create'],
  },
  {
    name: 'a fixed asset without values',
    play: (driver) => (both(driver), inRegister(driver, { acquisitionValue: undefined, bookValue: undefined, valueAsOf: undefined })),
    act: 'didNot',
    text: /has no values yet/,
    sends: ['asset create'],
  },
  {
    name: 'a register on the maintenance side',
    play: (driver) => driver.snapshot('fixedAsset', 'fixedAsset/F1', register, from('cmms')),
    act: 'didNot',
    text: /come from the finance side only/,
  },

  {
    name: 'an order line for a fixed asset creates its asset with the first receipt (003-31)',
    policy: byOrder,
    play: (driver) => (inRegister(driver), order(driver), receipt(driver, '5000'), driver.settle()),
    act: 'did',
    text: /fixed asset F1, bought with order 4500 line 10 and received on 2026-03-02: asset "Pump" is created in cmms/,
    sends: ['asset create'],
  },
  {
    name: 'the receipt is read before the order',
    policy: byOrder,
    play: (driver) => (inRegister(driver), receipt(driver, '5000'), order(driver), driver.settle()),
    act: 'did',
    text: /is created in cmms/,
    sends: ['asset create'],
  },
  { name: 'no receipt yet', policy: byOrder, play: (driver) => order(driver), act: 'didNot', text: /its asset is created with the first goods receipt/ },
  {
    name: 'a receipt of another line',
    policy: byOrder,
    play: (driver) => (order(driver), receipt(driver, '5000', 'in', '20')),
    act: 'didNot',
    text: /with the first goods receipt/,
  },
  {
    name: 'a receipt that was taken back before the order was read',
    policy: byOrder,
    play: (driver) => (receipt(driver, '5000'), receipt(driver, '5001', 'out'), order(driver)),
    act: 'didNot',
    text: /with the first goods receipt/,
  },
  {
    name: 'a receipt that is taken back afterwards leaves the asset',
    policy: byOrder,
    play: (driver) => (inRegister(driver), order(driver), receipt(driver, '5000'), driver.settle(), receipt(driver, '5001', 'out')),
    act: 'didNot',
    text: /was taken back; an asset that it brought into being stays/,
    sends: ['asset create'],
  },
  {
    name: 'a second receipt makes no second asset',
    policy: byOrder,
    play: (driver) => (inRegister(driver), order(driver), receipt(driver, '5000'), receipt(driver, '5002'), driver.settle()),
    act: 'did',
    text: /is created in cmms/,
    sends: ['asset create'],
  },
  {
    name: 'the fixed asset is not read yet',
    policy: byOrder,
    play: (driver) => (order(driver), receipt(driver, '5000'), driver.settle()),
    act: 'held',
    text: /erp has not shown it yet/,
  },
  {
    name: 'the fixed asset is retired',
    policy: byOrder,
    play: (driver) => (inRegister(driver, { active: false }), order(driver), receipt(driver, '5000'), driver.settle()),
    act: 'didNot',
    text: /is retired in erp/,
  },
  {
    name: 'maintenance was never read',
    policy: byOrder,
    read: [],
    play: (driver) => (inRegister(driver), order(driver), receipt(driver, '5000'), driver.settle()),
    act: 'held',
    text: /only after all records of this kind were read/,
  },
  {
    name: 'equipment of finance stands for the fixed asset already',
    policy: byOrder,
    play: (driver) => (inErp(driver), driver.settle(), inRegister(driver), order(driver), receipt(driver, '5000'), driver.settle()),
    act: 'didNot',
    text: /asset P-204 stands for it already/,
  },
  {
    name: 'orders create nothing by default',
    play: (driver) => (inRegister(driver), order(driver), receipt(driver, '5000'), driver.settle()),
    act: 'didNot',
    text: /no asset is created from orders \(policy createdBy is finance\)/,
  },
  {
    name: 'equipment of finance is not created where orders create',
    policy: byOrder,
    play: (driver) => inErp(driver),
    act: 'didNot',
    text: /assets are created from orders \(policy createdBy\)/,
  },
];

describe('what becomes of an asset', () => {
  for (const row of rows)
    test(row.name, () => {
      const driver = plant(row.policy, row.read);
      const reasons = row.play(driver);
      assert.ok(
        reasons.some(({ did, text }) => did === row.act && row.text.test(text)),
        JSON.stringify(reasons, null, 1),
      );
      assert.deepEqual(driver.sent.map(({ operation }) => `${operation.record} ${operation.verb}`).sort(), [...(row.sends ?? [])].sort());
      for (const reason of reasons) if (reason.did === 'held' || reason.did === 'refused') assert.ok(reason.owner);
    });
});

test('orders that buy no fixed asset leave nothing behind, whatever is read first', () => {
  for (const first of [order, receipt] as const) {
    const driver = plant(byOrder);
    if (first === receipt) receipt(driver, '5000');
    order(driver, { account: { costCentre: 'erp.1' } });
    receipt(driver, '5001');
    assert.equal((driver.state('assets', 'purchaseOrder/O1') as AssetsState).order, null);
    assert.deepEqual(driver.waiting, []);
  }
});

test('an asset from an order is linked to its fixed asset, so that it shows its value and can be retired (003-05, 003-31)', () => {
  const driver = plant(byOrder);
  inRegister(driver);
  order(driver);
  receipt(driver, '5000');
  driver.settle();
  assert.deepEqual(driver.sent[0]?.operation.identity, { kind: 'asset', hubId: 'F1' });
  driver.answer({}, 'applied', { id: '77' });
  driver.snapshot('asset', 'asset/F1', { code: '77', name: 'Pump', site: 'S1' }, from('cmms'));
  driver.settle();
  assert.deepEqual(
    driver.open().map(({ operation }) => operation.draft['bookValue']),
    [eur(80_000)],
  );
  driver.snapshot('asset', 'asset/F1', { code: '77', name: 'Pump', site: 'S1', ...disposed } as never, from('cmms'));
  assert.deepEqual(
    driver.open().map(({ operation }) => [operation.record, operation.draft['fixedAsset'] ?? null]),
    [
      ['asset', null],
      ['assetDisposal', 'F1'],
    ],
  );
});

test('an asset is set inactive in finance after its retirement, not beside it, with the book value at risk until then', () => {
  const driver = both(plant());
  inRegister(driver);
  inCmms(driver, disposed);
  const retirement = driver.open().find(({ operation }) => operation.record === 'assetDisposal')?.operation;
  assert.deepEqual([retirement?.money, retirement?.draft['disposedOn'], retirement?.urgency], [eur(80_000), '2026-03-02', 2]);
  driver.answer({ intent: 'disposal' }, 'failed');
  assert.ok(!driver.sent.some(({ operation }) => operation.intent.startsWith('inactive')));
  driver.answer({ intent: 'disposal' }, 'applied', { id: '500' });
  assert.deepEqual(
    driver.sent.filter(({ operation }) => operation.draft['active'] === false).map(({ operation }) => [operation.to, operation.record]),
    [['erp', 'asset']],
  );
  assert.deepEqual(
    driver.documents.map(({ kind, state, id }) => [kind, state, id]),
    [
      ['assetDisposal', 'disposed', 'P1'],
      ['assetDisposal', 'posted', '500'],
    ],
  );
});

test('a disposal that a person cancelled is not asked for again until it changes', () => {
  const driver = both(plant());
  inCmms(driver, disposed);
  driver.answer({ intent: 'disposal' }, 'cancelled');
  assert.match(
    inCmms(driver, { ...disposed, model: 'x' })
      .map(({ text }) => text)
      .join(),
    /a person decided against retiring fixed asset F1 on 2026-03-02/,
  );
  inCmms(driver, { ...disposed, disposedOn: '2026-03-05' });
  assert.deepEqual(
    driver.sent.filter(({ operation }) => operation.record === 'assetDisposal').map(({ operation }) => [operation.intent, operation.draft['disposedOn']]),
    [
      ['disposal', '2026-03-02'],
      ['disposal/3', '2026-03-05'],
    ],
  );
});

test('held disposals and deletions settle once the facts are there', () => {
  const driver = plant();
  inCmms(driver, disposed);
  driver.know('asset', 'P1', 'erp', pump);
  assert.match(
    again(driver, 'asset.snapshot')
      .map(({ text }) => text)
      .join(),
    /fixed asset F1 is retired the same day/,
  );
  const other = both(plant());
  gone(other, 'cmms');
  other.know('asset', 'P1', 'erp', { ...pump, active: false });
  assert.ok(!again(other, 'asset.removed').some(({ did }) => did === 'held'));
});

test('moving away and back is two transfers, each with its own days and places', () => {
  const driver = both(plant());
  inErp(driver, { costCentre: 'erp.4320' });
  inErp(driver, { costCentre: 'erp.4310' });
  assert.deepEqual(
    driver.sent.flatMap(({ operation }) =>
      operation.record === 'assetTransfer' ? [[operation.draft['fromCostCentre'], operation.draft['toCostCentre'], operation.chain]] : [],
    ),
    [
      ['erp.4310', 'erp.4320', 'asset/erp'],
      ['erp.4320', 'erp.4310', 'asset/erp'],
    ],
  );
});

test('a parent that comes later needs no second operation: the create waits for its number', () => {
  const driver = plant();
  inErp(driver, { parent: 'P0' });
  assert.equal(driver.sent[0]?.operation.draft['parent'], 'P0');
  driver.snapshot('asset', 'asset/P0', { code: 'LINE-1', name: 'Line', site: 'S1' }, from('erp'));
  driver.answer({ lane: 'asset/P0' }, 'applied', { id: '1' });
  driver.answer({ lane }, 'applied', { id: '2' });
  inCmms(driver, { parent: 'P0' });
  assert.deepEqual(
    driver.sent.map(({ operation }) => operation.verb),
    ['create', 'create'],
  );
});

test("an asset that gets another fixed asset shows that one's value, and no longer the old one's", () => {
  const driver = both(plant());
  inRegister(driver);
  inRegister(driver, { bookValue: eur(500) }, 'F2');
  driver.settle();
  inErp(driver, { fixedAsset: 'F2' });
  driver.settle();
  inRegister(driver, { bookValue: eur(70_000) });
  driver.settle();
  assert.deepEqual(
    driver.sent.flatMap(({ operation }) => operation.draft['bookValue'] ?? []),
    [eur(80_000), eur(500)],
  );
});

describe('several sites share one ERP', () => {
  const north = { maintenance: 'north', finance: 'erp' };
  const south = { maintenance: 'south', finance: 'erp' };
  const shared = (): FlowDriver => {
    const driver = new FlowDriver({ flows: [{ flow: assets }], sides: north, everywhere: [north, south] });
    for (const connection of ['north', 'south', 'erp']) driver.facts.set(readingKey('asset', connection), { at: 1 });
    return driver;
  };
  const { site: _site, ...nowhere } = pump;

  test('an asset without site that nobody has is created in none of them', () => {
    const driver = shared();
    assert.match(
      driver
        .snapshot('asset', lane, nowhere, { connection: 'erp', site: '' })
        .map(({ text }) => text)
        .join(),
      /names no site, and north, south share erp: .*created in none/,
    );
    assert.deepEqual(driver.sent, []);
  });

  test('an asset without site is kept in step, valued and disposed of where it is', () => {
    const driver = shared();
    driver.snapshot('asset', lane, nowhere, { connection: 'south', site: '' });
    driver.snapshot('asset', lane, { ...nowhere, name: 'Renamed' }, { connection: 'erp', site: '' });
    driver.snapshot('fixedAsset', 'fixedAsset/F1', register, { connection: 'erp', site: '' });
    driver.settle();
    driver.snapshot('asset', lane, { ...nowhere, ...disposed } as never, { connection: 'south', site: '' });
    assert.deepEqual(
      driver.sent.map(({ operation }) => [operation.to, operation.record, Object.keys(operation.draft)[0]]),
      [
        ['south', 'asset', 'name'],
        ['south', 'asset', 'bookValue'],
        ['erp', 'assetDisposal', 'asset'],
      ],
    );
  });
});
