import { Fault } from '#base/fault';
import { isoTime } from '#base/clock';
import { moneyList } from '#hub/status';
import { changeKinds, rehearse, type ChangeKind, type RehearsedChange } from '#assurance/rehearsal';
import { readPlant } from '#hub/configuration';
import { unrehearsedRows } from '#hub/mapping-sheet';
import { connectors, flows, openReading, recordedBindings } from '#main';
import { endProgress, options, plantHelp, plantOptions, print, progress, type Command } from './command.ts';

/** Changes that are printed for people; all are counted, and --json prints every one. */
const mostPrinted = 200;

export const command: Command = {
  help: `linchpin plan [--plant NEW] [--from OLD] [--since DAY] [--lane LANE]\n\nWhat a changed plant folder would do: decides everything that is recorded in the data folder again, from the state and the facts of then, by the configuration that decided\nand by the new one, and lists what differs: all of it and only that, in words and in money. Writes and sends nothing; a hub may run meanwhile.\nIt does not play on what would have followed: see docs/guides/rehearse.md. Exit 0 where all could be rehearsed.\n\n${plantHelp}  --from FOLDER    the plant folder as it was, where the data folder does not keep it\n  --since DAY      compare only what was decided from then on: 2026-11-01\n  --lane LANE      only this lane\n  --explanations   list also what would only be explained otherwise\n`,
  async run(args) {
    const { values } = options(args, {
      ...plantOptions,
      from: { type: 'string' },
      since: { type: 'string' },
      lane: { type: 'string' },
      explanations: { type: 'boolean', default: false },
    });
    const since = values.since === undefined ? undefined : dayOf(values.since);
    const before = values.from === undefined ? undefined : readPlant(values.from, flows, connectors);
    const reading = await openReading(values);
    let printed = 0;
    const show = (change: RehearsedChange): void => {
      if (values.json) return print(JSON.stringify(change));
      if (change.kind === 'explained' && !values.explanations) return;
      printed += 1;
      if (printed <= mostPrinted) print(`${marks[change.kind]} ${isoTime(change.at).slice(0, 16)}  ${change.lane}: ${change.text}${today(change)}`);
      else if (printed === mostPrinted + 1) print(`... more than ${mostPrinted} changes; --json lists all`);
    };
    try {
      const bindingsOf = recordedBindings(reading.store, before ? [before] : []);
      const versions = new Set<string>();
      const report = await rehearse({
        store: reading.store,
        bindingsOf: async (version) => {
          versions.add(version);
          return version === reading.plant.version ? reading.hub.bindings : bindingsOf(version);
        },
        wanted: reading.hub.bindings,
        ...(since === undefined ? {} : { since }),
        ...(values.lane === undefined ? {} : { lane: values.lane }),
        changed: show,
        progress: (decisions, lanes) => progress(`${decisions} decisions of ${lanes} lanes`),
      });
      endProgress();
      const unread = [...versions].every((version) => version === reading.plant.version) ? [] : unrehearsedRows(reading.plant, before);
      if (values.json) print(JSON.stringify({ configuration: reading.plant.version, ...report, unrehearsedRows: unread }));
      else {
        print(`\nConfiguration ${reading.plant.version} against ${report.events} recorded events: ${report.changedEvents} would be decided otherwise.`);
        for (const [kind, title] of Object.entries(changeKinds) as [ChangeKind, string][])
          if (report.counts[kind] > 0)
            print(`  ${String(report.counts[kind]).padStart(6)}  ${title}${report.money[kind] ? `, ${moneyList(report.money[kind])}` : ''}`);
        for (const row of unread) print(`Not rehearsed: ${row}`);
        if (report.notRehearsed > 0)
          print(`${report.notRehearsed} could not be decided again as they were:\n${report.why.map((why) => `  ${why}`).join('\n')}`);
      }
      return report.notRehearsed === 0 ? 0 : 1;
    } finally {
      await reading.close();
    }
  },
};

const marks: Readonly<Record<ChangeKind, string>> = {
  sent: '+',
  notSent: '-',
  otherwise: '~',
  held: '!',
  released: '>',
  booked: '~',
  explained: ' ',
  failed: 'x',
};
const today = ({ todaysFacts }: RehearsedChange): string =>
  todaysFacts.length === 0 ? '' : ` [with facts as they are today: ${todaysFacts.slice(0, 3).join(', ')}]`;

function dayOf(text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at)) throw new Fault('misconfigured', `--since ${text} is no day; write it as 2026-11-01`);
  return at;
}
