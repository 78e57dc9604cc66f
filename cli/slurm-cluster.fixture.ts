import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const nodes = ['n1', 'n2'];
const programs = ['/usr/sbin/munged', '/usr/sbin/slurmctld', '/usr/sbin/slurmd', '/usr/bin/sbatch'];

/** Why no cluster can be started here; null when one can. */
export function slurmMissing(): string | null {
  const missing = programs.filter((program) => !existsSync(program));
  if (missing.length > 0) return `${missing.join(', ')} not installed (Debian: slurm-wlm)`;
  return process.getuid?.() === 0 ? null : 'the daemons of Slurm want to be started by root';
}

/** Slurm with two virtual nodes on this machine, with files, ports and a key of its own. For tests. */
export class SlurmCluster {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'nseh-slurm-'));
  private readonly daemons: ChildProcess[] = [];

  /** Starts the daemons and waits until both nodes are idle. */
  async start(): Promise<void> {
    chmodSync(this.directory, 0o755);
    const at = (name: string): string => join(this.directory, name);
    for (const folder of ['state', 'spool-n1', 'spool-n2', 'munge']) mkdirSync(at(folder));
    writeFileSync(at('munge/key'), randomBytes(128), { mode: 0o400 });
    writeFileSync(at('slurm.conf'), configuration(this.directory));
    this.daemon('/usr/sbin/munged', [
      ...['--foreground', '--force', `--key-file=${at('munge/key')}`, `--socket=${at('munge/socket')}`],
      ...[
        `--pid-file=${at('munge/pid')}`,
        `--log-file=${at('munge/log')}`,
        `--seed-file=${at('munge/seed')}`,
      ],
    ]);
    await until('munged answers', () => existsSync(at('munge/socket')));
    this.daemon('/usr/sbin/slurmctld', ['-D', '-c', '-f', at('slurm.conf')]);
    for (const node of nodes)
      this.daemon('/usr/sbin/slurmd', ['-D', '-c', '-N', node, '-f', at('slurm.conf')]);
    await until('both nodes are idle', () => {
      const states = this.run('sinfo', '--noheader', '--Node', '--format=%t');
      return states.split('\n').filter((state) => state === 'idle').length === nodes.length;
    });
  }

  /** What a command of Slurm, or a shell script that uses them, prints; empty when the cluster does not answer. */
  run(program: string, ...args: string[]): string {
    try {
      return execFileSync(program, args, {
        env: this.environment(),
        encoding: 'utf8',
        stdio: 'pipe',
      }).trim();
    } catch {
      return '';
    }
  }

  /** Stops all daemons and what they run, and removes their files. */
  async stop(): Promise<void> {
    this.run('scancel', '--full', '--user=root');
    for (const daemon of this.daemons.reverse()) {
      daemon.kill('SIGTERM');
      await sleep(200);
      daemon.kill('SIGKILL');
    }
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }

  private daemon(program: string, args: readonly string[]): void {
    this.daemons.push(spawn(program, args, { env: this.environment(), stdio: 'ignore' }));
  }

  private environment(): NodeJS.ProcessEnv {
    return { ...process.env, SLURM_CONF: join(this.directory, 'slurm.conf') };
  }
}

/** Waits at most a minute until something holds. */
export async function until(what: string, holds: () => boolean, seconds = 60): Promise<void> {
  const endMs = performance.now() + 1000 * seconds;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await sleep(250);
  }
}

/** Two nodes that share this machine: each has its own port and folders, and one CPU of the two. */
function configuration(directory: string): string {
  return `
ClusterName=nseh
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=26817
AuthType=auth/munge
AuthInfo=socket=${directory}/munge/socket
SlurmUser=root
SlurmdUser=root
StateSaveLocation=${directory}/state
SlurmdSpoolDir=${directory}/spool-%n
SlurmctldPidFile=${directory}/slurmctld.pid
SlurmdPidFile=${directory}/slurmd-%n.pid
SlurmctldLogFile=${directory}/slurmctld.log
SlurmdLogFile=${directory}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SlurmdParameters=config_overrides
MaxArraySize=20000
ReturnToService=2
KillWait=5
NodeName=n1 NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=26818 CPUs=1
NodeName=n2 NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=26819 CPUs=1
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}
