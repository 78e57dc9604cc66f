import { otherEnd } from './flow-ends.ts';
import type { Interval } from './interval.ts';
import type { Reconnect } from './reconnect.ts';
import { TcpSessions, type TcpSessionsParts } from './tcp-sessions.ts';
import { turn, type Script } from './turn.ts';

/** Long-lived TCP connections over which one end asks and the other answers, one request at a time. */
export interface RequestResponseSettings {
  readonly name: string;
  /** Who opens the connections. */
  readonly initiator: 'peer' | 'vm';
  /** Who asks once they are open. */
  readonly asks: 'peer' | 'vm';
  readonly port: number;
  readonly connections: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** From an answer to the next request, on the clock of who asks. */
  readonly think: Interval;
  /** Connections open evenly spread over [startNs, startNs + rampNs]; no new request is made after stopNs. */
  readonly startNs: number;
  readonly rampNs: number;
  readonly stopNs: number;
  readonly reconnect: Reconnect;
}

/**
 * Request and response over TCP, closed loop (like netperf TCP_RR with think time): sessions of one endless
 * exchange each, with the flows from `firstFlow` on.
 */
export function requestResponse(
  settings: RequestResponseSettings,
  firstFlow: number,
  parts: Pick<TcpSessionsParts, 'ends' | 'simulation' | 'chance' | 'observations'>,
): TcpSessions {
  const { asks, requestBytes, responseBytes, think, connections, rampNs } = settings;
  const script: Script = {
    opening: [],
    round: [
      turn(asks, { kind: 'constant', bytes: requestBytes }, think),
      turn(otherEnd(asks), { kind: 'constant', bytes: responseBytes }, { kind: 'none' }),
    ],
    roundsMax: Infinity,
    closes: 'nobody',
    closesBy: 'close',
    closesAtNs: 0,
    answer: null,
    pausesFirst: false,
  };
  return new TcpSessions({
    ends: parts.ends,
    simulation: parts.simulation,
    chance: parts.chance,
    observations: parts.observations,
    settings: {
      load: { kind: 'closed', users: connections, rampNs, rest: { kind: 'constant', ns: 0 } },
      ...settings,
    },
    flows: { first: firstFlow, count: connections },
    script: () => script,
  });
}
