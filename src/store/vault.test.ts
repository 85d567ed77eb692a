import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { nameIn, openVault, readMasterKey, referenceTo, vaultLimits, type ReplaceStep, type Vault } from '#store/vault';

const folder = await mkdtemp(join(tmpdir(), 'vault-'));
after(() => rm(folder, { recursive: true, force: true }));
let files = 0;
const newPath = (): string => join(folder, `vault-${++files}.json`);
const newKey = (): ReturnType<typeof readMasterKey> => readMasterKey(randomBytes(32).toString('hex'));
const canary = 'canary-7f3b1e55-correct-horse';

async function filled(): Promise<{ path: string; key: ReturnType<typeof newKey>; vault: Vault; text: string }> {
  const [path, key] = [newPath(), newKey()];
  const vault = openVault({ path, key });
  await vault.set('sap/client-secret', canary);
  await vault.set('maintainx/token', `${canary}-2`);
  return { path, key, vault, text: await readFile(path, 'utf8') };
}

test('a secret is kept, read by reference after a restart, replaced and removed', async () => {
  const { path, key, vault } = await filled();
  const again = openVault({ path, key });
  assert.equal((await again.get('secret://sap/client-secret')).reveal(), canary);
  await again.set('sap/client-secret', 'another');
  assert.equal((await vault.get('secret://sap/client-secret')).reveal(), 'another');
  assert.deepEqual(await vault.list(), ['maintainx/token', 'sap/client-secret']);
  await vault.remove('sap/client-secret');
  assert.deepEqual(await again.list(), ['maintainx/token']);
  await assert.rejects(again.get('secret://sap/client-secret'), { kind: 'misconfigured', message: /has no secret "sap\/client-secret"/ });
  await assert.rejects(again.remove('sap/client-secret'), { kind: 'missing' });
});

test('S-08: no bytes of a secret stand in the folder of the vault, in any spelling', async () => {
  const { path } = await filled();
  for (const name of await readdir(folder)) {
    if (!join(folder, name).startsWith(path)) continue;
    const bytes = await readFile(join(folder, name));
    for (const spelling of [
      canary,
      Buffer.from(canary).toString('base64').slice(0, 20),
      Buffer.from(canary).toString('hex'),
      Buffer.from(canary, 'utf16le').toString('latin1'),
    ])
      assert.equal(bytes.includes(spelling, 0, 'latin1'), false, `${name} holds the secret`);
  }
});

test('only the owner may read the file', async () => {
  const { path } = await filled();
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('S-07: a secret shows its reference wherever it is printed', async () => {
  const secret = await (await filled()).vault.get('secret://sap/client-secret');
  for (const shown of [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }, { depth: 9, showHidden: true }),
    inspect([secret]),
    JSON.stringify(Object.entries(secret)),
    JSON.stringify({ ...secret }),
  ])
    assert.ok(!shown.includes('canary'), shown);
  assert.equal(JSON.stringify(secret), '"secret://sap/client-secret"');
});

test('S-08: a wrong master key is a fault that names both keys, and changes nothing', async () => {
  const { path, key, text } = await filled();
  const wrong = newKey();
  const vault = openVault({ path, key: wrong });
  for (const act of [
    () => vault.get('secret://maintainx/token'),
    () => vault.set('x', 'y'),
    () => vault.list(),
    () => vault.rotate(newKey()),
    () => vault.remove('maintainx/token'),
  ]) {
    await assert.rejects(act, { kind: 'misconfigured', message: new RegExp(`master key ${key.id}; the key given is ${wrong.id}`) });
  }
  assert.equal(await readFile(path, 'utf8'), text);
});

test('a file cut off anywhere, or empty, is a fault and stays as it is', async () => {
  const { path, key, text } = await filled();
  for (const length of [0, 1, 50, Math.floor(text.length / 2), text.length - 3]) {
    await writeFile(path, text.slice(0, length));
    await assert.rejects(openVault({ path, key }).set('x', 'y'), { kind: 'misconfigured', message: /is damaged/ });
    assert.equal((await readFile(path, 'utf8')).length, length);
  }
});

