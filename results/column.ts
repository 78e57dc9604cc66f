import { assert } from '../sim/assert.ts';

type Store = Float64Array | Int32Array | Uint8Array;

/** A growing list of numbers in a typed array: what a run records by the million. */
export class Column {
  private store: Store;
  private used = 0;

  constructor(kind: 'float64' | 'int32' | 'uint8') {
    this.store = emptyStore(kind);
  }

  get length(): number {
    return this.used;
  }

  push(value: number): void {
    if (this.used === this.store.length) this.store = doubled(this.store);
    this.store[this.used++] = value;
  }

  at(row: number): number {
    assert(row >= 0 && row < this.used, 'a column is read within its rows');
    return this.store[row]!;
  }

  /** Adds to a row that exists. */
  add(row: number, amount: number): void {
    assert(row >= 0 && row < this.used, 'a column is changed within its rows');
    this.store[row]! += amount;
  }
}

function emptyStore(kind: 'float64' | 'int32' | 'uint8'): Store {
  switch (kind) {
    case 'float64':
      return new Float64Array(64);
    case 'int32':
      return new Int32Array(64);
    case 'uint8':
      return new Uint8Array(64);
  }
}

function doubled(store: Store): Store {
  if (store instanceof Float64Array) return filled(new Float64Array(store.length * 2), store);
  if (store instanceof Int32Array) return filled(new Int32Array(store.length * 2), store);
  return filled(new Uint8Array(store.length * 2), store);
}

function filled<S extends Store>(larger: S, store: Store): S {
  larger.set(store);
  return larger;
}
