import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json';
import { getter, setter } from '#mapping/path';
import { Refusal, type TransformContext } from '#mapping/transform';
import { transforms } from '#mapping/transforms';
import { parseVia, ViaError } from '#mapping/via';

interface Beside {
  readonly beside?: JsonObject;
  readonly settings?: JsonObject;
}

/** What a row's chain gives in one direction, with the members beside it afterwards. */
function run(
  via: string,
  direction: 'in' | 'out',
  given: Beside & { readonly value: unknown },
): { value: unknown; holder: Record<string, unknown>; warnings: string[] } {
  const holder: Record<string, unknown> = direction === 'in' ? { ...given.beside } : {};
  const warnings: string[] = [];
  const context: TransformContext = {
    settings: given.settings ?? {},
    holder,
    root: holder,
    warn: (message) => void warnings.push(message),
    write(target, { steps }, value) {
      const there = getter(steps)(target);
      setter(steps)(target as Record<string, unknown>, value);
      return there === undefined || there === value ? undefined : new Refusal('said twice');
    },
  };
  const steps = parseVia(via, transforms);
  let { value } = given;
  for (const { bound } of direction === 'in' ? steps : steps.toReversed()) {
    value = bound[direction](value, context);
    if (value instanceof Refusal || value === undefined) break;
  }
  return { value, holder, warnings };
}

for (const transform of transforms.values()) {
  test(`every example of ${transform.name} holds, in both directions where it can be turned round`, () => {
    assert.ok(transform.examples.length > 0 && transform.summary.endsWith('.'));
    assert.ok(transform.refusals.length > 0 || transform.source === true, 'a transform that refuses nothing checks nothing');
    for (const { via, theirs, ours, direction = 'both', beside, settings } of transform.examples) {
      const given = { ...(beside && { beside }), ...(settings && { settings }) };
      if (direction !== 'out') assert.deepEqual(run(via, 'in', { ...given, value: theirs }).value, ours, `${via} of ${String(theirs)}`);
      if (direction === 'in') continue;
      const out = run(via, 'out', { ...given, value: ours });
      assert.deepEqual(out.value, theirs, `${via} back from ${JSON.stringify(ours)}`);
      if (beside) assert.deepEqual(out.holder, beside, `${via} writes the members beside it`);
    }
    if (transform.invertible) assert.ok(transform.examples.some(({ direction = 'both' }) => direction === 'both'));
  });

  for (const { via, direction, value, because, beside, settings } of transform.refusals) {
    test(`${via} refuses ${typeof value === 'string' ? JSON.stringify(value) : String(JSON.stringify(value))} ${direction}ward`, () => {
      const result = run(via, direction, { value, ...(beside && { beside }), ...(settings && { settings }) }).value;
      assert.ok(result instanceof Refusal, `gave ${JSON.stringify(result)}`);
      assert.match(result.message, new RegExp(because.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
    });
  }
}

test('no transform throws or gives a fraction as a number, whatever it gets', () => {
  const hostile: readonly unknown[] = [
    undefined,
    null,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e308,
    -0,
    2 ** 53,
    0.1,
    '',
    ' ',
    '\ud800',
    '\0',
    '1e400',
    '9'.repeat(100_000),
    [],
    [[]],
    {},
    { minor: 0.5, currency: 'EUR' },
    { minor: 1, currency: 'eur' },
    { value: 1, unit: {} },
    { value: '1', unit: null },
    Symbol('x'),
    () => 1,
    10n,
    new Date(0),
    JSON.parse('{"__proto__":{"minor":1,"currency":"EUR"}}'),
  ];
  for (const { examples } of transforms.values()) {
    for (const { via } of examples) {
      for (const direction of ['in', 'out'] as const) {
        for (const value of hostile) {
          const result = run(via, direction, {
            value,
            beside: { currency: 'EUR', Currency: 'EUR', BaseUnit: 'PC', Unit: 'PC' },
            settings: { currency: 'EUR' },
          }).value;
          if (direction === 'in' && typeof result === 'number') assert.ok(Number.isInteger(result) || via === 'first', `${via} gave ${result}`);
        }
      }
    }
  }
});

test('a cut text carries a warning, a text that fits does not', () => {
  assert.equal(run('truncate(5)', 'out', { value: 'abcdefgh' }).warnings.length, 1);
  assert.equal(run('truncate(5)', 'out', { value: 'abcde' }).warnings.length, 0);
});

for (const [via, because] of [
  ['trimZero', /did you mean trimZeros\?/],
  ['padLeft', /padLeft\(length\)/],
  ['padLeft(18, 2)', /not 2 arguments/],
  ["padLeft('18')", /whole number/],
  ['padLeft(-1)', /whole number/],
  ['prefix(abc)', /single quotes/],
  ["cents('usd')", /ISO 4217/],
  ['cents(3)', /single quotes/],
  ['cents(__proto__.x)', /cannot be read|no data/],
  ['upper |', /at the end/],
  ['| upper', /where \| stands/],
  ['upper lower', /\| is expected/],
  ['upper()x', /\| is expected/],
  ["prefix('x", /cannot be read at character/],
  ['upper; process.exit()', /cannot be read at character/],
  ["upper | constant('x')", /can only stand first/],
  ["boolean('X','X')", /the same/],
  ['decimal(21)', /20 places/],
  ['truncate(0)', /length is 0/],
  [Array.from({ length: 9 }, () => 'trim').join('|'), /more than 8/],
  ['trim'.padEnd(301), /more than 300/],
] as const) {
  test(`via ${JSON.stringify(via.slice(0, 40))} is refused with what to do`, () => {
    assert.throws(
      () => parseVia(via, transforms),
      (error) => (error instanceof ViaError && because.test(error.message) ? true : assert.fail(String(error))),
    );
  });
}
