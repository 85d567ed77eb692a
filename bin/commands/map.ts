import { writeFileSync } from 'node:fs';
import { connectors, flows, openReading } from '#main';
import { Fault } from '#base/fault';
import type { JsonObject } from '#base/json';
import { readPlant } from '#hub/configuration';
import { changeText, memberChanges } from '#base/member-changes';
import { compareSheet, mappingInForce, overlayOf, passThrough, writeOverlay, type MappingInForce } from '#hub/mapping-sheet';
import { problemText } from '#hub/plant-file';
import { exportCsv } from '#mapping/sheet';
import { exportYaml } from '#mapping/yaml';
import { options, plantHelp, plantOptions, print, printJson, type Command } from './command.ts';

export const command: Command = {
  help:
    'linchpin map export CONNECTION KIND [--out FILE]\nlinchpin map check CONNECTION KIND FILE\nlinchpin map diff CONNECTION KIND FILE\nlinchpin map import CONNECTION KIND FILE [--apply]\nlinchpin map preview CONNECTION KIND NUMBER [--sheet FILE]\n\n' +
    'The mapping of a connection and record kind as a sheet. export: everything that holds now, as CSV (YAML where FILE ends so). check: what is wrong, with file and line.\n' +
    'diff: what an edited sheet changes; exit 1 where it changes something. import: shows the same, and with --apply writes the changed rows, and only those, into mappings/ of the plant folder.\n' +
    'preview: reads a real record and shows what the hub makes of it; with --sheet what the edited sheet would make of it instead. Writes nothing.\n\n' +
    `${plantHelp}  --out FILE       write there instead of to the terminal\n  --sheet FILE     an edited sheet\n  --apply          write what was shown\n`,
  async run(args) {
    const { values, positionals } = options(args, {
      ...plantOptions,
      out: { type: 'string' },
      sheet: { type: 'string' },
      apply: { type: 'boolean', default: false },
    });
    const [act, connection = '', kind = '', third] = positionals;
    const wanted = acts[act as keyof typeof acts] as Act | undefined;
    if (act === undefined || !Object.hasOwn(acts, act) || !wanted || (wanted.needs !== undefined && third === undefined)) {
      process.stderr.write(`${wanted?.needs === undefined ? '' : `Name ${wanted.needs}.\n\n`}${command.help}`);
      return 2;
    }
    const plant = readPlant(values.plant, flows, connectors);
    return wanted.run({ ...values, mapping: mappingInForce(plant, connectors, connection, kind), third: third ?? '' });
  },
};

interface Call {
  readonly plant: string;
  readonly data: string;
  readonly json: boolean;
  readonly apply: boolean;
  readonly out?: string | undefined;
  readonly sheet?: string | undefined;
  readonly mapping: MappingInForce;
  readonly third: string;
}
interface Act {
  readonly needs?: string;
  run(call: Call): number | Promise<number>;
}

const acts = {
  export: {
    run({ mapping: { document }, out, json }) {
      if (json) printJson(document);
      else if (out === undefined) process.stdout.write(exportCsv(document));
      else writeFileSync(out, /\.ya?ml$/.test(out) ? exportYaml(document) : exportCsv(document));
      return 0;
    },
  },
  check: {
    needs: 'FILE',
    run({ mapping, third, json }) {
      const { problems } = compareSheet(mapping, third);
      if (json) printJson(problems);
      else print(problems.length === 0 ? `${third} is in order.` : problems.map(problemText).join('\n'));
      return problems.length === 0 ? 0 : 1;
    },
  },
  diff: {
    needs: 'FILE',
    run({ mapping, third, json }) {
      const { changes, problems } = compareSheet(mapping, third);
      if (json) printJson({ changes, problems });
      else tell(changes, problems);
      return changes.length === 0 && problems.length === 0 ? 0 : 1;
    },
  },
  import: {
    needs: 'FILE',
    run({ mapping, third, json, apply, plant: folder }) {
      const compared = compareSheet(mapping, third);
      const made = overlayOf(mapping, compared);
      if (json) printJson({ changes: compared.changes, applied: apply && compared.changes.length > 0, file: mapping.file });
      else tell(compared.changes, []);
      if (compared.changes.length === 0) return 0;
      if (!apply) {
        if (!json) print(`Nothing was written. With --apply it goes to ${mapping.file}; linchpin plan says what it would do to what was decided before.`);
        return 0;
      }
      writeOverlay(folder, mapping, made);
      const { version } = readPlant(folder, flows, connectors);
      if (!json)
        print(
          `${made ? `${mapping.file} holds the ${made.rows.length + (made.without?.length ?? 0)} changed rows` : `${mapping.file} is gone: the connector's own mapping holds`}; configuration ${version}. It holds from the next start of the hub.`,
        );
      return 0;
    },
  },
  preview: {
    needs: 'NUMBER, the number of a record in the system',
    async run({ mapping, third, sheet, json, plant, data }) {
      const compared = sheet === undefined ? undefined : compareSheet(mapping, sheet);
      if (compared && compared.problems.length > 0)
        throw new Fault('misconfigured', `the sheet cannot be used:\n${compared.problems.map(problemText).join('\n')}`);
      const reading = await openReading({ plant, data, signIn: true, withoutStore: true });
      const open = reading.hub.connections.get(mapping.connection)!.open;
      try {
        const native = await open.get(mapping.def.kind, third);
        const before = passThrough(mapping.document, native, open.settings);
        const after = compared && passThrough(compared.edited, native, open.settings);
        if (!after) {
          if (json) printJson(before);
          else print(`As the hub reads it:\n${text(before.record)}\n\nAs the hub would write it:\n${text(before.payload)}${issues(before.issues)}`);
          return before.issues.length === 0 ? 0 : 1;
        }
        const changes = { read: memberChanges(before.record, after.record), written: memberChanges(before.payload, after.payload), issues: after.issues };
        if (json) printJson(changes);
        else
          print(
            [...changes.read.map((one) => `read: ${changeText(one)}`), ...changes.written.map((one) => `written: ${changeText(one)}`)].join('\n') +
              (changes.read.length + changes.written.length === 0 ? `The sheet makes the same of ${mapping.def.kind} ${third}.` : '') +
              issues(after.issues),
          );
        return after.issues.length === 0 ? 0 : 1;
      } finally {
        open.close();
        await reading.close();
      }
    },
  },
} as const satisfies Record<string, Act>;

function tell(changes: readonly { readonly text: string }[], problems: readonly Parameters<typeof problemText>[0][]): void {
  print(
    changes.length === 0
      ? 'No difference.'
      : `${changes.length} change${changes.length === 1 ? '' : 's'}:\n${changes.map((change) => `  ${change.text}`).join('\n')}`,
  );
  for (const problem of problems) print(problemText(problem));
}

const text = (value: unknown): string => JSON.stringify(value as JsonObject, null, 2);
const issues = (list: readonly string[]): string => list.map((issue) => `\nHeld: ${issue}`).join('');
