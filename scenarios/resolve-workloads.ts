import type { ScenarioFile } from './file/scenario-file.ts';
import { placedItems, refuseDuplicates } from './resolution.ts';
import type { Placed, Resolution } from './resolution.ts';
import type { InitialContextSpec, PolicyUpdateSpec, WorkloadSpec } from './scenario.ts';
import { formatQuantity } from './units.ts';

type WorkloadFile = ScenarioFile['workloads'][number];

/** What guests and peers do, names and times held against the rest of the scenario. */
export function resolveWorkloads(resolution: Resolution, untilNs: number): WorkloadSpec[] {
  const placed = placedItems(resolution, 'workloads');
  refuseDuplicates(placed, 'workloads', resolution.problems);
  refuseSharedPorts(placed, resolution);
  return placed.map((workload) => resolveWorkload(workload, untilNs, resolution));
}

/** Two services cannot listen at one port of one machine. */
function refuseSharedPorts(placed: readonly Placed<WorkloadFile>[], { problems }: Resolution): void {
  const taken = new Map<string, string>();
  for (const { item, path } of placed) {
    if (item.kind === 'attack') continue;
    const server = item.kind === 'request-response' && item.initiator === 'vm' ? item.peer : item.vm;
    const socket = `${item.kind === 'probe' ? 'UDP' : 'TCP'} port ${item.port} of ${server}`;
    const first = taken.get(socket);
    if (first !== undefined)
      problems.add([...path, 'port'], `${socket} is taken by workload ${first}`, 'another port');
    taken.set(socket, item.name);
  }
}

function resolveWorkload(
  { item, path }: Placed<WorkloadFile>,
  untilNs: number,
  resolution: Resolution,
): WorkloadSpec {
  const { problems, names } = resolution;
  if (!names.vms.has(item.vm)) problems.unknown([...path, 'vm'], 'VM', item.vm, names.vms);
  if (item.peer === item.vm || !(names.peers.has(item.peer) || names.vms.has(item.peer))) {
    const others = [...names.peers, ...names.vms].filter((name) => name !== item.vm);
    problems.unknown([...path, 'peer'], 'peer or other VM', item.peer, others);
  }
  const stopNs = item.stop ?? untilNs;
  if (item.start > stopNs) {
    const message = `starts at ${formatQuantity(item.start, 'time')}, after its end`;
    problems.add([...path, 'start'], message, `at most ${formatQuantity(stopNs, 'time')}`);
  }
  const shared = { name: item.name, vm: item.vm, peer: item.peer, startNs: item.start, stopNs };
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
        reconnect: { afterNs: item.reconnect.after, unansweredNs: item.reconnect.unanswered },
      };
    case 'attack':
      if (item.kinds.length === 0) problems.add([...path, 'kinds'], 'names no attack', 'at least one');
      if (item.period === 0) problems.add([...path, 'period'], 'is no time', 'more than 0 s');
      return {
        kind: 'attack',
        ...shared,
        kinds: item.kinds,
        openPort: item.open_port,
        closedPort: item.closed_port,
        periodNs: item.period,
      };
    case 'probe':
      if (item.period === 0) problems.add([...path, 'period'], 'is no time', 'more than 0 s');
      return { kind: 'probe', ...shared, port: item.port, periodNs: item.period, deadlineNs: item.deadline };
  }
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
      delays: [...names.hosts].map((host) => ({ host, delayNs: update.delays[host] ?? update.delay })),
    };
  });
}
