import { createHash } from 'node:crypto';
import { WordList } from '../word-list.ts';
import type { PageFiles } from './bundle-page.ts';
import { comparisonInWords } from './comparison-in-words.ts';
import { comparisonTable } from './comparison-table.ts';
import { element, escaped, prose } from './markup.ts';
import type { PageData } from './page-data.ts';
import { pageRun, pageViews } from './page-run.ts';
import { pauseFigure } from './pause-figure.ts';
import { contextOf, packetsOf, wordsOf } from './run-article.ts';
import type { RunOnDisk } from './run-on-disk.ts';
import { schemeStrip } from './scheme-strip.ts';
import { listed, shownCount, shownTime } from './shown.ts';

/**
 * One HTML file that tells what runs of the same workload came to: no network, no other file, the same bytes each
 * time. Its content policy admits the one script and the one style sheet in it, by their hashes, and nothing else.
 */
export function reportText(runs: readonly RunOnDisk[], { script, style }: PageFiles): string {
  const [first] = runs;
  const title = `${first?.scenario.name ?? ''} – nseh report`;
  const policy = [
    ...["default-src 'none'", `script-src '${hashSource(script)}'`, `style-src '${hashSource(style)}'`],
    ...["base-uri 'none'", "form-action 'none'"],
  ].join('; ');
  const head = [
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    element('title', {}, [escaped(title)]),
    `<style>${style}</style>`,
  ];
  const body = [
    header(runs),
    element('main', {}, [upshot(runs), sideBySide(runs), workbench(runs)]),
    footer(runs),
    overlays,
    `<script id="data" type="application/json">${json(pageData(runs))}</script>`,
    `<script>${script}</script>`,
  ];
  return `<!doctype html>\n<html lang="en">\n<head>\n${head.join('\n')}\n</head>\n<body>\n${body.join('\n')}\n</body>\n</html>\n`;
}

function pageData(runs: readonly RunOnDisk[]): PageData {
  const words = new WordList();
  const drawn = runs.map((run) => pageRun(run, words));
  return { runs: drawn, words: words.list(), ...pageViews(runs), firstRun: firstRun(runs) };
}

/** The scenario's own scheme, or the first one under which something moves. */
function firstRun(runs: readonly RunOnDisk[]): number {
  const own = runs[0]?.scenario.migrations[0]?.scheme.name;
  const found = runs.findIndex(({ scheme }) => scheme === own);
  const moving = runs.findIndex(({ summary }) => summary.migrations.length > 0);
  return Math.max(0, found >= 0 ? found : moving);
}

/** JSON that cannot end the element that it stands in. */
function json(data: PageData): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}

