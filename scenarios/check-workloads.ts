import { clientPorts } from '../models/network/endpoint-host.ts';
import type { Ticks } from '../models/workload/datagram-streams.ts';
import type { Rebind } from '../models/workload/datagrams.ts';
import { datagramBytesMax } from '../models/workload/datagram-flow.ts';
import { meanIntervalNs } from '../models/workload/interval.ts';
import { meanBytes, type Size } from '../models/workload/size.ts';
import { refuseTooManyPorts } from './check-datagram-ports.ts';
import { refuseMetPorts } from './check-recorded-ports.ts';
import { checkRates } from './check-rates.ts';
import type { Resolution } from './resolution.ts';
import type { Machines } from './resolve-machines.ts';
import type { FieldPath } from './source-problem.ts';
import { formatQuantity } from './units.ts';
import { workloadPeers } from './workload-peers.ts';
import type { WorkloadSpec } from './workload-spec.ts';

/** A workload and where in the file it stands. */
export interface PlacedWorkload {
  readonly spec: WorkloadSpec;
  readonly path: FieldPath;
}

/** Holds workloads against the machines and against each other: names, ports, rates. */
export function checkWorkloads(
  placed: readonly PlacedWorkload[],
  machines: Machines,
  resolution: Resolution,
): void {
  for (const workload of placed) {
    checkNames(workload, resolution);
    checkOwnFields(workload, resolution);
  }
  checkRates(placed, machines, resolution);
  refuseSharedPorts(placed, resolution);
  refuseTooManyPorts(placed, resolution);
}

function checkNames({ spec, path }: PlacedWorkload, { problems, names }: Resolution): void {
  if (!names.vms.has(spec.vm)) problems.unknown([...path, 'vm'], 'VM', spec.vm, names.vms);
  for (const { name: peer, key } of workloadPeers(spec)) {
    if (peer !== spec.vm && (names.peers.has(peer) || names.vms.has(peer))) continue;
    const others = [...names.peers, ...names.vms].filter((name) => name !== spec.vm);
    problems.unknown([...path, ...key], 'peer or other VM', peer, others);
  }
}

function checkOwnFields({ spec, path }: PlacedWorkload, { problems }: Resolution): void {
  switch (spec.kind) {
    case 'recorded':
      refuseMetPorts(spec, path, { problems });
      return;
    case 'attack':
      if (spec.kinds.length === 0) problems.add([...path, 'kinds'], 'names no attack', 'at least one');
      return;
    case 'datagram-streams': {
      const key = spec.initiator === 'peer' ? 'by_peer' : 'by_vm';
      const first = spec.initiator === 'peer' ? spec.byPeer : spec.byVm;
      if (first === null)
        problems.add([...path, key], 'sends nothing, and would be the first to', 'a time for `every`');
      if (spec.byPeer !== null) checkTicks(spec.byPeer, [...path, 'by_peer'], problems);
      if (spec.byVm !== null) checkTicks(spec.byVm, [...path, 'by_vm'], problems);
      if (spec.rebind.kind === 'every-question')
        problems.add([...path, 'rebind'], 'names questions, a stream has none', 'never, or a time');
      checkRebind(spec.rebind, path, problems);
      checkPath(spec.paths, spec.initiator, path, problems);
      return;
    }
    case 'datagram-questions':
      checkDatagram(spec.question, [...path, 'question'], problems);
      checkDatagram(spec.answer, [...path, 'answer'], problems);
      if (spec.timeoutNs === 0) problems.add([...path, 'timeout'], 'is no time', 'more than 0 s');
      checkRebind(spec.rebind, path, problems);
      checkPath(spec.paths, spec.initiator, path, problems);
      return;
    case 'ftp': {
      const last = spec.dataPorts.first + spec.dataPorts.count - 1;
      if (last > 65_535) problems.add([...path, 'data_ports'], `reach up to ${last}`, 'ports up to 65535');
      const users = spec.load.kind === 'closed' ? spec.load.users : 0;
      if (spec.dataPorts.count < users)
        problems.add([...path, 'data_ports'], `are fewer than the ${users} users`, 'one for each user');
      return;
    }
    case 'request-response':
      checkClientPorts(spec.connections, [...path, 'connections'], problems);
      return;
    case 'sessions':
      if (spec.load.kind === 'closed') checkClientPorts(spec.load.users, [...path, 'users'], problems);
      else if (meanIntervalNs(spec.load.arrivals) === 0)
        problems.add([...path, 'arrivals'], 'is no time', 'more than 0 s, or closed');
      return;
    default:
      return;
  }
}

