import type { Claim } from './claim.ts';
import { paperClaims as memoryClaims } from './claim-points.ts';
import { contextClaims } from './context-claims.ts';
import { once } from './once.ts';

const onContext = once(contextClaims);

/**
 * Every published figure: P01 and so on for how memory moves, C1 and so on for security context. Where claims are
 * named, only kinds of claims that have a name among them are run.
 */
export function claimsNamed(ids: readonly string[]): Claim[] {
  const context = ids.length === 0 || ids.some((id) => /^C\d/.test(id));
  const memory = ids.length === 0 || ids.some((id) => !/^C\d/.test(id));
  return [...(memory ? memoryClaims() : []), ...(context ? onContext() : [])];
}
