import { describe, expect, it } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { ms, s, us } from '../../sim/time.ts';
import { ipv4 } from '../network/address.ts';
import { FluidNetwork } from '../network/fluid-network.ts';
import { makePacket, type Packet } from '../network/packet.ts';
import { Observations } from '../observations.ts';
import { GuestClock } from './guest-clock.ts';
import { HostCpu, type HostCpuSettings } from './host-cpu.ts';

const packet: Packet = makePacket({ source: ipv4(1), destination: ipv4(2) });
const idleGuest = { vcpus: 1, loadCpus: 0, weight: 256, frameNs: 0, byteNs: 0 };

interface Trial {
  readonly simulation: Simulation;
  readonly cpu: HostCpu;
  readonly fluid: FluidNetwork;
  /** CPU ns by task, once accounts are made. */
  readonly used: Map<string, number>;
}

type Changes = Partial<Omit<HostCpuSettings, 'control'>> & {
  readonly control?: Partial<HostCpuSettings['control']>;
};

function trial(changes: Changes, intervalNs = 10 * ms): Trial {
  const simulation = new Simulation({ scenario: 'test', seed: 1, repetition: 0, replayCommand: '' });
  const observations = new Observations();
  const used = new Map<string, number>();
  observations.cpuUsed.subscribe(({ task, cpuNs }) => used.set(task, (used.get(task) ?? 0) + cpuNs));
  const cpus = changes.cpus ?? 1;
  const settings: HostCpuSettings = {
    ...{ cpus, copyNsPerByte: 10, packetsMax: 1000 },
    ...changes,
    control: { weight: 256, reservedCpus: 0, cpusMax: cpus, ...changes.control },
  };
  const cpu = new HostCpu(settings, { simulation, observations, host: 'a', intervalNs });
  return {
    simulation,
    cpu,
    fluid: new FluidNetwork(simulation, { intervalNs, age: 'linux-6.x', start: 'at-once' }),
    used,
  };
}

/** Offers a packet of `costNs` every `everyNs`; returns when each began and how many were lost. */
function offer(
  { simulation, cpu }: Trial,
  costNs: number,
  everyNs: number,
): { atNs: number[]; lost: number } {
  const seen = { atNs: [] as number[], lost: 0 };
  const work = (): number => {
    seen.atNs.push(simulation.nowNs);
    return costNs;
  };
  const arrive = (): void => {
    cpu.look();
    if (!cpu.filter.submit(work, packet)) seen.lost++;
    simulation.schedule(everyNs, arrive, undefined);
  };
  simulation.schedule(0, arrive, undefined);
  return seen;
}

describe('packets on the CPUs of a host', () => {
  it('wait for nothing while there is time for them', () => {
    const world = trial({});
    const { atNs } = offer(world, 4 * us, 10 * us);
    world.simulation.run(1 * ms);
    expect(atNs.every((timeNs, index) => timeNs === index * 10 * us)).toBe(true);
    expect(world.cpu.filter.latencyNs(4000)).toBe(4000);
  });

  it('wait for one another where they come faster than they are worked off, and are lost beyond the queue', () => {
    const world = trial({ packetsMax: 50 });
    const seen = offer(world, 20 * us, 10 * us);
    world.simulation.run(100 * ms - 1);
    // One CPU does 50,000 packets of 20 us a second: 5,000 in 100 ms of the 10,000 that came; 50 wait.
    expect(seen.atNs.length).toBe(5000);
    expect(seen.lost).toBe(10_000 - 5000 - 50);
  });

  it('are served by several CPUs together, none faster than one CPU can', () => {
    const world = trial({ cpus: 2 });
    const { atNs } = offer(world, 20 * us, 10 * us);
    world.simulation.run(100 * ms);
    expect(atNs.length).toBe(10_001);
    expect(world.cpu.filter.latencyNs(20 * us)).toBe(20 * us);
  });

  it('are accounted for', () => {
    const world = trial({});
    offer(world, 3 * us, 10 * us);
    world.simulation.run(1 * s - 1);
    world.cpu.account();
    expect(world.used.get('filtering')).toBe(100_000 * 3 * us);
  });
});

