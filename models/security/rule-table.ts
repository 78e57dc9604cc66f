import { assert } from '../../sim/assert.ts';
import { makePacket, type Packet } from '../network/packet.ts';
import { compileRuleset, counterKey } from './rule-compiler.ts';
import type { CompiledChain } from './rule-compiler.ts';
import { bareContext, type RuleContext, type RuleOutcome, type Stage } from './rule-context.ts';
import { RowFiller } from './rule-row.ts';
import type { CounterState, Flow, Step, Walk } from './rule-step.ts';
import type { ChainBase, Rule, Ruleset, TableFamily } from './ruleset.ts';

/** The base chains of one stage, in the order in which they are asked. */
export type StageChains = readonly CompiledChain[];

const noChains: StageChains = [];

/** Told of each rule that a packet is held against. */
export type RuleWatcher = (rule: Rule, packet: Packet) => void;

/** The filter chains by stage, null where none stands. */
export interface FilterChains {
  readonly raw: StageChains | null;
  readonly mangle: StageChains | null;
  readonly prerouting: StageChains | null;
  readonly input: StageChains | null;
  readonly forward: StageChains | null;
  readonly output: StageChains | null;
  readonly postrouting: StageChains | null;
}

/**
 * A compiled rule set. Its meaning is the kernel's: the base chains of a stage run in the order of their
 * priority, in each the first rule whose verdict is final decides, and a packet that one chain accepts must
 * still pass the next (nft(8), "CHAINS" and "VERDICT STATEMENTS").
 */
export class RuleTable {
  readonly ruleset: Ruleset;
  readonly filters: FilterChains;
  /** Whether there is a NAT chain: the kernel attaches all hooks of NAT with the first one, and takes them away with the last. */
  readonly translates: boolean;
  private readonly filler = new RowFiller();
  private readonly chains: readonly CompiledChain[];
  private readonly counters: ReadonlyMap<string, CounterState>;
  private readonly stages: ReadonlyMap<Stage, readonly CompiledChain[]>;
  /** Chains that a jump left, and where to go on in them: position i belongs to chain i. */
  private readonly returnChains: CompiledChain[] = [];
  private readonly returnPositions: number[] = [];
  private readonly scratch: Walk;
  /** Null while nobody wants to know. */
  watcher: RuleWatcher | null = null;

  constructor(ruleset: Ruleset) {
    this.ruleset = ruleset;
    const { chains, counters } = compileRuleset(ruleset, this.filler);
    this.chains = chains;
    this.counters = counters;
    this.stages = attach(chains);
    this.filters = filtersIn(this.stages);
    this.translates = chains.some(({ base }) => base?.type === 'nat');
    this.scratch = { context: blankContext, outcome: blankOutcome(), filler: this.filler };
  }

  /**
   * What the rules at `stage` say; accept where no chain stands. The record is the table's own: it holds until
   * the next evaluation. A NAT stage is to be asked for the first packet of a connection only.
   */
  evaluate(stage: Stage, context: RuleContext): RuleOutcome {
    return this.walk(this.stages.get(stage) ?? noChains, context);
  }

  /** {@link evaluate} for who looked the chains up before. */
  walk(chains: StageChains, context: RuleContext): RuleOutcome {
    const walk = this.scratch;
    const { outcome } = walk;
    reset(outcome, context);
    if (chains.length === 0) return outcome;
    walk.context = context;
    this.filler.fill(context);
    for (let i = 0; i < chains.length; i++) {
      const chain = chains[i]!;
      if (!chain.sees(context.packet)) continue;
      this.run(chain);
      // The first NAT chain that translates is the last one asked (nf_nat_inet_fn in nf_nat_core.c).
      if (outcome.verdict !== 'accept' || outcome.nat !== null) break;
    }
    return outcome;
  }

  /** Packets and bytes of a named counter, which start from what the rule set says. */
  counter(family: TableFamily, table: string, name: string): Readonly<CounterState> {
    const counter = this.counters.get(counterKey(family, table, name));
    assert(counter !== undefined, 'the named counter exists');
    return counter;
  }