test('any changed bit of the file is a fault, or leaves every secret what it was', async () => {
  const { path, key, text } = await filled();
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (bit) => {
      const bytes = Buffer.from(text);
      bytes[bit % bytes.length]! ^= 1 << (Math.floor(bit / bytes.length) % 8);
      await writeFile(path, bytes);
      try {
        assert.equal((await openVault({ path, key }).get('secret://maintainx/token')).reveal(), `${canary}-2`);
      } catch (error) {
        assert.equal((error as { kind?: string }).kind, 'misconfigured', String(error));
      }
    }),
    { numRuns: 200 },
  );
});

test('an entry exchanged with another, taken out, or put back from an older file is a fault', async () => {
  const { path, key, vault, text } = await filled();
  const file = JSON.parse(text) as { entries: Record<string, unknown> };
  const [one, two] = ['sap/client-secret', 'maintainx/token'] as const;
  await vault.set(one, 'newer');
  const newer = JSON.parse(await readFile(path, 'utf8')) as typeof file;
  const cases = [
    { ...file, entries: { [one]: file.entries[two], [two]: file.entries[one] } },
    { ...file, entries: { [one]: file.entries[one] } },
    { ...newer, entries: { ...newer.entries, [one]: file.entries[one] } },
  ];
  for (const broken of cases) {
    await writeFile(path, JSON.stringify(broken));
    await assert.rejects(openVault({ path, key }).list(), { kind: 'misconfigured', message: /not the one that was sealed/ });
  }
});

