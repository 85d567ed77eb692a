import { properties } from '../odata/property.ts';

/** A place where equipment is installed. */
export const functionalLocation = properties(`
  FunctionalLocation:S30:k!u FunctionalLocationLabelName:S40:!c!u FunctionalLocationName:S40 FuncLocationStructure:S5 FunctionalLocationCategory:S1
  SuperiorFunctionalLocation:S30 FuncnlLocPosInSuperiorTechObj:S4 TechnicalObjectType:S10 InventoryNumber:S25 AcquisitionValue:P13.3 Currency:S5
  AcquisitionDate:D AssetManufacturerName:S30 ManufacturerSerialNumber:S30 MaintenancePlant:S4 AssetLocation:S10 PlantSection:S3 WorkCenter:S8
  ABCIndicator:S1 CompanyCode:S4 BusinessArea:S4 MasterFixedAsset:S12 FixedAsset:N4 CostCenter:S10 ControllingArea:S4 MaintenancePlanningPlant:S4
  MaintenancePlannerGroup:S3 MainWorkCenter:S8 CatalogProfile:S9 EquipmentInstallationIsAllowed:B LastChangeDateTime:Z:!c!u
  FuncnlLocIsMarkedForDeletion:B:!c!u FuncnlLocIsDeleted:B:!c!u FunctionalLocationIsActive:B:!c!u FuncnlLocIsDeactivated:B:!c!u CreatedByUser:S12:!c!u
  CreationDate:D:!c!u LastChangedByUser:S12:!c!u
`);
