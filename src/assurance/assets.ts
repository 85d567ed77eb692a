import type { Ground } from '#assurance/plan';
import { maintenanceOf, siteOf, type ReconcileSite } from '#assurance/plan';
import { eventText, operationText } from '#assurance/open-work';
import type { OperationRow } from '#store/port';
import type { RecordOf } from '#model/records';
import { freshly, type ReconcileSide } from '#assurance/side';
import type { Difference, DifferenceClass } from '#assurance/statement';

/** What is kept of an asset of finance while the maintenance side streams by. */
interface Kept {
  readonly key: string;
  readonly code: string;
  readonly name: string;
  readonly parent: string | undefined;
  readonly costCentre: string | undefined;
  readonly inService: boolean;
  readonly status: string;
  readonly site: string | undefined;
  readonly fixedAsset: string | undefined;
  matched: boolean;
}

type AssetRecord = RecordOf<'asset'>;

const statusOf = ({ status, active }: AssetRecord): string => (active ? (status ?? 'active') : status === 'disposed' ? 'disposed' : 'inactive');
const inService = (record: AssetRecord): boolean => record.active && record.status !== 'disposed';

/** Assets on both sides: name, parent, cost centre, and whether they are in service; disposed assets whose fixed asset still is active. */
export async function compareAssets(ground: Ground): Promise<void> {
  const {
    books: { finance, maintenance },
    section,
    reading,
  } = ground;
  const readable = maintenance.filter((side) => side.lists('asset'));
  for (const side of [finance, ...maintenance]) if (!side.lists('asset')) section.notCompared(`${side.name} cannot list assets`);
  if (!finance.lists('asset') || readable.length === 0) return;
  const kept = await financeAssets(ground);
  const disposed = new Map<string, { hubId: string; code: string }>();
  for (const side of readable) {
    const seen = new Set<string>();
    for await (const { records, unreadable } of freshly(side, 'asset', reading)) {
      for (const { key, problem } of unreadable)
        section.differ({ key: `${side.name} ${key}`, class: 'unreadable', left: '', right: key, text: `asset ${key} of ${side.name}: ${problem}` });
      for (const { key, hubId, record } of records) {
        if (seen.has(key)) continue;
        seen.add(key);
        section.total('assets', 'each', { right: '1' });
        const other = kept.get(hubId);
        if (!other) onlyInMaintenance(ground, side, { key, hubId, record });
        else if (other.matched)
          section.differ({
            key: hubId,
            class: 'twoAsOne',
            left: other.key,
            right: key,
            text: `a second asset of ${side.name}, ${key}, is ${other.code} in the hub too`,
          });
        else {
          other.matched = true;
          if (record.status === 'disposed' && other.fixedAsset !== undefined) disposed.set(other.fixedAsset, { hubId, code: other.code });
          compareAsset(ground, { side, hubId, ours: other, theirs: record, key });
        }
      }
    }
  }
  for (const [hubId, asset] of kept) {
    section.total('assets', 'each', { left: '1' });
    if (!asset.matched) onlyInFinance(ground, hubId, asset);
  }
  await stillActive(ground, disposed);
}

async function financeAssets({ books: { finance }, section, reading }: Ground): Promise<Map<string, Kept>> {
  const kept = new Map<string, Kept>();
  for await (const { records, unreadable } of freshly(finance, 'asset', reading)) {
    for (const { key, problem } of unreadable)
      section.differ({ key: `${finance.name} ${key}`, class: 'unreadable', left: key, right: '', text: `asset ${key} of ${finance.name}: ${problem}` });
    for (const { key, hubId, record } of records) {
      const before = kept.get(hubId);
      if (before && before.key !== key)
        section.differ({
          key: hubId,
          class: 'twoAsOne',
          left: `${before.key} and ${key}`,
          right: '',
          text: `assets ${before.key} and ${key} of ${finance.name} are one in the hub`,
        });
      if (!before)
        kept.set(hubId, {
          key,
          code: record.code,
          name: record.name,
          parent: record.parent,
          costCentre: record.costCentre,
          inService: inService(record),
          status: statusOf(record),
          site: record.site,
          fixedAsset: record.fixedAsset,
          matched: false,
        });
    }
  }
  return kept;
}

/** Texts that a system shortened are the same text; shorter ones than this are compared whole. */
const shortenedFrom = 18;

function sameText(a: string, b: string): boolean {
  if (a === b) return true;
  const [short, long] = a.length < b.length ? [a.trimEnd(), b] : [b.trimEnd(), a];
  return short.length >= shortenedFrom && long.startsWith(short);
}

interface Pair {
  readonly side: ReconcileSide;
  readonly hubId: string;
  readonly ours: Kept;
  readonly theirs: AssetRecord;
  readonly key: string;
}

/** One difference per asset: the first that counts. */
function compareAsset(ground: Ground, pair: Pair): void {
  const { section, books } = ground;
  const { ours, theirs, hubId, side } = pair;
  const found = differenceOf(pair, siteOf(books, ours.site, side.name)?.structureOwner ?? 'finance', books.finance.name);
  if (!found) return section.agree();
  const explainedBy = explanation(ground, hubId, found.field, found.field === 'inService' ? undefined : found.wanted);
  const open = ground.open.events(`asset/${hubId}`).map(eventText).sort();
  section.differ({
    key: hubId,
    class: explainedBy === undefined && open.length > 0 ? 'waiting' : found.class,
    left: found.left,
    right: found.right,
    text: `asset ${ours.code} ${theirs.name}: ${found.text}${explainedBy === undefined && open.length > 0 ? `; open: ${open.join('; ')}` : ''}`,
    ...(explainedBy === undefined ? {} : { explainedBy }),
  });
}

