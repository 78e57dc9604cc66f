import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../sim/assert.ts';
import { loadScenario, parseScenario } from './load-scenario.ts';

const folder = import.meta.dirname;

function problemsOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ScenarioError)
      return error.problems.map(({ place, message }) => `${place}: ${message}`);
    throw error;
  }
  return [];
}

/** What a bad file says of itself in `# expect: LINE:COLUMN path: message` comments, written by hand. */
function expected(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/^# expect: (.*)$/gm)].map(([, line]) => `${path}:${line}`).sort();
}

describe('a bad scenario file', () => {
  const bad = readdirSync(join(folder, 'bad')).filter((name) => name.endsWith('.yaml'));

  it.each(bad)('is told all its mistakes at once, each in its place: %s', (name) => {
    const path = join(folder, 'bad', name);
    expect(problemsOf(() => loadScenario(path, [])).sort()).toEqual(expected(path));
  });
});

describe('a shipped scenario', () => {
  const shipped = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.yaml') && !/(^|[/\\])(bad|sweeps)[/\\]/.test(name),
  );

  it.each(shipped)('is sound: %s', (name) => {
    expect(problemsOf(() => loadScenario(join(folder, name), []))).toEqual([]);
  });
});

const small = `
format: 1
until: 20 s
hosts: [{ name: a }, { name: b }]
vms: [{ name: web, host: a, address: 10.0.0.1, memory: 1 GiB, policy: none }]
migrations: [{ vm: web, destination: b, at: 1 s }]
`;

