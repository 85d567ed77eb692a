import { properties } from '../odata/property.ts';
import type { Service } from '../odata/service.ts';
import * as document from '../properties/material-document.ts';
import * as table from '../properties/reservation.ts';
import type { Row } from '../world/store.ts';
import type { World } from '../world/world.ts';

/** Goods movements and reservations. Items of a movement exist only inside their document. */
export function goodsServices(world: World): Service[] {
  const { movements, reservations } = world;
  const text = (row: Row, name: string): string => String(row[name] ?? '');
  const itemsOf = (row: Row): readonly Row[] =>
    movements.items.by('MaterialDocument', row['MaterialDocument']).filter((one) => one['MaterialDocumentYear'] === row['MaterialDocumentYear']);
  const cancelled = (given: Row, user: string): Row =>
    movements.cancel(text(given, 'MaterialDocumentYear'), text(given, 'MaterialDocument'), {
      item: given['MaterialDocumentItem'] === undefined ? undefined : text(given, 'MaterialDocumentItem'),
      postingDate: given['PostingDate'] ? text(given, 'PostingDate') : undefined,
      user,
    });
  return [
    {
      id: 'API_MATERIAL_DOCUMENT_SRV',
      protocol: 'v2',
      root: '/sap/opu/odata/sap/API_MATERIAL_DOCUMENT_SRV/',
      namespace: 'API_MATERIAL_DOCUMENT_SRV',
      component: 'MM-IM-GF',
      sets: [
        {
          name: 'A_MaterialDocumentHeader',
          type: 'A_MaterialDocumentHeaderType',
          properties: document.documentHeader,
          table: movements.headers,
          create: (input, context) =>
            movements.post(
              input.values,
              (input.children['to_MaterialDocumentItem'] ?? []).map(({ values }) => values),
              context.user,
            ),
          navigations: { to_MaterialDocumentItem: { to: 'A_MaterialDocumentItem', many: true, follow: itemsOf } },
        },
        {
          name: 'A_MaterialDocumentItem',
          type: 'A_MaterialDocumentItemType',
          properties: document.documentItem,
          table: movements.items,
          navigations: {
            to_MaterialDocumentHeader: {
              to: 'A_MaterialDocumentHeader',
              many: false,
              follow: (row) => [movements.headers.get(row['MaterialDocumentYear'], row['MaterialDocument'])].filter((one) => one !== undefined),
            },
          },
        },
      ],
      operations: [
        {
          name: 'Cancel',
          method: 'POST',
          parameters: properties('MaterialDocumentYear:N4:k MaterialDocument:S10:k PostingDate:D'),
          run: (given, { user }) => ({ set: 'A_MaterialDocumentHeader', row: cancelled(given, user) }),
        },
        {
          name: 'CancelItem',
          method: 'POST',
          parameters: properties('MaterialDocumentYear:N4:k MaterialDocument:S10:k MaterialDocumentItem:N4:k PostingDate:D'),
          run: (given, { user }) => ({ set: 'A_MaterialDocumentItem', row: itemsOf(cancelled(given, user))[0] ?? {} }),
        },
      ],
    },
    {
      id: 'API_RESERVATION_DOCUMENT_SRV',
      protocol: 'v2',
      root: '/sap/opu/odata/sap/API_RESERVATION_DOCUMENT_SRV/',
      namespace: 'API_RESERVATION_DOCUMENT_SRV',
      component: 'MM-IM-RS',
      sets: [
        {
          name: 'A_ReservationDocumentHeader',
          type: 'A_ReservationDocumentHeaderType',
          properties: table.reservation,
          table: reservations.headers,
          create: (input) =>
            reservations.create(
              input.values,
              (input.children['to_ReservationDocumentItem'] ?? []).map(({ values }) => values),
              world.today(),
            ),
          navigations: {
            to_ReservationDocumentItem: {
              to: 'A_ReservationDocumentItem',
              many: true,
              follow: (row) => reservations.items.by('Reservation', row['Reservation']),
            },
          },
        },
        {
          name: 'A_ReservationDocumentItem',
          type: 'A_ReservationDocumentItemType',
          properties: table.reservationItem,
          table: reservations.items,
          change: (row, changes) => reservations.change(text(row, 'Reservation'), text(row, 'ReservationItem'), changes),
          remove: (row) => reservations.remove(text(row, 'Reservation'), text(row, 'ReservationItem')),
        },
      ],
    },
  ];
}
