import { milliseconds } from '../../sim/time.ts';
import type { BuiltCluster } from '../../scenarios/instruments.ts';
import type { Link } from '../../models/network/link.ts';

/** A value that changed, at a simulated time in ns. */
export interface CounterSample {
  readonly timeNs: number;
  /** The host it belongs to. */
  readonly host: string;
  readonly counter: string;
  /** One value for each line of the counter's chart. */
  readonly values: Readonly<Record<string, number>>;
}

/** How often counters are read while something moves, and otherwise. */
const movingNs = milliseconds(10);
const quietNs = milliseconds(100);

/**
 * Reads counters of a running cluster: entries of engines, use of links, pages still to be sent. Read after the
 * first event of each interval, and kept where they changed; nothing in the cluster changes by it.
 */
export class CounterSamples {
  private readonly taken: CounterSample[] = [];
  private readonly last = new Map<string, string>();
  private dueNs = 0;

  /** In the order of time. */
  get samples(): readonly CounterSample[] {
    return this.taken;
  }

  /** What has to be called after every event. */
  sampler({ simulation, network, guests }: BuiltCluster): () => void {
    const read = (): void => {
      const { nowNs } = simulation;
      if (nowNs < this.dueNs) return;
      let moving = false;
      for (const host of network.hosts.values()) {
        for (const engine of host.engines)
          this.keep(nowNs, host.name, `${engine.name} entries`, { entries: engine.entriesHeld });
        for (const link of network.linksOf(host.name, 'migrations')) {
          const fluidBps = network.fluid.loadBps(link);
          moving ||= fluidBps > 0;
          this.keep(nowNs, host.name, linkCounter(link), {
            ...{ migrations: fluidBps / 1e6, packets: packetsBps(link, fluidBps) / 1e6 },
          });
        }
      }
      for (const { vm } of guests.values())
        this.keep(nowNs, vm.place, `${vm.name} dirty pages`, { to_send: vm.memory.pendingPages });
      const everyNs = moving ? movingNs : quietNs;
      this.dueNs = (Math.floor(nowNs / everyNs) + 1) * everyNs;
    };
    return read;
  }

  private keep(
    timeNs: number,
    host: string,
    counter: string,
    values: Readonly<Record<string, number>>,
  ): void {
    const key = `${host} ${counter}`;
    const text = JSON.stringify(values);
    if (this.last.get(key) === text) return;
    this.last.set(key, text);
    this.taken.push({ timeNs, host, counter, values });
  }
}

function linkCounter({ place }: Link): string {
  return `${place} Mbit/s`;
}

/** What packets offer beside the fluid, at most what is left. */
function packetsBps(link: Link, fluidBps: number): number {
  return Math.max(0, Math.min(link.packetDemandBps, link.rateBps - fluidBps));
}
