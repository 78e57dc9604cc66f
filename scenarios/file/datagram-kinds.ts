import { z } from 'zod';
import type { Rebind } from '../../models/workload/datagrams.ts';
import type {
  QuestionsValues,
  StreamsValues,
  TickValues,
  WorkloadPreset,
} from '../presets/workload-preset.ts';
import { choice, count, name as nameField, port, quantity } from './field.ts';
import { interval, intervalOr, readInterval, writeInterval } from './interval-field.ts';
import { mapping } from './mapping.ts';
import { scalar, read } from './scalar.ts';
import type { Scalar } from './scalar.ts';
import { messageSize } from './size-field.ts';
import { ramp, when, who } from './workload-fields.ts';

/** Keys of a workload of streams of datagrams, with the defaults of its preset. */
export function streamsKind<Name extends string>({
  name,
  summary,
  values,
}: WorkloadPreset<Name, StreamsValues>) {
  return mapping({
    kind: z.literal(name).meta({ description: summary }),
    ...who,
    initiator: choice(['peer', 'vm'], 'who sends first').default(values.initiator),
    port: port('port of the end that did not send first').default(values.port),
    flows: count('how many', 1, 28_000).default(values.flows),
    by_peer: ticks('what the peer sends', values.by_peer),
    by_vm: ticks('what the VM sends', values.by_vm),
    ...rebinding(values.rebind),
    ramp,
    ...when,
  });
}

/** Keys of a workload of questions and answers in datagrams, with the defaults of its preset. */
export function questionsKind<Name extends string>({
  name,
  summary,
  values,
}: WorkloadPreset<Name, QuestionsValues>) {
  return mapping({
    kind: z.literal(name).meta({ description: summary }),
    ...who,
    initiator: choice(['peer', 'vm'], 'who asks').default(values.initiator),
    port: port('port of the end that answers').default(values.port),
    flows: count('how many ask, one question at a time each', 1, 28_000).default(values.flows),
    question: messageSize('payload of a question, one datagram').default(values.question),
    answer: messageSize('payload of an answer, one datagram').default(values.answer),
    think: interval('from an answer, or from giving up, to the next question').default(values.think),
    timeout: quantity('time', 'a question unanswered for so long is asked again').default(values.timeout),
    tries: count('how often a question is asked before it is given up', 1, 100).default(values.tries),
    ...rebinding(values.rebind),
    ramp,
    ...when,
  });
}

function rebinding(byDefault: Rebind) {
  return {
    rebind: rebind('when whoever sent first goes on from another port').default(byDefault),
    rebind_to: nameField('another peer to which it moves with every second change, and back').optional(),
  };
}

function ticks(means: string, byDefault: TickValues) {
  return mapping({
    every: intervalOr('never', 'from one datagram to the next; `never`: it sends nothing'),
    size: messageSize('payload of a datagram'),
  })
    .default(byDefault)
    .meta({ description: means });
}

const allowedRebind = 'never, every-question, a time such as 10 s, or exponential(10 s)';

function rebind(means: string): Scalar<Rebind> {
  return scalar<Rebind>({
    means,
    allowed: allowedRebind,
    json: { type: 'string', examples: ['never', '10 s'] },
    read: (input) => {
      if (input === 'never' || input === 'every-question') return read({ kind: input });
      const reading = readInterval(input, allowedRebind);
      return reading.ok ? read({ kind: 'after', interval: reading.value }) : reading;
    },
    write: (value) => (value.kind === 'after' ? writeInterval(value.interval) : value.kind),
  });
}
