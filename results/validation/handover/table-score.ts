import type { SimulatedRun } from './handover-cells.ts';

/** What else a run recorded, each figure once a run: those there are, and those that the simulation has too. */
export interface AgreementCount {
  readonly recorded: number;
  readonly agreeing: number;
}

/** Entries copied, entries at the second firewall in the end, and errors of a load by netlink by their names. */
export function entryScore(runs: readonly SimulatedRun[]): AgreementCount {
  return agreement(
    runs.flatMap(({ run, outcome }) => {
      const found: [unknown, unknown][] = [];
      if (typeof run.entries === 'number') found.push([run.entries, outcome.copied.length]);
      if (typeof run.B_entries_end === 'number') found.push([run.B_entries_end, outcome.entriesAtEnd]);
      const errors = run.load_result?.[1];
      if (typeof errors === 'object') found.push([sorted(errors), sorted(named(outcome.loadErrors))]);
      return found;
    }),
  );
}

/** Whether FTP's data channels could be opened: the one announced before, and those of two more PASV. */
export function ftpScore(runs: readonly SimulatedRun[]): AgreementCount {
  return agreement(
    runs.flatMap(({ run, outcome }) => {
      const { ftp_announced_data_after_move: measured } = run;
      const { ftp } = outcome;
      if (measured === undefined || ftp === null) return [];
      return [
        [measured.announced_before_opened_after, ftp.announcedBefore],
        [measured.first_PASV_after, ftp.firstPassive],
        [measured.second_PASV_after, ftp.secondPassive],
      ];
    }),
  );
}

/** Whether connections came about that were first tried after the move. */
export function newConnectionScore(runs: readonly SimulatedRun[]): AgreementCount {
  return agreement(
    runs.flatMap(({ run, outcome }) => {
      const { new_connections: measured } = run;
      const { newConnections } = outcome;
      if (measured === undefined || newConnections === null) return [];
      return [
        [measured['in-new'], newConnections.inNew],
        [measured['out-new'], newConnections.outNew],
        [measured['in-new-closed-port'], newConnections.inClosedPort],
      ];
    }),
  );
}

function agreement(pairs: readonly (readonly [measured: unknown, simulated: unknown])[]): AgreementCount {
  return { recorded: pairs.length, agreeing: pairs.filter(([a, b]) => a === b).length };
}

const errorNames: Readonly<Record<number, string>> = {
  [-2]: 'ENOENT',
  [-12]: 'ENOMEM',
  [-16]: 'EBUSY',
  [-17]: 'EEXIST',
};

function named(errors: ReadonlyMap<number, number>): Record<string, number> {
  return Object.fromEntries([...errors].map(([errno, count]) => [errorNames[errno] ?? String(errno), count]));
}

function sorted(counts: Readonly<Record<string, number>>): string {
  return JSON.stringify(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
