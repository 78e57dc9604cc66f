import { assert } from '../../sim/assert.ts';
import type { VirtualMachine } from '../compute/virtual-machine.ts';
import type { Observations } from '../observations.ts';
import { compareContext, type ContextDifference } from '../security/context-comparison.ts';
import type { TcpIdentity } from '../network/tcp-end.ts';
import { connectionScopes, scopesOf, type ContextItem } from '../security/context-item.ts';
import type { SecurityEngine } from '../security/security-engine.ts';

/** One engine's context of the VM: as it froze at the source, and what the destination had at the resume. */
interface Account {
  readonly source: SecurityEngine;
  /** Null where the destination has no such engine. */
  readonly destination: SecurityEngine | null;
  frozen: readonly ContextItem[];
  difference: ContextDifference | null;
}

/** Compares a VM's context before and after its move, engine by engine. Only looks; changes nothing. */
export class ContextLedger {
  private readonly observations: Observations;
  private readonly migration: string;
  private readonly vm: VirtualMachine;
  private readonly accounts: readonly Account[];
  private frozenNs = -1;
  private resumedNs = -1;
  /** The connections that lived at the freeze. */
  private live: readonly TcpIdentity[] = [];

  constructor(
    observations: Observations,
    migration: string,
    vm: VirtualMachine,
    pairs: readonly (readonly [SecurityEngine, SecurityEngine | null])[],
  ) {
    this.observations = observations;
    this.migration = migration;
    this.vm = vm;
    this.accounts = pairs.map(([source, destination]) => ({
      source,
      destination,
      frozen: [],
      difference: null,
    }));
  }

  freeze(nowNs: number): void {
    if (!this.observations.contextCompared.observed) return;
    this.frozenNs = nowNs;
    // An attacker's half-open connection is nobody's loss.
    this.live = this.vm.stack.connectionsHeld().filter(({ intent }) => intent === 'legitimate');
    for (const account of this.accounts) account.frozen = account.source.peek(this.vm, nowNs);
  }

  resume(nowNs: number): void {
    if (!this.observations.contextCompared.observed) return;
    assert(this.frozenNs >= 0, 'a VM resumes after its context froze');
    this.resumedNs = nowNs;
    for (const account of this.accounts) {
      const resumed = account.destination?.peek(this.vm, nowNs) ?? [];
      account.difference = compareContext(account.frozen, resumed, nowNs - this.frozenNs);
    }
  }

  /** The source has forgotten the VM, or will not: what is there now is left behind. What was told is not told again. */
  close(nowNs: number): void {
    const flows = flowIndex(this.live);
    for (const account of this.accounts) {
      const { source, destination, frozen, difference } = account;
      if (difference === null) continue;
      account.difference = null;
      // An engine that both hosts reach, such as a gateway's, is not left behind.
      const leftBehind = source === destination ? [] : source.peek(this.vm, nowNs);
      const { missing, downgraded, stale, resurrected } = difference;
      this.observations.contextCompared.publish({
        migration: this.migration,
        engine: source.name,
        itemsAtFreeze: frozen.length,
        missing: missing.length,
        downgraded: downgraded.length,
        stale: stale.length,
        resurrected: resurrected.length,
        leftBehind: leftBehind.length,
        resumedNs: this.resumedNs,
        flows: {
          missing: flowsOf(missing, flows),
          downgraded: flowsOf(downgraded, flows),
          stale: flowsOf(stale, flows),
          resurrected: flowsOf(resurrected, flows),
          leftBehind: flowsOf(leftBehind, flows),
        },
      });
    }
  }
}

type FlowsByScope = (scope: string) => readonly number[];

/** The connections that these items serve, in order, each once. */
function flowsOf(items: readonly ContextItem[], flowsByScope: FlowsByScope): number[] {
  const flows = new Set<number>();
  // Half a million items have three scopes each: no list of them is made.
  for (const item of items) {
    for (const scope of scopesOf(item)) for (const flow of flowsByScope(scope)) flows.add(flow);
  }
  return [...flows].sort((a, b) => a - b);
}

/** Flows by the scopes of items that serve them; sorted when it is asked for first, since most moves lose nothing. */
function flowIndex(connections: readonly TcpIdentity[]): FlowsByScope {
  let index: Map<string, number[]> | null = null;
  return (scope) => {
    index ??= indexed(connections);
    return index.get(scope) ?? [];
  };
}

function indexed(connections: readonly TcpIdentity[]): Map<string, number[]> {
  const index = new Map<string, number[]>();
  for (const connection of connections) {
    for (const scope of connectionScopes(connection)) {
      const flows = index.get(scope);
      if (flows === undefined) index.set(scope, [connection.flow]);
      else flows.push(connection.flow);
    }
  }
  return index;
}
