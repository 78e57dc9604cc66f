/** Round moments within a stretch, about so many, and how they are written: seconds with as many digits as tell them apart. */
export function timeTicks(fromMs: number, toMs: number, about: number): { timeMs: number; text: string }[] {
  const stepMs = roundStep((toMs - fromMs) / Math.max(1, about));
  const first = Math.ceil(fromMs / stepMs);
  const last = Math.floor(toMs / stepMs);
  const digits = Math.max(0, Math.ceil(-Math.log10(stepMs / 1000) - 1e-9));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const timeMs = (first + index) * stepMs;
    return { timeMs, text: `${(timeMs / 1000).toFixed(digits)} s` };
  });
}

/** 1, 2 or 5 times a power of ten that is not below the given value. */
export function roundStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  return ([1, 2, 5, 10].find((factor) => factor * power >= atLeast * (1 - 1e-9)) ?? 10) * power;
}

/** A moment, or a stretch with its length. */
export function whenText(startMs: number, endMs: number): string {
  const moment = (timeMs: number): string => `${(timeMs / 1000).toFixed(3)} s`;
  if (endMs === startMs) return `at ${moment(startMs)}`;
  return `${moment(startMs)} to ${moment(endMs)}, ${lengthText(endMs - startMs)}`;
}

/** A stretch of time with a unit that suits it. */
export function lengthText(lengthMs: number): string {
  if (lengthMs >= 1000) return `${digits(lengthMs / 1000)} s`;
  return lengthMs >= 1 ? `${digits(lengthMs)} ms` : `${digits(lengthMs * 1000)} µs`;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
