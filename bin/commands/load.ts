import type { PollReport } from '#hub/polls';
import { options, plantOptions, plantHelp, print, printJson, withInstallation, type Command } from './command.ts';

/** How long the load waits for documents that are on their way before it says so, in milliseconds. */
const patienceMs = 30 * 60_000;

export const command: Command = {
  help: `linchpin load\n\nReads every record kind of every system once and lets the flows bring both sides together. Stopped in the middle and\nstarted again it goes on where it was: what is known is not written again.\n\n${plantHelp}`,
  async run(args) {
    const { values } = options(args, plantOptions);
    return withInstallation(values, async ({ hub, store }) => {
      await hub.prepare();
      hub.worker.run();
      const reports: PollReport[] = [];
      for (const { connection, kind } of hub.polls.plan) {
        const report = await hub.polls.run(connection, kind, (read) => {
          if (process.stderr.isTTY) process.stderr.write(`\r${connection.name} ${kind}: ${read} read `);
        });
        reports.push(report);
        if (!values.json)
          print(
            `${report.connection.padEnd(10)} ${report.kind.padEnd(20)} ${String(report.read).padStart(8)} read  ${String(report.changed).padStart(8)} new or changed  ${String(report.removed).padStart(6)} gone`,
          );
      }
      const before = hub.worker.counters.sent;
      const quiet = await hub.quiet(patienceMs, (left) => {
        if (process.stderr.isTTY) process.stderr.write(`\r${left} documents on their way `);
      });
      const events = await store.read.countEvents();
      const summary = { reports, sent: hub.worker.counters.sent, sentAfterReading: hub.worker.counters.sent - before, held: events.held, finished: quiet };
      if (values.json) printJson(summary);
      else
        print(`${summary.sent} documents written; ${events.held} records held (linchpin exceptions says why)${quiet ? '' : '; some are still on their way'}.`);
      return quiet ? 0 : 1;
    });
  },
};
