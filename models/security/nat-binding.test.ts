import { describe, expect, it } from 'vitest';
import { formatAddress, ipv4, parseAddress } from '../network/address.ts';
import { changedPacket, makePacket, Protocol, TcpFlag, type Packet } from '../network/packet.ts';
import type { Addressing } from './addressing.ts';
import { ConnectionTracker } from './connection-tracker.ts';
import { RuleTable } from './rule-table.ts';
import { makeRuleset, type NatStatement } from './ruleset.ts';
import { sharedPlace, StatefulFirewall } from './stateful-firewall.ts';
import { linuxDefaults } from './tracking-settings.ts';

const outside = address('10.0.2.1');
const server = address('10.0.2.2');
const passage = { inInterface: 'c0', outInterface: 's0' };

function address(text: string): ReturnType<typeof ipv4> {
  return parseAddress(text)!;
}

const host: Addressing = {
  isLocal: (asked) => asked.w3 === outside.w3,
  outInterface: (destination) => ((destination.w3 >>> 8) % 256 === 1 ? 'c0' : 's0'),
  interfaceAddress: (name) => (name === 's0' ? outside : address('10.0.1.1')),
};

const masquerade: NatStatement = {
  kind: 'nat',
  action: 'masquerade',
  addresses: null,
  ports: null,
  flags: [],
};

function snat(low: string, high: string, ports: readonly [number, number] | null): NatStatement {
  const range = { kind: 'addresses', low: address(low), high: address(high) } as const;
  const numbers = ports === null ? null : ({ kind: 'numbers', low: ports[0], high: ports[1] } as const);
  const constant = (one: typeof range | NonNullable<typeof numbers>): NatStatement['addresses'] => ({
    kind: 'constant',
    value: { kind: 'values', ranges: [one] },
  });
  const addresses = constant(range);
  return {
    kind: 'nat',
    action: 'snat',
    addresses,
    ports: numbers === null ? null : constant(numbers),
    flags: [],
  };
}

function firewall(statement: NatStatement): StatefulFirewall {
  const fw = new StatefulFirewall('nat', new ConnectionTracker(linuxDefaults), sharedPlace);
  const base = { type: 'nat', hook: 'postrouting', priority: 100, policy: 'accept' } as const;
  const outward = {
    kind: 'match',
    selectors: [{ field: 'meta oifname', mask: null }],
    operator: 'in',
    keys: { kind: 'inline', keys: [[{ kind: 'name', pattern: 's0' }]] },
  } as const;
  const chains = [
    { name: 'post', base, rules: [{ expressions: [outward, statement], comment: '', place: '' }] },
  ];
  const table = { name: 't', family: 'ip', chains, sets: [], maps: [], counters: [], helpers: [] } as const;
  fw.setRules(new RuleTable(makeRuleset([table])));
  fw.setAddressing(host);
  return fw;
}

function syn(client: string, sourcePort: number, fields: Partial<Packet> = {}): Packet {
  const tcpFlags = TcpFlag.syn;
  return makePacket({
    source: address(client),
    destination: server,
    sourcePort,
    destinationPort: 80,
    tcpFlags,
    ...fields,
  });
}

function leaving(fw: StatefulFirewall, packet: Packet, nowNs: number): string {
  const { verdict, packet: left } = fw.inspect(packet, passage, nowNs);
  return verdict === 'accept' ? `${formatAddress(left.source)}:${left.sourcePort}` : verdict;
}

describe('source NAT', () => {
  it('keeps the port where the outside tuple is free, and draws another of its class where it is not', () => {
    const fw = firewall(masquerade);
    expect(leaving(fw, syn('10.0.1.2', 40_000), 0)).toBe('10.0.2.1:40000');
    expect(leaving(fw, syn('10.0.1.3', 40_000), 0)).toMatch(/^10\.0\.2\.1:\d{4,5}$/);
    expect(leaving(fw, syn('10.0.1.2', 300), 0)).toBe('10.0.2.1:300');
    const low = Number(leaving(fw, syn('10.0.1.3', 300), 0).split(':')[1]);
    expect(low).toBeGreaterThanOrEqual(1);
    expect(low).toBeLessThanOrEqual(511);
  });

  it('gives one inside socket the same outside port towards another server', () => {
    const fw = firewall(masquerade);
    leaving(fw, syn('10.0.1.2', 40_000), 0);
    const drawn = leaving(fw, syn('10.0.1.3', 40_000), 0);
    const elsewhere = syn('10.0.1.3', 40_000, { destination: address('10.0.2.3') });
    expect(leaving(fw, elsewhere, 1e6)).toBe(drawn);
  });

  it('drops a new connection at the end of its way when the port range is used up', () => {
    const fw = firewall(snat('10.0.2.50', '10.0.2.50', [5000, 5001]));
    const ports = ['10.0.1.2', '10.0.1.3'].map((client) => leaving(fw, syn(client, 40_000), 0));
    expect(ports.sort()).toEqual(['10.0.2.50:5000', '10.0.2.50:5001']);
    const third = fw.inspect(syn('10.0.1.4', 40_000), passage, 1e6);
    expect(third).toMatchObject({ verdict: 'drop', cause: 'table-full', connectionState: 'new' });
    expect(fw.tracker.count).toBe(2);
  });

  // Drawn by a 6.18.44 from the pool 10.0.2.50-53: sequences snat-pool-* of golden-nat.json.gz.
  it.each([
    ['10.0.1.2', '10.0.2.2', '10.0.2.50'],
    ['10.0.1.2', '10.0.2.4', '10.0.2.50'],
    ['10.0.1.2', '10.0.2.5', '10.0.2.52'],
    ['10.0.1.2', '10.0.2.6', '10.0.2.53'],
    ['10.0.1.2', '10.0.2.8', '10.0.2.50'],
  ])('picks from a pool what Linux picks: %s to %s becomes %s', (client, peer, picked) => {
    const fw = firewall(snat('10.0.2.50', '10.0.2.53', null));
    const packet = syn(client, 40_000, { destination: address(peer) });
    expect(leaving(fw, packet, 0)).toBe(`${picked}:40000`);
  });
});

describe('errors under NAT', () => {
  it('translates the quoted packet back, and cannot when only its ports are quoted', () => {
    const fw = firewall(masquerade);
    fw.inspect(syn('10.0.1.2', 40_000), passage, 0);
    const quoted = syn('10.0.2.1', 40_000);
    const error = makePacket({
      source: address('10.0.2.99'),
      destination: outside,
      protocol: Protocol.icmp,
      icmpType: 3,
      icmpCode: 1,
      quoted,
      quotedBytes: 28,
    });
    const back = { inInterface: 's0', outInterface: 'c0' };
    const { verdict, packet, connectionState } = fw.inspect(error, back, 1e6);
    expect([verdict, connectionState, formatAddress(packet.destination)]).toEqual([
      'accept',
      'related',
      '10.0.1.2',
    ]);
    expect(formatAddress(packet.quoted!.source)).toBe('10.0.1.2');
    expect(fw.inspect(changedPacket(error, { quotedBytes: 24 }), back, 2e6).verdict).toBe('drop');
  });
});
