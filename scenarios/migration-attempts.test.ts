import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../sim/assert.ts';
import { ms, s } from '../sim/time.ts';
import type { PhaseReached } from '../models/observations.ts';
import { buildCluster } from './build-cluster.ts';
import { parseScenario } from './load-scenario.ts';

const world = `
format: 1
start: uniform(200 ms)
until: 60 s
hosts: [{ name: a }, { name: b }, { name: c }]
vms: [{ name: web, host: a, address: 10.0.0.10, memory: 64 MiB, policy: none }]
migration_defaults: { memory: xen-legacy }
`;

interface End {
  readonly place: string;
  readonly phases: readonly PhaseReached[];
}

function run(migrations: string, faults: string): End {
  const text = `${world}migrations: [${migrations}]\nfaults: [${faults}]\n`;
  const { scenario } = parseScenario('retry.yaml', text, []);
  const cluster = buildCluster(scenario, { seed: 1, repetition: 0, scheme: 'as-written', replayCommand: '' });
  const phases: PhaseReached[] = [];
  cluster.observations.migrationPhase.subscribe((phase) => phases.push(phase));
  cluster.run();
  return { place: cluster.migrations[0]!.vm.place, phases };
}

/** Each attempt that was requested, with the way it ended. */
function attempts({ phases }: End): string[] {
  const names = [...new Set(phases.map(({ migration }) => migration))];
  return names.map((name) => {
    const ends = ['activate', 'failed', 'lost'];
    const end = phases.find(({ migration, phase }) => migration === name && ends.includes(phase));
    return `${name}: ${end?.phase ?? 'under way'}`;
  });
}

function timeOf({ phases }: End, migration: string, phase: string): number {
  return phases.find((each) => each.migration === migration && each.phase === phase)!.timeNs;
}

function problemsOf(migrations: string): string[] {
  try {
    parseScenario('retry.yaml', `${world}migrations: [${migrations}]\n`, []);
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems.map(({ message }) => message);
    throw error;
  }
  return [];
}

const thrice = '{ vm: web, destination: b, at: 5 s, retry: { attempts: 3, pause: 4 s } }';

describe('a migration with further attempts', () => {
  it('is tried again a pause after its failure, until it succeeds', () => {
    // Refused at 5.0 to 5.2 s and 4 s later; free from 11 s on.
    const end = run(thrice, '{ kind: refusal, host: b, at: 1 s, for: 10 s }');
    expect(attempts(end)).toEqual(['web: failed', 'web.try-2: failed', 'web.try-3: activate']);
    expect(timeOf(end, 'web.try-2', 'request') - timeOf(end, 'web', 'failed')).toBe(4 * s);
    expect(timeOf(end, 'web.try-3', 'request') - timeOf(end, 'web.try-2', 'failed')).toBe(4 * s);
    expect(end.place).toBe('b');
  });

  it('is tried no more once it has succeeded, and not at all if nothing is said', () => {
    expect(attempts(run(thrice, ''))).toEqual(['web: activate']);
    const refused = '{ kind: refusal, host: b, at: 1 s }';
    expect(attempts(run('{ vm: web, destination: b, at: 5 s }', refused))).toEqual(['web: failed']);
  });

  it('stays at the source when all attempts have failed', () => {
    const end = run(thrice, '{ kind: refusal, host: b, at: 1 s }');
    expect(attempts(end)).toEqual(['web: failed', 'web.try-2: failed', 'web.try-3: failed']);
    expect(end.place).toBe('a');
  });

  it.each(['reserve', 'round', 'stop'])(
    'gets over a daemon that crashes in phase %s and comes back',
    (phase) => {
      const crash = `{ kind: daemon-crash, host: b, after: { migration: web, phase: ${phase} }, for: 1 s }`;
      const end = run(thrice, crash);
      expect(attempts(end)).toEqual(['web: failed', 'web.try-2: activate']);
      expect(end.place).toBe('b');
    },
  );

  it('has the time of `give_up` for each attempt', () => {
    // 64 MiB take 0.54 s at 1 Gbit/s, after the 2.9 s in which Xen sets up; nothing is sent from 4 to 7 s.
    const patient = (giveUp: string): string => thrice.replace('retry:', `give_up: ${giveUp}, retry:`);
    const cut = '{ kind: link-cut, host: b, at: 4 s, for: 3 s }';
    expect(attempts(run(patient('10 s'), cut))).toEqual(['web: activate']);
    const end = run(patient('1 s'), cut);
    for (const name of ['web', 'web.try-2', 'web.try-3'])
      expect(timeOf(end, name, 'failed') - timeOf(end, name, 'request')).toBe(1 * s);
  });

  it('does not move a VM that died with its host', () => {
    const end = run(
      thrice,
      '{ kind: host-crash, host: a, after: { migration: web, phase: stop }, for: 1 s }',
    );
    expect(new Set(end.phases.map(({ migration }) => migration))).toEqual(new Set(['web']));
  });

  it('starts what waits for its phases with whichever attempt gets there', () => {
    const on = '{ name: on, vm: web, destination: c, after: { migration: web, phase: learnt, delay: 1 s } }';
    const end = run(`${thrice}, ${on}`, '{ kind: refusal, host: b, at: 1 s, for: 10 s }');
    expect(attempts(end).at(-1)).toBe('on: activate');
    expect(timeOf(end, 'on', 'request')).toBeGreaterThanOrEqual(timeOf(end, 'web.try-3', 'learnt') + 1 * s);
    expect(end.place).toBe('c');
  });
});

