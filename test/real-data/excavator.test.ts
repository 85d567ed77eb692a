import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { excavatorOrders } from '#demo/excavator';

const folder = fileURLToPath(new URL('../../../shared/data/excavator-mwo/', import.meta.url));
const skip = existsSync(folder) ? false : 'shared/data/excavator-mwo is not beside the repository';

describe('work orders of real excavators', { skip }, () => {
  const orders = skip === false ? excavatorOrders(folder) : [];

  test('4,534 orders of four machines, each once by id', () => {
    assert.equal(orders.length, 4534);
    assert.equal(new Set(orders.map(({ id }) => id)).size, 4534);
    assert.deepEqual([...new Set(orders.map(({ asset }) => asset))].sort(), ['A', 'B', 'C', 'D']);
  });

  test('1,105 of them cost nothing, six are credits, and all are in Australian dollars', () => {
    assert.equal(orders.filter(({ cost }) => cost.minor === 0).length, 1105);
    assert.equal(orders.filter(({ cost }) => cost.minor < 0).length, 6);
    assert.ok(orders.every(({ cost }) => cost.currency === 'AUD'));
  });

  test('308 repeat an earlier day, machine, text and cost, and name the first', () => {
    const repeats = orders.filter((order) => order.repeats !== undefined);
    assert.equal(repeats.length, 308);
    const byId = new Map(orders.map((order) => [order.id, order]));
    for (const { repeats: id, text, cost, asset, startedOn } of repeats) {
      const first = byId.get(id ?? '');
      assert.deepEqual([first?.text, first?.cost, first?.asset, first?.startedOn, first?.repeats], [text, cost, asset, startedOn, undefined]);
    }
  });

  test('order types that the source does not explain are called so', () => {
    const counts = Object.fromEntries(Object.entries(Object.groupBy(orders, ({ kind }) => kind)).map(([kind, list]) => [kind, list?.length]));
    assert.deepEqual(counts, { repair: 4325, replacement: 137, unexplained: 72 });
  });

  test('every order has a functional location as text', () =>
    assert.equal(orders.filter(({ functionalLocation }) => functionalLocation === undefined).length, 0));
});

const head = 'BscStartDate,Asset,OriginalShorttext,PMType,Cost,RunningTime,FM,FuncLocation,id\n';
const given =
  (lines: string): (() => ReturnType<typeof excavatorOrders>) =>
  () => {
    const place = mkdtempSync(join(tmpdir(), 'orders-'));
    try {
      writeFileSync(join(place, 'work_orders.csv.gz'), gzipSync(head + lines));
      return excavatorOrders(place);
    } finally {
      rmSync(place, { recursive: true });
    }
  };

test('a cost that is not a number is refused', () =>
  assert.throws(given('2004-07-01,A,BUCKET,PM01,much,,,BUCKET,0\n'), /work_orders.csv.gz line 2: Cost is "much"/));
test('a row with too few columns is refused', () => assert.throws(given('2004-07-01,A\n')));
test('the same text at another cost is no repeat; a third one names the first', () => {
  const row = (id: number, cost: string): string => `2004-07-01,A,BUCKET,PM01,${cost},,,BUCKET,${id}\n`;
  assert.deepEqual(
    given(row(0, '1.0') + row(1, '2.0') + row(2, '1.00') + row(3, '1'))().map(({ repeats }) => repeats),
    [undefined, undefined, '0', '0'],
  );
});
