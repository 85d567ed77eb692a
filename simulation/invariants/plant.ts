import { compare } from '#base/decimal';
import { labels } from '#demo/seed-maintenance';
import { finance, maintenance, plant, secrets, clientSecret, site } from '../plant.ts';
import { everyEvent, everyOperation, troubled } from '../reading.ts';
import type { Invariant } from './invariant.ts';

/** What both systems show of one plant, and what may never be shown. */
export const plantInvariants: readonly Invariant[] = [
  {
    id: 'I7',
    title: 'stock per part and storeroom is the same in both systems',
    when: ['end'],
    async end({ twins, variant, store }) {
      if (variant.scope !== 'live' && variant.scope !== 'costsShadow') return [];
      const open = await troubled(store);
      const found: string[] = [];
      for (const { part, storeroom } of plant.stock) {
        const [partId, roomId] = [twins.seeded.parts.get(part), twins.seeded.storerooms.get(storeroom)];
        if (open.has(`stock/${maintenance}.${partId}@${maintenance}.${roomId}`)) continue;
        const there = twins.erp.world.materials.onHand(part, site, storeroom);
        const here = String(twins.cmms.world.parts.get(partId ?? 0)?.stock.get(roomId ?? 0)?.availableQuantity ?? 0);
        if (compare(there, here) !== 0) found.push(`${part} at ${storeroom}: finance has ${there}, maintenance ${here}`);
      }
      return found;
    },
  },
  { id: 'I11', title: 'no document outside the scope that is switched on', when: ['crossing'] },
  { id: 'I12', title: 'in shadow mode nothing is written to any system', when: ['crossing'] },
  {
    id: 'I13',
    title: "the owner's value wins: the cost centre of an asset is the finance system's",
    when: ['end'],
    async end({ twins, variant, store }) {
      if (variant.scope !== 'live') return [];
      const open = await troubled(store);
      const found: string[] = [];
      for (const { code } of plant.assets) {
        if (open.has(`asset/${finance}.${code}`)) continue;
        const asset = twins.assetOf(code);
        const owner = String(twins.erp.world.technical.current(code).CostCenter ?? '');
        const shown = String(asset?.extraFields[labels.costCentre] ?? '');
        if (asset && owner !== '' && shown !== owner) found.push(`asset ${code} has cost centre ${owner} in finance and ${shown} in maintenance`);
      }
      return found;
    },
  },
  {
    id: 'I16',
    title: 'identities are one to one in each system at every instant',
    when: ['end'],
    async end({ store, recorder }) {
      const found: string[] = [];
      const ids = new Set(recorder.identities.map(({ kind, hubId }) => JSON.stringify([kind, hubId])));
      const held = new Map<string, string>();
      for (const id of ids) {
        const [kind, hubId] = JSON.parse(id) as [string, string];
        const rows = await store.read.crosswalkOf({ kind, hubId });
        for (const system of new Set(rows.map((row) => row.system))) {
          const periods = rows.filter((row) => row.system === system).sort((a, b) => a.from - b.from);
          for (const [at, row] of periods.entries()) {
            const next = periods[at + 1];
            if (next && (row.to === null || row.to > next.from))
              found.push(`${kind} ${hubId} has two numbers in ${system} at once: ${row.externalId} and ${next.externalId}`);
            if (row.to !== null) continue;
            const key = `${kind}|${system}|${row.externalId}`;
            const other = held.get(key);
            if (other !== undefined && other !== hubId) found.push(`${kind} ${row.externalId} of ${system} is both ${other} and ${hubId}`);
            held.set(key, hubId);
          }
        }
      }
      return found;
    },
  },
  {
    id: 'I17',
    title: 'a retired asset receives no posting dated after its retirement',
    when: ['end'],
    end({ twins }) {
      const found: string[] = [];
      for (const asset of twins.erp.world.assets.assets.all()) {
        const gone = asset.AssetDeactivationDate;
        if (gone === null) continue;
        const rows = twins.erp.world.ledger.items
          .all()
          .filter((row) => row['MasterFixedAsset'] === asset.MasterFixedAsset && String(row['PostingDate']) > gone);
        if (rows.length > 0) found.push(`asset ${asset.MasterFixedAsset} was retired on ${gone} and has ${rows.length} later postings`);
        const retirements = twins.erp.world.assets.postings.all().filter((row) => row['MasterFixedAsset'] === asset.MasterFixedAsset);
        if (retirements.length > 1) found.push(`asset ${asset.MasterFixedAsset} was retired ${retirements.length} times`);
      }
      return found;
    },
  },
  { id: 'I19', title: 'requests at once and in any minute stay within what the connection declares', when: ['crossing'] },
  {
    id: 'I21',
    title: 'no secret in a log, a reason, an error or a row of the store',
    when: ['end'],
    async end({ store, texts }) {
      const canaries = [...Object.values(secrets), clientSecret];
      const all = [...canaries, ...canaries.map((secret) => Buffer.from(`LINCHPIN:${secret}`).toString('base64'))];
      const rows = [...(await everyEvent(store)), ...(await everyOperation(store))].map((row) => JSON.stringify(row));
      for (const { log, size } of await store.read.auditLogs())
        for (let from = 0; from < size; from += 1000) rows.push(...(await store.read.auditLeaves({ log, from, limit: 1000 })).map(({ body }) => body));
      const found: string[] = [];
      for (const text of [...texts, ...rows])
        for (const secret of all) if (text.includes(secret)) found.push(`a secret stands in: ${text.replaceAll(secret, '<the secret>').slice(0, 200)}`);
      return found.slice(0, 5);
    },
  },
];
