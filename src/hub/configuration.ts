import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseCsv } from 'csv-parse/sync';
import * as z from 'zod';
import { Fault } from '#base/fault';
import { hashOf, type JsonObject } from '#base/json';
import type { FlowMode } from '#engine/bindings';
import type { Flow, Sides } from '#engine/flow';
import { isRecordKind, type RecordKind } from '#model/records';
import { recordDef, type Connector } from '#spi/connector';
import { schedule } from '#engine/schedule';
import { carriesOwnership, type Ownership } from '#flows/owned';
import { readAlerts, type AlertsConfiguration } from '#hub/alerts-file';
import { readMappings, type PlantMappings } from '#hub/mapping-files';
import { readOwnership } from '#hub/ownership-file';
import { problemText, readPlantFile, type PlacedFile, type FileProblem } from '#hub/plant-file';
import { identityColumns, Name, PoliciesFile, ScopeFile, SitesFile, SystemFile } from '#hub/plant-schemas';

export interface SystemConfiguration extends z.output<typeof SystemFile> {
  readonly name: string;
}

export interface SiteConfiguration {
  readonly code: string;
  readonly name: string;
  readonly maintenance: string;
  readonly finance: string;
  readonly ids: Readonly<Record<string, string | string[]>>;
}

/** An identity that people fixed by hand: this number of that system is this hub id. */
export interface FixedIdentity {
  readonly kind: RecordKind;
  readonly hubId: string;
  readonly connection: string;
  readonly externalId: string;
}

/** A plant's whole configuration, checked. */
export interface PlantConfiguration {
  readonly systems: readonly SystemConfiguration[];
  readonly sites: readonly SiteConfiguration[];
  readonly identities: readonly FixedIdentity[];
  readonly mappings: PlantMappings;
  /** Owners that the plant named, by record kind and field. */
  readonly ownership: Ownership;
  readonly alerts: AlertsConfiguration;
  /** Hash of everything a decision may depend on. */
  readonly version: string;
  policy(flow: string, site: string): unknown;
  mode(flow: string, site: string): FlowMode;
  sides(site: string): Sides;
  /** The site a connection's id stands for. */
  siteOf(connection: string, externalId: string): string | undefined;
}

