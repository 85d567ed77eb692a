import type { Store } from '#store/port';
import type { OpenWork } from '#assurance/open-work';
import { partsOf, type Parts } from '#assurance/parts';
import type { Reading, ReconcileSide } from '#assurance/side';
import type { Section } from '#assurance/statement';

/** A site and the systems that serve it, with the choices of its policies that decide what counts as agreement. */
export interface ReconcileSite {
  readonly code: string;
  readonly maintenance: string;
  readonly finance: string;
  /** Policy structureOwner of the flow assets; absent: finance. */
  readonly structureOwner?: 'finance' | 'maintenance';
  /** Policy createdBy of the flow assets; absent: finance. */
  readonly assetsCreatedBy?: 'finance' | 'maintenance' | 'nobody';
}

/** One finance system with every maintenance system that it serves. */
export interface Books {
  readonly finance: ReconcileSide;
  readonly maintenance: readonly ReconcileSide[];
  readonly sites: readonly ReconcileSite[];
}

/** What a section works with. */
export interface Ground {
  readonly store: Store;
  readonly books: Books;
  readonly open: OpenWork;
  readonly section: Section;
  readonly reading: Reading;
  /** Parts of a system, read once for all sections. */
  parts(side: ReconcileSide): Promise<Parts>;
}

/** The maintenance system that a record of finance belongs to: of its site, or the only one; undefined where nothing says so. */
export function maintenanceOf({ maintenance, sites }: Books, site: string | undefined): string | undefined {
  return sites.find(({ code }) => code === site)?.maintenance ?? (maintenance.length === 1 ? maintenance[0]?.name : undefined);
}

/** The site record of a finance record, else one of the pair. */
export function siteOf({ sites }: Books, site: string | undefined, maintenance: string): ReconcileSite | undefined {
  return sites.find(({ code }) => code === site) ?? sites.find((one) => one.maintenance === maintenance);
}

/** Remembers parts by connection. */
export function partsOnce(reading: Reading): (side: ReconcileSide) => Promise<Parts> {
  const known = new Map<string, Promise<Parts>>();
  return (side) => {
    const found = known.get(side.name) ?? partsOf(side, reading);
    known.set(side.name, found);
    return found;
  };
}
