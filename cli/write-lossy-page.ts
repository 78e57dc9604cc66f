// `npx tsx cli/write-lossy-page.ts`: writes the tables of streams in docs/models.md. Not a command of nseh.
import { readFileSync, writeFileSync } from 'node:fs';
import { pageWithStreamTables } from '../results/validation/streams/lossy-page.ts';

writeFileSync('docs/models.md', await pageWithStreamTables(readFileSync('docs/models.md', 'utf8')));
