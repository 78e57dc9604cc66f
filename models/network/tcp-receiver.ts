/**
 * What one end has received: an in-order prefix and pieces beyond it. Offsets count from the other end's SYN,
 * which is offset 0; data begin at 1.
 */
export interface TcpReceiver {
  /** The offset expected next (RCV.NXT). */
  expectedOffset: number;
  /** Pieces beyond it, a FIN included, apart and in order, as left, right, left, right …; {@link noPieces} before any. */
  pieces: number[];
  /** Of the other end's FIN, -1 before it has come. */
  finOffset: number;
  /** The last data that came twice, until they are reported (RFC 2883, 4); -1 without any. */
  twiceStart: number;
  twiceEnd: number;
}

export function hasHole(receiver: TcpReceiver): boolean {
  return receiver.pieces.length > 0;
}

/** Whether the other end's FIN has come in order. */
export function hasFinished(receiver: TcpReceiver): boolean {
  return receiver.finOffset >= 0 && receiver.expectedOffset > receiver.finOffset;
}

/** Whether an acknowledgement has selective blocks. */
export function hasSackBlocks(receiver: TcpReceiver): boolean {
  return receiver.twiceStart >= 0 || hasHole(receiver);
}

/** Notes data that had come before. */
export function noteTwice(receiver: TcpReceiver, offset: number, bytes: number): void {
  receiver.twiceStart = offset;
  receiver.twiceEnd = offset + bytes;
}

/** Takes the bytes [offset, offset + bytes); `fin` says that a FIN follows them. Returns the bytes newly in order. */
export function acceptData(receiver: TcpReceiver, offset: number, bytes: number, fin: boolean): number {
  if (hasFinished(receiver)) return 0;
  const end = offset + bytes;
  if (fin) receiver.finOffset = end;
  const before = receiver.expectedOffset;
  if (end > receiver.expectedOffset) {
    if (offset > receiver.expectedOffset) keepPiece(receiver, offset, end + (fin ? 1 : 0));
    else {
      receiver.expectedOffset = end;
      joinPieces(receiver);
    }
  }
  if (receiver.expectedOffset === receiver.finOffset) receiver.expectedOffset++;
  return receiver.expectedOffset - before - (hasFinished(receiver) ? 1 : 0);
}

/**
 * Up to three SACK blocks as offsets: what came twice, once, then the piece that holds `recent`, then others
 * (RFC 2018, 4; RFC 2883, 4).
 */
export function sackBlocksOf(receiver: TcpReceiver, recent: number): number[] {
  const blocks: number[] = [];
  for (let i = 0; i < receiver.pieces.length; i += 2) {
    const left = receiver.pieces[i]!;
    const right = receiver.pieces[i + 1]!;
    if (left <= recent && recent < right) blocks.unshift(left, right);
    else if (blocks.length < 6) blocks.push(left, right);
  }
  if (receiver.twiceStart >= 0) {
    blocks.unshift(receiver.twiceStart, receiver.twiceEnd);
    receiver.twiceStart = -1;
  }
  return blocks.slice(0, 6);
}

function keepPiece(receiver: TcpReceiver, left: number, right: number): void {
  if (receiver.pieces === noPieces) receiver.pieces = [];
  let from = 0;
  while (from < receiver.pieces.length && receiver.pieces[from + 1]! < left) from += 2;
  let to = from;
  while (to < receiver.pieces.length && receiver.pieces[to]! <= right) to += 2;
  const start = to > from ? Math.min(left, receiver.pieces[from]!) : left;
  const end = to > from ? Math.max(right, receiver.pieces[to - 1]!) : right;
  receiver.pieces.splice(from, to - from, start, end);
}

function joinPieces(receiver: TcpReceiver): void {
  while (receiver.pieces.length > 0 && receiver.pieces[0]! <= receiver.expectedOffset) {
    receiver.expectedOffset = Math.max(receiver.expectedOffset, receiver.pieces[1]!);
    receiver.pieces.splice(0, 2);
  }
}

/** Shared by all connections without a hole; never written to. */
export const noPieces: number[] = [];
