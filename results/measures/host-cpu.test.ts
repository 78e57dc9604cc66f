import { describe, expect, it } from 'vitest';
import { CpuRows } from '../cpu-rows.ts';

const phase = (name: 'request' | 'activate' | 'failed', timeNs: number, migration = 'm') =>
  ({ timeNs, migration, vm: 'web', phase: name, reason: '' }) as const;

describe('host CPU by task', () => {
  it('is split where a move begins and ends', () => {
    const rows = new CpuRows();
    rows.push({ host: 'a', task: 'guests', fromNs: 0, toNs: 10, cpuNs: 5 });
    rows.phase(phase('request', 14));
    rows.phase(phase('activate', 18));
    // 20 ns of use over 20 ns of time: 4 before the move, 4 during it, 12 after it.
    rows.push({ host: 'a', task: 'guests', fromNs: 10, toNs: 30, cpuNs: 20 });
    expect(rows.ofHost('a').guests).toEqual({ before: 9, during: 4, after: 12 });
    expect(rows.periodsNs(30)).toEqual({ before: 14, during: 4, after: 12 });
  });

  it('is during a move while any of several is under way', () => {
    const rows = new CpuRows();
    rows.phase(phase('request', 10, 'first'));
    rows.phase(phase('request', 20, 'second'));
    rows.phase(phase('activate', 30, 'first'));
    rows.phase(phase('failed', 40, 'second'));
    expect(rows.periodsNs(100)).toEqual({ before: 10, during: 30, after: 60 });
    expect([5, 25, 35, 50].map((timeNs) => rows.periodAt(timeNs))).toEqual([
      'before',
      'during',
      'during',
      'after',
    ]);
  });
});
