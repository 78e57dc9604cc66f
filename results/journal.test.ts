import { appendFileSync, mkdtempSync, readFileSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Journal, readJournals } from './journal.ts';
import type { JournalEntry } from './journal.ts';

const shard = { index: 1, count: 1 };
const entry = (rep: number): JournalEntry => ({
  ...{ cell: 'ab'.repeat(32), rep, wallMs: 1.5, values: [rep, null, 'µs "x"'], failure: null },
});
const reps = (directory: string): number[] => [...readJournals(directory)].map(({ rep }) => rep);

function journalOf(...list: number[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'nseh-journal-'));
  const journal = new Journal(directory, shard);
  for (const rep of list) journal.append(entry(rep));
  journal.close();
  return directory;
}

describe('a journal', () => {
  test('gives back what was appended, in order, over several openings', () => {
    const directory = journalOf(0, 1);
    const again = new Journal(directory, shard);
    again.append(entry(2));
    again.close();
    expect([...readJournals(directory)]).toEqual([entry(0), entry(1), entry(2)]);
  });

  test('cut off anywhere keeps every line before the cut, and what is appended after it', () => {
    const whole = readFileSync(join(journalOf(0, 1, 2), 'journal/shard-1-of-1.jsonl'));
    const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at);
    for (let cut = 0; cut <= whole.length; cut += 7) {
      const directory = journalOf(0, 1, 2);
      truncateSync(join(directory, 'journal/shard-1-of-1.jsonl'), cut);
      const journal = new Journal(directory, shard);
      journal.append(entry(9));
      journal.close();
      // A line that lacks its line end alone is whole.
      const kept = ends.filter((end) => end <= cut).length;
      expect(reps(directory)).toEqual([...[0, 1, 2].slice(0, kept), 9]);
    }
  });

  test('passes over a line that was changed', () => {
    const directory = journalOf(0);
    const file = join(directory, 'journal/shard-1-of-1.jsonl');
    appendFileSync(file, readFileSync(file, 'utf8').replace('"rep":0', '"rep":7'));
    expect(reps(directory)).toEqual([0]);
  });

  test('reads lines across the pieces in which a large file is read', () => {
    // 6000 lines of some 200 bytes are more than the mebibyte of one piece.
    const directory = journalOf(...Array(6000).keys());
    expect(reps(directory)).toEqual([...Array(6000).keys()]);
  });
});
