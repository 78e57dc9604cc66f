import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Cell } from './data-table.ts';
import { makeFolder } from './make-folder.ts';

/** One run of a sweep that has ended: its values, or why it has none. */
export interface JournalEntry {
  /** SHA-256 of what ran, see {@link SweepCell}. */
  readonly cell: string;
  readonly rep: number;
  readonly wallMs: number;
  readonly values: readonly Cell[] | null;
  readonly failure: RunFailure | null;
}

export interface RunFailure {
  readonly kind: 'threw' | 'timed out' | 'worker died';
  readonly message: string;
  /** Gets there again. */
  readonly command: string;
}

/**
 * An append-only file of finished runs, one a line with a checksum, so that a line that a kill has torn is known
 * for what it is. It is on the disk's way at once and on the disk within a second, when `flush` is called then.
 */
export class Journal {
  private readonly descriptor: number;
  private dirty = false;

  /** Opens the journal of a shard to add to it. */
  constructor(directory: string, shard: Shard) {
    const folder = join(directory, journalFolder);
    makeFolder(folder);
    this.descriptor = openSync(join(folder, `${shardName(shard)}.jsonl`), 'a+');
    if (!endsInNewline(this.descriptor)) writeSync(this.descriptor, '\n');
  }

  append(entry: JournalEntry): void {
    const run = JSON.stringify(entry);
    const bytes = Buffer.from(`{"sum":"${checksum(run)}","run":${run}}\n`);
    // A full disk may take a part of a line; what is written later stands in a line of its own.
    const written = writeSync(this.descriptor, bytes);
    if (written < bytes.length) writeSync(this.descriptor, bytes, written);
    this.dirty = true;
  }

  /** Puts on the disk what was appended. */
  flush(): void {
    if (this.dirty) fdatasyncSync(this.descriptor);
    this.dirty = false;
  }

  close(): void {
    this.flush();
    closeSync(this.descriptor);
  }
}

/** Shard `index` of `count`, from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export function shardName({ index, count }: Shard): string {
  return `shard-${index}-of-${count}`;
}

export const journalFolder = 'journal';

/** All entries of all shards' journals, in the order in which they were written; broken lines are passed over. */
export function* readJournals(directory: string): Generator<JournalEntry> {
  const folder = join(directory, journalFolder);
  if (!existsSync(folder)) return;
  const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  for (const file of files.sort()) {
    for (const line of linesOf(join(folder, file))) {
      const entry = entryOf(line);
      if (entry !== null) yield entry;
    }
  }
}

function entryOf(line: string): JournalEntry | null {
  const match = /^\{"sum":"([0-9a-f]{8})","run":(.*)\}$/.exec(line);
  if (match?.[2] === undefined || match[1] !== checksum(match[2])) return null;
  // The checksum vouches that this is a line that `append` has written.
  return JSON.parse(match[2]) as JournalEntry;
}

/** The lines of a file that may be larger than memory. */
function* linesOf(file: string): Generator<string> {
  const descriptor = openSync(file, 'r');
  try {
    const chunk = Buffer.alloc(2 ** 20);
    let rest: Buffer[] = [];
    for (let length = readSync(descriptor, chunk); length > 0; length = readSync(descriptor, chunk)) {
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0 && end < length; end = chunk.indexOf(10, start)) {
        yield Buffer.concat([...rest, chunk.subarray(start, end)]).toString('utf8');
        rest = [];
        start = end + 1;
      }
      rest.push(Buffer.from(chunk.subarray(start, length)));
    }
    yield Buffer.concat(rest).toString('utf8');
  } finally {
    closeSync(descriptor);
  }
}

function endsInNewline(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(descriptor, last, 0, 1, size - 1);
  return last[0] === 10;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
