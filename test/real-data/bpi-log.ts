import { createReadStream, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';

/** One line of the log: what was done to one purchase-order item. Order inside a case is `seq`, never the time, which has minutes only. */
export interface LogLine {
  readonly caseId: string;
  readonly order: string;
  readonly item: string;
  readonly seq: number;
  readonly activity: string;
  /** Milliseconds. */
  readonly at: number;
}

/** BPI Challenge 2019, the variant sample: beside the repository on development and CI machines. */
export const bpiFolder = fileURLToPath(new URL('../../../shared/data/bpi2019-p2p/', import.meta.url));

/** False where the log is there, else the reason to skip. */
export const bpiMissing: false | string = existsSync(`${bpiFolder}events.csv.gz`) ? false : 'shared/data/bpi2019-p2p is not beside the repository';

/** Every case of the log, in the order of the file, its lines in the order of `seq`. */
export async function readLog(folder = bpiFolder): Promise<Map<string, LogLine[]>> {
  const cases = new Map<string, LogLine[]>();
  const rows = createReadStream(`${folder}events.csv.gz`)
    .pipe(createGunzip())
    .pipe(parse({ from_line: 2 }));
  for await (const row of rows as AsyncIterable<readonly string[]>) {
    const [caseId = '', order = '', item = '', seq = '', activity = '', timestamp = ''] = row;
    const lines = cases.get(caseId) ?? [];
    if (lines.length === 0) cases.set(caseId, lines);
    lines.push({ caseId, order, item, seq: Number(seq), activity, at: Date.parse(timestamp) });
  }
  for (const lines of cases.values()) lines.sort((a, b) => a.seq - b.seq);
  return cases;
}

/** The cases of each order, merged by time without ever changing the order inside a case. */
export function byOrder(cases: ReadonlyMap<string, readonly LogLine[]>): Map<string, LogLine[]> {
  const orders = new Map<string, (readonly LogLine[])[]>();
  for (const lines of cases.values()) {
    const order = lines[0]?.order ?? '';
    orders.set(order, [...(orders.get(order) ?? []), lines]);
  }
  return new Map([...orders].map(([order, parts]) => [order, merged(parts)]));
}

function merged(parts: readonly (readonly LogLine[])[]): LogLine[] {
  if (parts.length === 1) return [...(parts[0] ?? [])];
  const next = parts.map(() => 0);
  const out: LogLine[] = [];
  for (;;) {
    let best = -1;
    for (const [index, lines] of parts.entries()) {
      const line = lines[next[index] ?? 0];
      if (line && (best < 0 || line.at < (parts[best]?.[next[best] ?? 0]?.at ?? Infinity))) best = index;
    }
    const line = best < 0 ? undefined : parts[best]?.[next[best] ?? 0];
    if (!line) return out;
    out.push(line);
    next[best] = (next[best] ?? 0) + 1;
  }
}
