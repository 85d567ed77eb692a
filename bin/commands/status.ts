import { moneyList, statusOf } from '#hub/status';
import { eventStates, operationStates } from '#store/port';
import { options, plantHelp, plantOptions, print, printJson, withReading, type Command } from './command.ts';

export const command: Command = {
  help: `linchpin status\n\nEvents and operations by state, and the money that waits, is in doubt or was refused.\n\n${plantHelp}`,
  async run(args) {
    const { values } = options(args, plantOptions);
    return withReading(values, async ({ hub }) => {
      const status = await statusOf(hub);
      if (values.json) {
        printJson(status);
        return 0;
      }
      print(`Configuration ${status.configuration}. Money at risk: ${moneyList(status.moneyAtRisk)}.`);
      print('\nEvents');
      for (const [state, count] of Object.entries(status.events))
        if (count > 0) print(`  ${String(count).padStart(8)}  ${eventStates[state as keyof typeof eventStates].title}`);
      print('\nOperations');
      for (const { connection, state, count, minor } of status.operations)
        print(`  ${String(count).padStart(8)}  ${connection.padEnd(12)} ${operationStates[state].title.padEnd(34)} ${moneyList(minor)}`);
      return 0;
    });
  },
};
