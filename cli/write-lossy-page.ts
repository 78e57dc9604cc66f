// `npx tsx cli/write-lossy-page.ts`: writes the tables of streams in docs/models.md. Not a command of nseh.
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { pageWithStreamTables } from '../results/validation/streams/lossy-page.ts';

const page = pageWithStreamTables(readFileSync('docs/models.md', 'utf8'));
writeFileSync(
  'docs/models.md',
  await format(page, { parser: 'markdown', printWidth: 110, singleQuote: true }),
);
