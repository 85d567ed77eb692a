import { multiply, round } from '#base/decimal';
import type { Purchasing } from '#demo/adventureworks-purchasing';
import { secondsOf, type PlayedOrder, type PlayWindow, type PurchaseEvent } from '#demo/adventureworks-window';
import type { ExcavatorOrder } from '#demo/excavator';
import type { Decisions } from '#demo/plant-folder';
import type { MaintenanceStage, Stage } from '#demo/stage';
import type { StoryClock } from '#demo/story-clock';
import type { Automation } from '#simulators/s4hana/world/automation';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What is bought for a job is approved and ordered within hours, delivered the next day and invoiced the day after: days of the story's clock. */
export const steadyBusiness: Automation = { approveAfterMs: hourMs, orderAfterMs: hourMs, deliverAfterMs: dayMs, invoiceAfterMs: dayMs };

/** Account of scrapping, and where it is taken from. */
export const scrapAccounts = { debit: '51700000', credit: '52010000' } as const;

/**
 * How the bicycle maker decided: its own purchase orders replenish, so that the hub raises none; hours are dated on the day on which they are noted; expenses
 * noted on work orders, which are scrap here, are posted.
 */
export const steadyDecisions: Decisions = {
  policies: {
    stock: { settleSeconds: 12, reorderBy: 'erp' },
    costs: { undatedLabour: 'firstSeen', services: 'journal' },
  },
  service: scrapAccounts,
};

/** Days after the last one of the window until everything that is under way must have come to rest. */
const daysToSettle = 40;

/** Times of the working day, in hours of UTC. */
const opensAt = 6;
const worksAt = 10;
const closesAt = 16;

const at = (day: string, hour: number): number => Date.parse(`${day}T00:00:00Z`) + hour * hourMs;

/** What was played, for the summary. */
export interface PlayedWindow {
  readonly days: number;
  readonly opened: number;
  readonly completed: number;
  readonly partLines: number;
  readonly labourLines: number;
  readonly scrapLines: number;
  readonly purchaseOrders: number;
  readonly receipts: number;
}

/** Posts the purchase history in the ERP, day by day of the story's clock; what came in a month is used by production at its end. */
export function playHistory(
  events: readonly PurchaseEvent[],
  { purchasing, clock, until }: { purchasing: Purchasing; clock: StoryClock; until: string },
): void {
  let month = events[0]?.on.slice(0, 7);
  for (const event of events) {
    if (event.on.slice(0, 7) !== month) {
      clock.moveTo(at(`${event.on.slice(0, 7)}-01`, 0) - hourMs);
      purchasing.bookUse();
      month = event.on.slice(0, 7);
    }
    clock.moveTo(at(event.on, worksAt));
    purchasing.play(event);
  }
  clock.moveTo(at(until, 0) - hourMs);
  purchasing.bookUse();
}

export interface StoryGround {
  readonly stage: Stage;
  readonly site: MaintenanceStage;
  readonly purchasing: Purchasing;
  readonly clock: StoryClock;
  readonly texts: readonly ExcavatorOrder[];
  /** Reads both systems and waits until the hub has nothing left to do; answers how many events that brought. */
  rest(): Promise<number>;
  tell(line: string): void;
}

/**
 * Plays the window day by day: what is bought is ordered and received, orders are opened and released, hours are noted on the day they were worked, scrap and
 * completion on the last. Between the steps everybody comes to rest, so that each document is dated on its day.
 */
export async function playDays(window: PlayWindow, ground: StoryGround): Promise<PlayedWindow> {
  const { clock, purchasing, tell } = ground;
  const played = { days: 0, opened: 0, completed: 0, partLines: 0, labourLines: 0, scrapLines: 0, purchaseOrders: 0, receipts: 0 };
  const floor = new Floor(ground);
  for (const [day, todo] of agendaOf(window)) {
    clock.moveTo(at(day, opensAt));
    for (const event of todo.purchases) {
      purchasing.play(event);
      played[event.kind === 'order' ? 'purchaseOrders' : 'receipts'] += 1;
    }
    for (const order of todo.opens) played.partLines += floor.open(order);
    if (todo.opens.length > 0) await ground.rest();
    clock.moveTo(at(day, worksAt));
    for (const { order, line } of todo.works) floor.work(order, line);
    if (todo.works.length > 0) await ground.rest();
    clock.moveTo(at(day, closesAt));
    for (const order of todo.closes) played.scrapLines += floor.close(order);
    await ground.rest();
    played.days += 1;
    played.opened += todo.opens.length;
    played.completed += todo.closes.length;
    played.labourLines += todo.works.length;
    tell(
      `  ${day}: ${todo.opens.length} work orders opened, ${todo.works.length} operations worked, ${todo.closes.length} completed; ${todo.purchases.length} purchase orders placed or received`,
    );
  }
  await settle(ground);
  return played;
}

