import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { add, compare } from '#base/decimal';
import type { Unit } from '#base/quantity';
import { codeIn, convert, sameMeaning } from '#mapping/units';
import { isUnitSystem, meaningOfUnit, unitMeanings, unitSystems } from '#mapping/units-table';

const sap = (code: string): Unit => ({ system: 'sap', code });
const common = (code: string): Unit => ({ system: 'common', code });
const rec20 = (code: string): Unit => ({ system: 'rec20', code });
const value = (text: string, unit: Unit) => ({ value: text, unit });

test('codes of different systems mean the same only where the table says so', () => {
  assert.ok(sameMeaning(sap('PC'), rec20('H87')));
  assert.ok(sameMeaning(common('Pcs'), { system: 'iso', code: 'PCE' }));
  assert.ok(!sameMeaning(sap('PC'), sap('EA')));
  assert.ok(!sameMeaning(sap('pc'), rec20('H87')));
  assert.ok(!sameMeaning({ system: 'acme', code: 'PC' }, sap('PC')));
  assert.ok(sameMeaning({ system: 'acme', code: 'PC' }, { system: 'acme', code: 'PC' }));
  assert.equal(meaningOfUnit('sap', '__proto__'), undefined);
  assert.equal(isUnitSystem('toString'), false);
});

test('a unit is written in another system by its meaning, or by one that is exactly as much', () => {
  assert.equal(codeIn('sap', common('ea')), 'EA');
  assert.equal(codeIn('sap', rec20('C62')), 'EA');
  assert.equal(codeIn('sap', common('roll')), 'ROL');
  assert.equal(codeIn('sap', rec20('NU')), undefined);
  assert.equal(codeIn('acme', sap('PC')), undefined);
});

for (const [from, unit, to, expected] of [
  ['12', sap('PC'), common('each'), '12'],
  ['2', common('dozen'), sap('PC'), '24'],
  ['1', sap('IN'), sap('MM'), '25.4'],
  ['1', sap('GAL'), sap('L'), '3.785411784'],
  ['1500', sap('G'), sap('KG'), '1.5'],
  ['90', sap('MIN'), sap('H'), '1.5'],
  ['-4', sap('KG'), sap('G'), '-4000'],
] as const) {
  test(`${from} ${unit.code} is ${expected} ${to.code}`, () => assert.deepEqual(convert(value(from, unit), to), { quantity: value(expected, to) }));
}

for (const [from, unit, to, because] of [
  ['1', sap('BOX'), sap('PC'), /no ratio/],
  ['1', sap('L'), sap('KG'), /no ratio/],
  ['1', sap('H'), sap('M'), /no ratio/],
  ['1', sap('°C'), sap('K'), /no ratio/],
  ['1', sap('MIN'), sap('H'), /no finite decimal/],
  ['1', sap('MM'), sap('IN'), /no finite decimal/],
  ['1', sap('ZZZ'), sap('PC'), /unit ZZZ of sap has no row in the unit table: add it/],
  ['9'.repeat(30), sap('KM'), sap('MM'), /no finite decimal/],
] as const) {
  test(`${from.slice(0, 5)} ${unit.code} is not turned into ${to.code}: never guessed, never rounded`, () => {
    const result = convert(value(from, unit), to);
    assert.ok('problem' in result && because.test(result.problem), JSON.stringify(result));
  });
}

const bearing = {
  baseUnit: sap('PC'),
  alternativeUnits: [
    { unit: sap('BOX'), numerator: '12', denominator: '1' },
    { unit: sap('KG'), numerator: '4', denominator: '1' },
  ],
};

test('what is in a box is what the part says, before any table', () => {
  assert.deepEqual(convert(value('2', sap('BOX')), sap('PC'), { part: bearing }), { quantity: value('24', sap('PC')) });
  assert.deepEqual(convert(value('6', common('pcs')), rec20('XBX'), { part: bearing }), { quantity: value('0.5', rec20('XBX')) });
  assert.deepEqual(convert(value('500', sap('G')), sap('PC'), { part: bearing }), { quantity: value('2', sap('PC')) });
  assert.deepEqual(convert(value('3', sap('BOX')), sap('KG'), { part: bearing }), { quantity: value('9', sap('KG')) });
  const ten = { baseUnit: sap('PC'), alternativeUnits: [{ unit: sap('EA'), numerator: '10', denominator: '1' }] };
  assert.deepEqual(convert(value('1', sap('EA')), sap('PC'), { part: ten }), { quantity: value('10', sap('PC')) });
});

