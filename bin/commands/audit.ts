import { open, readFile, writeFile } from 'node:fs/promises';
import { isoTime, machineClock } from '#base/clock';
import { Fault } from '#base/fault';
import { longestNote } from '#audit/checkpoint';
import { verifyEvidence, writeEvidence } from '#audit/evidence';
import { writeExport } from '#audit/export';
import { verifyExportFile, type ExportReport } from '#audit/export-check';
import { findings } from '#audit/finding';
import type { AuditReport } from '#audit/verification';
import { endProgress, options, plantHelp, plantOptions, print, printJson, progress, withInstallation, type Command } from './command.ts';

const auditOptions = {
  ...plantOptions,
  key: { type: 'string', multiple: true, default: [] as string[] },
  checkpoint: { type: 'string', multiple: true, default: [] as string[] },
  out: { type: 'string' },
} as const;

export const command: Command = {
  help:
    'linchpin audit verify [FILE]\nlinchpin audit export FILE\nlinchpin audit prove LOG INDEX [--out FILE]\nlinchpin audit checkpoint [--out FILE]\n\n' +
    'verify: reads every record again and checks every hash, root and signature. With FILE, an export or the evidence of one record, no installation is opened.\n' +
    'export: writes the whole log to a new file. prove: evidence of one record. checkpoint: signs the log as it is now; keep what it prints elsewhere.\n\n' +
    `${plantHelp}  --key TEXT         a public key that you trust (name+id+key); may be given several times\n  --checkpoint FILE  a checkpoint that was kept elsewhere; may be given several times\n  --out FILE         write there instead of to the terminal; an existing file is refused\n`,
  async run(args) {
    const { values, positionals } = options(args, auditOptions);
    const [act, first, second] = positionals;
    const external = await Promise.all(values.checkpoint.map((file) => textOf(file, longestNote)));
    if (act === 'verify' && first !== undefined) return verifyFile(first, { keys: values.key, external, json: values.json });
    if (act === 'verify') {
      return withInstallation(values, async ({ auditor }) => {
        const report = await auditor.verify({ external, progress: ({ records, of }) => progress(`${records} of ${of} records`) });
        return show({ ...report, keys: auditor.trusted.map(({ text }) => text), keysKnown: true }, values.json);
      });
    }
    if (act === 'export' && first !== undefined) {
      return withInstallation(values, async ({ auditor, store }) => {
        const lines = await writeExport(first, { reads: store.read, auditor, clock: machineClock }, (count) => progress(`${count} lines`));
        endProgress();
        if (values.json) printJson({ file: first, lines, key: auditor.publicKey });
        else print(`${first}: ${lines} lines. Verify it anywhere with: linchpin audit verify ${first} --key '${auditor.publicKey}'`);
        return 0;
      });
    }
    if (act === 'prove' && first !== undefined && second !== undefined) {
      const index = /^\d{1,15}$/.test(second) ? Number(second) : undefined;
      if (index === undefined)
        throw new Fault('misconfigured', `INDEX is the number of a record in its log, from 0; it is ${JSON.stringify(second.slice(0, 40))}`);
      return withInstallation(values, async ({ auditor }) => {
        await auditor.checkpoint();
        return give(writeEvidence(await auditor.prove(first, index)), values.out);
      });
    }
    if (act === 'checkpoint') return withInstallation(values, async ({ auditor }) => give((await auditor.checkpoint()).note, values.out));
    process.stderr.write(command.help);
    return 2;
  },
};

/** A file is verified by itself: no plant folder, no database, no network. */
async function verifyFile(
  file: string,
  { keys, external, json }: { readonly keys: readonly string[]; readonly external: readonly string[]; readonly json: boolean },
): Promise<number> {
  const head = await textOf(file, Number.POSITIVE_INFINITY, 200);
  if (!head.includes('"linchpin-audit-evidence"'))
    return show(await verifyExportFile(file, { keys, external, progress: (lines) => progress(`${lines} lines`) }), json);
  const { log, index, statement, checkpoint, keyKnown } = verifyEvidence(await textOf(file, Number.POSITIVE_INFINITY), keys);
  if (json) printJson({ ok: true, log, index, statement, signedAt: isoTime(checkpoint.at), signer: checkpoint.signer.text, keyKnown });
  else {
    print(`Proven: record ${index} of log ${log} stood there when the checkpoint of ${isoTime(checkpoint.at)} was signed by ${checkpoint.signer.name}.`);
    print(JSON.stringify(statement, null, 2));
    if (!keyKnown) print(unknownKey([checkpoint.signer.text]));
  }
  return 0;
}

const unknownKey = (keys: readonly string[]): string =>
  `The key was taken from the file itself, so anybody could have signed it. Compare it with the one you wrote down, or give that with --key:\n${keys.map((key) => `  ${key}`).join('\n')}`;

function show(report: Pick<ExportReport, 'keys' | 'keysKnown'> & AuditReport, json: boolean): number {
  endProgress();
  if (json) {
    printJson(report);
    return report.ok ? 0 : 1;
  }
  const { ok, logs, records, checkpoints, covered, uncovered, latest, external, more } = report;
  print(
    `${ok ? 'The log is whole' : 'The log is NOT whole'}: ${records} records in ${logs} logs, ${checkpoints} checkpoints; ${covered} records are covered, ${uncovered} are younger than the newest checkpoint.`,
  );
  if (latest) print(`Newest checkpoint: ${isoTime(latest.at)}, ${latest.hash}, signed by ${latest.signer}.`);
  print(
    external > 0
      ? `${external} checkpoint${external === 1 ? '' : 's'} kept elsewhere compared.`
      : 'No checkpoint kept elsewhere was given: records cut off at the end cannot be noticed.',
  );
  for (const { what, log, text } of report.findings) print(`  ${findings[what].title}${log ? ` in log ${log}` : ''}: ${text}`);
  if (more > 0) print(`  ... and ${more} more`);
  if (!report.keysKnown) print(unknownKey(report.keys));
  return ok ? 0 : 1;
}

async function give(text: string, out: string | undefined): Promise<number> {
  if (out === undefined) process.stdout.write(text);
  else {
    await writeFile(out, text, { flag: 'wx', mode: 0o600 }).catch((cause: NodeJS.ErrnoException) => {
      throw new Fault('rejected', `writing ${out} answered ${cause.code ?? cause.message}`, { cause });
    });
    print(out);
  }
  return 0;
}

/** A file's text, or its beginning. */
async function textOf(file: string, most: number, head?: number): Promise<string> {
  const text = await (head === undefined ? readFile(file, 'utf8') : firstOf(file, head)).catch((cause: NodeJS.ErrnoException) => {
    throw new Fault('rejected', `reading ${file} answered ${cause.code ?? cause.message}`, { cause });
  });
  if (text.length > most) throw new Fault('rejected', `${file} has ${text.length} characters; at most ${most} are taken`);
  return text;
}

async function firstOf(file: string, bytes: number): Promise<string> {
  await using handle = await open(file, 'r');
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
  return buffer.subarray(0, bytesRead).toString('utf8');
}
