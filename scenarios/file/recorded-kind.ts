import { z } from 'zod';
import type { RecordedMessage } from '../../models/workload/recorded-flows.ts';
import { formatQuantity, parseQuantity } from '../units.ts';
import { address, choice, count, name, port, quantity, text } from './field.ts';
import { list, mapping } from './mapping.ts';
import { read, scalar, show, wrong } from './scalar.ts';
import type { Scalar } from './scalar.ts';
import { when } from './workload-fields.ts';

/** The flows of a capture, as `nseh import pcap` writes them, or the capture itself. */
export const recordedKind = mapping({
  kind: z.literal('recorded').meta({
    description: 'flows of a capture, played again with their directions, sizes and times (nseh import pcap)',
  }),
  name: name('name of the workload'),
  count: count('how many such workloads; {i} counts', 1, 100_000).default(1),
  vm: name('the VM that takes part'),
  flows: list(
    mapping({
      peer: name('the peer, or the other VM, at the other end'),
      protocol: choice(['tcp', 'udp'], 'what carries it').default('tcp'),
      initiator: choice(['peer', 'vm'], 'who opened it').default('peer'),
      port: port('port of the end that did not open it'),
      at: quantity('time', 'when it was opened, from the start of the workload'),
      messages: list(recordedMessage('what was said')).meta({
        description: 'who said how much, and when from the opening of the flow on, in order',
      }),
      closes: choice(['peer', 'vm', 'nobody'], 'who closed it').default('nobody'),
      closes_at: quantity(
        'time',
        'when it was closed, from its opening on; no earlier than all was said, or all before this time with `other_closes_at`',
      ).default(0),
      other_closes_at: quantity(
        'time',
        'when the other end closed in turn, which may say more until then; 0 s: when it hears of it',
      ).default(0),
    }),
  )
    .default([])
    .meta({ description: 'the flows; without, those of `capture`' }),
  capture: mapping({
    file: text('pcap or pcapng, beside the scenario file'),
    address: address(
      'address there of the machine that is the VM; without, of the one with the most flows',
    ).optional(),
    peer: name(
      'the peer, or the other VM, that plays every other end; without, each is played by the machine of its address',
    ).optional(),
  })
    .optional()
    .meta({ description: 'a capture whose flows are played, instead of `flows`' }),
  ...when,
});

function recordedMessage(means: string): Scalar<RecordedMessage> {
  const allowed = 'who, when and how much, such as peer 3 ms 200 B';
  return scalar({
    means,
    allowed,
    json: { type: 'string', examples: ['peer 3 ms 200 B'] },
    read: (input) => {
      const text = typeof input === 'string' ? input.trim() : '';
      const [, speaker, atText = '', sizeText = ''] = /^(peer|vm)\s+(\S+\s*[a-zµ]+)\s+(.*)$/.exec(text) ?? [];
      if (speaker !== 'peer' && speaker !== 'vm') return wrong(`${show(input)} is no message`, allowed);
      const at = parseQuantity(atText, 'time');
      const size = parseQuantity(sizeText, 'size');
      if (!at.ok) return wrong(at.message, allowed);
      if (!size.ok) return wrong(size.message, allowed);
      if (size.value === 0) return wrong('a message of 0 B says nothing', allowed);
      return read({ speaker, atNs: at.value, bytes: size.value });
    },
    write: writeRecordedMessage,
  });
}

export function writeRecordedMessage({ speaker, atNs, bytes }: RecordedMessage): string {
  return `${speaker} ${formatQuantity(atNs, 'time')} ${formatQuantity(bytes, 'size')}`;
}
