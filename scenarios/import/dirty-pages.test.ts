import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { traceRegion } from '../../models/compute/dirty-page-trace.ts';
import { ScenarioError } from '../../sim/assert.ts';
import { parseScenario } from '../load-scenario.ts';
import { readDirtyPages } from './dirty-pages.ts';
import { fittedAccessText, traceAccessText } from './memory-access-text.ts';

function problemsOf(text: string): string[] {
  try {
    readDirtyPages(text, 't.csv');
  } catch (error) {
    if (error instanceof ScenarioError)
      return error.problems.map(({ place, message }) => `${place} ${message}`);
    throw error;
  }
  return [];
}

describe('a table of dirty pages', () => {
  it('with one time has the pages that were written since the row before', () => {
    expect(readDirtyPages('t_ms,dirty_pages\n100,5\n200,7\n300,0\n', 't.csv')).toEqual({
      kind: 'trace',
      slots: [
        { fromS: 0, toS: 0.1, pages: 5 },
        { fromS: 0.1, toS: 0.2, pages: 7 },
        { fromS: 0.2, toS: 0.3, pages: 0 },
      ],
      problems: [],
    });
  });

  it('that starts at 0 with pages has those up to the next row, without pages only the beginning', () => {
    const ahead = readDirtyPages('t_s,dirty_pages\n0,5\n1,7\n', 't.csv');
    expect(ahead).toMatchObject({
      slots: [
        { fromS: 0, toS: 1, pages: 5 },
        { fromS: 1, toS: 2, pages: 7 },
      ],
    });
    const behind = readDirtyPages('t_s,dirty_pages\n0,0\n1,7\n', 't.csv');
    expect(behind).toMatchObject({ slots: [{ fromS: 0, toS: 1, pages: 7 }] });
  });

  it('with two times has slots of any length', () => {
    const { kind } = readDirtyPages('t0_s;t1_s;pages\n0;1;5\n1;4;9\n', 't.csv');
    expect(kind).toBe('trace');
  });

  it('with windows has the growth of the dirtied set, and other columns are named as not used', () => {
    const read = readDirtyPages('# by hand\nwindow_ms,pages,load\n100,5,web\n\n200,8,web\n', 't.csv');
    expect(read).toMatchObject({
      kind: 'growth',
      samples: [
        { windowS: 0.1, pages: 5 },
        { windowS: 0.2, pages: 8 },
      ],
    });
    expect(read.problems.map(({ place, message }) => `${place} ${message}`)).toEqual([
      't.csv:2 column "load" is not used',
    ]);
  });

  it.each([
    '\uFEFF"t_ms","dirty_pages"\r\n"100","5"\r\n"200","7"\r\n'.slice(1),
    'T_MS;Dirty Pages\r100;5\r200;7\r',
    't (ms)\tdirty pages\n100\t5\n200\t7\t',
    '\n t [ms] , pages \n 1e2 , 5. \n,,\n200,+7,,\n',
  ])('is read as other tools write it: %j', (text) => {
    expect(readDirtyPages(text, 't.csv')).toMatchObject({
      slots: [
        { fromS: 0, toS: 0.1, pages: 5 },
        { fromS: 0.1, toS: 0.2, pages: 7 },
      ],
      problems: [],
    });
  });

  it('takes windows that have fewer pages than shorter ones as measured, and says so', () => {
    const { problems } = readDirtyPages('window_s,pages\n1,50\n2,60\n3,55\n', 't.csv');
    expect(problems.map(({ place, message }) => `${place} ${message}`)).toEqual([
      't.csv:4 has fewer pages than a shorter window: taken as chance',
    ]);
  });

  it.each([
    ['t_ms,dirty_pages\n100,5\n200,5\n150,5\n300,5', ['t.csv:4 is out of order']],
    ['t_ms,dirty_pages\n100,5\n200,5\n500,5\n600,5', ['t.csv:4 follows a gap of 300 ms']],
    [
      't0_s,t1_s,pages\n0,1,5\n2,3,5\n1,2,5\n4,4,5',
      [
        't.csv:3 follows a gap',
        't.csv:4 is out of order',
        't.csv:5 ends before it starts',
        't.csv:5 follows a gap',
      ],
    ],
    [
      'window_s,pages\n1,5\n1,7\n2,6\n3,0',
      ['t.csv:3 is out of order', 't.csv:5 has no dirty pages: a rate of zero'],
    ],
    ['t_ms,dirty_pages\n100,0\n200,0', ['t.csv:1 is followed by no dirty page: a rate of zero']],
    [
      't_ms,dirty_pages\n100,x\n200,-1\n300,5',
      ['t.csv:2 "x" is no dirty_pages', 't.csv:3 "-1" is no dirty_pages'],
    ],
    ['t_ms,dirty_pages\n', ['t.csv:1 is followed by no rows']],
    ['', ['t.csv:1 has no columns of times and dirty pages: it is empty']],
    ['time,dirty_pages\n1,2', ['t.csv:1 has no columns of times and dirty pages, but "time", "dirty_pages"']],
    ['t_ms,dirty_pages\n0x10,5\n20,1e13', ['t.csv:2 "0x10" is no t_ms', 't.csv:3 "1e13" is no dirty_pages']],
    ['t_s,dirty_pages\n1e8,5\n2e8,5', ['t.csv:2 "1e8" is no t_s', 't.csv:3 "2e8" is no t_s']],
    ['t_us,pages\n0.0001,5\n0.0002,6', ['t.csv:3 follows in less than 1 ns']],
    ['t_ms,pages\n100,5,7\n200,1,234', ['t.csv:2 has 3 cells', 't.csv:3 has 3 cells']],
    ['t_s;pages\n0,1;5\n0,2;6', ['t.csv:2 "0,1" is no t_s', 't.csv:3 "0,2" is no t_s']],
  ])('is refused with the line of each mistake: %j', (text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });
});

