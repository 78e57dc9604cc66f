import type { Command } from '@commander-js/extra-typings';
import type { Claim } from '../results/paper/claim.ts';
import { paperClaims } from '../results/paper/paper-claims.ts';
import { threeDigits } from '../results/three-digits.ts';
import { ScenarioError } from '../sim/assert.ts';
import { plainTable } from './plain-table.ts';
import type { Screen } from './screen.ts';

/** `nseh paper [ID…]`: published figures beside what the simulator makes of them. */
export function register(program: Command, screen: Screen): void {
  program
    .command('paper')
    .description('remake published figures and hold them against what was published; exit 3 out of band')
    .argument('[ids...]', 'claims, such as P04; all without one')
    .option('--list', 'say only what each claim is')
    .option('--json', 'print one JSON object')
    .action((ids, { list, json }) => {
      const claims = chosen(paperClaims(ids), ids);
      if (json === true) screen.print(JSON.stringify({ claims }));
      else if (list === true)
        for (const { id, what, source, file } of claims)
          screen.print(`${id}  ${what} (${source}; scenarios/paper/${file})`);
      else {
        screen.print(claimsTable(claims));
        for (const { id, what, note } of claims) if (note !== '') screen.print(`${id}, ${what}: ${note}`);
      }
      if (claims.some(({ within }) => within === false)) screen.finishWith(3);
    });
}

function chosen(claims: readonly Claim[], ids: readonly string[]): readonly Claim[] {
  const known = claims.map(({ id }) => id);
  const unknown = ids.filter((id) => !known.includes(id));
  if (unknown.length > 0) {
    throw new ScenarioError(
      unknown.map((place) => ({ place, message: 'is no claim', allowed: [...new Set(known)].join(', ') })),
    );
  }
  return ids.length === 0 ? claims : claims.filter(({ id }) => ids.includes(id));
}

function claimsTable(claims: readonly Claim[]): string {
  const rows = claims.map(({ id, what, kind, published, simulated, within }) => {
    const verdict = within === null ? '' : within ? 'within' : 'MISSED';
    return [id, what, kind, figures(published), figures(simulated), verdict];
  });
  const head = ['claim', 'what', 'kind', 'published', 'simulated', 'verdict'];
  return plainTable(head, [null, 42, null, 28, 28, null], rows);
}

function figures(values: readonly number[]): string {
  const shown = values.slice(0, 8).map(threeDigits).join(', ');
  return values.length > 8 ? `${shown}, … (${values.length})` : shown;
}
