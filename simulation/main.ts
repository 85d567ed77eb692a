import { Simulation } from './simulation.ts';
const seed = Number(process.argv[2] ?? 1),
  events = Number(process.argv[3] ?? 100),
  faults = process.argv[4] === undefined ? [] : process.argv[4] === 'all' ? undefined : process.argv[4].split(',');
for (let n = 0; n < 2; n++) {
  const t0 = performance.now();
  const sim = new Simulation({ seed, events, ...(faults ? { faults } : {}) });
  try {
    await sim.open();
    console.log('open', (performance.now() - t0).toFixed(0), JSON.stringify(await sim.store.read.countEvents()), sim.kernel.tasks);
    for (let i = 0; i < events; i++) await sim.play(i);
    console.log('played', (performance.now() - t0).toFixed(0), sim.kernel.tasks);
    const ok = await sim.rest();
    const exceptions = await (await import('#hub/exceptions')).exceptionsOf(sim.store);
    console.log(
      'rest',
      ok,
      (performance.now() - t0).toFixed(0),
      JSON.stringify(await sim.store.read.countEvents()),
      sim.kernel.tasks,
      sim.network.requests,
      ((sim.kernel.now() - Date.UTC(2026, 2, 2, 6)) / 3600e3).toFixed(1) + ' h',
    );
    console.log(sim.kernel.traceHash, JSON.stringify(sim.variant));
    console.log(sim.recorder.breaches.slice(0, 5));
    if (n == 0) {
      console.log(Object.fromEntries(sim.done), Object.fromEntries(sim.fired));
      for (const e of exceptions.slice(0, 10)) console.log(e.key, e.title, e.text.slice(0, 300));
      console.log([...new Set(sim.texts.map((t) => t.slice(0, 260)))].slice(0, 12));
    }
  } finally {
    await sim.close();
  }
}
