/** The results of the bench as the table of docs/performance.md. */
import { type Goal, isMet, type Line, type Skipped } from './row.ts';

const head = ['What', 'Gateway', 'Beside it', 'Ratio', 'Goal', ''];

export function toTable(lines: readonly (Line | Skipped)[]): string {
  const rows = lines.map((line) =>
    'skipped' in line ? [line.what, `skipped: ${line.skipped}`, '', '', '', ''] : toCells(line),
  );
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const draw = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [draw(head), draw(widths.map((width) => '-'.repeat(width))), ...rows.map(draw)].join('\n');
}

function toCells(line: Line): string[] {
  const { what, value, unit, peer, ratio, goal } = line;
  const met = isMet(line);
  return [
    what,
    `${toFigure(value)} ${unit}`,
    peer ? `${peer.name}: ${toFigure(peer.value)} ${unit}` : '',
    ratio === undefined ? '' : toFigure(ratio),
    goal ? toText(goal) : '',
    met === null ? '' : met ? 'met' : 'missed',
  ];
}

const toText = (goal: Goal) => ('atLeast' in goal ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`);

/** The bench is accurate to three digits. */
function toFigure(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
