import { isoTime } from '#base/clock';
import { compare } from '#base/decimal';
import { moneyText } from '#base/money';
import { differenceClasses, type Difference, type DifferenceClass, type Statement, type StatementSection, type Total } from '#assurance/statement';

const sides = { stock: ['finance', 'maintenance'], orders: ['hub', 'finance'], costs: ['hub', 'finance'], assets: ['finance', 'maintenance'] } as const;
/** Most totals and differences that a terminal gets per section; `--json` has all. */
const mostLines = 30;

/** A statement for a terminal: one line per section with counts, its totals, then what differs with evidence. */
export function statementText(statement: Statement): string {
  const lines = [`Statement of ${isoTime(statement.at).slice(0, 19).replace('T', ' ')} UTC: ${verdict(statement)}`];
  for (const section of statement.sections) lines.push('', ...sectionText(section));
  return `${lines.join('\n')}\n`;
}

function verdict({ agrees, sections }: Statement): string {
  const sum = (count: (section: StatementSection) => number): number => sections.reduce((total, section) => total + count(section), 0);
  const [compared, explained, unexplained] = [sum((one) => one.compared), sum((one) => one.explained), sum((one) => one.unexplained)];
  if (compared === 0) return 'nothing was there to compare.';
  if (!agrees)
    return `${counted(unexplained, 'difference')} without an explanation in ${compared} comparisons${explained > 0 ? `, ${explained} explained` : ''}.`;
  return explained === 0
    ? `both systems and the hub agree in ${compared} comparisons.`
    : `both systems and the hub agree in ${compared} comparisons; ${counted(explained, 'difference')} explained.`;
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

function sectionText(section: StatementSection): string[] {
  const { name, compared, agreed, explained, unexplained, totals, classes, differences, more, notCompared } = section;
  const lines = [
    `${name.padEnd(8)}${String(compared).padStart(8)} compared  ${String(agreed).padStart(8)} agree  ${String(explained).padStart(6)} explained  ${String(unexplained).padStart(6)} differ`,
  ];
  const [left, right] = sides[name];
  lines.push(
    ...cut(
      totals.map((total) => totalText(total, left, right)),
      'totals',
      totals.length,
    ),
  );
  for (const [kind, count] of Object.entries(classes)) lines.push(`  ${String(count).padStart(6)}  ${differenceClasses[kind as DifferenceClass].title}`);
  lines.push(...cut(differences.flatMap(differenceText), 'lines of differences', differences.length + more));
  for (const sentence of notCompared) lines.push(`  not compared: ${sentence}`);
  return lines;
}

function cut(lines: readonly string[], what: string, all: number): string[] {
  return lines.length <= mostLines * 3 ? [...lines] : [...lines.slice(0, mostLines * 3), `  ... and more ${what} (${all} in all); --json has them`];
}

function totalText({ what, unit, left, right }: Total, one: string, other: string): string {
  return compare(left, right) === 0 ? `  ${what}: ${left} ${unit} on both` : `  ${what}: ${one} ${left} ${unit}, ${other} ${right} ${unit}`;
}

function differenceText(difference: Difference): string[] {
  const { text, money, explainedBy } = difference;
  const { title, advice } = differenceClasses[difference.class];
  const first = `  ${explainedBy ? '~' : '!'} ${title}: ${text}${money ? ` (${moneyText(money)})` : ''}`;
  return explainedBy ? [first, ...explainedBy.map((by) => `      explained by ${by}`)] : [first, `      ${advice}`];
}