describe('a scenario', () => {
  it('is frozen all through', () => {
    const { scenario } = parseScenario('small.yaml', small, []);
    expect(Object.isFrozen(scenario)).toBe(true);
    const [engine] = scenario.hosts[0]!.engines;
    expect(Object.isFrozen(engine?.kind === 'stateful-firewall' && engine.tracking.timeouts)).toBe(true);
    expect(Object.isFrozen(scenario.migrations[0]?.scheme.cutover.announceNs)).toBe(true);
  });

  it('takes its name from its file when it has none', () => {
    expect(parseScenario('some/where/small.yaml', small, []).scenario.name).toBe('small');
  });

  it('prescribes a memory plan to all presets but those that are defined by theirs', () => {
    const { scenario } = parseScenario('s.yaml', `${small}migration_defaults: { memory: stop-and-copy }`, []);
    const others = scenario.schemes.filter(({ memory }) => memory.kind !== 'stop-and-copy');
    expect(others.map(({ name }) => name)).toEqual(['post-copy-com']);
    expect(scenario.migrations[0]?.scheme.name).toBe('com-rounds');
    expect(scenario.migrations[0]?.scheme.memory.kind).toBe('stop-and-copy');
  });

  it('warns of a fixed start where there are connections', () => {
    const busy = `${small}peers: [{ name: client, address: 10.0.1.1 }]
workloads: [{ name: web, kind: request-response, vm: web, peer: client, port: 80 }]
`;
    expect(parseScenario('s.yaml', busy, []).warnings.map(({ message }) => message)).toEqual([
      'migrations start at fixed times, so that outcomes lie on the grid of TCP retransmissions',
    ]);
    expect(parseScenario('s.yaml', `${busy}start: uniform(1 s)`, []).warnings).toEqual([]);
    expect(parseScenario('s.yaml', small, []).warnings).toEqual([]);
  });

  it('warns of connections that a VM opens to an IPsec peer from behind NAT', () => {
    const warnings = (nse: string, initiator: string): string[] => {
      const more = `
peers: [{ name: client, address: 10.0.1.1 }, { name: other, address: 10.0.1.2 }]
start: uniform(1 s)
workloads: [{ name: w, kind: request-response, vm: web, peer: client, initiator: ${initiator}, port: 80 }]`;
      const open = small.replace('destination: b', 'destination: b, scheme: rules-only');
      const text = open.replace('{ name: a }', `{ name: a, nse: [${nse}] }`) + more;
      return parseScenario('s.yaml', text, []).warnings.map(({ message }) => message);
    };
    const nat = '{ kind: nat, outer: host, address: 10.0.2.1 }';
    const both = `${nat}, { kind: ipsec, peers: [client] }`;
    expect(warnings(both, 'vm')).toEqual([
      'w opens connections to an IPsec peer from behind NAT, whose answers no association covers',
    ]);
    expect(warnings(both, 'peer')).toEqual([]);
    expect(warnings(`${nat}, { kind: ipsec, peers: [other] }`, 'vm')).toEqual([]);
    expect(warnings('{ kind: ipsec, peers: [client] }', 'vm')).toEqual([]);
  });

  it('does not take a scheme that has a mistake for one that is not there', () => {
    const text = `${small}schemes: [{ name: mine, based_on: com, cleanup: { when: soon } }]`;
    const moved = text.replace('at: 1 s }', 'at: 1 s, scheme: mine }');
    expect(problemsOf(() => parseScenario('s.yaml', moved, []))).toEqual([
      expect.stringContaining('unknown value "soon"'),
    ]);
  });

  it('warns of migrations over cables that lose too much for the law of their streams', () => {
    const warningsOf = (text: string): string[] =>
      parseScenario('s.yaml', text, []).warnings.map(({ place }) => place);
    const lossy = (loss: string): string =>
      small.replace('{ name: a }', `{ name: a, link: { loss: ${loss} } }`);
    expect(warningsOf(lossy('11 %'))).toEqual(['s.yaml:4:9 hosts[0]']);
    expect(warningsOf(lossy('10 %'))).toEqual([]);
    // Two cables that lose 6 % each lose 11.6 % between them.
    const both = lossy('6 %').replace('{ name: b }', '{ name: b, link: { loss: 6 % } }');
    expect(warningsOf(both)).toHaveLength(2);
    const apart = lossy('11 %').replace('loss: 11 % }', 'loss: 11 % }, migration_link: {}');
    expect(warningsOf(apart.replace('{ name: b }', '{ name: b, migration_link: {} }'))).toEqual([]);
    const fault = '{ kind: link-loss, host: b, link: migrations, loss: 15 %, at: 1 s, for: 1 s }';
    expect(warningsOf(`${small}faults: [${fault}]`)).toEqual(['s.yaml:7:62 faults[0].loss']);
  });

  it('is told windows of a measured guest that no guest can have', () => {
    const windows = '{ window: 2 s, pages: 90 pages }, { window: 1 s, pages: 80 pages }';
    const text = small.replace(
      'policy: none',
      `policy: none, memory_access: { kind: written, regions: [{ kind: measured, pages: 85 pages, windows: [${windows}] }, { kind: unwritten, pages: rest }] }`,
    );
    expect(
      problemsOf(() => parseScenario('s.yaml', text, [])).map((line) => line.replace(/^.*windows/, '')),
    ).toEqual([
      '[0].pages: the region has 85 pages',
      '[1].window: is not longer than the one before',
      '[1].pages: a longer window has fewer pages',
    ]);
  });

  it.each([
    ['{ kind: bursts, on: 0 s, off: 0 s }', '.on: has no length'],
    ['{ kind: varying, interval: 0 s, deviation: 10 % }', '.interval: has no length'],
    ['{ kind: phases, steps: [] }', '.steps: no step is written'],
    ['{ kind: phases, steps: [{ duration: 0 s, factor: 1 }] }', '.steps[0].duration: has no length'],
  ])('is told a schedule without time: %s', (schedule, problem) => {
    const region = `{ kind: uniform, pages: rest, writes: 10 pages/s, schedule: ${schedule} }`;
    const text = small.replace(
      'policy: none',
      `policy: none, memory_access: { kind: written, regions: [${region}] }`,
    );
    expect(
      problemsOf(() => parseScenario('s.yaml', text, [])).map((line) => line.replace(/^.*schedule/, '')),
    ).toEqual([problem]);
  });

  it('warns of a migration that nothing ends, unless its plan or itself has a limit', () => {
    const drawn = `${small}start: uniform(1 s)\n`;
    const plan = (limits: string): string =>
      `${drawn}migration_defaults: { memory: { based_on: qemu, limits: ${limits} } }`;
    const warningsOf = (text: string): string[] =>
      parseScenario('s.yaml', text, []).warnings.map(({ place, message }) => `${place}: ${message}`);
    expect(warningsOf(plan('{ live_max: never }'))).toEqual([
      's.yaml:8:23 migration_defaults.memory: under com-rounds, a migration whose guest writes too fast goes on until the run ends',
    ]);
    expect(warningsOf(plan('{ live_max: never, rounds_max: 9 }'))).toEqual([]);
    expect(warningsOf(plan('{ live_max: never }').replace('at: 1 s', 'at: 1 s, give_up: 5 s'))).toEqual([]);
  });

  it('takes from a scheme that it is based on all that it does not say itself', () => {
    const text = `${small}
schemes:
  - name: mine
    based_on: com-stop-strict
    memory: { based_on: xen-legacy, rounds: { rounds_max: 7 } }
    context: { until_installed: no-engine }
`;
    const mine = parseScenario('s.yaml', text, []).scenario.schemes.find(({ name }) => name === 'mine');
    expect(mine?.context).toMatchObject({
      fidelity: 'flags',
      untilInstalled: 'no-engine',
      entries: ['stop-phase'],
    });
    expect(mine?.memory).toMatchObject({ rounds: { kind: 'xen-legacy', roundsMax: 7, pagesMin: 50 } });
  });

  it('expands templates: names, hosts and addresses count up', () => {
    const text = small.replace('{ name: web, host: a,', "{ name: 'vm-{i}', count: 300, host: 'h-{i % 2}',");
    const { scenario } = parseScenario(
      's.yaml',
      text
        .replace('{ name: a }, { name: b }', "{ name: 'h-{i}', count: 2, memory: 1 TiB }")
        .replace(
          'vm: web, destination: b',
          "vm: 'vm-{i}', count: 2, destination: 'h-{i % 2}', after: { migration: first, phase: stop }",
        )
        .replace(', at: 1 s }', ' }, { name: first, vm: vm-7, destination: h-0, at: 1 s }')
        .replace("count: 2, destination: 'h-{i % 2}'", 'count: 1, destination: h-1'),
      [],
    );
    expect(scenario.virtualMachines).toHaveLength(300);
    expect(scenario.virtualMachines[257]).toMatchObject({
      name: 'vm-257',
      host: 'h-1',
      address: { w3: 0x0a000102 }, // 10.0.0.1 + 257 = 10.0.1.2
    });
    expect(scenario.migrations.map(({ name, source }) => `${name} from ${source}`)).toEqual([
      'vm-0 from h-0',
      'first from h-1',
    ]);
  });
});