test('a part that contradicts itself or divides by zero is a problem', () => {
  const zero = { baseUnit: sap('PC'), alternativeUnits: [{ unit: sap('BOX'), numerator: '12', denominator: '0' }] };
  const twice = {
    baseUnit: sap('PC'),
    alternativeUnits: [
      { unit: sap('KG'), numerator: '4', denominator: '1' },
      { unit: sap('G'), numerator: '1', denominator: '200' },
    ],
  };
  const seven = { baseUnit: sap('PC'), alternativeUnits: [{ unit: sap('BOX'), numerator: '7', denominator: '1' }] };
  for (const [part, because] of [
    [zero, /above zero/],
    [twice, /different ratios/],
    [seven, /no finite decimal/],
  ] as const) {
    const result = convert(value('1', part === twice ? sap('LB') : sap('PC')), part === twice ? sap('PC') : sap('BOX'), { part });
    assert.ok('problem' in result && because.test(result.problem), JSON.stringify(result));
  }
});

const physical = unitMeanings.filter(({ ratio }) => ratio !== undefined);
const unitOf = (index: number): Unit => {
  const meaning = physical[index % physical.length];
  const system = unitSystems.find((name) => (meaning?.codes[name].length ?? 0) > 0) ?? 'rec20';
  return { system, code: meaning?.codes[system][0] ?? '' };
};

test('a chain of conversions there and back is the identity, over 10,000 chains', () => {
  let converted = 0;
  fc.assert(
    fc.property(
      fc.array(fc.nat(physical.length * 50), { minLength: 2, maxLength: 5 }),
      fc.integer({ min: -1_000_000, max: 1_000_000 }),
      fc.nat(4),
      (indexes, whole, places) => {
        const digits = String(Math.abs(whole)).padStart(places + 1, '0');
        const text = add('0', `${whole < 0 ? '-' : ''}${places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`}`);
        const dimension = physical[(indexes[0] ?? 0) % physical.length]?.dimension;
        const kin = physical.flatMap((meaning, index) => (meaning.dimension === dimension ? [index] : []));
        const units = indexes.map((index) => unitOf(kin[index % kin.length] ?? 0));
        const trail = [value(text, units[0]!)];
        for (const unit of units.slice(1)) {
          const next = convert(trail.at(-1)!, unit);
          if ('problem' in next) return;
          trail.push(next.quantity);
        }
        converted++;
        for (let i = trail.length - 2; i >= 0; i--) {
          const back = convert(trail[i + 1]!, trail[i]!.unit);
          assert.ok('quantity' in back, JSON.stringify(back));
          assert.equal(compare(back.quantity.value, trail[i]!.value), 0);
        }
      },
    ),
    { numRuns: 10_000 },
  );
  assert.ok(converted > 2_000, `only ${converted} chains had exact steps`);
});

const list = new URL('../../../shared/specs/unece-rec20/units-of-measure.csv', import.meta.url);
test(
  'every code and factor agrees with the list of UN/ECE Recommendation 20',
  { skip: existsSync(list) ? false : 'shared/ is not beside the repository' },
  () => {
    const rows = new Map(parse<Record<string, string>>(readFileSync(list, 'utf8'), { columns: true, bom: true }).map((row) => [row['CommonCode'], row]));
    let compared = 0;
    for (const { codes, name, ratio, dimension } of unitMeanings) {
      const [code = ''] = codes.rec20;
      if (/^X[A-Z]{2}$/.test(code)) continue; // Package codes of Recommendation 21.
      const row = rows.get(code);
      assert.ok(row, `${name}: ${code} is not in the list`);
      assert.notEqual(row['Status'], 'X', `${name}: ${code} was deleted`);
      const factor = factorOf(row['ConversionFactor'] ?? '');
      const base = {
        mass: 1000,
        length: 1000,
        area: 1e6,
        volume: 1e6,
        time: 1,
        energy: 1,
        power: 1,
        pressure: 1,
        force: 1,
        speed: 1,
        frequency: 1,
        count: 1,
        flow: 1000,
        voltage: 1,
        current: 1,
      }[dimension];
      // The list is a power of ten off for the British thermal unit and the troy ounce.
      if (!ratio || factor === undefined || base === undefined || code === 'BTU' || code === 'APZ') continue;
      compared++;
      const ours = Number(ratio.numerator) / Number(ratio.denominator) / base;
      assert.ok(Math.abs(ours / factor - 1) < 1e-3, `${name}: ${ours} is not ${factor}`);
    }
    assert.ok(compared > 50, `${compared} factors compared`);
  },
);

/** `2,834 952 x 10⁻² kg` as 0.02834952. For comparison only. */
function factorOf(text: string): number | undefined {
  const superscript = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  const match = /^(?:([\d, ]+?)\s*(?:x\s*)?)?(?:10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?(?:\s+[A-Za-z][^\d]*)?$/.exec(text.trim().replace(/^1 013 25/, '101325'));
  if (!match || (match[1] === undefined && match[2] === undefined)) return undefined;
  const power = [...(match[2] ?? '')].map((sign) => (sign === '⁻' ? '-' : String(superscript.indexOf(sign)))).join('');
  return Number((match[1] ?? '1').replaceAll(' ', '').replace(',', '.')) * 10 ** Number(power === '' ? '0' : power);
}
