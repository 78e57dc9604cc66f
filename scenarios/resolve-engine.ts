import type { ScenarioFile } from './file/scenario-file.ts';
import type { EngineSpec } from './scenario.ts';

/** A security engine as the file describes it, of a host or a middlebox. */
export function engineSpec(engine: ScenarioFile['middleboxes'][number]['engine']): EngineSpec {
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
