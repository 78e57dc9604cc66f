import { AssertionError, ScenarioError } from '../sim/assert.ts';
import type { Screen } from './screen.ts';
import { describeProblems } from './describe-problems.ts';

/**
 * Tells the user what ended the command and gives the exit code: 2 for what the user can mend, without a
 * stack trace; 1 for a bug of ours, with what is needed to replay it.
 */
export function reportFailure(error: unknown, screen: Screen): number {
  if (error instanceof ScenarioError) {
    screen.note(describeProblems(error.problems, screen));
    return 2;
  }
  if (error instanceof AssertionError) {
    screen.note(`${screen.paint('red', 'internal error')}: ${error.message}`);
    screen.note('This is a bug in nseh. Please report it with the lines above.');
    return 1;
  }
  if (isSystemError(error)) {
    screen.note(`${screen.paint('red', 'error')}: ${describeSystemError(error)}`);
    return 2;
  }
  screen.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  screen.note('This is a bug in nseh. Please report it with the lines above.');
  return 1;
}

/** An error of the operating system, mostly about a file that the user named. */
interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
}

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

/** Writing to a full disk names no path: the file was open already. */
function describeSystemError(error: SystemError): string {
  const path = 'path' in error && typeof error.path === 'string' ? error.path : '';
  // What is being written has a name of its own until it is whole.
  const place = path === '' ? '' : `${path.replace(/\.([^/]+)\.partial-\d+$/, '$1')}: `;
  return `${place}${reasons.get(error.code) ?? error.message}`;
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file or directory'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'operation not permitted'],
  ['EISDIR', 'is a directory, not a file'],
  ['ENOTDIR', 'part of the path is not a directory'],
  ['EEXIST', 'exists already'],
  ['ELOOP', 'symbolic links go round in circles'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['ENOSPC', 'no space left on the device'],
  ['EROFS', 'the file system is read-only'],
]);
