import { TcpFlag } from '../network/packet.ts';

/** States of a tracked TCP connection, in the kernel's order: its numbers travel in netlink messages. */
export const tcpStates = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
] as const;

export type TcpState = (typeof tcpStates)[number];

/** What the flags of a segment mean to the tracker. */
const tcpEvents = ['syn', 'syn-ack', 'fin', 'ack', 'rst', 'none'] as const;

export type TcpEvent = (typeof tcpEvents)[number];

/** The next state; `ignore`: passes and only its header is remembered; `invalid`: refused. */
export type TcpTransition = TcpState | 'ignore' | 'invalid';

type Row = Readonly<Record<TcpState, TcpTransition>>;

/** One row, written in the order of {@link tcpStates}. */
type Cells = readonly [
  TcpTransition,
  TcpTransition,
  TcpTransition,
  TcpTransition,
  TcpTransition,
  TcpTransition,
  TcpTransition,
  TcpTransition,
  TcpTransition,
  TcpTransition,
];

function row(cells: Cells): Row {
  const [NONE, SYN_SENT, SYN_RECV, ESTABLISHED, FIN_WAIT, CLOSE_WAIT, LAST_ACK, TIME_WAIT, CLOSE, SYN_SENT2] =
    cells;
  return {
    NONE,
    SYN_SENT,
    SYN_RECV,
    ESTABLISHED,
    FIN_WAIT,
    CLOSE_WAIT,
    LAST_ACK,
    TIME_WAIT,
    CLOSE,
    SYN_SENT2,
  };
}

const ig = 'ignore';
const iv = 'invalid';
const ss = 'SYN_SENT';
const sr = 'SYN_RECV';
const es = 'ESTABLISHED';
const fw = 'FIN_WAIT';
const cw = 'CLOSE_WAIT';
const la = 'LAST_ACK';
const tw = 'TIME_WAIT';
const cl = 'CLOSE';
const s2 = 'SYN_SENT2';

/**
 * The state machine of TCP tracking: direction of the segment, its event, the state it meets. An entry's
 * state is what the firewall believes of the sender, so both ends may be a step ahead of it.
 *
 * Source: Linux 6.18, net/netfilter/nf_conntrack_proto_tcp.c, `tcp_conntracks`; the columns are NONE,
 * SYN_SENT, SYN_RECV, ESTABLISHED, FIN_WAIT, CLOSE_WAIT, LAST_ACK, TIME_WAIT, CLOSE, SYN_SENT2.
 */
export const tcpTransitions: Readonly<Record<'original' | 'reply', Readonly<Record<TcpEvent, Row>>>> = {
  original: {
    // A SYN on a live connection may be honest (the client rebooted): it passes, the answer decides.
    // On a closed one it starts anew: the tracker kills the entry and looks the packet up again.
    syn: row([ss, ss, ig, ig, ig, ig, ig, ss, ss, s2]),
    // The opener answers a SYN only in a simultaneous open.
    'syn-ack': row([iv, iv, sr, iv, iv, iv, iv, iv, iv, sr]),
    fin: row([iv, iv, fw, fw, la, la, la, tw, cl, iv]),
    // NONE → ESTABLISHED is loose pick-up; in SYN_SENT nothing is there to acknowledge yet.
    ack: row([es, iv, es, es, cw, cw, tw, tw, cl, iv]),
    rst: row([iv, cl, cl, cl, cl, cl, cl, cl, cl, cl]),
    none: row([iv, iv, iv, iv, iv, iv, iv, iv, iv, iv]),
  },
  reply: {
    // SYN_SENT → SYN_SENT2 is a simultaneous open; in TIME_WAIT the ends may have swapped roles.
    syn: row([iv, s2, iv, iv, iv, iv, iv, ss, iv, s2]),
    // After the handshake it may answer a SYN that was ignored: the tracker re-synchronises then.
    'syn-ack': row([iv, sr, ig, ig, ig, ig, ig, ig, ig, sr]),
    fin: row([iv, iv, fw, fw, la, la, la, tw, cl, iv]),
    // In SYN_SENT it may be a challenge ACK of a half-open connection (RFC 5961).
    ack: row([iv, ig, sr, es, cw, cw, tw, tw, cl, ig]),
    rst: row([iv, cl, cl, cl, cl, cl, cl, cl, cl, cl]),
    none: row([iv, iv, iv, iv, iv, iv, iv, iv, iv, iv]),
  },
};

/** Numbers of states and events inside the connection table. */
export const TcpCode = {
  none: 0,
  synSent: 1,
  synRecv: 2,
  established: 3,
  finWait: 4,
  closeWait: 5,
  lastAck: 6,
  timeWait: 7,
  close: 8,
  synSent2: 9,
  ignore: 14,
  invalid: 15,
} as const;

export const TcpEventCode = { syn: 0, synAck: 1, fin: 2, ack: 3, rst: 4, none: 5 } as const;

/** {@link tcpTransitions} as numbers, for the packet path: `[(direction * 6 + event) * 10 + state]`. */
export const transitionCodes: Uint8Array = Uint8Array.from(
  (['original', 'reply'] as const).flatMap((direction) =>
    tcpEvents.flatMap((event) =>
      tcpStates.map((state) => transitionCode(tcpTransitions[direction][event][state])),
    ),
  ),
);

function transitionCode(transition: TcpTransition): number {
  if (transition === 'ignore') return TcpCode.ignore;
  if (transition === 'invalid') return TcpCode.invalid;
  return tcpStates.indexOf(transition);
}

/** The event of a segment with these header flags: RST outweighs SYN, SYN FIN, FIN ACK. */
export function tcpEventCode(flags: number): number {
  if ((flags & TcpFlag.rst) !== 0) return TcpEventCode.rst;
  if ((flags & TcpFlag.syn) !== 0)
    return (flags & TcpFlag.ack) !== 0 ? TcpEventCode.synAck : TcpEventCode.syn;
  if ((flags & TcpFlag.fin) !== 0) return TcpEventCode.fin;
  return (flags & TcpFlag.ack) !== 0 ? TcpEventCode.ack : TcpEventCode.none;
}

/**
 * Whether the flags may stand together: SYN, SYN URG, SYN ACK, RST, RST ACK, FIN ACK, FIN ACK URG, ACK,
 * ACK URG; PSH goes with everything (Linux 6.18, nf_conntrack_proto_tcp.c, `tcp_valid_flags`).
 */
export function tcpFlagsValid(flags: number): boolean {
  return validFlags[flags & 0x37] === 1;
}

const validFlags = new Uint8Array(64);
for (const flags of [
  TcpFlag.syn,
  TcpFlag.syn | TcpFlag.urg,
  TcpFlag.syn | TcpFlag.ack,
  TcpFlag.rst,
  TcpFlag.rst | TcpFlag.ack,
  TcpFlag.fin | TcpFlag.ack,
  TcpFlag.fin | TcpFlag.ack | TcpFlag.urg,
  TcpFlag.ack,
  TcpFlag.ack | TcpFlag.urg,
])
  validFlags[flags] = 1;
