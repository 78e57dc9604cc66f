import { sameAddress, type Address } from '../models/network/address.ts';
import type { Packet } from '../models/network/packet.ts';
import { FirewallEngine } from '../models/security/firewall-engine.ts';
import { intrusionPrevention } from '../models/security/intrusion-prevention.ts';
import { ipsec } from '../models/security/ipsec.ts';
import { ItemEngine } from '../models/security/item-engine.ts';
import { mappingsAt, nat, outerName, type Mapping, type NatSettings } from '../models/security/nat.ts';
import { rateLimiter } from '../models/security/rate-limiter.ts';
import type { SecurityEngine, Subject } from '../models/security/security-engine.ts';
import { sourceGuard } from '../models/security/source-guard.ts';
import { synProxy } from '../models/security/syn-proxy.ts';
import { addressAfter } from './expand-template.ts';
import type { Building } from './building.ts';
import type { EngineSpec, HostSpec, Scenario } from './scenario.ts';

type NatSpec = Extract<EngineSpec, { kind: 'nat' }>;

/** The engines of all hosts, and those of the references that never move. */
export class Engines {
  private readonly scenario: Scenario;
  private readonly taps: Building['taps'];
  private readonly own: Building['additions']['engines'];
  /** What NAT each host is to have, and all that gives VMs addresses of their own: asked of every VM. */
  private readonly natSpecs: ReadonlyMap<string, readonly NatSpec[]>;
  private readonly natSpecsOfVms: readonly NatSpec[];
  /** NAT by host and name; a gateway's is the same on every host. */
  private readonly nats = new Map<string, ItemEngine<Mapping>>();
  private readonly shared = new Map<
    string,
    { readonly engine: SecurityEngine; readonly nat: ItemEngine<Mapping> }
  >();

  constructor({ scenario, taps, additions }: Pick<Building, 'scenario' | 'taps' | 'additions'>) {
    this.scenario = scenario;
    this.taps = taps;
    this.own = additions.engines;
    this.natSpecs = new Map(scenario.hosts.map(({ name, engines }) => [name, engines.filter(isNat)]));
    this.natSpecsOfVms = [...this.natSpecs.values()].flat().filter(({ outer }) => outer === 'vm');
  }

  /** All engines of a host, in order, with whoever listens to them. */
  chain(host: HostSpec): SecurityEngine[] {
    const own = this.own.map((make) => {
      const built = make({ host: host.name, costScale: host.costScale });
      return this.taps?.engine(host.name, built) ?? built;
    });
    return [...host.engines.map((spec) => this.build(spec, host)), ...own];
  }

  /** Their counterparts behind which a VM has always been; `place` says on which host the VM is. */
  referenceChain(host: HostSpec, place: () => string): SecurityEngine[] {
    const own = this.own.map((make) => make({ host: null, costScale: 1 }));
    return [...host.engines.map((spec) => this.buildReference(spec, place)), ...own];
  }

  private build(spec: EngineSpec, host: HostSpec): SecurityEngine {
    const shared = spec.kind === 'nat' && spec.outer === 'gateway';
    const known = shared ? this.shared.get(spec.name) : undefined;
    if (known !== undefined) {
      this.nats.set(natKey(host.name, spec.name), known.nat);
      return known.engine;
    }
    const built = spec.kind === 'nat' ? this.buildNat(spec, host) : buildOfHost(spec, host);
    const engine = this.taps?.engine(host.name, built) ?? built;
    const nat = this.nats.get(natKey(host.name, spec.name));
    if (shared && nat !== undefined) this.shared.set(spec.name, { engine, nat });
    return engine;
  }

  private buildNat(spec: NatSpec, { name, costScale }: HostSpec): ItemEngine<Mapping> {
    const settings = this.natSettings(mappingsAt((vm) => outerOf(spec, vm)));
    const engine = new ItemEngine(spec, nat(settings), costScale);
    this.nats.set(natKey(name, spec.name), engine);
    return engine;
  }

