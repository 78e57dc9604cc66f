// `npx tsx cli/write-lossy-rates.ts [AGE…]`: measures how fast one TCP connection is over lossy paths, for the law of
// streams and for what is held against it; half an hour for each age. Not a command of nseh.
import { writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { measureGrid, measureHeldOut } from '../results/validation/streams/lossy-cells.ts';

const names = { 'linux-2.6': 'lossyRatesLinux26', 'linux-6.x': 'lossyRatesLinux6' };
const ages = ['linux-2.6', 'linux-6.x'] as const;
const wanted = process.argv.slice(2);

for (const age of ages) {
  if (wanted.length > 0 && !wanted.includes(age)) continue;
  const note = (text: string) => (count: number) => process.stderr.write(`${age}: ${text} ${count}\n`);
  const rows = measureGrid(age, note('row'));
  const text = `/** Written by cli/write-lossy-rates.ts: see lossy-grid.ts. */
export const ${names[age]}: readonly (readonly number[])[] = ${JSON.stringify(rows)};`;
  writeFileSync(
    `models/network/lossy-rates-${age}.ts`,
    await format(text, { parser: 'typescript', singleQuote: true, printWidth: 110, trailingComma: 'all' }),
  );
  const cells = measureHeldOut(age, note('held out'));
  const lines = cells.map((cell) => JSON.stringify(cell)).join(',\n');
  writeFileSync(`results/reference/lossy-streams-${age}.json`, `[\n${lines}\n]\n`);
}
