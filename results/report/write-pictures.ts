// Pictures of a report for its documentation: tsx results/report/write-pictures.ts out/quickstart docs/images
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

const [directory = 'out/quickstart', images = 'docs/images'] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: 1100, height: 800 } });
await page.goto(`file://${resolve(directory)}/report.html`);
await page.locator('html[data-ready]').waitFor({ state: 'attached' });
await page.screenshot({ path: join(images, 'report-schemes.png') });
await page.getByRole('radio', { name: 'stock-accept' }).click();
await page.getByRole('button', { name: 'Show: The pause' }).click();
await page.getByRole('button', { name: 'Later' }).click();
await page.emulateMedia({ colorScheme: 'dark' });
const timeline = page.locator('#timeline');
await page.evaluate("document.querySelector('#timeline').scrollIntoView()");
await page.mouse.wheel(0, -150);
await page.waitForTimeout(300);
const box = await timeline.boundingBox();
if (box !== null) await page.mouse.move(box.x + 700, box.y + 230);
await page.waitForTimeout(300);
await page.screenshot({ path: join(images, 'report-timeline.png') });
await browser.close();
