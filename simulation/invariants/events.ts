import { auditor } from '#audit/log';
import { eventStates, operationStates } from '#store/port';
import { faults } from '#base/fault';
import { everyEvent, everyOperation } from '../reading.ts';
import type { Invariant } from './invariant.ts';

/** What happens to events and operations: nothing lost, in order, by one holder at a time, on the record, to an end. */
export const eventInvariants: readonly Invariant[] = [
  {
    id: 'I1',
    title: 'accepted events are the sum over all states',
    when: ['crossing', 'step', 'end'],
    async step({ store, recorder }) {
      const counts = await store.read.countEvents();
      const sum = Object.values(counts).reduce((total, count) => total + count, 0);
      return sum === recorder.events ? [] : [`${recorder.events} events were accepted, ${sum} are in a state`];
    },
    async end({ store, recorder }) {
      const events = await everyEvent(store);
      const lost = recorder.everAccepted().filter(({ lane, key }) => !events.some((event) => event.lane === lane && event.key === key));
      return lost.map(({ lane, key }) => `event ${key} of ${lane} was accepted and is not in the store`);
    },
  },
  { id: 'I3', title: 'events of one object are decided in their order, operations of one chain are sent in theirs', when: ['crossing'] },
  { id: 'I10', title: 'one holder of a lane at a time; what an earlier holder brings is refused', when: ['crossing'] },
  {
    id: 'I14',
    title: 'the audit log verifies, only grows, and has a record of every change',
    when: ['crossing', 'end'],
    async end({ store, kernel, auditKey, recorder }) {
      const log = auditor(store, auditKey, kernel.clock('auditor'));
      await log.checkpoint();
      const report = await log.verify();
      const found = report.findings.map((finding) => JSON.stringify(finding));
      return report.records < recorder.leaves ? [...found, `${recorder.leaves} records were written and ${report.records} are there`] : found;
    },
  },
  { id: 'I15', title: 'the same inputs give the same decision, byte for byte', when: ['crossing'] },
  {
    id: 'I20',
    title: 'once the faults have ended everything reaches a terminal state, or waits for a person whom the fault table names',
    when: ['end'],
    async end(simulation) {
      const found: string[] = [];
      if (!simulation.rested) found.push('the hub did not come to rest');
      const operations = await everyOperation(simulation.store);
      const open = new Set(operations.filter(({ state }) => !operationStates[state].terminal).map(({ lane, eventKey }) => `${lane}|${eventKey}`));
      for (const event of await everyEvent(simulation.store)) {
        if (eventStates[event.state].terminal || event.state === 'held') continue;
        if (event.state === 'waiting' && open.has(`${event.lane}|${event.key}`)) continue;
        found.push(`event ${event.key} of ${event.lane} is ${event.state} and nothing moves it`);
      }
      for (const operation of operations.filter(({ state }) => state === 'failed'))
        if (!Object.hasOwn(faults, String(operation.fault?.['kind']))) found.push(`operation ${operation.key} failed and nobody is named for it`);
      return found;
    },
  },
];
