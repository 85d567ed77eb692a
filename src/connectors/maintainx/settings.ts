import * as z from 'zod';
import type { RecordBuilder, Session } from '#spi/connector';
import type { Rest } from '#spi/rest';

const label = (title: string, usual: string, description: string) => z.string().min(1).max(120).default(usual).meta({ title, description });

/** Settings of one MaintainX connection. Currency and unit system are never defaulted: MaintainX states neither. */
export const Settings = z.object({
  address: z.url().default('https://api.getmaintainx.com/v1').meta({ title: 'Address', description: 'Root of the API.' }),
  organization: z
    .int()
    .positive()
    .optional()
    .meta({ title: 'Organisation', description: 'Number of the organisation; required where the API key sees several.' }),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .meta({ title: 'Currency', description: 'ISO 4217 code of every amount in MaintainX, which keeps bare cents.', examples: ['EUR'] }),
  unitSystem: z
    .string()
    .min(1)
    .max(40)
    .meta({ title: 'System of unit codes', description: "What the codes in the parts' unit field belong to: `sap`, `rec20`.", examples: ['sap'] }),
  erpNumberLabel: label('Label of the ERP number', 'ERP number', 'Custom field of assets, locations, parts and vendors that holds the number in the ERP.'),
  costCentreLabel: label('Label of the cost centre', 'Cost centre', 'Custom field of assets and work orders.'),
  unitLabel: label('Label of the unit of measure', 'Unit of measure', 'Custom field of parts; MaintainX itself has no units.'),
  autoRequestLabel: label('Label of auto-request', 'Auto-request', 'Custom field of parts and of work-order part lines: Yes or No.'),
  referenceLabel: label(
    'Label of the reference',
    'Linchpin reference',
    'Single-line text field of assets, locations, parts, vendors and purchase orders by which a created record is found again.',
  ),
  disposedStatusId: z.int().positive().optional().meta({
    title: 'Custom asset status for disposed',
    description: 'Number of the custom status under IGNORE; required to mark assets disposed, because MaintainX has no such status of its own.',
  }),
  newUserRole: z
    .enum(['MEMBER', 'OPERATOR', 'REQUESTER'])
    .default('REQUESTER')
    .meta({ title: 'Role of new users', description: 'The least role that fits; administrators are made by people.' }),
});
export type Settings = z.output<typeof Settings>;

export type MaintainxSession = Session<Settings, Rest>;
export type MaintainxRecord = RecordBuilder<MaintainxSession>;
