import { z } from 'zod';
import { flowKinds } from '../flows/make-flow.ts';

/*
 * Handovers of a path from one Linux firewall to another, with real flows and attack probes: the form of
 * results/reference/golden-handover.json.gz. `meta` has rules, probes and the script of events; each run has its
 * parameters, the state of each flow's ends at the cut (not in all sets), and what came out.
 */

/** TCP_INFO and the application's clock of one end just after the cut; null where that never happened. */
const endAtCut = z.object({
  since_last_send_ms: z.number().nullable(),
  since_last_rx_ms: z.number().nullable(),
  unacked: z.number().nullish(),
});

const flow = z.object({
  flow: z.string(),
  kind: z.string(),
  proto: z.enum(['tcp', 'udp']),
  initiator: z.enum(['client', 'vm']),
  survives: z.boolean(),
  first_byte_ms: z.number().nullable(),
  cut: z.object({ con: endAtCut.nullable(), srv: endAtCut.nullable() }).nullish(),
});

/** [reached the VM, sent] of each phase. */
const probePhases = z.record(z.string(), z.tuple([z.number(), z.number()]));

const channel = z.union([z.boolean(), z.literal('control-broken')]);

const run = z.object({
  scheme: z.string(),
  params: z.record(z.string(), z.unknown()),
  blackout_ms: z.number(),
  actual_blackout_ms: z.number(),
  run: z.number(),
  set: z.string().optional(),
  congestion_control: z.string().optional(),
  cut_delay_ms: z.number().nullish(),
  entries: z.number().nullish(),
  B_entries_end: z.number().nullish(),
  load_result: z.tuple([z.number(), z.union([z.string(), z.record(z.string(), z.number())])]).nullish(),
  ftp_announced_data_after_move: z
    .object({ announced_before_opened_after: channel, first_PASV_after: channel, second_PASV_after: channel })
    .optional(),
  new_connections: z
    .object({ 'in-new': z.boolean(), 'out-new': z.boolean(), 'in-new-closed-port': z.boolean() })
    .optional(),
  flows: z.array(flow),
  probes_reached_vm: z.record(z.string(), probePhases),
});

const meta = z.object({
  kernel: z.string(),
  link_rtt_ms: z.number(),
  ports: z.record(z.string(), z.number()),
  rules: z.record(z.string(), z.string()),
  probe_order: z.array(z.object({ name: z.string(), shots: z.number() })),
  observation_after_resume_ms: z.record(z.string(), z.number()),
  idle_flows_speak_at_ms_after_resume: z.object({ default: z.number(), 'late schemes': z.number() }),
});

export const handoverFile = z.object({ meta, runs: z.array(z.unknown()) });
export const handoverRun = run;

export type HandoverMeta = z.infer<typeof meta>;
export type HandoverRun = z.infer<typeof run>;
export type HandoverFlow = z.infer<typeof flow>;
export type EndAtCut = z.infer<typeof endAtCut>;

/** Phases of the probes that are compared; in the blackout none can pass. */
export const probePhaseNames = ['before', 'resume', 'resume+250ms', 'resume+3s'] as const;
export type ProbePhase = (typeof probePhaseNames)[number];

export function isFlowKind(kind: string): kind is (typeof flowKinds)[number] {
  return flowKinds.some((known) => known === kind);
}
