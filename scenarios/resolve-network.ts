import { mtuBytes } from '../models/network/frame.ts';
import type { ScenarioFile } from './file/scenario-file.ts';
import type { DeclaredNames, Placed, Resolution } from './resolution.ts';
import { firewallSpec } from './resolve-firewall.ts';
import type { ResolveProblems } from './resolve-problems.ts';
import type { LinkSpec, MiddleboxSpec, OverlaySpec } from './scenario.ts';
import type { FieldPath } from './source-problem.ts';
import { formatQuantity } from './units.ts';

type LinkFile = ScenarioFile['peers'][number]['link'];
type Cabled = Placed<{ readonly link: LinkFile; readonly return_link: LinkFile | 'same' }>;

/** The largest Ethernet frame on the wire: a queue that cannot hold one lets nothing through. */
const frameBytes = 1538;

/** Both directions of a machine's cable. */
export function resolveCable(
  { item, path }: Cabled,
  problems: ResolveProblems,
): { link: LinkSpec; returnLink: LinkSpec } {
  const link = resolveLink(item.link, [...path, 'link'], problems);
  if (item.return_link === 'same') return { link, returnLink: link };
  return { link, returnLink: resolveLink(item.return_link, [...path, 'return_link'], problems) };
}

export function resolveLink(file: LinkFile, path: FieldPath, problems: ResolveProblems): LinkSpec {
  const { rate, delay, queue, loss, jitter, reorders, queueing } = file;
  if (rate === 0) problems.add([...path, 'rate'], 'a link of 0 bit/s carries nothing', 'more than 0 bit/s');
  if (queue < frameBytes) {
    const message = `a queue of ${formatQuantity(queue, 'size')} has no room for a frame`;
    problems.add([...path, 'queue'], message, `${frameBytes} B or more`);
  }
  if (loss === 1) problems.add([...path, 'loss'], 'every frame is lost', 'less than 100 %');
  if (reorders && jitter === 0) {
    problems.add([...path, 'reorders'], 'no packet is late that another could overtake', 'with jitter');
  }
  return {
    rateBps: rate,
    delayNs: delay,
    queueBytes: queue,
    lossPerFrame: loss,
    jitterNs: jitter,
    reorders,
    queueing,
  };
}

/** Guests and peers send packets of up to 1500 bytes: with the outer headers they must fit the links. */
export function resolveOverlay({ parsed, problems }: Resolution): OverlaySpec | 'none' {
  const { overlay } = parsed.file;
  if (overlay === 'none') return 'none';
  const { encapsulation, mtu, learn } = overlay;
  const neededBytes = mtuBytes + encapsulation;
  if (mtu < neededBytes) {
    const message = `${mtu} bytes do not hold a guest’s packet of ${mtuBytes} bytes with ${encapsulation} of outer headers`;
    problems.add(['overlay', 'mtu'], message, `${neededBytes} B or more`);
  }
  return { encapsulationBytes: encapsulation, learn };
}

export function resolveMiddleboxes({ parsed, problems, names, policies }: Resolution): MiddleboxSpec[] {
  const seen = new Set<string>();
  return parsed.file.middleboxes.map((file, index) => {
    const path = parsed.pathOf('middleboxes', index);
    const machines = machineNames(names);
    if (!machines.includes(file.at)) problems.unknown([...path, 'at'], 'peer or host', file.at, machines);
    if (seen.has(file.name) || machines.includes(file.name) || names.vms.has(file.name)) {
      problems.add([...path, 'name'], `"${file.name}" is taken`, 'a name of its own');
    }
    seen.add(file.name);
    return {
      name: file.name,
      at: file.at,
      sees: file.sees,
      engine: firewallSpec(file.engine),
      policy: policies.rulesOf(file.policy, [...path, 'policy']),
    };
  });
}

function machineNames({ peers, hosts }: DeclaredNames): string[] {
  return [...peers, ...hosts];
}
