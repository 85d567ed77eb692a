import test from 'node:test';
import { type Bench } from '#spi/bench';
import type { Connector } from '#spi/connector';
import { definitionChecks } from '#spi/contract-definition';
import { faultChecks } from '#spi/contract-faults';
import { limitChecks } from '#spi/contract-limits';
import { readChecks } from '#spi/contract-reads';
import { reverseChecks } from '#spi/contract-reversals';
import { webhookChecks } from '#spi/contract-webhooks';
import { writeChecks } from '#spi/contract-writes';

/** One promise that every connector keeps, as a sentence and a way to find out. */
export interface Check {
  readonly name: string;
  run(): void | Promise<void>;
}

export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  readonly error?: string;
  /** The written reason why the check was not run. */
  readonly waived?: string;
}

/** Every check that applies to a connector, by what it defines. */
export function checksOf(connector: Connector, bench: Bench): readonly Check[] {
  return [definitionChecks, readChecks, writeChecks, reverseChecks, faultChecks, limitChecks, webhookChecks].flatMap((checks) => checks(connector, bench));
}

/** Runs the suite and says how each check went; nothing is thrown. */
export async function runContract(connector: Connector, bench: Bench): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { name, run } of checksOf(connector, bench)) {
    const waived = bench.waivers?.[name];
    if (waived !== undefined) {
      results.push({ name, passed: true, waived });
      continue;
    }
    try {
      await run();
      results.push({ name, passed: true });
    } catch (error) {
      results.push({ name, passed: false, error: error instanceof Error ? error.message : String(error) });
    }
  }
  return results;
}

/** Registers the suite as tests; `part` registers the checks that a second configuration of the same connector makes different. */
export function contract(connector: Connector, bench: Bench, part?: { readonly title: string; readonly checks: RegExp }): void {
  const checks = checksOf(connector, bench);
  const chosen = part === undefined ? checks : checks.filter(({ name }) => part.checks.test(name));
  const title = part === undefined ? connector.name : `${connector.name}, ${part.title}`;
  for (const { name, run } of chosen) test(`${title}: ${name}`, { skip: bench.waivers?.[name] ?? false }, () => run());
  test(`${title}: every waiver names a check and a reason`, () => {
    const names = new Set(checks.map(({ name }) => name));
    for (const [name, reason] of Object.entries(bench.waivers ?? {}))
      if (!names.has(name) || reason.length < 20) throw new Error(`waiver without a check or a reason: ${name}`);
  });
}
