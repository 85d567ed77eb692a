import { connectors, flows } from '#main';
import { readPlant } from '#hub/configuration';
import { options, plantHelp, plantOptions, print, printJson, type Command } from './command.ts';

export const command: Command = {
  help: `linchpin check\n\nReads the plant folder and says everything that is wrong, with file and line.\n\n${plantHelp}`,
  run(args) {
    const { values } = options(args, plantOptions);
    const plant = readPlant(values.plant, flows, connectors);
    if (values.json)
      printJson({ configuration: plant.version, systems: plant.systems.map(({ name, connector }) => ({ name, connector })), sites: plant.sites });
    else print(`The plant folder is in order: ${plant.sites.length} sites, ${plant.systems.length} systems, configuration ${plant.version}.`);
    return Promise.resolve(0);
  },
};
