import { checkWorkloads } from './check-workloads.ts';
import type { ScenarioFile } from './file/scenario-file.ts';
import { placedItems, refuseDuplicates } from './resolution.ts';
import type { Placed, Resolution } from './resolution.ts';
import type { InitialContextSpec, PolicyUpdateSpec } from './scenario.ts';
import type { Machines } from './resolve-machines.ts';
import { resolveRecorded } from './resolve-recorded.ts';
import { formatQuantity } from './units.ts';
import type {
  FileTransferSpec,
  QuestionsSpec,
  SessionsSpec,
  StreamsSpec,
  WorkloadSpec,
} from './workload-spec.ts';

type WorkloadFile = ScenarioFile['workloads'][number];
type FileOf<Kind extends WorkloadFile['kind']> = Extract<WorkloadFile, { kind: Kind }>;

/** What guests and peers do, names, times, ports and rates held against the rest of the scenario. */
export function resolveWorkloads(
  resolution: Resolution,
  machines: Machines,
  untilNs: number,
): WorkloadSpec[] {
  const placed = placedItems(resolution, 'workloads');
  refuseDuplicates(placed, 'workloads', resolution.problems);
  const specs = placed.map((workload) => resolveWorkload(workload, untilNs, machines, resolution));
  checkWorkloads(
    specs.map((spec, index) => ({ spec, path: placed[index]!.path })),
    machines,
    resolution,
  );
  return specs;
}

function resolveWorkload(
  { item, path, index }: Placed<WorkloadFile>,
  untilNs: number,
  machines: Machines,
  resolution: Resolution,
): WorkloadSpec {
  const { problems } = resolution;
  if (item.kind === 'kernel-compile' || item.kind === 'idle')
    return { kind: 'alone', name: item.name, vm: item.vm };
  const stopNs = item.stop ?? untilNs;
  if (item.start > stopNs) {
    const message = `starts at ${formatQuantity(item.start, 'time')}, after its end`;
    problems.add([...path, 'start'], message, `at most ${formatQuantity(stopNs, 'time')}`);
  }
  const times = { name: item.name, startNs: item.start, stopNs };
  if (item.kind === 'recorded') {
    return {
      kind: 'recorded',
      vm: item.vm,
      ...times,
      flows: resolveRecorded({ item, path, index }, machines, resolution),
    };
  }
  if ('period' in item && item.period === 0) problems.add([...path, 'period'], 'is no time', 'more than 0 s');
  if (item.kind === 'probe' && item.deadline === 0)
    problems.add([...path, 'deadline'], 'is no time', 'more than 0 s');
  return specOf(item, { vm: item.vm, peer: item.peer, ...times });
}

type Shared = Pick<SessionsSpec, 'vm' | 'peer' | 'name' | 'startNs' | 'stopNs'>;

function specOf(
  item: Exclude<WorkloadFile, FileOf<'recorded' | 'kernel-compile' | 'idle'>>,
  shared: Shared,
): WorkloadSpec {
  switch (item.kind) {
    case 'request-response':
      return {
        kind: 'request-response',
        ...shared,
        initiator: item.initiator,
        asks: item.asks,
        port: item.port,
        connections: item.connections,
        requestBytes: item.request,
        responseBytes: item.response,
        think: item.think,
        rampNs: item.ramp,
        reconnect: reconnectOf(item),
      };
    case 'attack':
    case 'handover-probes': {
      const ports = { openPort: item.open_port, closedPort: item.closed_port };
      return { kind: 'attack', ...shared, ...ports, kinds: item.kinds, periodNs: item.period };
    }
    case 'probe':
      return { kind: 'probe', ...shared, port: item.port, periodNs: item.period, deadlineNs: item.deadline };
    case 'static-web':
    case 'specweb99':
    case 'oltp':
    case 'key-value':
    case 'ssh':
    case 'bulk-down':
    case 'bulk-up':
      return sessions(item, shared);
    case 'media-stream':
    case 'video-call':
    case 'game-server':
      return streams(item, shared);
    case 'dns':
    case 'quic':
      return questions(item, shared);
    case 'ftp':
      return fileTransfer(item, shared);
  }
}

