import { byteUnit, threeDigits, wholeNumber } from '../three-digits.ts';

/** A time in ms with the unit that suits it: `145 ms`. */
export function shownTime(timeMs: number): string {
  if (timeMs >= 1000) return `${threeDigits(timeMs / 1000)} s`;
  return timeMs >= 1 || timeMs === 0 ? `${threeDigits(timeMs)} ms` : `${threeDigits(timeMs * 1000)} µs`;
}

/** A moment of simulated time in ms: `25.645 s`. */
export function shownMoment(timeMs: number): string {
  return `${(timeMs / 1000).toFixed(3)} s`;
}

/** A size with the unit that suits it: `1.18 GB`. */
export function shownBytes(bytes: number): string {
  const unit = byteUnit([bytes]);
  return `${threeDigits(bytes / unit.size)} ${unit.name}`;
}

/** A count with its noun: `1 packet`, `12 345 packets`. */
export function shownCount(count: number, noun: string, nouns = `${noun}s`): string {
  return `${wholeNumber(count)} ${count === 1 ? noun : nouns}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}
