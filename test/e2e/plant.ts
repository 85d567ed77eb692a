import type { PlantData } from '#demo/plant-data';

/** One small plant that every scenario plays in: one site in US dollars, one pump with a book value of 50,000, stocked and non-stocked parts. */
export const plant: PlantData = {
  name: 'scenarios',
  openedOn: '2026-03-01',
  sites: [
    {
      code: '1100',
      name: 'Cleveland',
      companyCode: '1100',
      currency: 'USD',
      storerooms: [
        { code: 'MRO1', name: 'Central store' },
        { code: 'LINE', name: 'Line-side store' },
      ],
    },
  ],
  costCentres: [
    { code: '11004100', name: 'Production', site: '1100' },
    { code: '11004200', name: 'Utilities', site: '1100' },
    { code: '11004300', name: 'Maintenance', site: '1100' },
  ],
  vendors: [
    { code: '170001', name: 'Allied Bearings', currency: 'USD' },
    { code: '170002', name: 'Prime Seals', currency: 'USD' },
  ],
  employees: [
    {
      code: '10001',
      firstName: 'Anna',
      lastName: 'Novak',
      site: '1100',
      costCentre: '11004300',
      activityType: 'MNT01',
      joinedOn: '2019-04-01',
      rates: [
        { from: '2019-04-01', to: '2026-06-30', rate: '40', currency: 'USD' },
        { from: '2026-07-01', rate: '42.5', currency: 'USD' },
      ],
    },
    {
      code: '10002',
      firstName: 'Kofi',
      lastName: 'Miller',
      site: '1100',
      costCentre: '11004300',
      activityType: 'MNT01',
      joinedOn: '2020-01-01',
      rates: [{ from: '2020-01-01', rate: '50', currency: 'USD' }],
    },
    { code: '10003', firstName: 'Ingrid', lastName: 'Larsen', site: '1100', costCentre: '11004300', activityType: 'MNT01', joinedOn: '2026-01-01', rates: [] },
  ],
  parts: [
    { code: 'SEAL-45', name: 'Mechanical seal 45 mm', unit: 'PC', group: 'SEAL', stocked: false, price: '310', vendor: '170002' },
    { code: 'IMPELLER-7', name: 'Impeller type 7', unit: 'PC', group: 'PUMP', stocked: false, price: '1250.50', vendor: '170001' },
    { code: 'GASKET-K', name: 'Gasket kit', unit: 'PC', group: 'SEAL', stocked: false, price: '48.25', vendor: '170002' },
    { code: 'BRG-SPECIAL', name: 'Specialty bearing 22216', unit: 'PC', group: 'BEARING', stocked: false, price: '890', vendor: '170001' },
    { code: 'FILTER-25', name: 'Filter element 25 micron', unit: 'PC', group: 'FILTER', stocked: true, price: '25', vendor: '170001' },
    { code: 'OIL-46', name: 'Hydraulic oil HLP 46', unit: 'L', group: 'LUBRIC', stocked: true, price: '5', vendor: '170002' },
    { code: 'BRG-6205', name: 'Deep groove bearing 6205', unit: 'PC', group: 'BEARING', stocked: true, price: '12.50', vendor: '170001' },
  ],
  stock: [
    { part: 'FILTER-25', site: '1100', storeroom: 'MRO1', onHand: '5', reorderPoint: '4', maximum: '12' },
    { part: 'OIL-46', site: '1100', storeroom: 'MRO1', onHand: '2000', reorderPoint: '10', maximum: '4000' },
    { part: 'BRG-6205', site: '1100', storeroom: 'MRO1', onHand: '2000', reorderPoint: '2', maximum: '4000' },
    { part: 'BRG-6205', site: '1100', storeroom: 'LINE', onHand: '6', reorderPoint: '2', maximum: '20' },
  ],
  assets: [
    { code: 'CLV', name: 'Cleveland plant', site: '1100', costCentre: '11004100', category: 'PLANT' },
    { code: 'CLV-U', name: 'Utilities line', parent: 'CLV', site: '1100', costCentre: '11004200', category: 'LINE' },
    {
      code: 'CLV-U-P7',
      name: 'Centrifugal pump 7',
      parent: 'CLV-U',
      site: '1100',
      costCentre: '11004200',
      category: 'MACHINE',
      acquisitionValue: '50000',
      acquiredOn: '2026-03-01',
    },
    { code: 'CLV-U-P7-M', name: 'Motor of pump 7', parent: 'CLV-U-P7', site: '1100', costCentre: '11004200', category: 'COMPONENT' },
    { code: 'CLV-X', name: 'Press without cost centre', site: '1100', costCentre: '', category: 'MACHINE' },
  ],
};

/** The day on which every scenario starts, 08:00 UTC on a Monday. */
export const firstDay = Date.UTC(2026, 2, 2, 8);
