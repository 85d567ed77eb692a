import type * as z from 'zod';
import type { MappingRow, ValueMap } from '#mapping/row';
import { verbNames, type AnyRecordDef, type Connector, type Write } from '#spi/connector';

/** The reference page of a connector, from its definition alone. Pure, so that a test can compare it with the committed file. */
export function documentation(connector: Connector): string {
  const defs = Object.values(connector.records);
  const parts = [
    `# ${connector.title}`,
    connector.summary,
    'This page is generated from the definition of the connector; a test compares the two.',
    ...section('What it can do', [
      abilities(defs),
      'Class K: repeating is harmless. Class L: an earlier attempt is looked up first. Class M: one attempt, then a person decides.',
      table(['Record', 'Verb', 'Class', 'How repetition is recognised'], defs.flatMap(writesOf)),
    ]),
    ...section('Settings', [fieldTable(connector.config)]),
    ...connector.auth.flatMap((auth) =>
      section(`Sign-in: ${auth.title}`, [Object.keys(auth.fields.shape).length === 0 ? 'Nothing is needed.' : fieldTable(auth.fields)]),
    ),
    ...section('Permissions', [
      'The smallest set that works:',
      table(
        ['Permission', 'Why'],
        connector.permissions.map(({ name, why }) => [name, why]),
      ),
    ]),
    ...section('Limits', [`${connector.limits.perMinute} requests a minute, ${connector.limits.parallel} at a time, ${connector.limits.page} records a page.`]),
    ...section('How changes are noticed', [
      table(
        ['Record', 'How'],
        defs.map((def) => [def.kind, noticed(def)]),
      ),
    ]),
    ...(connector.webhooks
      ? section('Webhooks', [
          'A webhook only says where to look; the record is read again, and polling is what is relied on.',
          table(
            ['Event type', 'Record'],
            Object.entries(connector.webhooks.types).map(([type, kind]) => [code(type), kind]),
          ),
        ])
      : []),
    ...defs.flatMap(recordSection),
    ...section('Known limits', [(connector.knownLimits ?? ['None.']).map((line) => `- ${line}`).join('\n')]),
    ...section('Sources', [connector.sources.map((line) => `- ${line}`).join('\n')]),
  ];
  return `${parts.join('\n\n')}\n`;
}

const section = (title: string, parts: readonly string[]): string[] => [`## ${title}`, ...parts];
const code = (text: string): string => `\`${text}\``;
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function abilities(defs: readonly AnyRecordDef[]): string {
  return table(
    ['Record', "Vendor's name", ...verbNames],
    defs.map((def) => [
      def.kind,
      def.native,
      ...verbNames.map((verb) => (Object.hasOwn(def.verbs as object, verb) ? ((def.verbs as Record<string, { class?: string }>)[verb]?.class ?? 'yes') : '')),
    ]),
  );
}

function writesOf(def: AnyRecordDef): string[][] {
  return verbNames.flatMap((verb) => {
    if (verb === 'list' || verb === 'get' || !Object.hasOwn(def.verbs as object, verb)) return [];
    const write = (def.verbs as Record<string, Write<never, never>>)[verb];
    return write === undefined ? [] : [[def.kind, verb, write.class, write.how]];
  });
}

function noticed(def: AnyRecordDef): string {
  const verbs = def.verbs as object;
  if (!Object.hasOwn(verbs, 'list')) return Object.hasOwn(verbs, 'get') ? 'read by number only' : 'written only';
  return def.changes === 'watermark' ? 'listed by time of change, with overlap' : 'all are read and compared';
}

function fieldTable(fields: z.ZodObject): string {
  const rows = Object.entries(fields.shape).map(([name, schema]) => {
    const field = schema as z.ZodType;
    const meta = field.meta() ?? {};
    const absent = field.safeParse(undefined);
    const need = !absent.success ? 'required' : absent.data === undefined ? 'optional' : `default ${code(String(absent.data))}`;
    return [code(name), meta.title ?? '', meta['secret'] === true ? 'secret, required' : need, meta.description ?? ''];
  });
  return table(['Name', 'Title', 'Value', 'Meaning'], rows);
}

function recordSection(def: AnyRecordDef): string[] {
  return [
    `## ${def.native} as ${def.kind}`,
    ...(def.customFields === undefined ? [] : [`Customer-defined fields stand in ${code(def.customFields)} by their label.`]),
    table(
      ['Ours', 'Theirs', 'Direction', 'Owner', 'How', 'Note'],
      def.rows.map((row) => [
        row.ours === '' ? '' : code(row.ours),
        row.theirs === '' ? '' : code(row.theirs),
        row.direction,
        row.owner,
        how(row),
        row.note ?? '',
      ]),
    ),
    ...(def.values ?? []).map(valueTable),
    'Example:',
    `\`\`\`json\n${JSON.stringify(def.example, null, 2)}\n\`\`\``,
  ];
}

function how(row: MappingRow): string {
  const parts = [
    row.expression === undefined ? '' : `= ${code(row.expression)}`,
    row.via === undefined ? '' : code(row.via),
    row.values === undefined ? '' : `values ${code(row.values)}`,
    row.reference === undefined ? '' : `number of the ${row.reference}`,
    row.required === true ? 'required' : '',
    row.when === undefined ? '' : `when ${code(row.when)}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'as it is' : parts.join(', ');
}

function valueTable({ name, pairs, inwardOnly = [] }: ValueMap): string {
  return `Values ${code(name)}: ${[...pairs.map(({ ours, theirs }) => `${ours} = ${code(theirs)}`), ...inwardOnly.map(({ ours, theirs }) => `${ours} from ${code(theirs)} (reading only)`)].join(', ')}.`;
}
