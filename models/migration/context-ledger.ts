import { assert } from '../../sim/assert.ts';
import type { VirtualMachine } from '../compute/virtual-machine.ts';
import type { Observations } from '../observations.ts';
import { compareContext, type ContextDifference } from '../security/context-comparison.ts';
import type { ContextItem } from '../security/context-item.ts';
import type { SecurityEngine } from '../security/security-engine.ts';
import { LiveFlows } from './live-flows.ts';

/** One engine's context of the VM: as it froze at the source, and what the destination had at the resume. */
interface Account {
  readonly source: SecurityEngine;
  /** Null where the destination has no such engine. */
  readonly destination: SecurityEngine | null;
  /** Until the resume, when they are compared. */
  frozen: readonly ContextItem[];
  itemsAtFreeze: number;
  difference: ContextDifference | null;
}

/** Compares a VM's context before and after its move, engine by engine. Only looks; changes nothing. */
export class ContextLedger {
  private readonly observations: Observations;
  private readonly migration: string;
  private readonly vm: VirtualMachine;
  private readonly accounts: readonly Account[];
  private frozenNs = -1;
  private stayed = false;
  private resumedNs = -1;
  /** The connections that lived at the freeze. */
  private live = new LiveFlows([]);

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
      itemsAtFreeze: 0,
      difference: null,
    }));
  }

  freeze(nowNs: number): void {
    if (!this.observations.contextCompared.observed) return;
    this.frozenNs = nowNs;
    // An attacker's half-open connection is nobody's loss.
    this.live = new LiveFlows(
      this.vm.stack.connectionsHeld().filter(({ intent }) => intent === 'legitimate'),
    );
    for (const account of this.accounts) {
      account.frozen = account.source.peek(this.vm, nowNs);
      account.itemsAtFreeze = account.frozen.length;
    }
  }

  /** The VM runs again: at the destination, or, where it stayed, at the source. */
  resume(nowNs: number, stayed: boolean): void {
    if (!this.observations.contextCompared.observed) return;
    assert(this.frozenNs >= 0, 'a VM resumes after its context froze');
    this.resumedNs = nowNs;
    this.stayed = stayed;
    for (const account of this.accounts) {
      const resumed = (stayed ? account.source : account.destination)?.peek(this.vm, nowNs) ?? [];
      account.difference = compareContext(account.frozen, resumed, nowNs - this.frozenNs);
      account.frozen = [];
    }
  }

  /** The source has forgotten the VM, or will not: what is there now is left behind. What was told is not told again. */
  close(nowNs: number): void {
    const { live } = this;
    for (const account of this.accounts) {
      const { source, destination, itemsAtFreeze, difference } = account;
      if (difference === null) continue;
      account.difference = null;
      // An engine that both hosts reach, such as a gateway's, is not left behind, nor is anything of a VM that stayed.
      const leftBehind = this.stayed || source === destination ? [] : source.peek(this.vm, nowNs);
      const { missing, downgraded, stale, resurrected } = difference;
      this.observations.contextCompared.publish({
        migration: this.migration,
        engine: source.name,
        itemsAtFreeze,
        missing: missing.length,
        downgraded: downgraded.length,
        stale: stale.length,
        resurrected: resurrected.length,
        leftBehind: leftBehind.length,
        resumedNs: this.resumedNs,
        flows: {
          missing: live.servedBy(missing),
          downgraded: live.servedBy(downgraded),
          stale: live.servedBy(stale),
          resurrected: live.servedBy(resurrected),
          leftBehind: live.servedBy(leftBehind),
        },
      });
    }
    this.live = new LiveFlows([]);
  }
}
