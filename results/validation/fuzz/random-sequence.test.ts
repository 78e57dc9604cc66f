import { describe, expect, it } from 'vitest';
import { Chance } from '../../../sim/random.ts';
import { goldenFile } from '../golden-sequence.ts';
import { replaySequence } from '../sequence-replay.ts';
import { randomSequence } from './random-sequence.ts';
import { playable } from './shrink.ts';

const sequences = Array.from({ length: 300 }, (_, index) =>
  randomSequence(new Chance(7, 0), 7, index),
).filter(playable);
const parsed = goldenFile.parse(sequences.map((sequence) => ({ ...sequence, expect: [] })));

describe('randomSequence', () => {
  it('makes the same sequence of the same seed and number', () => {
    const again = randomSequence(new Chance(7, 0), 7, 3);
    expect(again).toEqual(randomSequence(new Chance(7, 0), 7, 3));
    expect(again).not.toEqual({ ...randomSequence(new Chance(8, 0), 7, 3) });
  });

  it('makes sequences that the model can play, one answer a step', () => {
    for (const sequence of parsed) expect(replaySequence(sequence, 1)).toHaveLength(sequence.packets.length);
  });

  // The TCP states of Linux, net/netfilter/nf_conntrack_proto_tcp.c, and the verdicts of a rule on `ct state`.
  it('reaches every TCP state and every connection state', () => {
    const steps = parsed.flatMap((sequence) => replaySequence(sequence, 1));
    const tcp = [
      'SYN_SENT',
      'SYN_RECV',
      'ESTABLISHED',
      'FIN_WAIT',
      'CLOSE_WAIT',
      'LAST_ACK',
      'TIME_WAIT',
      'CLOSE',
    ];
    const reached = [...new Set(steps.map(({ state }) => state))];
    expect(reached).toEqual(expect.arrayContaining([...tcp, 'SYN_SENT2']));
    const states = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'];
    expect([...new Set(steps.map(({ ct_state }) => ct_state))]).toEqual(expect.arrayContaining(states));
  });
});
