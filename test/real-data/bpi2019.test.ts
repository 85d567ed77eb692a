import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bpiMissing, byOrder, readLog, type LogLine } from './bpi-log.ts';
import { OrderErp } from './bpi-erp.ts';
import { disturbed, playCases, playOrders, type Report } from './bpi-play.ts';

const skip = bpiMissing;
const log = skip === false ? await readLog() : new Map<string, LogLine[]>();
/** Every `n`th case and whatever is rare, short enough for a test; `node bench/bpi.ts` plays all of them in all three ways. */
const some = (n: number, longest: number): Map<string, LogLine[]> => new Map([...log].filter(([, lines], index) => index % n === 0 && lines.length <= longest));

/** No broken invariant, and a table of how the cases ended. */
function assertSound(name: string, report: Report): void {
  console.log(
    `${name}: ${report.cases} cases, ${report.decisions} decisions; ${Object.entries(report.ends)
      .map(([end, count]) => `${count} ${end}`)
      .join(', ')}`,
  );
  for (const [because, count] of Object.entries(report.heldBecause)) console.log(`  held: ${count} ${because}`);
  assert.deepEqual(report.problems.slice(0, 10), [], `${report.problems.length} problems`);
}

describe('every purchase-to-pay case of the BPI Challenge 2019 through the procurement flow (I4-I8)', { skip }, () => {
  test('the log is the one that is described: 5,947 items of 4,733 orders in 167,058 events', () => {
    assert.equal(log.size, 5947);
    assert.equal(
      [...log.values()].reduce((total, lines) => total + lines.length, 0),
      167_058,
    );
    assert.equal(byOrder(log).size, 4733);
  });

  test('every case comes to rest: books as its documents say, contradictions held with a reason', () => {
    const report = playCases(log);
    assertSound('in order', report);
    assert.equal(report.cases, 5947);
    for (const [odd, { cases, held }] of Object.entries(report.contradictions)) console.log(`  ${odd}: ${cases} cases, ${held} of them held`);
    assert.ok((report.ends['held'] ?? 0) > 0 && (report.ends['held'] ?? 0) < 200, 'only contradictions are held');
  });

  test('news out of order inside a window and doubled ends the same', () => {
    const part = some(8, 120);
    const shuffled = playCases(part, { seed: 20190 });
    assertSound('out of order and doubled', shuffled);
    assert.deepEqual(shuffled.ends, playCases(part).ends);
  });

  test('everything taken back by opposite documents leaves nothing in the books or on the work order (I8)', () => {
    assertSound('taken back', playCases(some(6, 120), { undo: true }));
  });

  test('the real engine ends each case as the flow alone does, with no event pending, waiting or undelivered (I1, I20)', async () => {
    const part = some(12, 120);
    const report = await playOrders(byOrder(part));
    assertSound('engine', report);
    assert.equal(report.verdicts['pending'], 0);
    assert.equal(report.verdicts['waiting'], 0);
    assert.deepEqual(report.ends, playCases(part).ends);
    assertSound('engine, out of order and doubled', await playOrders(byOrder(some(40, 120)), { seed: 7 }));
  });
});

describe('what the translation makes of the log', () => {
  const lines = (...activities: string[]): LogLine[] =>
    activities.map((activity, index) => ({ caseId: '4500_00010', order: '4500', item: '00010', seq: index + 1, activity, at: Date.UTC(2018, 0, 2 + index) }));

  test('an activity that nothing translates is refused by name', () => {
    assert.throws(() => new OrderErp('4500', lines('Create Purchase Order Item', 'Paint the fence')), /Paint the fence/);
  });

  const contradictions: readonly [odd: string, ...activities: string[]][] = [
    ['receipt cancelled that was never recorded', 'Create Purchase Order Item', 'Cancel Goods Receipt'],
    ['invoice cancelled that was never recorded', 'Create Purchase Order Item', 'Cancel Invoice Receipt'],
    ['cleared without an invoice', 'Create Purchase Order Item', 'Clear Invoice'],
    ['received on a deleted item', 'Create Purchase Order Item', 'Delete Purchase Order Item', 'Record Goods Receipt'],
    ['invoiced before anything was received', 'Create Purchase Order Item', 'Record Invoice Receipt'],
    ['reactivated without deletion', 'Create Purchase Order Item', 'Reactivate Purchase Order Item'],
  ];
  for (const [odd, ...activities] of contradictions) {
    test(`${activities.join(', ')}: ${odd}`, () => assert.ok([...new OrderErp('4500', lines(...activities)).items.values()][0]?.odd.has(odd)));
  }

  test('disturbed news loses nothing', () => {
    const { news } = new OrderErp(
      '4500',
      lines('Create Purchase Order Item', 'Record Goods Receipt', 'Record Invoice Receipt', 'Clear Invoice', 'Change Price'),
    );
    for (let seed = 0; seed < 50; seed++) assert.equal(new Set(disturbed(news, seed, 3)).size, news.length);
  });
});
