import { formatAddress, parseAddress } from '../../models/network/address.ts';
import type { Address } from '../../models/network/address.ts';
import { suggestion } from '../did-you-mean.ts';
import { templateProblem, withoutArithmetic } from '../template-text.ts';
import { formatQuantity, parseQuantity, unitsOf } from '../units.ts';
import type { Dimension } from '../units.ts';
import { read, scalar, show, wrong } from './scalar.ts';
import type { Reading, Scalar } from './scalar.ts';

/** A number with a unit. */
export function quantity(dimension: Dimension, means: string): Scalar<number> {
  return scalar({
    means,
    allowed: quantityForm(dimension),
    json: { type: 'string', examples: [examples[dimension]] },
    read: (input) => readQuantity(input, dimension),
    write: (value) => formatQuantity(value, dimension),
  });
}

/** A number with a unit, or a word that stands for infinity, such as `never` or `unlimited`. */
export function quantityOr(dimension: Dimension, word: string, means: string): Scalar<number> {
  return scalar({
    means,
    allowed: `${quantityForm(dimension)}, or ${word}`,
    json: { type: 'string', examples: [examples[dimension], word] },
    read: (input) => (input === word ? read(Infinity) : readQuantity(input, dimension)),
    write: (value) => (value === Infinity ? word : formatQuantity(value, dimension)),
  });
}

/** A share of a whole, from 0 % to 100 %; `least` and `most` narrow it. */
export function share(means: string, least = 0, most = 1): Scalar<number> {
  const range = `${formatQuantity(least, 'share')} to ${formatQuantity(most, 'share')}`;
  return scalar({
    means,
    allowed: `a share from ${range}`,
    json: { type: 'string', examples: [examples.share] },
    read: (input) => {
      const reading = readQuantity(input, 'share');
      if (!reading.ok || (reading.value >= least && reading.value <= most)) return reading;
      return wrong(`${show(input)} is out of range`, `a share from ${range}`);
    },
    write: (value) => formatQuantity(value, 'share'),
  });
}

/** A whole number, which needs no unit since it counts things. */
export function count(means: string, least: number, most = Number.MAX_SAFE_INTEGER): Scalar<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
  const allowed = `a whole number, ${range}`;
  const inRange = (input: unknown): input is number =>
    Number.isSafeInteger(input) && bounded(input, least, most);
  return scalar({
    means,
    allowed,
    json: { type: 'integer', minimum: least, ...(most === Number.MAX_SAFE_INTEGER ? {} : { maximum: most }) },
    read: (input) => (inRange(input) ? read(input) : wrong(`${show(input)} is not ${allowed}`, allowed)),
    write: (value) => value,
  });
}

/** A count, or the word `unlimited` for infinity. */
export function countOrUnlimited(means: string, least: number): Scalar<number> {
  const allowed = `a whole number, ${least} or more, or unlimited`;
  return scalar({
    means,
    allowed,
    json: { anyOf: [{ type: 'integer', minimum: least }, { const: 'unlimited' }] },
    read: (input): Reading<number> => {
      if (input === 'unlimited') return read(Infinity);
      if (Number.isSafeInteger(input) && bounded(input, least, Infinity)) return read(Number(input));
      return wrong(`${show(input)} is not ${allowed}`, allowed);
    },
    write: (value) => (value === Infinity ? 'unlimited' : value),
  });
}

/** A plain number without dimension: a factor, an exponent, a weight. */
export function factor(means: string, least: number, most: number): Scalar<number> {
  const allowed = most === Infinity ? `a number, ${least} or more` : `a number from ${least} to ${most}`;
  const inRange = (input: unknown): input is number =>
    typeof input === 'number' && bounded(input, least, most);
  return scalar({
    means,
    allowed,
    json: { type: 'number', minimum: least, ...(most === Infinity ? {} : { maximum: most }) },
    read: (input) =>
      inRange(input) && Number.isFinite(input)
        ? read(input)
        : wrong(`${show(input)} is not ${allowed}`, allowed),
    write: (value) => value,
  });
}

