import { createHash } from 'node:crypto';

/** The page of a twin: what stands in its world, its buttons with their state, and the last writes. Everything that is data is set as text. */
export function twinPage(name: string): { readonly html: string; readonly policy: string } {
  const title = `${name.replace(/[^\w-]/g, '')} twin`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<header>
  <h1>${title}</h1>
  <p id="state" role="status"></p>
  <p id="seen"></p>
  <label><input type="checkbox" id="live" checked> refresh every 2 s</label>
</header>
<main>
  <section id="faults" aria-label="Fault buttons">
    <h2>Buttons <button type="button" id="release" hidden>Release all</button></h2>
    <form id="press">
      <p id="chosen">Choose a button to press it.</p>
      <div id="fields" hidden>
        <label>times <input name="times" inputmode="numeric" placeholder="until released" size="12"></label>
        <label>only where METHOD /path contains <input name="match" placeholder="POST /" size="24"></label>
        <label id="delay">delay in ms <input name="delayMs" inputmode="numeric" placeholder="1000" size="8"></label>
        <label id="with">with <input name="with" placeholder="name=value, name=value" size="34"></label>
        <button>Press</button>
      </div>
      <p id="problem" role="alert"></p>
    </form>
    <h3>On the wire</h3><ul id="wire"></ul>
    <h3>In the world</h3><ul id="world"></ul>
  </section>
  <section id="inside" aria-label="World">
    <h2>World</h2>
    <p id="health"></p>
    <nav id="tables" aria-label="Tables"></nav>
    <div id="table" hidden>
      <h3 id="caption"></h3>
      <p class="tools"><input type="search" id="filter" placeholder="filter: any text" aria-label="Filter">
      <button type="button" id="back">newer</button> <span id="range"></span> <button type="button" id="on">older</button></p>
      <div class="scroll"><table><thead></thead><tbody></tbody></table></div>
    </div>
    <h3>Last writes</h3>
    <div class="scroll"><table id="writes"><tbody></tbody></table></div>
  </section>
</main>
<script>${script}</script>
</body>
</html>
`;
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return {
    html,
    policy: `default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`,
  };
}

const style = `
:root { color-scheme: light dark; --line: light-dark(#d6dae0, #3a4048); --soft: light-dark(#f4f6f8, #22262b); --on: light-dark(#b3261e, #ff8a80); --ok: light-dark(#1b6e3c, #7bd88f); --key: light-dark(#1f5fbf, #8ab4f8); }
* { box-sizing: border-box; }
body { margin: 0; font: 14px/1.45 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: 4px 20px; align-items: baseline; padding: 12px 20px; border-bottom: 1px solid var(--line); }
h1 { font-size: 18px; margin: 0; } h2 { font-size: 15px; margin: 0 0 8px; } h3 { font-size: 13px; margin: 16px 0 6px; }
header p { margin: 0; } header label { margin-left: auto; }
#state { font-weight: 600; color: var(--ok); } #state.on { color: var(--on); }
#seen, .quiet { opacity: .7; } #release { font-size: 13px; font-weight: 400; margin-left: 8px; }
main { display: grid; grid-template-columns: minmax(320px, 400px) minmax(0, 1fr); gap: 24px; padding: 16px 20px; }
@media (max-width: 800px) { main { grid-template-columns: minmax(0, 1fr); } }
ul { list-style: none; margin: 0; padding: 0; }
li { display: grid; grid-template-columns: 1fr auto; gap: 2px 8px; padding: 6px 8px; border: 1px solid transparent; border-bottom-color: var(--line); }
li.on { border-color: var(--on); border-radius: 6px; }
li .what { grid-column: 1 / -1; opacity: .75; font-size: 12.5px; }
li .now { grid-column: 1 / -1; color: var(--on); font-size: 12.5px; overflow-wrap: anywhere; }
li strong { font-weight: 600; } li.on strong { color: var(--on); }
button { font: inherit; padding: 2px 10px; border: 1px solid var(--line); border-radius: 5px; background: var(--soft); color: inherit; cursor: pointer; }
button:disabled { opacity: .4; cursor: default; }
button:focus-visible, input:focus-visible, a:focus-visible { outline: 2px solid var(--key); outline-offset: 1px; }
form { background: var(--soft); border-radius: 6px; padding: 8px 10px; }
form p { margin: 0; } #fields { display: flex; flex-direction: column; gap: 6px; margin-top: 6px; align-items: flex-start; }
#fields[hidden], #delay[hidden], #with[hidden] { display: none; }
input { font: inherit; padding: 2px 6px; border: 1px solid var(--line); border-radius: 4px; background: Field; color: FieldText; }
#problem { color: var(--on); }
#tables { display: flex; flex-wrap: wrap; gap: 6px; }
#tables button { display: flex; gap: 8px; } #tables button[aria-pressed=true] { border-color: var(--key); color: var(--key); font-weight: 600; }
#tables b { font-variant-numeric: tabular-nums; } #tables .none { opacity: .5; }
.tools { display: flex; gap: 8px; align-items: center; margin: 0 0 6px; } .tools input { flex: 1; max-width: 320px; }
.scroll { overflow: auto; max-height: 60vh; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; font-size: 12.5px; font-variant-numeric: tabular-nums; min-width: 100%; }
th { position: sticky; top: 0; background: var(--soft); text-align: left; font-weight: 600; }
th, td { padding: 3px 10px; border-bottom: 1px solid var(--line); white-space: nowrap; max-width: 360px; overflow: hidden; text-overflow: ellipsis; }
td.bad { color: var(--on); font-weight: 600; }
#health.bad { color: var(--on); font-weight: 600; }
`;

const script = `
'use strict';
const at = (id) => document.getElementById(id);
const make = (tag, text, className) => { const one = document.createElement(tag); if (text !== undefined) one.textContent = text; if (className) one.className = className; return one; };
const ask = async (path, body) => {
  const answer = await fetch('/_twin' + path, body === undefined ? { headers: { accept: 'application/json' } } : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.error);
  return value;
};
let chosen; let shown; let offset = 0; const page = 50;
const timed = new Set(['slow', 'lateWebhook', 'delayedVisibility']);

const sentence = ({ press, left }) => [
  left === undefined ? 'until released' : left + ' more ' + (left === 1 ? 'time' : 'times'),
  press.match && 'where ' + press.match, press.delayMs !== undefined && press.delayMs + ' ms',
  press.with && Object.entries(press.with).map(([name, value]) => name + '=' + value).join(', '),
].filter(Boolean).join(' \\u00b7 ');

function drawFaults(inside) {
  for (const [list, own] of [['wire', (name) => inside.wireFaults.includes(name)], ['world', (name) => !inside.wireFaults.includes(name)]]) {
    at(list).replaceChildren(...Object.entries(inside.faults).filter(([name]) => own(name)).map(([name, what]) => {
      const down = inside.down.filter(({ press }) => press.fault === name);
      const row = make('li', undefined, down.length > 0 ? 'on' : '');
      const label = make('strong', name);
      const fired = inside.fired[name] || 0;
      if (fired > 0) label.append(make('span', '  fired ' + fired, 'quiet'));
      const button = make('button', down.length > 0 ? 'Release' : 'Press\\u2026');
      button.type = 'button'; button.dataset.fault = name; button.setAttribute('aria-label', button.textContent + ' ' + name);
      button.onclick = () => (down.length > 0 ? act('/release', { fault: name }) : choose(name, what));
      row.append(label, button, make('span', what.replaceAll('\`', ''), 'what'), ...down.map((one) => make('span', sentence(one), 'now')));
      return row;
    }));
  }
  const count = inside.down.length;
  at('state').textContent = count === 0 ? 'answers as it should' : count + (count === 1 ? ' button is' : ' buttons are') + ' pressed';
  at('state').className = count === 0 ? '' : 'on';
  at('release').hidden = count === 0;
}

function choose(name, what) {
  chosen = name;
  at('chosen').replaceChildren(make('strong', name), make('span', ': ' + what.replaceAll('\`', '')));
  at('fields').hidden = false;
  at('delay').hidden = !timed.has(name);
  at('with').hidden = !what.includes('with');
  at('problem').textContent = '';
  at('press').elements.times.focus();
}

function drawWorld(inside) {
  const { wrong = [], closedPeriods = [], deliveries } = inside.world;
  at('health').textContent = wrong.length > 0 ? wrong.join('; ') : ['The books of this world are in order.', closedPeriods.length > 0 && 'Closed: ' + closedPeriods.join(', ') + '.',
    deliveries && 'Webhooks: ' + (Object.entries(deliveries).filter(([, count]) => count > 0).map(([name, count]) => count + ' ' + name).join(', ') || 'none yet') + '.'].filter(Boolean).join(' ');
  at('health').className = wrong.length > 0 ? 'bad' : 'quiet';
  at('tables').replaceChildren(...inside.tables.map(({ name, size }) => {
    const button = make('button', name, size === 0 ? 'none' : '');
    button.type = 'button'; button.append(make('b', size.toLocaleString('en')));
    button.setAttribute('aria-pressed', String(shown === name));
    button.onclick = () => { shown = name; offset = 0; at('filter').value = ''; void refresh(); };
    return button;
  }));
  const writes = inside.writes.map(({ method, url, status }) => {
    const row = make('tr');
    row.append(make('td', String(status), status >= 400 ? 'bad' : ''), make('td', method), make('td', decodeURIComponentSafely(url)));
    row.lastChild.title = url;
    return row;
  });
  at('writes').tBodies[0].replaceChildren(...(writes.length > 0 ? writes : [make('tr')]));
  if (writes.length === 0) at('writes').tBodies[0].rows[0].append(make('td', 'Nothing has been written yet.', 'quiet'));
}
const decodeURIComponentSafely = (text) => { try { return decodeURIComponent(text); } catch { return text; } };

async function drawTable() {
  at('table').hidden = shown === undefined;
  if (shown === undefined) return;
  const query = new URLSearchParams({ filter: at('filter').value, offset: String(offset), limit: String(page) });
  const { rows, matched, size } = await ask('/tables/' + encodeURIComponent(shown) + '?' + query);
  const names = [...new Set(rows.flatMap(Object.keys))].filter((name) => rows.some((row) => row[name]));
  at('caption').textContent = shown + (matched === size ? '' : ': ' + matched + ' of ' + size);
  const head = make('tr'); head.append(...names.map((name) => make('th', name)));
  const [headPart, bodyPart] = [at('table').querySelector('thead'), at('table').querySelector('tbody')];
  headPart.replaceChildren(head);
  bodyPart.replaceChildren(...rows.map((row) => {
    const line = make('tr');
    line.append(...names.map((name) => { const cell = make('td', row[name] || ''); cell.title = row[name] || ''; return cell; }));
    return line;
  }));
  at('range').textContent = matched === 0 ? 'nothing' : (offset + 1) + ' to ' + (offset + rows.length) + ' of ' + matched + ', newest first';
  at('back').disabled = offset === 0;
  at('on').disabled = offset + rows.length >= matched;
}

async function refresh() {
  try {
    const inside = await ask('');
    drawFaults(inside); drawWorld(inside); await drawTable();
    at('seen').textContent = 'as of ' + new Date().toLocaleTimeString();
  } catch (error) {
    at('state').textContent = 'the twin does not answer: ' + error.message; at('state').className = 'on';
  }
}

async function act(path, body) {
  try { await ask(path, body); at('problem').textContent = ''; } catch (error) { at('problem').textContent = error.message; return false; }
  await refresh();
  return true;
}

at('press').onsubmit = async (event) => {
  event.preventDefault();
  if (chosen === undefined) return;
  const { times, match, delayMs, with: facts } = at('press').elements;
  const pairs = facts.value.split(',').map((pair) => pair.split('=').map((text) => text.trim())).filter(([name, value]) => name && value !== undefined);
  const done = await act('/press', { fault: chosen, ...(times.value && { times: Number(times.value) }), ...(match.value && { match: match.value }),
    ...(delayMs.value && { delayMs: Number(delayMs.value) }), ...(pairs.length > 0 && { with: Object.fromEntries(pairs) }) });
  if (done) { at('press').reset(); at('fields').hidden = true; chosen = undefined; at('chosen').textContent = 'Choose a button to press it.'; }
};
at('release').onclick = () => act('/release', {});
at('filter').oninput = () => { offset = 0; void drawTable(); };
at('back').onclick = () => { offset = Math.max(0, offset - page); void drawTable(); };
at('on').onclick = () => { offset += page; void drawTable(); };
shown = decodeURIComponent(location.hash.slice(1)) || undefined;
void refresh();
setInterval(() => { if (at('live').checked && !document.hidden) void refresh(); }, 2000);
`;