  private run(base: CompiledChain): void {
    const { outcome, filler } = this.scratch;
    if (this.returnChains.length > 0) {
      this.returnChains.length = 0;
      this.returnPositions.length = 0;
    }
    let chain = base;
    let position = 0;
    for (;;) {
      const { length } = chain.boxes;
      const found = chain.boxes.first(filler.row, position);
      outcome.rulesEvaluated += (found < length ? found + 1 : length) - position;
      if (this.watcher !== null) this.tell(this.watcher, chain.rules.slice(position, found + 1));
      const flow = found < length ? runSteps(chain.steps[found]!, this.scratch) : 'return';
      position = found + 1;
      if (typeof flow !== 'string') {
        if (flow.comesBack) this.comeBackTo(chain, position);
        chain = this.chains[flow.chain]!;
        position = 0;
      } else if (flow === 'return') {
        const back = this.returnChains.pop();
        if (back === undefined) {
          decide(outcome, base.base!.policy, null);
          return;
        }
        chain = back;
        position = this.returnPositions.pop()!;
      } else if (flow !== 'next' && flow !== 'break') {
        decide(outcome, flow, chain.rules[found]!);
        return;
      }
    }
  }

  private tell(watcher: RuleWatcher, rules: readonly Rule[]): void {
    for (const rule of rules) watcher(rule, this.scratch.context.packet);
  }

  private comeBackTo(chain: CompiledChain, position: number): void {
    this.returnChains.push(chain);
    this.returnPositions.push(position);
  }
}

function runSteps(steps: readonly Step[], walk: Walk): Flow {
  for (let i = 0; i < steps.length; i++) {
    const flow = steps[i]!(walk);
    if (flow !== 'next') return flow;
  }
  return 'next';
}

function decide(outcome: RuleOutcome, verdict: RuleOutcome['verdict'], rule: RuleOutcome['rule']): void {
  outcome.verdict = verdict;
  outcome.rule = rule;
}

function attach(chains: readonly CompiledChain[]): Map<Stage, CompiledChain[]> {
  const stages = new Map<Stage, CompiledChain[]>();
  for (const chain of chains) {
    if (chain.base === null) continue;
    const stage = stageOf(chain.base);
    stages.set(stage, [...(stages.get(stage) ?? []), chain]);
  }
  for (const list of stages.values()) list.sort((a, b) => a.base!.priority - b.base!.priority);
  return stages;
}

function filtersIn(stages: ReadonlyMap<Stage, StageChains>): FilterChains {
  const at = (stage: Stage): StageChains | null => stages.get(stage) ?? null;
  return {
    raw: at('prerouting-raw'),
    mangle: at('prerouting-mangle'),
    prerouting: at('prerouting-filter'),
    input: at('input'),
    forward: at('forward'),
    output: at('output'),
    postrouting: at('postrouting'),
  };
}

/** Priorities of connection tracking and of destination NAT at prerouting. */
const trackingPriority = -200;
const destinationNatPriority = -100;

/** The stage at which a base chain is asked. */
function stageOf({ type, hook, priority }: ChainBase): Stage {
  if (type === 'nat') {
    assert(hook !== 'forward', 'no NAT chain stands at the forward hook');
    return `${hook}-nat`;
  }
  if (hook !== 'prerouting') return hook;
  if (priority < trackingPriority) return 'prerouting-raw';
  return priority < destinationNatPriority ? 'prerouting-mangle' : 'prerouting-filter';
}

function reset(outcome: RuleOutcome, context: RuleContext): void {
  outcome.verdict = 'accept';
  outcome.rule = null;
  outcome.rejection = null;
  outcome.nat = null;
  outcome.notrack = false;
  outcome.zone = -1;
  outcome.zoneDirection = 'both';
  outcome.helper = '';
  outcome.mark = context.mark;
  outcome.connectionMark = context.connectionMark;
  outcome.rulesEvaluated = 0;
}

function blankOutcome(): RuleOutcome {
  return {
    verdict: 'accept',
    rule: null,
    rejection: null,
    nat: null,
    notrack: false,
    zone: -1,
    zoneDirection: 'both',
    helper: '',
    mark: 0,
    connectionMark: 0,
    rulesEvaluated: 0,
  };
}

const blankContext: RuleContext = { ...bareContext(makePacket({})), connectionState: 'new', counted: false };
