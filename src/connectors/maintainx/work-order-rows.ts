import type { MappingRow, ValueMap } from '#mapping/row';

/** Parts of an order are its plan, and from the day it is done its consumption too: MaintainX keeps one list for both. */
const planned = "native.status != 'CANCELED' && native.status != 'SKIPPED'";
const used = "native.status == 'DONE'";
const time = "line.type == 'TIME'";
const expense = "line.type == 'EXPENSE' && !line.hub";
/** A partial record may have no status. */
const open = "!has(record.status) || record.status != 'completed'";

export const workOrderValues: readonly ValueMap[] = [
  {
    name: 'workOrderStatus',
    pairs: [
      { ours: 'open', theirs: 'OPEN' },
      { ours: 'inProgress', theirs: 'IN_PROGRESS' },
      { ours: 'onHold', theirs: 'ON_HOLD' },
      { ours: 'completed', theirs: 'DONE' },
      { ours: 'cancelled', theirs: 'CANCELED' },
    ],
    inwardOnly: [{ ours: 'cancelled', theirs: 'SKIPPED' }],
  },
  {
    name: 'workOrderPriority',
    pairs: [
      { ours: 'none', theirs: 'NONE' },
      { ours: 'low', theirs: 'LOW' },
      { ours: 'medium', theirs: 'MEDIUM' },
      { ours: 'high', theirs: 'HIGH' },
    ],
  },
  {
    name: 'workOrderType',
    pairs: [
      { ours: 'reactive', theirs: 'REACTIVE' },
      { ours: 'preventive', theirs: 'PREVENTIVE' },
      { ours: 'other', theirs: 'OTHER' },
    ],
    inwardOnly: [{ ours: 'other', theirs: 'CYCLE_COUNT' }],
  },
];

