import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { after, before } from 'node:test';
import { isoDate, machineClock } from '#base/clock';
import { seededRandom } from '#base/random';
import { writePlantFolder } from '#demo/plant-folder';
import { briskBusiness, openStage, type Stage as Twins } from '#demo/stage';
import { openVaultIn } from '#main';
import { plant } from './plant.ts';

/** How long one wait may take before the test fails, in milliseconds. */
const patienceMs = 120_000;

let folder: string;
let twins: Twins;
let hub: ChildProcess | undefined;
const folders = (): string[] => ['--plant', join(folder, 'plant'), '--data', join(folder, 'data')];

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** One call of the tool, as an operator types it. The twins are served by this process, so it must not block. */
function linchpin(...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['bin/linchpin.ts', ...args, ...folders()], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

async function serve(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['bin/linchpin.ts', 'serve', ...folders(), '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString('utf8')}`.slice(-4000)));
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => line.includes('listens on') && resolve());
    child.once('exit', (code) => reject(new Error(`the hub ended with ${String(code)}: ${said}`)));
  });
  child.removeAllListeners('exit');
  return child;
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill(signal);
  return gone;
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const last = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > last) throw new Error(`not within ${patienceMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

interface Waiting {
  readonly key: string;
  readonly title: string;
}
const waiting = async (): Promise<Waiting[]> => JSON.parse((await linchpin('exceptions', '--json')).out) as Waiting[];

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'linchpin-tool-'));
  twins = await openStage({ plant, clock: machineClock, random: seededRandom(11), automation: briskBusiness });
  const site = twins.maintenance.get('1100')!;
  writePlantFolder(join(folder, 'plant'), plant, { finance: twins.finance.url, maintenance: new Map([['1100', site.url]]) });
  const vault = openVaultIn(join(folder, 'data'));
  for (const [name, value] of twins.secrets) await vault.set(name, value);
  hub = await serve();
  await until('the assets are in the maintenance system', () => twins.maintenanceTwin.world.assets.size === plant.assets.length);
  const period = isoDate(machineClock.now()).slice(0, 7).replace('-', '/');
  twins.finance.twin.buttons.press({ fault: 'periodClosed', with: { companyCode: '1100', period } });
  const pump = [...twins.maintenanceTwin.world.assets.values()].find(({ name }) => name.startsWith('Centrifugal pump'))!.id;
  const order = site.floor.open({
    title: 'Bearing',
    priority: 'MEDIUM',
    kind: 'REACTIVE',
    asset: pump,
    parts: [{ part: 'BRG-6205', storeroom: 'MRO1', quantity: 2 }],
  });
  site.floor.logTime(order, '10002', 3600);
  site.floor.complete(order);
  await until('two documents wait for the controller', async () => (await waiting()).length >= 2);
  twins.finance.twin.buttons.release('periodClosed');
});

after(async () => {
  if (hub && hub.exitCode === null && hub.signalCode === null) await end(hub, 'SIGKILL');
  await twins.close();
  rmSync(folder, { recursive: true, force: true });
});

test('commands of an operator reach the hub that runs: by a token that only its owner can read', async () => {
  const file = join(folder, 'data', 'admin.json');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const { url } = JSON.parse(readFileSync(file, 'utf8')) as { url: string };
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal((await fetch(`${url}/admin/v1/exceptions`)).status, 401);
  const [first] = await waiting();
  for (const [args, says] of [
    [['retry', first!.key], /say who acts: --actor NAME/],
    [['retry', first!.key, '--actor', 'ada'], /say why: --reason TEXT/],
    [['retry', 'workOrder/none#x#y', '--actor', 'ada', '--reason', 'open'], /nothing with the key "workOrder\/none#x#y" waits for a person/],
    [['retry'], /retry needs the KEY/],
    [['undo', first!.key], /there is no act undo/],
    [['edit', first!.key, '--actor', 'ada', '--reason', 'open'], /--draft FILE/],
    [['edit', first!.key, '--actor', 'ada', '--reason', 'open', '--draft', join(folder, 'none.json')], /none\.json cannot be read/],
  ] as const) {
    const refused = await linchpin('exceptions', ...args);
    assert.equal(refused.code, 1, refused.out);
    assert.match(refused.err, says);
  }
  const done = await linchpin('exceptions', 'retry', first!.key, '--actor', 'ada', '--reason', 'the period is open again');
  assert.equal(done.code, 0, done.err);
  assert.match(done.out, /goes out again, by the running hub \(process \d+\)/);
  await until('one waits no more', async () => !(await waiting()).some(({ key }) => key === first!.key));
});

test('what only reads stands beside the running hub: status, why, replay and plan', async () => {
  for (const args of [['status'], ['why', 'BRG-6205'], ['replay']]) {
    const { code, out, err } = await linchpin(...args);
    assert.equal(code, 0, `${args.join(' ')}: ${err}${out}`);
  }
  assert.match((await linchpin('replay')).out, /(\d+) decisions in \d+ lanes: \1 identical, 0 different, 0 that could not be made again\./);
  const wanted = join(folder, 'wanted');
  cpSync(join(folder, 'plant'), wanted, { recursive: true });
  writeFileSync(join(wanted, 'scope.yaml'), 'default: live\nflows: { costs: off }\n');
  const plan = spawn(process.execPath, ['bin/linchpin.ts', 'plan', '--plant', wanted, '--data', join(folder, 'data')], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  plan.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  const code = await new Promise((resolve) => plan.once('close', resolve));
  assert.equal(code, 0, out);
  assert.match(out, /^- .*costPosting at erp .*the flow costs would be off/m);
  assert.match(out, /documents that were sent and would not be/);
});

test('a second hub on the same data folder is refused with the process that has it', async () => {
  const second = await linchpin('serve', '--port', '0');
  assert.equal(second.code, 1);
  assert.match(second.err, new RegExp(`process ${hub!.pid} has it open already`));
  assert.ok(existsSync(join(folder, 'data', 'admin.json')), 'the word of the first hub stays');
});

test('a token file that others may read is refused, not used', async () => {
  const file = join(folder, 'data', 'admin.json');
  chmodSync(file, 0o644);
  const [first] = await waiting();
  const refused = await linchpin('exceptions', 'retry', first?.key ?? 'x', '--actor', 'ada', '--reason', 'open');
  chmodSync(file, 0o600);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /admin\.json may be read by others/);
});

test('a sheet goes out, is edited, is shown on a real record, and comes back as one row', async () => {
  const sheet = join(folder, 'part.csv');
  assert.equal((await linchpin('map', 'export', 'cmms-1100', 'part', '--out', sheet)).code, 0);
  const same = await linchpin('map', 'diff', 'cmms-1100', 'part', sheet);
  assert.deepEqual([same.code, same.out], [0, 'No difference.\n']);
  const edited = readFileSync(sheet, 'utf8').replace(/^row,,name,name,both,/m, 'row,,name,name,in,');
  writeFileSync(sheet, edited);
  const one = await linchpin('map', 'diff', 'cmms-1100', 'part', sheet);
  assert.equal(one.code, 1);
  assert.match(one.out, /^1 change:\n {2}row name: direction changed from both to in\n$/);
  const part = [...twins.maintenanceTwin.world.parts.keys()][0]!;
  const shown = await linchpin('map', 'preview', 'cmms-1100', 'part', String(part), '--sheet', sheet);
  assert.equal(shown.code, 0, shown.err);
  assert.match(shown.out, /^written: name: ".+" -> nothing$/m);
  const kept = join(folder, 'plant', 'mappings', 'cmms-1100.part.csv');
  assert.match((await linchpin('map', 'import', 'cmms-1100', 'part', sheet)).out, /Nothing was written/);
  assert.ok(!existsSync(kept));
  assert.equal((await linchpin('map', 'import', 'cmms-1100', 'part', sheet, '--apply')).code, 0);
  assert.equal(
    readFileSync(kept, 'utf8')
      .split('\r\n')
      .filter((line) => line.startsWith('row,')).length,
    1,
  );
  assert.equal((await linchpin('map', 'diff', 'cmms-1100', 'part', sheet)).code, 0);
  writeFileSync(sheet, edited.replace(/^row,,code,/m, 'row,,colour,'));
  const wrong = await linchpin('map', 'check', 'cmms-1100', 'part', sheet);
  assert.equal(wrong.code, 1);
  assert.match(wrong.out, /part\.csv:\d+: `ours` colour is not in a part/);
  assert.equal((await linchpin('map', 'import', 'cmms-1100', 'part', sheet, '--apply')).code, 1);
  assert.match((await linchpin('check')).out, /1 mapping changed/);
});

test('without a hub a command opens the data folder itself, also where a killed hub left its word', async () => {
  await end(hub!, 'SIGKILL');
  assert.ok(existsSync(join(folder, 'data', 'admin.json')));
  const [left] = await waiting();
  assert.ok(left);
  const done = await linchpin('exceptions', 'retry', left.key, '--actor', 'ada', '--reason', 'the period is open again');
  assert.equal(done.code, 0, done.err);
  assert.ok(!done.out.includes('by the running hub'));
  assert.ok(!(await waiting()).some(({ key }) => key === left.key));
  hub = await serve();
  assert.equal(await end(hub, 'SIGTERM'), 0);
  assert.ok(!existsSync(join(folder, 'data', 'admin.json')), 'a hub that stops takes its word back');
});

test('replay of a data folder that is not there is refused with what to do', () => {
  const { status, stderr } = spawnSync(process.execPath, ['bin/linchpin.ts', 'replay', '--plant', join(folder, 'plant'), '--data', join(folder, 'nowhere')], {
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.match(stderr, /there is no database .*nowhere.* yet/);
});
