import { z } from 'zod';
import type { AttackKind } from '../../models/network/packet.ts';
import type { WorkloadPreset } from '../presets/workload-preset.ts';
import { questionPresets, sessionPresets, streamPresets } from '../presets/workload-presets.ts';
import { ftp } from '../presets/workloads/ftp.ts';
import { idle, kernelCompile } from '../presets/workloads/guest-alone.ts';
import { questionsKind, streamsKind } from './datagram-kinds.ts';
import { defaults } from './defaults.ts';
import { choice, count, name, port, quantity } from './field.ts';
import { ftpKind } from './ftp-kind.ts';
import { interval } from './interval-field.ts';
import { kinds, list, mapping } from './mapping.ts';
import { recordedKind } from './recorded-kind.ts';
import { sessionsKind } from './session-kind.ts';
import { ramp, reconnect, when, who } from './workload-fields.ts';

const attackKinds = [
  'syn-closed-port',
  'ack-closed-port',
  'udp-closed-port',
  'syn-ack-unsolicited',
  'rst-without-flow',
  'ack-open-port',
  'data-open-port',
  'rst-live-flow',
  'rst-live-flow-of-vm',
  'data-live-flow',
  'data-idle-flow',
  'closed-flow-tuple',
  'udp-live-flow',
  'syn-flood',
  'port-scan',
  'spoofed-source',
  'esp-replay',
] as const satisfies readonly AttackKind[];

/** As they were sent while entries moved between two Linux 6.18 firewalls (results/reference/golden-handover.json.gz). */
const handoverProbes = [
  'syn-closed-port',
  'ack-closed-port',
  'ack-open-port',
  'data-open-port',
  'syn-ack-unsolicited',
  'rst-without-flow',
  'rst-live-flow',
  'rst-live-flow-of-vm',
  'data-idle-flow',
  'closed-flow-tuple',
  'udp-closed-port',
  'udp-live-flow',
] as const satisfies readonly AttackKind[];

const attackList = list(choice(attackKinds, 'what is sent')).meta({ description: 'which attacks' });

const attackFields = {
  ...who,
  open_port: port('a port of the VM on which it accepts connections'),
  closed_port: port('a port of the VM that its rules do not open'),
  period: quantity('time', 'time from one packet of a kind to the next').default(defaults.attack.period),
  ...when,
};

/** What guests and peers do. */
export const workloadFile = kinds([
  mapping({
    kind: z.literal('request-response').meta({
      description:
        'long-lived TCP connections on which one end asks and the other answers, one request at a time',
    }),
    ...who,
    initiator: choice(['peer', 'vm'], 'who opens the connections').default('peer'),
    asks: choice(['peer', 'vm'], 'who asks once they are open').default('peer'),
    port: port('port of the end that did not open the connection'),
    connections: count('how many', 1, 1_000_000).default(defaults.requestResponse.connections),
    request: quantity('size', 'payload of a request').default(defaults.requestResponse.requestBytes),
    response: quantity('size', 'payload of an answer').default(defaults.requestResponse.responseBytes),
    think: interval('time from an answer to the next request').default({
      kind: 'exponential',
      meanNs: defaults.requestResponse.thinkNs,
    }),
    ramp,
    reconnect,
    ...when,
  }),
  mapping({
    kind: z.literal('attack').meta({
      description: 'packets that no rule or connection asked for, one of each kind per period',
    }),
    kinds: attackList,
    ...attackFields,
  }),
  mapping({
    kind: z.literal('handover-probes').meta({
      description: 'the twelve probes of measured handovers between two firewalls, one of each per period',
    }),
    kinds: attackList.default([...handoverProbes]),
    ...attackFields,
  }),
  mapping({
    kind: z.literal('probe').meta({ description: 'a UDP echo request every period' }),
    ...who,
    port: port('UDP port of the VM that answers'),
    period: quantity('time', 'time from one probe to the next').default(defaults.probe.period),
    deadline: quantity('time', 'a probe unanswered for so long is lost').default(defaults.probe.deadline),
    ...when,
  }),
  sessionsKind(sessionPresets.staticWeb),
  sessionsKind(sessionPresets.specweb99),
  sessionsKind(sessionPresets.oltp),
  sessionsKind(sessionPresets.keyValue),
  sessionsKind(sessionPresets.ssh),
  sessionsKind(sessionPresets.bulkDown),
  sessionsKind(sessionPresets.bulkUp),
  streamsKind(streamPresets.mediaStream),
  streamsKind(streamPresets.videoCall),
  streamsKind(streamPresets.gameServer),
  questionsKind(questionPresets.dns),
  questionsKind(questionPresets.quic),
  ftpKind(ftp),
  aloneKind(kernelCompile),
  aloneKind(idle),
  recordedKind,
]);

/** A workload without traffic: it says how the VM writes its memory. */
function aloneKind<const Name extends string>({ name: kind, summary }: WorkloadPreset<Name, object>) {
  return mapping({
    kind: z.literal(kind).meta({ description: summary }),
    name: name('name of the workload'),
    count: count('how many such workloads; {i} counts', 1, 100_000).default(1),
    vm: name('the VM that takes part'),
  });
}