export const workOrderRows: readonly MappingRow[] = [
  {
    ours: 'number',
    theirs: 'sequentialId',
    via: 'text',
    direction: 'in',
    owner: 'maintenance',
    required: true,
    note: 'The number people see; the key of the record is `id`.',
  },
  { ours: 'title', theirs: 'title', direction: 'both', owner: 'maintenance', required: true },
  { ours: 'description', theirs: 'description', direction: 'both', owner: 'maintenance' },
  { ours: 'status', theirs: 'status', values: 'workOrderStatus', direction: 'both', owner: 'maintenance', required: true },
  { ours: 'kind', theirs: 'type', values: 'workOrderType', direction: 'both', owner: 'maintenance' },
  { ours: 'priority', theirs: 'priority', values: 'workOrderPriority', direction: 'both', owner: 'maintenance' },
  { ours: 'asset', theirs: 'assetId', via: 'text', reference: 'asset', direction: 'both', owner: 'maintenance' },
  { ours: 'location', theirs: 'locationId', via: 'text', reference: 'location', direction: 'both', owner: 'maintenance' },
  { ours: 'costCentre', theirs: 'labelled.costCentre', reference: 'costCentre', direction: 'both', owner: 'finance' },
  { ours: 'category', theirs: 'categories[0]', direction: 'in', owner: 'maintenance' },
  { ours: 'category', theirs: 'categories', via: 'first', direction: 'out', owner: 'maintenance' },
  { ours: 'assignees[]', theirs: 'assigneeIds[]', via: 'text', reference: 'employee', direction: 'in', owner: 'maintenance' },
  { ours: 'assignees[]', theirs: 'assignees[].id', via: 'text', reference: 'employee', direction: 'out', owner: 'maintenance' },
  { ours: '', theirs: 'assignees[].type', via: "constant('USER')", direction: 'out', owner: 'maintenance' },
  { ours: 'dueOn', theirs: 'dueDate', via: 'day', direction: 'both', owner: 'maintenance' },
  { ours: 'completedAt', theirs: 'completedAt', via: 'instant', direction: 'in', owner: 'maintenance' },
  { ours: 'hubMark', theirs: 'externalData.linchpin', direction: 'in', owner: 'hub' },
  { ours: 'changedAt', theirs: 'updatedAt', via: 'instant', direction: 'in', owner: 'maintenance' },

  { ours: 'plannedLines[].line', theirs: 'parts[].line', when: planned, direction: 'in', owner: 'maintenance' },
  { ours: 'plannedLines[].part', theirs: 'parts[].id', via: 'text', reference: 'part', when: planned, direction: 'in', owner: 'maintenance' },
  { ours: 'plannedLines[].text', theirs: 'parts[].name', when: planned, direction: 'in', owner: 'maintenance' },
  { ours: 'plannedLines[].quantity.value', theirs: 'parts[].quantityUsed', via: 'number', when: planned, direction: 'in', owner: 'maintenance' },
  {
    ours: 'plannedLines[].quantity.unit.system',
    theirs: '',
    via: "constant('part')",
    when: planned,
    direction: 'in',
    owner: 'maintenance',
    note: "MaintainX gives no unit: the part's own unit in this system is meant.",
  },
  { ours: 'plannedLines[].quantity.unit.code', theirs: '', via: "constant('base')", when: planned, direction: 'in', owner: 'maintenance' },
  { ours: 'plannedLines[].storeroom', theirs: 'parts[].locationId', via: 'text', reference: 'storeroom', when: planned, direction: 'in', owner: 'maintenance' },
  { ours: 'plannedLines[].estimatedPrice', theirs: 'parts[].unitCost', via: 'cents(settings.currency)', when: planned, direction: 'in', owner: 'finance' },
  {
    ours: 'plannedLines[].autoRequest',
    theirs: 'parts[].labelled.autoRequest',
    when: planned,
    direction: 'in',
    owner: 'maintenance',
    note: "The line's custom field, else the part's.",
  },

  { ours: 'issues[].line', theirs: 'parts[].line', when: used, direction: 'in', owner: 'maintenance' },
  { ours: 'issues[].part', theirs: 'parts[].id', via: 'text', reference: 'part', when: used, direction: 'in', owner: 'maintenance' },
  { ours: 'issues[].storeroom', theirs: 'parts[].locationId', via: 'text', reference: 'storeroom', when: used, direction: 'in', owner: 'maintenance' },
  { ours: 'issues[].quantity.value', theirs: 'parts[].quantityUsed', via: 'number', when: used, direction: 'in', owner: 'maintenance' },
  {
    ours: 'issues[].quantity.unit.system',
    theirs: '',
    via: "constant('part')",
    when: used,
    direction: 'in',
    owner: 'maintenance',
    note: "MaintainX gives no unit: the part's own unit in this system is meant.",
  },
  { ours: 'issues[].quantity.unit.code', theirs: '', via: "constant('base')", when: used, direction: 'in', owner: 'maintenance' },
  {
    ours: 'issues[].usedAt',
    theirs: '',
    expression: 'native.completedAt',
    via: 'instant',
    when: `${used} && has(native.completedAt) && native.completedAt != null`,
    direction: 'in',
    owner: 'maintenance',
    note: 'Part rows have no time: completion stands for it.',
  },

  { ours: 'labour[].line', theirs: 'costs.rows[].line', when: time, direction: 'in', owner: 'maintenance' },
  { ours: 'labour[].employee', theirs: 'costs.rows[].userId', via: 'text', reference: 'employee', when: time, direction: 'in', owner: 'maintenance' },
  {
    ours: 'labour[].hours',
    theirs: 'costs.rows[].durationTotal',
    via: 'hours(6)',
    when: time,
    direction: 'in',
    owner: 'maintenance',
    note: 'Whole seconds; hours to six places.',
  },
  {
    ours: 'labour[].workedOn',
    theirs: 'costs.rows[].at',
    via: 'day',
    when: time,
    direction: 'in',
    owner: 'maintenance',
    note: 'Time rows have no date: the day of completion in UTC stands for it.',
  },
  { ours: 'labour[].kind', theirs: 'costs.rows[].description', when: time, direction: 'in', owner: 'maintenance' },

  { ours: 'services[].line', theirs: 'costs.rows[].line', when: expense, direction: 'in', owner: 'maintenance' },
  { ours: 'services[].text', theirs: 'costs.rows[].description', when: expense, direction: 'in', owner: 'maintenance' },
  {
    ours: 'services[].amount',
    theirs: 'costs.rows[].rowTotal',
    via: 'cents(settings.currency)',
    when: expense,
    direction: 'in',
    owner: 'maintenance',
    note: 'Rows that the hub wrote itself are left out.',
  },

  {
    ours: 'plannedLines[].part',
    theirs: 'partsUsed[].partId',
    via: 'text',
    reference: 'part',
    when: open,
    direction: 'out',
    owner: 'maintenance',
    required: true,
  },
  {
    ours: 'plannedLines[].quantity.value',
    theirs: 'partsUsed[].quantityUsed',
    via: 'integer',
    when: open,
    direction: 'out',
    owner: 'maintenance',
    required: true,
    note: 'Whole numbers only; a fraction is refused.',
  },
  {
    ours: 'plannedLines[].storeroom',
    theirs: 'partsUsed[].locationId',
    via: 'text',
    reference: 'storeroom',
    when: open,
    direction: 'out',
    owner: 'maintenance',
  },
];
