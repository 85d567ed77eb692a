import { auditor } from '#audit/log';
import { faults, type FaultKind } from '#base/fault';
import type { History } from './checker/history.ts';
import { documentsOf } from './documents.ts';
import { everyEvent, everyOperation } from './reading.ts';
import type { Simulation } from './simulation.ts';

/** The history of a run as the independent checker reads it: what was written down on the way, and how everything stands in the end. */
export async function historyOf(simulation: Simulation): Promise<History> {
  const { store, recorder, twins, kernel, auditKey, calmSince } = simulation;
  const log = auditor(store, auditKey, kernel.clock('auditor'));
  const report = await log.verify();
  return {
    entries: recorder.entries,
    calmSince,
    endedAt: kernel.now(),
    documents: documentsOf(twins),
    events: (await everyEvent(store)).map(({ lane, key, seq, state, reason }) => ({ lane, key, seq, state, reason })),
    operations: (await everyOperation(store)).map(({ key, state, fault }) => ({
      key,
      state,
      owner: state === 'failed' ? (faults[String(fault?.['kind']) as FaultKind]?.owner ?? null) : null,
    })),
    audit: { records: report.records, findings: report.findings.map((finding) => JSON.stringify(finding)) },
  };
}
