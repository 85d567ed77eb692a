import type { Command } from './command.ts';

/** Every command, loaded when it is called. */
export const commands: Readonly<Record<string, { readonly summary: string; load(): Promise<{ command: Command }> }>> = {
  demo: { summary: 'hub and two twins on loopback, playing a plant; --once ends when both systems agree', load: () => import('./demo.ts') },
  serve: { summary: 'run the hub for a plant folder', load: () => import('./serve.ts') },
  check: { summary: 'check a plant folder; every problem with file and line', load: () => import('./check.ts') },
  map: { summary: 'mappings as sheets: export, check, diff, import, preview on a real record', load: () => import('./map.ts') },
  plan: { summary: 'what a changed plant folder would do, in words and in money; writes nothing', load: () => import('./plan.ts') },
  replay: { summary: 'decide everything again and say whether every decision is the recorded one', load: () => import('./replay.ts') },
  load: { summary: 'first load of a plant through the flows, with progress; restartable', load: () => import('./load.ts') },
  status: { summary: 'how the hub stands: events, operations, money at risk', load: () => import('./status.ts') },
  why: { summary: 'why something was or was not done, by any number the plant knows', load: () => import('./why.ts') },
  exceptions: { summary: 'what waits for a person: list, retry, edit, cancel, found', load: () => import('./exceptions.ts') },
  reconcile: { summary: 'compare both systems and the hub; exit 0 only if they agree', load: () => import('./reconcile.ts') },
  doctor: { summary: 'sign in to a connection and say what to fix', load: () => import('./doctor.ts') },
  audit: { summary: 'verify the audit log, export it, prove one record; an export is verified without the server', load: () => import('./audit.ts') },
  secret: { summary: 'set, list or remove secrets in the vault', load: () => import('./secret.ts') },
  twin: { summary: 'start one twin alone, with a page to look inside and press fault buttons', load: () => import('./twin.ts') },
};

/** The reference page of the tool, from the help of each command. */
export async function commandReference(): Promise<string> {
  const parts: string[] = [];
  for (const [name, { summary, load }] of Object.entries(commands)) {
    const { command } = await load();
    parts.push(`\n## ${name}\n\n${summary[0]?.toUpperCase() ?? ''}${summary.slice(1)}.\n\n\`\`\`text\n${command.help.trimEnd()}\n\`\`\`\n`);
  }
  return `# The commands\n\nReference, written by the commands themselves; a test compares it. \`linchpin\` stands for \`node bin/linchpin.ts\`.\nExit code 0: done. 1: something is wrong, and said. 2: the call was wrong.\n${parts.join('')}`;
}
