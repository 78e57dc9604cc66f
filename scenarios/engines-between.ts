import type { EngineSpec, HostSpec } from './scenario.ts';

/** What becomes of a VM's engines when it goes from one host to another. */
export interface EnginesBetween {
  /** Engines that both hosts have: one of the source, and its counterpart. */
  readonly moved: readonly { readonly from: EngineSpec; readonly to: EngineSpec }[];
  /** Engines of the source that the destination lacks. */
  readonly missing: readonly EngineSpec[];
}

/**
 * Pairs engines as a migration does: name and kind are the same. A gateway's, which both hosts reach, has nothing to
 * move. Of hosts that there are not, none is known.
 */
export function enginesBetween(
  hosts: readonly HostSpec[],
  source: string,
  destination: string,
): EnginesBetween {
  const enginesOf = (host: string): readonly EngineSpec[] | undefined =>
    hosts.find(({ name }) => name === host)?.engines;
  const here = enginesOf(source);
  const there = enginesOf(destination);
  if (here === undefined || there === undefined) return { moved: [], missing: [] };
  const counterpart = (engine: EngineSpec): EngineSpec | undefined =>
    there.find(({ name, kind }) => name === engine.name && kind === engine.kind);
  return {
    moved: here.flatMap((from) => {
      const to = counterpart(from);
      return to === undefined || (isGateway(from) && isGateway(to)) ? [] : [{ from, to }];
    }),
    missing: here.filter((engine) => counterpart(engine) === undefined),
  };
}

function isGateway(engine: EngineSpec): boolean {
  return engine.kind === 'nat' && engine.outer === 'gateway';
}
