import { lastAttempts } from './last-attempts.ts';
import { plural } from './plural.ts';
import type { MigrationSummary } from './migration-summary.ts';
import { quantile } from './statistics.ts';
import type { EngineSummary } from './engine-summary.ts';
import type { RunSummary } from './summary.ts';
import { byteUnit, threeDigits, timeUnit, wholeNumber } from './three-digits.ts';

/** A row of the comparison: a label with its unit, and one cell for each scheme. */
export interface TableRow {
  readonly label: string;
  readonly cells: readonly string[];
}

export interface TableSection {
  readonly title: string;
  readonly rows: readonly TableRow[];
}

type Value = number | null;

/** How much of each scheme rests on an assumption, to be shown beside the names; a dash where nothing is known. */
export function assumedRow(schemes: readonly RunSummary[]): TableRow {
  const cells = schemes.map(({ fields, fields_assumed }) =>
    fields === 0 ? '–' : `${fields_assumed} of ${fields}`,
  );
  return { label: 'fields assumed', cells };
}

/** What the comparison shows, in sections; a row that is empty or zero for every scheme is left out where it says so. */
export function tableSections(schemes: readonly RunSummary[]): TableSection[] {
  const most = (counted: (scheme: RunSummary) => number): number => Math.max(...schemes.map(counted));
  const moves = most((scheme) => lastAttempts(scheme.migrations).length);
  const attempts = most((scheme) => scheme.migrations.length);
  const tried = attempts > moves ? ` in ${attempts} attempts` : '';
  const several = attempts > 1 ? `${plural(moves, 'migration')}${tried}` : '';
  const of = several === '' ? '' : `, ${several}`;
  const median = moves > 1 ? `, median of ${several}` : of;
  return [
    { title: `The move${median}`, rows: timeRows(schemes) },
    { title: `Bytes sent, CPU time${of}`, rows: byteRows(schemes) },
    { title: 'What clients see', rows: serviceRows(schemes) },
    { title: 'Security context, entries', rows: contextRows(schemes) },
    { title: 'Security context by engine, missing of those held', rows: engineRows(schemes) },
    { title: 'Connections', rows: connectionRows(schemes) },
    { title: 'Exposure', rows: exposureRows(schemes) },
  ]
    .map(({ title, rows }) => ({ title, rows: rows.filter(saysSomething) }))
    .filter(({ rows }) => rows.length > 0);
}

function timeRows(schemes: readonly RunSummary[]): TableRow[] {
  const medianOf = (field: (migration: MigrationSummary) => Value): Value[] =>
    schemes.map(({ migrations }) =>
      quantile(
        migrations.map(field).filter((value) => value !== null),
        0.5,
      ),
    );
  const downtime = medianOf(({ downtime_ms }) => downtime_ms);
  const unit = timeUnit(present(downtime));
  const part = (label: string, values: readonly Value[]): TableRow => ({
    label: `  ${label} (${unit.name})`,
    cells: values.map((value) => shown(value, unit.size)),
  });
  return [
    timeRow(
      'total time',
      medianOf(({ total_ms }) => total_ms),
    ),
    timeRow('downtime', downtime),
    part(
      'memory, devices',
      medianOf(({ memory_stop_ms }) => memory_stop_ms),
    ),
    part(
      'context alone',
      medianOf(({ context_stop_ms }) => context_stop_ms),
    ),
    part(
      'other',
      medianOf(({ other_stop_ms }) => other_stop_ms),
    ),
    ...unlessSilent(
      countRow(
        'not completed',
        schemes.map(({ migrations }) =>
          migrations.length === 0
            ? null
            : lastAttempts(migrations).filter(({ outcome }) => outcome !== 'completed').length,
        ),
      ),
    ),
  ];
}

function byteRows(schemes: readonly RunSummary[]): TableRow[] {
  const sum = (field: (migration: MigrationSummary) => number): Value[] =>
    schemes.map(({ migrations }) =>
      migrations.length === 0 ? null : migrations.reduce((total, migration) => total + field(migration), 0),
    );
  return [
    byteRow(
      'memory',
      sum(({ memory_bytes }) => memory_bytes),
    ),
    byteRow(
      'context',
      sum(({ context_bytes }) => context_bytes),
    ),
    ...unlessSilent(
      timeRow(
        'context, CPU',
        schemes.map(({ migrations, context_cpu_ms }) => (migrations.length === 0 ? null : context_cpu_ms)),
      ),
    ),
  ];
}

function serviceRows(schemes: readonly RunSummary[]): TableRow[] {
  return [
    timeRow(
      'longest probe gap',
      schemes.map(({ service_gap_ms }) => service_gap_ms.probe_longest),
    ),
    timeRow(
      'message latency, p99',
      schemes.map(({ message_latency_ms }) => message_latency_ms.p99),
    ),
    timeRow(
      'longest TCP gap',
      schemes.map(({ service_gap_ms }) => service_gap_ms.tcp_max),
    ),
  ];
}

