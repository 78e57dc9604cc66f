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
  return flows.map(({ at, closes_at: closesAtNs, other_closes_at: otherClosesAtNs, ...rest }, index) => {
    const flow = { ...rest, atNs: at, closesAtNs, otherClosesAtNs };
    const place = [...path, 'flows', index];
    const late = flow.messages.findIndex(({ atNs }, nth) => atNs < (flow.messages[nth - 1]?.atNs ?? 0));
    if (late >= 0) {
      const allowed = 'messages in order of time';
      problems.add([...place, 'messages', late], 'is earlier than the message before it', allowed);
    }
    if (otherClosesAtNs > 0) checkHalves(flow, place, problems);
    return flow;
  });
}

function checkHalves(
  { messages, closes, closesAtNs, otherClosesAtNs }: Flows[number],
  path: FieldPath,
  problems: Resolution['problems'],
): void {
  if (closes === 'nobody') {
    problems.add([...path, 'other_closes_at'], 'nobody closed before', '`closes: peer` or `closes: vm`');
  } else if (otherClosesAtNs < closesAtNs) {
    problems.add(
      [...path, 'other_closes_at'],
      'is before the first end closed',
      'no earlier than `closes_at`',
    );
  }
  const after = messages.findIndex(({ speaker, atNs }) => speaker === closes && atNs > closesAtNs);
  if (after < 0) return;
  const message = 'is said after this end had closed';
  problems.add([...path, 'messages', after], message, 'after `closes_at`, messages of the other end');
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
