import { readFileSync } from 'node:fs';
import { projectFile } from '../project-file.ts';
import type { Claim } from './claim.ts';

/** A claim without what only its run tells; its verdict is that of the last `npm run docs:validation`. */
export type ListedClaim = Omit<Claim, 'simulated' | 'note' | 'band'>;

/** The list of all claims, from the root of the repository: what each is can be said without a run. */
export const claimListFile = 'scenarios/paper/claims.json';

/** All claims as they are kept in {@link claimListFile}. */
export function listedClaims(): readonly ListedClaim[] {
  return JSON.parse(readFileSync(projectFile(claimListFile), 'utf8')) as readonly ListedClaim[];
}

/** What {@link claimListFile} holds: a claim a line. */
export function claimList(claims: readonly Claim[]): string {
  return `[\n${claims.map((claim) => JSON.stringify(listed(claim))).join(',\n')}\n]\n`;
}

function listed({ id, what, source, file, kind, within, ...rest }: Claim): ListedClaim {
  const { calibrated_on, free_parameters, published } = rest;
  return { id, what, source, file, kind, calibrated_on, free_parameters, published, within };
}
