import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import type { MappingRow } from '#mapping/row';
import type { EntityType, Field } from '#spi/odata-type';
import { costCentres } from '#connectors/s4hana/cost-centre';
import { asset, equipment } from '#connectors/s4hana/equipment';
import { functionalLocation } from '#connectors/s4hana/functional-location';
import { glAccounts } from '#connectors/s4hana/gl-account';
import { goodsIssue } from '#connectors/s4hana/goods-issue';
import { goodsReceipt } from '#connectors/s4hana/goods-receipt';
import { materialDocument } from '#connectors/s4hana/material-document';
import { businessPartner } from '#connectors/s4hana/partner';
import { product } from '#connectors/s4hana/product';
import { orderTypes } from '#connectors/s4hana/purchase-order';
import { purchaseRequisition } from '#connectors/s4hana/purchase-requisition';
import { requisitionTypes } from '#connectors/s4hana/purchase-requisition-types';
import { productStorageLocation, stock, supplyPlanning } from '#connectors/s4hana/stock';
import { invoiceTypes } from '#connectors/s4hana/supplier-invoice';

const file = new URL('../../../../shared/specs/sap/fields.tsv', import.meta.url);
const skip = existsSync(file) ? false : 'shared/ is not beside the repository';

interface Published {
  readonly type: string;
  readonly length: number | undefined;
  readonly precision: number | undefined;
  readonly scale: number | undefined;
  readonly key: boolean;
  readonly creatable: boolean;
  readonly updatable: boolean;
}

/** Properties by `service/set/property`. */
function published(): ReadonlyMap<string, Published> {
  const whole = (text: string | undefined): number | undefined => (text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined);
  return new Map(
    readFileSync(file, 'utf8')
      .split('\n')
      .slice(1)
      .filter((line) => line !== '')
      .map((line) => {
        const [service, set, , property, type = '', length, precision, scale, key, creatable, updatable] = line.split('\t');
        return [
          `${service}/${set}/${property}`,
          {
            type,
            length: whole(length),
            precision: whole(precision),
            scale: whole(scale),
            key: key === 'K',
            creatable: creatable !== 'N',
            updatable: updatable !== 'N',
          },
        ];
      }),
  );
}

/** Which published types each of our kinds may read. */
const types: Readonly<Record<Field['kind'], readonly string[]>> = {
  text: ['String'],
  id: ['String'],
  digits: ['String'],
  decimal: ['Decimal'],
  day: ['DateTime', 'Date'],
  time: ['Time', 'TimeOfDay'],
  instant: ['DateTimeOffset'],
  boolean: ['Boolean'],
  flag: ['String'],
  integer: ['Int32', 'Byte', 'Int16'],
};

const roots: readonly (readonly [service: string, type: EntityType])[] = [
  ['API_PRODUCT_SRV', product],
  ['API_PRODUCT_SRV', productStorageLocation],
  ['API_PRODUCT_SRV', supplyPlanning],
  ['API_MATERIAL_STOCK_SRV', stock],
  ['API_BUSINESS_PARTNER', businessPartner],
  ['API_COSTCENTER_SRV', costCentres],
  ['API_EQUIPMENT', equipment],
  ['API_FUNCTIONALLOCATION', functionalLocation],
  ['API_PURCHASEREQ_PROCESS_SRV', requisitionTypes.v2.header],
  ['CE_PURCHASEREQUISITION_0001', requisitionTypes.v4.header],
  ['API_PURCHASEORDER_PROCESS_SRV', orderTypes.v2],
  ['CE_PURCHASEORDER_0001', orderTypes.v4],
  ['API_MATERIAL_DOCUMENT_SRV', materialDocument],
  ['API_SUPPLIERINVOICE_PROCESS_SRV', invoiceTypes.header],
];
const withChildren = ([service, type]: readonly [string, EntityType]): (readonly [string, EntityType])[] => [
  [service, type],
  ...[...type.navigations.values()].flatMap((one) => withChildren([service, one.type])),
];
/** Published as well with a service that shows no texts: its properties are compared, where it leads is not. */
const alone: readonly (readonly [string, EntityType])[] = [['API_JOURNALENTRYITEMBASIC_SRV', glAccounts]];
const all = [...roots.flatMap(withChildren), ...alone];