describe('a policy', () => {
  const rules = `table inet t { chain c { type filter hook forward priority 0; policy drop; tcp dport 80 accept; }; }`;

  it('may stand in the scenario itself, in the language of nft', () => {
    const text = small.replace('policy: none', `policy: { rules: '${rules}' }`);
    expect(parseScenario('s.yaml', text, []).scenario.virtualMachines[0]?.policy).toMatchObject({
      rulesCount: 1,
    });
  });

  it('means the same as text and as the export that the kernel made of it', () => {
    const policyOf = (policy: string): unknown => {
      const text = small.replace('policy: none', `policy: { ${policy} }`);
      const { tables } = parseScenario(join(folder, 's.yaml'), text, []).scenario.virtualMachines[0]!.policy;
      // Where a rule was written differs, what it says does not.
      return JSON.parse(JSON.stringify(tables, (key, value: unknown) => (key === 'place' ? '' : value)));
    };
    expect(policyOf('nft: rules/web.nft')).toEqual(policyOf('nft_json: rules/web.nft.json'));
  });

  it('is told what is wrong with its file', () => {
    const wrong = (policy: string): string[] =>
      problemsOf(() => parseScenario('s.yaml', small.replace('policy: none', `policy: ${policy}`), []));
    expect(wrong('{ nft_json: nowhere.json }')).toEqual([
      's.yaml:5:83 vms[0].policy.nft_json: "nowhere.json": there is no such file',
    ]);
    expect(wrong('{}')).toEqual(['s.yaml:5:71 vms[0].policy: has 0 sources of rules']);
    expect(wrong('{ nft: a, rules: b }')).toEqual(['s.yaml:5:71 vms[0].policy: has 2 sources of rules']);
    expect(wrong('open')).toEqual(['s.yaml:5:71 vms[0].policy: "open" is not understood']);
  });
});

