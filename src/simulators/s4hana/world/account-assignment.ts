import { divide, multiply, subtract, sum, type Decimal } from '#base/decimal';
import { accounts, type Line } from './general-ledger.ts';
import type { FixedAssets } from './fixed-asset.ts';
import type { Orders } from './order.ts';
import type { Organisation } from './organisation.ts';
import { Refusal } from './refusal.ts';
import type { Row } from './store.ts';

/** Who bears a cost. Empty text where it does not apply. */
export interface Assignment extends Row {
  CostCenter: string;
  OrderID: string;
  MasterFixedAsset: string;
  FixedAsset: string;
  GLAccount: string;
  WBSElement: string;
  Quantity: string;
  MultipleAcctAssgmtDistrPercent: string;
}

/** Which field each account assignment category asks for; the others must stay empty. `U` decides later. */
const categories: Readonly<Record<string, keyof Assignment | ''>> = { K: 'CostCenter', F: 'OrderID', A: 'MasterFixedAsset', P: 'WBSElement', U: '' };

/** Checks account assignments against cost centres, orders and assets, and finds their account. */
export class Assignments {
  readonly #organisation: Organisation;
  readonly #orders: Orders;
  readonly #assets: FixedAssets;

  constructor(organisation: Organisation, orders: Orders, assets: FixedAssets) {
    this.#organisation = organisation;
    this.#orders = orders;
    this.#assets = assets;
  }

  /** The complete assignments of an item. Refuses a category without data, data that does not fit, and objects that cannot be posted to. */
  complete(
    item: { number: string; category: string; companyCode: string; date: string; stockMaterial: boolean },
    given: readonly Partial<Assignment>[],
  ): Assignment[] {
    const { category } = item;
    if (category === '') {
      if (given.length > 0) throw new Refusal('assignmentNotWanted', ['', 'data'], 'AccountAssignmentCategory');
      return [];
    }
    const wanted = categories[category];
    if (wanted === undefined) throw new Refusal('unknownAssignmentCategory', [category], 'AccountAssignmentCategory');
    if (category === 'U') return given.map((one) => full(one, ''));
    if (given.length === 0) throw new Refusal('missingAssignment', [item.number, category], 'AccountAssignmentCategory');
    return given.map((one) => {
      if (!one[wanted]) throw new Refusal('missingAssignment', [item.number, category], String(wanted));
      const assignment = full(
        one,
        category === 'A' ? accounts.assetCost.account : item.stockMaterial ? accounts.consumption.account : accounts.services.account,
      );
      this.check(assignment, item.companyCode, item.date);
      return assignment;
    });
  }

  /** Refuses objects that do not exist or cannot be posted to on a date. */
  check(assignment: Partial<Assignment>, companyCode: string, date: string): void {
    if (assignment.CostCenter) this.#organisation.costCentre(assignment.CostCenter, date);
    if (assignment.OrderID) this.#orders.open(assignment.OrderID);
    if (assignment.MasterFixedAsset) this.#assets.active(companyCode, assignment.MasterFixedAsset, assignment.FixedAsset || '0');
    if (assignment.GLAccount) this.#organisation.glAccount(assignment.GLAccount);
  }
}

function full(given: Partial<Assignment>, account: string): Assignment {
  return {
    ...given,
    CostCenter: given.CostCenter ?? '',
    OrderID: given.OrderID ?? '',
    MasterFixedAsset: given.MasterFixedAsset ?? '',
    FixedAsset: given.FixedAsset ?? '0',
    GLAccount: given.GLAccount || account,
    WBSElement: given.WBSElement ?? '',
    Quantity: given.Quantity ?? '0',
    MultipleAcctAssgmtDistrPercent: given.MultipleAcctAssgmtDistrPercent ?? '0',
  };
}

/** Shares an amount over assignments: by percentage (`2`), by quantity (`1`), or all to the only one. The last bears the rounding, so that nothing is lost. */
export function distribute(
  amount: Decimal,
  places: number,
  distribution: string,
  assignments: readonly Assignment[],
): { assignment: Assignment; amount: Decimal }[] {
  const weights = assignments.map((one) => (distribution === '2' ? one.MultipleAcctAssgmtDistrPercent : distribution === '1' ? one.Quantity : '1'));
  const total = sum(weights);
  const weighted = Number(total) > 0 ? weights : assignments.map(() => '1');
  const whole = sum(weighted);
  let left = amount;
  return assignments.map((assignment, at) => {
    const share = at === assignments.length - 1 ? left : divide(multiply(amount, weighted[at] ?? '0'), whole, places);
    left = subtract(left, share);
    return { assignment, amount: share };
  });
}

/** The ledger line that an assignment receives. */
export function assignmentLine(assignment: Assignment, amount: Decimal): Line {
  const isAsset = assignment.MasterFixedAsset !== '';
  return {
    account: isAsset ? accounts.assetCost.account : assignment.GLAccount,
    amount,
    costCentre: assignment.CostCenter,
    order: assignment.OrderID,
    asset: assignment.MasterFixedAsset,
  };
}
