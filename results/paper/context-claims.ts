import { achelousClaims } from './achelous-claims.ts';
import type { Claim } from './claim.ts';
import { comClaims } from './com-claims.ts';
import { staleClaims } from './stale-claims.ts';
import { transferClaims } from './transfer-claims.ts';

/** Published figures on how security context moves, by the number of the claim. Runs scenarios/paper/context: some seconds. */
export function contextClaims(): Claim[] {
  const claims = [...comClaims(), ...achelousClaims(), ...transferClaims(), ...staleClaims()];
  return claims.sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)));
}
