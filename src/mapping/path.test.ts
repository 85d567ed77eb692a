import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concretePath, getter, holderOf, listText, parsePath, PathError, setter, type Step } from '#mapping/path';

test('a path is split at dots and lists, and quoted names may hold dots', () => {
  assert.deepEqual(parsePath('lines[].quantity.value').levels, [['lines'], ['quantity', 'value']]);
  assert.deepEqual(parsePath('assignees[]').levels, [['assignees'], []]);
  assert.deepEqual(parsePath('extraFields."Cost ctr. no"').levels, [['extraFields', 'Cost ctr. no']]);
  assert.deepEqual(parsePath('emails[0].address').levels, [['emails', 0, 'address']]);
  assert.equal(listText(parsePath('to_A.results[].to_B.results[].C'), 1), 'to_A.results[].to_B.results[]');
  assert.equal(concretePath('a[].b[].c', [2, 0]), 'a[2].b[0].c');
});

for (const text of [
  '',
  '.',
  'a.',
  '.a',
  'a..b',
  '[]',
  '[].a',
  'a[1]',
  'a[',
  'a]',
  'a[]b',
  '__proto__.x',
  'a.constructor.b',
  'a.prototype',
  ' a',
  'a .b',
  '"a',
  'a'.repeat(301),
  Array.from({ length: 21 }, () => 'a').join('.'),
]) {
  test(`the path ${JSON.stringify(text.slice(0, 30))} is refused`, () => assert.throws(() => parsePath(text), PathError));
}

test('no text makes the parser fail in another way, and what parses names no prototype', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'b', '.', '[', ']', '0', '"', ' ', '_', '__proto__', 'constructor') }), (text) => {
      try {
        for (const level of parsePath(text).levels)
          for (const step of level) assert.ok(step === 0 || !['__proto__', 'constructor', 'prototype'].includes(step));
      } catch (error) {
        assert.ok(error instanceof PathError);
      }
    }),
  );
});

test('what is set at a path is got at it, and nothing is found on prototypes', () => {
  const steps = fc.array(fc.constantFrom<Step>('a', 'b', 'toString', 'emails'), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(steps, fc.string(), (path, value) => {
      const record: Record<string, unknown> = {};
      assert.equal(getter(path)(record), undefined);
      setter(path)(record, value);
      assert.equal(getter(path)(record), value);
    }),
  );
  assert.equal(getter(['toString'])({}), undefined);
  assert.equal(getter(['length'])('text'), undefined);
  assert.equal(getter([0])({ 0: 'x' }), undefined);
});

test('a list of one entry is built and read by [0]', () => {
  const record: Record<string, unknown> = {};
  setter(['emails', 0, 'address'])(record, 'a@b');
  assert.deepEqual(record, { emails: [{ address: 'a@b' }] });
  assert.deepEqual(holderOf(['price', 'value'])(record), {});
  assert.deepEqual(record, { emails: [{ address: 'a@b' }], price: {} });
});
