import type { EngineKind, ExportLevel } from './security-engine.ts';

/** Whether an engine of this kind, with an interface of this level, gives nothing away of dynamic context. */
export function givesNothing(kind: Exclude<EngineKind, 'custom'>, exports: ExportLevel): boolean {
  return exports === 'none' || (exports === 'partial' && !givesParts[kind]);
}

/** Whether a part of an item means anything to such an engine: what else there is, only it knows. */
const givesParts: Readonly<Record<Exclude<EngineKind, 'custom'>, boolean>> = {
  'stateful-firewall': true,
  'source-guard': false,
  nat: false,
  'intrusion-prevention': true,
  'rate-limiter': false,
  'syn-proxy': false,
  ipsec: true,
};
