import * as z from 'zod';
import { ownable, Ownership, FieldOwnership } from '#flows/owned';
import { sheetColumns, whats, filled, type SheetColumn } from '#mapping/sheet';
import { AlertsFile, Channel, Rule } from '#hub/alerts-file';
import { identityColumns, PoliciesFile, ScopeFile, SitesFile, SystemFile } from '#hub/plant-schemas';

/** One file of a plant folder: what it says, the schema it is checked by, and an example that passes it. */
export interface PlantFile {
  readonly name: string;
  readonly summary: string;
  /** Absent where the file is a table of columns. */
  readonly schema?: z.ZodType;
  /** The parts that have members of their own, in reading order. */
  readonly parts: readonly { readonly title: string; readonly schema: z.ZodType }[];
  readonly text?: string;
  readonly example: string;
}

const columnWords: Readonly<Record<SheetColumn, string>> = {
  what: `what the line is: ${whats.map((what) => `\`${what}\``).join(', ')}`,
  name: 'of a `mapping` its id, `CONNECTION/KIND` or `CONNECTOR/KIND` for all its connections; of a `map`, `pair` and `inward pair` the name of the value map',
  ours: 'path in the record of the hub; of a pair the value there',
  theirs: 'path in the record of the system; of a pair the value there',
  direction: '`both`, `in` (read) or `out` (written)',
  owner: "whose value the connector's author expects to hold; what holds is in `ownership.yaml`",
  via: 'transforms in reading order: `trimZeros | upper`',
  values: 'the value map to translate by',
  reference: 'of a `mapping` its record kind; of a `row` the kind of record that the value names',
  expression: 'a CEL expression that computes the value',
  when: 'a CEL condition under which the row holds',
  required: '`yes`: without a value the record is held',
  note: 'for people',
};

const mappingText = `A file is laid over the connector's own mapping; its name does not matter. \`linchpin map export\` gives the whole mapping that holds, \`linchpin map import --apply\` writes the file of what was changed in it.

- A \`row\` takes the place of every row of the connector that writes the same member in the same direction. A row for both directions that loses one keeps the other.
- \`without\`, with \`ours\` and \`theirs\` of a row, takes that row out.
- A value map (\`map\` with its \`pair\` and \`inward pair\` lines) replaces the one of its name as a whole: only a whole map can be checked to read and write one to one.
- What no line names stays the connector's, also what a later release adds. The order of lines means nothing, so a sheet may be sorted.
- A file for a connector is laid first, then the file for a connection. Two files for one id are refused.
- Checked are paths on both sides, transforms, expressions, value maps, and that what the record needs is given. As YAML the same lines are members: \`id\`, \`record\`, \`rows\`, \`without\`, \`values\`.

| Column | On lines | What |
|---|---|---|
${sheetColumns.map((column) => `| \`${column}\` | ${column === 'what' ? 'all' : whats.filter((what) => filled[what].includes(column)).join(', ')} | ${columnWords[column]} |`).join('\n')}`;

const ownershipText = `Records that flows keep in step, and their fields. What is not named here is carried as the flow has it: finance owns the fields in the second column (for the structure of assets, whom the policy \`structureOwner\` names).

| Record kind | Carried anyway | May be given an owner | Flow |
|---|---|---|---|
${Object.entries(ownable)
  .map(([kind, { carried, fields, flow }]) => `| \`${kind}\` | ${carried.join(', ')} | ${fields.join(', ')} | ${flow} |`)
  .join('\n')}

A field is refused where the mapping of a side does not read it, or does not write it and would have to. Every value that gives way is kept with rule and time: \`linchpin why NUMBER --overwritten\`.`;

