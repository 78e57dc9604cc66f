import { kindsOf } from './field-list.ts';
import { engineFile } from './file/host-file.ts';
import { memoryAccessFile } from './file/memory-access-file.ts';
import { workloadFile } from './file/workload-file.ts';
import { memoryPresets } from './presets/memory-presets.ts';
import { countMarks } from './presets/mark.ts';
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
      return kindsOf(workloadFile);
    case 'memory':
      return [...memoryPresets.map(({ name, summary }) => ({ name, summary })), ...memoryRegions()];
  }
}

/** The ways in which a guest writes a region of its memory. */
export function memoryRegions(): CatalogueEntry[] {
  const written = memoryAccessFile.options[0];
  const { element } = written.shape.regions.def.innerType;
  return kindsOf(element).map(({ name, summary }) => ({ name, summary: `region of memory: ${summary}` }));
}
