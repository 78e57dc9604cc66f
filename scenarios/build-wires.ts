import { inward, outward } from '../models/compute/guest-port.ts';
import { Middlebox } from '../models/compute/middlebox.ts';
import type { Frame, FrameSink } from '../models/network/frame.ts';
import { Link } from '../models/network/link.ts';
import type { SwitchPort } from '../models/network/switch.ts';
import type { DropCause } from '../models/observations.ts';
import type { Packet } from '../models/network/packet.ts';
import { FirewallEngine } from '../models/security/firewall-engine.ts';
import type { Building } from './building.ts';
import type { LinkSpec, MiddleboxSpec } from './scenario.ts';

/** A machine's two directions: towards the switch and away from it. */
export interface Wire {
  readonly up: Link;
  readonly down: Link;
}

/** A cable whose directions may differ. */
export function buildWire(building: Building, name: string, towards: LinkSpec, back: LinkSpec): Wire {
  return {
    up: buildLink(building, `${name}/up`, towards),
    down: buildLink(building, `${name}/down`, back),
  };
}

function buildLink({ simulation, ledger, chance, taps }: Building, place: string, spec: LinkSpec): Link {
  const dropped = (frame: Frame, where: string, cause: DropCause): void => {
    taps?.lost(simulation, where, frame, cause);
    if (frame.packet === null) return;
    ledger.left(frame.packet);
    ledger.dropped(frame.packet, cause, where, simulation.nowNs);
  };
  const link = new Link(simulation, place, spec, chance.stream(place, 'loss'), dropped);
  if (spec.queueing === 'fair') link.queueFairly();
  if (spec.jitterNs > 0) link.vary(spec.jitterNs, spec.reorders);
  return link;
}

/** A middlebox, the cable in which it stands, and which of its directions it sees. */
export interface PlacedBox {
  readonly box: Middlebox;
  readonly spec: MiddleboxSpec;
}

/** The middleboxes of a scenario; the rules of each belong to its cable, which counts as one interface. */
export function buildMiddleboxes({ scenario, simulation, ledger, taps }: Building): PlacedBox[] {
  return scenario.middleboxes.map((spec) => {
    const firewall = new FirewallEngine({ ...spec.engine, table: 'per-vm' }, 1);
    const engine = taps?.engine(spec.name, firewall) ?? firewall;
    const subject = { name: spec.name, number: 1, addresses: [] };
    engine.setPolicy(subject, { kind: 'rules', ruleset: spec.policy, version: 0 });
    return { box: new Middlebox({ simulation, ledger, name: spec.name, engine, subject }), spec };
  });
}

/** Where a machine's frames go into its cable. */
export function wireStart({ taps, simulation }: Building, machine: string, { up }: Wire): FrameSink {
  return taps?.wire(simulation, machine, 'out', up) ?? up;
}

/** Where frames that come out of a machine's cable go. */
export function wireEnd(
  { taps, simulation }: Building,
  machine: string,
  { down }: Wire,
  to: FrameSink,
): FrameSink {
  if (taps === null) return to;
  return taps.wire(simulation, down.place, 'in', taps.wire(simulation, machine, 'in', to));
}

/**
 * Connects a machine's cable to a port of the switch through the middleboxes that stand in it, the first of them
 * next to the machine. `attach` makes the port for what leads to the machine.
 */
export function plugIn(
  building: Building,
  name: string,
  wire: Wire,
  boxes: readonly PlacedBox[],
  attach: (towardsMachine: FrameSink) => SwitchPort,
): SwitchPort {
  const { taps, simulation } = building;
  const standing = boxes.filter(({ spec }) => spec.at === name);
  const incoming = standing.filter(({ spec }) => spec.sees !== 'outgoing');
  const outgoing = standing.filter(({ spec }) => spec.sees !== 'incoming');
  const port = attach(
    incoming.reduce<FrameSink>((next, placed) => boxSide(building, placed, 'in', next), wire.down),
  );
  const end = outgoing.reduceRight<FrameSink>((next, placed) => boxSide(building, placed, 'out', next), port);
  const reached = taps?.wire(simulation, wire.up.place, 'out', end) ?? end;
  if (outgoing.length === 0) wire.up.connectSwitch(reached);
  else wire.up.connect(reached);
  return port;
}

/** Where frames of one direction enter a middlebox, from which they go on to `next`. */
function boxSide(
  { taps, simulation }: Building,
  { box, spec }: PlacedBox,
  direction: 'in' | 'out',
  next: FrameSink,
): FrameSink {
  const point = `${spec.name}/${spec.engine.name}`;
  const passed = taps?.passing(simulation, point, direction, next) ?? next;
  return box.side(direction === 'in' ? inward : outward, passed);
}

/** Whether the middleboxes in the cables of these machines would let a packet from one to the other pass. */
export function boxesWouldPass(
  boxes: readonly PlacedBox[],
  packet: Packet,
  from: string,
  to: string,
): boolean {
  return boxes.every(({ box, spec }) => {
    if (spec.at === from && spec.sees !== 'incoming' && !box.wouldPass(packet, outward)) return false;
    return spec.at !== to || spec.sees === 'outgoing' || box.wouldPass(packet, inward);
  });
}