function checkTicks({ period, size }: Ticks, path: FieldPath, problems: Resolution['problems']): void {
  if (meanIntervalNs(period) === 0) problems.add([...path, 'every'], 'is no time', 'more than 0 s');
  checkDatagram(size, [...path, 'size'], problems);
}

function checkRebind(rebind: Rebind, path: FieldPath, problems: Resolution['problems']): void {
  if (rebind.kind === 'after' && meanIntervalNs(rebind.interval) === 0)
    problems.add([...path, 'rebind'], 'is no time', 'more than 0 s, or never');
}

function checkDatagram(size: Size, path: FieldPath, problems: Resolution['problems']): void {
  const bytes = Math.round(meanBytes(size));
  if (bytes <= datagramBytesMax) return;
  const message = `a datagram of ${formatQuantity(bytes, 'size')} would be sent in fragments`;
  problems.add(path, message, `at most ${formatQuantity(datagramBytesMax, 'size')}`);
}

function checkPath(
  paths: readonly string[],
  initiator: 'peer' | 'vm',
  path: FieldPath,
  problems: Resolution['problems'],
): void {
  if (paths.length < 2 || initiator === 'peer') return;
  problems.add([...path, 'rebind_to'], 'moves the peer’s end, but the VM sends first', '`initiator: peer`');
}

function checkClientPorts(connections: number, path: FieldPath, problems: Resolution['problems']): void {
  if (connections <= clientPorts) return;
  const message = `${connections} connections from one address to one port need as many ports`;
  problems.add(path, message, `at most ${clientPorts}, the ports that Linux gives to clients`);
}

/** Two services cannot listen at one port of one machine. */
function refuseSharedPorts(placed: readonly PlacedWorkload[], { problems }: Resolution): void {
  const taken = new Map<string, string>();
  for (const { spec, path } of placed) {
    const own = new Set<string>();
    for (const { protocol, machine, port, key } of socketsOf(spec)) {
      const socket = `${protocol} port ${port} of ${machine}`;
      const first = taken.get(socket);
      if (first !== undefined && !own.has(socket)) {
        problems.add([...path, ...key], `${socket} is taken by workload ${first}`, 'another port');
        break;
      }
      own.add(socket);
    }
    for (const socket of own) if (!taken.has(socket)) taken.set(socket, spec.name);
  }
}

interface ServedSocket {
  readonly protocol: 'TCP' | 'UDP';
  readonly machine: string;
  readonly port: number;
  /** Which key of the workload gives the port. */
  readonly key: FieldPath;
}

/** Where a workload waits for connections or datagrams. */
function* socketsOf(spec: WorkloadSpec): Generator<ServedSocket> {
  if (spec.kind === 'attack' || spec.kind === 'alone') return;
  if (spec.kind === 'recorded') {
    for (const [index, { protocol, initiator, peer, port }] of spec.flows.entries()) {
      const machine = initiator === 'peer' ? spec.vm : peer;
      yield { protocol: protocol === 'tcp' ? 'TCP' : 'UDP', machine, port, key: ['flows', index, 'port'] };
    }
    return;
  }
  const initiator = spec.kind === 'probe' ? 'peer' : spec.initiator;
  const udp = spec.kind === 'probe' || spec.kind === 'datagram-streams' || spec.kind === 'datagram-questions';
  const machine = initiator === 'peer' ? spec.vm : spec.peer;
  yield { protocol: udp ? 'UDP' : 'TCP', machine, port: spec.port, key: ['port'] };
  if (spec.kind !== 'ftp') return;
  const announcer = (spec.mode === 'passive') === (spec.initiator === 'peer') ? spec.vm : spec.peer;
  const { first, count } = spec.dataPorts;
  for (let port = first; port < Math.min(first + count, 65_536); port++)
    yield { protocol: 'TCP', machine: announcer, port, key: ['data_port'] };
}
