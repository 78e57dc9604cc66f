import type { FileProblem } from './file/file-problems.ts';
import type { ParsedFile } from './parse-file.ts';
import type { HostSpec, Scenario } from './scenario.ts';

/**
 * Warns where migrations cross cables with so much loss that their streams come out too fast: a stream's bound leaves
 * out TCP's timeouts (see models/network/lossy-throughput.ts).
 */
export function lossyStreams({ hosts, migrations, faults }: Scenario, { pathOf }: ParsedFile): FileProblem[] {
  if (migrations.length === 0) return [];
  const problems: FileProblem[] = [];
  hosts.forEach((host, index) => {
    if (lossOf(host) >= boundHoldsBelow) problems.push(problem(pathOf('hosts', index)));
  });
  faults.forEach((fault, index) => {
    if (fault.kind !== 'link-loss' || fault.lossPerFrame < boundHoldsBelow) return;
    const host = hosts.find(({ name }) => name === fault.host);
    if (fault.link === 'migrations' || host?.migrationLink === 'shared') {
      problems.push(problem([...pathOf('faults', index), 'loss']));
    }
  });
  return problems;
}

/** From here on a stream is at least 1.8 times too fast at round trips up to 1 ms: docs/models.md. */
const boundHoldsBelow = 0.01;

function lossOf({ link, returnLink, migrationLink }: HostSpec): number {
  if (migrationLink !== 'shared') return migrationLink.lossPerFrame;
  return Math.max(link.lossPerFrame, returnLink.lossPerFrame);
}

function problem(path: FileProblem['path']): FileProblem {
  const message =
    'migration streams come out too fast on cables that lose 1 % or more: timeouts are left out';
  return { path, atKey: false, message, allowed: 'less than 1 %; docs/models.md, Network, says by how much' };
}
