import type { FixedAssets } from './fixed-asset.ts';
import type { Organisation } from './organisation.ts';
import { Refusal } from './refusal.ts';
import { Table, type Row, type Store } from './store.ts';

export interface Equipment extends Row {
  Equipment: string;
  ValidityEndDate: string;
  ValidityStartDate: string;
  EquipmentName: string;
  FunctionalLocation: string;
  SuperordinateEquipment: string;
  CostCenter: string;
  CompanyCode: string;
  EquipmentIsInactive: boolean;
  EquipmentIsMarkedForDeletion: boolean;
  EquipmentIsInstalled: boolean;
  LastChangeDateTime: number;
}

export interface FunctionalLocation extends Row {
  FunctionalLocation: string;
  FunctionalLocationName: string;
  SuperiorFunctionalLocation: string;
  FuncnlLocIsDeactivated: boolean;
  FuncnlLocIsMarkedForDeletion: boolean;
  LastChangeDateTime: number;
}

const forever = '9999-12-31';

/** Equipment in validity segments and the functional locations where it is installed. Nothing here is ever deleted. */
export class TechnicalObjects {
  readonly equipment: Table<Equipment>;
  readonly locations: Table<FunctionalLocation>;
  readonly #organisation: Organisation;
  readonly #assets: FixedAssets;
  readonly #now: () => number;
  #next = 10_000_000;

  constructor(store: Store, organisation: Organisation, assets: FixedAssets, now: () => number) {
    this.#organisation = organisation;
    this.#assets = assets;
    this.#now = now;
    this.equipment = new Table(
      store,
      ['Equipment', 'ValidityEndDate'],
      [
        'Equipment',
        'TechnicalObjectSortCode',
        'InventoryNumber',
        'SuperordinateEquipment',
        'FunctionalLocation',
        'CostCenter',
        'MasterFixedAsset',
        'ManufacturerSerialNumber',
      ],
    );
    this.locations = new Table(store, ['FunctionalLocation'], ['SuperiorFunctionalLocation', 'InventoryNumber']);
  }

  /** Adds a functional location under an existing superior. */
  addLocation(location: Partial<FunctionalLocation> & { FunctionalLocation: string }, user = 'LOADER'): FunctionalLocation {
    const superior = location.SuperiorFunctionalLocation ?? '';
    if (superior !== '') this.location(superior);
    if (this.locations.get(location.FunctionalLocation))
      throw new Refusal('alreadyThere', ['Functional location', location.FunctionalLocation], 'FunctionalLocation');
    if (location['CostCenter']) this.#organisation.costCentre(String(location['CostCenter']), this.#today());
    return this.locations.insert({
      FuncLocationStructure: 'YBM',
      FunctionalLocationCategory: 'M',
      EquipmentInstallationIsAllowed: true,
      FunctionalLocationIsActive: true,
      FuncnlLocIsDeleted: false,
      FunctionalLocationName: '',
      ...location,
      FunctionalLocationLabelName: location.FunctionalLocation,
      SuperiorFunctionalLocation: superior,
      FuncnlLocIsDeactivated: false,
      FuncnlLocIsMarkedForDeletion: false,
      CreatedByUser: user,
      CreationDate: this.#today(),
      LastChangedByUser: '',
      LastChangeDateTime: this.#now(),
    });
  }

  location(location: string): FunctionalLocation {
    const row = this.locations.get(location);
    if (!row) throw new Refusal('unknownFunctionalLocation', [location], 'FunctionalLocation');
    return row;
  }

