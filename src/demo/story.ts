import type { Random } from '#base/random';
import type { PlantData, PlantPart, PlantStock } from '#demo/plant-data';
import type { MaintenanceStage, Stage } from '#demo/stage';

/** How much work is played. */
export interface StorySize {
  /** Work orders per site. */
  readonly orders: number;
}

/** What was played, for the summary. */
export interface Played {
  orders: number;
  partLines: number;
  hours: number;
}

const titles = [
  'Replace bearing',
  'Exchange seal',
  'Quarterly inspection',
  'Stop leak',
  'Change filter',
  'Align coupling',
  'Renew drive belt',
  'Overhaul',
] as const;

/**
 * A working day at every site: orders are opened and released (some need parts that are not stocked), time is logged, parts are used, orders are
 * completed. Nothing of it touches the finance side: that is what the hub is for.
 */
export async function playStory(options: {
  stage: Stage;
  plant: PlantData;
  random: Random;
  size: StorySize;
  pause: () => Promise<void>;
  tell: (line: string) => void;
}): Promise<Played> {
  const { stage, plant, random, size, pause, tell } = options;
  const played: Played = { orders: 0, partLines: 0, hours: 0 };
  const open: { site: MaintenanceStage; order: number }[] = [];
  const rows = stockBySite(plant);
  const direct = plant.parts.filter(({ stocked }) => !stocked);
  for (let round = 0; round < size.orders; round++) {
    for (const site of stage.maintenance.values()) {
      const parts = chooseParts(random, rows.get(site.site) ?? [], direct, site);
      const assets = site.floor.assets();
      if (assets.length === 0) continue;
      const order = site.floor.open({
        title: `${titles[random.below(titles.length)]!}`,
        priority: round % 5 === 0 ? 'HIGH' : 'MEDIUM',
        kind: round % 3 === 0 ? 'PREVENTIVE' : 'REACTIVE',
        asset: assets[random.below(assets.length)]!,
        parts,
      });
      site.floor.release(order);
      open.push({ site, order });
      played.orders += 1;
      played.partLines += parts.length;
    }
    await pause();
  }
  tell(`${played.orders} work orders opened and released at ${stage.maintenance.size} sites; technicians are at work`);
  for (const { site, order } of open) {
    const people = plant.employees.filter((person) => person.site === site.site && person.leftOn === undefined);
    const quarters = 2 + random.below(14);
    site.floor.logTime(order, people[random.below(people.length)]!.code, quarters * 900);
    played.hours += quarters / 4;
    site.floor.complete(order);
    if (random.below(4) === 0) await pause();
  }
  tell(`${open.length} work orders completed with ${played.partLines} part lines and ${played.hours} hours`);
  return played;
}

function stockBySite(plant: PlantData): Map<string, PlantStock[]> {
  const rows = new Map<string, PlantStock[]>();
  for (const row of plant.stock) rows.set(row.site, [...(rows.get(row.site) ?? []), row]);
  return rows;
}

/** One or two stocked parts; now and then one that has to be bought for the job. */
function chooseParts(
  random: Random,
  rows: readonly PlantStock[],
  direct: readonly PlantPart[],
  site: MaintenanceStage,
): { part: string; storeroom: string; quantity: number }[] {
  const chosen = new Map<string, { part: string; storeroom: string; quantity: number }>();
  for (let n = 0; n < 1 + random.below(2); n++) {
    const row = rows[random.below(rows.length)];
    if (row && Number(row.onHand) > 2) chosen.set(row.part, { part: row.part, storeroom: row.storeroom, quantity: 1 + random.below(2) });
  }
  if (random.below(4) === 0) {
    const part = direct[random.below(direct.length)];
    const storeroom = site.seeded.storerooms.keys().next().value;
    if (part && storeroom !== undefined && site.seeded.parts.has(part.code))
      chosen.set(part.code, { part: part.code, storeroom, quantity: 1 + random.below(3) });
  }
  return [...chosen.values()];
}
