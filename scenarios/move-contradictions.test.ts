import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../sim/assert.ts';
import type { Problem } from '../sim/assert.ts';
import { parseScenario } from './load-scenario.ts';
import { schemePresets } from './presets/scheme-presets.ts';

// What a file says of schemes, hosts and VMs that can only end in a failed migration is told before the run, all of it.

interface World {
  readonly hosts?: Readonly<Record<string, string>>;
  readonly vm?: string;
  readonly migrations: string;
  readonly more?: string;
}

const firewall = '{ kind: stateful-firewall }';
const prevention = '{ kind: intrusion-prevention, name: ips }';

function textOf({ hosts = { a: firewall, b: firewall }, vm = '', migrations, more = '' }: World): string {
  const written = Object.entries(hosts).map(
    ([name, nse]) => `{ name: ${name}, memory: 8 GiB, nse: [${nse}] }`,
  );
  return `
format: 1
until: 20 s
start: uniform(200 ms)
hosts: [${written.join(', ')}]
peers: [{ name: client, address: 10.0.1.1 }]
vms: [{ name: web, host: a, address: 10.0.0.10, memory: 64 MiB, policy: none${vm} }]
${more}
migrations: [${migrations}]
`;
}

function problems(world: World): string[] {
  try {
    parseScenario('moves.yaml', textOf(world), []);
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems.map(shown);
    throw error;
  }
  return [];
}

function shown({ place, message }: Problem): string {
  return `${place.split(' ')[1]}: ${message}`;
}

function warnings(world: World): string[] {
  return parseScenario('moves.yaml', textOf(world), []).warnings.map(shown);
}

const goingTo = (host: string, scheme: string, more = ''): string =>
  `{ vm: web, destination: ${host}, scheme: ${scheme}${more} }`;
const lacks = (host: string, from: string, scheme: string): string =>
  `${host} has no intrusion-prevention named "ips" as ${from} has, without which ${scheme} moves no VM`;

describe('a destination that lacks an engine', () => {
  const hosts = { a: `${prevention}, ${firewall}`, b: firewall };

  it('is refused under each preset that goes nowhere without it, and under no other', () => {
    for (const { scheme } of schemePresets) {
      const refused = scheme.context.missingEngine === 'fail';
      expect(problems({ hosts, migrations: goingTo('b', scheme.name) })).toEqual(
        refused ? [`migrations[0].destination: ${lacks('b', 'a', scheme.name)}`] : [],
      );
    }
  });

  it('is no matter where the source lacks it, on the way there or back', () => {
    const more = { hosts: { a: firewall, b: `${prevention}, ${firewall}` } };
    expect(problems({ ...more, migrations: goingTo('b', 'com') })).toEqual([]);
    const back = `${goingTo('b', 'com', ', at: 1 s')}, ${goingTo('a', 'com', ', at: 9 s')}`;
    expect(problems({ ...more, migrations: back })).toEqual([
      `migrations[1].destination: ${lacks('a', 'b', 'com')}`,
    ]);
  });

  it('is refused where an engine of the same name is of another kind, or two are missing', () => {
    const guard = '{ kind: source-guard, name: ips }';
    expect(problems({ hosts: { a: prevention, b: guard }, migrations: goingTo('b', 'com') })).toEqual([
      `migrations[0].destination: ${lacks('b', 'a', 'com')}`,
    ]);
    expect(problems({ hosts: { ...hosts, b: '' }, migrations: goingTo('b', 'com') })).toEqual([
      `migrations[0].destination: ${lacks('b', 'a', 'com')}`,
      'migrations[0].destination: b has no stateful-firewall named "firewall" as a has, without which com moves no VM',
    ]);
  });

  it('is refused wherever a chain of moves and of further tries leads to it, all at once', () => {
    const three = { a: hosts.a, b: hosts.a, c: firewall };
    const migrations = [
      goingTo('b', 'com', ', name: first, at: 1 s, retry: { attempts: 3 }'),
      goingTo('c', 'com', ', name: instead, after: { migration: first, phase: failed }'),
      goingTo('c', 'com-stop', ', name: on, source: b, after: { migration: first, phase: learnt }'),
    ].join(', ');
    expect(problems({ hosts: three, migrations })).toEqual([
      `migrations[1].destination: ${lacks('c', 'a', 'com')}`,
      `migrations[2].destination: ${lacks('c', 'b', 'com-stop')}`,
    ]);
  });

  it('is told once for all VMs of a template, and not where the host itself is written wrongly', () => {
    const many = {
      hosts,
      vm: '}, { name: "vm-{i}", count: 3, host: a, address: 10.0.0.20, memory: 64 MiB, policy: none',
    };
    const template = '{ vm: "vm-{i}", count: 3, destination: b, scheme: com }';
    expect(problems({ ...many, migrations: template })).toEqual([
      `migrations[0].destination: ${lacks('b', 'a', 'com')}`,
    ]);
    const wrong = { ...hosts, b: '{ kind: intrusion-preventoin, name: ips }' };
    expect(problems({ hosts: wrong, migrations: goingTo('b', 'com') })).toHaveLength(1);
  });
});