/** Every file of a plant folder, in the order in which one writes them. */
export const plantFilesReference: readonly PlantFile[] = [
  {
    name: 'sites.yaml',
    summary: 'Sites, and which connection plays which side of each. A list; required.',
    schema: SitesFile,
    parts: [{ title: 'Each site', schema: SitesFile.unwrap() }],
    example: "- code: '1100'\n  name: Cleveland\n  maintenance: cmms-1100\n  finance: erp\n  ids: { erp: '1100' }\n",
  },
  {
    name: 'systems/<name>.yaml',
    summary: 'One installed system; the file name is the name of the connection. At least one is required.',
    schema: SystemFile,
    parts: [{ title: 'Members', schema: SystemFile }],
    example:
      "connector: maintainx\nsettings: { address: 'https://api.getmaintainx.com/v1', currency: USD, unitSystem: sap }\nsignIn: bearer\ncredential: { token: secret://cmms-1100/token }\nsite: '1100'\nwebhooks: true\npolls: { workOrder: 30s, part: hourly, asset: nightly }\n",
  },
  {
    name: 'policies.yaml',
    summary:
      'What the plant decided where good practice disagrees: flow, then default and exceptions by site. The policies of each flow are on its page in docs/flows.',
    schema: PoliciesFile,
    parts: [{ title: 'Each flow', schema: PoliciesFile.valueType }],
    example: "procurement:\n  default: { autoRequestDefault: false }\nstock:\n  default: { settleSeconds: 60 }\n  sites:\n    '1100': { settleSeconds: 12 }\n",
  },
  {
    name: 'scope.yaml',
    summary: 'Where a flow is off, in shadow (it decides and explains, and sends nothing) or live.',
    schema: ScopeFile,
    parts: [{ title: 'Members', schema: ScopeFile }],
    example: "default: live\nflows: { costs: shadow }\nsites:\n  '1100': { procurement: off }\n",
  },
  {
    name: 'ownership.yaml',
    summary: 'The system of record of each field: record kind, field, owner.',
    schema: Ownership,
    parts: [{ title: 'Each field', schema: FieldOwnership }],
    text: ownershipText,
    example:
      'part:\n  barcode: { owner: finance }\nasset:\n  category: { owner: maintenance, rule: latest-wins }\n  serialNumber: { owner: finance, rule: ask, direction: to-maintenance }\n',
  },
  {
    name: 'mappings/*.csv, mappings/*.yaml',
    summary: 'What the plant changes of the rows by which a connector reads and writes a record kind.',
    parts: [],
    text: mappingText,
    example:
      'what,name,ours,theirs,direction,owner,via,values,reference,expression,when,required,note\nmapping,cmms-1100/part,,,,,,,part,,,,\nrow,,barcode,barcode,in,maintenance,upper,,,,,,Labels are printed in capitals.\n',
  },
  {
    name: 'alerts.yaml',
    summary: 'Who is told when something does not go as it should. Without it nobody is.',
    schema: AlertsFile,
    parts: [
      { title: 'Members', schema: AlertsFile },
      ...Channel.options.map((schema) => ({ title: `A channel of kind ${literal(schema, 'kind')}`, schema })),
      ...Rule.options.map((schema) => ({ title: `A rule on ${literal(schema, 'on')}`, schema })),
    ],
    example:
      "channels:\n  log: { kind: log }\n  desk: { kind: webhook, url: 'https://desk.example/linchpin', secret: secret://alerts/desk }\n  night: { kind: email, host: mail.example, user: linchpin, password: secret://smtp/password, from: linchpin@plant.example, to: [night@plant.example] }\nrules:\n  - { name: everything, on: exception, to: [log] }\n  - { name: credentials, on: exception, faults: [unauthorised, forbidden], to: [desk, night], again: 4h }\n  - { name: money, on: money, over: { amount: '10000.00', currency: USD }, to: [desk] }\n  - { name: quiet, on: silent, connection: cmms-1100, kind: workOrder, for: 2h, to: [night] }\n",
  },
  {
    name: 'identities.csv',
    summary: 'Numbers that people linked by hand.',
    parts: [],
    text: `Columns: ${identityColumns.map((column) => `\`${column}\``).join(', ')}.`,
    example: `${identityColumns.join(',')}\npart,erp.10004711,cmms-1100,900017\n`,
  },
];

function literal(schema: z.ZodObject, member: string): string {
  const value: unknown = schema.shape[member];
  return value instanceof z.ZodLiteral ? String([...value.values][0]) : '';
}

/** The reference page of the plant folder, from the schemas that check it. */
export function plantReference(): string {
  const head =
    '# The plant folder\n\nReference, written by the schemas that check the files; a test compares it. How to go about it is in [Configure a plant](../guides/configure.md). `linchpin check` names everything that is wrong with file and line.\n';
  return `${head}${plantFilesReference.map(section).join('')}`;
}

function section({ name, summary, parts, text, example }: PlantFile): string {
  return `\n## ${name}\n\n${summary}\n${parts.map(({ title, schema }) => `\n${title}:\n\n${table(schema)}\n`).join('')}${text === undefined ? '' : `\n${text}\n`}\n\`\`\`${name.includes('csv') ? 'csv' : 'yaml'}\n${example}\`\`\`\n`;
}

interface Shape {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape;
  readonly additionalProperties?: Shape | boolean;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

function table(schema: z.ZodType): string {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape;
  const rows = Object.entries(properties).map(([member, shape]) => {
    const fallback = required.includes(member) ? 'required' : shape.default === undefined ? '' : `\`${JSON.stringify(shape.default).replaceAll('"', '')}\``;
    return `| \`${member}\` | ${typeText(shape)} | ${fallback} | ${(shape.description ?? '').replaceAll('|', '\\|')} |`;
  });
  return `| Member | Value | Default | What |\n|---|---|---|---|\n${rows.join('\n')}`;
}

function typeText(shape: Shape): string {
  if (shape.const !== undefined) return `\`${String(shape.const)}\``;
  if (shape.enum) return shape.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (shape.anyOf) return shape.anyOf.map(typeText).join(', or ');
  if (shape.type === 'array')
    return shape.items?.properties || shape.items === undefined || typeText(shape.items) === '' ? 'list' : `list of ${typeText(shape.items)}`;
  if (shape.type === 'integer') return shape.minimum === undefined || shape.maximum === undefined ? 'whole number' : `${shape.minimum} to ${shape.maximum}`;
  if (shape.type === 'boolean') return '`true`, `false`';
  if (shape.type === 'object')
    return shape.properties
      ? Object.keys(shape.properties)
          .map((member) => `\`${member}\``)
          .join(', ')
      : 'by name';
  return shape.type === 'string' ? 'text' : '';
}
