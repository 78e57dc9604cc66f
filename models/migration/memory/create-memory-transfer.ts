import { HybridCopy } from './hybrid-copy.ts';
import type { HybridPlan, MemoryPlan, PreCopyPlan, QemuRounds } from './memory-plan.ts';
import type { MemorySurroundings, MemoryTransfer } from './memory-transfer.ts';
import { plainPath, PostCopy } from './post-copy.ts';
import { PreCopy } from './pre-copy.ts';
import { QemuPreCopy } from './qemu-pre-copy.ts';
import type { QemuHost } from './qemu-sender.ts';
import { fixedSocket } from './socket-buffer.ts';
import { StopAndCopy } from './stop-and-copy.ts';

/** The scripts that carry out a memory plan. */
export function createMemoryTransfer(plan: MemoryPlan, surroundings: MemorySurroundings): MemoryTransfer {
  switch (plan.kind) {
    case 'stop-and-copy':
      return new StopAndCopy(plan, surroundings);
    case 'pre-copy':
      return createPreCopy(plan, surroundings);
    case 'post-copy':
      return new PostCopy({ ...plan, path: plainPath, everything: true }, surroundings, null);
    case 'hybrid': {
      const preCopy = createPreCopy(livePart(plan), surroundings);
      const socket = preCopy instanceof QemuPreCopy ? preCopy.socket : null;
      return new HybridCopy(
        preCopy,
        new PostCopy({ ...plan, path: plainPath, everything: false }, surroundings, socket),
      );
    }
  }
}

function createPreCopy(plan: PreCopyPlan, surroundings: MemorySurroundings): MemoryTransfer {
  const { rounds } = plan;
  return rounds.kind === 'qemu'
    ? new QemuPreCopy({ ...plan, rounds, host: ownHost(rounds) }, surroundings)
    : new PreCopy({ ...plan, rounds }, surroundings);
}

/** A host whose processors do nothing else and whose socket has a fixed size. */
function ownHost({ socketBufferBytes }: QemuRounds): QemuHost {
  return { socket: fixedSocket(socketBufferBytes), stoppedCpuShare: 1 };
}

/** The pre-copy of a hybrid is one that stops the guest at its limit. */
function livePart({ costs, wire, rounds, switchAfterNs, switchAfterRounds }: HybridPlan): PreCopyPlan {
  const limits = {
    roundsMax: switchAfterRounds,
    bytesMax: Infinity,
    liveNsMax: switchAfterNs,
    then: 'stop',
  } as const;
  return { kind: 'pre-copy', costs, wire, rounds, limits };
}
