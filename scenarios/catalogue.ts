import { kindsOf } from './field-list.ts';
import { engineFile } from './file/host-file.ts';
import { memoryAccessFile } from './file/memory-access-file.ts';
import { workloadFile } from './file/workload-file.ts';
import { memoryPresets } from './presets/memory-presets.ts';
import { countMarks, type Mark } from './presets/mark.ts';
import { workloadPreset } from './presets/workload-presets.ts';
import { schemePresets } from './presets/scheme-presets.ts';

/** One thing with a name that scenarios can use. */
export interface CatalogueEntry {
  readonly name: string;
  readonly summary: string;
}

export const catalogueSections = ['schemes', 'engines', 'workloads', 'memory'] as const;
export type CatalogueSection = (typeof catalogueSections)[number];

/** What exists, by section: schemes, engines, workloads, plans and models of memory. */
export function catalogue(section: CatalogueSection): CatalogueEntry[] {
  switch (section) {
    case 'schemes':
      return schemePresets.map(({ scheme, summary, marks }) => {
        const { assumed, fields } = countMarks(marks);
        return { name: scheme.name, summary: `${summary} (${assumed} of ${fields} fields assumed)` };
      });
    case 'engines':
      return kindsOf(engineFile);
    case 'workloads':
      return kindsOf(workloadFile).map(({ name, summary }) => ({
        name,
        summary: withAssumed(name, summary),
      }));
    case 'memory':
      return [...memoryPresets.map(({ name, summary }) => ({ name, summary })), ...memoryRegions()];
  }
}

/** How many defaults of a named workload are assumed. */
function withAssumed(name: string, summary: string): string {
  const preset = workloadPreset(name);
  if (preset === undefined) return summary;
  const marks: readonly Mark[] = Object.values(preset.marks);
  const assumed = marks.filter(({ provenance }) => provenance === 'assumed').length;
  return marks.length === 0 ? summary : `${summary} (${assumed} of ${marks.length} defaults assumed)`;
}

/** The ways in which a guest writes a region of its memory. */
export function memoryRegions(): CatalogueEntry[] {
  const written = memoryAccessFile.options[0];
  const { element } = written.shape.regions.def.innerType;
  return kindsOf(element).map(({ name, summary }) => ({ name, summary: `region of memory: ${summary}` }));
}
