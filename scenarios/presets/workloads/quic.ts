import { seconds } from '../../../sim/time.ts';
import { assumed, published } from '../mark.ts';
import type { QuestionsValues, WorkloadPreset } from '../workload-preset.ts';

/**
 * Connections as QUIC keeps them (RFC 9000, section 9): when the client's port changes they go on, since not the
 * ports but an identifier names them. A firewall sees a new flow. Path validation, congestion control and streams
 * are left out: a question is one datagram, and so is its answer.
 */
export const quic: WorkloadPreset<'quic', QuestionsValues> = {
  name: 'quic',
  summary: 'questions and answers over UDP whose client changes its port every 10 s and goes on',
  values: {
    initiator: 'peer',
    port: 443,
    flows: 10,
    question: { kind: 'constant', bytes: 100 },
    answer: { kind: 'constant', bytes: 1200 },
    think: { kind: 'exponential', meanNs: seconds(0.2) },
    timeout: seconds(1),
    tries: 5,
    rebind: { kind: 'after', interval: { kind: 'constant', ns: seconds(10) } },
  },
  marks: {
    initiator: published('RFC 9000, 7: clients begin'),
    port: published('RFC 9114, 3.1'),
    flows: assumed('a few clients'),
    question: assumed('a short request'),
    answer: published('RFC 9000, 14: datagrams of 1200 B pass everywhere'),
    think: assumed('five requests a second'),
    timeout: assumed('about the first probe timeout of RFC 9002, 6.2: 3 × 333 ms'),
    tries: assumed('clients are patient'),
    rebind: assumed('a NAT on the client’s side that forgets quickly'),
  },
  memory: null,
};
