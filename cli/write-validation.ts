// `npm run docs:validation`: writes docs/validation.md from the measured data. Not a command of nseh.
import { writeFileSync } from 'node:fs';
import { slowParts, validationPage } from '../results/validation/validation-page.ts';

writeFileSync('docs/validation.md', validationPage(await slowParts()));
