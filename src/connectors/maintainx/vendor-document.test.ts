import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { maintainx } from './connector.ts';

const file = new URL('../../../../shared/specs/maintainx/maintainx-openapi.json', import.meta.url);
const skip = existsSync(file) ? false : 'shared/ is not beside the repository';
type Node = Record<string, unknown>;
const isNode = (value: unknown): value is Node => value !== null && typeof value === 'object';
const document = (): Node => JSON.parse(readFileSync(file, 'utf8')) as Node;

/** The node behind a reference, or the node itself. */
function resolved(root: Node, value: unknown): Node {
  if (!isNode(value)) return {};
  if (typeof value['$ref'] !== 'string') return value;
  return resolved(
    root,
    value['$ref']
      .split('/')
      .slice(1)
      .reduce<unknown>((here, step) => (isNode(here) ? here[step] : undefined), root),
  );
}

/** Names of the members of a schema, also of its alternatives and of the rows of a list. */
function membersOf(root: Node, schema: unknown): Set<string> {
  const node = resolved(root, schema);
  const own = isNode(node['properties']) ? Object.keys(node['properties']) : [];
  const further = ['oneOf', 'anyOf', 'allOf'].flatMap((name) => (Array.isArray(node[name]) ? (node[name] as unknown[]) : []));
  return new Set([...own, ...[...further, node['items']].filter(isNode).flatMap((one) => [...membersOf(root, one)])]);
}

const operation = (root: Node, method: string, path: string): Node => resolved(root, resolved(root, (root['paths'] as Node)[path])[method]);
const bodySchema = (root: Node, call: Node): unknown =>
  resolved(root, resolved(root, resolved(root, call['requestBody'])['content'])['application/json'])['schema'];
const parameters = (root: Node, call: Node): Node[] => (Array.isArray(call['parameters']) ? call['parameters'].map((one) => resolved(root, one)) : []);

/** What the connector writes, by call: every member must stand in the vendor's document. */
const written: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'post',
    '/workorders',
    ['title', 'description', 'priority', 'type', 'assetId', 'locationId', 'categories', 'assignees', 'dueDate', 'externalData', 'extraFields', 'partsUsed'],
  ],
  [
    'patch',
    '/workorders/{id}',
    ['title', 'description', 'priority', 'type', 'assetId', 'locationId', 'categories', 'assignees', 'dueDate', 'extraFields', 'partsUsed'],
  ],
  ['patch', '/workorders/{id}/status', ['status']],
  ['post', '/workorders/{id}/costs', ['type', 'costType', 'costPerUnit', 'description']],
  ['post', '/assets', ['name', 'description', 'parentId', 'locationId', 'assetTypes', 'manufacturer', 'model', 'serialNumber', 'depreciation', 'extraFields']],
  [
    'patch',
    '/assets/{id}',
    ['name', 'description', 'parentId', 'locationId', 'assetTypes', 'manufacturer', 'model', 'serialNumber', 'depreciation', 'extraFields'],
  ],
  ['post', '/assets/{assetId}/status', ['status', 'customStatusId', 'startedAt']],
  ['post', '/locations', ['name', 'parentId', 'extraFields']],
  ['patch', '/locations/{id}', ['name', 'parentId', 'extraFields']],
  ['post', '/parts', ['name', 'description', 'barcode', 'unitCost', 'partTypes', 'vendors', 'extraFields']],
  ['patch', '/parts/{id}', ['name', 'description', 'barcode', 'unitCost', 'partTypes', 'vendors', 'extraFields', 'locations']],
  ['post', '/vendors', ['name', 'description', 'emails', 'phoneNumbers', 'extraFields']],
  ['patch', '/vendors/{id}', ['name', 'description', 'extraFields']],
  ['post', '/users', ['firstName', 'lastName', 'email', 'hourlyRate', 'role', 'inviteType', 'externalData']],
  ['patch', '/users/{id}', ['firstName', 'lastName', 'email', 'hourlyRate', 'externalData']],
  ['post', '/purchaseorders', ['vendorId', 'overrideNumber', 'note', 'items', 'extraFields']],
  ['patch', '/purchaseorders/{id}', ['vendorId', 'overrideNumber', 'note', 'extraFields']],
  ['patch', '/purchaseorders/{id}/status', ['status']],
  ['patch', '/purchaseorders/{id}/fulfillment', ['items']],
  ['post', '/meterreadings', ['meterId', 'value', 'readingDate']],
  ['post', '/subscriptions', ['type', 'url']],
];
for (const [method, path, members] of written) {
  test(`${method.toUpperCase()} ${path} takes what the connector writes`, { skip }, () => {
    const root = document();
    const call = operation(root, method, path);
    const known = membersOf(root, bodySchema(root, call));
    assert.deepEqual(
      members.filter((member) => !known.has(member)),
      [],
    );
    if (path !== '/subscriptions')
      assert.ok(
        parameters(root, call).some(({ name }) => name === 'skipWebhook'),
        'skipWebhook is not a parameter',
      );
  });
}

/** What the connector asks of lists. */
const listed: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  [
    '/workorders',
    ['updatedAt[gte]', 'createdAt[gte]', 'sort', 'cursor', 'limit'],
    ['assignees', 'categories', 'parts', 'vendor_ids', 'extra_fields', 'part_extra_fields', 'time_items', 'expenditures'],
  ],
  [
    '/assets',
    ['updatedAt[gte]', 'sort', 'customFieldName'],
    ['barcode', 'asset_types', 'extra_fields', 'vendor_ids', 'depreciation', 'status', 'manufacturer', 'model'],
  ],
  ['/parts', ['updatedAt[gte]', 'sort', 'customFieldName'], ['extra_fields', 'vendors']],
  ['/locations', ['customFieldName'], ['extra_fields', 'barcode']],
  ['/vendors', ['customFieldName'], ['extra_fields']],
  ['/users', ['email'], ['role']],
  ['/purchaseorders', ['updatedAt[gte]', 'createdAt[gte]', 'sort', 'customFieldName'], []],
  ['/meters', ['cursor'], ['asset', 'last_reading']],
];
for (const [path, names, expand] of listed) {
  test(`GET ${path} has the filters and the expansions that the connector asks for`, { skip }, () => {
    const root = document();
    const known = parameters(root, operation(root, 'get', path));
    assert.deepEqual(
      names.filter((name) => !known.some((one) => one['name'] === name)),
      [],
    );
    const expandable = resolved(root, resolved(root, resolved(root, known.find((one) => one['name'] === 'expand') ?? {})['schema'])['items'])['enum'];
    assert.deepEqual(
      expand.filter((name) => !Array.isArray(expandable) || !expandable.includes(name)),
      [],
    );
  });
}

test('every subscribed event type is one of the vendor', { skip }, () => {
  const known = Object.keys(document()['x-webhooks'] as Node);
  assert.deepEqual(
    Object.keys(maintainx.webhooks?.types ?? {}).filter((type) => !known.includes(type)),
    [],
  );
});
