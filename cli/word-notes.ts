import type { AttackKind } from '../models/network/packet.ts';
import type { Divergence, DropCause } from '../models/observations.ts';

/** A word that results and scenarios use as a value: what it is a word for, and what it means. */
export interface WordNote {
  readonly name: string;
  readonly of: 'drop' | 'divergence' | 'attack';
  readonly means: string;
}

const drops: Readonly<Record<DropCause, string>> = {
  rule: 'the VM’s policy refuses the packet, and connection tracking has nothing against it',
  invalid: 'refused as invalid: outside its connection’s window, or with broken flags or checksum',
  'no-entry': 'refused in the middle of a stream whose entry, NAT mapping or IPsec keys are not there',
  'table-full': 'no room for the new connection’s entry',
  spoofed: 'the source guard knows no right of the sender to the source address',
  intrusion: 'the intrusion prevention blocks the sender, or the segment does not fit the stream',
  rate: 'the rate limiter has no tokens left',
  replay: 'IPsec: a sequence number that was seen, is too old, or is missing',
  'not-activated': 'the VM may not send or receive yet: the network has not been told where it is',
  paused: 'the VM stands still, and the scheme drops what comes meanwhile or can hold no more',
  gone: 'the VM has left this host',
  queue: 'the queue of a link, a processor or a port was full',
  loss: 'lost on a link, by chance or because the link was cut',
  duplicate: 'the copy of a packet that a switch flooded, at a bridge behind which its receiver is not',
  unroutable: 'no machine has the address, or a bridge knows its place only where the packet came from',
};

const divergences: Readonly<Record<Divergence['cause'], string>> = {
  'stale-entry': 'an entry lets the packet pass that the reference has no longer',
  'missing-entry': 'the reference has the connection’s entry, the engine has not',
  'loose-pick-up': 'the engine takes the packet for a new connection, in the middle of a stream',
  window: 'both know the connection, one of them with another window',
  'table-full': 'one of the two had no room for the connection’s entry',
  'open-chain': 'the engine has no rules for the VM and lets everything pass',
  'closed-chain': 'the engine drops everything for the VM',
  rules: 'the rules differ, as where an update has come to one of them',
  'not-inspected': 'the host has no such engine, or it has not seen the connection from its start',
  'missing-binding': 'source guard: a binding is missing, or one that is over still holds',
  'missing-mapping': 'NAT: the connection has no mapping any more',
  translation: 'NAT: the connection leaves under another address or port',
  'count-lost': 'intrusion prevention: a count began anew, or a flow’s state is missing',
  'fresh-bucket': 'rate limiter: a bucket began anew, or is shared with other VMs',
  'missing-offset': 'SYN proxy: the offset of a connection is missing',
  'stale-counter': 'IPsec: sequence number or replay window are of another time',
};

const attacks: Readonly<Record<AttackKind, string>> = {
  'syn-closed-port': 'a SYN to a port that the policy does not admit',
  'ack-closed-port': 'an ACK to such a port',
  'udp-closed-port': 'a datagram to such a port',
  'syn-ack-unsolicited': 'a SYN/ACK to such a port, to which nobody sent a SYN',
  'rst-without-flow': 'a RST of no connection to a port that the policy admits',
  'ack-open-port': 'an ACK of no connection to such a port',
  'data-open-port': 'data of no connection to such a port',
  'rst-live-flow': 'a RST with a random number into a connection that is at work',
  'rst-live-flow-of-vm': 'the same into one that the VM opened',
  'data-live-flow': 'data with random numbers into a connection that is at work',
  'data-idle-flow': 'data with random numbers into a connection that is idle',
  'closed-flow-tuple': 'data with the addresses and ports of a connection that is closed',
  'udp-live-flow': 'a datagram with the addresses and ports of a flow that is at work',
  'syn-flood': 'a SYN from a random address to a port that the policy admits',
  'port-scan': 'a SYN to the next port',
  'spoofed-source': 'a SYN that claims to come from the VM itself',
  'esp-replay': 'one of the last 32 ESP packets to the VM, sent again',
};

/** The words of results, by what they are words for. */
export const wordNotes: readonly WordNote[] = [
  ...notes('drop', drops),
  ...notes('divergence', divergences),
  ...notes('attack', attacks),
];

function notes(of: WordNote['of'], words: Readonly<Record<string, string>>): WordNote[] {
  return Object.entries(words).map(([name, means]) => ({ name, of, means }));
}

/** What the words of each group say. */
export const wordGroups: Readonly<Record<WordNote['of'], string>> = {
  drop: 'why a packet was dropped',
  divergence: 'why an engine parted from the reference that never moved',
  attack: 'what an attack sends',
};
