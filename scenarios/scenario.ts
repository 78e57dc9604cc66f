import type { DerivedScheme } from './derived-schemes.ts';
import type { GuestTimerMode } from '../models/compute/guest-timers.ts';
import type { ControlDomainSettings } from '../models/compute/host-cpu.ts';
import type { MemoryAccess } from '../models/compute/memory-access.ts';
import type { Address } from '../models/network/address.ts';
import type { Delay } from '../models/network/delay.ts';
import type { ListenSettings } from '../models/network/listen-queue.ts';
import type { StreamSettings } from '../models/network/stream-settings.ts';
import type { KeepAlive, TcpSettings } from '../models/network/tcp-settings.ts';
import type { AwaitedPhase } from '../models/migration/phase-signals.ts';
import type { Scheme } from '../models/migration/scheme.ts';
import type { FirewallEngineSettings } from '../models/security/firewall-engine.ts';
import type { IntrusionPreventionSettings } from '../models/security/intrusion-prevention.ts';
import type { IpsecSettings } from '../models/security/ipsec.ts';
import type { ItemEngineSettings } from '../models/security/item-engine.ts';
import type { RateLimiterSettings } from '../models/security/rate-limiter.ts';
import type { SourceGuardSettings } from '../models/security/source-guard.ts';
import type { SynProxySettings } from '../models/security/syn-proxy.ts';
import type { Ruleset } from '../models/security/ruleset.ts';
import type { WorkloadSpec } from './workload-spec.ts';

/**
 * A scenario as it is meant: complete, frozen, in base units (ns, bytes, bit/s), nothing optional. What may be
 * written in a file is `scenario-file.ts`.
 */
export interface Scenario {
  readonly format: 1;
  readonly name: string;
  readonly description: string;
  readonly seed: number;
  readonly repetitions: number;
  /** Migrations start at their trigger plus a draw from this window, common to all schemes. */
  readonly startWindowNs: { readonly from: number; readonly to: number };
  /** The run ends here, whatever still goes on. */
  readonly untilNs: number;
  readonly hosts: readonly HostSpec[];
  readonly peers: readonly PeerSpec[];
  readonly switchLearnNs: number;
  /** Over which use of links and CPUs is measured, and after which their shares are solved anew. */
  readonly sharingIntervalNs: number;
  /** How connections of migrations begin. */
  readonly streamStart: StreamSettings['start'];
  readonly tcp: TcpSpec;
  readonly overlay: OverlaySpec | 'none';
  readonly middleboxes: readonly MiddleboxSpec[];
  readonly virtualMachines: readonly VirtualMachineSpec[];
  readonly workloads: readonly WorkloadSpec[];
  readonly initialContext: readonly InitialContextSpec[];
  readonly controller: readonly PolicyUpdateSpec[];
  readonly migrations: readonly MigrationSpec[];
  /** Programs of the user's own. */
  readonly modules: readonly ModuleSpec[];
  /** What goes wrong. */
  readonly faults: readonly FaultSpec[];
  /** How many migrations a host takes part in at once; further ones wait. */
  readonly migrationsPerHostMax: number;
  /** Presets and the schemes that the file itself spells out, by name. */
  readonly schemes: readonly Scheme[];
  /** How those of the file were written: from which follows where their values come from. */
  readonly derivedSchemes: readonly DerivedScheme[];
}

