import { describe, expect, it } from 'vitest';
import { meanBytes } from '../models/workload/size.ts';
import { buildCluster } from './build-cluster.ts';
import { catalogue } from './catalogue.ts';
import { describeWorkload } from './describe-workload.ts';
import { parseScenario } from './load-scenario.ts';
import { workloadPresets } from './presets/workload-presets.ts';
import { specwebFiles } from './presets/workloads/static-web.ts';
import type { Scenario } from './scenario.ts';

function scenarioWith(vm: string, workloads: string): Scenario {
  const text = `
format: 1
until: 10 s
hosts: [{ name: a }]
peers: [{ name: p, address: 10.0.1.1 }]
vms: [{ name: v, host: a, address: 10.0.0.1, memory: 64 MiB, policy: none${vm} }]
workloads: [${workloads}]
migrations: []
`;
  return parseScenario('s.yaml', text, []).scenario;
}

describe('a named workload', () => {
  it.each(workloadPresets.map((preset) => [preset.name, preset] as const))(
    '%s tells the origin of every default',
    (name, preset) => {
      expect(catalogue('workloads').map((entry) => entry.name)).toContain(name);
      const told = describeWorkload(preset).map(({ key }) => key);
      const memory = preset.memory === null ? [] : ['memory_access'];
      expect(told.sort()).toEqual([...Object.keys(preset.marks), ...memory].sort());
      expect(Object.keys(preset.values).sort()).toEqual(Object.keys(preset.marks).sort());
      for (const { value, mark } of describeWorkload(preset)) {
        expect(value).not.toContain('kind:');
        expect(mark.source.length).toBeGreaterThan(5);
      }
    },
  );

  it('needs no more than a VM and a peer', () => {
    const list = workloadPresets
      .filter(({ name }) => name !== 'kernel-compile' && name !== 'specweb99' && name !== 'oltp')
      .map(({ name }) =>
        name === 'idle'
          ? `{ name: ${name}, kind: idle, vm: v }`
          : `{ name: ${name}, kind: ${name}, vm: v, peer: p }`,
      );
    expect(scenarioWith('', list.join(', ')).workloads).toHaveLength(list.length);
  });

  it('has files of 14.6 kB on average where it follows SPECweb', () => {
    // 0.35 x 500 + 0.5 x 5000 + 0.14 x 50,000 + 0.01 x 500,000; Ruan and Pai (USENIX 2006) say roughly 14 kB.
    expect(meanBytes(specwebFiles)).toBeCloseTo(14_675, 6);
  });
});

describe('the memory of a VM', () => {
  const regions = (scenario: Scenario): unknown => {
    const { memory } = scenario.virtualMachines[0]!;
    return memory.detail === 'replay' ? [] : memory.regions.map(({ kind }) => kind);
  };

  it('is that of its workload where a source says how it writes', () => {
    const scenario = scenarioWith('', '{ name: w, kind: kernel-compile, vm: v }');
    expect(scenario.virtualMachines[0]!.memory).toMatchObject({
      regions: [{ kind: 'growth', pages: 16_384, pagesInOneSecond: 5157, exponent: 0.356 }],
    });
  });

  it('is an idle kernel’s otherwise', () => {
    expect(regions(scenarioWith('', '{ name: w, kind: ssh, vm: v, peer: p }'))).toEqual([
      'kernel',
      'unwritten',
    ]);
    expect(regions(scenarioWith('', ''))).toEqual(['kernel', 'unwritten']);
  });

  it('is what its file says before all', () => {
    const own = ', memory_access: { kind: written, regions: [{ kind: rewritten, pages: rest }] }';
    expect(regions(scenarioWith(own, '{ name: w, kind: kernel-compile, vm: v }'))).toEqual(['rewritten']);
  });
});

describe('sizes and times', () => {
  it('may be drawn', () => {
    const [workload] = scenarioWith(
      '',
      `{ name: w, kind: static-web, vm: v, peer: p, arrivals: exponential(20 ms), request: 'lognormal(1 kB, 0.5)',
         response: 'mix(90 % 1 kB, 10 % 50 kB)', think: 3 ms, requests: 2 }`,
    ).workloads;
    expect(workload).toMatchObject({
      kind: 'sessions',
      load: { kind: 'open', arrivals: { kind: 'exponential', meanNs: 20e6 } },
      request: { kind: 'lognormal', medianBytes: 1000, sigma: 0.5 },
      response: {
        kind: 'mix',
        parts: [
          { share: 0.9, bytes: 1000 },
          { share: 0.1, bytes: 50_000 },
        ],
      },
      think: { kind: 'constant', ns: 3e6 },
    });
  });
});

