/** What is asked of one figure, and whether it is met. A figure of which the data have nothing misses nothing. */
export interface Bar {
  readonly figure: string;
  readonly limit: number;
  /** Null where the data have none. */
  readonly reached: number | null;
  readonly met: boolean;
}

export function atLeast(figure: string, limit: number, reached: number | null): Bar {
  return { figure, limit, reached, met: reached === null || reached >= limit };
}

export function atMost(figure: string, limit: number, reached: number | null): Bar {
  return { figure, limit, reached, met: reached === null || reached <= limit };
}

/** The share that a part is of a whole; null where there is nothing. */
export function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
