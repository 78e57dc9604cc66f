import { lossMeasuredMax } from '../models/network/lossy-grid.ts';
import type { FileProblem } from './file/file-problems.ts';
import type { ParsedFile } from './parse-file.ts';
import type { HostSpec, Scenario } from './scenario.ts';

/**
 * Warns where migrations cross paths with more loss than their law was measured for (models/network/lossy-throughput.ts).
 * A path is the cables of two hosts: of a host's own, and of the one of all others that loses most.
 */
export function lossyStreams({ hosts, migrations, faults }: Scenario, { pathOf }: ParsedFile): FileProblem[] {
  if (migrations.length === 0) return [];
  const problems: FileProblem[] = [];
  const tooLossy = (loss: number, host: HostSpec): boolean => {
    const others = hosts.filter((other) => other !== host).map(lossOf);
    return 1 - (1 - loss) * (1 - Math.max(0, ...others)) > lossMeasuredMax + 1e-9;
  };
  hosts.forEach((host, index) => {
    if (lossOf(host) > 0 && tooLossy(lossOf(host), host)) problems.push(problem(pathOf('hosts', index)));
  });
  faults.forEach((fault, index) => {
    const host = fault.kind === 'link-loss' ? hosts.find(({ name }) => name === fault.host) : undefined;
    if (fault.kind !== 'link-loss' || host === undefined || !tooLossy(fault.lossPerFrame, host)) return;
    if (fault.link === 'migrations' || host.migrationLink === 'shared') {
      problems.push(problem([...pathOf('faults', index), 'loss']));
    }
  });
  return problems;
}

function lossOf({ link, returnLink, migrationLink }: HostSpec): number {
  if (migrationLink !== 'shared') return migrationLink.lossPerFrame;
  return Math.max(link.lossPerFrame, returnLink.lossPerFrame);
}

function problem(path: FileProblem['path']): FileProblem {
  const percent = `${Math.round(lossMeasuredMax * 100)} %`;
  const message = `how fast migration streams are is a guess on paths that lose more than ${percent}`;
  return { path, atKey: false, message, allowed: `${percent} between two hosts; docs/models.md, Network` };
}
