import { describe, expect, it } from 'vitest';
import { columnNotes } from './column-notes.ts';
import { handMadeSummary } from '../results/hand-made-summary.fixture.ts';

describe('the notes on columns', () => {
  const known = new Set(columnNotes.map(({ name }) => name));

  it('explain every name of a summary that holds a number or text', () => {
    const latency = { p50: null, p99: null, p999: null };
    const summary = handMadeSummary('com', {
      workloads: [
        {
          ...{ workload: 'w', connections: 1, messages: 1, to_vm_bytes: 1, to_peer_bytes: 1 },
          latency_ms: latency,
          latency_during_move_ms: latency,
          latency_without_move_ms: latency,
        },
      ],
      drops: [{ place: 'a', cause: 'rule', legitimate: 1, attack: 0 }],
    });
    expect(leafNames(summary).filter((name) => !known.has(name))).toEqual([]);
  });

  it('give names that end in a unit that unit', () => {
    const units = new Map([
      ['ms', 'ms'],
      ['bytes', 'bytes'],
    ]);
    const wrong = columnNotes.filter(({ name, unit }) => {
      const ending = units.get(name.split('_').at(-1) ?? '');
      return ending !== undefined && ending !== unit;
    });
    expect(wrong).toEqual([]);
  });

  it('say each name once', () => {
    expect(known.size).toBe(columnNotes.length);
  });
});

/** Names of leaves; what is counted by kind or cause has the kinds as names, which explain themselves. */
function leafNames(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(leafNames);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]: [string, unknown]) => {
    if (/_by_(kind|cause)$|^window_ms$/.test(name)) return [];
    return typeof part === 'object' && part !== null ? leafNames(part) : [name];
  });
}
