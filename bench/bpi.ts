import { bpiMissing, byOrder, readLog } from '../test/real-data/bpi-log.ts';
import { playCases, playOrders, type Report } from '../test/real-data/bpi-play.ts';

/** `node bench/bpi.ts [every] [mode ...]`: all cases of BPI 2019 (or every nth) through the procurement flow, in order, disturbed, taken back, and through the engine. */
const every = Number(process.argv[2] ?? 1);
const chosen = process.argv.slice(3);

if (bpiMissing !== false) {
  console.log(JSON.stringify({ bench: 'bpi', skipped: bpiMissing }));
  process.exit(0);
}
const log = new Map([...(await readLog())].filter((_, index) => index % every === 0));
const modes: readonly (readonly [string, () => Report | Promise<Report>])[] = [
  ['in order', () => playCases(log)],
  ['disturbed', () => playCases(log, { seed: 2019 })],
  ['taken back', () => playCases(log, { undo: true })],
  ['engine', () => playOrders(byOrder(log))],
  ['engine disturbed', () => playOrders(byOrder(log), { seed: 2019 })],
];
let broken = 0;
for (const [mode, play] of modes) {
  if (chosen.length > 0 && !chosen.includes(mode)) continue;
  const report = await play();
  broken += report.problems.length;
  const { problems, ms, slowestMs, ...rest } = report;
  console.log(`\n${mode}: ${report.cases} cases, ${report.events} events of the log, ${report.decisions} decisions in ${(ms / 1000).toFixed(1)} s`);
  console.table(rest.ends);
  console.table(rest.contradictions);
  const { held, heldBehind, wentOn, lanes } = report.standing;
  console.log(`${held} events end held in ${lanes} lanes: ${heldBehind} of them behind another that is held; ${wentOn} came behind one and went on`);
  for (const problem of problems.slice(0, 20)) console.log(`  broken: ${problem}`);
  console.log(
    JSON.stringify({
      bench: 'bpi',
      mode,
      cases: report.cases,
      events: report.events,
      news: report.news,
      decisions: report.decisions,
      seconds: Math.round(ms / 100) / 10,
      decisionsPerSecond: Math.round((report.decisions / ms) * 1000),
      slowestMs: Math.round(slowestMs),
      rssMb: Math.round(process.memoryUsage.rss() / 1_048_576),
      ends: report.ends,
      heldBecause: report.heldBecause,
      contradictions: report.contradictions,
      verdicts: report.verdicts,
      standing: report.standing,
      problems: problems.length,
    }),
  );
}
process.exitCode = broken === 0 ? 0 : 1;
