import { DatagramQuestions } from '../models/workload/datagram-questions.ts';
import { DatagramStreams } from '../models/workload/datagram-streams.ts';
import { Datagrams } from '../models/workload/datagrams.ts';
import { FileTransfer } from '../models/workload/file-transfer.ts';
import { otherEnd } from '../models/workload/flow-ends.ts';
import { RecordedFlows } from '../models/workload/recorded-flows.ts';
import { requestResponse } from '../models/workload/request-response.ts';
import { TcpSessions } from '../models/workload/tcp-sessions.ts';
import { turn, type Script, type Turn } from '../models/workload/turn.ts';
import type { Traffic, WorkloadSite } from './build-workloads.ts';
import { sessionsOf } from './flow-numbers.ts';
import type {
  AttackSpec,
  ProbeSpec,
  QuestionsSpec,
  RecordedSpec,
  SessionsSpec,
  StreamsSpec,
  WorkloadSpec,
} from './workload-spec.ts';

/** Builds the traffic of a workload that is neither attack nor probe. */
export function buildTraffic(
  spec: Exclude<WorkloadSpec, AttackSpec | ProbeSpec>,
  site: WorkloadSite,
): Traffic {
  const { numbers, building } = site;
  const { simulation, chance, observations } = building;
  switch (spec.kind) {
    case 'alone':
      return { start: () => undefined, publishStates: () => undefined, known: null, datagrams: null };
    case 'request-response': {
      const ends = site.endsOf(spec.vm, spec.peer);
      const parts = { ends, simulation, chance, observations };
      return tcp(requestResponse(spec, numbers.claim(spec.connections), parts));
    }
    case 'sessions': {
      const ends = site.endsOf(spec.vm, spec.peer);
      const flows = numbers.claimSessions(sessionsOf(spec));
      const script = scriptOf(spec);
      const parts = { settings: spec, ends, flows, simulation, chance, observations };
      return tcp(new TcpSessions({ ...parts, script: () => script }));
    }
    case 'ftp': {
      const ends = site.endsOf(spec.vm, spec.peer);
      const flows = numbers.claimSessions(sessionsOf(spec));
      const dataFlows = numbers.claimRange();
      return tcp(
        new FileTransfer({ settings: spec, ends, flows, dataFlows, simulation, chance, observations }),
      );
    }
    case 'recorded': {
      const recorded = recordedFlows(spec, site);
      const hasDatagrams = spec.flows.some(({ protocol }) => protocol === 'udp');
      return { ...tcp(recorded), datagrams: hasDatagrams ? (u) => recorded.target(u) : null };
    }
    case 'datagram-streams':
    case 'datagram-questions':
      return datagrams(spec, site);
  }
}

function tcp(traffic: TcpSessions | FileTransfer | RecordedFlows): Traffic {
  return {
    start: () => traffic.start(),
    publishStates: (wouldPass) => traffic.publishStates(wouldPass),
    known: traffic.known,
    datagrams: null,
  };
}

function scriptOf(spec: SessionsSpec): Script {
  const { asks, request, response, think, pieceBytes, opening, requestsMax, closes } = spec;
  const answers = otherEnd(asks);
  const inPieces = (one: Turn): Turn => ({ ...one, pieceBytes });
  return {
    opening: opening.map(({ from, size }) => turn(from, size, { kind: 'none' })),
    round: [inPieces(turn(asks, request, think)), inPieces(turn(answers, response, { kind: 'none' }))],
    roundsMax: requestsMax,
    closes,
    closesBy: 'close',
    closesAtNs: 0,
    answer: null,
    pausesFirst: false,
  };
}

function recordedFlows(spec: RecordedSpec, { building, numbers, endsOf }: WorkloadSite): RecordedFlows {
  const { simulation, chance, observations } = building;
  const firstFlow = numbers.claim(spec.flows.length);
  const begun = spec.flows.filter(({ atNs }) => spec.startNs + atNs <= spec.stopNs);
  const flows = begun.map((flow) => ({ flow, ends: endsOf(spec.vm, flow.peer) }));
  const { name, startNs } = spec;
  return new RecordedFlows({ name, flows, firstFlow, startNs, simulation, chance, observations });
}

function datagrams(spec: StreamsSpec | QuestionsSpec, site: WorkloadSite): Traffic {
  const { building, numbers, endsOf, stackOf } = site;
  const { simulation, chance, observations } = building;
  const draws = chance.stream(spec.name, 'datagrams');
  const traffic = new Datagrams({
    settings: spec,
    ends: endsOf(spec.vm, spec.peer),
    paths: spec.paths.map(stackOf),
    firstFlow: numbers.claim(spec.flows),
    play: (context, flow) =>
      spec.kind === 'datagram-streams'
        ? new DatagramStreams(spec, context, flow, draws)
        : new DatagramQuestions(
            { ...spec, newPort: spec.rebind.kind === 'every-question' },
            context,
            flow,
            draws,
          ),
    simulation,
    chance,
    observations,
  });
  return {
    start: () => traffic.start(),
    publishStates: (wouldPass) => traffic.publishStates(wouldPass),
    known: null,
    datagrams: (u) => traffic.target(u),
  };
}
