import type { MigrationSummary } from './migration-summary.ts';
import type { RunSummary } from './summary.ts';

type Fields = Partial<Omit<RunSummary, 'connections' | 'exposure' | 'service_gap_ms' | 'migrations'>> & {
  readonly connections: Partial<RunSummary['connections']>;
  readonly exposure: Partial<RunSummary['exposure']>;
  readonly service_gap_ms: Partial<RunSummary['service_gap_ms']>;
  readonly migrations: readonly Partial<MigrationSummary>[];
};

/** A summary for tests of tables and figures: what is not given is zero, empty, or not observable. */
export function handMadeSummary(scheme: string, fields: Partial<Fields>): RunSummary {
  return {
    ...{
      fields_assumed: 0,
      fields: 0,
      context: { engines: [] },
      context_cpu_ms: 0,
      workloads: [],
      drops: [],
      goodput_mbps: { before: null, during: null, after: null },
      host_cpu: [
        {
          ...{ host: 'a', period: 'during', filtering_cpus: 0.01, copying_cpus: 0.12, context_cpus: 0 },
          ...{ compression_cpus: 0, guests_cpus: 0.88 },
        },
      ],
      transparent: true,
      not_transparent_because: [],
      explained_by_delay: [],
    },
    ...{
      events: 0,
      packets: 0,
      message_latency_ms: blankLatency,
      message_latency_without_move_ms: blankLatency,
    },
    ...fields,
    scheme,
    migrations: (fields.migrations ?? []).map((migration, index) => {
      return { ...blankMigration, move: `m${index + 1}`, ...migration };
    }),
    connections: { ...blankConnections, ...fields.connections },
    service_gap_ms: { ...blankGap, ...fields.service_gap_ms },
    exposure: { ...blankExposure, ...fields.exposure },
  };
}

const blankConnections: RunSummary['connections'] = {
  ...{ total: 0, untouched: 0, stalled: 0, reset: 0, hung: 0, reconnected: 0 },
  ...{ latent_dead: 0, half_open: 0, unresolved: 0 },
};

const blankGap: RunSummary['service_gap_ms'] = {
  probe_longest: null,
  probe_lost: null,
  tcp_p50: null,
  tcp_max: null,
};

const blankLatency: RunSummary['message_latency_ms'] = { p50: null, p99: null, p999: null };

const blankExposure: RunSummary['exposure'] = {
  ...{ attacks_delivered: 0, legitimate_dropped: 0, wrongly_accepted: 0, wrongly_dropped: 0 },
  ...{ consequent: 0, spared: 0 },
  ...{ window_ms: {}, attacks_delivered_by_kind: {}, legitimate_dropped_by_cause: {} },
  ...{ legitimate_lost_by_cause: {}, wrongly_accepted_by_cause: {}, wrongly_dropped_by_cause: {} },
};

const blankMigration: MigrationSummary = {
  ...{
    migration: 'm1',
    move: 'm1',
    attempt: 1,
    vm: 'vm1',
    source: 'a',
    destination: 'b',
    outcome: 'completed',
    reason: '',
  },
  ...{ requested_ms: null, total_ms: null, settled_ms: null, downtime_ms: null, memory_stop_ms: null },
  ...{ context_stop_ms: null, other_stop_ms: null, context_stop_busy_ms: null, rounds: 0, memory_bytes: 0 },
  ...{ context_items: 0, context_bytes: 0, per_round: [] },
  ...{ context_before: { items: 0, bytes: 0 }, context_after: { items: 0, bytes: 0 } },
};
