import type { Size, SizeShare } from '../../models/workload/size.ts';
import { formatQuantity, parseQuantity } from '../units.ts';
import { read, scalar, show, wrong } from './scalar.ts';
import type { Reading, Scalar } from './scalar.ts';

const allowed =
  'a size such as 12 kB, or exponential(12 kB), lognormal(MEDIAN, SIGMA) or mix(SHARE SIZE, …), such as lognormal(12 kB, 1.2) or mix(90 % 1 kB, 10 % 50 kB)';

/** A constant size of a message, or one drawn for each. */
export function messageSize(means: string): Scalar<Size> {
  return scalar({
    means,
    allowed,
    json: { type: 'string', examples: ['12 kB', 'exponential(12 kB)'] },
    read: readSize,
    write: writeSize,
  });
}

function readSize(input: unknown): Reading<Size> {
  if (typeof input !== 'string') return wrong(`${show(input)} has no unit`, allowed);
  const [, law, inside = ''] = /^(\w+)\s*\((.*)\)$/.exec(input.trim()) ?? [];
  if (law === undefined) return withBytes(input, (bytes) => ({ kind: 'constant', bytes }));
  if (law === 'exponential') return withBytes(inside, (meanBytes) => ({ kind: 'exponential', meanBytes }));
  if (law === 'lognormal') return readLognormal(inside);
  if (law === 'mix') return readMix(inside);
  return wrong(`unknown distribution "${law}"`, allowed);
}

function withBytes(text: string, make: (bytes: number) => Size): Reading<Size> {
  const parsed = parseQuantity(text, 'size');
  if (!parsed.ok) return wrong(parsed.message, allowed);
  return parsed.value === 0 ? wrong('a message of 0 B says nothing', allowed) : read(make(parsed.value));
}

function readLognormal(inside: string): Reading<Size> {
  const [median = '', sigmaText = ''] = inside.split(',');
  const sigma = Number(sigmaText);
  const fits = sigmaText.trim() !== '' && sigma >= 0 && sigma <= 5;
  if (!fits) return wrong('sigma is not a number from 0 to 5', allowed);
  return withBytes(median, (medianBytes) => ({ kind: 'lognormal', medianBytes, sigma }));
}

function readMix(inside: string): Reading<Size> {
  const parts: SizeShare[] = [];
  for (const text of inside.split(',')) {
    const [, shareText = '', sizeText = ''] = /^\s*(\S+\s*%)\s*(.*)$/.exec(text) ?? [];
    const share = parseQuantity(shareText, 'share');
    const bytes = parseQuantity(sizeText, 'size');
    if (!share.ok || !bytes.ok || bytes.value === 0)
      return wrong(`"${text.trim()}" is not a share and a size`, allowed);
    parts.push({ share: share.value, bytes: bytes.value });
  }
  const sum = parts.reduce((total, { share }) => total + share, 0);
  if (Math.abs(sum - 1) > 1e-9) return wrong(`the shares add up to ${formatQuantity(sum, 'share')}`, '100 %');
  return read({ kind: 'mix', parts });
}

/** The inverse of reading. */
function writeSize(size: Size): string {
  const text = (bytes: number): string => formatQuantity(bytes, 'size');
  switch (size.kind) {
    case 'constant':
      return text(size.bytes);
    case 'exponential':
      return `exponential(${text(size.meanBytes)})`;
    case 'lognormal':
      return `lognormal(${text(size.medianBytes)}, ${size.sigma})`;
    case 'mix':
      return `mix(${size.parts.map(({ share, bytes }) => `${formatQuantity(share, 'share')} ${text(bytes)}`).join(', ')})`;
  }
}