/** Reads and checks a plant folder. Throws one Fault that lists every problem with file and line. */
export function readPlant(folder: string, flows: readonly Flow[], connectors: ReadonlyMap<string, Connector>): PlantConfiguration {
  const problems: FileProblem[] = [];
  if (!existsSync(folder))
    throw new Fault('misconfigured', `the plant folder ${folder} does not exist; \`npm run demo\` makes one, docs/guides/configure.md says what is in it`);
  const systems = readSystems(folder, connectors, problems);
  const mappings = readMappings(folder, { systems, connectors }, problems);
  const sitesFile = readPlantFile(join(folder, 'sites.yaml'), 'sites.yaml', SitesFile, problems);
  const sites = sitesFile?.value;
  if (sites === undefined && problems.length === 0)
    problems.push({ file: 'sites.yaml', line: 1, message: 'the file is missing: it names the sites and which systems serve them' });
  const policiesFile = readPlantFile(join(folder, 'policies.yaml'), 'policies.yaml', PoliciesFile, problems);
  const policies = policiesFile?.value ?? {};
  const scopeFile = readPlantFile(join(folder, 'scope.yaml'), 'scope.yaml', ScopeFile, problems);
  const scope = scopeFile?.value ?? ScopeFile.parse({});
  const ownership = readOwnership(folder, { systems, sites: sites ?? [], connectors, mappings: mappings.documents }, problems);
  const alerts = readAlerts(folder, systems, problems);
  const identities = readIdentities(folder, systems, problems);
  for (const [index, site] of (sites ?? []).entries()) {
    if (sites?.findIndex(({ code }) => code === site.code) !== index)
      problems.push({ file: 'sites.yaml', line: sitesFile?.lineOf(index, 'code') ?? 1, message: `site ${site.code} stands twice` });
    for (const side of ['maintenance', 'finance'] as const)
      if (!systems.some(({ name }) => name === site[side]))
        problems.push({
          file: 'sites.yaml',
          line: sitesFile?.lineOf(index, side) ?? 1,
          message: `site ${site.code}: ${side} names ${site[side]}, which has no file systems/${site[side]}.yaml`,
        });
  }
  const siteNames = (sites ?? []).map(({ code }) => code);
  const noFlow = (flow: string): string | undefined =>
    flows.some(({ name }) => name === flow) ? undefined : `there is no flow ${flow}; there are ${flows.map(({ name }) => name).join(', ')}`;
  const noSite = (site: string): string | undefined => (siteNames.includes(site) ? undefined : `there is no site ${site}; there are ${siteNames.join(', ')}`);
  const say = (file: string, placed: PlacedFile<unknown> | undefined, path: readonly PropertyKey[], message: string | undefined): void => {
    if (message !== undefined) problems.push({ file, line: placed?.lineOf(...path) ?? 1, message });
  };
  for (const [flow, { default: everywhere, sites: exceptions }] of Object.entries(policies)) {
    say('policies.yaml', policiesFile, [flow], noFlow(flow));
    if (Object.hasOwn(everywhere, 'ownership')) say('policies.yaml', policiesFile, [flow, 'default', 'ownership'], 'owners of fields stand in ownership.yaml');
    for (const [site, settings] of Object.entries(exceptions)) {
      if (sites) say('policies.yaml', policiesFile, [flow, 'sites', site], noSite(site));
      if (Object.hasOwn(settings, 'ownership'))
        say('policies.yaml', policiesFile, [flow, 'sites', site, 'ownership'], 'owners of fields stand in ownership.yaml');
    }
  }
  for (const flow of Object.keys(scope.flows)) say('scope.yaml', scopeFile, ['flows', flow], noFlow(flow));
  for (const [site, modes] of Object.entries(scope.sites)) {
    if (sites) say('scope.yaml', scopeFile, ['sites', site], noSite(site));
    if (typeof modes === 'object') for (const flow of Object.keys(modes)) say('scope.yaml', scopeFile, ['sites', site, flow], noFlow(flow));
  }

  const parsed = new Map<string, unknown>();
  const siteCodes = ['', ...(sites ?? []).map(({ code }) => code)];
  for (const flow of flows) {
    for (const site of siteCodes) {
      const wanted = { ...policies[flow.name]?.default, ...policies[flow.name]?.sites[site] };
      try {
        parsed.set(`${flow.name}|${site}`, flow.policy.parse({ ...wanted, ...(carriesOwnership(flow.name) ? { ownership } : {}) }));
      } catch (error) {
        // What is wrong for the whole plant is said once, and not again for each of its sites.
        const here = site === '' ? ['default'] : ['sites', site];
        for (const { path, message } of policyIssues(error)) {
          if (site !== '' && !Object.hasOwn(policies[flow.name]?.sites[site] ?? {}, String(path[0]))) continue;
          say('policies.yaml', policiesFile, [flow.name, ...here, ...path], `${flow.name}${site ? ` at site ${site}` : ''}: ${message}`);
        }
      }
    }
  }
  if (problems.length > 0 || !sites)
    throw new Fault(
      'misconfigured',
      `the plant folder has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${problems.map(problemText).join('\n')}`,
    );

  const bySite = new Map(sites.map((site) => [site.code, site]));
  const siteIds = new Map<string, string>();
  for (const site of sites)
    for (const [connection, ids] of Object.entries(site.ids))
      for (const id of typeof ids === 'string' ? [ids] : ids) siteIds.set(`${connection}|${id}`, site.code);
  const only = sites.length === 1 ? sites[0] : undefined;
  return {
    systems,
    sites,
    identities,
    mappings,
    ownership,
    alerts,
    version: hashOf({
      systems: systems.map(({ credential: _credential, ...rest }) => rest),
      sites,
      policies,
      scope,
      identities,
      mappings: Object.fromEntries(mappings.overlays),
      ownership,
    } as unknown as JsonObject).slice(0, 16),
    policy: (flow, site) => parsed.get(`${flow}|${site}`) ?? parsed.get(`${flow}|`),
    mode(flow, site) {
      const here = scope.sites[site];
      if (typeof here === 'string') return here;
      return here?.[flow] ?? scope.flows[flow] ?? scope.default;
    },
    sides(site) {
      const found = bySite.get(site) ?? only ?? sites[0]!;
      return { maintenance: found.maintenance, finance: found.finance };
    },
    siteOf: (connection, externalId) => siteIds.get(`${connection}|${externalId}`),
  };
}

interface PolicyIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Issues of a policy's schema; a member that is not known is an issue of that member. */
function policyIssues(error: unknown): PolicyIssue[] {
  if (!(error instanceof z.ZodError)) return [{ path: [], message: String(error) }];
  return error.issues.flatMap((issue): PolicyIssue[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key], message: `there is no policy ${[...issue.path, key].join('.')}` }))
      : [{ path: issue.path, message: `${issue.path.join('.')}: ${issue.message}` }],
  );
}

