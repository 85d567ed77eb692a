import { machineClock, type Clock } from '#base/clock';
import { Fault } from '#base/fault';
import { freshSide } from '#assurance/fresh-side';
import type { ReconcileSite } from '#assurance/plan';
import { reconcile, type ReconcileInput } from '#assurance/reconcile';
import type { ReconcileSide } from '#assurance/side';
import { sectionNames, type SectionName, type Statement } from '#assurance/statement';
import { statementText } from '#assurance/statement-text';
import type { Hub } from '#hub/hub';
import { options, plantHelp, plantOptions, print, printJson, withReading, type Command } from './command.ts';

export const command: Command = {
  help: `linchpin reconcile [--section ${sectionNames.join('|')}]...\n\nReads both systems anew, page by page, and compares them with each other and with the hub. Nothing is written.\nExit 0 only when everything agrees or is explained by what is still open. Run it when the hub is quiet.\n\n${plantHelp}  --section NAME   only this section; may be given several times\n`,
  async run(args) {
    const { values } = options(args, { ...plantOptions, section: { type: 'string', multiple: true } });
    const sections = values.section?.map(sectionOf);
    return withReading(
      values,
      async ({ hub }) => {
        const statement = await reconcileHub(hub, {
          ...(sections ? { sections } : {}),
          now: machineClock.now(),
          ...(process.stderr.isTTY && !values.json ? { progress: showProgress } : {}),
        });
        if (process.stderr.isTTY && !values.json) process.stderr.write('\r\u001b[K');
        if (values.json) printJson(statement);
        else print(statementText(statement).trimEnd());
        return agrees(statement) ? 0 : 1;
      },
      { signIn: true },
    );
  },
};

/** The statement of a hub and its configured systems. */
export function reconcileHub(
  hub: Hub,
  { clock = machineClock, ...more }: Pick<ReconcileInput, 'now' | 'sections' | 'progress'> & { readonly clock?: Clock },
): Promise<Statement> {
  const { plant, store } = hub;
  const identities = new Map(plant.identities.map(({ kind, connection, externalId, hubId }) => [`${kind}/${connection}/${externalId}`, hubId]));
  const connections = [...hub.connections.values()].map(({ open }): ReconcileSide =>
    freshSide({
      open,
      store,
      clock,
      fixed: (kind, connection, externalId) =>
        (kind === 'site' ? plant.siteOf(connection, externalId) : undefined) ?? identities.get(`${kind}/${connection}/${externalId}`),
    }),
  );
  const sites = plant.sites.map(({ code, maintenance, finance }): ReconcileSite => {
    // Checked by the flow's own schema when the plant was read.
    const policy = plant.policy('assets', code) as
      | { structureOwner?: ReconcileSite['structureOwner']; createdBy?: ReconcileSite['assetsCreatedBy'] }
      | undefined;
    return {
      code,
      maintenance,
      finance,
      ...(policy?.structureOwner ? { structureOwner: policy.structureOwner } : {}),
      ...(policy?.createdBy ? { assetsCreatedBy: policy.createdBy } : {}),
    };
  });
  return reconcile({ store, connections, sites, ...more });
}

/** Whether the command may say that all is well: something was compared, and nothing differs without an explanation. */
export const agrees = ({ agrees: all, sections }: Statement): boolean => all && sections.some(({ compared }) => compared > 0);

function sectionOf(name: string): SectionName {
  const found = sectionNames.find((one) => one === name);
  if (!found) throw new Fault('misconfigured', `there is no section ${name}; there are ${sectionNames.join(', ')}`);
  return found;
}

function showProgress({ section, connection, kind, read }: { section: string; connection: string; kind: string; read: number }): void {
  process.stderr.write(`\r\u001b[K${section}: ${connection} ${kind}, ${read} read`);
}
