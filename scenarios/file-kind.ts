import { ScenarioError } from '../sim/assert.ts';
import { readScenarioText } from './read-text-file.ts';
import { readYaml } from './yaml-text.ts';
import type { YamlText } from './yaml-text.ts';

/** The two kinds of file that users write. */
export type FileKind = 'scenario' | 'sweep';

/** A file, and which kind it plainly is; a scenario where that is open. All problems as a {@link ScenarioError}. */
export function readAnyFile(path: string): { readonly kind: FileKind; readonly yaml: YamlText } {
  const yaml = readYaml(path, readScenarioText(path));
  return { kind: plainKind(yaml.value) ?? 'scenario', yaml };
}

/** {@link readYaml}, but a file that plainly is of the other kind is not held to the keys of this one. */
export function readYamlAs(kind: FileKind, file: string, text: string): YamlText {
  const yaml = readYaml(file, text);
  const found = plainKind(yaml.value);
  if (found === null || found === kind) return yaml;
  throw new ScenarioError([{ place: file, ...otherKind[found](file) }]);
}

const otherKind: Readonly<Record<FileKind, (file: string) => { message: string; allowed: string }>> = {
  scenario: (file) => ({
    message: 'is a scenario, not a sweep of one',
    allowed: `nseh run ${file}, or a sweep file that names it: scenario: ${file}`,
  }),
  sweep: (file) => ({
    message: 'is a sweep file, not a scenario',
    allowed: `nseh sweep ${file}, or the scenario that it names`,
  }),
};

/** A scenario has machines; a sweep names a scenario. Null for what has both or neither. */
function plainKind(value: unknown): FileKind | null {
  if (typeof value !== 'object' || value === null) return null;
  const hasMachines = 'hosts' in value || 'vms' in value;
  const namesScenario = 'scenario' in value || 'vary' in value;
  if (hasMachines === namesScenario) return null;
  return hasMachines ? 'scenario' : 'sweep';
}
