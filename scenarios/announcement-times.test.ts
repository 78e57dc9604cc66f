import { expect, it } from 'vitest';
import { buildCluster } from './build-cluster.ts';
import { parseScenario } from './load-scenario.ts';

const text = `
format: 1
until: 60 s
hosts: [{ name: a }, { name: b }]
vms: [{ name: web, host: a, address: 10.0.0.10, memory: 64 MiB, policy: none }]
migrations: [{ vm: web, destination: b, at: 1 s }]
`;

it.each(['stock-drop', 'com-rounds'])(
  'a VM is announced 0, 50, 200, 450 and 800 ms after it resumes: %s',
  (name) => {
    const { scenario } = parseScenario('announced.yaml', text, [`migrations.0.scheme=${name}`]);
    const cluster = buildCluster(scenario, {
      ...{ seed: 1, repetition: 0, scheme: 'as-written', replayCommand: '' },
    });
    let resumedNs = NaN;
    const sentNs: number[] = [];
    cluster.observations.migrationPhase.subscribe(({ phase, timeNs }) => {
      if (phase === 'commit') resumedNs = timeNs;
    });
    cluster.observations.announcementSent.subscribe(({ timeNs }) => sentNs.push(timeNs));
    cluster.run();
    // QEMU's defaults: 50 ms, then 100 ms more each time, five rounds (net/announce.c, qemu_announce_timer_step).
    expect(sentNs.map((timeNs) => timeNs - resumedNs)).toEqual([0, 50e6, 200e6, 450e6, 800e6]);
  },
);
