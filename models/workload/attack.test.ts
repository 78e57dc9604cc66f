import { expect, it } from 'vitest';
import { Chance } from '../../sim/random.ts';
import { Simulation } from '../../sim/simulation.ts';
import { formatAddress, parseAddress } from '../network/address.ts';
import { EndpointHost } from '../network/endpoint-host.ts';
import { IdleConnections } from '../network/idle-connections.ts';
import { linux6 } from '../network/tcp-settings.ts';
import { Attack } from './attack.ts';

it.each([
  // 198.18.0.0/15 ends with 198.19.255.255; below 2001:2:: 17 bits are drawn.
  ['10.0.0.1', '10.0.0.2', /^198\.1[89]\./],
  ['2001:db8::1', '2001:db8::2', /^2001:2::(1:)?[0-9a-f]{1,4}$/],
])('a flood from %s comes from addresses of the family of %s that nobody has', (peer, vm, spoofed) => {
  const attack = attackBetween(peer, vm);
  const sources = [0, 1, 2].map((index) => attack.packetOf('syn-flood', index)!.source);
  for (const source of sources) expect(formatAddress(source)).toMatch(spoofed);
  expect(new Set(sources.map(formatAddress)).size).toBe(3);
});

function attackBetween(peer: string, vm: string): Attack {
  const simulation = new Simulation({ scenario: 'test', seed: 1, repetition: 0, replayCommand: '' });
  const host = (address: string): EndpointHost =>
    new EndpointHost(
      parseAddress(address)!,
      new IdleConnections(linux6),
      simulation,
      simulation,
      () => undefined,
    );
  const nobody = (): null => null;
  return new Attack({
    settings: {
      ...{ name: 'flood', kinds: ['syn-flood'], openPort: 80, closedPort: 81 },
      ...{ periodNs: 1, startNs: 0, stopNs: 0 },
    },
    ends: { vmName: 'vm', peerName: 'peer', vm: host(vm), peer: host(peer) },
    known: { live: nobody, idle: nobody, closed: nobody, ofVm: nobody, datagrams: nobody },
    firstFlow: 0,
    firstPeriod: 0,
    simulation,
    chance: new Chance(1, 0),
  });
}