/** A module that adds to the cluster. */
export interface ModuleSpec {
  /** Absolute, or relative to the working directory as the scenario's own path is. */
  readonly path: string;
  /** Of its text: what it imports itself is not covered. */
  readonly sha256: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface LinkSpec {
  readonly rateBps: number;
  readonly delayNs: number;
  readonly queueBytes: number;
  /** Loss probability per MTU frame, in [0, 1). */
  readonly lossPerFrame: number;
  /** Packets arrive later by a draw, uniform from 0 to this; without `reorders` in their order all the same. */
  readonly jitterNs: number;
  readonly reorders: boolean;
  readonly queueing: 'drop-tail' | 'fair';
}

/** An engine in the cable of a host or peer, for frames in one direction or both; it never moves. */
export interface MiddleboxSpec {
  readonly name: string;
  readonly at: string;
  readonly sees: 'both' | 'outgoing' | 'incoming';
  readonly engine: StatefulFirewallSpec;
  readonly policy: Ruleset;
}

/** How the TCP endpoints of guests and peers behave. */
export interface TcpSpec {
  readonly age: TcpSettings['age'];
  readonly congestionControl: TcpSettings['congestionControl'];
  /** tcp_retries2. */
  readonly retriesMax: number;
  readonly keepAlive: KeepAlive | null;
  /** How listening ports take SYNs. */
  readonly listen: ListenSettings;
}

/** Tunnels between hosts and peers; the controller's updates reach each of them after a delay of its own. */
export interface OverlaySpec {
  readonly encapsulationBytes: number;
  readonly learn: Delay;
}

export interface HostSpec {
  readonly name: string;
  readonly memoryBytes: number;
  readonly cpus: number;
  /** How the CPUs are shared between guests and what the host does itself. */
  readonly control: ControlDomainSettings;
  /** CPU time for a byte of memory or context that a migration sends or receives, ns. */
  readonly copyNsPerByte: number;
  /** CPU time for each new entry, where every change of the tables is reported all the time; 0 where it is not. */
  readonly changeNs: number;
  /** Packets that may wait for a CPU. */
  readonly packetsMax: number;
  readonly link: LinkSpec;
  /** What the host receives by. */
  readonly returnLink: LinkSpec;
  /** The link that migrations use: the host's own, or a separate one. */
  readonly migrationLink: LinkSpec | 'shared';
  readonly engines: readonly EngineSpec[];
  /** Multiplies every per-packet and per-item CPU cost: older hardware is slower. */
  readonly costScale: number;
}

/** One security engine of a host. Closed union: a new kind is a file, its test and its schema. */
export type EngineSpec = StatefulFirewallSpec | ItemEngineSpec;

/** Engines that keep items under keys. */
export type ItemEngineSpec = ItemEngineSettings &
  (
    | ({ readonly kind: 'source-guard' } & SourceGuardSettings)
    | { readonly kind: 'nat'; readonly outer: 'host' | 'gateway' | 'vm'; readonly address: Address }
    | ({ readonly kind: 'intrusion-prevention' } & IntrusionPreventionSettings)
    | ({ readonly kind: 'rate-limiter' } & RateLimiterSettings)
    | ({ readonly kind: 'syn-proxy' } & SynProxySettings)
    | ({ readonly kind: 'ipsec' } & IpsecSettings)
  );

export interface StatefulFirewallSpec extends FirewallEngineSettings {
  readonly kind: 'stateful-firewall';
}

export interface PeerSpec {
  readonly name: string;
  readonly address: Address;
  readonly link: LinkSpec;
  readonly returnLink: LinkSpec;
}

export interface VirtualMachineSpec {
  readonly name: string;
  readonly host: string;
  readonly address: Address;
  /** More addresses of the same interface. */
  readonly aliases: readonly Address[];
  readonly memoryBytes: number;
  readonly memory: MemoryAccess;
  /** The VM's own rules, in force wherever its interface is. */
  readonly policy: Ruleset;
  /** What happens to the guest's timers while it is paused. */
  readonly timers: GuestTimerMode;
  readonly vcpus: number;
  /** CPUs that the guest uses for other things than packets while nothing slows it. */
  readonly loadCpus: number;
  /** Against other guests and the control domain. */
  readonly cpuWeight: number;
  /** CPU time of the guest for each Ethernet frame that it sends or takes. */
  readonly frameNs: number;
  /** The same for each byte of the packet, ns. */
  readonly byteNs: number;
}

/** Entries that are in a VM's table when the run starts, since five-day timeouts cannot be simulated into being. */
export interface InitialContextSpec {
  readonly vm: string;
  readonly entries: number;
  readonly port: number;
}

/** A new policy for a VM; each host gets it after its own delay, or never. */
export interface PolicyUpdateSpec {
  readonly vm: string;
  readonly atNs: number;
  readonly policy: Ruleset;
  readonly delays: readonly { readonly host: string; readonly delay: Delay | 'never' }[];
}

/** One attempt to move a VM. */
export interface MigrationSpec {
  readonly name: string;
  /** The migration of the file, of which this is the first attempt, the second, and so on. */
  readonly move: string;
  readonly attempt: number;
  readonly vm: string;
  readonly source: string;
  readonly destination: string;
  readonly scheme: Scheme;
  readonly trigger: Trigger;
  /** The move is given up when it has not committed by then; `Infinity` for never. */
  readonly giveUpNs: number;
}

/** A time, or some time after the first of some migrations, the attempts of one, reaches a phase. */
export type Trigger =
  | { readonly kind: 'time'; readonly atNs: number }
  | {
      readonly kind: 'phase';
      readonly migrations: readonly string[];
      readonly phase: AwaitedPhase;
      readonly delayNs: number;
    };

/** What goes wrong on a host, when, and for how long (`Infinity` for ever). */
export type FaultSpec = FaultTime &
  (
    | { readonly kind: 'link-cut'; readonly link: 'vms' | 'migrations' }
    /** A cable of the host loses frames with this probability, whatever it lost before. */
    | { readonly kind: 'link-loss'; readonly link: 'vms' | 'migrations'; readonly lossPerFrame: number }
    /** The host dies with its VMs; when it is back, they are not. */
    | { readonly kind: 'host-crash' }
    /** The process that migrates VMs dies; VMs and engines go on. */
    | { readonly kind: 'daemon-crash' }
    /** The host takes no VM in. */
    | { readonly kind: 'refusal' }
    /** Context work takes so many times as long. */
    | { readonly kind: 'slowness'; readonly factor: number }
  );

interface FaultTime {
  readonly host: string;
  readonly trigger: Trigger;
  readonly durationNs: number;
}