  changeLocation(location: string, changes: Partial<FunctionalLocation>, user: string): FunctionalLocation {
    if (changes.SuperiorFunctionalLocation) this.location(changes.SuperiorFunctionalLocation);
    if (changes['CostCenter']) this.#organisation.costCentre(String(changes['CostCenter']), this.#today());
    return this.locations.update(this.location(location), { ...changes, LastChangedByUser: user, LastChangeDateTime: this.#now() });
  }

  /** Creates equipment in one segment that ends never. Installation is an action of its own; a superior can be given at once. */
  create(given: Partial<Equipment>, user = 'LOADER'): Equipment {
    const today = this.#today();
    const superior = given.SuperordinateEquipment ?? '';
    if (superior !== '') this.current(superior);
    this.#checkAssignment(given, given.ValidityStartDate ?? today);
    const number = given.Equipment || String(++this.#next);
    if (this.equipment.by('Equipment', number).length > 0) throw new Refusal('alreadyThere', ['Equipment', number], 'Equipment');
    const location = given.FunctionalLocation ?? '';
    return this.equipment.insert({
      EquipmentCategory: 'M',
      ControllingArea: 'A000',
      FixedAsset: '0',
      ...given,
      Equipment: number,
      ValidityStartDate: given.ValidityStartDate ?? today,
      ValidityEndDate: forever,
      ValidityEndTime: '23:59:59',
      EquipmentName: given.EquipmentName ?? '',
      SuperordinateEquipment: superior,
      FunctionalLocation: location,
      FunctionalLocationLabelName: location,
      FunctionalLocationName: location === '' ? '' : this.location(location).FunctionalLocationName,
      CostCenter: given.CostCenter ?? '',
      CompanyCode: given.CompanyCode ?? '',
      EquipmentIsAvailable: true,
      EquipmentIsInactive: false,
      EquipmentIsMarkedForDeletion: false,
      EquipmentIsInstalled: location !== '' || superior !== '',
      EquipUsagePeriodSequenceNumber: '1',
      CreationDate: today,
      CreatedByUser: user,
      LastChangedByUser: '',
      LastChangeDateTime: this.#now(),
    });
  }

  /** The segment that is valid without end. */
  current(equipment: string): Equipment {
    const row = this.equipment.get(equipment, forever);
    if (!row) throw new Refusal('unknownEquipment', [equipment], 'Equipment');
    return row;
  }

  /** Changes the current segment, or starts a new one when a later start of validity is given. */
  change(equipment: string, changes: Partial<Equipment>, user: string): Equipment {
    const row = this.current(equipment);
    const start = changes.ValidityStartDate ?? row.ValidityStartDate;
    if (start < row.ValidityStartDate) throw new Refusal('segmentBeforeStart', [start, row.ValidityStartDate], 'ValidityStartDate');
    this.#checkAssignment({ ...changes, CompanyCode: changes.CompanyCode ?? row.CompanyCode }, start);
    if (changes.SuperordinateEquipment) this.#checkSuperior(equipment, changes.SuperordinateEquipment);
    const installed =
      changes.SuperordinateEquipment === undefined ? {} : { EquipmentIsInstalled: changes.SuperordinateEquipment !== '' || row.FunctionalLocation !== '' };
    if (start > row.ValidityStartDate) this.#split(row, start);
    return this.equipment.update(row, { ...changes, ...installed, ValidityStartDate: start, LastChangedByUser: user, LastChangeDateTime: this.#now() });
  }

  /** Installs at a functional location or in superordinate equipment, from a date. */
  install(equipment: string, at: { functionalLocation: string; superordinate: string; position: string; date: string }, user: string): Equipment {
    const row = this.current(equipment);
    if (row.EquipmentIsInactive) throw new Refusal('equipmentInactive', [equipment], 'Equipment');
    if (row.EquipmentIsInstalled) throw new Refusal('alreadyInstalled', [equipment], 'Equipment');
    if ((at.functionalLocation === '') === (at.superordinate === '')) throw new Refusal('installedBoth', [], 'FunctionalLocation');
    if (at.superordinate !== '') this.#checkSuperior(equipment, at.superordinate);
    const location = at.functionalLocation === '' ? undefined : this.location(at.functionalLocation);
    if (at.date > row.ValidityStartDate) this.#split(row, at.date);
    return this.equipment.update(row, {
      FunctionalLocation: location?.FunctionalLocation ?? '',
      FunctionalLocationLabelName: location?.FunctionalLocation ?? '',
      FunctionalLocationName: location?.FunctionalLocationName ?? '',
      SuperordinateEquipment: at.superordinate,
      EquipInstallationPositionNmbr: at.position,
      EquipmentIsInstalled: true,
      EquipmentIsAvailable: false,
      ValidityStartDate: at.date > row.ValidityStartDate ? at.date : row.ValidityStartDate,
      LastChangedByUser: user,
      LastChangeDateTime: this.#now(),
      ...(location?.['CostCenter'] ? { CostCenter: String(location['CostCenter']) } : {}),
    });
  }

  dismantle(equipment: string, date: string, user: string): Equipment {
    const row = this.current(equipment);
    if (!row.EquipmentIsInstalled) throw new Refusal('notInstalled', [equipment], 'Equipment');
    if (date > row.ValidityStartDate) this.#split(row, date);
    return this.equipment.update(row, {
      FunctionalLocation: '',
      FunctionalLocationLabelName: '',
      FunctionalLocationName: '',
      SuperordinateEquipment: '',
      EquipInstallationPositionNmbr: '',
      EquipmentIsInstalled: false,
      EquipmentIsAvailable: true,
      ValidityStartDate: date > row.ValidityStartDate ? date : row.ValidityStartDate,
      LastChangedByUser: user,
      LastChangeDateTime: this.#now(),
    });
  }

  flag(equipment: string, flags: Partial<Equipment>, user: string): Equipment {
    return this.equipment.update(this.current(equipment), { ...flags, LastChangedByUser: user, LastChangeDateTime: this.#now() });
  }

  #checkAssignment(given: Partial<Equipment>, date: string): void {
    if (given['MaintenancePlant']) this.#organisation.companyOf(String(given['MaintenancePlant']));
    if (given.CompanyCode) this.#organisation.company(given.CompanyCode);
    if (given.CostCenter) this.#organisation.costCentre(given.CostCenter, date > this.#today() ? this.#today() : date);
    if (given['MasterFixedAsset']) this.#assets.active(given.CompanyCode ?? '', String(given['MasterFixedAsset']), String(given['FixedAsset'] ?? '0'));
    if (given['Currency']) this.#organisation.currency(String(given['Currency']));
  }

  #checkSuperior(equipment: string, superior: string): void {
    for (let at = superior, depth = 0; at !== '' && depth < 100; depth++) {
      if (at === equipment) throw new Refusal('hierarchyLoop', [equipment], 'SuperordinateEquipment');
      at = this.current(at).SuperordinateEquipment;
    }
  }

  /** Ends what the current segment said on the day before `start`. */
  #split(row: Equipment, start: string): void {
    const end = new Date(Date.parse(start) - 86_400_000).toISOString().slice(0, 10);
    this.equipment.insert({ ...row, ValidityEndDate: end });
    this.equipment.update(row, { EquipUsagePeriodSequenceNumber: String(Number(row['EquipUsagePeriodSequenceNumber']) + 1) });
  }

  #today(): string {
    return new Date(this.#now()).toISOString().slice(0, 10);
  }
}
