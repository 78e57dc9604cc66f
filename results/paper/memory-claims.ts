import type { Claim } from './claim.ts';
import { clarkClaims } from './clark-2005.ts';
import { compressionClaims } from './compression-claims.ts';
import { hinesClaims } from './hines-2009.ts';
import { throttleClaims } from './qemu-throttle-steps.ts';
import { simgridClaims } from './simgrid-migration.ts';
import { workingSetClaims } from './writable-working-set.ts';
import { xenClaims } from './xen-code.ts';

/** Published figures on how memory moves, by the number of the claim. Runs all of scenarios/paper: some seconds. */
export function memoryClaims(): Claim[] {
  const claims = [
    ...clarkClaims(),
    ...workingSetClaims(),
    ...hinesClaims(),
    ...xenClaims(),
    ...simgridClaims(),
    ...throttleClaims(),
    ...compressionClaims(),
  ];
  return claims.sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
}