function hashSource(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function header([first]: readonly RunOnDisk[]): string {
  if (first === undefined) return '';
  const { scenario, manifest, timeline } = first;
  const fact = (name: string, value: string): string =>
    element('li', {}, [`${escaped(name)} `, element('b', {}, [escaped(value)])]);
  return element('header', {}, [
    element('div', {}, [
      element('div', { class: 'brand' }, ['nseh · migration between filtering hypervisors']),
      element('h1', {}, [escaped(scenario.name)]),
      element('p', { class: 'about' }, [escaped(scenario.description)]),
      element('ul', { class: 'facts' }, [
        fact('hosts', listed(scenario.hosts.map(({ name }) => name).slice(0, 8))),
        fact('VMs', some(scenario.virtualMachines.map(({ name }) => name))),
        fact('seed', String(manifest.seed)),
        fact('repetition', String(manifest.repetition)),
        fact('simulated', shownTime(timeline.end_ms)),
      ]),
    ]),
    '<button type="button" id="theme" hidden aria-label="Change the colours">Theme: auto</button>',
  ]);
}

function some(names: readonly string[]): string {
  return names.length <= 4 ? listed(names) : `${names.slice(0, 3).join(', ')} … ${names.length} in all`;
}

function upshot(runs: readonly RunOnDisk[]): string {
  return element('p', { class: 'lead' }, [prose(comparisonInWords(runs))]);
}

function sideBySide(runs: readonly RunOnDisk[]): string {
  const summaries = runs.map(({ summary }) => summary);
  const figure = pauseFigure(runs);
  const about =
    'Time since the guest stopped. Above the line: packets that reached the guest (attacks in purple). Below: legitimate packets that an engine dropped (red) or that were lost on the way (orange). Heights are square roots of counts; the pause is shaded.';
  return element('section', { 'aria-labelledby': 'side-by-side' }, [
    `<h2 id="side-by-side">${runs.length > 1 ? 'Schemes side by side' : 'At a glance'}</h2>`,
    schemeStrip(summaries),
    ...(figure === ''
      ? []
      : [
          '<h3>Around the pause</h3>',
          element('div', { class: 'scroll' }, [figure]),
          element('p', { class: 'note' }, [about]),
        ]),
    element('details', {}, ['<summary>All measures in one table</summary>', comparisonTable(summaries)]),
  ]);
}

function workbench(runs: readonly RunOnDisk[]): string {
  const each = (part: (run: RunOnDisk) => string): string =>
    runs
      .map((run) => {
        const heading = runs.length > 1 ? element('h4', { class: 'quiet' }, [escaped(run.scheme)]) : '';
        return element('div', { 'data-scheme': run.scheme }, [heading, part(run)]);
      })
      .join('');
  return element('section', { 'aria-labelledby': 'closer' }, [
    '<h2 id="closer">What happened</h2>',
    '<div class="bench"><div class="buttons" id="schemes" role="radiogroup" aria-label="Scheme"></div>',
    '<div class="buttons" id="views" role="group" aria-label="Stretch of time"></div></div>',
    each(wordsOf),
    chart('timeline', 'Timeline', 'Hosts, VMs, memory, context, phases and packets over time'),
    keys,
    chart('traffic', 'Traffic', 'Delivered, dropped and lost packets over time'),
    element('p', { class: 'note' }, [
      'Grey behind what was delivered: the same workload when nothing moves, where the report has it.',
    ]),
    chart('connections', 'Connections', 'One row for each connection, the worst outcomes first'),
    '<h3>Packets, and the one that shows it</h3>',
    each(packetsOf),
    '<h3>Security context</h3>',
    each(
      (run) =>
        contextOf(run) ||
        element('p', { class: 'note' }, ['No context was compared: nothing was moved to the end.']),
    ),
  ]);
}

function chart(id: string, title: string, label: string): string {
  return [
    element('h3', {}, [title]),
    `<figure class="chart"><canvas id="${id}" tabindex="0" role="img" aria-label="${label}"></canvas></figure>`,
    id === 'traffic' ? '' : `<ul class="legend" id="${id}-legend"></ul>`,
  ].join('');
}

const keys = element('p', { class: 'note keys' }, [
  'Drag to zoom in, double-click for the whole run, <kbd>Ctrl</kbd> and wheel to zoom. With the chart in focus: ',
  '<kbd>←</kbd> <kbd>→</kbd> move, <kbd>+</kbd> <kbd>−</kbd> zoom, <kbd>0</kbd> whole run, ',
  '<kbd>n</kbd> <kbd>p</kbd> next and previous mark, <kbd>Esc</kbd> closes the box.',
]);

const overlays =
  '<div id="tooltip" role="tooltip" hidden></div><div id="brush" hidden></div><div id="spoken" aria-live="polite"></div>';

function footer(runs: readonly RunOnDisk[]): string {
  const [first] = runs;
  if (first === undefined) return '';
  const { versions, scenario_sha256 } = first.manifest;
  const kept = Object.entries(first.timeline.left_out).map(([list, count]) =>
    shownCount(count, `row of ${list}`, `rows of ${list}`),
  );
  const left = kept.length === 0 ? '' : ` Not kept by the run, and so not shown: ${listed(kept)}.`;
  return element('footer', {}, [
    escaped(
      `Made by nseh ${versions.nseh} from the files of ${shownCount(runs.length, 'run')} alone; scenario ${scenario_sha256.slice(0, 12)}.${left}`,
    ),
  ]);
}
