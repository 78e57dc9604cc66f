import { describe, expect, it } from 'vitest';
import { migrationTimes } from './migration-times.ts';
import { runText } from '../run-text.fixture.ts';
import { summarizeEngines } from '../engine-summary.ts';
import type { EngineSummary } from '../engine-summary.ts';

/** A VM with 1,000 entries behind a firewall and a source guard, moved at 1 s, seen until 5 s. */
function engines(scheme: string, until = '5 s'): EngineSummary[] {
  const rows = runText(`
format: 1
start: fixed
until: ${until}
hosts:
  - name: a
    nse: [{ kind: stateful-firewall }, { kind: source-guard, name: guard }]
    migration_link: { rate: 1 Gbit/s, delay: 0 s }
  - name: b
    nse: [{ kind: stateful-firewall }, { kind: source-guard, name: guard }]
    migration_link: { rate: 1 Gbit/s, delay: 0 s }
vms: [{ name: web, host: a, address: 10.0.0.1, memory: 64 MiB, policy: none }]
initial_context: [{ vm: web, entries: 1000, port: 80 }]
migration_defaults: { memory: stop-and-copy }
migrations: [{ vm: web, destination: b, at: 1 s, scheme: ${scheme} }]
`);
  expect(migrationTimes(rows.phases)[0]?.outcome).toBe('completed');
  return summarizeEngines(rows, rows.messages);
}

describe('what it took to move context', () => {
  it('is told for each engine, in items, bytes and time', () => {
    const [firewall, guard] = engines('com-stop');
    // One rule chain of no rules; 1,000 entries of 188 bytes, and one binding of 48.
    expect(firewall).toMatchObject({ items_at_freeze: 1000, missing: 0, refused_items: 0 });
    expect(firewall!.moved_items - 1000).toBeLessThan(5);
    expect(firewall!.moved_bytes - 188_000).toBeLessThan(5 * 45 + 1);
    expect(guard).toMatchObject({ items_at_freeze: 1, missing: 0, moved_items: 2, moved_bytes: 48 + 45 });
    // Reading 5.4 ms and 1.2 us an entry; writing 0.3 ms and 1.46 us, and 3.3 ms for a rule set (costs.json).
    expect(firewall!.export_ms).toBeCloseTo(5.4 + 1.2, 1);
    expect(firewall!.import_ms).toBeCloseTo(3.3 + 0.3 + 1.46, 1);
  });

  it('and what was lost is told also where the source cleans up after the run ends', () => {
    // conntrackd-like cleans up 60 s after the resume; until then all is still at the source.
    const [early] = engines('conntrackd-like');
    expect(early).toMatchObject({ items_at_freeze: 1000, missing: 0, left_behind: 1000 });
    expect(engines('conntrackd-like', '90 s')[0]).toMatchObject({ items_at_freeze: 1000, left_behind: 0 });
  });
});
