import { expect, test } from 'vitest';
import { Chance } from '../../sim/random.ts';
import { Simulation } from '../../sim/simulation.ts';
import { ms } from '../../sim/time.ts';
import { ipv4 } from '../network/address.ts';
import { EndpointHost } from '../network/endpoint-host.ts';
import { IdleConnections } from '../network/idle-connections.ts';
import { linux6 } from '../network/tcp-settings.ts';
import { udpPacket } from '../network/udp-endpoint.ts';
import { Observations } from '../observations.ts';
import { FirewallEngine } from '../security/firewall-engine.ts';
import { Reference } from '../security/reference.ts';
import { linuxDefaults } from '../security/tracking-settings.ts';
import { GuestClock } from './guest-clock.ts';
import { createGuestMemory } from './guest-memory.ts';
import { HostCpu } from './host-cpu.ts';
import { GuestPort } from './guest-port.ts';
import { cpuBound } from './memory-access.ts';
import { TrafficLedger } from './traffic-ledger.ts';
import { VirtualMachine } from './virtual-machine.ts';

const address = ipv4(0x0a00_000a);

test('A running guest whose processors stand still takes what has arrived when they go on, in its order', () => {
  const { simulation, ledger, vm, received } = world();
  vm.clock.setRate(0, 'fault');
  for (const index of [1, 2]) {
    const packet = datagram(index);
    ledger.sent(packet);
    vm.receive(packet);
  }
  ledger.check();
  simulation.run(50 * ms);
  expect(received).toEqual([]);
  vm.clock.setRate(1, 'fault');
  expect(received).toEqual([1, 2]);
  const packet = datagram(3);
  ledger.sent(packet);
  vm.receive(packet);
  expect(received).toEqual([1, 2, 3]);
  ledger.check();
});

function world(): { simulation: Simulation; ledger: TrafficLedger; vm: VirtualMachine; received: number[] } {
  const simulation = new Simulation({ scenario: 'guest', seed: 1, repetition: 0, replayCommand: '' });
  const observations = new Observations();
  const ledger = new TrafficLedger(observations);
  const clock = new GuestClock(simulation);
  const idle = { kind: 'unwritten', pages: 16, content: 'data' } as const;
  const memory = createGuestMemory(
    { detail: 'expected', regions: [idle], pacing: cpuBound },
    clock,
    new Chance(1, 0).stream('guest', 'memory writes'),
  );
  const vm = new VirtualMachine({
    ...{ simulation, observations, ledger, name: 'guest', mac: 1, number: 1, address, aliases: [] },
    ...{ memoryBytes: 65_536, memory, clock },
    cpu: { vcpus: 1, loadCpus: 0, weight: 256, frameNs: 0, byteNs: 0 },
  });
  vm.install(new EndpointHost(address, new IdleConnections(linux6), simulation, simulation, () => undefined));
  const received: number[] = [];
  vm.stack.bindUdp(7, (packet) => received.push(packet.fragmentId));
  const engine = new FirewallEngine(
    {
      ...{ name: 'firewall', table: 'per-vm', tracking: linuxDefaults },
      ...{ packetNs: 0, ruleNs: 0, newEntryNs: 0 },
    },
    1,
  );
  const reference = new Reference(vm, [engine], observations);
  const hostCpu = new HostCpu(
    {
      ...{ cpus: 1, copyNsPerByte: 0, packetsMax: 10 },
      control: { weight: 256, reservedCpus: 0, cpusMax: 1 },
    },
    { simulation, observations, host: 'a', intervalNs: 10 * ms },
  );
  const cpus = { hostCpu, guestCpu: hostCpu.addGuest(vm.cpu, clock) };
  vm.run(
    new GuestPort({
      ...{ simulation, ledger, host: 'a', engines: [], reference, vm, bridge: { take: () => undefined } },
      ...cpus,
    }),
  );
  return { simulation, ledger, vm, received };
}

function datagram(index: number): ReturnType<typeof udpPacket> {
  return udpPacket({
    ...{ source: ipv4(0x0a00_0002), sourcePort: 40_000, destination: address, destinationPort: 7 },
    ...{ payloadBytes: 10, index, flow: 1, intent: 'legitimate' },
  });
}
