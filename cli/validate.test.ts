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

  it('prints the first packet in which each TCP end differs, and how many cases of each kind agree', async () => {
    const { out, finished } = await nseh('validate', 'endpoints', reference('tcp-endpoints'));
    expect(finished).toBe(0);
    expect(out).toMatch(/^talk without loss +100 +100 +100 +1.00 +0.940 +met$/m);
    expect(out).toMatch(/round trip \d+ ms: packet \d+ of [cs]: recorded/);
  });

  it('names a file that is no such recording, with exit code 2', async () => {
    const wrong = await nseh('validate', 'qemu', reference('golden-ipv6'));
    expect(wrong.exitCode).toBe(2);
    expect(wrong.err).toContain('golden-ipv6');
    const handover = await nseh('validate', 'handover', reference('golden-ipv6'));
    expect(handover.exitCode).toBe(2);
    const blackouts = await nseh('validate', 'endpoints', reference('tcp-blackout'));
    expect(blackouts.exitCode).toBe(2);
    expect(blackouts.err).toContain('tcp-blackout.json.gz cases');
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
