import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { mayNeverEnd, memoryPlanProblems } from '../../models/migration/memory/memory-plan-problems.ts';
import { schemeFile } from '../file/scheme-file.ts';
import { hasEffect } from '../field-effects.ts';
import type { SchemeField } from '../field-effects.ts';
import { countMarks } from './mark.ts';
import type { Mark } from './mark.ts';
import { findSchemePreset, schemePresets } from './scheme-presets.ts';

const all = schemePresets.map((preset) => [preset.scheme.name, preset] as const);

describe('a preset', () => {
  it('has a name of its own', () => {
    expect(new Set(all.map(([name]) => name)).size).toBe(all.length);
  });

  it.each(all)('moves memory in a way that always ends: %s', (_, { scheme }) => {
    expect(mayNeverEnd(scheme.memory)).toBe(false);
    expect(memoryPlanProblems(scheme.memory, 'memory')).toEqual([]);
  });

  it.each(all)('can be written into a file and read back: %s', (_, { scheme }) => {
    expect(z.decode(schemeFile, z.encode(schemeFile, scheme))).toEqual(scheme);
  });

  it.each(all)(
    'says of every field that makes a difference where it comes from, and of no other: %s',
    (_, preset) => {
      const { scheme, marks } = preset;
      const { memory, ...parts } = marks;
      expect(memory.source).not.toBe('');
      const marked = Object.entries(parts).flatMap(([part, fields]) =>
        Object.entries(fields as Record<string, Mark | null>).map(([field, mark]) => [
          `${part}.${field}`,
          mark !== null,
        ]),
      );
      const effective = marked.map(([field]) => [field, hasEffect(scheme, field as SchemeField)]);
      expect(marked).toEqual(effective);
    },
  );

  it.each(all)('marks as without effect what has none: %s', (_, { scheme, marks }) => {
    const { context, inFlight, transport } = scheme;
    const continuous = context.entries.includes('continuously') || context.rules.includes('continuously');
    expect(marks.context.batchEntries !== null).toBe(continuous);
    expect(marks.context.fidelity !== null).toBe(context.entries.length > 0);
    expect(marks.transport.bytesPerEntry !== null).toBe(context.entries.length > 0);
    expect(marks.transport.bytesPerRule !== null).toBe(context.rules.length > 0);
    expect(marks.inFlight.holdBytesMax !== null).toBe(inFlight.packets === 'hold');
    expect(marks.context.engines !== null).toBe(context.entries.length > 0);
    expect(marks.context.lookupNs !== null).toBe(context.store === 'remote');
    expect(marks.cutover.drainDetourNs !== null).toBe(scheme.cutover.drain);
    if (transport.channel !== 'own-flow') expect(marks.transport.weight).toBeNull();
  });
});

describe('CoM', () => {
  it.each(['com-stop', 'com-early', 'com-rounds'])('has nothing published but its idea: %s', (name) => {
    const { assumed, fields } = countMarks(findSchemePreset(name)!.marks);
    expect(fields - assumed).toBe(1); // the way of copying memory, read in QEMU's source
  });

  it('installs rules at reservation, waits for its context and cleans up after the commit', () => {
    for (const { scheme } of schemePresets.filter((preset) => preset.scheme.name.startsWith('com'))) {
      expect(scheme.context.rules).toEqual(['at-reservation']);
      expect(scheme.context.gate.waits).toBe(true);
      expect(scheme.inFlight.freeze).toBe('before-chain');
      expect(scheme.cleanup.when).toBe('at-commit');
    }
  });

  it('differs in its three readings only in when entries travel, and in its variants only in fidelity', () => {
    const [stop, early, rounds] = ['com-stop', 'com-early', 'com-rounds'].map(
      (name) => findSchemePreset(name)!.scheme,
    );
    const timeless = (scheme = stop!): unknown => ({
      ...scheme,
      name: '',
      context: { ...scheme.context, entries: [] },
    });
    expect(timeless(early)).toEqual(timeless(stop));
    expect(timeless(rounds)).toEqual(timeless(stop));
    const strict = findSchemePreset('com-rounds-strict')!.scheme;
    expect({ ...strict, name: 'com-rounds', context: { ...strict.context, fidelity: 'full' } }).toEqual(
      rounds,
    );
    expect({ ...findSchemePreset('com')!.scheme, name: 'com-rounds' }).toEqual(rounds);
  });
});

describe('what entries cost', () => {
  it('is what was measured on Linux at 100,000 entries', () => {
    const text = readFileSync(new URL('../../results/reference/costs.json', import.meta.url), 'utf8');
    const costs = JSON.parse(text) as {
      state: {
        entries: number;
        netlink_dump_min: number;
        netlink_load_min: number;
        netlink_bytes_load: number;
      }[];
    };
    const measured = costs.state.find(({ entries }) => entries === 100_000)!;
    const { transport } = findSchemePreset('com-rounds')!.scheme;
    expect(Math.abs(transport.readNsPerEntry / 1000 - measured.netlink_dump_min)).toBeLessThan(0.01);
    expect(Math.abs(transport.importNsPerEntry / 1000 - measured.netlink_load_min)).toBeLessThan(0.01);
    expect(transport.bytesPerEntry).toBe(measured.netlink_bytes_load);
  });
});
