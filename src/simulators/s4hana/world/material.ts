import { add, compare, divide, isDecimal, multiply, negate, round, scale, sign, subtract, type Decimal } from '#base/decimal';
import { currencyScale } from '#base/money';
import type { Organisation } from './organisation.ts';
import { Refusal } from './refusal.ts';
import { Table, type Row, type Store } from './store.ts';
import type { Units } from './units.ts';

export interface Material extends Row {
  Product: string;
  ProductType: string;
  BaseUnit: string;
  CrossPlantStatus: string;
  IsMarkedForDeletion: boolean;
  ProductGroup: string;
  LastChangeDateTime: number;
}

export interface MaterialPlant extends Row {
  Product: string;
  Plant: string;
  PurchasingGroup: string;
  ProfileCode: string;
  IsMarkedForDeletion: boolean;
}

export interface Valuation extends Row {
  Product: string;
  ValuationArea: string;
  InventoryValuationProcedure: string;
  StandardPrice: string;
  MovingAveragePrice: string;
  PriceUnitQty: string;
  Currency: string;
  /** Quantity and value behind the prices; not on the wire. */
  TotalStock: string;
  TotalValue: string;
}

export interface Stock extends Row {
  Material: string;
  Plant: string;
  StorageLocation: string;
  InventoryStockType: string;
  MaterialBaseUnit: string;
  MatlWrhsStkQtyInMatlBaseUnit: string;
}

/** What a loader says about a material. Quantities are decimals in the base unit; prices are per `priceUnit` in the currency of the plant's company code. */
export interface NewMaterial {
  readonly material: string;
  readonly description: string;
  readonly baseUnit: string;
  readonly type?: string;
  readonly group?: string;
  readonly oldNumber?: string;
  readonly manufacturerPart?: string;
  readonly weight?: { readonly gross: Decimal; readonly unit: string };
  readonly german?: string;
  readonly units?: readonly { readonly unit: string; readonly numerator: string; readonly denominator: string }[];
  readonly plants: readonly {
    readonly plant: string;
    readonly storageLocations: readonly string[];
    readonly bins?: Readonly<Record<string, string>>;
    readonly procedure: 'S' | 'V';
    readonly price: Decimal;
    readonly priceUnit?: Decimal;
    readonly reorderPoint?: Decimal;
    readonly safetyStock?: Decimal;
    readonly maximumStock?: Decimal;
    readonly lotSize?: Decimal;
    readonly deliveryDays?: number;
    readonly mrpType?: string;
    readonly purchasingGroup?: string;
  }[];
}

/** Materials with their plants, units, planning data, valuation and stock. */
export class Materials {
  readonly products: Table<Material>;
  readonly descriptions: Table<Row>;
  readonly plants: Table<MaterialPlant>;
  readonly storageLocations: Table<Row>;
  readonly planning: Table<Row>;
  readonly valuations: Table<Valuation>;
  readonly units: Table<Row>;
  readonly stock: Table<Stock>;
  readonly #organisation: Organisation;
  readonly #unitCodes: Units;
  readonly #now: () => number;

  constructor(store: Store, organisation: Organisation, unitCodes: Units, now: () => number) {
    this.#organisation = organisation;
    this.#unitCodes = unitCodes;
    this.#now = now;
    this.products = new Table(store, ['Product'], ['ProductOldID', 'ProductManufacturerNumber']);
    this.descriptions = new Table(store, ['Product', 'Language'], ['Product']);
    this.plants = new Table(store, ['Product', 'Plant'], ['Product']);
    this.storageLocations = new Table(store, ['Product', 'Plant', 'StorageLocation'], ['Product']);
    this.planning = new Table(store, ['Product', 'Plant'], ['Product']);
    this.valuations = new Table(store, ['Product', 'ValuationArea', 'ValuationType'], ['Product']);
    this.units = new Table(store, ['Product', 'AlternativeUnit'], ['Product']);
    this.stock = new Table(store, ['Material', 'Plant', 'StorageLocation', 'InventoryStockType'], ['Material']);
  }

