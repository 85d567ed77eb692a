import { test } from 'node:test';
import fc from 'fast-check';
import { caseOf, playReversal } from './reversal-play.ts';

test('any sequence of post, close, reopen, return, reverse and cancel keeps the books, and taking everything back leaves nothing (R-27: I5-I8)', () => {
  fc.assert(fc.property(caseOf, playReversal), { numRuns: 400 });
});