test('every property that is sent or read is published, with its type, length and key', { skip }, () => {
  const known = published();
  for (const [service, type] of all) {
    for (const field of type.fields.values()) {
      const name = `${service}/${type.set}/${field.wire}`;
      const one = known.get(name);
      assert.ok(one, `${name} is not published`);
      assert.ok(types[field.kind].includes(one.type), `${name} is ${one.type}, not ${field.kind}`);
      if (field.kind === 'decimal') {
        assert.equal(field.length, one.precision, `${name}: digits`);
        if (one.scale !== undefined) assert.equal(field.scale, one.scale, `${name}: places`);
      } else if (one.length !== undefined) assert.equal(field.kind === 'flag' ? 1 : field.length, one.length, `${name}: length`);
      assert.equal(field.key, field.wire === 'TextObjectType' || field.wire === 'DocumentText' ? false : one.key, `${name}: key`);
    }
    for (const { wire } of alone.some(([, one]) => one === type) ? [] : type.navigations.values())
      assert.equal(known.get(`${service}/${type.set}/${wire}`)?.type.slice(0, 3), 'NAV', `${service}/${type.set}/${wire} is no navigation`);
  }
});

test('no property that the service computes can be sent', { skip }, () => {
  const known = published();
  for (const [service, type] of all) {
    for (const field of type.fields.values()) {
      const one = known.get(`${service}/${type.set}/${field.wire}`);
      if (one && !one.creatable && !one.updatable) assert.ok(field.readOnly, `${service}/${type.set}/${field.wire} is computed and could be sent`);
    }
  }
});

/** Where a mapping row ends on the wire; the connector's own members are lower case. */
const written: readonly (readonly [rows: readonly MappingRow[], root: EntityType])[] = [
  [asset.rows, equipment],
  [goodsIssue.rows, materialDocument],
  [goodsReceipt.rows, materialDocument],
  [purchaseRequisition.rows, requisitionTypes.v4.header],
];

function fieldAt(root: EntityType, path: string): Field | undefined {
  let here = root;
  const steps = path.split('.').map((step) => step.replace('[]', ''));
  for (const step of steps.slice(0, -1)) {
    const next = here.navigationsByName.get(step);
    if (!next) return undefined;
    here = next.type;
  }
  return here.byName.get(steps.at(-1) ?? '');
}

test('descriptive texts are shortened to exactly what fits, and nothing else is shortened', () => {
  const descriptive = new Set(['name', 'text', 'lines[].text', 'manufacturer', 'model']);
  for (const [rows, root] of written) {
    for (const row of rows.filter(({ direction }) => direction !== 'in')) {
      const cut = /truncate\((\d+)\)/.exec(row.via ?? '')?.[1];
      assert.equal(
        cut !== undefined,
        descriptive.has(row.ours),
        `${row.ours}: ${cut === undefined ? 'is not shortened' : 'is an identifier and is shortened'}`,
      );
      const field = fieldAt(root, row.theirs);
      if (cut !== undefined) assert.equal(Number(cut), field?.length, `${row.ours}: ${row.theirs} holds ${field?.length} characters`);
      assert.ok(field !== undefined || /(^|\.)[a-z][A-Za-z]*$/.test(row.theirs), `${row.theirs} is neither a property nor the connector's own`);
      // Where equipment stands is written by an action; every other row ends in a property that can be sent.
      assert.ok(field?.readOnly !== true || row.theirs === 'FunctionalLocation', `${row.theirs} cannot be sent`);
    }
  }
});