function contextRows(schemes: readonly RunSummary[]): TableRow[] {
  const sum = (field: (engine: EngineSummary) => number): Value[] =>
    schemes.map(({ context, migrations }) =>
      migrations.length === 0 ? null : context.engines.reduce((total, engine) => total + field(engine), 0),
    );
  return [
    countRow(
      'held at the freeze',
      sum(({ items_at_freeze }) => items_at_freeze),
    ),
    countRow(
      'missing at the resume',
      sum(({ missing }) => missing),
    ),
    ...unlessSilent(
      countRow(
        '  live connections of those',
        sum(({ live_connections }) => live_connections.missing),
      ),
    ),
    ...unlessSilent(
      byteRow(
        '  what they carry in 60 s',
        sum(({ bytes_next_60s }) => bytes_next_60s.missing),
      ),
    ),
    ...unlessSilent(
      countRow(
        'with less fidelity',
        sum(({ downgraded }) => downgraded),
      ),
    ),
    ...unlessSilent(
      countRow(
        'stale',
        sum(({ stale }) => stale),
      ),
    ),
    ...unlessSilent(
      countRow(
        'resurrected',
        sum(({ resurrected }) => resurrected),
      ),
    ),
    ...unlessSilent(
      countRow(
        'left behind',
        sum(({ left_behind }) => left_behind),
      ),
    ),
  ];
}

/** A row for each engine, where hosts have several. */
function engineRows(schemes: readonly RunSummary[]): TableRow[] {
  const names = [...new Set(schemes.flatMap(({ context }) => context.engines.map(({ engine }) => engine)))];
  if (names.length < 2) return [];
  return names.sort().map((name) => ({
    label: name,
    cells: schemes.map(({ context }) => {
      const found = context.engines.find(({ engine }) => engine === name);
      return found === undefined
        ? '–'
        : `${wholeNumber(found.missing)} of ${wholeNumber(found.items_at_freeze)}`;
    }),
  }));
}

function connectionRows(schemes: readonly RunSummary[]): TableRow[] {
  const row = (label: string, field: keyof RunSummary['connections']): TableRow =>
    countRow(
      label,
      schemes.map(({ connections }) => connections[field]),
    );
  return [
    row('all', 'total'),
    row('untouched', 'untouched'),
    row('stalled', 'stalled'),
    ...unlessSilent(row('reconnected', 'reconnected')),
    ...unlessSilent(row('reset', 'reset')),
    ...unlessSilent(row('hung', 'hung')),
    ...unlessSilent(row('latent-dead', 'latent_dead')),
    ...unlessSilent(row('half-open', 'half_open')),
    ...unlessSilent(row('unresolved', 'unresolved')),
  ];
}

function exposureRows(schemes: readonly RunSummary[]): TableRow[] {
  const windows = schemes.map(({ exposure }) => largest(Object.values(exposure.window_ms)));
  return [
    countRow(
      'attacks delivered',
      schemes.map(({ exposure }) => exposure.attacks_delivered),
    ),
    countRow(
      'legitimate dropped',
      schemes.map(({ exposure }) => exposure.legitimate_dropped),
    ),
    ...unlessSilent(
      countRow(
        'wrongly accepted, at first',
        schemes.map(({ exposure }) => exposure.wrongly_accepted),
      ),
    ),
    ...unlessSilent(
      countRow(
        'wrongly dropped, at first',
        schemes.map(({ exposure }) => exposure.wrongly_dropped),
      ),
    ),
    ...unlessSilent(timeRow('longest open window', windows)),
    {
      label: 'transparent',
      cells: schemes.map(({ transparent }) => (transparent ? 'yes' : 'no')),
    },
  ];
}

function timeRow(label: string, valuesMs: readonly Value[]): TableRow {
  const unit = timeUnit(present(valuesMs));
  return { label: `${label} (${unit.name})`, cells: valuesMs.map((value) => shown(value, unit.size)) };
}

function byteRow(label: string, valuesBytes: readonly Value[]): TableRow {
  const unit = byteUnit(present(valuesBytes));
  return { label: `${label} (${unit.name})`, cells: valuesBytes.map((value) => shown(value, unit.size)) };
}

function countRow(label: string, values: readonly Value[]): TableRow {
  return { label, cells: values.map((value) => (value === null ? '–' : wholeNumber(value))) };
}

function shown(value: Value, size: number): string {
  return value === null ? '–' : threeDigits(value / size);
}

function saysSomething({ cells }: TableRow): boolean {
  return cells.some((cell) => cell !== '–');
}

/** Leaves a row out in which no scheme has anything to say. */
function unlessSilent(row: TableRow): TableRow[] {
  return row.cells.every((cell) => cell === '–' || cell === '0') ? [] : [row];
}

function present(values: readonly Value[]): number[] {
  return values.filter((value) => value !== null);
}

function largest(values: readonly number[]): Value {
  return values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b));
}
