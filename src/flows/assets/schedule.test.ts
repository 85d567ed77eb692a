import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Reason } from '#engine/flow';
import { assets } from '#flows/assets/flow';
import { laneShares } from '#flows/lanes';
import { readingKey } from '#flows/master-data';
import { FlowDriver } from '#flows/testing';

const eur = (minor: number) => ({ minor, currency: 'EUR' });
const lane = 'asset/P1';
const period = (name: string, posted: boolean, bookValue: number) => ({
  period: name,
  amount: eur(1000),
  ...(posted ? { posted: eur(1000), accumulated: eur(10_000 - bookValue), bookValue: eur(bookValue) } : {}),
});
/** Out of order, as systems list them. */
const rows = [period('2026-03', false, 0), period('2026-01', true, 9000), period('2026-02', true, 8000), period('2026-04', false, 0)];

function plant(policy = {}): FlowDriver {
  const driver = new FlowDriver({ flows: [{ flow: assets, policy }] });
  for (const connection of ['cmms', 'erp']) driver.facts.set(readingKey('asset', connection), { kind: 'asset', at: 1 });
  return driver;
}
const link = (driver: FlowDriver): Reason[] => {
  const pump = { code: 'P-204', name: 'Pump', site: 'S1', costCentre: 'erp.4310' };
  driver.snapshot('asset', lane, { ...pump, fixedAsset: 'F1' }, { connection: 'erp' });
  driver.snapshot('asset', lane, pump, { connection: 'cmms' });
  return driver.settle();
};
const register = (driver: FlowDriver, more: object = {}): Reason[] =>
  driver.snapshot('fixedAsset', 'fixedAsset/F1', { code: 'F1', name: 'Pump', ...more } as never);
const schedule = (driver: FlowDriver, more: object = {}, connection = 'erp'): Reason[] =>
  driver.snapshot('depreciationSchedule', 'fixedAsset/F1', { fixedAsset: 'F1', method: 'LINR', rows, ...more } as never, { connection });
const shown = (driver: FlowDriver): unknown[] => {
  driver.settle();
  return driver.sent.flatMap(({ operation }) => (operation.draft['bookValue'] === undefined ? [] : [[operation.to, operation.draft['bookValue']]]));
};
const texts = (reasons: readonly Reason[]): string => reasons.map(({ text }) => text).join('; ');

describe('depreciation by period comes back to operations (003-29, 003-32, 003-47)', () => {
  test('what was posted last is shown, once, and what is to come stands in the thread of the asset', () => {
    const driver = plant();
    link(driver);
    const reasons = schedule(driver);
    assert.match(texts(reasons), /method LINR, posted up to 2026-02 with book value 80\.00 EUR, 10\.00 EUR planned for 2026-03, 2 periods until 2026-04/);
    assert.deepEqual(shown(driver), [['cmms', eur(8000)]]);
    assert.deepEqual(
      driver.documents.filter(({ kind }) => kind === 'depreciationSchedule').map(({ thread, text }) => [thread, /2 periods until 2026-04/.test(text)]),
      [[lane, true]],
    );
    schedule(driver, { rows: [...rows].reverse() });
    assert.equal(shown(driver).length, 1, 'the same schedule in another order is no news');
  });

  test('a period that was posted since moves the value', () => {
    const driver = plant();
    link(driver);
    schedule(driver);
    schedule(driver, { rows: [...rows.slice(1), period('2026-03', true, 7000)] });
    assert.deepEqual(shown(driver), [
      ['cmms', eur(8000)],
      ['cmms', eur(7000)],
    ]);
  });

  for (const orderOfNews of [
    [schedule, link],
    [link, schedule],
    [register, schedule, link],
    [schedule, link, register],
  ])
    test(`whichever is read first: ${orderOfNews.map(({ name }) => name).join(', ')}`, () => {
      const driver = plant();
      for (const news of orderOfNews) news(driver);
      if (!orderOfNews.includes(register)) register(driver);
      assert.deepEqual(shown(driver).at(-1), ['cmms', eur(8000)]);
    });

  test('the register says its value itself: it comes first', () => {
    const driver = plant();
    link(driver);
    register(driver, { bookValue: eur(7777) });
    schedule(driver);
    assert.deepEqual(shown(driver), [['cmms', eur(7777)]]);
  });

  const refusals: readonly [name: string, play: (driver: FlowDriver) => Reason[], text: RegExp][] = [
    ['a schedule of the maintenance side', (driver) => schedule(driver, {}, 'cmms'), /comes from the finance side only/],
    ['no asset is linked yet', (driver) => schedule(driver), /not linked to any asset yet: its depreciation is kept/],
    ['nothing posted yet', (driver) => (link(driver), schedule(driver, { rows: [rows[0]] })), /nothing posted yet, 10\.00 EUR planned/],
    ['a schedule without periods', (driver) => (link(driver), schedule(driver, { rows: [] })), /nothing posted yet, nothing to come/],
    ['the same again', (driver) => (link(driver), schedule(driver), schedule(driver, { rows: [...rows].reverse() })), /is known/],
  ];
  for (const [name, play, text] of refusals)
    test(`${name}: nothing is shown anew`, () => {
      const driver = plant();
      const reasons = play(driver);
      assert.match(texts(reasons), text);
      assert.ok(shown(driver).length <= 1);
    });

  test('policy values off shows none of it', () => {
    const driver = plant({ values: 'off' });
    link(driver);
    schedule(driver);
    assert.deepEqual(shown(driver), []);
  });

  test('a schedule belongs to the lane of its fixed asset', () => {
    assert.equal(laneShares('depreciationSchedule', { fixedAsset: 'F1', rows: [] }, 'schedule/9', 'erp')[0]?.lane, 'fixedAsset/F1');
  });
});
