import fc from 'fast-check';
import { caseOf, playReversal } from '../test/flows/reversal-play.ts';

/** `node bench/reversal.ts [cases] [seed]`: R-27 at length, 100,000 cases where nothing is said. A broken case is printed with the seed that repeats it. */
const cases = Number(process.argv[2] ?? 100_000);
const seed = process.argv[3] === undefined ? Date.now() : Number(process.argv[3]);
const began = performance.now();
fc.assert(fc.property(caseOf, playReversal), { numRuns: cases, seed });
console.log(JSON.stringify({ bench: 'reversal', cases, seed, seconds: Math.round((performance.now() - began) / 100) / 10, problems: 0 }));
