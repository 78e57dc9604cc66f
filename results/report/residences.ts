import type { RunOnDisk } from './run-on-disk.ts';

/** A stretch of time that a VM spends at a host in one state; times in ms. */
export interface Residence {
  readonly host: string;
  readonly vm: string;
  readonly state: 'running' | 'paused' | 'expected';
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

/** Where each VM runs, is paused and is expected, from the start of the run to its end. */
export function residences({ scenario, timeline }: RunOnDisk): Residence[] {
  const at = (migration: string, phase: string): number | null =>
    timeline.phases.findLast((reached) => reached.migration === migration && reached.phase === phase)
      ?.time_ms ?? null;
  const order = [...new Set(timeline.phases.map(({ migration }) => migration))];
  return scenario.virtualMachines.flatMap(({ name: vm, host: home }) => {
    const stays: Residence[] = [];
    let host = home;
    let sinceMs = 0;
    let livedMs = timeline.end_ms;
    const stay = (
      place: string,
      state: Residence['state'],
      startMs: number,
      endMs: number,
      text: string,
    ): void => {
      if (endMs > startMs) stays.push({ host: place, vm, state, startMs, endMs, text });
    };
    for (const migration of order) {
      const spec = scenario.migrations.find(({ name }) => name === migration);
      if (spec?.vm !== vm) continue;
      const [reserve, stop, activate] = [
        at(migration, 'reserve'),
        at(migration, 'stop'),
        at(migration, 'activate'),
      ];
      const backMs = activate ?? at(migration, 'failed') ?? timeline.end_ms;
      if (reserve !== null) {
        const text = `${spec.destination} has set memory aside for ${vm} and takes it in`;
        stay(spec.destination, 'expected', reserve, backMs, text);
      }
      if (stop === null) continue;
      stay(host, 'running', sinceMs, stop, `${vm} runs on ${host}`);
      stay(host, 'paused', stop, backMs, `${vm} is paused on ${host}`);
      if (activate !== null) host = spec.destination;
      sinceMs = backMs;
      livedMs = at(migration, 'lost') ?? livedMs;
    }
    stay(host, 'running', sinceMs, livedMs, `${vm} runs on ${host}`);
    return stays;
  });
}
