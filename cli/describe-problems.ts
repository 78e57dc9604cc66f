import { plural } from '../results/plural.ts';
import type { Problem } from '../sim/assert.ts';
import type { Screen } from './screen.ts';

/** All problems for the screen: place, message and what is allowed, then the line of the file with a caret. */
export function describeProblems(
  problems: readonly Problem[],
  screen: Screen,
  severity: 'error' | 'warning' = 'error',
): string {
  const lines = problems.flatMap((problem) => describe(problem, screen));
  const count = plural(problems.length, severity);
  return [...lines, screen.paint(severity === 'error' ? 'red' : 'yellow', count)].join('\n');
}

function describe(problem: Problem, screen: Screen): string[] {
  const lines = [`${screen.paint('bold', problem.place)}  ${problem.message}`];
  if ('excerpt' in problem && typeof problem.excerpt === 'string' && problem.excerpt !== '') {
    lines.push(screen.paint('dim', problem.excerpt));
  }
  if (problem.allowed !== '') lines.push(`    allowed: ${problem.allowed}`);
  return lines;
}
