import { assert } from '../../sim/assert.ts';
import type { Observations } from '../observations.ts';
import type { ConnectionSnapshot } from '../security/connection-snapshot.ts';
import { compareContext, type ContextDifference } from '../security/context-comparison.ts';
import type { SecurityEngine, Subject } from '../security/security-engine.ts';

/** One engine's context of the VM: as it froze at the source, and what the destination had at the resume. */
interface Account {
  readonly source: SecurityEngine;
  readonly destination: SecurityEngine;
  frozen: readonly ConnectionSnapshot[];
  difference: ContextDifference | null;
}

/** Compares a VM's context before and after its move, engine by engine. Only looks; changes nothing. */
export class ContextLedger {
  private readonly observations: Observations;
  private readonly migration: string;
  private readonly vm: Subject;
  private readonly accounts: readonly Account[];
  private frozenNs = -1;

  constructor(
    observations: Observations,
    migration: string,
    vm: Subject,
    pairs: readonly (readonly [SecurityEngine, SecurityEngine])[],
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
    for (const account of this.accounts) account.frozen = account.source.peek(this.vm, nowNs);
  }

  resume(nowNs: number): void {
    if (!this.observations.contextCompared.observed) return;
    assert(this.frozenNs >= 0, 'a VM resumes after its context froze');
    for (const account of this.accounts) {
      const resumed = account.destination.peek(this.vm, nowNs);
      account.difference = compareContext(account.frozen, resumed, nowNs - this.frozenNs);
    }
  }

  /** The source has forgotten the VM, or never will: what is there now is left behind. */
  close(nowNs: number): void {
    for (const { source, frozen, difference } of this.accounts) {
      if (difference === null) continue;
      this.observations.contextCompared.publish({
        migration: this.migration,
        engine: source.name,
        itemsAtFreeze: frozen.length,
        ...difference,
        leftBehind: source.held(this.vm, nowNs),
      });
    }
  }
}
