// `npm run docs:validation`: runs all figures, writes their rows and pictures, and docs/validation.md. Not a command of nseh.
import { mkdirSync, writeFileSync } from 'node:fs';
import { csv } from '../results/csv.ts';
import { committedPicture, pictureFile, rowsFile } from '../results/paper/committed-figures.ts';
import { claimList, claimListFile } from '../results/paper/claim-list.ts';
import { figureTable } from '../results/paper/figure-table.ts';
import { claimsNamed } from '../results/paper/paper-claims.ts';
import { paperFigures } from '../results/paper/paper-figures.ts';
import { slowParts, validationPage } from '../results/validation/validation-page.ts';

mkdirSync('docs/images/paper', { recursive: true });
for (const figure of paperFigures()) {
  writeFileSync(rowsFile(figure.id), csv(figureTable(figure.id, figure.points())));
  writeFileSync(pictureFile(figure.id), committedPicture(figure));
}
writeFileSync(claimListFile, claimList(claimsNamed([])));
writeFileSync('docs/validation.md', validationPage(await slowParts()));