describe('a large scenario', () => {
  it('is read in time that grows with its size, not with its square', () => {
    const text = `
format: 1
until: 20 s
start: uniform(1 s)
hosts: [{ name: 'h-{i}', count: 1000, memory: 256 GiB }]
peers: [{ name: 'p-{i}', count: 100, address: 10.1.0.1 }]
vms: [{ name: 'vm-{i}', count: 10000, host: 'h-{i % 1000}', address: 10.2.0.1, memory: 1 GiB, policy: none }]
workloads: [{ name: 'w-{i}', count: 10000, vm: 'vm-{i}', peer: 'p-{i % 100}', kind: probe, port: 7 }]
migrations: [{ vm: 'vm-{i}', count: 900, destination: h-999, at: 3 s }]
`;
    const started = performance.now();
    expect(parseScenario('s.yaml', text, []).scenario.workloads).toHaveLength(10_000);
    // Half a second on an idle machine; the square of it would be minutes.
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('an override', () => {
  it('goes through the same schema and unit parser as the file', () => {
    const { scenario } = parseScenario('s.yaml', small, ['hosts[0].link.rate=2.5 Gbit/s', 'hosts[b].cpus=9']);
    expect(scenario.hosts[0]?.link.rateBps).toBe(2_500_000_000);
    expect(scenario.hosts[1]?.cpus).toBe(9);
  });

  it('is named as the place of what is wrong with it', () => {
    const set = 'hosts[0].link.rate=2.5';
    expect(problemsOf(() => parseScenario('s.yaml', small, [set]))).toEqual([
      `--set ${set}: 2.5 has no unit`,
    ]);
    const typo = 'vms[web].memroy=1 GiB';
    expect(problemsOf(() => parseScenario('s.yaml', small, [typo]))).toEqual([
      `--set ${typo}: unknown key "memroy"; did you mean "memory"?`,
    ]);
    const deep = 'hosts[0].link={ rate: 2.5, delya: 1 ms }';
    expect(problemsOf(() => parseScenario('s.yaml', small, [deep]))).toEqual([
      `--set ${deep}: rate: 2.5 has no unit`,
      `--set ${deep}: delya: unknown key "delya"; did you mean "delay"?`,
    ]);
    const through = 'hosts[0].lnik.rate=1 Gbit/s';
    expect(problemsOf(() => parseScenario('s.yaml', small, [through]))).toEqual([
      `--set ${through}: unknown key "lnik"; did you mean "link"?`,
    ]);
  });

  it('is refused where its path leads nowhere', () => {
    const tried = (text: string): string[] => problemsOf(() => parseScenario('s.yaml', small, [text]));
    expect(tried('hosts[7].cpus=1')).toEqual(['--set hosts[7].cpus=1: there is no item 7, the list has 2']);
    expect(tried('vms[wep].memory=1 GiB')).toEqual([
      '--set vms[wep].memory=1 GiB: there is no item "wep"; did you mean "web"?',
    ]);
    expect(tried('until')).toEqual(['--set until: is not path=value']);
    expect(tried('until.x=1')).toEqual(['--set until.x=1: until holds no other values']);
    expect(tried('reps=[1')).toHaveLength(1);
  });
});