function readSystems(folder: string, connectors: ReadonlyMap<string, Connector>, problems: FileProblem[]): SystemConfiguration[] {
  const files = existsSync(join(folder, 'systems'))
    ? readdirSync(join(folder, 'systems'))
        .filter((file) => /\.ya?ml$/.test(file))
        .sort()
    : [];
  if (files.length === 0) problems.push({ file: 'systems/', line: 1, message: 'no system is configured: add one file per connection' });
  const systems: SystemConfiguration[] = [];
  for (const file of files) {
    const name = file.replace(/\.ya?ml$/, '');
    if (!Name.safeParse(name).success)
      problems.push({ file: `systems/${file}`, line: 1, message: "the file name is the connection's name: a short lower-case name such as erp.yaml" });
    const before = problems.length;
    const placed = readPlantFile(join(folder, 'systems', file), `systems/${file}`, SystemFile, problems);
    if (!placed) {
      if (problems.length === before)
        problems.push({ file: `systems/${file}`, line: 1, message: 'the file is empty: name connector and signIn, or take it out' });
      continue;
    }
    const { value: system, lineOf } = placed;
    const say = (path: readonly PropertyKey[], message: string): void => void problems.push({ file: `systems/${file}`, line: lineOf(...path), message });
    const connector = connectors.get(system.connector);
    if (!connector) say(['connector'], `there is no connector ${system.connector}; there are ${[...connectors.keys()].join(', ')}`);
    else checkConnection(connector, system, say);
    for (const [kind, every] of Object.entries(system.polls)) {
      if (!isRecordKind(kind)) say(['polls', kind], `polls: there is no record kind ${kind}`);
      else if (connector && !recordDef(connector, kind)) say(['polls', kind], `polls: ${connector.title} has no records of kind ${kind}`);
      try {
        if (every !== 'off') schedule(every);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        say(['polls', kind], `polls: ${error.message}, or off`);
      }
    }
    systems.push({ ...system, name });
  }
  return systems;
}

/** Settings and sign-in as the connector's own definition has them. */
function checkConnection(connector: Connector, system: z.output<typeof SystemFile>, say: (path: readonly PropertyKey[], message: string) => void): void {
  const settings = connector.config.safeParse(system.settings) as z.ZodSafeParseResult<unknown>; // A schema's answer, whatever the schema.
  for (const issue of settings.error?.issues ?? []) {
    const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
    say(['settings', ...path], `settings.${issue.path.join('.')}: ${issue.message}; docs/connectors/${connector.name}.md lists them`);
  }
  const known = Object.keys((connector.config as z.ZodObject).shape);
  for (const setting of Object.keys(system.settings))
    if (!known.includes(setting)) say(['settings', setting], `settings: there is no setting ${setting}; docs/connectors/${connector.name}.md lists them`);
  const schemes = connector.auth.map(({ scheme }) => scheme);
  if (!schemes.some((scheme) => scheme === system.signIn))
    say(['signIn'], `signIn: ${connector.title} has no sign-in ${system.signIn}; it has ${schemes.join(', ')}`);
}

function readIdentities(folder: string, systems: readonly SystemConfiguration[], problems: FileProblem[]): FixedIdentity[] {
  const path = join(folder, 'identities.csv');
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  let rows: { record: Record<string, string | undefined>; info: { lines: number } }[];
  try {
    // The shape that `info` and `columns` give.
    rows = parseCsv(text, { columns: true, bom: true, skip_empty_lines: true, trim: true, relax_column_count: true, info: true }) as unknown as typeof rows;
  } catch (error) {
    const { lines, message } = error as Error & { lines?: number };
    problems.push({ file: 'identities.csv', line: lines ?? 1, message: `the CSV cannot be read: ${message}` });
    return [];
  }
  const columns = (text.replace(/^\uFEFF/, '').split(/\r?\n/, 1)[0] ?? '').split(',').map((cell) => cell.trim().replaceAll('"', ''));
  const absent = identityColumns.filter((column) => !columns.includes(column));
  if (absent.length > 0) {
    problems.push({ file: 'identities.csv', line: 1, message: `the column ${absent.join(', ')} is missing; the first line is ${identityColumns.join(',')}` });
    return [];
  }
  const identities: FixedIdentity[] = [];
  for (const { record, info } of rows) {
    const { kind = '', hubId = '', connection = '', externalId = '' } = record;
    if (!isRecordKind(kind)) problems.push({ file: 'identities.csv', line: info.lines, message: `kind: there is no record kind ${kind || '(empty)'}` });
    else if (!systems.some(({ name }) => name === connection))
      problems.push({ file: 'identities.csv', line: info.lines, message: `connection: ${connection || '(empty)'} is not configured` });
    else if (hubId === '' || externalId === '') problems.push({ file: 'identities.csv', line: info.lines, message: 'hubId and externalId must not be empty' });
    else identities.push({ kind, hubId, connection, externalId });
  }
  return identities;
}
