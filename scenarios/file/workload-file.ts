import { z } from 'zod';
import type { AttackKind } from '../../models/network/packet.ts';
import type { Interval } from '../scenario.ts';
import { formatQuantity, parseQuantity } from '../units.ts';
import { defaults } from './defaults.ts';
import { choice, count, name, port, quantity, quantityOr } from './field.ts';
import { kinds, list, mapping } from './mapping.ts';
import { read, scalar, show, wrong } from './scalar.ts';
import type { Scalar } from './scalar.ts';

const attackKinds = [
  'syn-closed-port',
  'ack-closed-port',
  'udp-closed-port',
  'syn-ack-unsolicited',
  'rst-without-flow',
  'ack-open-port',
  'data-open-port',
  'rst-live-flow',
  'data-live-flow',
  'data-idle-flow',
  'closed-flow-tuple',
  'syn-flood',
  'port-scan',
  'spoofed-source',
  'esp-replay',
] as const satisfies readonly AttackKind[];

const who = {
  name: name('name of the workload'),
  count: count('how many such workloads; {i} counts', 1, 100_000).default(1),
  vm: name('the VM that takes part'),
  peer: name('the peer, or the other VM, that takes part'),
};

const when = {
  start: quantity('time', 'when it begins').default(defaults.workload.start),
  stop: quantity('time', 'when it makes its last request or packet; `until` without it').optional(),
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
    ramp: quantity('time', 'connections open evenly spread over this time').default(defaults.workload.ramp),
    reconnect: mapping({
      after: quantityOr('time', 'never', 'from a reset or time-out to a new connection').default(Infinity),
      unanswered: quantityOr(
        'time',
        'never',
        'a connection is given up when a request waits so long',
      ).default(Infinity),
    })
      .prefault({})
      .meta({ description: 'what the end that opened the connection does when it breaks' }),
    ...when,
  }),
  mapping({
    kind: z.literal('attack').meta({
      description: 'packets that no rule or connection asked for, one of each kind per period',
    }),
    ...who,
    kinds: list(choice(attackKinds, 'what is sent')).meta({ description: 'which attacks' }),
    open_port: port('a port of the VM on which it accepts connections'),
    closed_port: port('a port of the VM that its rules do not open'),
    period: quantity('time', 'time from one packet of a kind to the next').default(defaults.attack.period),
    ...when,
  }),
  mapping({
    kind: z.literal('probe').meta({ description: 'a UDP echo request every period' }),
    ...who,
    port: port('UDP port of the VM that answers'),
    period: quantity('time', 'time from one probe to the next').default(defaults.probe.period),
    deadline: quantity('time', 'a probe unanswered for so long is lost').default(defaults.probe.deadline),
    ...when,
  }),
]);

/** A constant time, or one drawn for each event. */
function interval(means: string): Scalar<Interval> {
  const allowed = 'a time such as 200 ms, or exponential(200 ms)';
  return scalar({
    means,
    allowed,
    json: { type: 'string', examples: ['200 ms', 'exponential(200 ms)'] },
    read: (input) => {
      if (typeof input !== 'string') return wrong(`${show(input)} has no unit`, allowed);
      const drawn = /^exponential\s*\((.*)\)$/.exec(input.trim());
      const parsed = parseQuantity(drawn?.[1] ?? input, 'time');
      if (!parsed.ok) return wrong(parsed.message, allowed);
      if (drawn === null) return read({ kind: 'constant', ns: parsed.value });
      return read({ kind: 'exponential', meanNs: parsed.value });
    },
    write: (value) =>
      value.kind === 'constant'
        ? formatQuantity(value.ns, 'time')
        : `exponential(${formatQuantity(value.meanNs, 'time')})`,
  });
}
