import { describe, expect, it } from 'vitest';
import { parseScenario } from './load-scenario.ts';
import { countMarks } from './presets/mark.ts';
import type { SchemeMarks } from './presets/mark.ts';
import { findSchemePreset } from './presets/scheme-presets.ts';
import { marksOfScheme } from './scheme-marks.ts';
import { writeScheme } from './spell-out.ts';

/** The marks of the last of these schemes. */
function marksOf(...schemes: readonly string[]): SchemeMarks {
  const text = `
format: 1
until: 20 s
hosts: [{ name: a }, { name: b }]
vms: [{ name: web, host: a, address: 10.0.0.10, memory: 64 MiB, policy: none }]
migrations: []
schemes: [${schemes.join(', ')}]`;
  const { scenario } = parseScenario('marks.yaml', text, []);
  return marksOfScheme(scenario.derivedSchemes.at(-1)!.name, scenario)!;
}

describe('a scheme of a file', () => {
  it('has the marks of the preset on which it is based', () => {
    const preset = findSchemePreset('nutanix-like')!;
    expect(marksOf('{ name: mine, based_on: nutanix-like }')).toEqual(preset.marks);
    expect(marksOf('{ name: a, based_on: nutanix-like }', '{ name: mine, based_on: a }')).toEqual(
      preset.marks,
    );
  });

  it('says itself where it has values of its own, and those of the file’s scheme below it are not assumed either', () => {
    const below = '{ name: a, based_on: com-rounds, cleanup: { when: never } }';
    const marks = marksOf(
      below,
      '{ name: mine, based_on: a, memory: xen-legacy, selection: { by: address } }',
    );
    const own = ['cleanup.when', 'selection.by', 'memory'];
    expect([marks.cleanup.when, marks.selection.by, marks.memory].map((mark) => mark?.provenance)).toEqual(
      own.map(() => 'own'),
    );
    // Of the 44 fields of com-rounds memory alone is not assumed; a limit of lists has an effect now, and how a source
    // cleans up that never does, in three fields, has none; two of those that are said here were assumed.
    expect(countMarks(marks)).toEqual({ assumed: 43 + 1 - 3 - 2, fields: 44 + 1 - 3, own: 3 });
  });

  it('rests on its base for what has an effect only with its own values', () => {
    const marks = marksOf('{ name: mine, based_on: rules-only, context: { entries: [stop-phase] } }');
    expect(findSchemePreset('rules-only')!.marks.transport.bytesPerEntry).toBeNull();
    expect(marks.transport.bytesPerEntry).toEqual({
      provenance: 'assumed',
      source: 'as rules-only has it, where it makes no difference',
    });
  });

  it('has no marks for what has no effect any more, said or not', () => {
    const none = 'context: { entries: [], fidelity: flags, cap: { bytes: unlimited } }';
    const marks = marksOf(`{ name: mine, based_on: com-stop, ${none} }`);
    expect(marks.context.fidelity).toBeNull();
    expect(marks.transport.importNsPerEntry).toBeNull();
    expect(marks.context.entries?.provenance).toBe('own');
  });

  it('that is spelled out whole says everything itself', () => {
    const { scheme } = findSchemePreset('com-stop')!;
    const { assumed, own, fields } = countMarks(
      marksOf(JSON.stringify({ ...writeScheme(scheme), name: 'mine' })),
    );
    expect(assumed).toBe(0);
    expect(own).toBe(fields);
  });
});
