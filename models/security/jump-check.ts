import type { RuleFault } from './ruleset-check.ts';
import type { Chain, ChainBase, MapElement, NatStatement, Rule, Table, Verdict } from './ruleset.ts';

/**
 * NFT_JUMP_STACK_SIZE (include/net/netfilter/nf_tables.h): a packet is inside of 16 chains at most; loading a
 * seventeenth fails with EMLINK (measured, Linux 6.18.44), and so does a loop.
 */
const chainsDeepMax = 16;

/**
 * Jumps that make a loop or lead too deep, and translations where the hook has none. Only chains that a base
 * chain leads to count, as in the kernel.
 */
export function jumpFaults(table: Table): RuleFault[] {
  const graph = new Map(table.chains.map((chain) => [chain.name, { chain, jumps: jumpsOf(chain, table) }]));
  const faults: RuleFault[] = [];
  const order = visitOrder(graph, faults);
  if (faults.length > 0) return faults;
  const depths = new Map<string, number>();
  const bases = new Map<string, ChainBase[]>();
  for (const name of order) {
    const { chain, jumps } = graph.get(name)!;
    const depth = depths.get(name) ?? 1;
    const reachedFrom = [...(bases.get(name) ?? []), ...(chain.base === null ? [] : [chain.base])];
    bases.set(name, reachedFrom);
    faults.push(...natFaults(chain, reachedFrom));
    for (const { rule, target } of jumps) {
      if (depth + 1 > chainsDeepMax)
        faults.push({ rule, message: `jumps deeper than ${chainsDeepMax} chains` });
      depths.set(target, Math.max(depths.get(target) ?? 1, depth + 1));
      bases.set(target, [...new Set([...(bases.get(target) ?? []), ...reachedFrom])]);
    }
  }
  return faults;
}

interface Jump {
  readonly rule: Rule;
  readonly target: string;
}

type Graph = ReadonlyMap<string, { readonly chain: Chain; readonly jumps: readonly Jump[] }>;

/** Chains reachable from base chains, each before those it jumps to; jumps that close a loop become faults. */
function visitOrder(graph: Graph, faults: RuleFault[]): string[] {
  const finished: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  for (const [root, { chain }] of graph) {
    if (chain.base === null || state.has(root)) continue;
    // An explicit stack: a chain of a hundred thousand jumps must not exhaust ours.
    const stack = [{ name: root, next: 0 }];
    state.set(root, 'open');
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const jump = graph.get(top.name)!.jumps[top.next++];
      if (jump === undefined) {
        state.set(top.name, 'done');
        finished.push(top.name);
        stack.pop();
      } else if (state.get(jump.target) === 'open') {
        faults.push({ rule: jump.rule, message: `closes a loop of jumps through chain ${jump.target}` });
      } else if (!state.has(jump.target)) {
        state.set(jump.target, 'open');
        stack.push({ name: jump.target, next: 0 });
      }
    }
  }
  return finished.reverse();
}

function jumpsOf(chain: Chain, table: Table): Jump[] {
  const jumps: Jump[] = [];
  for (const rule of chain.rules) {
    for (const expression of rule.expressions) {
      if (expression.kind === 'verdict') addTarget(jumps, rule, expression.verdict);
      if (expression.kind !== 'verdict-map') continue;
      const { map } = expression;
      const elements: readonly MapElement[] =
        map.kind === 'inline'
          ? map.elements
          : (table.maps.find(({ name }) => name === map.map)?.elements ?? []);
      for (const { value } of elements) if (value.kind === 'verdict') addTarget(jumps, rule, value.verdict);
    }
  }
  return jumps;
}

function addTarget(jumps: Jump[], rule: Rule, verdict: Verdict): void {
  if (verdict.kind === 'jump' || verdict.kind === 'goto') jumps.push({ rule, target: verdict.chain });
}

/** Hooks at which each translation may stand (nft_nat_validate, nft_masq_validate, nft_redir_validate). */
const natHooks: Record<NatStatement['action'], readonly ChainBase['hook'][]> = {
  dnat: ['prerouting', 'output'],
  redirect: ['prerouting', 'output'],
  snat: ['postrouting', 'input'],
  masquerade: ['postrouting'],
};

function natFaults(chain: Chain, bases: readonly ChainBase[]): RuleFault[] {
  return chain.rules.flatMap((rule) =>
    rule.expressions.flatMap((expression) => {
      if (expression.kind !== 'nat') return [];
      const { action } = expression;
      const wrong = bases.find(({ type, hook }) => type !== 'nat' || !natHooks[action].includes(hook));
      if (wrong === undefined) return [];
      return [{ rule, message: `asks for ${action} in a ${wrong.type} chain at the ${wrong.hook} hook` }];
    }),
  );
}
