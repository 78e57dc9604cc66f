import { usualTcp } from '../../../scenarios/tcp-settings-of.ts';
import type { Ruleset } from '../../../models/security/ruleset.ts';
import { linuxDefaults } from '../../../models/security/tracking-settings.ts';
import { wholeRuleset } from '../../../scenarios/import/imported-ruleset.ts';
import { importNftText } from '../../../scenarios/import/nft-text.ts';
import type { HostSpec, LinkSpec, Scenario } from '../../../scenarios/scenario.ts';
import { microseconds, milliseconds, s } from '../../../sim/time.ts';
import type { MeasuredMove, MoveParams } from './measured-move.ts';
import { migrationLineBps, moveMemory, movePlan } from './move-memory.ts';
import { moveScheme } from './move-scheme.ts';
import { addresses, script } from './rig.ts';

/** The rig of a measured run as a scenario; what its client, its guest and its attacker do is not in it. */
export function moveScenario(run: MeasuredMove): Scenario {
  const { params } = run;
  const scheme = moveScheme(params, movePlan(params, 0.5), run.foreign_entries_in_hash);
  const writesPerS = run.status === 'completed' ? run.guest.writes_per_s.before : params.guest.r;
  const client = line(params.cli_mbit * 1e6);
  return {
    ...{ format: 1, name: run.id, description: 'a measured migration', seed: 1, repetitions: 1 },
    startWindowNs: { from: 0, to: 0 },
    untilNs: Infinity,
    hosts: [host('a', params, true), host('b', params, params.scheme.loose === 1)],
    peers: [
      { name: 'client', address: addresses.client, link: client, returnLink: client },
      { name: 'attacker', address: addresses.attacker, link: client, returnLink: client },
    ],
    ...{
      switchLearnNs: 0,
      tcp: usualTcp,
      overlay: 'none',
      middleboxes: [],
      modules: [],
      sharingIntervalNs: milliseconds(10),
      streamStart: 'slow-start',
    },
    virtualMachines: [
      {
        ...{ name: 'guest', host: 'a', address: addresses.guest, aliases: [], timers: 'frozen' },
        ...{ vcpus: 1, loadCpus: 0, cpuWeight: 256, frameNs: 0, byteNs: 0 },
        memoryBytes: params.ram * 2 ** 20,
        memory: moveMemory(params, writesPerS),
        policy: params.scheme.pol === 'open' ? open : restricted,
      },
    ],
    workloads: [],
    initialContext: params.fill === 0 ? [] : [{ vm: 'guest', entries: params.fill, port: 7001 }],
    controller: [],
    migrations: [
      {
        ...{
          name: run.id,
          move: run.id,
          attempt: 1,
          vm: 'guest',
          source: 'a',
          destination: 'b',
          scheme,
          giveUpNs: Infinity,
        },
        trigger: { kind: 'time', atNs: script.migrateNs },
      },
    ],
    faults: [],
    migrationsPerHostMax: 1,
    schemes: [],
    derivedSchemes: [],
  };
}

function host(name: string, params: MoveParams, tcpLoose: boolean): HostSpec {
  const uplink = line(10e9);
  return {
    ...{ name, memoryBytes: 2 ** 34, cpus: 64, costScale: 1, link: uplink, returnLink: uplink },
    // What the rig's two processors share is in the measured costs: here nothing waits for another.
    ...{
      control: { weight: 256, reservedCpus: 0, cpusMax: 64 },
      copyNsPerByte: 0,
      packetsMax: 1000,
      changeNs: 0,
    },
    migrationLink: { ...line(migrationLineBps(params)), delayNs: 0 },
    engines: [
      {
        ...{ kind: 'stateful-firewall', name: 'firewall', table: 'shared' },
        tracking: { ...linuxDefaults, tcpLoose },
        ...{ packetNs: 500, ruleNs: 10, newEntryNs: 1000 },
      },
    ],
  };
}

/** meta.rig.links: a bucket whose queue holds 20 ms; RTT below 0.2 ms in all. */
function line(rateBps: number): LinkSpec {
  const queueBytes = Math.ceil((rateBps / 8) * (milliseconds(20) / s));
  return {
    ...{ rateBps, delayNs: microseconds(20), jitterNs: 0, reorders: false },
    ...{ queueBytes, queueing: 'drop-tail', lossPerFrame: 0 },
  };
}

/** meta.policies, with interfaces by their side: `ext0` the network's, `int0` the guest's. */
function policy(egress: string): Ruleset {
  const text = `table ip sg {
    chain forward { type filter hook forward priority 0; policy drop;
      ct state invalid drop
      ct state established,related accept
      iifname "ext0" ip daddr 10.0.0.10 tcp dport 7001-7020 ct state new accept
      iifname "ext0" ip daddr 10.0.0.10 udp dport 7101-7120 ct state new accept
${egress}
    }
  }`;
  return wholeRuleset(importNftText(text, 'meta.policies'));
}

const restricted = policy(`      iifname "int0" ip saddr 10.0.0.10 tcp dport 8001-8020 ct state new accept
      iifname "int0" ip saddr 10.0.0.10 udp dport 8101-8120 ct state new accept`);
const open = policy(`      iifname "int0" ip saddr 10.0.0.10 ct state new accept`);