interface Found extends Pick<Difference, 'left' | 'right' | 'text'> {
  readonly class: DifferenceClass;
  readonly field: 'name' | 'parent' | 'costCentre' | 'inService';
  readonly wanted: string | undefined;
}

function differenceOf({ ours, theirs, side }: Pair, owner: 'finance' | 'maintenance', finance: string): Found | undefined {
  if (theirs.status === 'disposed' && ours.inService)
    return {
      class: 'stillActive',
      field: 'inService',
      wanted: undefined,
      left: ours.status,
      right: 'disposed',
      text: `disposed of in ${side.name}, ${ours.status} in ${finance}`,
    };
  if (!ours.inService && inService(theirs))
    return {
      class: 'status',
      field: 'inService',
      wanted: undefined,
      left: ours.status,
      right: statusOf(theirs),
      text: `${ours.status} in ${finance}, ${statusOf(theirs)} in ${side.name}`,
    };
  for (const field of ['parent', 'costCentre', 'name'] as const) {
    const [left, right] = [ours[field], theirs[field]];
    const wanted = owner === 'finance' ? left : right;
    // A value that its owner does not have is not taken away from the other side.
    if (wanted === undefined || left === right || (field === 'name' && left !== undefined && right !== undefined && sameText(left, right))) continue;
    return {
      class: field,
      field,
      wanted,
      left: left ?? '',
      right: right ?? '',
      text: `${field === 'costCentre' ? 'cost centre' : field} ${left ?? 'none'} in ${finance}, ${right ?? 'none'} in ${side.name}`,
    };
  }
  return undefined;
}

/** Open operations of the asset that bring exactly what is missing. */
function explanation({ open }: Ground, hubId: string, field: Found['field'], wanted: string | undefined): readonly string[] | undefined {
  const brings = ({ draft, record, verb }: OperationRow): boolean => {
    if (field === 'inService') return record === 'assetDisposal' || (record === 'asset' && (draft as { active?: unknown }).active === false);
    return record === 'asset' && verb === 'update' && wanted !== undefined && (draft as Record<string, unknown>)[field] === wanted;
  };
  const found = open.operations(`asset/${hubId}`).filter(brings).map(operationText).sort();
  return found.length > 0 ? found : undefined;
}

const creating = ({ open }: Ground, hubId: string, connection: string): readonly string[] =>
  open
    .operations(`asset/${hubId}`)
    .filter((operation) => operation.record === 'asset' && operation.verb === 'create' && operation.connection === connection)
    .map(operationText)
    .sort();

function onlyInMaintenance(
  ground: Ground,
  side: ReconcileSide,
  { hubId, key, record }: { readonly hubId: string; readonly key: string; readonly record: AssetRecord },
): void {
  const { section, books } = ground;
  const site = siteOf(books, record.site, side.name);
  const by = lonely(ground, { hubId, connection: books.finance.name, creates: 'maintenance', alive: inService(record) }, site);
  section.differ({
    key: hubId,
    class: 'missingInFinance',
    left: '',
    right: key,
    text: `asset ${record.code} ${record.name} is only in ${side.name}`,
    ...(by === undefined ? {} : { explainedBy: by }),
  });
}

function onlyInFinance(ground: Ground, hubId: string, asset: Kept): void {
  const { section, books } = ground;
  const name = maintenanceOf(books, asset.site);
  const by = lonely(ground, { hubId, connection: name ?? '', creates: 'finance', alive: asset.inService }, siteOf(books, asset.site, name ?? ''));
  section.differ({
    key: hubId,
    class: 'missingInMaintenance',
    left: asset.key,
    right: '',
    text: `asset ${asset.code} ${asset.name} is only in ${books.finance.name}`,
    ...(by === undefined ? {} : { explainedBy: by }),
  });
}

/** Why an asset may rightly be on one side only: an open creation, the policy, or that it is out of service. */
function lonely(
  ground: Ground,
  {
    hubId,
    connection,
    creates,
    alive,
  }: { readonly hubId: string; readonly connection: string; readonly creates: 'finance' | 'maintenance'; readonly alive: boolean },
  site: ReconcileSite | undefined,
): readonly string[] | undefined {
  const open = creating(ground, hubId, connection);
  if (open.length > 0) return open;
  const createdBy = site?.assetsCreatedBy ?? 'finance';
  if (createdBy !== creates)
    return [`policy createdBy of the flow assets is ${createdBy}: assets that are only in ${creates} are not created on the other side`];
  return alive ? undefined : ['it is out of service: it is not created on the other side'];
}

/** Disposed assets: their fixed assets must be retired. */
async function stillActive(ground: Ground, disposed: ReadonlyMap<string, { readonly hubId: string; readonly code: string }>): Promise<void> {
  const {
    books: { finance },
    section,
    reading,
  } = ground;
  if (disposed.size === 0) return;
  if (!finance.lists('fixedAsset')) return section.notCompared(`${finance.name} cannot list fixed assets: whether disposed assets are retired is not compared`);
  for await (const { records } of freshly(finance, 'fixedAsset', reading)) {
    for (const { hubId, record } of records) {
      const asset = disposed.get(hubId);
      if (!asset) continue;
      if (!record.active || record.retiredOn !== undefined) {
        section.agree();
        continue;
      }
      const by = explanation(ground, asset.hubId, 'inService', undefined);
      section.differ({
        key: `fixed asset ${hubId}`,
        class: 'stillActive',
        left: 'active',
        right: 'disposed',
        ...(record.bookValue ? { money: record.bookValue } : {}),
        text: `asset ${asset.code} is disposed of, its fixed asset ${record.code} is not retired in ${finance.name}`,
        ...(by === undefined ? {} : { explainedBy: by }),
      });
    }
  }
}
