import { runLoop } from './loop.ts';
const [mode = 'hub', events = '500', offered = '0', database] = process.argv.slice(2);
console.log(JSON.stringify(await runLoop({ mode: mode as 'hub', events: Number(events), offered: Number(offered), workers: 1, store: 'sqlite', ...(database ? { database } : {}) })));
process.exit(0);
