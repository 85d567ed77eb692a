import { isoTime } from '#base/clock';
import { moneyText } from '#base/money';
import { explainThread, threadsOf, type Thread } from '#hub/explain';
import { overwrittenIn } from '#hub/overwritten';
import { operationStates } from '#store/port';
import { options, plantHelp, plantOptions, print, printJson, withReading, type Command } from './command.ts';

const marks = { did: '+', didNot: '-', held: '!', refused: 'x', noted: ' ' } as const;

export const command: Command = {
  help: `linchpin why NUMBER [--overwritten]\n\nWhy something was or was not done. NUMBER is any that the plant knows: work order, requisition, order, receipt, part.\n\n${plantHelp}  --overwritten    every value that gave way to its owner's: what it was, by which rule, and when\n`,
  async run(args) {
    const { values, positionals } = options(args, { ...plantOptions, overwritten: { type: 'boolean', default: false } });
    const number = positionals[0];
    if (number === undefined) {
      process.stderr.write(command.help);
      return 2;
    }
    return withReading(values, async ({ store }) => {
      const threads = await threadsOf(store, number);
      if (threads.length === 0) {
        process.stderr.write(`No thread knows the number ${number}. It may not have been read yet; linchpin status says what waits.\n`);
        return 1;
      }
      if (values.overwritten) {
        const gone = (await Promise.all(threads.map((thread) => overwrittenIn(store, thread)))).flat();
        if (values.json) printJson(gone);
        else if (gone.length === 0) print(`No value of ${number} was overwritten.`);
        else
          for (const { at, lane, field, system, value, by, to, rule } of gone)
            print(`${isoTime(at)}  ${lane}: ${field} of ${system} was ${JSON.stringify(value)} and became ${JSON.stringify(to)} of ${by} (${rule})`);
        return 0;
      }
      const found = (await Promise.all(threads.map((thread) => explainThread(store, thread)))).filter((thread) => thread !== undefined);
      if (values.json) printJson(found);
      else for (const thread of found) show(thread);
      return 0;
    });
  },
};

function show(thread: Thread): void {
  print(`${thread.title}  (${thread.thread})`);
  for (const decision of thread.why)
    for (const reason of decision.reasons)
      print(
        `  ${isoTime(decision.at).slice(0, 16).replace('T', ' ')}  ${marks[reason.did]} ${decision.flow}${reason.line ? ` line ${reason.line}` : ''}: ${reason.text}${reason.owner ? ` (owner: ${reason.owner})` : ''}`,
      );
  for (const operation of thread.operations)
    print(
      `  ${operation.connection}: ${operation.verb} ${operation.record} ${String((operation.receipt as { id?: string } | null)?.id ?? '')} - ${operationStates[operation.state].title}${operation.fault ? `: ${String((operation.fault as { message?: string }).message ?? '')}` : ''}`,
    );
  for (const balance of thread.balances)
    if (balance.minor !== 0) print(`  ledger ${balance.account} ${balance.costCentre}: ${moneyText({ minor: balance.minor, currency: balance.currency })}`);
  print('  + done   - not done   ! held   x refused');
}
