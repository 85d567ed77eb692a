import { readFileSync } from 'node:fs';
import { Fault, faults, type FaultKind } from '#base/fault';
import type { JsonObject } from '#base/json';
import { moneyText } from '#base/money';
import { exceptionsOf } from '#hub/exceptions';
import { options, plantOptions, plantHelp, print, printJson, withInstallation, type Command } from './command.ts';

export const command: Command = {
  help: `linchpin exceptions [list]\nlinchpin exceptions retry|cancel|found|edit KEY --reason TEXT --actor NAME\n\nWhat waits for a person: refused operations, unknown outcomes without a look-up, held events.\nKEY is the one that the list shows. \`found\` records the number that a person found in the target (--id). \`edit\` takes a new draft (--draft FILE).\n\n${plantHelp}  --reason TEXT    why; kept in the audit log\n  --actor NAME     who\n`,
  async run(args) {
    const { values, positionals } = options(args, {
      ...plantOptions,
      reason: { type: 'string' },
      actor: { type: 'string' },
      id: { type: 'string' },
      draft: { type: 'string' },
    });
    const [act = 'list', key] = positionals;
    return withInstallation(values, async ({ hub, store }) => {
      const found = await exceptionsOf(store);
      if (act === 'list') {
        if (values.json) printJson(found);
        else if (found.length === 0) print('Nothing waits for a person.');
        else
          for (const item of found)
            print(
              `${item.key}\n  ${item.title} · owner ${item.owner}${item.minor === null || item.currency === null ? '' : ` · ${moneyText({ minor: item.minor, currency: item.currency })}`}\n  ${item.text}\n  ${item.fault ? faults[item.fault as FaultKind].advice : 'Correct what is missing; the event is decided again when it is there.'}`,
            );
        return 0;
      }
      if (act !== 'retry' && act !== 'cancel' && act !== 'found' && act !== 'edit')
        throw new Fault('misconfigured', `there is no act ${act}: list, retry, cancel, found, edit`);
      if (!values.reason || !values.actor) throw new Fault('misconfigured', 'say who acts and why: --actor NAME --reason TEXT');
      const item = found.find((other) => other.key === key);
      if (!item) throw new Fault('missing', `nothing with the key ${key ?? '(none)'} waits for a person`);
      hub.worker.run();
      const answer = await hub.worker.intervene(item.lane, {
        actor: values.actor,
        reason: values.reason,
        kind: item.kind === 'event' && act === 'retry' ? 'decideAgain' : act,
        ...(item.kind === 'event' ? { event: item.key } : { operation: item.key }),
        ...(act === 'found' ? { receipt: { id: values.id ?? '' } } : {}),
        ...(act === 'edit' && values.draft ? { draft: JSON.parse(readFileSync(values.draft, 'utf8')) as JsonObject } : {}),
      });
      if (!answer.ok) throw new Fault('conflict', answer.problem);
      await hub.quiet(60_000);
      print(`${item.key}: ${act} done`);
      return 0;
    });
  },
};