test('no nonce is used twice', async () => {
  const { vault, path } = await filled();
  const nonces: string[] = [];
  for (let round = 0; round < 20; round++) {
    await vault.set('sap/client-secret', canary);
    nonces.push(...[...(await readFile(path, 'utf8')).matchAll(/"nonce": "([^"]+)"/g)].map(([, nonce = '']) => nonce));
  }
  assert.equal(new Set(nonces).size, 20 * 4);
});

test('secrets set at once, through one vault and through several, are all kept', async () => {
  const [path, key] = [newPath(), newKey()];
  const vaults = [openVault({ path, key }), openVault({ path, key }), openVault({ path, key })];
  await Promise.all(Array.from({ length: 18 }, (_, n) => vaults[n % 3]!.set(`name-${n}`, `value-${n}`)));
  assert.equal((await openVault({ path, key }).list()).length, 18);
});

test('S-08: after rotation the new key opens everything, the old one nothing, and no sealed bytes are the same', async () => {
  const { path, key, vault, text } = await filled();
  const next = newKey();
  await vault.rotate(next);
  assert.equal((await vault.get('secret://maintainx/token')).reveal(), `${canary}-2`);
  assert.equal((await openVault({ path, key: next }).get('secret://sap/client-secret')).reveal(), canary);
  await assert.rejects(openVault({ path, key }).list(), { kind: 'misconfigured' });
  const before = new Set([...text.matchAll(/"data": "([^"]+)"/g)].map(([, data]) => data));
  for (const [, data] of (await readFile(path, 'utf8')).matchAll(/"data": "([^"]+)"/g)) assert.ok(!before.has(data));
});

for (const step of ['opened', 'written', 'synced'] as const) {
  test(`a rotation that fails when the new file is ${step} leaves the old file whole and the old key in use`, async () => {
    const { path, key, text } = await filled();
    const vault = openVault({
      path,
      key,
      onStep: (at: ReplaceStep) => {
        if (at === step) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      },
    });
    await assert.rejects(vault.rotate(newKey()), { kind: 'misconfigured', message: /ENOSPC; the secrets are as before/ });
    assert.equal(await readFile(path, 'utf8'), text);
    assert.equal((await vault.get('secret://maintainx/token')).reveal(), `${canary}-2`);
    await openVault({ path, key }).set('later', 'works');
  });
}

test('a process killed in the middle of a rotation leaves the old file whole, and its lock is taken over', async () => {
  const { path, key, text } = await filled();
  const code = `import { openVault, readMasterKey } from ${JSON.stringify(import.meta.resolve('#store/vault'))};
    await openVault({ path: ${JSON.stringify(path)}, key: readMasterKey(${JSON.stringify(key.bytes.toString('hex'))}), onStep: (at) => { if (at === 'synced') process.kill(process.pid, 'SIGKILL'); } }).rotate(readMasterKey('${'ab'.repeat(32)}'));`;
  const { signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], { timeout: 20_000 });
  assert.equal(signal, 'SIGKILL');
  assert.equal(await readFile(path, 'utf8'), text);
  assert.ok((await readdir(folder)).some((name) => join(folder, name) === `${path}.lock`));
  const vault = openVault({ path, key });
  await vault.set('later', 'works');
  assert.deepEqual(await vault.list(), ['later', 'maintainx/token', 'sap/client-secret']);
});

for (const reference of [
  '',
  'name',
  canary,
  'secret:',
  'secret://',
  'secret:///x',
  'secret://a b',
  'secret://../x',
  'secret://a//b',
  'secret://a/',
  'SECRET://a',
  'env://A',
  `secret://${'a'.repeat(129)}`,
]) {
  test(`"${reference.slice(0, 30)}" is refused as a reference, without repeating what may be a secret`, () => {
    assert.throws(
      () => nameIn(reference),
      (error: Error & { kind?: string }) => error.kind === 'misconfigured' && !error.message.includes('canary'),
    );
  });
}

test('a name and its reference belong together', () => assert.equal(nameIn(referenceTo('sap/client-secret')), 'sap/client-secret'));

test('values without content, too long or with half a character are refused without showing them', async () => {
  const vault = openVault({ path: newPath(), key: newKey() });
  for (const value of ['', 'canary'.repeat(vaultLimits.valueBytes), 'canary\ud800'])
    await assert.rejects(vault.set('a', value), (error: Error & { kind?: string }) => error.kind === 'rejected' && !error.message.includes('canary'));
  for (const name of ['', ' a', '__proto__', '../a', 'a'.repeat(129)]) await assert.rejects(vault.set(name, 'x'), { kind: 'misconfigured' });
  assert.deepEqual(await vault.list(), []);
});

test('a vault takes the longest value, and any text comes back as it went in', async () => {
  const vault = openVault({ path: newPath(), key: newKey() });
  await vault.set('long', 'x'.repeat(vaultLimits.valueBytes));
  assert.equal((await vault.get('secret://long')).reveal().length, vaultLimits.valueBytes);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (value) => {
      await vault.set('text', value);
      assert.equal((await vault.get('secret://text')).reveal(), value);
    }),
    { numRuns: 15 },
  );
});

for (const text of [
  '',
  'short',
  'ab'.repeat(31),
  'ab'.repeat(33),
  `${'ab'.repeat(31)}zz`,
  randomBytes(31).toString('base64'),
  `${randomBytes(32).toString('base64')}*`,
]) {
  test(`a master key of ${text.length} characters that are not 32 bytes is refused without showing it`, () => {
    assert.throws(
      () => readMasterKey(text),
      (error: Error & { kind?: string }) => error.kind === 'misconfigured' && (text === '' || !error.message.includes(text)),
    );
  });
}

test('a master key may be written in hexadecimal digits or base64', () => {
  const bytes = randomBytes(32);
  for (const text of [bytes.toString('hex'), bytes.toString('hex').toUpperCase(), bytes.toString('base64'), ` ${bytes.toString('base64')}\n`])
    assert.deepEqual(readMasterKey(text).bytes, bytes);
});

test('a folder that does not exist is a fault that names the file', async () => {
  await assert.rejects(openVault({ path: join(folder, 'nowhere', 'vault.json'), key: newKey() }).set('a', 'b'), {
    kind: 'misconfigured',
    message: /nowhere.*ENOENT/,
  });
});
