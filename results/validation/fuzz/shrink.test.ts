import { describe, expect, it } from 'vitest';
import type { GoldenStep } from '../golden-sequence.ts';
import { shrink } from './shrink.ts';

function planned(packets: GoldenStep[]): Parameters<typeof shrink>[0] {
  const rules = { policy: 'accept' as const, forward: [] };
  const common = { name: 'one', category: 'fuzz', family: 'ip' as const, other_rules: {} };
  return { ...common, sysctls: { tcp_loose: 0, udp_timeout: 3 }, rules, packets };
}

const packets = Array.from({ length: 20 }, (_, index): GoldenStep => ({ t_ms: index * 1000, sport: index }));

describe('shrink', () => {
  it('leaves only the steps and settings without which the difference is gone', async () => {
    const short = await shrink(planned(packets), async ({ packets: left, sysctls }) => {
      const ports = left.map(({ sport }) => sport);
      return Promise.resolve(ports.includes(4) && ports.includes(17) && sysctls['tcp_loose'] === 0);
    });
    expect(short.packets.map(({ sport }) => sport)).toEqual([4, 17]);
    expect(short.sysctls).toEqual({ tcp_loose: 0 });
  });

  it('keeps what a step quotes, and its number right', async () => {
    const quoting: GoldenStep[] = [...packets, { t_ms: 30_000, proto: 'icmp', inner: 7 }];
    const short = await shrink(planned(quoting), ({ packets: left }) =>
      Promise.resolve(left.some(({ inner }) => inner !== undefined)),
    );
    expect(short.packets.map(({ sport, inner }) => sport ?? inner)).toEqual([7, 0]);
  });
});
