import type { FaultKind } from '#base/fault';
import type { ODataRules } from '#spi/odata-errors';

/** Message class and number of SAP, and what it means for the sender. All other refusals are `rejected`. */
const codes: Readonly<Record<string, FaultKind>> = {
  'M3/024': 'locked',
  'M3/897': 'locked',
  'ME/006': 'locked',
  'MEPO/006': 'locked',
  'M3/023': 'locked',
  'C0/600': 'locked',
  'MC/601': 'locked',
  'M7/053': 'closed',
  'F5/201': 'closed',
  'F5/286': 'closed',
  'RW/104': 'closed',
  'KI/145': 'closed',
  'AA/347': 'closed',
};

/** Text that SAP uses for every kind of lock, where the class is that of the application (`IW/116`). */
const lockedText = /\blocked by\b/i;

/** How SAP's codes become faults. */
export const sapRules: ODataRules = {
  kindOf: (code, text) => (Object.hasOwn(codes, code) ? codes[code] : lockedText.test(text) ? 'locked' : undefined),
  generic: (code) =>
    code === '' || code.startsWith('/IWBEP/') || code.startsWith('/IWFND/') || code.startsWith('SY/') || code === '005056A509B11EE1B9A8FEC11C21578E',
};
