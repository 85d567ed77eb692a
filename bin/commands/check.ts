import { connectors, flows, readingHub } from '#main';
import { readPlant } from '#hub/configuration';

import { memoryStore } from '#store/memory';
import { readOnly } from '#store/reading';
import { options, plantHelp, plantOptions, print, printJson, type Command } from './command.ts';

export const command: Command = {
  help: `linchpin check\n\nReads the plant folder and says everything that is wrong, with file and line: systems, sites, policies, scope, identities, mappings, ownership and alerts.\nNothing is asked of any system, and no secret is needed; linchpin doctor signs in.\n\n${plantHelp}`,
  async run(args) {
    const { values } = options(args, plantOptions);
    const plant = readPlant(values.plant, flows, connectors);
    // Opens every connection without a word to it: settings and mappings that cannot be used are found here and not at night.
    const hub = readingHub(plant, readOnly(memoryStore()));
    for (const connection of hub.connections.values()) connection.open.close();
    const owned = Object.values(plant.ownership).reduce((sum, fields) => sum + Object.keys(fields).length, 0);
    const { alerts, mappings } = plant;
    if (values.json)
      printJson({
        configuration: plant.version,
        systems: plant.systems.map(({ name, connector }) => ({ name, connector })),
        sites: plant.sites,
        mappings: [...mappings.documents.keys()],
        ownership: plant.ownership,
        alerts: { channels: Object.keys(alerts.channels), rules: alerts.rules.map(({ name }) => name) },
      });
    else
      print(
        `The plant folder is in order: ${count(plant.sites.length, 'site')}, ${count(plant.systems.length, 'system')}, ${count(mappings.documents.size, 'mapping')} changed, ${count(owned, 'field')} with an owner of the plant's, ${count(alerts.rules.length, 'alert rule')}; configuration ${plant.version}.`,
      );
    return 0;
  },
};

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
