import { formatAddress, type Address } from '../network/address.ts';

/** A connection that another one announced, before its first packet. */
export interface Expectation {
  readonly source: Address;
  readonly destination: Address;
  readonly protocol: number;
  readonly destinationPort: number;
  readonly zone: number;
  readonly expiresNs: number;
  /** Identity of the connection that announced it. */
  readonly master: ExpectingConnection;
}

/** The announcing connection: its row, and the number of its extension, which no other entry ever has. */
export interface ExpectingConnection {
  readonly family: 4 | 6;
  readonly row: number;
  readonly extension: number;
}

/** What a new connection shows of itself to be recognised. */
export interface ExpectedEnds {
  readonly source: Address;
  readonly destination: Address;
  readonly protocol: number;
  readonly destinationPort: number;
}

/**
 * Expectations of one tracker. Each connection has at most one, its latest, and it serves once. Source: Linux
 * 6.18, net/netfilter/nf_conntrack_expect.c; the limit of one is the FTP helper's `max_expected`.
 */
export class ExpectationTable {
  private readonly byEnds = new Map<string, Expectation>();

  get count(): number {
    return this.byEnds.size;
  }

  add(expectation: Expectation): void {
    for (const old of this.of(expectation.master.extension)) this.remove(old);
    this.byEnds.set(endsKey(expectation, expectation.zone), expectation);
  }

  /** Whether another connection expects the same. Source: nf_conntrack_expect.c, `__nf_ct_expect_check`. */
  isTaken(expectation: Expectation, nowNs: number): boolean {
    const there = this.byEnds.get(endsKey(expectation, expectation.zone));
    const lives = there !== undefined && there.expiresNs > nowNs;
    return lives && there.master.extension !== expectation.master.extension;
  }

  remove(expectation: Expectation): void {
    this.byEnds.delete(endsKey(expectation, expectation.zone));
  }

  /** Becomes a copy of another one. */
  copyFrom(other: ExpectationTable): void {
    for (const [key, expectation] of other.byEnds) this.byEnds.set(key, expectation);
  }

  /** The live expectation that a new connection fulfils, or null; it stays until it is removed. */
  find(ends: ExpectedEnds, zone: number, nowNs: number): Expectation | null {
    const found = this.byEnds.get(endsKey(ends, zone));
    return found === undefined || found.expiresNs <= nowNs ? null : found;
  }

  /** What the connection with this extension expects. */
  of(extension: number): Expectation[] {
    return [...this.byEnds.values()].filter(({ master }) => master.extension === extension);
  }
}

function endsKey(ends: ExpectedEnds, zone: number): string {
  const { source, destination, protocol, destinationPort } = ends;
  return `${zone} ${protocol} ${formatAddress(source)} ${formatAddress(destination)} ${destinationPort}`;
}