  /** Adds a material with its plants; refuses unknown plants, storage locations and units. Stock starts at zero: post 561. */
  add(material: NewMaterial): Material {
    if (!this.#unitCodes.has(material.baseUnit)) throw new Refusal('unknownUnit', [material.baseUnit, 'EN']);
    const now = this.#now();
    const day = new Date(now).toISOString().slice(0, 10);
    const row = this.products.insert({
      Product: material.material,
      ProductType: material.type ?? 'ERSA',
      BaseUnit: material.baseUnit,
      CrossPlantStatus: '',
      IsMarkedForDeletion: false,
      ProductGroup: material.group ?? 'L001',
      LastChangeDateTime: now,
      LastChangeDate: day,
      CreationDate: day,
      ProductOldID: material.oldNumber ?? '',
      ProductManufacturerNumber: material.manufacturerPart ?? '',
      GrossWeight: material.weight?.gross ?? '0',
      NetWeight: material.weight?.gross ?? '0',
      WeightUnit: material.weight?.unit ?? '',
      IndustrySector: 'M',
      ItemCategoryGroup: 'NORM',
    });
    this.descriptions.insert({ Product: row.Product, Language: 'EN', ProductDescription: material.description.slice(0, 40) });
    if (material.german !== undefined) this.descriptions.insert({ Product: row.Product, Language: 'DE', ProductDescription: material.german.slice(0, 40) });
    this.units.insert({
      Product: row.Product,
      AlternativeUnit: material.baseUnit,
      QuantityNumerator: '1',
      QuantityDenominator: '1',
      BaseUnit: material.baseUnit,
    });
    for (const { unit, numerator, denominator } of material.units ?? []) {
      if (!this.#unitCodes.has(unit)) throw new Refusal('unknownUnit', [unit, 'EN']);
      this.units.insert({
        Product: row.Product,
        AlternativeUnit: unit,
        QuantityNumerator: numerator,
        QuantityDenominator: denominator,
        BaseUnit: material.baseUnit,
      });
    }
    for (const plant of material.plants) this.#addPlant(row, plant, day);
    return row;
  }

  #addPlant(row: Material, plant: NewMaterial['plants'][number], day: string): void {
    const { Currency } = this.#organisation.companyOf(plant.plant);
    const key = { Product: row.Product, Plant: plant.plant };
    const planning = {
      MRPType: plant.mrpType ?? (plant.reorderPoint === undefined ? 'ND' : 'VB'),
      FixedLotSizeQuantity: plant.lotSize ?? '0',
      MinimumLotSizeQuantity: '0',
      MaximumLotSizeQuantity: '0',
      ProcurementType: 'F',
      BaseUnit: row.BaseUnit,
    };
    this.plants.insert({
      ...key,
      PurchasingGroup: plant.purchasingGroup ?? '001',
      ProfileCode: '',
      IsMarkedForDeletion: false,
      MaintenanceStatusName: 'KDLB',
      ...planning,
    });
    this.planning.insert({
      ...key,
      ...planning,
      ReorderThresholdQuantity: plant.reorderPoint ?? '0',
      SafetyStockQuantity: plant.safetyStock ?? '0',
      MaximumStockQuantity: plant.maximumStock ?? '0',
      LotSizingProcedure: plant.lotSize === undefined ? (plant.maximumStock === undefined ? 'EX' : 'HB') : 'FX',
      PlannedDeliveryDurationInDays: String(plant.deliveryDays ?? 5),
      DfltStorageLocationExtProcmt: plant.storageLocations[0] ?? '',
    });
    for (const location of plant.storageLocations) {
      this.#organisation.storageLocation(plant.plant, location);
      this.storageLocations.insert({
        ...key,
        StorageLocation: location,
        WarehouseStorageBin: plant.bins?.[location] ?? '',
        MaintenanceStatus: 'L',
        PhysicalInventoryBlockInd: '',
        CreationDate: day,
        IsMarkedForDeletion: false,
      });
      this.#stockRow(row, plant.plant, location, '01');
    }
    const price = round(plant.price, currencyScale(Currency));
    this.valuations.insert({
      Product: row.Product,
      ValuationArea: plant.plant,
      ValuationType: '',
      ValuationClass: '3040',
      PriceDeterminationControl: '2',
      InventoryValuationProcedure: plant.procedure,
      StandardPrice: plant.procedure === 'S' ? price : '0',
      MovingAveragePrice: price,
      PriceUnitQty: plant.priceUnit ?? '1',
      Currency,
      BaseUnit: row.BaseUnit,
      IsMarkedForDeletion: false,
      PriceLastChangeDate: day,
      TotalStock: '0',
      TotalValue: '0',
    });
  }

  /** A material that may be moved or bought. */
  usable(material: string): Material {
    const row = this.products.get(material);
    if (!row) throw new Refusal('unknownMaterial', [material], 'Material');
    if (row.IsMarkedForDeletion) throw new Refusal('materialDeleted', [material], 'Material');
    if (row.CrossPlantStatus !== '') throw new Refusal('materialBlocked', [material, row.CrossPlantStatus], 'Material');
    return row;
  }

  /** A usable material that is maintained in a plant and not blocked there. */
  inPlant(material: string, plant: string): { material: Material; plant: MaterialPlant } {
    const row = this.usable(material);
    const atPlant = this.plants.get(material, plant);
    if (!atPlant) throw new Refusal('materialNotInPlant', [material, plant], 'Plant');
    if (atPlant.IsMarkedForDeletion) throw new Refusal('materialDeleted', [material], 'Material');
    if (atPlant.ProfileCode !== '') throw new Refusal('materialBlocked', [material, atPlant.ProfileCode], 'Material');
    return { material: row, plant: atPlant };
  }

  /** Changes general data and bumps the change time. */
  change(material: string, changes: Partial<Material>): void {
    const row = this.products.get(material);
    if (!row) throw new Refusal('unknownMaterial', [material], 'Material');
    const now = this.#now();
    this.products.update(row, { ...changes, LastChangeDateTime: now, LastChangeDate: new Date(now).toISOString().slice(0, 10) });
  }

  description(material: string): string {
    return String(this.descriptions.get(material, 'EN')?.['ProductDescription'] ?? material);
  }

  /** A quantity in the base unit, by the material's own factors; to three places where the fraction has no end, as the system does. */
  toBase(material: Material, quantity: Decimal, unit: string): Decimal {
    if (unit === material.BaseUnit) return quantity;
    const factor = this.units.get(material.Product, unit);
    if (!factor) throw new Refusal('noConversion', [unit, material.BaseUnit, material.Product], 'EntryUnit');
    const ratio = { numerator: String(factor['QuantityNumerator']), denominator: String(factor['QuantityDenominator']) };
    return round(scale(quantity, ratio) ?? divide(multiply(quantity, ratio.numerator), ratio.denominator, 3), 3);
  }

  onHand(material: string, plant: string, storageLocation: string, stockType = '01'): Decimal {
    return this.stock.get(material, plant, storageLocation, stockType)?.MatlWrhsStkQtyInMatlBaseUnit ?? '0';
  }

  valuation(material: string, plant: string): Valuation {
    const row = this.valuations.get(material, plant, '');
    if (!row) throw new Refusal('materialNotInPlant', [material, plant], 'Plant');
    return row;
  }

  /** Moves a quantity in or out of a storage location. Refuses what is not there. */
  move(material: Material, place: { plant: string; storageLocation: string; stockType: string }, change: Decimal): void {
    const row = this.#stockRow(material, place.plant, place.storageLocation, place.stockType);
    const after = add(row.MatlWrhsStkQtyInMatlBaseUnit, change);
    if (compare(after, '0') < 0) throw new Refusal('deficit', [negate(after), material.BaseUnit, material.Product, place.plant, place.storageLocation]);
    this.stock.update(row, { MatlWrhsStkQtyInMatlBaseUnit: after });
  }

  /**
   * Changes valuated stock by a signed quantity. `offset` is the signed value on the other side (order price, original document);
   * without it the material's own price decides. Returns the value that inventory takes and the value of the other side; they differ by a price difference.
   */
  revalue(material: string, plant: string, quantity: Decimal, offset?: Decimal): { inventory: Decimal; other: Decimal } {
    const row = this.valuation(material, plant);
    const places = currencyScale(row.Currency);
    const after = add(row.TotalStock, quantity);
    const price = row.InventoryValuationProcedure === 'S' ? row.StandardPrice : row.MovingAveragePrice;
    const own = divide(multiply(price, quantity), row.PriceUnitQty, places);
    let inventory = row.InventoryValuationProcedure === 'S' ? own : (offset ?? own);
    if (sign(after) === 0 || (sign(quantity) < 0 && compare(add(row.TotalValue, inventory), '0') < 0)) inventory = negate(row.TotalValue);
    const value = add(row.TotalValue, inventory);
    const moving = sign(after) > 0 ? divide(multiply(value, row.PriceUnitQty), after, places) : row.MovingAveragePrice;
    this.valuations.update(row, { TotalStock: after, TotalValue: value, MovingAveragePrice: moving });
    return { inventory, other: offset ?? inventory };
  }

  /** Writes a price difference onto a moving average; returns what inventory takes, for a receipt that is still in stock. */
  absorb(material: string, plant: string, difference: Decimal, quantity: Decimal): Decimal {
    const row = this.valuation(material, plant);
    if (row.InventoryValuationProcedure === 'S' || sign(row.TotalStock) <= 0) return '0';
    const places = currencyScale(row.Currency);
    let share = compare(row.TotalStock, quantity) >= 0 ? difference : divide(multiply(difference, row.TotalStock), quantity, places);
    if (compare(add(row.TotalValue, share), '0') < 0) share = negate(row.TotalValue);
    const value = add(row.TotalValue, share);
    this.valuations.update(row, { TotalValue: value, MovingAveragePrice: divide(multiply(value, row.PriceUnitQty), row.TotalStock, places) });
    return share;
  }

  /** Sets a new price; returns by how much inventory is worth more. */
  setPrice(material: string, plant: string, price: Decimal): Decimal {
    if (!isDecimal(price)) throw new RangeError(`not a price: ${price}`);
    const row = this.valuation(material, plant);
    const value = divide(multiply(price, row.TotalStock), row.PriceUnitQty, currencyScale(row.Currency));
    const change = subtract(value, row.TotalValue);
    this.valuations.update(row, {
      TotalValue: value,
      MovingAveragePrice: price,
      ...(row.InventoryValuationProcedure === 'S' ? { StandardPrice: price } : {}),
      PriceLastChangeDate: new Date(this.#now()).toISOString().slice(0, 10),
    });
    return change;
  }

  #stockRow(material: Material, plant: string, storageLocation: string, stockType: string): Stock {
    return (
      this.stock.get(material.Product, plant, storageLocation, stockType) ??
      this.stock.insert({
        Material: material.Product,
        Plant: plant,
        StorageLocation: storageLocation,
        InventoryStockType: stockType,
        MaterialBaseUnit: material.BaseUnit,
        MatlWrhsStkQtyInMatlBaseUnit: '0',
        Batch: '',
        Supplier: '',
        Customer: '',
        InventorySpecialStockType: '',
      })
    );
  }
}
