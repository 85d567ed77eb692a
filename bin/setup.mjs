// Runs before `npm run demo` and `npm test`, possibly under an old Node: installs what the lock file names when it is not there yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const mark = join(root, 'node_modules', '.linchpin-installed');
const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
const node = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
const npm = (args) => spawnSync('npm', args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' });
const version = () => {
  if (!existsSync(node)) return 0;
  const answer = spawnSync(node, ['--version'], { encoding: 'utf8', shell: process.platform === 'win32' });
  return answer.status === 0 ? Number(answer.stdout.slice(1).split('.')[0]) : 0;
};
const stop = (message) => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

if (Number(process.versions.node.split('.')[0]) < 20) stop(`Linchpin needs Node 20 or newer to install itself; this is ${process.version}.`);
if (!existsSync(mark) || readFileSync(mark, 'utf8') !== lock || version() < 24) {
  process.stderr.write('Installing what the lock file names; this happens once.\n');
  const installed = npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (installed.status !== 0) stop('npm ci failed; its own message is above. Check that the package registry can be reached, then run the command again.');
  // Where install scripts are switched off the Node binary is not unpacked by itself.
  if (version() < 24) npm(['rebuild', 'node', '--ignore-scripts=false', '--loglevel=error']);
  if (version() < 24) stop('Node 24 could not be installed as a development dependency. Install Node 24 or newer yourself and run the command again.');
  writeFileSync(mark, lock);
}