describe('a guest', () => {
  it('loses speed to packets only where CPUs are short', () => {
    const plenty = trial({ cpus: 2 });
    const clock = new GuestClock(plenty.simulation);
    plenty.cpu.addGuest({ ...idleGuest, loadCpus: 1 }, clock).setPresent(true);
    offer(plenty, 5 * us, 10 * us);
    plenty.simulation.run(1 * s);
    expect(clock.rate).toBe(1);
  });

  it('and the filter share by the max–min rule: each half where both want more', () => {
    const world = trial({});
    const clock = new GuestClock(world.simulation);
    world.cpu.addGuest({ ...idleGuest, loadCpus: 1 }, clock).setPresent(true);
    const { atNs } = offer(world, 10 * us, 10 * us);
    world.simulation.run(1 * s);
    expect(clock.rate).toBeCloseTo(0.5, 2);
    // Half a CPU does 50,000 packets of 10 us a second.
    expect(atNs.length / 50_000).toBeCloseTo(1, 1);
  });

  it('gets by weight', () => {
    const world = trial({});
    const clocks = [1, 3].map((weight) => {
      const clock = new GuestClock(world.simulation);
      world.cpu.addGuest({ ...idleGuest, loadCpus: 1, weight }, clock).setPresent(true);
      return clock;
    });
    world.simulation.run(100 * ms);
    // One CPU in shares of 1 to 3.
    expect(clocks.map(({ rate }) => rate)).toEqual([0.25, 0.75]);
  });

  it('stands back behind what is reserved for the control domain', () => {
    const world = trial({ control: { weight: 1, reservedCpus: 0.3 } });
    const clock = new GuestClock(world.simulation);
    world.cpu.addGuest({ ...idleGuest, loadCpus: 1 }, clock).setPresent(true);
    offer(world, 10 * us, 10 * us);
    world.simulation.run(1 * s);
    // Without the reservation the filter would get 1/257.
    expect(clock.rate).toBeCloseTo(0.7, 2);
  });

  it('goes back to full speed when it is alone', () => {
    const world = trial({});
    const clock = new GuestClock(world.simulation);
    world.cpu.addGuest({ ...idleGuest, loadCpus: 1 }, clock).setPresent(true);
    world.simulation.spawn(world.cpu.work('context', 100 * ms));
    world.simulation.run(50 * ms);
    expect(clock.rate).toBe(0.5);
    world.simulation.run(1 * s);
    expect(clock.rate).toBe(1);
  });
});

describe('work on context', () => {
  it('takes its CPU time where CPUs are free, to the nanosecond', () => {
    const { simulation, cpu, used } = trial({});
    const work = simulation.spawn(cpu.work('context', 12_345_678));
    let endNs = -1;
    work.done.listen(() => (endNs = simulation.nowNs));
    simulation.run(1 * s);
    expect(endNs).toBe(12_345_678);
    expect(used.get('context')).toBe(12_345_678);
  });

  it('takes twice as long beside a guest that wants the CPU too, and half of that beside two CPUs', () => {
    for (const [cpus, expectedNs] of [
      [1, 20 * ms],
      [2, 10 * ms],
    ] as const) {
      const { simulation, cpu } = trial({ cpus });
      cpu.addGuest({ ...idleGuest, loadCpus: 1 }, new GuestClock(simulation)).setPresent(true);
      let endNs = -1;
      simulation.spawn(cpu.work('context', 10 * ms)).done.listen(() => (endNs = simulation.nowNs));
      simulation.run(1 * s);
      expect(endNs).toBe(expectedNs);
    }
  });

  it('ends when the migration fails, and takes nothing more', () => {
    const { simulation, cpu, used } = trial({});
    const work = simulation.spawn(cpu.work('context', 100 * ms));
    simulation.schedule(30 * ms, () => work.interrupt(new Error('failed')), undefined);
    simulation.run(1 * s);
    cpu.account();
    expect(used.get('context')).toBe(30 * ms);
  });
});

describe('copying', () => {
  it('goes no faster than the CPU can: 1 CPU at 10 ns a byte is 800 Mbit/s', () => {
    const { simulation, cpu, fluid, used } = trial({});
    let endNs = -1;
    fluid
      .stream([cpu.copying], 1)
      .send(1e8, Infinity)
      .listen(() => (endNs = simulation.nowNs));
    simulation.run(10 * s);
    cpu.account();
    expect(endNs).toBe(1 * s);
    expect(used.get('copying')! / s).toBeCloseTo(1, 6);
  });

  it('takes from a busy guest what it uses, up to a fair share', () => {
    // 100 Mbit/s at 9.6 ns a byte are 12 % of a CPU (Clark et al., NSDI 2005, section 6.2).
    const { simulation, cpu, fluid } = trial({ copyNsPerByte: 9.6 });
    const clock = new GuestClock(simulation);
    cpu.addGuest({ ...idleGuest, loadCpus: 1 }, clock).setPresent(true);
    fluid.stream([cpu.copying], 1).send(1e8, 100e6);
    simulation.run(1 * s);
    expect(clock.rate).toBeCloseTo(0.88, 3);
    simulation.run(20 * s);
    expect(clock.rate).toBe(1);
  });
});

describe('the interval', () => {
  it('moves what a guest and a stream get by less than 2 % when it is halved or doubled', () => {
    const outcome = (intervalNs: number): { guestNs: number; streamNs: number; packets: number } => {
      const world = trial({ copyNsPerByte: 9.6 }, intervalNs);
      const { simulation, cpu, fluid } = world;
      const clock = new GuestClock(simulation);
      cpu.addGuest({ ...idleGuest, loadCpus: 0.7 }, clock).setPresent(true);
      let streamNs = -1;
      fluid
        .stream([cpu.copying], 1)
        .send(5e7, Infinity)
        .listen(() => (streamNs = simulation.nowNs));
      const { atNs } = offer(world, 3 * us, 13 * us);
      simulation.run(3 * s);
      return { guestNs: clock.guestNs, streamNs, packets: atNs.length };
    };
    const usual = outcome(20 * ms);
    for (const intervalNs of [10 * ms, 40 * ms]) {
      const other = outcome(intervalNs);
      expect(Math.abs(other.guestNs / usual.guestNs - 1)).toBeLessThan(0.02);
      expect(Math.abs(other.streamNs / usual.streamNs - 1)).toBeLessThan(0.02);
      expect(Math.abs(other.packets / usual.packets - 1)).toBeLessThan(0.02);
    }
  });
});
