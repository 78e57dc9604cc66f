// A sweep without files: vary, run on two cores, and print what comes of it with intervals.
import { formatTable, parseSweep, planSweep, sweepInMemory, sweepStatistics } from '../nseh.ts';

/** The text of a table: events of a run by the number of database connections. */
export async function eventsByConnections(folder: string): Promise<string> {
  const sweep = parseSweep(
    `${folder}/in-a-program.yaml`,
    `
format: 1
scenario: quickstart.yaml
set: { until: 2 s, "migrations[0].at": 1 s, "workloads[browsing].connections": 3, "workloads[pushes].connections": 2 }
vary:
  scheme: [none]
  workloads[queries].connections: { values: [1, 8], as: databases }
reps: 3
`,
  );
  const rows = await sweepInMemory(planSweep(sweep), 2);
  const found = sweepStatistics(rows, { by: ['databases'], measures: ['events'], confidence: 0.95 });
  return formatTable(found.table, 'csv');
}
