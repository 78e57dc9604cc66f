import { z } from 'zod';
import type { LoadMode } from '../../../models/security/security-engine.ts';
import { milliseconds, ms, s } from '../../../sim/time.ts';
import { importNftText } from '../../../scenarios/import/nft-text.ts';
import { wholeRuleset } from '../../../scenarios/import/imported-ruleset.ts';
import type { Ruleset } from '../../../models/security/ruleset.ts';
import type { HandoverMeta, HandoverRun } from './handover-file.ts';

/** What stands at the second firewall: its rules, none at all for null, and how it treats what it does not know. */
export interface SecondFirewall {
  readonly rules: Ruleset | null;
  /** What stands there until the load, where that comes late. */
  readonly rulesBefore: Ruleset | null;
  readonly tcpLoose: boolean;
  readonly tcpBeLiberal: boolean;
}

/** The script of a handover, in simulated time from the opening of the flows. */
export interface HandoverPlan {
  /** At the first firewall: what the flows were opened under. */
  readonly rulesAtFirst: Ruleset;
  readonly second: SecondFirewall;
  readonly copy: LoadMode | null;
  readonly dumpNs: number;
  readonly lateFlowsNs: number;
  readonly probesBeforeNs: number;
  readonly cutNs: number;
  /** How long flows have run when the path is cut; and those that are opened late. */
  readonly runningAtCutNs: number;
  readonly lateRunningAtCutNs: number;
  readonly resumeNs: number;
  /** When the copy is loaded. */
  readonly loadNs: number;
  readonly speakNs: number;
  readonly endNs: number;
}

const copyModes = [
  'save',
  'savefix',
  'naive',
  'noflags',
  'flags',
  'liberal',
  'full',
] as const satisfies readonly LoadMode[];

const flag = z.union([z.literal(0), z.literal(1)]);

const params = z.strictObject({
  id: z.string().optional(),
  rules: z.string(),
  copy: z.enum(copyModes).nullish(),
  loose: flag.default(1),
  liberal: flag.default(0),
  stale_ms: z.number().nonnegative().nullish(),
  late_ms: z.number().nonnegative().nullish(),
  before: z.string().nullish(),
});

/** Rule sets by the name under which `meta.rules` has them; `none` stands for no rules and no tracking. */
export type NamedRules = ReadonlyMap<string, Ruleset | null>;

export function namedRules(meta: HandoverMeta): NamedRules {
  const read = Object.entries(meta.rules).map(
    ([name, text]) => [name, wholeRuleset(importNftText(text, `meta.rules.${name}`))] as const,
  );
  return new Map<string, Ruleset | null>([['none', null], ...read]);
}

/** The plan of a run, or why there is none. */
export function handoverPlan(run: HandoverRun, meta: HandoverMeta, rules: NamedRules): HandoverPlan | string {
  const parsed = params.safeParse(run.params);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `params: ${issue === undefined ? 'not understood' : `${issue.path.join('.')} ${issue.message}`}`;
  }
  const { data } = parsed;
  const atB = rules.get(data.rules);
  const before = rules.get(data.before ?? data.rules);
  const atA = rules.get(firstRules);
  if (atB === undefined || before === undefined) return `params.rules: "${data.rules}" is not in meta.rules`;
  if (atA === undefined || atA === null) return `meta.rules.${firstRules}: missing`;
  const staleNs = milliseconds(data.stale_ms ?? 0);
  const late = data.late_ms ?? null;
  const beforeCutNs = warmUpNs + Math.max(400 * ms, staleNs);
  const probesBeforeNs = beforeCutNs + milliseconds(run.cut_delay_ms ?? 0);
  const cutNs = probesBeforeNs + 200 * ms;
  const resumeNs = cutNs + milliseconds(run.actual_blackout_ms);
  const speak = meta.idle_flows_speak_at_ms_after_resume;
  return {
    rulesAtFirst: atA,
    second: {
      rules: atB,
      rulesBefore: late === null ? atB : before,
      tcpLoose: data.loose === 1,
      tcpBeLiberal: data.liberal === 1,
    },
    copy: data.copy ?? null,
    dumpNs: staleNs > 0 ? warmUpNs : cutNs + 100_000,
    lateFlowsNs: warmUpNs,
    probesBeforeNs,
    cutNs,
    runningAtCutNs: cutNs + lateStepsNs + (staleNs > 0 ? dumpStepNs : 0) + probeStepNs,
    lateRunningAtCutNs: cutNs - warmUpNs + probeStepNs,
    resumeNs,
    loadNs: late === null ? cutNs + 1 * ms : resumeNs + milliseconds(late),
    speakNs: resumeNs + milliseconds(late === null ? speak.default : speak['late schemes']),
    endNs: resumeNs + observationNs(run.blackout_ms, meta.observation_after_resume_ms),
  };
}

/** All flows were opened under these (meta.script). */
const firstRules = 'restricted';

/** The flows run alone so long (meta.script). */
const warmUpNs = 1.6 * s;

/**
 * What the recorder's own steps take beside its pauses: to close a connection and open the late flows; to copy a table
 * early (its `copy_ms`); to send the probes. From the phases of the recorded cuts.
 */
const lateStepsNs = 2 * ms;
const dumpStepNs = 8 * ms;
const probeStepNs = 1.5 * ms;

/** `20`, `<=500` or `1000..3000` to ms; a blackout between two of these is observed as long as the next longer one. */
function observationNs(blackoutMs: number, table: Readonly<Record<string, number>>): number {
  const upTo = Object.entries(table).map(([key, lengthMs]) => {
    const figures = key.match(/\d+/g) ?? ['0'];
    return { blackoutMs: Number(figures[figures.length - 1]), lengthMs };
  });
  upTo.sort((a, b) => a.blackoutMs - b.blackoutMs);
  const fitting = upTo.find((one) => one.blackoutMs >= blackoutMs) ?? upTo[upTo.length - 1];
  return milliseconds(fitting?.lengthMs ?? 6_000);
}