describe('a migration to another host where the first one fails', () => {
  const elsewhere =
    '{ name: elsewhere, vm: web, destination: c, after: { migration: web, phase: failed, delay: 10 ms } }';

  it('begins at the source of the first, after its last attempt', () => {
    const end = run(`${thrice}, ${elsewhere}`, '{ kind: refusal, host: b, at: 1 s }');
    expect(attempts(end).at(-1)).toBe('elsewhere: activate');
    const waitedNs = timeOf(end, 'elsewhere', 'request') - timeOf(end, 'web.try-3', 'failed');
    expect(waitedNs).toBeGreaterThanOrEqual(10 * ms);
    expect(waitedNs).toBeLessThan(210 * ms);
    expect(end.place).toBe('c');
  });

  it('never begins where the first one succeeds', () => {
    const end = run(`${thrice}, ${elsewhere}`, '{ kind: refusal, host: b, at: 1 s, for: 10 s }');
    expect(attempts(end)).not.toContainEqual(expect.stringContaining('elsewhere'));
    expect(end.place).toBe('b');
  });

  it('leaves it open where the VM is: a later one has to say from where it goes', () => {
    const later = (more: string): string =>
      `${thrice}, ${elsewhere}, { name: later, vm: web, destination: a, at: 40 s${more} }`;
    expect(problemsOf(later(''))).toEqual(['web may be on b or c by then']);
    expect(problemsOf(later(', source: a'))).toEqual(['web is on a already', 'web is on b or c by then']);
    expect(problemsOf(later(', source: c'))).toEqual([]);
    const end = run(later(', source: c'), '{ kind: refusal, host: b, at: 1 s }');
    expect(attempts(end).at(-1)).toBe('later: activate');
    const other = run(later(', source: c'), '');
    expect(other.phases.at(-1)!.reason).toBe('the VM does not run at the source');
  });

  it('does not stand in the list before what it waits for', () => {
    const named = thrice.replace('vm: web', 'name: first, vm: web');
    const early =
      '{ name: other, vm: web, source: b, destination: c, after: { migration: first, phase: learnt } }';
    expect(problemsOf(`${early}, ${named}`)).toContain('first moves web too, and stands further down');
  });
});

describe('a file', () => {
  it.each([
    ['retry: { attempts: 0 }', '0 is not a whole number, 1 to 100'],
    ['retry: { attempts: 2, pause: 3 }', '3 has no unit'],
    ['retry: {}', 'is missing'],
  ])('is told what is wrong with %s', (retry, message) => {
    expect(problemsOf(`{ vm: web, destination: b, ${retry} }`)).toEqual([message]);
  });

  it('is told of a migration that has the name of an attempt', () => {
    const taken = '{ name: web.try-2, vm: web, destination: c, at: 30 s }';
    expect(problemsOf(`${thrice}, ${taken}`)).toEqual(['there are two migrations named "web.try-2"']);
  });
});
