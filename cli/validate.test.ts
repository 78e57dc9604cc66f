import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nseh } from './try-nseh.ts';

const reference = (name: string): string => join(import.meta.dirname, `../results/reference/${name}.json.gz`);

describe('nseh validate', () => {
  it('reads gzipped recordings and prints the agreement as JSON', async () => {
    const { out, finished } = await nseh('validate', 'conntrack', reference('golden-ipv6'), '--json');
    expect(JSON.parse(out)).toMatchObject({ sequences: 61, sequences_agreeing: 61, disagreements: [] });
    expect(finished).toBe(0);
  });

  it('names a file that is no such recording, with exit code 2', async () => {
    const wrong = await nseh('validate', 'qemu', reference('golden-ipv6'));
    expect(wrong.exitCode).toBe(2);
    expect(wrong.err).toContain('golden-ipv6');
    const handover = await nseh('validate', 'handover', reference('golden-ipv6'));
    expect(handover.exitCode).toBe(2);
    const text = await nseh('validate', 'conntrack', join(import.meta.dirname, 'nseh.ts'));
    expect(text.exitCode).toBe(2);
    const missing = await nseh('validate', 'conntrack', 'nowhere.json');
    expect(missing.exitCode).toBe(2);
  });

  it('names a kind that does not exist', async () => {
    const { exitCode, err } = await nseh('validate', 'conntrak', reference('golden-ipv6'));
    expect(exitCode).toBe(2);
    expect(err).toContain('conntrack, qemu');
  });
});

describe('nseh paper', () => {
  it('refuses a claim that does not exist, with exit code 2', async () => {
    const { exitCode, err } = await nseh('paper', 'P99');
    expect(exitCode).toBe(2);
    expect(err).toContain('P01');
  });
});