describe('an engine that gives nothing away', () => {
  const guarded = (exports: string): Record<string, string> => {
    const chain = `{ kind: source-guard, name: guard, exports: ${exports} }, { kind: ipsec, peers: [], exports: ${exports} }`;
    return { a: chain, b: chain };
  };

  it('is refused by each name under a scheme that moves its items, also where a part means nothing', () => {
    const moves = (exports: string): string[] =>
      problems({ hosts: guarded(exports), migrations: goingTo('b', 'com') });
    const refused = (engine: string): string =>
      `migrations[0].scheme: com, context.engines: moves what ${engine} on a cannot export`;
    expect(moves('full')).toEqual([]);
    expect(moves('partial')).toEqual([refused('guard')]);
    expect(moves('none')).toEqual([refused('guard'), refused('ipsec')]);
  });

  it('is no matter where nothing of it moves: the destination lacks it, or both hosts reach the same gateway', () => {
    const migrations = goingTo('b', 'achelous-tr-ss');
    expect(problems({ hosts: { ...guarded('none'), b: '' }, migrations })).toEqual([]);
    const gateway = '{ kind: nat, outer: gateway, address: 10.0.2.1, exports: none }';
    expect(problems({ hosts: { a: gateway, b: gateway }, migrations })).toEqual([]);
  });
});

describe('a VM that no attempt can move', () => {
  it('is too large for the destination', () => {
    expect(
      problems({
        vm: '}, { name: big, host: a, address: 10.0.0.11, memory: 2 GiB, policy: none',
        migrations: '{ vm: big, destination: b }',
      }),
    ).toEqual([]);
    const small = textOf({ migrations: goingTo('b', 'com') }).replace(
      'name: b, memory: 8 GiB',
      'name: b, memory: 32 MiB',
    );
    expect(() => parseScenario('moves.yaml', small, [])).toThrow(
      'b has 32 MiB of memory, and web needs 64 MiB',
    );
  });

  it('is given up as soon as it is asked for', () => {
    expect(problems({ migrations: goingTo('b', 'com', ', give_up: 0 s') })).toEqual([
      'migrations[0].give_up: leaves no time to move',
    ]);
  });

  it('has more addresses than the scheme moves', () => {
    const more =
      'schemes: [{ name: listed, based_on: com, selection: { by: address, address_limit: { addresses: 1, beyond: fail } } }]';
    const aliases = ', aliases: [10.0.0.11]';
    expect(problems({ more, vm: aliases, migrations: goingTo('b', 'listed') })).toEqual([
      'migrations[0].vm: web has 2 addresses, and listed moves no VM with more than 1',
    ]);
    expect(problems({ more, migrations: goingTo('b', 'listed') })).toEqual([]);
  });
});

describe('what waits for a phase that never comes', () => {
  it('is refused, a migration', () => {
    const migrations = `${goingTo('b', 'stock-drop', ', name: out, at: 1 s')}, ${goingTo('a', 'com', ', after: { migration: out, phase: cleaned-up }')}`;
    expect(problems({ migrations })).toEqual([
      'migrations[1].after.phase: out moves under stock-drop, which never cleans up',
    ]);
  });

  it('is warned of, a fault', () => {
    const more = 'faults: [{ kind: refusal, host: a, after: { migration: web, phase: round } }]';
    expect(warnings({ migrations: goingTo('b', 'post-copy-com'), more })).toEqual([
      'faults[0].after.phase: never strikes: web moves under post-copy-com, whose memory plan, post-copy, has no rounds',
    ]);
    expect(warnings({ migrations: goingTo('b', 'com', ', give_up: 9 s'), more })).toEqual([]);
  });
});

describe('context that is lost whatever happens', () => {
  it('is warned of where the destination’s engine is of another version', () => {
    const guard = (version: number): string => `{ kind: source-guard, version: ${version} }`;
    const hosts = { a: guard(1), b: guard(2) };
    expect(warnings({ hosts, migrations: goingTo('b', 'com') })).toEqual([
      'migrations: source-guard on b is of version 2 and takes in nothing of version 1, which com moves there from a',
    ]);
    expect(warnings({ hosts, migrations: goingTo('b', 'rules-only') })).toEqual([]);
  });

  it('is warned of where the source forgets entries before they are read', () => {
    const scheme = (fields: string): string[] =>
      warnings({ more: `schemes: [{ name: mine, based_on: ${fields} }]`, migrations: goingTo('b', 'mine') });
    const told = (when: string, moment: string): string[] => [
      `schemes[0].cleanup: the source forgets entries (${when}) before they are read (${moment}): none is found, and a difference says that all are gone`,
    ];
    const late =
      'reconcile: { table_full: skip }, context: { after_resume: 2 s, entries: [after-resume], gate: { waits: true } }';
    expect(scheme('com-early, cleanup: { when: at-pause }')).toEqual(told('at-pause', 'stop-phase'));
    expect(scheme('com-early, cleanup: { when: at-commit }')).toEqual([]);
    expect(scheme(`com, ${late}, cleanup: { when: at-commit }`)).toEqual(told('at-commit', 'after-resume'));
    expect(scheme(`com, ${late}, cleanup: { when: after-resume, delay: 1 s }`)).toEqual(
      told('after-resume', 'after-resume'),
    );
    expect(scheme(`com, ${late}, cleanup: { when: after-resume, delay: 3 s }`)).toEqual([]);
  });
});

describe('a scheme that names an engine of a module', () => {
  it('is taken at its word, since names of such engines are known only when the module runs', () => {
    const more = 'schemes: [{ name: mine, based_on: com, context: { engines: [door] } }]';
    expect(problems({ more, migrations: goingTo('b', 'mine') })).toEqual([
      'schemes[0].context.engines: names "door", which no host has',
    ]);
    const modules = 'modules: [{ path: examples/custom-engine.mjs, options: { lifetime_s: 300 } }]';
    expect(problems({ more: `${more}\n${modules}`, migrations: goingTo('b', 'mine') })).toEqual([]);
  });
});
