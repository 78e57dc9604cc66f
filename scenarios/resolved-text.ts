import { Document, isScalar, visit } from 'yaml';
import type { Node, Pair } from 'yaml';
import { z } from 'zod';
import { defaults } from './file/defaults.ts';
import { scenarioFile } from './file/scenario-file.ts';
import type { ScenarioFile } from './file/scenario-file.ts';
import type { LoadedScenario } from './load-scenario.ts';
import type { Scenario } from './scenario.ts';
import type { FieldPath } from './source-problem.ts';
import { writeScheme } from './spell-out.ts';
import { accessUnder, growsUnder } from './workload-memory.ts';

/** Where a value of a resolved scenario comes from: the file, a default, or a named preset. */
export type Origin = 'file' | 'default' | `preset ${string}`;

/**
 * The whole scenario as a file would say it, every value with its unit and, as a comment, its origin. The text
 * is itself a scenario file that means the same. Presets that migrations use follow as comments.
 */
export function resolvedText(loaded: LoadedScenario): string {
  const document = new Document(writtenWhole(loaded), { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (key, node, parents) => {
      if (key !== 'key') node.comment = ` ${originOf(pathTo(node, parents), loaded.written)}`;
    },
  });
  const own = new Set(loaded.file.schemes.map(({ name }) => name));
  const used = new Map(loaded.scenario.migrations.map(({ scheme }) => [scheme.name, scheme]));
  const presets = [...used.values()].filter(({ name }) => !own.has(name));
  const texts = presets.map((scheme) => commentedOut(scheme.name, writeScheme(scheme)));
  return [document.toString({ lineWidth: 0 }).trimEnd(), ...texts].join('\n');
}

/** The values of the file with all defaults, written back with units. */
function writtenWhole({ file, scenario }: LoadedScenario): unknown {
  return z.encode(scenarioFile, withDerived(file, scenario));
}

/** Fills in what follows from other fields where the file leaves it out. */
function withDerived(file: ScenarioFile, scenario: Scenario): ScenarioFile {
  const moves = scenario.migrations.filter(({ attempt }) => attempt === 1);
  let next = 0;
  const accessOf = (vm: ScenarioFile['vms'][number]): ReturnType<typeof accessUnder> => {
    const own = file.workloads.map((workload) => (workload.vm === vm.name ? workload.kind : 'idle'));
    return accessUnder(own.find((kind) => growsUnder(kind)) ?? 'idle');
  };
  return {
    ...file,
    name: scenario.name,
    vms: file.vms.map((vm) => ({ ...vm, memory_access: vm.memory_access ?? accessOf(vm) })),
    workloads: file.workloads.map((workload) =>
      'start' in workload ? { ...workload, stop: workload.stop ?? file.until } : workload,
    ),
    migrations: file.migrations.map((migration) => {
      const first = moves[next];
      next += migration.count;
      const at = migration.after === undefined ? { at: migration.at ?? defaults.migration.at } : {};
      if (migration.count > 1 || first === undefined) return { ...migration, ...at };
      return { ...migration, name: first.name, source: first.source, ...at };
    }),
  };
}

function originOf(path: FieldPath, written: unknown): Origin {
  let value: unknown = written;
  let preset: string | undefined;
  for (const [depth, part] of path.entries()) {
    if (typeof value === 'object' && value !== null) {
      const basis = Object.entries(value).find(([key]) => key === 'based_on')?.[1] as unknown;
      if (typeof basis === 'string') preset = basis;
      value = Object.entries(value).find(([key]) => key === String(part))?.[1];
    } else {
      if (typeof value === 'string' && path[depth - 1] === 'memory') preset = value;
      value = undefined;
    }
  }
  if (value !== undefined) return 'file';
  return preset === undefined ? 'default' : `preset ${preset}`;
}

/** The keys and indices that lead to a node. */
function pathTo(node: Node, parents: readonly (Document | Node | Pair)[]): FieldPath {
  const path: (string | number)[] = [];
  const chain: readonly unknown[] = [...parents, node];
  for (const [index, parent] of chain.entries()) {
    const child = chain[index + 1];
    if (typeof parent !== 'object' || parent === null) continue;
    if ('key' in parent && isScalar(parent.key)) path.push(String(parent.key.value));
    else if ('items' in parent && Array.isArray(parent.items) && !isPair(child)) {
      path.push((parent.items as readonly unknown[]).indexOf(child));
    }
  }
  return path;
}

function isPair(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'key' in value;
}

function commentedOut(name: string, written: unknown): string {
  const text = new Document(written, { aliasDuplicateObjects: false }).toString({ lineWidth: 0 }).trimEnd();
  const lines = text.split('\n').map((line) => `#   ${line}`);
  return [`# scheme ${name}, a preset (nseh explain ${name}):`, ...lines].join('\n');
}
