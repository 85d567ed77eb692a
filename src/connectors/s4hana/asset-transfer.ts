import * as z from 'zod';
import type { Verbs, WriteTarget } from '#spi/connector';
import { needed, textIn } from '#connectors/s4hana/document';
import { assignCostCentre, currentEquipment, move } from '#connectors/s4hana/equipment';
import { assignAsset } from '#connectors/s4hana/fixed-asset';
import { both } from '#connectors/s4hana/row';
import type { S4Session } from '#connectors/s4hana/system';

const Shape = z.looseObject({ Equipment: z.string(), transferredOn: z.string(), CostCenter: z.string() });
type Native = z.output<typeof Shape>;

const verbs = {
  create: {
    class: 'K',
    how: 'Cost centre and place are absolute: equipment and its fixed asset are read, and only what is not yet as it shall be is set, so that repeating changes nothing. The parts are separate requests; an interrupted transfer is completed by repeating it.',
    async run(session, draft, _write: WriteTarget) {
      const number = needed(draft, 'Equipment', 'the transfer');
      const day = needed(draft, 'transferredOn', 'the transfer');
      const costCentre = needed(draft, 'CostCenter', 'the transfer');
      const place = textIn(draft, 'FunctionalLocation');
      // The place first: installing at a location may bring that location's cost centre along.
      if (place !== undefined) await move(session, await currentEquipment(session, number), { place, day });
      const now = await currentEquipment(session, number);
      const changed = await assignCostCentre(session, now, { costCentre, day });
      const asset = now.fixedAsset;
      const assigned = asset === undefined ? false : await assignAsset(session, asset, costCentre);
      return {
        id: `${number}@${day}`,
        data: { number, costCentre, changed, ...(asset === undefined ? {} : { fixedAsset: asset, fixedAssetChanged: assigned }) },
      };
    },
  },
} satisfies Verbs<S4Session, Native>;

/** A dated move of equipment to another cost centre and place, with its fixed asset. */
export const assetTransfer = {
  kind: 'assetTransfer' as const,
  native: 'Equipment, InstallEquipment and FixedAsset',
  shape: Shape,
  key: (record: Native) => `${record.Equipment}@${record.transferredOn}`,
  changes: 'sweep' as const,
  verbs,
  rows: [
    both('asset', 'Equipment', { reference: 'asset', required: true }),
    both('transferredOn', 'transferredOn', { required: true }),
    both('toCostCentre', 'CostCenter', { reference: 'costCentre', required: true }),
    both('toLocation', 'FunctionalLocation', { reference: 'location' }),
  ],
  example: { Equipment: '10004711', transferredOn: '2026-06-01', CostCenter: '21004320', FunctionalLocation: 'LC-P1-UTIL-CW' },
};
