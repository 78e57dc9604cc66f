// `npm run docs:reference`: writes docs/reference.md from the program. Not a command of nseh.
import { writeFileSync } from 'node:fs';
import { referencePage } from './reference-page.ts';

writeFileSync(new URL('../docs/reference.md', import.meta.url), referencePage());
