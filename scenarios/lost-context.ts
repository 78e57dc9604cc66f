import { enginePlan } from '../models/migration/engine-plan.ts';
import type { ContextMoment, EnginePlan, Scheme } from '../models/migration/scheme.ts';
import { enginesBetween } from './engines-between.ts';
import type { FileProblem } from './file/file-problems.ts';
import type { ParsedFile } from './parse-file.ts';
import type { Scenario } from './scenario.ts';

/** Warns of context that is moved and yet lost, whatever happens: what such a loss does may be what is asked. */
export function lostContext(scenario: Scenario, parsed: ParsedFile): FileProblem[] {
  return [...otherVersions(scenario), ...forgottenBeforeRead(parsed)];
}

/** Items that the destination's engine refuses, since it is of another version. */
function otherVersions({ hosts, migrations }: Scenario): FileProblem[] {
  const found = new Map<string, FileProblem>();
  for (const { source, destination, scheme } of migrations) {
    for (const { from, to } of enginesBetween(hosts, source, destination).moved) {
      if (from.kind === 'stateful-firewall' || to.kind === 'stateful-firewall') continue;
      if (from.version === to.version || enginePlan(scheme.context, from).entries.length === 0) continue;
      const message = `${to.name} on ${destination} is of version ${to.version} and takes in nothing of version ${from.version}, which ${scheme.name} moves there from ${source}`;
      const allowed = `the same version, or engines without ${to.name}`;
      found.set(message, { path: ['migrations'], atKey: true, message, allowed });
    }
  }
  return [...found.values()];
}

/** Entries that the source forgets before a scheme of the file reads them: what it reads then is that they are gone. */
function forgottenBeforeRead({ file, pathOf }: ParsedFile): FileProblem[] {
  return file.schemes.flatMap((scheme, index) => {
    const late = readAfterCleanup(scheme);
    if (late === undefined) return [];
    const message = `the source forgets entries (${scheme.cleanup.when}) before they are read (${late}): none is found, and a difference says that all are gone`;
    const path = [...pathOf('schemes', index), 'cleanup'];
    return [{ path, atKey: true, message, allowed: 'a later cleanup, or earlier moments in `entries`' }];
  });
}

function readAfterCleanup({ context, cleanup, memory }: Scheme): ContextMoment | undefined {
  const plans: readonly Pick<EnginePlan, 'entries'>[] = [context, ...context.perEngine];
  const moments = plans.flatMap(({ entries }) => entries);
  const { when, delayNs } = cleanup;
  if (when === 'at-pause') return moments.find((moment) => !beforePause.includes(moment));
  if (when === 'at-commit') return moments.find((moment) => afterCommit.includes(moment));
  // Where memory follows after the resume, so does the cleanup.
  const atOnce = memory.kind === 'pre-copy' || memory.kind === 'stop-and-copy';
  if (when !== 'after-resume' || !atOnce || delayNs >= context.afterResumeNs) return undefined;
  return moments.find((moment) => moment === 'after-resume');
}

const beforePause: readonly ContextMoment[] = ['at-reservation', 'each-round'];
const afterCommit: readonly ContextMoment[] = ['after-resume', 'on-demand'];
