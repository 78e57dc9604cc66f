import { formatAddress, type Address } from '../models/network/address.ts';
import type { ScenarioFile } from './file/scenario-file.ts';
import type { Placed, Resolution } from './resolution.ts';
import type { Machines } from './resolve-machines.ts';
import type { FieldPath } from './source-problem.ts';
import type { RecordedSpec } from './workload-spec.ts';

type RecordedFile = Extract<ScenarioFile['workloads'][number], { kind: 'recorded' }>;
type Flows = RecordedSpec['flows'];

/** The flows that a workload of kind `recorded` says itself, or those of the capture that it names. */
export function resolveRecorded(
  { item, path }: Placed<RecordedFile>,
  machines: Machines,
  resolution: Resolution,
): Flows {
  const { problems } = resolution;
  const { capture } = item;
  if (item.flows.length > 0 === (capture !== undefined)) {
    const message = capture === undefined ? 'holds no flow' : 'holds flows beside those of its capture';
    const allowed = 'either flows: with at least one, or capture:';
    problems.add([...path, 'flows'], message, allowed);
    return [];
  }
  return capture === undefined
    ? writtenFlows(item, path, resolution)
    : capturedFlows(capture, [...path, 'capture'], { vm: item.vm, machines, resolution });
}

function writtenFlows({ flows }: RecordedFile, path: FieldPath, { problems }: Resolution): Flows {
  flows.forEach(({ messages }, index) => {
    const late = messages.findIndex(({ atNs }, nth) => atNs < (messages[nth - 1]?.atNs ?? 0));
    if (late < 0) return;
    const at = [...path, 'flows', index, 'messages', late];
    problems.add(at, 'is earlier than the message before it', 'messages in order of time');
  });
  return flows.map(({ at, closes_at: closesAtNs, ...flow }) => ({ ...flow, atNs: at, closesAtNs }));
}

interface Site {
  readonly vm: string;
  readonly machines: Machines;
  readonly resolution: Resolution;
}

function capturedFlows(
  { file, address, peer }: NonNullable<RecordedFile['capture']>,
  path: FieldPath,
  { vm, machines, resolution }: Site,
): Flows {
  const { captures, problems, names } = resolution;
  if (peer !== undefined && (peer === vm || !(names.peers.has(peer) || names.vms.has(peer)))) {
    const others = [...names.peers, ...names.vms].filter((name) => name !== vm);
    problems.unknown([...path, 'peer'], 'peer or other VM', peer, others);
    return [];
  }
  const captured = captures.flowsOf({ file, address: address ?? null }, path);
  const known = new Map(
    [...machines.peers, ...machines.virtualMachines]
      .filter(({ name }) => name !== vm)
      .map((machine) => [formatAddress(machine.address), machine.name]),
  );
  const unknown = new Set<string>();
  const flows = captured.map(({ remote, ...flow }) => ({
    ...flow,
    peer: peer ?? nameOf(remote, known, unknown),
  }));
  if (unknown.size === 0) return flows;
  const [first, ...others] = unknown;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  const message = `"${file}" has flows with ${first}${more}, which no peer or other VM has as its address`;
  const allowed = 'peers as `nseh import pcap --refer` prints them, or `peer:` to play every other end';
  problems.add([...path, 'file'], message, allowed);
  return [];
}

function nameOf(remote: Address, known: ReadonlyMap<string, string>, unknown: Set<string>): string {
  const address = formatAddress(remote);
  const found = known.get(address);
  if (found === undefined) unknown.add(address);
  return found ?? '';
}
