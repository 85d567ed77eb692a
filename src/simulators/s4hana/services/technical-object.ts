import { properties } from '../odata/property.ts';
import type { Operation, Service } from '../odata/service.ts';
import * as equipment from '../properties/equipment.ts';
import * as location from '../properties/functional-location.ts';
import type { Row } from '../world/store.ts';
import type { World } from '../world/world.ts';

const flags: Readonly<Record<string, Row>> = {
  SetEquipmentToInactive: { EquipmentIsInactive: true, EquipmentIsAvailable: false },
  ResetEquipmentFromInactive: { EquipmentIsInactive: false, EquipmentIsAvailable: true },
  SetEquipToMarkedForDeletion: { EquipmentIsMarkedForDeletion: true },
  RsetEquipFromMarkedForDeletion: { EquipmentIsMarkedForDeletion: false },
};
const locationFlags: Readonly<Record<string, Row>> = {
  SetFuncnlLocationToInactive: { FuncnlLocIsDeactivated: true, FunctionalLocationIsActive: false },
  RsetFuncnlLocationFromInactive: { FuncnlLocIsDeactivated: false, FunctionalLocationIsActive: true },
  SetFuncLocToMarkedForDeletion: { FuncnlLocIsMarkedForDeletion: true },
  RsetFuncLocFromMrkdForDeletion: { FuncnlLocIsMarkedForDeletion: false },
};

/** Equipment and functional locations: no deletion anywhere, installation by function import. */
export function technicalServices(world: World): Service[] {
  const { technical } = world;
  const text = (row: Row, name: string): string => String(row[name] ?? '');
  const key = 'Equipment:S18:k ValidityEndDate:D:k';
  const dummy = (name: string): { plain: unknown } => ({ plain: { [name]: { Dummy: '' } } });
  return [
    {
      id: 'API_EQUIPMENT',
      protocol: 'v2',
      root: '/sap/opu/odata/sap/API_EQUIPMENT/',
      namespace: 'cds_api_equipment',
      component: 'PM-EQM-EQ',
      sets: [
        {
          name: 'Equipment',
          type: 'EquipmentType',
          properties: equipment.equipment,
          table: technical.equipment,
          etag: 'optional',
          create: (input, { user }) => technical.create(input.values, user),
          change: (row, changes, { user }) => technical.change(text(row, 'Equipment'), changes, user),
        },
      ],
      operations: [
        {
          name: 'InstallEquipment',
          method: 'POST',
          parameters: properties(
            `${key} SuperordinateEquipment:S18 EquipInstallationPositionNmbr:S4 FunctionalLocation:S40 EquipmentInstallationDate:D EquipmentInstallationTime:T`,
          ),
          run: (given, { user }) => ({
            set: 'Equipment',
            row: technical.install(
              text(given, 'Equipment'),
              {
                functionalLocation: text(given, 'FunctionalLocation'),
                superordinate: text(given, 'SuperordinateEquipment'),
                position: text(given, 'EquipInstallationPositionNmbr'),
                date: text(given, 'EquipmentInstallationDate') || world.today(),
              },
              user,
            ),
          }),
        },
        {
          name: 'DismantleEquipment',
          method: 'POST',
          parameters: properties(`${key} EquipmentDismantlingDate:D EquipmentDismantlingTime:T`),
          run: (given, { user }) => ({
            set: 'Equipment',
            row: technical.dismantle(text(given, 'Equipment'), text(given, 'EquipmentDismantlingDate') || world.today(), user),
          }),
        },
        ...Object.entries(flags).map(([name, change]): Operation => ({
          name,
          method: 'POST',
          parameters: properties(key),
          run: (given, { user }) => {
            technical.flag(text(given, 'Equipment'), change, user);
            return dummy(name);
          },
        })),
      ],
    },
    {
      id: 'API_FUNCTIONALLOCATION',
      protocol: 'v2',
      root: '/sap/opu/odata/sap/API_FUNCTIONALLOCATION/',
      namespace: 'cds_api_functionallocation',
      component: 'PM-EQM-FL',
      sets: [
        {
          name: 'FunctionalLocation',
          type: 'FunctionalLocationType',
          properties: location.functionalLocation,
          table: technical.locations,
          etag: 'optional',
          create: (input, { user }) => technical.addLocation({ ...input.values, FunctionalLocation: text(input.values, 'FunctionalLocation') }, user),
          change: (row, changes, { user }) => technical.changeLocation(text(row, 'FunctionalLocation'), changes, user),
        },
      ],
      operations: Object.entries(locationFlags).map(([name, change]): Operation => ({
        name,
        method: 'POST',
        parameters: properties('FunctionalLocation:S30:k'),
        run: (given, { user }) => {
          technical.changeLocation(text(given, 'FunctionalLocation'), change, user);
          return dummy(name);
        },
      })),
    },
  ];
}
