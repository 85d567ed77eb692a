import { isoTime } from '#base/clock';
import { replay } from '#assurance/replay';
import { openReading, recordedBindings } from '#main';
import { endProgress, options, plantHelp, plantOptions, print, printJson, progress, type Command } from './command.ts';

export const command: Command = {
  help: `linchpin replay [--lane LANE]\n\nDecides every recorded event again, with the facts that were stored beside its decision and the configuration that made it, and says whether each decision is\nthe recorded one, byte for byte. Reads only; a hub may run meanwhile. Exit 0 only where every decision was made again and is identical.\n\n${plantHelp}  --lane LANE      only this lane\n`,
  async run(args) {
    const { values } = options(args, { ...plantOptions, lane: { type: 'string' } });
    const reading = await openReading(values);
    try {
      const report = await replay(reading.store, recordedBindings(reading.store, [reading.plant]), {
        ...(values.lane === undefined ? {} : { lane: values.lane }),
        progress: (decisions, lanes) => progress(`${decisions} decisions of ${lanes} lanes`),
      });
      endProgress();
      const fine = report.different === 0 && report.notReplayed === 0;
      if (values.json) printJson({ fine, ...report });
      else {
        print(
          `${report.decisions} decisions in ${report.lanes} lanes: ${report.identical} identical, ${report.different} different, ${report.notReplayed} that could not be made again.`,
        );
        for (const { lane, event, at, text } of report.findings) print(`  ${at === 0 ? '' : `${isoTime(at)}  `}${lane} ${event}: ${text}`);
        if (report.decisions === 0) print('Nothing was decided yet.');
        else if (fine) print('Every decision is the recorded one, byte for byte.');
      }
      return fine ? 0 : 1;
    } finally {
      await reading.close();
    }
  },
};
