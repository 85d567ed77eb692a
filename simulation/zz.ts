import { Simulation } from '/work/sim/simulation/simulation.ts';
const sim = new Simulation({ seed: 1, events: 100, faults: [] });
await sim.open();
console.log((await sim.store.read.listEvents({state:'held',limit:10})).map(e=>[e.lane,e.kind,e.reason]));
for (let i = 0; i < 100; i++) await sim.play(i);
await sim.rest();
for (const e of await sim.store.read.listEvents({state:'pending',limit:10})) { console.log(e.lane,e.kind,e.key,e.at, e.receivedAt, sim.kernel.now()); console.log(await sim.store.read.lane(e.lane).then(l=>({...l,state:0})));
 console.log((await sim.store.read.listEvents({lane:e.lane,limit:30})).map(x=>[x.seq,x.kind,x.state,x.reason.slice(0,60)]));}
for (const p of sim.processes) console.log(p.hub.worker.moving, p.hub.worker.counters);
const c = {}; for (const l of sim.kernel.latest) c[l]=(c[l]??0)+1; console.log(c);
