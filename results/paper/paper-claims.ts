import type { Claim } from './claim.ts';
import { contextClaims } from './context-claims.ts';
import { memoryClaims } from './memory-claims.ts';

/**
 * Every published figure: P01 and so on for how memory moves, C1 and so on for security context. Where claims are
 * named, only kinds of claims that have a name among them are run.
 */
export function paperClaims(ids: readonly string[]): Claim[] {
  const context = ids.some((id) => id.startsWith('C'));
  const memory = ids.some((id) => !id.startsWith('C'));
  const all = ids.length === 0;
  return [...(memory || all ? memoryClaims() : []), ...(context || all ? contextClaims() : [])];
}
