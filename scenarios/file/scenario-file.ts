import { z } from 'zod';
import { formatQuantity, parseQuantity } from '../units.ts';
import { defaults } from './defaults.ts';
import { choice, count, formatOne, name, quantity, text } from './field.ts';
import { faultFile } from './fault-file.ts';
import { hostFile, middleboxFile, overlayFile, peerFile } from './host-file.ts';
import { list, mapping } from './mapping.ts';
import { moduleFile } from './module-file.ts';
import { memoryPlanFile } from './memory-plan-file.ts';
import { migrationFile, policyUpdateFile } from './migration-file.ts';
import { tcpFile } from './tcp-file.ts';
import { read, scalar, show, wrong } from './scalar.ts';
import type { Scalar } from './scalar.ts';
import { schemeFile } from './scheme-file.ts';
import { initialContextFile, vmFile } from './vm-file.ts';
import { workloadFile } from './workload-file.ts';

/**
 * What may be written in a scenario file. Reading gives the same shape in base units, with all defaults; what
 * it means is `resolve-scenario.ts`.
 */
export const scenarioFile = mapping({
  format: formatOne(),
  name: name('name of the scenario; without it that of the file').optional(),
  description: text('what it is about').default(''),
  seed: count('seeds all chance; --seed overrides it', 0, 2 ** 32 - 1).default(defaults.seed),
  reps: count('repetitions, each with draws of its own', 1, 1_000_000).default(defaults.reps),
  start: startWindow(),
  until: quantity('time', 'the run ends here, whatever still goes on'),
  max_at_once: count('how many migrations a host takes part in at once', 1, 1000).default(defaults.maxAtOnce),
  switch: mapping({
    learn: quantity('time', 'from a frame to the moment at which the switch uses what it learnt').default(
      defaults.switchLearnNs,
    ),
  })
    .prefault({})
    .meta({ description: 'the switch to which hosts and peers are connected' }),
  sharing_interval: quantity(
    'time',
    'over which use of links and CPUs is measured, and after which their shares are solved anew',
  ).default(defaults.sharingInterval),
  stream_start: choice(
    ['slow-start', 'at-once'],
    'how connections of migrations begin: with TCP’s initial window, or as fast as their path',
  ).default(defaults.streamStart),
  tcp: tcpFile.prefault({}).meta({ description: 'the TCP endpoints of guests and peers' }),
  overlay: z
    .union([choice(['none'], 'VMs are on the network themselves'), overlayFile])
    .default('none')
    .meta({
      description: 'tunnels in which VMs’ packets travel, and how machines learn where VMs are; or `none`',
    }),
  middleboxes: list(middleboxFile).prefault([]).meta({ description: 'engines on the path that never move' }),
  hosts: list(hostFile).meta({ description: 'hypervisors that filter their guests’ traffic' }),
  peers: list(peerFile).prefault([]).meta({ description: 'machines outside' }),
  vms: list(vmFile).meta({ description: 'virtual machines' }),
  workloads: list(workloadFile).prefault([]).meta({ description: 'what guests and peers do' }),
  initial_context: list(initialContextFile).prefault([]).meta({ description: 'entries at the start' }),
  controller: list(policyUpdateFile).prefault([]).meta({ description: 'changes of policy during the run' }),
  migrations: list(migrationFile).meta({ description: 'which VMs move, where, when and how' }),
  modules: list(moduleFile)
    .prefault([])
    .meta({ description: 'programs of your own that add workloads and engines' }),
  faults: list(faultFile).prefault([]).meta({ description: 'what goes wrong' }),
  schemes: list(schemeFile).prefault([]).meta({ description: 'schemes of this file' }),
  migration_defaults: mapping({
    memory: memoryPlanFile.optional().meta({ description: 'how memory is copied' }),
  })
    .prefault({})
    .meta({ description: 'what holds for all schemes that do not say it themselves, presets included' }),
});

export type ScenarioFile = z.output<typeof scenarioFile>;

/** The window from which the start of migrations is drawn. */
export interface StartWindow {
  readonly from: number;
  readonly to: number;
}

function startWindow(): z.ZodDefault<Scalar<StartWindow>> {
  const allowed = 'fixed, uniform(500 ms), or uniform(100 ms, 600 ms)';
  return scalar<StartWindow>({
    means: 'every migration starts at its time plus a draw from this window, the same for all schemes',
    allowed,
    json: { type: 'string', examples: ['uniform(500 ms)', 'fixed'] },
    read: (input) => {
      if (input === 'fixed') return read({ from: 0, to: 0 });
      const inside = typeof input === 'string' ? /^uniform\s*\((.*)\)$/.exec(input.trim())?.[1] : undefined;
      if (inside === undefined) return wrong(`${show(input)} is no window`, allowed);
      const ends: number[] = [];
      for (const part of inside.split(',')) {
        const parsed = parseQuantity(part, 'time');
        if (!parsed.ok) return wrong(parsed.message, allowed);
        ends.push(parsed.value);
      }
      const [from, to] = ends.length === 1 ? [0, ...ends] : ends;
      if (from === undefined || to === undefined || ends.length > 2) return wrong('is no window', allowed);
      return from <= to ? read({ from, to }) : wrong('the window ends before it begins', allowed);
    },
    write: ({ from, to }) => {
      if (from === 0 && to === 0) return 'fixed';
      const end = formatQuantity(to, 'time');
      return from === 0 ? `uniform(${end})` : `uniform(${formatQuantity(from, 'time')}, ${end})`;
    },
  }).default({ from: 0, to: 0 });
}
