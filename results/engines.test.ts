import { describe, expect, it } from 'vitest';
import { loadScenario } from '../scenarios/load-scenario.ts';
import { chooseSchemes } from './choose-schemes.ts';
import type { EngineSummary } from './engine-summary.ts';
import { outcomesOf, runShipped } from './run-shipped.fixture.ts';
import type { PairedRun, RunSummary } from './summary.ts';

// Each engine of scenarios/research/engines-*.yaml: what is lost where its context stays behind, and that nothing is
// where it travels. Numbers follow from rates, thresholds and times in those files.

interface Shown {
  readonly summary: RunSummary;
  readonly pair: PairedRun;
  readonly engine: EngineSummary;
  /** Outcomes of the workload's connections, each once. */
  readonly outcomes: (workload: string) => string[];
  /** From the resume to a time, in s. */
  readonly sinceResumeS: (atS: number) => number;
}

function show(engine: string, name: string, overrides: readonly string[] = []): Shown {
  const { summary, pair } = runShipped(`research/engines-${engine}`, name, overrides);
  return {
    summary,
    pair,
    engine: summary.context.engines[0]!,
    outcomes: (workload) => outcomesOf(pair, workload),
    sinceResumeS: (atS) => atS - pair.run.rows.phases.find(({ phase }) => phase === 'activate')!.timeNs / 1e9,
  };
}

function lives(outcomes: readonly string[]): boolean {
  return outcomes.length > 0 && outcomes.every((kind) => kind === 'untouched' || kind === 'stalled');
}

/** What CoM must show with each engine: all there, nothing lost. */
function isTransparent({ summary, engine }: Shown): void {
  expect(engine).toMatchObject({ missing: 0, downgraded: 0, stale: 0, resurrected: 0, left_behind: 0 });
  expect(engine.items_at_freeze).toBeGreaterThan(0);
  expect(summary.not_transparent_because).toEqual([]);
  expect([summary.exposure.wrongly_accepted, summary.exposure.wrongly_dropped]).toEqual([0, 0]);
}

describe.each(['source-guard', 'nat', 'prevention', 'limiter', 'syn-proxy', 'ipsec'])(
  'the context of an engine that travels: %s',
  (engine) => {
    it('loses and exposes nothing', () => isTransparent(show(engine, 'com-rounds')));
  },
  60_000,
);

describe('a source guard that has lost its bindings', () => {
  it('lets every stolen address through until the lease is renewed, at 30 s, if it is open', () => {
    const { summary, sinceResumeS, engine } = show('source-guard', 'rules-only');
    // 10 attacks a second.
    expect(Math.abs(summary.exposure.attacks_delivered - 10 * sinceResumeS(30))).toBeLessThanOrEqual(1);
    expect(Object.keys(summary.exposure.wrongly_accepted_by_cause)).toEqual(['missing-binding']);
    // The binding serves all of the VM's connections.
    expect(engine).toMatchObject({ missing: 1, live_connections: { missing: 10 } });
  });

  it('holds back the VM itself for as long if it is closed', () => {
    const { summary, sinceResumeS } = show('source-guard', 'rules-only', ['hosts[b].nse[0].unbound=drop']);
    expect(summary.exposure.attacks_delivered).toBe(0);
    expect(summary.exposure.legitimate_dropped_by_cause['spoofed']).toBeGreaterThan(0);
    // Resends lie on a grid that doubles: at most as long again.
    const gapS = summary.service_gap_ms.tcp_max! / 1000;
    expect(gapS).toBeGreaterThan(sinceResumeS(30) - 2);
    expect(gapS).toBeLessThan(2 * sinceResumeS(30) + 2);
  });
}, 60_000);

describe('NAT that has lost its mappings', () => {
  it('makes them anew with the VM’s packets, and keeps the other end out', () => {
    const { outcomes, summary } = show('nat', 'rules-only');
    expect(lives(outcomes('asks'))).toBe(true);
    expect(outcomes('is-asked')).toEqual(['hung']);
    expect(summary.exposure.wrongly_dropped_by_cause).toEqual({ 'missing-mapping': 10 });
  });

  it('has nothing to lose at a gateway', () => {
    const gateway = ['a', 'b'].map((host) => `hosts[${host}].nse[0].outer=gateway`);
    const { engine, summary } = show('nat', 'rules-only', gateway);
    expect(engine).toMatchObject({ items_at_freeze: 20, missing: 0, left_behind: 0 });
    expect(summary.transparent).toBe(true);
  });
}, 60_000);

