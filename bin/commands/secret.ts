import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openVaultIn } from '#main';
import { options, print, type Command } from './command.ts';

export const command: Command = {
  help: 'linchpin secret set NAME | list | remove NAME\n\n`set` reads the value from standard input, so that it stands in no shell history.\n\n  --data FOLDER    where the vault is (default .linchpin)\n',
  async run(args) {
    const { values, positionals } = options(args, { data: { type: 'string', default: '.linchpin' } });
    const [act, name] = positionals;
    const vault = openVaultIn(values.data);
    if (act === 'list') {
      for (const known of await vault.list()) print(known);
      return 0;
    }
    if (name === undefined || (act !== 'set' && act !== 'remove')) {
      process.stderr.write(command.help);
      return 2;
    }
    if (act === 'remove') await vault.remove(name);
    else await vault.set(name, readFileSync(0, 'utf8').replace(/\r?\n$/, ''));
    print(`${name}: ${act === 'set' ? 'kept' : 'removed'} in ${join(values.data, 'vault.json')}`);
    return 0;
  },
};
