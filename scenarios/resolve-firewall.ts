import type { ScenarioFile } from './file/scenario-file.ts';
import type { StatefulFirewallSpec } from './scenario.ts';

/** A firewall as the file describes it, of a host or a middlebox. */
export function firewallSpec(engine: ScenarioFile['middleboxes'][number]['engine']): StatefulFirewallSpec {
  return {
    kind: 'stateful-firewall',
    name: engine.name,
    table: engine.table,
    tracking: engine.tracking,
    packetNs: engine.packet_cost,
    ruleNs: engine.rule_cost,
    newEntryNs: engine.new_entry_cost,
  };
}
