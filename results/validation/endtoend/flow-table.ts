import type { FlowKind } from '../flows/make-flow.ts';

export interface FlowRow {
  readonly kind: FlowKind;
  readonly protocol: 'tcp' | 'udp';
  readonly initiator: 'client' | 'vm';
  readonly port: number;
  /** Whose data or requests the other end waits for; idle flows have no gap. */
  readonly sender: 'client' | 'vm' | null;
  /** Opened only after the first snapshot. */
  readonly late: boolean;
}

export const flowNames = [
  'in-bulk-down',
  'in-bulk-up',
  'in-rr',
  'in-idle-client-first',
  'in-idle-vm-first',
  'in-rr-victim',
  'in-idle-victim',
  'in-rr-late',
  'out-bulk-down',
  'out-bulk-up',
  'out-rr',
  'out-idle-vm-first',
  'out-idle-server-first',
  'out-rr-victim',
  'out-rr-late',
  'in-udp-rr',
  'in-udp-vm-push',
  'out-udp-rr',
  'out-udp-server-push',
] as const;

export type FlowName = (typeof flowNames)[number];

/** The flows of the recording (`meta.flows`), on the ports of the measured handovers with the same flows. */
export const flowTable: Readonly<Record<FlowName, FlowRow>> = {
  'in-bulk-down': row('bulk-down', 'tcp', 'client', 7001, 'vm'),
  'in-bulk-up': row('bulk-up', 'tcp', 'client', 7002, 'client'),
  'in-rr': row('rr', 'tcp', 'client', 7003, 'client'),
  'in-idle-client-first': row('con-first', 'tcp', 'client', 7004, null),
  'in-idle-vm-first': row('srv-first', 'tcp', 'client', 7005, null),
  'in-rr-victim': row('rr', 'tcp', 'client', 7010, 'client'),
  'in-idle-victim': row('con-first', 'tcp', 'client', 7012, null),
  'in-rr-late': { ...row('rr', 'tcp', 'client', 7011, 'client'), late: true },
  'out-bulk-down': row('bulk-down', 'tcp', 'vm', 8001, 'client'),
  'out-bulk-up': row('bulk-up', 'tcp', 'vm', 8002, 'vm'),
  'out-rr': row('rr', 'tcp', 'vm', 8003, 'vm'),
  'out-idle-vm-first': row('con-first', 'tcp', 'vm', 8004, null),
  'out-idle-server-first': row('srv-first', 'tcp', 'vm', 8005, null),
  'out-rr-victim': row('rr', 'tcp', 'vm', 8010, 'vm'),
  'out-rr-late': { ...row('rr', 'tcp', 'vm', 8011, 'vm'), late: true },
  'in-udp-rr': row('rr', 'udp', 'client', 7101, 'client'),
  'in-udp-vm-push': row('push', 'udp', 'client', 7102, 'vm'),
  'out-udp-rr': row('rr', 'udp', 'vm', 8101, 'vm'),
  'out-udp-server-push': row('push', 'udp', 'vm', 8102, 'client'),
};

function row(
  kind: FlowKind,
  protocol: 'tcp' | 'udp',
  initiator: 'client' | 'vm',
  port: number,
  sender: FlowRow['sender'],
): FlowRow {
  return { kind, protocol, initiator, port, sender, late: false };
}
