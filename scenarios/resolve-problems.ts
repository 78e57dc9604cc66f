import type { FileProblem } from './file/file-problems.ts';
import { suggestion } from './did-you-mean.ts';
import type { FieldPath } from './source-problem.ts';

/** Gathers what is wrong across fields while a scenario is resolved. */
export class ResolveProblems {
  readonly problems: FileProblem[] = [];

  add(path: FieldPath, message: string, allowed = ''): void {
    this.problems.push({ path, atKey: false, message, allowed });
  }

  /** Does not note again what stands in the same place already, as of each thing of a template. */
  addOnce(path: FieldPath, message: string, allowed: string): void {
    const place = path.join('.');
    if (this.problems.some((one) => one.message === message && one.path.join('.') === place)) return;
    this.add(path, message, allowed);
  }

  /** Notes a name that nothing has; `known` are the names that exist. */
  unknown(path: FieldPath, what: string, name: string, known: Iterable<string>): void {
    const names = [...known];
    const shown = names.length <= 12 ? names.join(', ') : `${names.slice(0, 12).join(', ')}, …`;
    this.add(path, `unknown ${what} "${name}"${suggestion(name, names)}`, shown);
  }
}
