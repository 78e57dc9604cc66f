import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { pageFiles } from './page-files.ts';
import type { PageData } from './page-data.ts';
import { pageViews } from './page-run.ts';
import { pauseFigure } from './pause-figure.ts';
import { reportText } from './report-text.ts';
import type { RunOnDisk } from './run-on-disk.ts';
import { runsOnDisk } from './run-on-disk.ts';
import { withComparison } from './try-comparison.fixture.ts';

describe('a report', () => {
  let runs: readonly RunOnDisk[] = [];
  let html = '';
  beforeAll(() => {
    withComparison(['none', 'stock-drop', 'com-rounds'], (directory) => {
      runs = runsOnDisk(directory);
      html = reportText(runs, pageFiles());
    });
  });

  it('is the same bytes each time it is made of the same files', () => {
    expect(reportText(runs, pageFiles())).toBe(html);
  });

  it('admits nothing but its own script and style sheet, by their hashes', () => {
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|data:|\*/);
    const { script, style } = pageFiles();
    for (const text of [script, style])
      expect(policy).toContain(createHash('sha256').update(text).digest('base64'));
    expect(html).not.toMatch(/ (on[a-z]+|style|src|href)=/);
    expect(html).not.toMatch(/https?:\/\/|@import|url\(/);
  });

  it('keeps names that look like markup as text', () => {
    const [first] = runs;
    const named = { ...first!, scenario: { ...first!.scenario, name: '</script><b onclick="x">&' } };
    const text = reportText([named], { script: '', style: '' });
    expect(text).not.toContain('<b onclick');
    expect(text).toContain('&lt;/script&gt;&lt;b onclick=&quot;x&quot;&gt;&amp;');
    expect(text.match(/<\/script>/g)).toHaveLength(2);
  });

  it('shows every scheme side by side with its verdict', () => {
    expect(html).toMatch(/stock-drop<\/span>.*?✕ not transparent/s);
    expect(html).toMatch(/com-rounds<\/span>.*?✓ transparent/s);
    expect(html).toMatch(/>none<\/span>.*?control/s);
  });

  it('shows the pause of the attempt that succeeded, whatever earlier ones came to', () => {
    const run = runs.find(({ scheme }) => scheme === 'com-rounds')!;
    const [completed] = run.summary.migrations;
    const stop = run.timeline.phases.find(({ phase }) => phase === 'stop')!;
    const failed = { ...completed!, migration: 'earlier', outcome: 'failed' as const };
    const tried: RunOnDisk = {
      ...run,
      summary: { ...run.summary, migrations: [failed, completed!] },
      timeline: {
        ...run.timeline,
        phases: [{ ...stop, migration: 'earlier', time_ms: 1 }, ...run.timeline.phases],
      },
    };
    expect(pauseFigure([run])).toMatch(/pause \d/);
    expect(pauseFigure([tried])).toBe(pauseFigure([run]));
    expect(pageViews([tried])).toEqual(pageViews([run]));
  });

  it('shows beside each cause a packet that met it', () => {
    // Under stock-drop the destination lets nothing through: the chain is closed.
    expect(html).toMatch(/Wrongly dropped.*?closed-chain.*?<code>[\d.]+ &gt; 198\.51\.100\.10\.\d+: /s);
  });

  it('has lanes for hosts, memory, context, phases and packets', () => {
    const data = JSON.parse(/application\/json">(.*?)<\/script>/s.exec(html)![1]!) as PageData;
    const shown = data.runs[data.firstRun]!;
    expect(shown.scheme).toBe('com-rounds');
    expect(shown.timeline.map(({ label }) => label)).toEqual(
      expect.arrayContaining(['a', 'b', 'memory', 'context', 'phases', 'attacks dropped']),
    );
    for (const { marks } of shown.timeline) expect(marks.length % 6).toBe(0);
    expect(data.views.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Whole run', 'The move', 'The pause']),
    );
    const own = data.words.filter((word) => word.includes(' announces that web is there'));
    expect(own).toEqual(['b announces that web is there']);
  });

  it('of one run is made of its own directory', () => {
    withComparison(['none', 'com-stop'], (directory) => {
      const [run, ...more] = runsOnDisk(`${directory}/com-stop-s1-r0`);
      expect(more).toEqual([]);
      const text = reportText([run!], { script: '', style: '' });
      expect(text).toContain('Under com-stop the move did no harm');
      expect(text).not.toContain('Schemes side by side');
    });
  });

  it('is refused for a directory that holds no run', () => {
    expect(() => runsOnDisk('results/reference')).toThrow(/holds no run and no comparison/);
  });
});
