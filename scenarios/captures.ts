import { dirname, resolve } from 'node:path';
import { formatAddress, type Address } from '../models/network/address.ts';
import { openCapture } from './import/open-capture.ts';
import type { CapturedFlow } from './import/captured-flows.ts';
import type { ResolveProblems } from './resolve-problems.ts';
import type { FieldPath } from './source-problem.ts';
import type { FileProblem } from './file/file-problems.ts';

/** What a workload says of a capture: the file, and the address in it of the machine that is the VM; null for the busiest. */
export interface CaptureName {
  readonly file: string;
  readonly address: Address | null;
}

/** Gives the flows that a `capture:` names. */
export interface CaptureSource {
  flowsOf(capture: CaptureName, path: FieldPath): readonly CapturedFlow[];
}

/** Reads the captures that workloads name, each once. Paths are relative to the scenario's folder. */
export class Captures implements CaptureSource {
  /** What was missing in a capture that is read all the same. */
  readonly warnings: FileProblem[] = [];
  private readonly folder: string;
  private readonly problems: ResolveProblems;
  private readonly read = new Map<string, readonly CapturedFlow[]>();

  constructor(scenarioPath: string, problems: ResolveProblems) {
    this.folder = dirname(scenarioPath);
    this.problems = problems;
  }

  flowsOf(capture: CaptureName, path: FieldPath): readonly CapturedFlow[] {
    const key = `${capture.address === null ? '' : formatAddress(capture.address)} ${capture.file}`;
    const known = this.read.get(key);
    if (known !== undefined) return known;
    const flows = this.load(capture, path);
    this.read.set(key, flows);
    return flows;
  }

  private load({ file, address }: CaptureName, path: FieldPath): readonly CapturedFlow[] {
    const opened = openCapture(resolve(this.folder, file), address);
    if (!opened.ok) {
      this.problems.add([...path, 'file'], `"${file}": ${opened.message}`, opened.allowed);
      return [];
    }
    for (const [cause, count] of Object.entries(opened.capture.faults)) {
      if (cause === 'not-ip') continue;
      const message = `"${file}": ${count} × ${cause}: what is missing is not played`;
      this.warnings.push({ path: [...path, 'file'], atKey: false, message, allowed: '' });
    }
    return opened.flows;
  }
}