/** Lets days pass until two of them bring nothing new: what was bought for the last orders is delivered and invoiced. */
async function settle({ clock, rest, tell }: StoryGround): Promise<void> {
  let still = 0;
  for (let day = 0; still < 2 && day < daysToSettle; day++) {
    clock.moveTo(clock.now() + dayMs);
    still = (await rest()) === 0 ? still + 1 : 0;
  }
  if (still < 2) tell(`  after ${daysToSettle} days there still is something new every day`);
}

type Labour = PlayedOrder['labour'][number];
interface Day {
  readonly purchases: PurchaseEvent[];
  readonly opens: PlayedOrder[];
  readonly works: { readonly order: PlayedOrder; readonly line: Labour }[];
  readonly closes: PlayedOrder[];
}

/** Everything that happens, by day. */
function agendaOf({ orders, purchases }: PlayWindow): [string, Day][] {
  const days = new Map<string, Day>();
  const on = (day: string): Day => {
    const found = days.get(day) ?? { purchases: [], opens: [], works: [], closes: [] };
    days.set(day, found);
    return found;
  };
  for (const event of purchases) on(event.on).purchases.push(event);
  for (const order of orders) {
    on(order.startedOn).opens.push(order);
    for (const line of order.labour) on(line.workedOn).works.push({ order, line });
    if (order.completedOn !== undefined) on(order.completedOn).closes.push(order);
  }
  return [...days].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Technicians at work in the maintenance system. */
class Floor {
  readonly #ground: StoryGround;
  readonly #orders = new Map<string, number>();
  readonly #assets: ReadonlyMap<string, number>;
  readonly #firstRoom: string;

  constructor(ground: StoryGround) {
    this.#ground = ground;
    this.#assets = ground.site.floor.assetsByCode();
    this.#firstRoom = ground.site.seeded.storerooms.keys().next().value ?? '';
  }

  /** Opens and releases an order with its parts; answers how many lines it has. Parts that are kept nowhere are handed out by the first storeroom. */
  open(order: PlayedOrder): number {
    const { floor } = this.#ground.site;
    const text = this.#textOf(order);
    const number = floor.open({
      title: `${text === undefined ? order.title : text.text} (AW ${order.number})`.slice(0, 250),
      description:
        text === undefined
          ? order.title
          : `${order.title}. Text of excavator ${text.asset}, order ${text.id} of ${text.startedOn}, which cost ${costText(text)} there.`,
      priority: 'MEDIUM',
      kind: text?.kind === 'replacement' ? 'PREVENTIVE' : 'REACTIVE',
      asset: this.#assetOf(order.asset),
      parts: order.parts.map(({ part, storeroom, quantity }) => ({ part, storeroom: storeroom ?? this.#firstRoom, quantity: Number(quantity) })),
    });
    floor.release(number);
    this.#orders.set(order.number, number);
    return order.parts.length;
  }

  work(order: PlayedOrder, { employee, hours }: Labour): void {
    this.#ground.site.floor.logTime(this.#numberOf(order), employee, Number(secondsOf(hours)));
  }

  close(order: PlayedOrder): number {
    const { floor } = this.#ground.site;
    const number = this.#numberOf(order);
    if (order.scrap) floor.spend(number, order.scrap.valueMinor, `${scrapMark(order)} ${order.scrap.reason}`);
    floor.complete(number);
    return order.scrap ? 1 : 0;
  }

  /** The texts are dealt out in turn: which of them an order gets depends on its number alone. */
  #textOf({ number }: PlayedOrder): ExcavatorOrder | undefined {
    const { texts } = this.#ground;
    return texts.length === 0 ? undefined : texts[Number(number) % texts.length];
  }

  #assetOf(code: string): number {
    const id = this.#assets.get(code);
    if (id === undefined) throw new RangeError(`the maintenance system has no asset ${code}`);
    return id;
  }

  #numberOf({ number }: PlayedOrder): number {
    const id = this.#orders.get(number);
    if (id === undefined) throw new RangeError(`work order ${number} was not opened`);
    return id;
  }
}

/** Quantity, part and reason code of scrap: it comes first in the text, since an item text of the ERP ends after 50 characters. */
export const scrapMark = ({ part, scrap }: PlayedOrder): string => `Scrap ${scrap?.quantity ?? '0'} ${part} R${scrap?.reasonCode ?? ''}`;

const costText = ({ cost }: ExcavatorOrder): string => `${round(multiply(String(cost.minor), '0.01'), 2)} ${cost.currency}`;
