import type { ScenarioFile } from './file/scenario-file.ts';
import { phaseTrigger } from './resolve-migrations.ts';
import type { Resolution } from './resolution.ts';
import type { FaultSpec, MigrationSpec, Trigger } from './scenario.ts';
import type { FieldPath } from './source-problem.ts';

type FaultFile = ScenarioFile['faults'][number];

/** What goes wrong, hosts and phases held against the rest of the scenario. */
export function resolveFaults(
  resolution: Resolution,
  migrations: readonly MigrationSpec[],
  untilNs: number,
): FaultSpec[] {
  const { parsed, problems, names } = resolution;
  const attempts = new Map(migrations.map(({ move, attempt }) => [move, attempt]));
  return parsed.file.faults.map((fault, index) => {
    const path: FieldPath = parsed.pathOf('faults', index);
    if (!names.hosts.has(fault.host)) problems.unknown([...path, 'host'], 'host', fault.host, names.hosts);
    if ((fault.at === undefined) === (fault.after === undefined)) {
      problems.add(path, 'has to begin at a time or after a phase', '`at`, or `after`');
    }
    if (fault.at !== undefined && fault.at >= untilNs) {
      problems.add([...path, 'at'], 'is not before the run ends', 'a time before `until`');
    }
    if (fault.for === 0) problems.add([...path, 'for'], 'is no time', 'more than 0 s, or ever');
    if (fault.after !== undefined && !attempts.has(fault.after.migration)) {
      problems.unknown([...path, 'after', 'migration'], 'migration', fault.after.migration, attempts.keys());
    }
    return specOf(fault, attempts);
  });
}

function specOf(fault: FaultFile, attempts: ReadonlyMap<string, number>): FaultSpec {
  const common = { host: fault.host, trigger: triggerOf(fault, attempts), durationNs: fault.for };
  switch (fault.kind) {
    case 'link-cut':
      return { kind: 'link-cut', link: fault.link, ...common };
    case 'slowness':
      return { kind: 'slowness', factor: fault.factor, ...common };
    case 'link-loss':
      return { kind: 'link-loss', link: fault.link, lossPerFrame: fault.loss, ...common };
    case 'host-crash':
    case 'daemon-crash':
    case 'refusal':
      return { kind: fault.kind, ...common };
  }
}

function triggerOf({ at, after }: FaultFile, attempts: ReadonlyMap<string, number>): Trigger {
  return after === undefined ? { kind: 'time', atNs: at ?? 0 } : phaseTrigger(after, attempts);
}