export function flag(means: string): Scalar<boolean> {
  return scalar({
    means,
    allowed: 'true or false',
    json: { type: 'boolean' },
    read: (input) =>
      typeof input === 'boolean'
        ? read(input)
        : wrong(`${show(input)} is neither true nor false`, 'true, false'),
    write: (value) => value,
  });
}

/** One of a closed list of words. */
export function choice<const T extends string>(words: readonly T[], means: string): Scalar<T> {
  const allowed = words.join(', ');
  return scalar({
    means,
    allowed,
    json: { enum: [...words] },
    read: (input) => {
      const found = words.find((word) => word === input);
      if (found !== undefined) return read(found);
      const meant = typeof input === 'string' ? suggestion(input, words) : '';
      return wrong(`unknown value ${show(input)}${meant}`, allowed);
    },
    write: (value) => value,
  });
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/** The name of a thing, or of another thing that the file describes. In templates `{i}` counts. */
export function name(means: string): Scalar<string> {
  const allowed = 'a name of letters, digits, "-", "_" and "."; in templates also {i} or {i + 1}';
  return scalar({
    means,
    allowed,
    json: { type: 'string' },
    read: (input) => {
      // A name such as 1 or 2 is a number to YAML; nothing is lost by taking it as it was written.
      const text = Number.isSafeInteger(input) ? String(input) : input;
      if (typeof text !== 'string') return wrong(`${show(input)} is not a name`, allowed);
      if (text.length > 80) return wrong(`the name ${show(text)} is longer than 80 letters`, allowed);
      const problem = templateProblem(text);
      if (problem !== null) return wrong(problem, 'whole numbers and i with +, -, *, % and parentheses');
      const isName = namePattern.test(withoutArithmetic(text));
      return isName ? read(text) : wrong(`${show(text)} is not a name`, allowed);
    },
    write: (value) => value,
  });
}

/** Any text. */
export function text(means: string): Scalar<string> {
  return scalar({
    means,
    allowed: 'text',
    json: { type: 'string' },
    read: (input) => (typeof input === 'string' ? read(input) : wrong(`${show(input)} is not text`, 'text')),
    write: (value) => value,
  });
}

export function address(means: string): Scalar<Address> {
  const allowed = 'an IPv4 or IPv6 address, such as 10.0.0.7';
  return scalar({
    means,
    allowed,
    json: { type: 'string', examples: ['10.0.0.7'] },
    read: (input) => {
      const parsed = typeof input === 'string' ? parseAddress(input) : undefined;
      return parsed === undefined ? wrong(`${show(input)} is not an address`, allowed) : read(parsed);
    },
    write: formatAddress,
  });
}

export function port(means: string): Scalar<number> {
  return count(means, 1, 65_535);
}

function readQuantity(input: unknown, dimension: Dimension): Reading<number> {
  const form = quantityForm(dimension);
  if (typeof input === 'number') return wrong(`${input} has no unit`, form);
  if (typeof input !== 'string') return wrong(`${show(input)} is not a number with a unit`, form);
  const parsed = parseQuantity(input, dimension);
  return parsed.ok ? read(parsed.value) : wrong(parsed.message, form);
}

function quantityForm(dimension: Dimension): string {
  return `a number and one of ${unitsOf(dimension).join(', ')}, such as ${examples[dimension]}`;
}

function bounded(input: unknown, least: number, most: number): boolean {
  return typeof input === 'number' && input >= least && input <= most;
}

const examples: Readonly<Record<Dimension, string>> = {
  time: '200 ms',
  size: '512 MiB',
  rate: '10 Gbit/s',
  pages: '4096 pages',
  'page-rate': '2000 pages/s',
  share: '5 %',
};

/** The version of a file's format; there is one so far. */
export function formatOne(): Scalar<1> {
  return scalar({
    means: 'version of this format',
    allowed: '1',
    json: { const: 1 },
    read: (input) =>
      input === 1 ? read(1) : wrong(`${show(input)} is no format that this version reads`, '1'),
    write: (value) => value,
  });
}
