import { readFileSync, statSync } from 'node:fs';
import { runningHub } from '#api/admin-client';
import { Fault } from '#base/fault';
import { changeText } from '#base/member-changes';
import { moneyText } from '#base/money';
import { actOn, exceptionsOf, type ActDone, type Exception } from '#hub/exceptions';
import { openReading } from '#main';
import { options, plantOptions, plantHelp, print, printJson, withInstallation, type Command } from './command.ts';

/** Largest draft file, in bytes. */
const mostDraft = 1024 * 1024;
/** How long a command without a running hub waits for what it set in motion, in milliseconds. */
const patienceMs = 60_000;

export const command: Command = {
  help: `linchpin exceptions [list]\nlinchpin exceptions retry|cancel|found|edit KEY --reason TEXT --actor NAME\n\nWhat waits for a person: refused operations, unknown outcomes without a look-up, held events.\nKEY is the one that the list shows. \`found\` records the number that a person found in the target (--id). \`edit\` takes a new draft (--draft FILE).\nWhere a hub runs on the data folder, it does what is asked; else the command opens the data folder itself.\n\n${plantHelp}  --reason TEXT    why; kept in the audit log\n  --actor NAME     who\n  --id NUMBER      found: the number of the document in the target\n  --draft FILE     edit: the draft to send instead, as JSON\n`,
  async run(args) {
    const { values, positionals } = options(args, {
      ...plantOptions,
      reason: { type: 'string' },
      actor: { type: 'string' },
      id: { type: 'string' },
      draft: { type: 'string' },
    });
    const [act = 'list', key] = positionals;
    if (act === 'list') {
      const reading = await openReading(values);
      try {
        list(await exceptionsOf(reading.store), values.json);
        return 0;
      } finally {
        await reading.close();
      }
    }
    // Everything that needs no hub is refused before one is asked.
    if (!['retry', 'cancel', 'found', 'edit'].includes(act)) throw new Fault('misconfigured', `there is no act ${act}: list, retry, cancel, found, edit`);
    if (key === undefined) throw new Fault('misconfigured', `${act} needs the KEY of what it is about, as linchpin exceptions shows it`);
    const asked = {
      act,
      key,
      actor: values.actor ?? '',
      reason: values.reason ?? '',
      ...(values.id === undefined ? {} : { id: values.id }),
      ...(values.draft === undefined ? {} : { draft: draftOf(values.draft) }),
    };
    const running = await runningHub(values.data);
    const done = running
      ? ((await running.post('/admin/v1/exceptions', asked)) as ActDone) // The other end is `actOn` of the same release.
      : await withInstallation(values, async ({ hub }) => {
          hub.worker.run();
          const answer = await actOn(hub, asked);
          await hub.quiet(patienceMs);
          return answer;
        });
    if (values.json) printJson(done);
    else {
      print(`${done.key}: ${done.text}${running ? `, by the running hub (process ${running.pid})` : ''}`);
      for (const change of done.changes) print(`  ${changeText(change)}`);
    }
    return 0;
  },
};

function list(found: readonly Exception[], json: boolean): void {
  if (json) printJson(found);
  else if (found.length === 0) print('Nothing waits for a person.');
  else
    for (const item of found)
      print(
        `${item.key}\n  ${item.title} · owner ${item.owner}${item.minor === null || item.currency === null ? '' : ` · ${moneyText({ minor: item.minor, currency: item.currency })}`}\n  ${item.text}\n  ${item.advice}`,
      );
}

function draftOf(file: string): unknown {
  let text: string;
  try {
    if (statSync(file).size > mostDraft) throw new Fault('misconfigured', `${file} is larger than ${mostDraft} bytes`);
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('misconfigured', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault('misconfigured', `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