describe('intrusion prevention that has lost its context', () => {
  it('counts the scanner’s attempts again and drops what it has not seen from the start', () => {
    const { summary, outcomes } = show('prevention', 'rules-only');
    // Five attempts before the block, and five more after the move.
    expect(show('prevention', 'com-rounds').summary.exposure.attacks_delivered).toBe(5);
    expect(summary.exposure.attacks_delivered).toBe(5 + 5);
    expect(summary.exposure.wrongly_accepted_by_cause).toEqual({ 'count-lost': 5 });
    expect(summary.exposure.wrongly_dropped_by_cause).toEqual({ 'missing-entry': 4 });
    expect(lives(outcomes('browsing'))).toBe(false);
  });

  it('goes on without looking if it is set so', () => {
    const { summary, outcomes } = show('prevention', 'rules-only', ['hosts[b].nse[0].midstream=pass']);
    // Four connections go on, into which nobody looks any more; the scanner’s count is lost as well.
    expect(summary.exposure.wrongly_accepted_by_cause['not-inspected']).toBe(4);
    expect(lives(outcomes('browsing'))).toBe(true);
    expect(summary.exposure.legitimate_dropped).toBe(0);
  });

  it('keeps connections and block where the context is fetched for the first packet of each', () => {
    const { summary, outcomes, pair } = show('prevention', 'com-on-demand');
    expect(summary.exposure.attacks_delivered).toBe(5);
    expect(lives(outcomes('browsing'))).toBe(true);
    const fetched = pair.run.rows.contextTasks.filter(({ moment }) => moment === 'on-demand');
    // One for each of four connections; those of the scanner’s new ones bring its block, each its own packet.
    expect(fetched.length).toBeGreaterThanOrEqual(4 + 1);
    expect(fetched.every(({ items }) => items >= 1)).toBe(true);
  });

  it('keeps old connections on the engines that know them, and begins anew for others', () => {
    const { summary, outcomes, engine } = show('prevention', 'drain-appliance');
    expect(lives(outcomes('browsing'))).toBe(true);
    expect(summary.exposure.legitimate_dropped).toBe(0);
    expect(summary.exposure.attacks_delivered).toBe(5 + 5);
    expect(engine.left_behind).toBe(engine.items_at_freeze);
    // Its configuration, and no item.
    expect(summary.migrations[0]!.context_items).toBe(1);
  });

  it('has nothing to move where the state is in a store outside, for 300 us a packet', () => {
    const { summary, engine } = show('prevention', 'remote-state');
    expect(summary.exposure.attacks_delivered).toBe(5);
    expect(engine).toMatchObject({ missing: 0, stale: 0, left_behind: 0 });
    // Its configuration, and no item.
    expect(summary.migrations[0]!.context_items).toBe(1);
    // Each message crosses the VM's host once.
    const more = summary.message_latency_ms.p50! - summary.message_latency_without_move_ms.p50!;
    expect(more).toBeCloseTo(0.3, 2);
  });
}, 60_000);

describe('a rate limiter that has lost its bucket', () => {
  it('gives one burst away more: 100 packets of 60 bytes out of 6 kB', () => {
    const [kept, lost] = ['com-rounds', 'rules-only'].map(
      (scheme) => show('limiter', scheme).summary.exposure.attacks_delivered,
    );
    expect(Math.abs(lost! - kept! - 100)).toBeLessThanOrEqual(2);
  });

  it('gives nothing away if a new bucket is empty', () => {
    const [kept, lost] = ['com-rounds', 'rules-only'].map(
      (scheme) => show('limiter', scheme, ['hosts[b].nse[0].fresh=empty']).summary.exposure.attacks_delivered,
    );
    expect(Math.abs(lost! - kept!)).toBeLessThanOrEqual(2);
  });
}, 60_000);

describe('a SYN proxy that has lost its offsets', () => {
  it.each([
    ['pass', 'hung'],
    ['drop', 'hung'],
    ['reset', 'reset'],
  ])('%s: every connection is %s', (unknown, outcome) => {
    const { outcomes } = show('syn-proxy', 'rules-only', [`hosts[b].nse[0].unknown=${unknown}`]);
    expect(outcomes('browsing')).toEqual([outcome]);
  });
}, 60_000);

