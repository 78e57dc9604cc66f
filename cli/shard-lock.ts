import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ScenarioError } from '../sim/assert.ts';
import { journalFolder, shardName } from '../results/journal.ts';
import type { Shard } from '../results/journal.ts';
import { makeFolder } from '../results/make-folder.ts';

/**
 * Keeps two processes from running one shard at a time. The owner touches its file every few seconds; a file
 * that was not touched for half a minute, or whose process is gone from this machine, is nobody's.
 */
export class ShardLock {
  private readonly file: string;
  private readonly beat: NodeJS.Timeout;

  /** Throws a ScenarioError when another process has the shard. */
  constructor(directory: string, shard: Shard) {
    const folder = join(directory, journalFolder);
    makeFolder(folder);
    this.file = join(folder, `${shardName(shard)}.lock`);
    const owner = lockOwner(this.file);
    if (owner !== null && !(owner.host === hostname() && owner.pid === process.pid)) {
      const message = `is being run by process ${owner.pid} on ${owner.host}`;
      const allowed =
        'wait for it or stop it; another directory with --out; a shard of its own with --shard i/n';
      throw new ScenarioError([{ place: directory, message, allowed }]);
    }
    writeFileSync(this.file, `${JSON.stringify({ pid: process.pid, host: hostname() })}\n`);
    this.beat = setInterval(() => this.touch(), beatMs);
    this.beat.unref();
  }

  release(): void {
    clearInterval(this.beat);
    rmSync(this.file, { force: true });
  }

  private touch(): void {
    const now = new Date();
    if (existsSync(this.file)) utimesSync(this.file, now, now);
  }
}

const beatMs = 5_000;
const deadAfterMs = 30_000;

interface Owner {
  readonly pid: number;
  readonly host: string;
}

/** Who runs a shard now; null for nobody. */
export function lockOwner(file: string): Owner | null {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined || Date.now() - found.mtimeMs > deadAfterMs) return null;
  const match = /"pid":(\d+),"host":"([^"]*)"/.exec(readFileSync(file, 'utf8'));
  if (match?.[1] === undefined || match[2] === undefined) return null;
  const owner = { pid: Number(match[1]), host: match[2] };
  return owner.host === hostname() && !isAlive(owner.pid) ? null : owner;
}

function isAlive(pid: number): boolean {
  return existsSync('/proc') ? existsSync(`/proc/${pid}`) : true;
}
