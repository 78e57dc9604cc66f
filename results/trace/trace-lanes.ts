/** A thread of a process. */
export interface Lane {
  readonly pid: number;
  readonly tid: number;
}

/** One event of a trace before it is written: a slice, a mark, the start or end of an arrow, a counter. */
export interface TraceEvent extends Lane {
  readonly ph: 'X' | 'i' | 's' | 'f' | 'C';
  readonly name: string;
  readonly cat: string;
  readonly timeNs: number;
  /** Of a slice. */
  readonly durationNs?: number;
  /** Of an arrow. */
  readonly id?: number;
  readonly bp?: 'e';
  /** Of a mark: on its thread. */
  readonly s?: 't';
  readonly args?: Readonly<Record<string, string | number>>;
}

/** Gives out processes and threads by name, numbered from 1 in the order in which they are asked for. */
export class TraceLanes {
  private readonly pids: ReadonlyMap<string, number>;
  private readonly threads = new Map<string, Lane & { readonly name: string }>();
  private readonly threadsOf = new Map<number, number>();
  private readonly network: string;

  constructor(hosts: readonly string[], network: string) {
    const names = [...hosts, network];
    this.pids = new Map(names.map((name, index) => [name, index + 1]));
    this.network = network;
  }

  process(name: string): { readonly pid: number } {
    return { pid: this.pids.get(name) ?? this.pids.size };
  }

  thread(process: string, name: string): Lane {
    const { pid } = this.process(process);
    const key = `${pid} ${name}`;
    const known = this.threads.get(key);
    if (known !== undefined) return { pid, tid: known.tid };
    const tid = (this.threadsOf.get(pid) ?? 0) + 1;
    this.threadsOf.set(pid, tid);
    this.threads.set(key, { pid, tid, name });
    return { pid, tid };
  }

  /** The names, for all that was asked for and every process. */
  metadata(): object[] {
    const processes = [...this.pids].flatMap(([name, pid]) => [
      named('process_name', { pid, tid: 0 }, name === this.network ? name : `host ${name}`),
      { ph: 'M', name: 'process_sort_index', pid, tid: 0, ts: 0, args: { sort_index: pid } },
      named('thread_name', { pid, tid: 0 }, 'counters'),
    ]);
    return [
      ...processes,
      ...[...this.threads.values()].map(({ name, ...lane }) => named('thread_name', lane, name)),
    ];
  }
}

function named(what: 'process_name' | 'thread_name', { pid, tid }: Lane, name: string): object {
  return { ph: 'M', name: what, pid, tid, ts: 0, args: { name } };
}
