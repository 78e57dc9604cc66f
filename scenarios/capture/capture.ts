import type { Packet } from '../../models/network/packet.ts';

/** Why something in a capture did not become a packet. */
export type CaptureFault =
  /** The file ends within a record. */
  | 'file-truncated'
  /** A record or block whose own lengths contradict each other, or that is larger than any frame. */
  | 'record-broken'
  /** A pcapng packet of an interface that was never described. */
  | 'interface-unknown'
  /** A link layer that is not read. */
  | 'link-type-unknown'
  /** Too few bytes were captured for the headers. */
  | 'headers-not-captured'
  /** The frame carries something else than IP: ARP, LLDP, … */
  | 'not-ip'
  /** Header lengths, versions or IP lengths that cannot be. */
  | 'header-broken'
  /** IP says that it is longer than the frame was. */
  | 'longer-than-frame';

/** One packet of a capture. */
export interface CapturedPacket {
  /** Since the first record of the capture; may be negative when the records are out of order. */
  readonly timeNs: number;
  /** Position among all records of the capture, from 1, as tcpdump counts. */
  readonly record: number;
  /** Name of the interface it was captured on; empty where the capture has none. */
  readonly interface: string;
  readonly packet: Packet;
}

export interface Capture {
  readonly packets: readonly CapturedPacket[];
  /** Records seen: packets and faults together, but for faults of the file itself. */
  readonly records: number;
  /** Time of the first record since 1970. */
  readonly startNs: bigint;
  readonly faults: Readonly<Partial<Record<CaptureFault, number>>>;
}

/** Gathers a capture while it is read. */
export class CaptureBuilder {
  private readonly packets: CapturedPacket[] = [];
  private readonly faults: Partial<Record<CaptureFault, number>> = {};
  private records = 0;
  private startNs: bigint | null = null;
  private lastNs = 0n;

  fault(cause: CaptureFault): void {
    this.faults[cause] = (this.faults[cause] ?? 0) + 1;
  }

  /** One record, read into a packet or not; one that tells no time has that of the record before. */
  record(stampNs: bigint | null, interfaceName: string, read: Packet | CaptureFault): void {
    const timeNs = stampNs ?? this.lastNs;
    this.records++;
    this.lastNs = timeNs;
    if (stampNs !== null) this.startNs ??= stampNs;
    if (typeof read === 'string') this.fault(read);
    else {
      this.packets.push({
        timeNs: Number(timeNs - (this.startNs ?? timeNs)),
        record: this.records,
        interface: interfaceName,
        packet: read,
      });
    }
  }

  build(): Capture {
    return {
      packets: this.packets,
      records: this.records,
      startNs: this.startNs ?? 0n,
      faults: this.faults,
    };
  }
}
