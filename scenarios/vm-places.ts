import type { AwaitedPhase } from '../models/migration/phase-signals.ts';

/** A migration of a file, as far as it says where its VM goes. */
export interface Move {
  readonly name: string;
  readonly vm: string;
  readonly source: string;
  readonly destination: string;
  readonly after: AfterMove | undefined;
}

export interface AfterMove {
  readonly migration: string;
  readonly phase: AwaitedPhase;
}

/**
 * Where each VM is when the next migration of a list begins. Migrations are taken to succeed, unless another one of the
 * same VM waits for their failure: then the VM is where that one began, and afterwards in either place.
 */
export class VmPlaces {
  private readonly places: Map<string, readonly string[]>;
  private readonly moves = new Map<string, Move>();

  constructor(homes: Iterable<readonly [vm: string, host: string]>) {
    this.places = new Map([...homes].map(([vm, host]) => [vm, [host]]));
  }

  /** The hosts where a migration may find its VM; none for a VM that nobody knows. */
  startsOf({ vm, after }: Pick<Move, 'vm' | 'after'>): readonly string[] {
    const earlier = after === undefined ? undefined : this.moves.get(after.migration);
    if (earlier?.vm !== vm) return this.places.get(vm) ?? [];
    return [after?.phase === 'failed' ? earlier.source : earlier.destination];
  }

  note(move: Move): void {
    const { name, vm, source, destination, after } = move;
    const before = this.places.get(vm) ?? [];
    const failed = after?.phase === 'failed' && this.moves.get(after.migration)?.vm === vm;
    const others = failed ? before : before.filter((place) => before.includes(source) && place !== source);
    this.places.set(vm, [...others.filter((place) => place !== destination), destination]);
    this.moves.set(name, move);
  }
}
