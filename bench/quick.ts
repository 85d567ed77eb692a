// One short run of the loop beside its baseline: for work on speed. `node bench/quick.ts 800 hub` leaves the baseline out.
import { runLoop } from './loop.ts';

const events = Number(process.argv[2] ?? 300);
const { templates, ...hub } = await runLoop({ mode: 'hub', store: 'sqlite', workers: 1, events, offered: 0 });
process.stdout.write(`${JSON.stringify(hub)}\n`);
if (process.argv[3] !== 'hub') {
  const { templates: _sent, ...baseline } = await runLoop({ mode: 'baseline', store: 'none', workers: 1, events, offered: 0, templates });
  process.stdout.write(`${JSON.stringify(baseline)}\n`);
}
process.exit(0);
