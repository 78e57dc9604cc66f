import { describe, expect, it } from 'vitest';
import { ms, s } from '../sim/time.ts';
import { parseScenario } from './load-scenario.ts';
import { tcpSettingsOf } from './tcp-settings-of.ts';
import type { TcpSettings } from '../models/network/tcp-settings.ts';

function settings(tcp: string): TcpSettings {
  const text = `
format: 1
until: 10 s
${tcp}
hosts: [{ name: a }]
vms: [{ name: v, host: a, address: 10.0.0.1, memory: 64 MiB, policy: none }]
migrations: []
`;
  return tcpSettingsOf(parseScenario('tcp.yaml', text, []).scenario.tcp);
}

describe('the TCP of a scenario', () => {
  it('is that of Linux 6.x where nothing is said: first timeout after 1 s, ticks of 4 ms, 15 retries, no keep-alive', () => {
    const usual = { age: 'linux-6.x', rtoInitialNs: 1 * s, tickNs: 4 * ms, retriesMax: 15, keepAlive: null };
    expect(settings('')).toMatchObject({ ...usual, congestionControl: 'cubic' });
  });

  it('may be that of Linux 2.6, with other retries and another congestion control', () => {
    const old = settings('tcp: { age: linux-2.6, congestion_control: new-reno, retries: 5 }');
    expect(old).toMatchObject({ rtoInitialNs: 3 * s, tailLossProbe: false, retriesMax: 5 });
    expect(old.congestionControl).toBe('new-reno');
  });

  it('probes silent connections as Linux does unless told otherwise: after 7200 s, every 75 s, 9 times', () => {
    expect(settings('tcp: { keep_alive: { idle: 30 s } }').keepAlive).toEqual({
      ...{ idleNs: 30 * s, intervalNs: 75 * s, probesMax: 9 },
    });
    expect(settings('tcp: { keep_alive: {} }').keepAlive?.idleNs).toBe(7200 * s);
  });

  it('listens as Linux of its age does, but for what is said', () => {
    expect(settings('').listen).toMatchObject({ backlog: 4096, synCookies: 'when-full', places: 'backlog' });
    expect(settings('tcp: { listen: { backlog: 9 } }').listen).toMatchObject({ backlog: 9, synBacklog: 256 });
    expect(settings('tcp: { age: linux-2.6, listen: { syn_cookies: when-full } }').listen).toEqual({
      ...{ backlog: 128, synCookies: 'when-full', synBacklog: 1024, timestamps: true, places: 'buckets' },
    });
  });

  it('is refused by name where it is misspelt', () => {
    expect(() => settings('tcp: { age: linux-3.x }')).toThrow(/linux-3\.x/);
  });
});
