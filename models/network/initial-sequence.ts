import type { TcpIdentity } from './tcp-end.ts';

/** The number of the SYN: a function of the flow and its direction, so that two schemes see the same numbers (Knuth's multiplicative hash). */
export function initialSequence(end: Pick<TcpIdentity, 'flow' | 'localPort'>): number {
  const mixed = Math.imul(end.flow + 1, 0x9e3779b1) ^ Math.imul(end.localPort + 1, 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35) >>> 0;
}
