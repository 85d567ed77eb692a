import { failed, type Pass } from '#mapping/pass';
import { getter, holderOf, setter } from '#mapping/path';
import { plainLines, type Level, type ListLevel, type PlacedRow } from '#mapping/tree';
import { inwardValue, namesMembers, outwardValue, type ValueOf } from '#mapping/value';

/** Writes what the rows of a level say of one source line into a target object. */
export type Walk = (source: unknown, target: Record<string, unknown>, pass: Pass) => void;

/** Compiles a level to one closure. `checked` are target paths that more than one row may write. */
export function compileWalk(level: Level, direction: 'in' | 'out', checked: ReadonlySet<string>): Walk {
  const steps: Walk[] = [...level.rows.map((placed) => rowWalk(placed, direction, checked)), ...level.lists.map((list) => listWalk(list, direction, checked))];
  return (source, target, pass) => {
    for (const step of steps) step(source, target, pass);
  };
}

function valueOf(placed: PlacedRow, direction: 'in' | 'out'): ValueOf {
  return direction === 'in' ? inwardValue(placed.parsed, placed.source) : outwardValue(placed.parsed, placed.source);
}

function rowWalk(placed: PlacedRow, direction: 'in' | 'out', checked: ReadonlySet<string>): Walk {
  const { parsed, target: steps } = placed;
  const value = valueOf(placed, direction);
  const write = setter(steps);
  const there = checked.has(direction === 'in' ? parsed.row.ours : parsed.row.theirs) ? getter(steps) : undefined;
  const holder = direction === 'out' && namesMembers(parsed) ? holderOf(steps) : undefined;
  const read = getter(placed.source ?? []);
  const present = direction === 'out' && parsed.computed ? getter(parsed.ours?.levels[0] ?? []) : undefined;
  return (source, target, pass) => {
    if (present && pass.partial && pass.indexes.length === 0 && (!parsed.ours || present(source) === undefined)) return;
    if (holder) pass.holder = read(source) === undefined ? undefined : holder(target);
    const found = value(source, pass);
    if (found === undefined || found === failed) return;
    const before = there?.(target);
    if (before !== undefined && before !== found)
      pass.issue(parsed, 'bad-value', `two rows say different things: ${String(before)} and ${String(found)}; make their conditions exclude each other`);
    else write(target, found);
  };
}

function listWalk(list: ListLevel, direction: 'in' | 'out', checked: ReadonlySet<string>): Walk {
  const read = getter(list.source);
  const there = getter(list.target);
  const write = setter(list.target);
  const lines = plainLines(list) ? plainLinesWalk(list, direction) : objectLinesWalk(list, direction, checked);
  const first = firstRow(list.level);
  return (source, target, pass) => {
    const found = read(source);
    if (found === undefined || found === null || !first) return;
    if (!pass.admits(found, first.parsed, list.sourceText)) return;
    const before = there(target);
    const built: unknown[] = Array.isArray(before) ? before : [];
    if (built !== before) write(target, built);
    const outer = pass.scope.line;
    const depth = pass.indexes.length;
    for (let i = 0; i < found.length; i++) {
      pass.indexes[depth] = i;
      pass.scope.line = found[i];
      lines(found[i], built, pass);
    }
    pass.indexes.length = depth;
    pass.scope.line = outer;
  };
}

type LineWalk = (line: unknown, built: unknown[], pass: Pass) => void;

function plainLinesWalk(list: ListLevel, direction: 'in' | 'out'): LineWalk {
  const [only] = list.level.rows;
  const value = only ? valueOf(only, direction) : () => undefined;
  return (line, built, pass) => {
    const found = value(line, pass);
    if (found !== undefined && found !== failed) built.push(found);
  };
}

/** A line of which no row says anything is left out: that is how `when` chooses lines. */
function objectLinesWalk(list: ListLevel, direction: 'in' | 'out', checked: ReadonlySet<string>): LineWalk {
  const walk = compileWalk(list.level, direction, checked);
  return (line, built, pass) => {
    const target: Record<string, unknown> = {};
    walk(line, target, pass);
    for (const name in target) {
      if (Object.hasOwn(target, name)) {
        built.push(target);
        return;
      }
    }
  };
}

function firstRow(level: Level): PlacedRow | undefined {
  const [list] = level.lists;
  return level.rows[0] ?? (list ? firstRow(list.level) : undefined);
}
