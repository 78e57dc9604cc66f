import { seconds } from '../../../sim/time.ts';
import { assumed, published, readInSource } from '../mark.ts';
import type { QuestionsValues, WorkloadPreset } from '../workload-preset.ts';

/** Resolvers that ask a name server, each question from a port of its own: many short entries in the firewall. */
export const dns: WorkloadPreset<'dns', QuestionsValues> = {
  name: 'dns',
  summary: 'questions to a name server, each from a new port, asked again after 5 s, twice in all',
  values: {
    initiator: 'peer',
    port: 53,
    flows: 10,
    question: { kind: 'constant', bytes: 40 },
    answer: { kind: 'exponential', meanBytes: 150 },
    think: { kind: 'exponential', meanNs: seconds(1) },
    timeout: seconds(5),
    tries: 2,
    rebind: { kind: 'every-question' },
  },
  marks: {
    initiator: assumed('the VM serves names; with `initiator: vm` it asks'),
    port: published('RFC 1035, 4.2.1'),
    flows: assumed('a few resolvers'),
    question: assumed('a name of 22 letters'),
    answer: assumed('a few records'),
    think: assumed('one question a second'),
    timeout: readInSource('glibc, resolv.h: RES_TIMEOUT 5'),
    tries: readInSource('glibc, resolv.h: RES_DFLRETRY 2'),
    rebind: published('RFC 5452, 9.2: an unpredictable port for each question'),
  },
  memory: null,
};
