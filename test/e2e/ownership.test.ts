import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { overwrittenIn } from '#hub/overwritten';
import { broken } from './scenarios.ts';
import { Stage } from './stage.ts';

const lane = 'asset/erp.CLV-U-P7';
const serialInErp = (stage: Stage) => [...stage.world.technical.equipment.all()].find(({ Equipment }) => Equipment === 'CLV-U-P7')?.ManufacturerSerialNumber;
const owning = (text: string) => Stage.open({ folder: (folder) => writeFileSync(join(folder, 'ownership.yaml'), text) });

test('a field that maintenance owns is carried from there to the ERP, and an ERP edit of it is taken back and kept with rule and time (000-67, 000-68, I13)', async () => {
  const stage = await owning('asset:\n  serialNumber: { owner: maintenance }\n');
  stage.changeAsset('CLV-U-P7', { serialNumber: 'SN-1' });
  await stage.settle('all');
  assert.equal(serialInErp(stage), 'SN-1');
  stage.world.technical.change('CLV-U-P7', { ManufacturerSerialNumber: 'OLD-9' }, 'CLERK');
  await stage.settle('all');
  assert.equal(serialInErp(stage), 'SN-1');
  assert.equal(stage.assetOf('CLV-U-P7').serialNumber, 'SN-1');
  const gone = await overwrittenIn(stage.store, lane);
  assert.deepEqual(
    gone.filter(({ value }) => value === 'OLD-9').map(({ field, system, by, to, rule }) => [field, system, by, to, rule]),
    [['serialNumber', 'erp', 'cmms-1100', 'SN-1', 'owner-wins']],
  );
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});

test('with ask both systems keep what they say until a person made them agree, and nothing else of the asset waits', async () => {
  const stage = await owning('asset:\n  serialNumber: { owner: finance, rule: ask }\n');
  stage.changeAsset('CLV-U-P7', { serialNumber: 'SN-2', description: 'Somebody was here' });
  await stage.settle('all');
  const [waiting] = await stage.exceptions();
  assert.equal(waiting?.owner, 'data-steward');
  assert.match(waiting.text, /asset CLV-U-P7: serialNumber: erp says .* and cmms-1100 says "SN-2".* a person decides/);
  assert.equal(stage.assetOf('CLV-U-P7').serialNumber, 'SN-2');
  stage.world.technical.change('CLV-U-P7', { ManufacturerSerialNumber: 'SN-2' }, 'CLERK');
  await stage.settle('all');
  // What is held in a lane of its own is looked at again every ten minutes.
  stage.clock.advance(11 * 60_000);
  await stage.settle('all');
  assert.deepEqual(await stage.exceptions(), []);
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});
