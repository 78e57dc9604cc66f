import type { TcpEndpoint } from '../network/tcp-endpoint.ts';
import type { ConnectionStateAtEnd } from '../observations.ts';
import type { PassageQuestion } from './flow-ends.ts';

/** Both ends of a connection, null before they exist; `opening` while nobody has answered. */
interface Ends {
  readonly peer: TcpEndpoint | null;
  readonly vm: TcpEndpoint | null;
  readonly opening: boolean;
}

/** What can be said of a connection from outside; asks without touching it. */
export function connectionState(
  { flow, owedSinceNs }: Pick<ConnectionStateAtEnd, 'flow' | 'owedSinceNs'>,
  { peer, vm, opening }: Ends,
  wouldPass: PassageQuestion,
): ConnectionStateAtEnd {
  const peerNext = peer?.nextPacket() ?? null;
  const vmNext = vm?.nextPacket() ?? null;
  const open = opening ? 2 : (isOver(peer) ? 0 : 1) + (isOver(vm) ? 0 : 1);
  return {
    flow,
    owedSinceNs,
    lastSentNs: Math.max(peer?.lastSentNs ?? -1, vm?.lastSentNs ?? -1),
    peerWouldPass: peerNext === null || wouldPass(peerNext, 'peer'),
    vmWouldPass: vmNext === null || wouldPass(vmNext, 'vm'),
    ends: open === 2 ? 'both-open' : open === 1 ? 'half-open' : 'closed',
  };
}

/** Whether an end has closed, or only waits lest old segments come. */
export function isOver(endpoint: TcpEndpoint | null): boolean {
  return endpoint === null || endpoint.state === 'closed' || endpoint.state === 'time-wait';
}