function reconnectOf({ reconnect }: Pick<FileOf<'ssh'>, 'reconnect'>): SessionsSpec['reconnect'] {
  return { afterNs: reconnect.after, unansweredNs: reconnect.unanswered };
}

function sessions(item: FileOf<'ssh'> | Omit<FileOf<'ssh'>, 'kind'>, shared: Shared): SessionsSpec {
  const { users, rest, arrivals, ramp } = item;
  return {
    kind: 'sessions',
    ...shared,
    initiator: item.initiator,
    asks: item.asks,
    port: item.port,
    load: arrivals === 'closed' ? { kind: 'closed', users, rampNs: ramp, rest } : { kind: 'open', arrivals },
    opening: item.opening,
    requestsMax: item.requests,
    request: item.request,
    response: item.response,
    pieceBytes: item.piece,
    think: item.think,
    closes: item.closes,
    reconnect: reconnectOf(item),
  };
}

function datagrams(
  item: Pick<FileOf<'dns'>, 'initiator' | 'port' | 'flows' | 'ramp' | 'rebind' | 'rebind_to'>,
  { vm, peer }: Shared,
): Pick<StreamsSpec, 'initiator' | 'port' | 'flows' | 'rampNs' | 'rebind' | 'paths'> {
  const { initiator, port, flows, ramp, rebind, rebind_to: second } = item;
  const first = initiator === 'peer' ? peer : vm;
  const paths = second === undefined ? [first] : [first, second];
  return { initiator, port, flows, rampNs: ramp, rebind, paths };
}

function streams(item: Omit<FileOf<'game-server'>, 'kind'>, shared: Shared): StreamsSpec {
  const ticks = (side: typeof item.by_vm): StreamsSpec['byVm'] =>
    side.every === 'never' ? null : { period: side.every, size: side.size };
  return {
    kind: 'datagram-streams',
    ...shared,
    ...datagrams(item, shared),
    byPeer: ticks(item.by_peer),
    byVm: ticks(item.by_vm),
  };
}

function questions(item: Omit<FileOf<'dns'>, 'kind'>, shared: Shared): QuestionsSpec {
  const { question, answer, think, timeout, tries } = item;
  const asked = { question, answer, think, timeoutNs: timeout, tries };
  return { kind: 'datagram-questions', ...shared, ...datagrams(item, shared), ...asked };
}

function fileTransfer(item: FileOf<'ftp'>, shared: Shared): FileTransferSpec {
  return {
    kind: 'ftp',
    ...shared,
    initiator: item.initiator,
    port: item.port,
    load: { kind: 'closed', users: item.users, rampNs: item.ramp, rest: item.think },
    mode: item.mode,
    direction: item.direction,
    file: item.file,
    think: item.think,
    filesMax: item.files,
    dataPorts: { first: item.data_port, count: item.data_ports },
    reconnect: reconnectOf(item),
  };
}

/** Entries at the start, each for a VM that exists. */
export function resolveInitialContext(resolution: Resolution): InitialContextSpec[] {
  const { problems, names } = resolution;
  return placedItems(resolution, 'initial_context').map(({ item, path }) => {
    if (!names.vms.has(item.vm)) problems.unknown([...path, 'vm'], 'VM', item.vm, names.vms);
    return { vm: item.vm, entries: item.entries, port: item.port };
  });
}

/** Changes of policy; every host has a delay, its own or the common one. */
export function resolveController(resolution: Resolution): PolicyUpdateSpec[] {
  const { parsed, problems, names, policies } = resolution;
  return parsed.file.controller.map((update, index) => {
    const path = parsed.pathOf('controller', index);
    if (!names.vms.has(update.vm)) problems.unknown([...path, 'vm'], 'VM', update.vm, names.vms);
    for (const host of Object.keys(update.delays)) {
      if (!names.hosts.has(host)) problems.unknown([...path, 'delays', host], 'host', host, names.hosts);
    }
    return {
      vm: update.vm,
      atNs: update.at,
      policy: policies.rulesOf(update.policy, [...path, 'policy']),
      delays: [...names.hosts].map((host) => ({ host, delay: update.delays[host] ?? update.delay })),
    };
  });
}
