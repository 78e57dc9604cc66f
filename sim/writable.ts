/** The same fields, to be assigned: of an object that is still being made, or made to be used again. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] };
