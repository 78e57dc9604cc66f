import type { EndpointHost } from '../../../models/network/endpoint-host.ts';
import type { Receptions } from './receptions.ts';

/** The end that opens a flow, and the one that is opened to. */
export type FlowEndName = 'connector' | 'acceptor';

/** Where a flow runs. The flow's index stands in every packet of it, and is its own on both hosts. */
export interface FlowPlace {
  readonly connector: EndpointHost;
  readonly acceptor: EndpointHost;
  /** The acceptor listens there, for this flow alone. */
  readonly port: number;
  readonly flow: number;
}

/**
 * One flow as the measured handovers between real firewalls have them (results/reference/golden-handover.json.gz,
 * `meta.flow_kinds`), with the application at both of its ends. Applications sleep and wake on the clocks of
 * their hosts; receptions are in simulated time.
 */
export interface MeasuredFlow {
  readonly place: FlowPlace;
  readonly received: Readonly<Record<FlowEndName, Receptions>>;
  /** The ends that must go on receiving for the flow to be alive. */
  readonly needed: readonly FlowEndName[];
  /** Opens the flow; the acceptor must listen by then. */
  open(): void;
  /** Has the acceptor take the flow, before it is opened. */
  listen(): void;
  /** Has the next block, request or datagram leave at this time of the sender's clock, not when it was due. */
  sendNextAt(timeNs: number): void;
  /** An idle flow breaks its silence; the others pay no heed. */
  speak(): void;
}
