import type { ContextMoment, ContextPlan, EnginePlan } from './scheme.ts';

/** An engine as plans name it: by its own name, or by its kind. */
export interface NamedEngine {
  readonly name: string;
  readonly kind: string;
}

/** What a scheme's context plan says of one engine. */
export function enginePlan(context: ContextPlan, { name, kind }: NamedEngine): EnginePlan {
  const { perEngine, engines, rules, entries, fidelity, cap } = context;
  const own = perEngine.find(({ engine }) => engine === name || engine === kind);
  if (own !== undefined) return own;
  const moves = engines === 'all' || engines.includes(name) || engines.includes(kind);
  return { engine: name, rules, entries: moves ? entries : [], fidelity, cap, gated: true };
}

/** Whether any part of any engine's context travels at this moment. */
export function travelsAt({ rules, entries, perEngine }: ContextPlan, moment: ContextMoment): boolean {
  const plans = [{ rules, entries }, ...perEngine];
  return plans.some((plan) => plan.rules.includes(moment) || plan.entries.includes(moment));
}