/** The memory of a VM of 4,096 pages whose file holds the text. */
function memoryOf(text: string): unknown {
  const vm = {
    name: 'web',
    host: 'a',
    address: '10.0.0.1',
    memory: '16 MiB',
    policy: 'none',
    ...(parse(text) as object),
  };
  const file = { format: 1, until: '1 s', hosts: [{ name: 'a' }], vms: [vm], migrations: [] };
  return parseScenario('s.yaml', JSON.stringify(file), []).scenario.virtualMachines[0]?.memory;
}

describe('a memory access in writing', () => {
  it('is read back as the trace, whole pages a second apart', () => {
    const slots = [
      { fromS: 0, toS: 1, pages: 500 },
      { fromS: 1, toS: 3, pages: 0 },
    ];
    const { writesPerS } = traceRegion(slots, 1000);
    const text = traceAccessText(slots, 1000);
    // 693.147 writes a second are 694 times 0.99877.
    expect(memoryOf(text)).toMatchObject({
      regions: [
        {
          kind: 'uniform',
          pages: 1000,
          writesPerS: 694,
          schedule: {
            steps: [
              { durationNs: 1e9, factor: Number((writesPerS / 694).toPrecision(6)) },
              { durationNs: 2e9, factor: 0 },
            ],
          },
        },
        { kind: 'unwritten', pages: 3096 },
      ],
    });
  });

  it('is read back as the fitted law', () => {
    const schedule = { kind: 'constant' } as const;
    const law = { pages: Infinity, pagesInOneSecond: 803.6, exponent: 0.41 };
    const region = { kind: 'growth', ...law, schedule } as const;
    expect(memoryOf(fittedAccessText({ region, error: 0, spread: null }))).toMatchObject({
      regions: [{ kind: 'growth', pages: 4096, pagesInOneSecond: 804, exponent: 0.41 }],
    });
  });
});
