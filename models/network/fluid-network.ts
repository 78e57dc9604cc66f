import { assert } from '../../sim/assert.ts';
import { noEvent } from '../../sim/event-queue.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { FluidLink } from './fluid-link.ts';
import { FluidShares } from './fluid-shares.ts';
import { FluidStream } from './fluid-stream.ts';
import type { FluidMedium } from './fluid-medium.ts';
import type { StreamSettings } from './stream-settings.ts';

const noLinks: readonly FluidLink[] = [];
const noStreams: readonly FluidStream[] = [];

/**
 * Streams of bytes that share links as fluid, beside packets.
 *
 * The one rule: rates are weighted max–min fair; on each link the packets count as one elastic flow of weight 1
 * whose demand is what was offered there during the last interval; packets are served at what the fluid leaves,
 * never below the share that one more elastic flow would get. Rates are solved when a stream starts or ends, and
 * every interval for links that were cut or healed, whose loss has changed or whose packets want more or less; each
 * time only as far as the change reaches ({@link FluidShares}).
 */
export class FluidNetwork {
  private readonly simulation: Simulation;
  private readonly settings: StreamSettings;
  private readonly links = new Map<FluidMedium, FluidLink>();
  private readonly used = new Set<FluidLink>();
  private readonly shares = new FluidShares();
  private readonly changed: FluidLink[] = [];
  private readonly bounded: FluidStream[] = [];
  private look = noEvent;

  constructor(simulation: Simulation, settings: StreamSettings) {
    assert(settings.intervalNs > 0, 'packet demand is averaged over some time');
    this.simulation = simulation;
    this.settings = settings;
  }

  /** A stream over the links in order; shares of a bottleneck go by weight. */
  stream(path: readonly FluidMedium[], weight: number): FluidStream {
    const { settings } = this;
    return new FluidStream(this, this.simulation, {
      path: path.map((link) => this.known(link)),
      weight,
      settings,
    });
  }

  /** bit/s of all streams that cross the link now. */
  loadBps(link: FluidMedium): number {
    return this.links.get(link)?.loadBps ?? 0;
  }

  /** Called by a stream with something to send. */
  begin(stream: FluidStream): void {
    for (const link of stream.path) {
      link.read();
      link.readLoss();
      link.add(stream);
      this.used.add(link);
    }
    stream.boundByLoss();
    this.shares.solve(noLinks, [stream]);
    if (this.look === noEvent) this.look = this.simulation.schedule(this.settings.intervalNs, look, this);
  }

  /** Called by a stream under way whose weight has grown by so much. */
  reweigh(stream: FluidStream, by: number): void {
    for (const link of stream.path) link.weight += by;
    this.recap(stream);
  }

  /** Called by a stream under way that may have more, or less, than before. */
  recap(stream: FluidStream): void {
    this.shares.solve(noLinks, [stream]);
  }

  /** Called by a stream that has sent everything. */
  end(stream: FluidStream): void {
    for (const link of stream.path) {
      link.remove(stream);
      if (link.streams.size === 0) this.used.delete(link);
    }
    this.shares.solve(stream.path, noStreams);
  }

  /** Called every interval while streams are under way. */
  lookAtLinks(): void {
    this.look = noEvent;
    if (this.used.size === 0) return;
    this.changed.length = 0;
    this.bounded.length = 0;
    for (const link of this.used) {
      if (link.read()) this.changed.push(link);
      if (link.readLoss()) this.bounded.push(...link.streams);
    }
    for (const stream of this.bounded) stream.boundByLoss();
    if (this.changed.length + this.bounded.length > 0) this.shares.solve(this.changed, this.bounded);
    this.look = this.simulation.schedule(this.settings.intervalNs, look, this);
  }

  private known(link: FluidMedium): FluidLink {
    const known = this.links.get(link);
    if (known !== undefined) return known;
    link.watchDemand(this.settings.intervalNs);
    const made = new FluidLink(link);
    this.links.set(link, made);
    return made;
  }
}

function look(network: FluidNetwork): void {
  network.lookAtLinks();
}
