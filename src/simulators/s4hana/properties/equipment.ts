import { properties } from '../odata/property.ts';

/** Equipment, one row per validity segment; 9999-12-31 ends the current one. */
export const equipment = properties(`
  Equipment:S18:k!u ValidityEndDate:D:k!c!u ValidityEndTime:T:!c!u ValidityStartDate:D EquipmentName:S40 EquipmentCategory:S1 TechnicalObjectType:S10
  AuthorizationGroup:S4 InventoryNumber:S25 OperationStartDate:D AcquisitionValue:P13.3 Currency:S5 AcquisitionDate:D AssetManufacturerName:S30
  ManufacturerPartTypeName:S20 ManufacturerCountry:S3 ConstructionYear:N4 ConstructionMonth:N2 ManufacturerPartNmbr:S30 ManufacturerSerialNumber:S30
  MaintenancePlant:S4 AssetLocation:S10 AssetRoom:S8 PlantSection:S3 WorkCenter:S8 WorkCenterPlant:S4:!c!u ABCIndicator:S1
  MaintObjectFreeDefinedAttrib:S30 CompanyCode:S4 BusinessArea:S4 MasterFixedAsset:S12 FixedAsset:N4 CostCenter:S10 ControllingArea:S4
  WBSElementExternalID:S24 SettlementOrder:S12 MaintenancePlanningPlant:S4 MaintenancePlannerGroup:S3 MainWorkCenter:S8 MainWorkCenterPlant:S4
  CatalogProfile:S9 FunctionalLocation:S30:!c!u FunctionalLocationLabelName:S40 FunctionalLocationName:S40:!c!u EquipInstallationPositionNmbr:S4
  SuperordinateEquipment:S18 TechnicalObjectSortCode:S25 Material:S18 SerialNumber:S18 CreationDate:D:!c!u CreatedByUser:S12:!c!u
  LastChangedByUser:S12:!c!u LastChangeDateTime:Z:!c!u EquipUsagePeriodSequenceNumber:N3:!c!u EquipmentIsAvailable:B:!c!u
  EquipmentIsMarkedForDeletion:B:!c!u EquipmentIsInstalled:B:!c!u EquipmentIsInactive:B:!c!u
`);
