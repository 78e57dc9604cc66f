/**
 * What one end has received: an in-order prefix and pieces beyond it. Offsets count from the other end's SYN,
 * which is offset 0; data begin at 1.
 */
export class TcpReceiver {
  /** The offset expected next (RCV.NXT). */
  nextOffset = 1;
  /** Pieces beyond it, apart and in order, as left, right, left, right … */
  private pieces: number[] = noPieces;
  private finOffset = -1;
  /** The last data that came twice, until they are reported (RFC 2883, 4); -1 without any. */
  private twiceStart = -1;
  private twiceEnd = -1;

  get hasHole(): boolean {
    return this.pieces.length > 0;
  }

  /** Whether the other end's FIN has come in order. */
  get finished(): boolean {
    return this.finOffset >= 0 && this.nextOffset > this.finOffset;
  }

  /** Whether an acknowledgement has selective blocks. */
  get hasBlocks(): boolean {
    return this.twiceStart >= 0 || this.hasHole;
  }

  /** Notes data that had come before. */
  cameTwice(offset: number, bytes: number): void {
    this.twiceStart = offset;
    this.twiceEnd = offset + bytes;
  }

  /** Takes the bytes [offset, offset + bytes); `fin` says that a FIN follows them. Returns the bytes newly in order. */
  accept(offset: number, bytes: number, fin: boolean): number {
    if (this.finished) return 0;
    const end = offset + bytes;
    if (fin) this.finOffset = end;
    const before = this.nextOffset;
    if (end > this.nextOffset) {
      if (offset > this.nextOffset) this.keep(offset, end);
      else {
        this.nextOffset = end;
        this.joinPieces();
      }
    }
    const delivered = this.nextOffset - before;
    if (this.nextOffset === this.finOffset) this.nextOffset++;
    return delivered;
  }

  /**
   * Up to three SACK blocks as offsets: what came twice, once, then the piece that holds `recent`, then others
   * (RFC 2018, 4; RFC 2883, 4).
   */
  sackBlocks(recent: number): number[] {
    const blocks: number[] = [];
    for (let i = 0; i < this.pieces.length; i += 2) {
      const left = this.pieces[i]!;
      const right = this.pieces[i + 1]!;
      if (left <= recent && recent < right) blocks.unshift(left, right);
      else if (blocks.length < 6) blocks.push(left, right);
    }
    if (this.twiceStart >= 0) {
      blocks.unshift(this.twiceStart, this.twiceEnd);
      this.twiceStart = -1;
    }
    return blocks.slice(0, 6);
  }

  private keep(left: number, right: number): void {
    if (this.pieces === noPieces) this.pieces = [];
    let from = 0;
    while (from < this.pieces.length && this.pieces[from + 1]! < left) from += 2;
    let to = from;
    while (to < this.pieces.length && this.pieces[to]! <= right) to += 2;
    const start = to > from ? Math.min(left, this.pieces[from]!) : left;
    const end = to > from ? Math.max(right, this.pieces[to - 1]!) : right;
    this.pieces.splice(from, to - from, start, end);
  }

  private joinPieces(): void {
    while (this.pieces.length > 0 && this.pieces[0]! <= this.nextOffset) {
      this.nextOffset = Math.max(this.nextOffset, this.pieces[1]!);
      this.pieces.splice(0, 2);
    }
  }
}

/** Shared by all connections without a hole; never written to. */
const noPieces: number[] = [];
