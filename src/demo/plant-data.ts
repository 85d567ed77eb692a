import type { Decimal } from '#base/decimal';

/** A plant in plain data: what a loader puts into the twins' worlds, and what tests compare with. Prices and rates are decimals in the site's currency. */
export interface PlantData {
  readonly name: string;
  /** The day before the story begins: `2026-03-01`. */
  readonly openedOn: string;
  readonly sites: readonly PlantSite[];
  readonly costCentres: readonly { readonly code: string; readonly name: string; readonly site: string }[];
  readonly vendors: readonly { readonly code: string; readonly name: string; readonly currency: string }[];
  readonly employees: readonly PlantEmployee[];
  readonly parts: readonly PlantPart[];
  readonly stock: readonly PlantStock[];
  readonly assets: readonly PlantAsset[];
  /** Units that the plant uses beyond those which every installation has. */
  readonly units?: readonly { readonly code: string; readonly iso: string }[];
}

export interface PlantSite {
  readonly code: string;
  readonly name: string;
  readonly companyCode: string;
  readonly currency: string;
  readonly storerooms: readonly { readonly code: string; readonly name: string }[];
}

export interface PlantEmployee {
  readonly code: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly site: string;
  readonly costCentre: string;
  readonly activityType: string;
  readonly joinedOn: string;
  readonly leftOn?: string;
  /** Where the person worked when, oldest first; `costCentre` is the newest. */
  readonly costCentres?: readonly { readonly from: string; readonly to?: string; readonly costCentre: string }[];
  readonly rates: readonly { readonly from: string; readonly to?: string; readonly rate: Decimal; readonly currency: string }[];
}

export interface PlantPart {
  readonly code: string;
  readonly name: string;
  /** SAP commercial code of the base unit. */
  readonly unit: string;
  readonly group: string;
  /** False: bought for each need. */
  readonly stocked: boolean;
  readonly price: Decimal;
  /** The fixed price at which stock is valued, where the source has one; it may have more places than the currency. Absent: valued at the moving average. */
  readonly standardCost?: Decimal;
  readonly vendor?: string;
  readonly alternative?: { readonly unit: string; readonly numerator: string; readonly denominator: string };
}

export interface PlantStock {
  readonly part: string;
  readonly site: string;
  readonly storeroom: string;
  readonly onHand: Decimal;
  readonly reorderPoint: Decimal;
  readonly maximum?: Decimal;
}

export interface PlantAsset {
  readonly code: string;
  readonly name: string;
  readonly parent?: string;
  readonly site: string;
  readonly costCentre: string;
  readonly category: string;
  readonly acquisitionValue?: Decimal;
  readonly acquiredOn?: string;
}
