import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageFiles } from './page-files.ts';
import { reportText } from './report-text.ts';
import { runsOnDisk } from './run-on-disk.ts';
import { makeComparison } from './try-comparison.fixture.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);

describe.skipIf(executablePath === undefined)('a report in Chromium (skipped where there is none)', () => {
  let folder = '';
  let comparison = '';
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nseh-report-'));
    comparison = makeComparison(folder, ['none', 'stock-drop', 'com-rounds']);
    browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) complaints.push(`asked for ${request.url()}`);
    });
    await open(page, comparison);
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  it('draws every chart, says nothing on the console and asks for nothing', async () => {
    for (const id of ['timeline', 'traffic', 'connections'])
      expect(Number(await page.locator(`#${id}`).getAttribute('data-marks')), id).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
  });

  it('explains what one points at', async () => {
    await page.getByRole('button', { name: 'Show: The pause' }).click();
    const timeline = page.locator('#timeline');
    await timeline.scrollIntoViewIfNeeded();
    const box = (await timeline.boundingBox())!;
    // The first lane is host a; the pause lies in the middle of its view.
    await page.mouse.move(box.x + 172 + 0.3 * (box.width - 184), box.y + 38);
    const tooltip = page.locator('#tooltip');
    await tooltip.waitFor({ state: 'visible' });
    expect(await tooltip.textContent()).toMatch(/web (runs|is paused) on a.* s to .* s/);
    await page.mouse.move(2, 2);
    await tooltip.waitFor({ state: 'hidden' });
  });

  it('is used by keys alone: marks one by one, zoom, move, whole run', async () => {
    const timeline = page.locator('#timeline');
    const shown = page.locator('output');
    await timeline.focus();
    await page.keyboard.press('n');
    expect(await page.locator('#tooltip').textContent()).toContain('web runs on a');
    expect(await page.locator('#spoken').textContent()).toContain('web runs on a');
    await page.keyboard.press('Escape');
    expect(await page.locator('#tooltip').isVisible()).toBe(false);
    await page.keyboard.press('0');
    // The run lasts 5 s.
    expect(await shown.textContent()).toBe('0.000 – 5.000 s, 5 s');
    await page.keyboard.press('+');
    expect(await shown.textContent()).toBe('1.250 – 3.750 s, 2.5 s');
    await page.keyboard.press('ArrowRight');
    expect(await shown.textContent()).toBe('1.750 – 4.250 s, 2.5 s');
  });

  it('zooms to what is dragged over, and back by a double click', async () => {
    const timeline = page.locator('#timeline');
    await timeline.focus();
    await page.keyboard.press('0');
    const box = (await timeline.boundingBox())!;
    const [left, width] = [box.x + 172, box.width - 184];
    await page.mouse.move(left + 0.2 * width, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(left + 0.3 * width, box.y + 60);
    await page.mouse.move(left + 0.4 * width, box.y + 60);
    await page.mouse.up();
    const text = (await page.locator('output').textContent()) ?? '';
    const [from, to] = text.split(' – ').map(Number.parseFloat);
    // A fifth to two fifths of 5 s, to a pixel or two.
    expect(from).toBeCloseTo(1, 1);
    expect(to).toBeCloseTo(2, 1);
    await timeline.dblclick({ position: { x: 500, y: 60 } });
    expect(await page.locator('output').textContent()).toContain('0.000 – 5.000 s');
  });

  it('shows another scheme when it is chosen, by mouse or arrow key', async () => {
    await page.getByRole('radio', { name: 'stock-drop' }).click();
    expect(await page.locator('[data-scheme="stock-drop"]').first().isVisible()).toBe(true);
    expect(await page.locator('[data-scheme="com-rounds"]').first().isVisible()).toBe(false);
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('[data-scheme="com-rounds"]').first().isVisible()).toBe(true);
  });

  it('is dark where the system is, and where one chooses', async () => {
    const ground = (): Promise<string> =>
      page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.getByRole('button', { name: 'Change the colours' }).click();
    expect(await ground()).toBe(light);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByRole('button', { name: 'Change the colours' }).click();
    expect(await ground()).toBe(dark);
    expect(complaints).toEqual([]);
  });

  it('fits a narrow screen without moving sideways', async () => {
    await page.setViewportSize({ width: 400, height: 800 });
    const beyond = 'document.documentElement.scrollWidth - window.innerWidth';
    await expect.poll(() => page.evaluate<number>(beyond)).toBeLessThanOrEqual(0);
    // The chart is painted anew at the width that is left, 400 less the margins of 16.
    await expect.poll(async () => (await page.locator('#timeline').boundingBox())?.width).toBe(368);
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it('draws 50,000 marks in two seconds, and counts more of them in intervals and says so', async () => {
    const run = join(comparison, 'stock-drop-s1-r0');
    const drops = join(run, 'drops.csv');
    const kept = readFileSync(drops, 'utf8');
    const withDrops = (count: number): void => {
      const [head = ''] = kept.split('\n');
      const rows = Array.from(
        { length: count },
        (_, index) =>
          `${(index * 5000) / count},b/firewall,rule,legitimate,${index % 20},6,1.2.3.4,1,5.6.7.8,2,2,40`,
      );
      writeFileSync(drops, `${head}\n${rows.join('\n')}\n`);
    };
    withDrops(49_000);
    const many = await browser.newPage();
    await open(many, run);
    await many.getByRole('button', { name: 'Show: Whole run' }).click();
    const timeline = many.locator('#timeline');
    await expect.poll(async () => Number(await timeline.getAttribute('data-marks'))).toBeGreaterThan(49_000);
    expect(Number(await timeline.getAttribute('data-drawn-ms'))).toBeLessThan(2000);
    withDrops(120_000);
    await open(many, run);
    expect(Number(await timeline.getAttribute('data-marks'))).toBeLessThan(10_000);
    expect(await many.locator('#data').textContent()).toMatch(/120 000, in \d \d{3} intervals/);
    await many.close();
    writeFileSync(drops, kept);
  }, 60_000);

  async function open(into: Page, directory: string): Promise<void> {
    const file = join(folder, 'report.html');
    writeFileSync(file, reportText(runsOnDisk(directory), pageFiles()));
    await into.goto(`file://${file}`);
    await into.locator('html[data-ready]').waitFor({ state: 'attached' });
  }
});
