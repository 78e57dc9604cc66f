import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../sim/assert.ts';
import { parseScenario } from './load-scenario.ts';

/** What is wrong with a VM of 4,096 pages whose memory is written like this; nothing where all is well. */
function problemsOf(access: string): string[] {
  const text = `
format: 1
until: 1 s
hosts: [{ name: a }]
vms: [{ name: web, host: a, address: 10.0.0.1, memory: 16 MiB, policy: none, memory_access: ${access} }]
migrations: []
`;
  try {
    parseScenario('s.yaml', text, []);
    return [];
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return error.problems.map(
      ({ place, message }) => `${place.replace(/^.*memory_access\./, '')}: ${message}`,
    );
  }
}

function regions(...written: string[]): string[] {
  return problemsOf(`{ kind: written, regions: [${written.join(', ')}] }`);
}

const rest = '{ kind: unwritten, pages: rest }';

describe('how a guest writes its memory', () => {
  it.each(['uniform', 'sweep', 'zipf, exponent: 1', 'hot-cold, hot: 10 %, hot_writes: 90 %'])(
    'has no rate of zero, which is unwritten: %s',
    (kind) => {
      expect(regions(`{ kind: ${kind}, pages: rest, writes: 0 pages/s }`)).toEqual([
        'regions[0].writes: a rate of zero writes nothing',
      ]);
    },
  );

  it('has a growth above zero, and steps that are not all idle', () => {
    const growth = '{ kind: growth, pages: rest, pages_in_one_second: 0 pages, exponent: 0.4 }';
    expect(regions(growth)).toEqual(['regions[0].pages_in_one_second: a rate of zero writes nothing']);
    const steps = '{ kind: phases, steps: [{ duration: 1 s, factor: 0 }, { duration: 2 s, factor: 0 }] }';
    expect(regions(`{ kind: uniform, pages: rest, writes: 9 pages/s, schedule: ${steps} }`)).toEqual([
      'regions[0].schedule.steps: every factor is 0: nothing is ever written',
    ]);
  });

  it('has regions with pages', () => {
    expect(regions('{ kind: uniform, pages: 0 pages, writes: 9 pages/s }', rest)).toEqual([
      'regions[0].pages: a region without pages',
    ]);
    expect(
      regions('{ kind: rewritten, pages: 16 MiB }', '{ kind: sweep, pages: rest, writes: 9 pages/s }'),
    ).toEqual(['regions[1].pages: the other regions leave nothing to write']);
    // A set that takes all of the memory leaves nothing to the pages that are not written, as it should.
    expect(regions('{ kind: rewritten, pages: 16 MiB }', rest)).toEqual([]);
  });

  it('hits pages that there are', () => {
    const hot = (share: string, writes: string): string =>
      `{ kind: hot-cold, pages: rest, writes: 9 pages/s, hot: ${share}, hot_writes: ${writes} }`;
    expect(regions(hot('0 %', '90 %'))).toEqual([
      'regions[0].hot: is less than a page, which the hot writes would hit',
    ]);
    expect(regions(hot('100 %', '90 %'))).toEqual(['regions[0].hot: leaves no page for the other writes']);
    expect(regions(hot('100 %', '100 %'))).toEqual([]);
    expect(regions('{ kind: sweep, pages: rest, writes: 9 pages/s, start_page: 4096 }')).toEqual([
      'regions[0].start_page: the region has 4096 pages',
    ]);
    expect(regions('{ kind: sweep, pages: rest, writes: 9 pages/s, start_page: 4095 }')).toEqual([]);
  });

  it('records no round that sent more than there is', () => {
    expect(
      problemsOf('{ kind: recorded, rounds: [{ sent: 17 MiB, dirtied: 1 MiB }], last: 4097 pages }'),
    ).toEqual(['rounds[0].sent: the VM has 4096 pages', 'last: the VM has 4096 pages']);
  });
});
