import { runLoop } from './loop.ts';
const [events = '500', offered = '0', database] = process.argv.slice(2);
const more = { events: Number(events), offered: Number(offered), workers: 1, store: 'sqlite', ...(database ? { database } : {}) };
const { templates, ...hub } = await runLoop({ mode: 'hub', ...more });
console.log(JSON.stringify(hub));
const { templates: _none, ...baseline } = await runLoop({ mode: 'baseline', ...more, templates });
console.log(JSON.stringify(baseline));
process.exit(0);
