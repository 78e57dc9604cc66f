import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../sim/assert.ts';
import { panel } from '../figures/paper-figure.ts';
import type { FigureDesign, FigurePoint } from '../figures/paper-figure.ts';
import { judgePublished } from './judge-published.ts';
import { publishedColumns, readPublishedPoints } from './published-points.ts';
import type { PublishedPoint } from './published-points.ts';

const header = publishedColumns.join(',');
const design: FigureDesign = {
  title: 'made up',
  panels: [
    { ...panel('Downtime', 'lines', 'entries', 'ms'), logX: true },
    panel('Total time', 'bars', '', 's'),
  ],
  badge: '',
};
const own = (panelName: string, x: number | string, y: number): FigurePoint => {
  return { panel: panelName, series: 'com', what: 'simulated', x, y, source: 'a run' };
};
// 10 ms at 100 entries, 30 ms at 10,000: on a logarithmic axis 20 ms at 1,000.
const points = [own('Downtime', 100, 10), own('Downtime', 10_000, 30), own('Total time', 'ftp', 8)];

function typed(lines: string): readonly PublishedPoint[] {
  return readPublishedPoints('mine.csv', `# a comment\n${header}\n${lines}\n`, ['made-up']);
}

describe('points that somebody types in', () => {
  it('are judged at their category, and on a line where it is drawn', () => {
    const { judged, drawn } = judgePublished(
      design,
      points,
      typed(
        'made-up,Downtime,com,1000,22,10,"Author, Fig. 5"\nmade-up,Downtime,com,1000,23,10,Fig. 5\nmade-up,Total time,com,ftp,10,20,Fig. 6',
      ),
    );
    expect(judged.map(({ simulated }) => Math.round(1e9 * simulated) / 1e9)).toEqual([20, 20, 8]);
    // 22 ± 2.2 holds 20, 23 ± 2.3 does not, 10 ± 2 just holds 8.
    expect(judged.map(({ within }) => within)).toEqual([true, false, true]);
    expect(drawn.map(({ what, x, source }) => [what, x, source])).toEqual([
      ['published', 1000, 'Author, Fig. 5'],
      ['published', 1000, 'Fig. 5'],
      ['published', 'ftp', 'Fig. 6'],
    ]);
  });

  it('are refused with their line, all at once, when they cannot be read', () => {
    const read = (): unknown => typed('made-upp,Downtime,com,1,x,5,Fig. 1\nmade-up,Downtime,com,1,1,,');
    expect(read).toThrow(ScenarioError);
    expect(read).toThrow(/did you mean "made-up"/);
    expect(read).toThrow(/mine\.csv:3[^]*y is no number[^]*mine\.csv:4[^]*band_percent[^]*source is empty/);
  });

  it('are refused where the figure has no such panel, series or place', () => {
    const judge = (line: string): unknown => judgePublished(design, points, typed(line));
    expect(() => judge('made-up,Uptime,com,1000,1,5,F')).toThrow(/panel "Uptime" does not exist/);
    expect(() => judge('made-up,Downtime,stock,1000,1,5,F')).toThrow(/series "stock" does not exist/);
    expect(() => judge('made-up,Downtime,com,99,1,5,F')).toThrow(/is not on the line/);
    expect(() => judge('made-up,Total time,com,web,1,5,F')).toThrow(/there is no "web"/);
  });

  it('need the header of the form', () => {
    expect(() => readPublishedPoints('mine.csv', 'x,y\n1,2\n', ['made-up'])).toThrow(/the header/);
  });
});
