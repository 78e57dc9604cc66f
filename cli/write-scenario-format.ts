// `npm run docs:format`: writes docs/scenario-format.md from the schema. Not a command of nseh.
import { writeFileSync } from 'node:fs';
import { formatPage } from '../scenarios/format-page.ts';

writeFileSync(new URL('../docs/scenario-format.md', import.meta.url), formatPage());
