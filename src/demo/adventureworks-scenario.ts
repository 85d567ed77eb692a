import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { machineClock } from '#base/clock';
import { Fault } from '#base/fault';
import { readAdventureWorks } from '#demo/adventureworks';
import { differences, expectedSums, mainStorerooms, sumsText, systemSums } from '#demo/adventureworks-check';
import { openedOn, siteCode } from '#demo/adventureworks-codes';
import { Purchasing } from '#demo/adventureworks-purchasing';
import { playDays, playHistory, steadyBusiness, steadyDecisions } from '#demo/adventureworks-story';
import { playWindow, type WindowChoice } from '#demo/adventureworks-window';
import { excavatorOrders, type ExcavatorOrder } from '#demo/excavator';
import type { Scenario } from '#demo/scenario';
import { StoryClock } from '#demo/story-clock';

/** Most orders that were left out which are named one by one. */
const mostNamed = 10;

/** The bicycle maker of a folder of tables: its history stands in the ERP, a window of its work is played. */
export function adventureWorksScenario(folder: string, choice: WindowChoice, tell: (line: string) => void): Scenario {
  tell(`Reading ${folder}`);
  const all = readAdventureWorks(folder);
  const window = playWindow(all, choice);
  const texts = workOrderTexts(folder);
  const clock = new StoryClock(machineClock, Date.parse(`${openedOn}T06:00:00Z`));
  let purchasing: Purchasing | undefined;
  const bought = (): Purchasing => {
    if (!purchasing) throw new RangeError('the purchase history was not posted');
    return purchasing;
  };
  const { plant } = window;
  tell(
    `${plant.parts.length} products, ${plant.vendors.length} vendors, ${plant.stock.length} places of stock, ${plant.employees.length} people, ${plant.costCentres.length} cost centres`,
  );
  tell(
    `Of ${all.workOrders.length} work orders ${window.orders.length} are played: those from ${window.from} on${choice.orders === undefined ? '' : `, at most ${choice.orders} (option --orders)`}; the last day is ${window.until}`,
  );
  for (const { number, reason } of window.leftOut.slice(0, mostNamed)) tell(`  left out: work order ${number}: ${reason}`);
  if (window.leftOut.length > mostNamed) tell(`  left out: ${window.leftOut.length - mostNamed} more`);
  return {
    plant,
    clock,
    automation: steadyBusiness,
    decisions: steadyDecisions,
    before(stage) {
      purchasing = new Purchasing(stage.finance.twin.world, mainStorerooms(window));
      playHistory(window.history, { purchasing, clock, until: window.from });
      tell(`${purchasing.orders} purchase orders before ${window.from} stand in the ERP with their receipts, returns and invoices`);
    },
    play(ground) {
      const site = ground.stage.maintenance.get(siteCode);
      if (!site) throw new RangeError(`there is no site ${siteCode}`);
      return playDays(window, { ...ground, site, purchasing: bought(), clock, texts });
    },
    check(stage) {
      const [expected, found] = [expectedSums(window), systemSums(window, stage, bought())];
      const wrong = differences(expected, found);
      return {
        lines: [
          `The tables say, work orders from ${window.from} to ${window.until}:`,
          ...sumsText(expected),
          wrong.length === 0 ? 'Both systems say the same as the tables.' : '',
        ].filter((line) => line !== ''),
        wrong,
        data: {
          from: window.from,
          until: window.until,
          orders: window.orders.map(({ number }) => number),
          leftOut: window.leftOut,
          finance: found.finance,
          maintenance: found.maintenance,
        },
      };
    },
  };
}

/** Texts of real work orders, where the folder with them lies beside the tables. */
function workOrderTexts(folder: string): readonly ExcavatorOrder[] {
  const beside = join(dirname(resolve(folder)), 'excavator-mwo');
  return existsSync(beside) ? excavatorOrders(beside) : [];
}

const dayPattern = /^\d{4}-\d\d-\d\d$/;

/** A day of the command line. */
export function dayOption(text: string | undefined, name: string): string | undefined {
  if (text === undefined) return undefined;
  if (!dayPattern.test(text) || Number.isNaN(Date.parse(text))) throw new Fault('misconfigured', `${name} ${text} is no day such as 2013-12-01`);
  return text;
}
