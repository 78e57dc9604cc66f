import type { Stream as Draws } from '../../sim/random.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { drawDelayNs, type Delay } from './delay.ts';
import type { Mac } from './frame.ts';

/** Where an interface is, with the number of the update that said so. */
interface Location {
  readonly host: Mac;
  readonly number: number;
}

/** Behind which host each VM's interface is, as far as one machine knows. It learns from the controller alone. */
export class TunnelMap {
  private readonly locations = new Map<Mac, Location>();

  /** The tunnel end behind which the interface is; null for an interface that is reached without a tunnel. */
  endOf(mac: Mac): Mac | null {
    return this.locations.get(mac)?.host ?? null;
  }

  /** Whether the update says something new; one that was overtaken by a newer one changes nothing. */
  learn(mac: Mac, location: Location): boolean {
    const known = this.locations.get(mac);
    if (known !== undefined && known.number >= location.number) return false;
    this.locations.set(mac, location);
    return true;
  }
}

/** A machine with a tunnel map; `draws` are its delays, by the number of the update. */
interface Recipient {
  readonly name: string;
  readonly map: TunnelMap;
  readonly draws: Draws;
}

/** Called when a recipient, by name, has learnt where an interface is. */
export type LocationListener = (recipient: string, mac: Mac) => void;

/**
 * Tells every tunnel map of an overlay where VMs are: a numbered update for each move, which each recipient gets
 * after a delay of its own. An announcement of what is known already makes no update.
 */
export class LocationController {
  private readonly simulation: Simulation;
  private readonly delay: Delay;
  private readonly learnt: LocationListener;
  private readonly recipients: Recipient[] = [];
  private readonly locations = new Map<Mac, Mac>();
  private updates = 0;

  constructor(simulation: Simulation, delay: Delay, learnt: LocationListener) {
    this.simulation = simulation;
    this.delay = delay;
    this.learnt = learnt;
  }

  subscribe(name: string, map: TunnelMap, draws: Draws): void {
    this.recipients.push({ name, map, draws });
  }

  /** A host says that the interface is behind it. Where a VM starts is known to all. */
  announced(mac: Mac, host: Mac): void {
    if (this.locations.get(mac) === host) return;
    const first = !this.locations.has(mac);
    this.locations.set(mac, host);
    const location: Location = { host, number: this.updates++ };
    for (const recipient of this.recipients) {
      const delayNs = first ? 0 : drawDelayNs(this.delay, recipient.draws.uniform(location.number));
      this.simulation.schedule(delayNs, () => this.tell(recipient, mac, location), undefined);
    }
  }

  private tell({ name, map }: Recipient, mac: Mac, location: Location): void {
    if (map.learn(mac, location)) this.learnt(name, mac);
  }
}
