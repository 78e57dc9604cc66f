import { seconds } from '../../../sim/time.ts';
import { assumed, published } from '../mark.ts';
import type { OpeningLine, SessionsValues, WorkloadPreset } from '../workload-preset.ts';

/**
 * People who are logged in and mostly silent. Who speaks first after a move decides whether a firewall that lost
 * the connection can take it up again: `asks: vm` makes the machine speak, as a log that is followed does.
 */
export const ssh: WorkloadPreset<'ssh', SessionsValues> = {
  name: 'ssh',
  summary: 'people who are logged in and mostly idle: now and then a keystroke and its echo',
  values: {
    initiator: 'peer',
    asks: 'peer',
    port: 22,
    users: 5,
    arrivals: 'closed',
    requests: Infinity,
    request: { kind: 'constant', bytes: 36 },
    response: { kind: 'exponential', meanBytes: 100 },
    piece: Infinity,
    think: { kind: 'exponential', meanNs: seconds(30) },
    rest: { kind: 'constant', ns: seconds(0) },
    opening: [line('vm', 40), line('peer', 40), line('vm', 1080), line('peer', 1500), line('vm', 450)],
    closes: 'nobody',
  },
  marks: {
    initiator: published('RFC 4253, 4: the client initiates the connection'),
    asks: assumed('a person types'),
    port: published('RFC 4253, 4.1'),
    users: assumed('a few people'),
    arrivals: assumed('people stay logged in'),
    requests: assumed('people stay logged in'),
    request: assumed('one keystroke, padded and with its authentication code'),
    response: assumed('its echo, sometimes some output'),
    piece: assumed('an answer counts as one message'),
    think: assumed('mostly idle'),
    rest: assumed('people stay logged in'),
    opening: assumed(
      'identification (the server’s first, as OpenSSH does), key exchange; sizes of OpenSSH’s',
    ),
    closes: assumed('people stay logged in'),
  },
  memory: null,
};

function line(from: 'peer' | 'vm', bytes: number): OpeningLine {
  return { from, size: { kind: 'constant', bytes } };
}
