import type { ContextMoment, ContextPlan, EnginePlan, Scheme } from '../models/migration/scheme.ts';
import { ms } from '../sim/time.ts';
import type { Dice } from './dice.fixture.ts';

/** The preset with most of its fields drawn anew, for tests of what must always hold. */
export function randomScheme(preset: Scheme, dice: Dice): Scheme {
  return {
    ...preset,
    name: `odd-${preset.name}`,
    selection: {
      by: dice.pick(['interface', 'address'] as const),
      sharedEntry: dice.pick(['copy', 'move', 'delete'] as const),
      addressLimit: {
        addresses: dice.pick([1, 2, Infinity]),
        beyond: dice.pick(['fail', 'move-nothing', 'first'] as const),
      },
    },
    context: randomContext(preset.context, dice),
    transport: {
      ...preset.transport,
      channel: dice.pick(['before-pages', 'after-pages', 'own-flow'] as const),
      mebibyteNs: dice.pick([0, 10 * ms]),
      encryption: { ...preset.transport.encryption, protocol: dice.pick(['none', 'tls-1.3'] as const) },
      acknowledgement: {
        ...preset.transport.acknowledgement,
        by: dice.pick(['stream', 'destination'] as const),
        itemsPerAnswer: dice.pick([1, 300]),
      },
    },
    inFlight: {
      freeze: dice.pick(['before-chain', 'after-chain', 'not-at-all'] as const),
      packets: dice.pick(['drop', 'hold'] as const),
      holdBytesMax: dice.pick([0, 5_000, 1_000_000]),
      replay: dice.pick(['before-chain', 'after-chain'] as const),
      order: dice.pick(['as-they-come', 'held-first'] as const),
    },
    cutover: {
      ...preset.cutover,
      redirect: dice.coin(),
      sessionReset: dice.coin(),
      announceNs: dice.pick([[], [0], [100 * ms, 300 * ms]]),
      announceWhen: dice.pick(['resumed', 'context-complete'] as const),
      activateOn: dice.pick(['resume', 'announcement'] as const),
      drain: dice.coin(),
    },
    reconcile: {
      existing: dice.pick(['keep', 'replace', 'merge'] as const),
      checkPolicy: dice.coin(),
      checkEntries: dice.coin(),
      timeouts: dice.pick(['remaining', 'absolute', 'restart'] as const),
      tableFull: dice.pick(['fail', 'evict', 'skip'] as const),
    },
    cleanup: {
      when: dice.pick(['at-pause', 'at-commit', 'after-resume', 'when-drained', 'never'] as const),
      delayNs: dice.between(0, 1_000) * ms,
      by: dice.pick(['interface', 'address'] as const),
      flushShared: dice.coin(),
    },
  };
}

function randomContext(preset: ContextPlan, dice: Dice): ContextPlan {
  const moments = (): ContextMoment[] => allMoments.filter(() => dice.coin());
  const rules = (): ContextMoment[] => moments().filter((moment) => moment !== 'on-demand');
  const cap = (): EnginePlan['cap'] => ({
    bytes: Infinity,
    entries: dice.pick([3, Infinity]),
    beyond: dice.pick(['fail', 'move-nothing'] as const),
  });
  const enginePlan = (engine: string): EnginePlan => ({
    ...{ engine, rules: rules(), entries: moments(), fidelity: dice.pick(fidelities) },
    ...{ cap: cap(), gated: dice.coin() },
  });
  return {
    ...preset,
    missingEngine: dice.pick(['pass', 'fail'] as const),
    rules: rules(),
    entries: moments(),
    fidelity: dice.pick(fidelities),
    perEngine: engineKinds.filter(() => dice.between(0, 3) === 0).map(enginePlan),
    untilInstalled: dice.pick(['no-engine', 'drop-all', 'rules'] as const),
    whileBusy: dice.pick(['queue', 'skip'] as const),
    batchEntries: dice.pick([1, 7, 1_000]),
    lagNs: dice.between(1, 100) * ms,
    afterResumeNs: dice.between(0, 500) * ms,
    gate: {
      waits: dice.coin(),
      timeoutNs: dice.pick([0, 5 * ms, Infinity]),
      then: dice.pick(['resume', 'abort'] as const),
    },
    cap: cap(),
  };
}

const allMoments: readonly ContextMoment[] = [
  'at-reservation',
  'each-round',
  'stop-phase',
  'continuously',
  'after-resume',
  'on-demand',
];

const fidelities = ['full', 'naive', 'flags', 'liberal', 'save'] as const;

const engineKinds = [
  'stateful-firewall',
  'source-guard',
  'nat',
  'intrusion-prevention',
  'rate-limiter',
  'syn-proxy',
  'ipsec',
] as const;
