import { statusOf } from '#hub/status';
import { operationStates } from '#store/port';
import { everyOperation } from '../reading.ts';
import type { Invariant } from './invariant.ts';

/** Money: exact, balanced, and what is at risk is known to the cent. */
export const moneyInvariants: readonly Invariant[] = [
  {
    id: 'I5',
    title: 'debits are credits per work order, cost centre and currency; no commitment falls below zero',
    when: ['crossing', 'end'],
    async end({ store, recorder }) {
      const found: string[] = [];
      const sums = new Map<string, number>();
      const seen = new Map<string, number>();
      for (const { workOrder, costCentre, currency, account, minor } of await store.read.balances({})) {
        const key = `${workOrder}|${costCentre}|${currency}`;
        sums.set(key, (sums.get(key) ?? 0) + minor);
        seen.set(`${key}|${account}`, minor);
        if (account !== 'need' && account !== 'settled' && minor < 0) found.push(`${account} of ${key} stands at ${minor}`);
      }
      for (const [key, minor] of sums) if (minor !== 0) found.push(`${key} is off by ${minor}`);
      for (const [key, minor] of recorder.balances)
        if ((seen.get(key) ?? 0) !== minor) found.push(`${key} was booked to ${minor} and stands at ${seen.get(key) ?? 0}`);
      return found;
    },
  },
  { id: 'I9', title: 'amounts are whole minor units, quantities exact decimals; no binary fraction anywhere', when: ['crossing'] },
  {
    id: 'I22',
    title: 'money at risk is the exact sum of what is open',
    when: ['step'],
    async step({ processes, store, seenStore }) {
      const hub = processes.find(({ alive }) => alive)?.hub;
      if (!hub) return [];
      const open: Record<string, number> = {};
      for (const { state, minor, currency } of await everyOperation(store))
        if (!operationStates[state].terminal && minor !== null && currency !== null) open[currency] = (open[currency] ?? 0) + minor;
      const { moneyAtRisk } = await statusOf({ ...viewOf(hub), store: seenStore } as never); // Status reads the store and the plant; here the store itself, not a process's view of it.
      const differs = [...new Set([...Object.keys(open), ...Object.keys(moneyAtRisk)])].filter(
        (currency) => (open[currency] ?? 0) !== (moneyAtRisk[currency] ?? 0),
      );
      return differs.map((currency) => `${moneyAtRisk[currency] ?? 0} ${currency} are called at risk, ${open[currency] ?? 0} are open`);
    },
  },
];

const viewOf = (hub: { readonly plant: unknown }): object => ({ plant: hub.plant, connections: new Map() });