  private buildReference(spec: EngineSpec, place: () => string): SecurityEngine {
    if (spec.kind === 'stateful-firewall') return buildEngine({ ...spec, table: 'per-vm' }, 1, true);
    const endless = { ...spec, itemsMax: Infinity };
    if (endless.kind !== 'nat') return buildEngine(endless, 1, true);
    // Which port a new connection gets is chance: the reference takes what the engine under test took.
    const mirrored: NatSettings['allocate'] = (_table, vm, key) =>
      this.nats.get(natKey(place(), spec.name))?.find(vm, key, 0) ?? { outer: 0, outerPort: 0 };
    return new ItemEngine(endless, nat(this.natSettings(mirrored)), 1);
  }

  /** Name of the VM that a packet to an outer address of the host, or of its gateway, is for. */
  ownerOf(host: string, packet: Packet, nowNs: number): string | null {
    const name = outerName(packet);
    for (const { name: engine } of this.natSpecsOf(host)) {
      const owner = this.nats.get(natKey(host, engine))?.ownerOf(name, nowNs) ?? null;
      if (owner !== null) return owner;
    }
    return null;
  }

  /** Outer addresses of a host itself. */
  outerAddresses(host: string): Address[] {
    return this.natSpecsOf(host)
      .filter(({ outer }) => outer === 'host')
      .map(({ address }) => address);
  }

  /** Outer addresses that each VM has for itself, wherever it is. */
  outerAddressesOf(vm: Subject): Address[] {
    const addresses = this.natSpecsOfVms.flatMap((spec) => outerOf(spec, vm) ?? []);
    return addresses.filter(
      (address, index) => addresses.findIndex((other) => sameAddress(address, other)) === index,
    );
  }

  /** The outer addresses of gateways, each with a host through which it can be asked. */
  gateways(): { address: Address; host: string }[] {
    const found = new Map<string, { address: Address; host: string }>();
    for (const [host, specs] of this.natSpecs) {
      for (const { outer, name, address } of specs) {
        if (outer === 'gateway' && !found.has(name)) found.set(name, { address, host });
      }
    }
    return [...found.values()];
  }

  private natSpecsOf(host: string): readonly NatSpec[] {
    return this.natSpecs.get(host) ?? [];
  }

  private natSettings(allocate: NatSettings['allocate']): NatSettings {
    const { peers } = this.scenario;
    return { allocate, isOutside: (address) => peers.some((peer) => sameAddress(peer.address, address)) };
  }
}

function buildOfHost(spec: Exclude<EngineSpec, NatSpec>, { costScale, changeNs }: HostSpec): SecurityEngine {
  const engine = buildEngine(spec, costScale, false);
  if (engine instanceof FirewallEngine) engine.reportChanges(changeNs);
  return engine;
}

function buildEngine(spec: Exclude<EngineSpec, NatSpec>, costScale: number, told: boolean): SecurityEngine {
  switch (spec.kind) {
    case 'stateful-firewall':
      return new FirewallEngine(spec, costScale);
    case 'source-guard':
      return new ItemEngine(spec, sourceGuard(spec), costScale);
    case 'intrusion-prevention':
      return new ItemEngine(spec, intrusionPrevention(spec), costScale);
    case 'rate-limiter':
      return new ItemEngine(spec, rateLimiter(spec, told), costScale);
    case 'syn-proxy':
      return new ItemEngine(spec, synProxy(spec), costScale);
    case 'ipsec':
      return new ItemEngine(spec, ipsec(spec), costScale);
  }
}

function isNat(spec: EngineSpec): spec is NatSpec {
  return spec.kind === 'nat';
}

/** VMs are numbered from 1. */
function outerOf({ outer, address }: NatSpec, vm: Subject): Address | null {
  return outer === 'vm' ? (addressAfter(address, vm.number - 1) ?? null) : address;
}

function natKey(host: string, engine: string): string {
  return `${host}/${engine}`;
}
