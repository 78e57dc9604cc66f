import { describe, expect, test } from 'vitest';
import { handMadeSummary } from './hand-made-summary.fixture.ts';
import { comparisonTable } from './table.ts';

function linesOf(schemes: Parameters<typeof comparisonTable>[0]['schemes']): string[] {
  return comparisonTable({ scenario: 'lab', seed: 1, repetition: 0, schemes }).split('\n');
}

function row(lines: readonly string[], label: string): string[] {
  const line = lines.find((text) => text.trim().startsWith(label)) ?? '';
  return line.trim().slice(label.length).trim().split(/ {2,}/);
}

const none = handMadeSummary('none', { connections: { total: 2000, untouched: 2000 } });
const move = {
  ...{
    total_ms: 4866.4,
    downtime_ms: 61.289,
    memory_stop_ms: 42.04,
    context_stop_ms: 19.0489,
    other_stop_ms: 0.2,
  },
  ...{ memory_bytes: 640_000_000, context_bytes: 890_000 },
};
const com = handMadeSummary('com-stop', {
  ...{ fields: 26, fields_assumed: 14, migrations: [move] },
  connections: { total: 2000, untouched: 1200, stalled: 790, reset: 10 },
  exposure: { attacks_delivered: 3, legitimate_dropped: 12_345 },
});

describe('a migration that was tried again', () => {
  const failed = { move: 'web', outcome: 'failed' } as const;
  const again = (outcome: 'failed' | 'completed'): string[] =>
    linesOf([
      handMadeSummary('com', { migrations: [failed, { ...move, ...{ move: 'web', attempt: 2, outcome } }] }),
    ]);

  test('is one migration, which completed or not by its last attempt', () => {
    expect(again('completed')).toContain('The move, 1 migration in 2 attempts');
    expect(row(again('completed'), 'not completed')).toEqual(['']);
    expect(row(again('failed'), 'not completed')).toEqual(['1']);
  });
});

describe('the comparison table', () => {
  const lines = linesOf([none, com]);

  test('shows three digits, in one unit a row, and a dash where nothing was to observe', () => {
    expect(row(lines, 'total time (ms)')).toEqual(['–', '4870']);
    expect(row(lines, 'downtime (ms)')).toEqual(['–', '61.3']);
    expect(row(lines, 'context alone (ms)')).toEqual(['–', '19.0']);
    expect(row(lines, 'memory (MB)')).toEqual(['–', '640']);
  });

  test('counts exactly', () => {
    expect(row(lines, 'untouched')).toEqual(['2 000', '1 200']);
    expect(row(lines, 'legitimate dropped')).toEqual(['0', '12 345']);
  });

  test('says how much of a scheme is assumed', () => {
    expect(row(lines, 'fields assumed')).toEqual(['–', '14 of 26']);
  });

  test('leaves out outcomes that no connection had', () => {
    expect(lines.some((line) => line.includes('reset'))).toBe(true);
    expect(lines.some((line) => line.includes('half-open'))).toBe(false);
  });

  test('stays within 100 columns, with further tables below for further schemes', () => {
    const many = Array.from({ length: 14 }, (_, index) =>
      handMadeSummary(`some-long-scheme-name-${index}`, {}),
    );
    const all = linesOf(many);
    expect(Math.max(...all.map((line) => line.length))).toBeLessThanOrEqual(100);
    for (const { scheme } of many) expect(all.filter((line) => line.includes(` ${scheme}`))).not.toEqual([]);
  });

  test('gives the median of several migrations, and says so', () => {
    const both = handMadeSummary('com-stop', {
      migrations: [
        { ...move, downtime_ms: 10 },
        { ...move, downtime_ms: 30, outcome: 'failed' },
      ],
    });
    const text = linesOf([both]);
    expect(text.some((line) => line.includes('median of 2 migrations'))).toBe(true);
    expect(row(text, 'downtime (ms)')).toEqual(['20.0']);
    expect(row(text, 'not completed')).toEqual(['1']);
    expect(row(text, 'memory (GB)')).toEqual(['1.28']);
  });
});
