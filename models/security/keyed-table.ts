import type { ItemFields } from './context-item.ts';

/** What is kept under a key, and when it was written. */
export interface Slot<Fields extends ItemFields> {
  readonly owner: string;
  readonly key: string;
  readonly fields: Fields;
  readonly lifetimeNs: number;
  readonly expiresNs: number;
  readonly changedNs: number;
}

/** A slot that was removed, and when. */
interface Removed<Fields extends ItemFields> {
  readonly timeNs: number;
  readonly slot: Slot<Fields>;
}

/**
 * Items under keys, each owned by one VM, with the times at which they changed: what engines other than
 * connection tracking keep. Items that are over are gone for everybody who looks. An item may have a second
 * name that is unique in the whole table, whoever owns it.
 */
export class KeyedTable<Fields extends ItemFields> {
  private readonly itemsMax: number;
  private readonly secondName: (fields: Fields, key: string) => string | null;
  private readonly owners = new Map<string, Map<string, Slot<Fields>>>();
  private readonly bySecondName = new Map<string, Slot<Fields>>();
  /** From the first snapshot on; null before it. */
  private removed: Removed<Fields>[] | null = null;
  private itemCount = 0;

  /** `itemsMax` is Infinity for no limit. */
  constructor(itemsMax: number, secondName: (fields: Fields, key: string) => string | null) {
    this.itemsMax = itemsMax;
    this.secondName = secondName;
  }

  /** Items of all owners, those included that are over and were not swept out yet. */
  get count(): number {
    return this.itemCount;
  }

  get isFull(): boolean {
    return this.itemCount >= this.itemsMax;
  }

  find(owner: string, key: string, nowNs: number): Slot<Fields> | null {
    return live(this.owners.get(owner)?.get(key), nowNs);
  }

  findBySecondName(name: string, nowNs: number): Slot<Fields> | null {
    return live(this.bySecondName.get(name), nowNs);
  }

  /** Writes an item, in the place of the one that is there. */
  write(slot: Slot<Fields>): void {
    const present = this.owners.get(slot.owner)?.get(slot.key);
    if (present === undefined) this.itemCount += 1;
    else this.forgetSecondName(present);
    const own = this.owners.get(slot.owner);
    if (own === undefined) this.owners.set(slot.owner, new Map([[slot.key, slot]]));
    else own.set(slot.key, slot);
    const name = this.secondName(slot.fields, slot.key);
    if (name !== null) this.bySecondName.set(name, slot);
  }

  remove(owner: string, key: string, nowNs: number): void {
    const slot = this.owners.get(owner)?.get(key);
    if (slot === undefined) return;
    this.owners.get(owner)?.delete(key);
    this.forgetSecondName(slot);
    this.itemCount -= 1;
    this.removed?.push({ timeNs: nowNs, slot });
  }

  /** The owner's items, in the order in which they first came. */
  ofOwner(owner: string, nowNs: number): Slot<Fields>[] {
    return [...(this.owners.get(owner)?.values() ?? [])].filter((slot) => slot.expiresNs > nowNs);
  }

  /** Takes out every item that is over. */
  sweep(nowNs: number): void {
    for (const [owner, own] of this.owners) {
      for (const [key, slot] of own) if (slot.expiresNs <= nowNs) this.remove(owner, key, nowNs);
    }
  }

  /** Takes out the item that would be over first, if there is one. */
  evict(nowNs: number): void {
    let first: Slot<Fields> | null = null;
    for (const own of this.owners.values()) {
      for (const slot of own.values()) if (first === null || slot.expiresNs < first.expiresNs) first = slot;
    }
    if (first !== null) this.remove(first.owner, first.key, nowNs);
  }

  /** Starts to remember what is removed. */
  remember(): void {
    this.removed ??= [];
  }

  /** The owner's items that were removed after a time; null when nobody remembers. */
  removedSince(owner: string, sinceNs: number): Slot<Fields>[] | null {
    if (this.removed === null) return null;
    const late = this.removed.filter(({ timeNs, slot }) => timeNs > sinceNs && slot.owner === owner);
    return late.map(({ slot }) => slot);
  }

  private forgetSecondName(slot: Slot<Fields>): void {
    const name = this.secondName(slot.fields, slot.key);
    if (name !== null && this.bySecondName.get(name) === slot) this.bySecondName.delete(name);
  }
}

function live<Fields extends ItemFields>(slot: Slot<Fields> | undefined, nowNs: number): Slot<Fields> | null {
  return slot !== undefined && slot.expiresNs > nowNs ? slot : null;
}
