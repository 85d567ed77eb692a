import { add, subtract } from '#base/decimal';
import type { StockState } from '#flows/stock/state';

/** Consumption that the hub was told of and finance has not posted: lowers what will be on hand. */
export function pendingOf(state: StockState): string {
  let pending = '0';
  for (const { movements } of Object.values(state.consumers))
    for (const { quantity, state: stands } of movements) if (stands === 'sent' || stands === 'failed') pending = add(pending, quantity);
  return pending;
}

/** Whether a movement is on its way: a figure that is read meanwhile may or may not show it. */
export const underWay = (state: StockState): boolean =>
  Object.values(state.consumers).some(({ movements }) => movements.some((movement) => movement.state === 'sent'));

/** Finance's last figure less what the hub posted since it was read. */
export const onHandNow = (state: StockState): string | undefined => (state.finance ? subtract(state.finance.value, state.book.sinceRead) : undefined);

/** What will be on hand when everything told is posted. */
export function projectedOf(state: StockState): string | undefined {
  const now = onHandNow(state);
  return now === undefined ? undefined : subtract(now, pendingOf(state));
}

/** I7: opening + receipts and adjustments that others made - net issues of the hub. Undefined until finance was read once. */
export const projection = ({ book }: StockState): string | undefined =>
  book.opening === null ? undefined : subtract(add(book.opening, book.other), book.issued);
