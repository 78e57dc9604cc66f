import type { PageData, PageRun } from '../page-data.ts';
import { Chart } from './chart.ts';
import { LaneDrawing } from './lane-drawing.ts';
import { showLegend } from './legend.ts';
import { Tooltip, letPoint } from './pointing.ts';
import { lengthText } from './time-axis.ts';
import { letChooseTheme } from './theme.ts';
import { TrafficDrawing } from './traffic-drawing.ts';
import { Viewport } from './viewport.ts';

/** Brings a report to life: charts of the chosen scheme over one stretch of time, and the ways to change both. */
function start(): void {
  const data = JSON.parse(one('#data', HTMLScriptElement).textContent) as PageData;
  const chosen = data.runs[data.firstRun];
  if (chosen === undefined) return;
  const endMs = data.runs.reduce((end, run) => Math.max(end, run.endMs), 0);
  const view = data.views[data.firstView] ?? { fromMs: 0, toMs: endMs };
  const viewport = new Viewport(endMs, view.fromMs, view.toMs);
  const control = data.runs.find(({ scheme }) => scheme === 'none') ?? null;
  const drawings = (run: PageRun) => ({
    timeline: new LaneDrawing(run.timeline, data.words),
    traffic: new TrafficDrawing(run.traffic, control === run ? null : (control?.traffic ?? null)),
    connections: new LaneDrawing(run.connections, data.words),
  });
  const first = drawings(chosen);
  const charts = {
    timeline: new Chart(one('#timeline', HTMLCanvasElement), viewport, first.timeline),
    traffic: new Chart(one('#traffic', HTMLCanvasElement), viewport, first.traffic),
    connections: new Chart(one('#connections', HTMLCanvasElement), viewport, first.connections),
  };
  const tooltip = new Tooltip(
    one('#tooltip', HTMLElement),
    one('#spoken', HTMLElement),
    one('#brush', HTMLElement),
  );
  for (const chart of Object.values(charts)) letPoint(chart, tooltip);
  let shown = chosen;
  const legends = (): void => {
    showLegend(one('#timeline-legend', HTMLElement), shown.timeline);
    showLegend(one('#connections-legend', HTMLElement), shown.connections);
  };
  const show = (run: PageRun): void => {
    shown = run;
    const next = drawings(run);
    charts.timeline.show(next.timeline);
    charts.traffic.show(next.traffic);
    charts.connections.show(next.connections);
    legends();
    for (const part of document.querySelectorAll<HTMLElement>('[data-scheme]'))
      part.hidden = part.dataset['scheme'] !== run.scheme;
  };
  chooseScheme(data.runs, chosen, show);
  chooseView(data, viewport);
  letChooseTheme(one('#theme', HTMLButtonElement), () => {
    for (const chart of Object.values(charts)) chart.paint();
    legends();
  });
  show(chosen);
  document.documentElement.dataset['ready'] = 'yes';
}

/** One button for each scheme; arrow keys go from one to the next, as in a group of radio buttons. */
function chooseScheme(runs: readonly PageRun[], chosen: PageRun, show: (run: PageRun) => void): void {
  const place = one('#schemes', HTMLElement);
  place.hidden = runs.length < 2;
  const buttons = runs.map((run) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = run.scheme;
    button.setAttribute('role', 'radio');
    return button;
  });
  const select = (index: number, focus: boolean): void => {
    buttons.forEach((button, at) => {
      button.setAttribute('aria-checked', String(at === index));
      button.tabIndex = at === index ? 0 : -1;
    });
    if (focus) buttons[index]?.focus();
    const run = runs[index];
    if (run !== undefined && focus) show(run);
  };
  buttons.forEach((button, index) => {
    button.addEventListener('click', () => select(index, true));
    button.addEventListener('keydown', ({ key }) => {
      const by =
        key === 'ArrowRight' || key === 'ArrowDown' ? 1 : key === 'ArrowLeft' || key === 'ArrowUp' ? -1 : 0;
      if (by !== 0) select((index + by + runs.length) % runs.length, true);
    });
  });
  place.append(...buttons);
  select(runs.indexOf(chosen), false);
}

function chooseView({ views }: PageData, viewport: Viewport): void {
  const button = (text: string, label: string, press: () => void): HTMLButtonElement => {
    const made = document.createElement('button');
    made.type = 'button';
    made.textContent = text;
    made.setAttribute('aria-label', label);
    made.addEventListener('click', press);
    return made;
  };
  const middle = (): number => (viewport.fromMs + viewport.toMs) / 2;
  const named = views.map((view) => {
    const made = button(view.name, `Show: ${view.name}`, () => viewport.show(view.fromMs, view.toMs));
    const mark = (): void => {
      const same = Math.abs(view.fromMs - viewport.fromMs) + Math.abs(view.toMs - viewport.toMs) < 1e-6;
      made.setAttribute('aria-pressed', String(same));
    };
    viewport.listen(mark);
    mark();
    return made;
  });
  const shown = document.createElement('output');
  const tell = (): void => {
    const { fromMs, toMs } = viewport;
    shown.textContent = `${(fromMs / 1000).toFixed(3)} – ${(toMs / 1000).toFixed(3)} s, ${lengthText(toMs - fromMs)}`;
  };
  viewport.listen(tell);
  tell();
  one('#views', HTMLElement).append(
    ...named,
    button('−', 'Zoom out', () => viewport.zoom(2, middle())),
    button('+', 'Zoom in', () => viewport.zoom(0.5, middle())),
    button('◀', 'Earlier', () => viewport.pan(-0.3)),
    button('▶', 'Later', () => viewport.pan(0.3)),
    shown,
  );
}

function one<T extends HTMLElement>(selector: string, kind: new () => T): T {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the report has no ${selector}`);
  return found;
}

start();
