import { moneyText } from '#base/money';
import { isoTime } from '#base/clock';
import type { Thread } from '#hub/explain';
import { moneyList, type HubStatus } from '#hub/status';
import { eventStates, operationStates } from '#store/port';

/** Text from any system is text, never markup. */
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const style = `:root{color-scheme:light dark;--line:light-dark(#d9dde3,#363b43);--dim:light-dark(#5a6472,#9aa4b2);--good:light-dark(#146c43,#58c48d);--bad:light-dark(#a4262c,#ff8a80);--wait:light-dark(#8a5a00,#e6b450);--panel:light-dark(#f7f8fa,#1b1e23)}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1.5rem;background:light-dark(#fff,#121418);color:light-dark(#1c2430,#e6e9ee)}
h1{font-size:1.4rem;margin:0 0 .25rem}h2{font-size:1.05rem;margin:2rem 0 .5rem}p{margin:.25rem 0}a{color:light-dark(#0b5cad,#7ab8ff)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--dim);font-weight:500}
td.n{text-align:right;white-space:nowrap}.dim{color:var(--dim)}.good{color:var(--good)}.bad{color:var(--bad)}.wait{color:var(--wait)}
form{display:flex;gap:.5rem;margin:1rem 0}input{flex:1;font:inherit;padding:.45rem .6rem;border:1px solid var(--line);border-radius:6px;background:var(--panel);color:inherit}button{font:inherit;padding:.45rem 1rem;border:1px solid var(--line);border-radius:6px;background:var(--panel);color:inherit}
.why{list-style:none;padding:0;margin:0}.why li{padding:.5rem .75rem;border-left:3px solid var(--line);margin:.4rem 0;background:var(--panel)}.why li.did{border-color:var(--good)}.why li.held,.why li.refused{border-color:var(--bad)}.why li.didNot{border-color:var(--wait)}`;

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escape(title)} · Linchpin</title><link rel="stylesheet" href="/style.css"><body>${body}</body></html>`;

const search = (number: string): string =>
  `<form action="/" method="get"><input name="number" value="${escape(number)}" placeholder="Work order, requisition, order, receipt or part number" aria-label="Number" autofocus><button>Find</button></form>`;

const mark = (state: string, good: boolean, bad: boolean, title: string): string =>
  `<span class="${bad ? 'bad' : good ? 'good' : 'wait'}">${good ? '●' : bad ? '▲' : '○'} ${escape(title || state)}</span>`;

/** The first page: how the hub stands, and the way to any thread by its number. */
export const pageOfThreads = {
  style,
  render(status: HubStatus, number: string, threads: readonly string[]): string {
    const rows = status.operations
      .map(
        ({ connection, state, count, minor }) =>
          `<tr><td>${escape(connection)}</td><td>${mark(state, state === 'applied', state === 'failed', operationStates[state].title)}</td><td class="n">${count}</td><td class="n">${escape(moneyList(minor))}</td></tr>`,
      )
      .join('');
    const events = Object.entries(status.events)
      .filter(([, count]) => count > 0)
      .map(
        ([state, count]) =>
          `<tr><td>${mark(state, state === 'applied' || state === 'noChange', state === 'held' || state === 'refused', eventStates[state as keyof typeof eventStates].title)}</td><td class="n">${count}</td></tr>`,
      )
      .join('');
    const found =
      number === ''
        ? ''
        : threads.length === 0
          ? `<p class="bad">No thread knows the number ${escape(number)}.</p>`
          : `<ul>${threads.map((thread) => `<li><a href="/threads/${encodeURI(thread)}">${escape(thread)}</a></li>`).join('')}</ul>`;
    return page(
      'Hub',
      `<h1>Linchpin</h1><p class="dim">Configuration ${escape(status.configuration)} · money at risk: <strong>${escape(moneyList(status.moneyAtRisk))}</strong></p>${search(number)}${found}
<h2>Operations</h2>${rows ? `<table><tr><th>Connection</th><th>State</th><th>Count</th><th>Money</th></tr>${rows}</table>` : '<p class="dim">Nothing was sent yet.</p>'}
<h2>Events</h2>${events ? `<table><tr><th>State</th><th>Count</th></tr>${events}</table>` : '<p class="dim">Nothing came in yet.</p>'}`,
    );
  },
};

/** One thread: documents, money and every reason, so that "why not" has an answer. */
export function pageOfThread(thread: Thread): string {
  const money = (minor: number | null, currency: string | null): string => (minor === null || currency === null ? '' : moneyText({ minor, currency }));
  const documents = thread.documents
    .map(
      (row) =>
        `<tr><td>${isoTime(row.at).slice(0, 16).replace('T', ' ')}</td><td>${escape(row.kind)}</td><td>${escape(row.system)}</td><td>${escape(row.id)}${row.line ? ` / ${escape(row.line)}` : ''}</td><td>${escape(row.state)}</td><td>${escape(row.text)}</td><td class="n">${escape(money(row.minor, row.currency))}</td></tr>`,
    )
    .join('');
  const why = thread.why
    .flatMap((decision) =>
      decision.reasons.map(
        (reason) =>
          `<li class="${escape(reason.did)}"><span class="dim">${isoTime(decision.at).slice(0, 16).replace('T', ' ')} · ${escape(decision.flow)} · ${escape(decision.event)}${reason.line ? ` · line ${escape(reason.line)}` : ''}</span><br>${escape(reason.text)}${reason.owner ? ` <span class="dim">owner: ${escape(reason.owner)}</span>` : ''}</li>`,
      ),
    )
    .join('');
  const operations = thread.operations
    .map(
      (row) =>
        `<tr><td>${escape(row.connection)}</td><td>${escape(row.verb)} ${escape(row.record)}</td><td>${mark(row.state, row.state === 'applied', row.state === 'failed', operationStates[row.state].title)}</td><td>${escape(String((row.receipt as { id?: string } | null)?.id ?? ''))}</td><td class="dim">${escape(row.reference)} · class ${row.class}</td><td>${escape(String((row.fault as { message?: string } | null)?.message ?? row.reason))}</td><td class="n">${escape(money(row.minor, row.currency))}</td></tr>`,
    )
    .join('');
  const balances = thread.balances
    .map(
      (row) =>
        `<tr><td>${escape(row.account)}</td><td>${escape(row.costCentre)}</td><td class="n">${escape(moneyText({ minor: row.minor, currency: row.currency }))}</td></tr>`,
    )
    .join('');
  const table = (head: string, rows: string, empty: string): string =>
    rows
      ? `<table><tr>${head
          .split('|')
          .map((cell) => `<th>${cell}</th>`)
          .join('')}</tr>${rows}</table>`
      : `<p class="dim">${empty}</p>`;
  return page(
    thread.title,
    `<p><a href="/">Linchpin</a></p><h1>${escape(thread.title)}</h1><p class="dim">${escape(thread.thread)}</p>${search('')}
<h2>Why, and why not</h2>${why ? `<ul class="why">${why}</ul>` : '<p class="dim">Nothing was decided yet.</p>'}
<h2>Documents</h2>${table('When|Kind|System|Number|State|What|Amount', documents, 'No document belongs to this thread yet.')}
<h2>Operations</h2>${table('System|What|State|Number there|Reference|Answer or reason|Amount', operations, 'Nothing was sent for this thread.')}
<h2>Commitment ledger</h2>${table('Account|Cost centre|Balance', balances, 'Nothing is booked for this thread.')}`,
  );
}