describe('an IPsec endpoint', () => {
  it.each(['rules-only', 'com-early-stale'])(
    'takes replays and is taken for one with old counters: %s',
    (scheme) => {
      const { summary } = show('ipsec', scheme);
      expect(summary.exposure.attacks_delivered).toBeGreaterThan(0);
      expect(Object.keys(summary.exposure.wrongly_accepted_by_cause)).toEqual(['stale-counter']);
      expect(summary.exposure.legitimate_dropped_by_cause['replay']).toBeGreaterThan(0);
      expect(summary.transparent).toBe(false);
    },
  );

  it('is stale with counters of the reservation, and silent without negotiated keys', () => {
    expect(show('ipsec', 'com-early-stale').engine).toMatchObject({ missing: 0, stale: 1 });
    const negotiated = ['a', 'b'].map((host) => `hosts[${host}].nse[0].keys=negotiated`);
    const { outcomes, summary } = show('ipsec', 'rules-only', negotiated);
    expect(outcomes('browsing')).toEqual(['hung']);
    expect(summary.exposure.attacks_delivered).toBe(0);
  });
}, 120_000);

describe('a platform that moves the firewall’s state and not that of an engine which a partner put in', () => {
  // VM-Series on VMware NSX (Palo Alto Networks, 7.1 to 8.1): sessions that were allowed go on, past the partner's engine.
  it('drops nothing, and lets every connection go on uninspected', () => {
    const chain = (host: string): string =>
      `hosts[${host}].nse=[{ kind: intrusion-prevention, name: partner, midstream: pass }, { kind: stateful-firewall, tracking: { tcp_loose: false } }]`;
    const { summary, outcomes } = show('prevention', 'nsx-like', [chain('a'), chain('b')]);
    expect(outcomes('browsing')).toEqual(['untouched']);
    expect(summary.exposure.legitimate_dropped).toBe(0);
    expect(summary.exposure.wrongly_accepted_by_cause['not-inspected']).toBe(4);
    const moved = show('prevention', 'com-rounds', [chain('a'), chain('b')]);
    expect(moved.summary.exposure.wrongly_accepted_by_cause).toEqual({});
  });
}, 60_000);

describe('a chain of three engines, one of which the destination lacks', () => {
  it('keeps a VM that a program sends there under a scheme that goes nowhere without it, and says why', () => {
    const { pair, summary } = show('chain', 'com-rounds');
    const failed = pair.run.rows.phases.find(({ phase }) => phase === 'failed');
    expect(failed?.reason).toBe('b has no engine ips, which protects the VM on a');
    expect(summary.exposure.attacks_delivered).toBe(5);
  });

  it('is refused before the run under a scheme that goes nowhere without it', () => {
    const { scenario } = loadScenario('scenarios/research/engines-chain.yaml', []);
    expect(() => chooseSchemes(scenario, ['rules-only', 'com-open'])).not.toThrow();
    expect(() => chooseSchemes(scenario, ['com-rounds', 'com-open'])).toThrow(
      'scheme com-rounds, migration web b has no intrusion-prevention named "ips" as a has',
    );
  });

  it('goes without it otherwise, and everything is counted that it would have stopped', () => {
    const { summary, outcomes } = show('chain', 'com-open');
    expect(lives(outcomes('browsing'))).toBe(true);
    const { attacks_delivered: delivered, wrongly_accepted_by_cause: causes } = summary.exposure;
    // The attacks that it would have stopped, and four connections into which nobody looks any more.
    expect(causes).toEqual({ 'not-inspected': delivered - 5 + 4 });
    const engines = new Map(summary.context.engines.map((engine) => [engine.engine, engine]));
    // The prevention's flows have nowhere to go; the guard of another version takes no binding; entries all arrive.
    expect(engines.get('ips')!.missing).toBe(engines.get('ips')!.items_at_freeze);
    expect(engines.get('guard')).toMatchObject({ missing: 1 });
    expect(engines.get('firewall')).toMatchObject({ missing: 0, live_connections: { missing: 0 } });
  });
}, 60_000);