describe('a rate beyond the cable', () => {
  const text = (second: string): string => `
format: 1
until: 10 s
hosts: [{ name: a }, { name: b }]
vms:
  - { name: v, host: a, address: 10.0.0.1, memory: 64 MiB, policy: none }
  - { name: w, host: ${second}, address: 10.0.0.2, memory: 64 MiB, policy: none }
workloads: [{ name: fat, kind: video-call, vm: v, peer: w, by_vm: { every: 1 us, size: 1250 B } }]
migrations: []
`;

  it('is refused between hosts, and not between two VMs of one host', () => {
    // Two calls, each 1250 bytes and 66 of headers every microsecond.
    expect(() => parseScenario('s.yaml', text('b'), [])).toThrow('offers 21056 Mbit/s');
    expect(parseScenario('s.yaml', text('a'), []).scenario.workloads).toHaveLength(1);
  });

  const three = (hosts: string, workloads: readonly string[]): (() => Scenario) => {
    const file = `
format: 1
until: 10 s
hosts: ${hosts}
peers: [{ name: p, address: 10.0.1.1, link: { rate: 10 Gbit/s } }, { name: q, address: 10.0.1.2 }]
vms: [{ name: v, host: a, address: 10.0.0.1, memory: 64 MiB, policy: none }]
workloads: [${workloads.join(', ')}]
migrations: []
`;
    return () => parseScenario('s.yaml', file, []).scenario;
  };
  /** 1000 bytes of payload and 66 of headers every 20 us: 426.4 Mbit/s. */
  const down = (port: number, peer = 'p'): string =>
    `{ name: d${port}, kind: media-stream, vm: v, peer: ${peer}, port: ${port}, flows: 1, by_vm: { every: 20 us, size: 1000 B } }`;
  const up = (port: number): string =>
    `{ name: u${port}, kind: media-stream, vm: v, peer: p, port: ${port}, flows: 1, by_peer: { every: 20 us, size: 1000 B }, by_vm: { every: never, size: 1 B } }`;

  it('is refused where workloads exceed it together, each direction by itself', () => {
    expect(three('[{ name: a }]', [down(1), down(2), up(3), up(4)])().workloads).toHaveLength(4);
    expect(three('[{ name: a }]', [down(1), down(2, 'q'), down(3)])).toThrow(
      'workloads[2].by_vm offers 426.4 Mbit/s on average, with the workloads above 1279.2 Mbit/s, the link of a carries 1 Gbit/s',
    );
  });

  it('counts what a machine receives by its return link', () => {
    const narrow = '[{ name: a, return_link: { rate: 400 Mbit/s } }]';
    expect(three(narrow, [down(1)])().workloads).toHaveLength(1);
    expect(three(narrow, [up(1)])).toThrow(
      'offers 426.4 Mbit/s on average, the link of a carries 400 Mbit/s',
    );
  });
});

describe('ports of clients', () => {
  it('are refused when one machine would need more than it has', () => {
    const asks = (name: string, port: number): string =>
      `{ name: ${name}, kind: dns, vm: v, peer: p, port: ${port}, flows: 28000 }`;
    expect(scenarioWith('', asks('one', 53)).workloads).toHaveLength(1);
    // Each asker has its port and keeps the one before: 2 x 2 x 28,000 of 65,536 - 1024.
    expect(() => scenarioWith('', `${asks('one', 53)}, ${asks('two', 54)}`)).toThrow(
      'workloads[1].flows 112000 flows and earlier ports',
    );
  });

  it('are never those of a service on the same machine', () => {
    // The first flow would take 32768, the second 32769.
    for (const port of [32_768, 32_769, 32_770]) {
      const list = [
        `{ name: probes, kind: probe, vm: v, peer: p, port: 7 }`,
        `{ name: asked, kind: dns, vm: v, peer: p, initiator: vm, port: ${port}, flows: 2, think: 100 ms }`,
      ];
      for (const workloads of [list, list.toReversed()]) {
        const scenario = scenarioWith('', workloads.join(', '));
        const choice = { seed: 1, repetition: 0, scheme: 'as-written', replayCommand: '' } as const;
        const cluster = buildCluster(scenario, choice);
        let lost = 0;
        cluster.observations.probeEnded.subscribe(({ answered }) => (lost += answered ? 0 : 1));
        let messages = 0;
        cluster.observations.messageDelivered.subscribe(() => messages++);
        cluster.run();
        // The last probe is still under way when the run ends; 2 askers for 10 s, each time a question and an answer.
        expect(lost).toBeLessThanOrEqual(1);
        expect(messages).toBeGreaterThan(300);
      }
    }
  });
});
