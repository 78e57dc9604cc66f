/** The states of RFC 9293, 3.3.2; LISTEN belongs to {@link EndpointHost}. */
export type TcpState =
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  | 'fin-wait-1'
  | 'fin-wait-2'
  | 'close-wait'
  | 'closing'
  | 'last-ack'
  | 'time-wait'
  | 'closed';

/** What moves a connection: both handshake packets seen, our own close, the other end's FIN, its ACK of ours. */
export type TcpEvent = 'handshake-done' | 'close' | 'fin-received' | 'fin-acknowledged';

/**
 * RFC 9293, 3.3.2, figure 5, and 3.10.4 for close; a cell that stays where it is means the event changes nothing.
 * A close before the handshake is over keeps its state: the FIN waits until it is (3.10.4, SYN-RECEIVED).
 */
export const tcpTransitions: Record<TcpState, Record<TcpEvent, TcpState>> = {
  'syn-sent': {
    'handshake-done': 'established',
    close: 'closed',
    'fin-received': 'syn-sent',
    'fin-acknowledged': 'syn-sent',
  },
  'syn-received': {
    'handshake-done': 'established',
    close: 'fin-wait-1',
    'fin-received': 'close-wait',
    'fin-acknowledged': 'syn-received',
  },
  established: {
    'handshake-done': 'established',
    close: 'fin-wait-1',
    'fin-received': 'close-wait',
    'fin-acknowledged': 'established',
  },
  'fin-wait-1': {
    'handshake-done': 'fin-wait-1',
    close: 'fin-wait-1',
    'fin-received': 'closing',
    'fin-acknowledged': 'fin-wait-2',
  },
  'fin-wait-2': {
    'handshake-done': 'fin-wait-2',
    close: 'fin-wait-2',
    'fin-received': 'time-wait',
    'fin-acknowledged': 'fin-wait-2',
  },
  'close-wait': {
    'handshake-done': 'close-wait',
    close: 'last-ack',
    'fin-received': 'close-wait',
    'fin-acknowledged': 'close-wait',
  },
  closing: {
    'handshake-done': 'closing',
    close: 'closing',
    'fin-received': 'closing',
    'fin-acknowledged': 'time-wait',
  },
  'last-ack': {
    'handshake-done': 'last-ack',
    close: 'last-ack',
    'fin-received': 'last-ack',
    'fin-acknowledged': 'closed',
  },
  'time-wait': {
    'handshake-done': 'time-wait',
    close: 'time-wait',
    'fin-received': 'time-wait',
    'fin-acknowledged': 'time-wait',
  },
  closed: {
    'handshake-done': 'closed',
    close: 'closed',
    'fin-received': 'closed',
    'fin-acknowledged': 'closed',
  },
};
