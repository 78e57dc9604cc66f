import { BlockFlow, measuredBlocks } from './block-flow.ts';
import { DatagramRequestFlow, measuredDatagramRequests } from './datagram-request-flow.ts';
import type { FlowPlace, MeasuredFlow } from './measured-flow.ts';
import { measuredPush, PushFlow } from './push-flow.ts';
import { measuredRequests, RequestFlow } from './request-flow.ts';
import { WordFlow } from './word-flow.ts';

/** What a flow does, as the recordings name it; `down` is towards the connector. */
export const flowKinds = ['bulk-down', 'bulk-up', 'rr', 'con-first', 'srv-first', 'push'] as const;

export type FlowKind = (typeof flowKinds)[number];

/** A flow of the kind, with the figures of the measured handovers. */
export function makeFlow(kind: FlowKind, protocol: 'tcp' | 'udp', place: FlowPlace): MeasuredFlow {
  switch (kind) {
    case 'bulk-down':
      return new BlockFlow(place, { ...measuredBlocks, source: 'acceptor' });
    case 'bulk-up':
      return new BlockFlow(place, { ...measuredBlocks, source: 'connector' });
    case 'rr':
      return protocol === 'tcp'
        ? new RequestFlow(place, measuredRequests)
        : new DatagramRequestFlow(place, measuredDatagramRequests);
    case 'con-first':
      return new WordFlow(place, 'connector');
    case 'srv-first':
      return new WordFlow(place, 'acceptor');
    case 'push':
      return new PushFlow(place, measuredPush);
  }
}
