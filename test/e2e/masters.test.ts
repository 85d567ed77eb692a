import assert from 'node:assert/strict';
import test from 'node:test';
import { broken } from './scenarios.ts';
import { Stage } from './stage.ts';

const reasonsOf = async (stage: Stage, lane: string): Promise<string[]> =>
  (await stage.store.read.listEvents({ lane, limit: 200 })).map(({ reason }) => reason);

test('000-37..39 the hierarchy and the cost centres of the ERP are the same in the maintenance system, and a new ERP asset appears there without a person', async () => {
  const stage = await Stage.open();
  const tree = (): Record<string, unknown[]> =>
    Object.fromEntries(
      [...stage.world.technical.equipment.all()].map((row) => {
        const { parentId, extraFields } = stage.assetOf(row.Equipment);
        const parent = parentId === null ? '' : stage.cmms.world.assets.get(parentId)?.extraFields['ERP number'];
        return [row.Equipment, [parent, extraFields['Cost centre'] ?? '']];
      }),
    );
  const wanted = (): Record<string, unknown[]> =>
    Object.fromEntries([...stage.world.technical.equipment.all()].map((row) => [row.Equipment, [row.SuperordinateEquipment, row.CostCenter]]));
  assert.deepEqual(tree(), wanted());
  stage.world.addEquipment({
    Equipment: 'CLV-U-P8',
    EquipmentName: 'Centrifugal pump 8',
    TechnicalObjectType: 'MACHINE',
    MaintenancePlant: '1100',
    MaintenancePlanningPlant: '1100',
    CompanyCode: '1100',
    CostCenter: '11004200',
    SuperordinateEquipment: 'CLV-U',
    Currency: 'USD',
  });
  await stage.settle('all');
  assert.equal(stage.cmms.world.assets.size, 6);
  assert.deepEqual(tree(), wanted());
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});

test('003-24 a disposal in the maintenance system retires the fixed asset the same day', async () => {
  const stage = await Stage.open();
  stage.technician.setAssetStatus(stage.asset('CLV-U-P7'), 'IGNORE', undefined, stage.disposedStatus);
  await stage.settle('all');
  const [asset] = [...stage.world.assets.assets.all()];
  assert.deepEqual(await stage.exceptions(), []);
  assert.equal(asset?.AssetDeactivationDate, '2026-03-02');
  assert.equal([...stage.world.assets.postings.all()].length, 1);
  assert.ok((await reasonsOf(stage, 'asset/erp.CLV-U-P7')).length > 0);
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});

test('003-33 a transfer in the ERP moves the cost centre in the maintenance system, and what is worked afterwards is charged to the new one', async () => {
  const stage = await Stage.open();
  stage.world.technical.change('CLV-U-P7', { CostCenter: '11004100' }, 'CONTROLLER');
  await stage.settle('all');
  assert.equal(stage.assetOf('CLV-U-P7').extraFields['Cost centre'], '11004100');
  assert.equal([...stage.world.assets.assets.all()][0]?.CostCenter, '11004100');
  const workOrder = stage.workOrder({ title: 'After the move', asset: 'CLV-U-P7', parts: [['BRG-6205', 1]] });
  stage.technician.complete(workOrder);
  await stage.settle();
  assert.equal(stage.booked('51100000', '11004100'), '12.5');
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});

test('003-33 a transfer by the maintenance side moves equipment and fixed asset, where policy gives it the structure', async () => {
  const stage = await Stage.open({ policies: { assets: { structureOwner: 'maintenance' } } });
  stage.changeAsset('CLV-U-P7', { extraFields: { 'Cost centre': '11004100' } });
  await stage.settle('all');
  assert.equal(stage.world.technical.current('CLV-U-P7').CostCenter, '11004100');
  assert.equal([...stage.world.assets.assets.all()][0]?.CostCenter, '11004100');
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});

test('003-29, 003-32 after the depreciation run of the month the maintenance system shows book value and accumulated depreciation', async () => {
  const stage = await Stage.open();
  stage.goTo('2026-04-01');
  stage.world.assets.runDepreciation('1100', '2026', '3');
  await stage.settle('all');
  const [asset] = [...stage.world.assets.assets.all()];
  const shown = stage.assetOf('CLV-U-P7').depreciation;
  assert.deepEqual([asset?.AccumulatedDepreciation, shown?.currentBookValue, shown?.accumulatedDepreciation], ['416.67', 49_583.33, 416.67]);
  assert.deepEqual(await stage.exceptions(), []);
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});

test('000-48 a leaver becomes inactive in the maintenance system', async () => {
  const stage = await Stage.open();
  stage.world.partners.leave('9000002', '2026-03-02');
  await stage.days(2);
  assert.equal(stage.cmms.world.users.get(stage.user('10002'))?.removedFromOrganization, true);
  assert.notEqual(stage.cmms.world.users.get(stage.user('10001'))?.removedFromOrganization, true);
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});

test('000-45 hours are valued at the rate of their day, before and after a change of the rate', async () => {
  const stage = await Stage.open();
  const amounts: string[] = [];
  for (const day of ['2026-06-30', '2026-07-01']) {
    stage.goTo(day);
    const workOrder = stage.workOrder({ title: `On ${day}`, asset: 'CLV-U-P7' });
    stage.technician.logTime(workOrder, stage.user('10001'), 3600);
    stage.technician.complete(workOrder);
    await stage.settle();
    amounts.push((await stage.reasons(workOrder)).find((text) => text.startsWith('labour cost')) ?? '');
  }
  assert.match(amounts[0] ?? '', /^labour cost 40\.00 USD .*1 h x 40\.00 USD \(rate valid from 2019-04-01\) on 2026-06-30$/);
  assert.match(amounts[1] ?? '', /^labour cost 42\.50 USD .*1 h x 42\.50 USD \(rate valid from 2026-07-01\) on 2026-07-01$/);
  assert.equal(stage.booked('61008000', '11004200'), '82.5');
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});

test('000-45 without a rate on that day the hours are held with name and day; once the rate is there they are posted by themselves', async () => {
  const stage = await Stage.open();
  const workOrder = stage.workOrder({ title: 'By a newcomer', asset: 'CLV-U-P7', parts: [['BRG-6205', 1]] });
  stage.technician.logTime(workOrder, stage.user('10003'), 7200);
  stage.technician.complete(workOrder);
  await stage.settle();
  assert.deepEqual(
    (await stage.exceptions()).map(({ text }) => text),
    ['labour line time:10103 of work order 1: employee 10003 has no labour rate on 2026-03-02: add a rate that is valid on that day'],
  );
  assert.equal(stage.booked('51100000', '11004200'), '12.5', 'the parts of the order did not wait');
  stage.world.activities.addLabourRate({ personnelNumber: '10003', rate: '38', currency: 'USD', from: '2026-01-01' });
  await stage.settle('all');
  assert.equal(stage.booked('61008000', '11004200'), '76');
  assert.deepEqual(await stage.exceptions(), []);
  assert.deepEqual(await broken(stage), []);
  await stage.close();
});
