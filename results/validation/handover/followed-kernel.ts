/** Why runs recorded on this kernel are not scored; null where they are. */
export function kernelProblem(kernel: string): string | null {
  return kernel.startsWith(`${followed}.`)
    ? null
    : `recorded on Linux ${kernel}; the models follow ${followed}`;
}

/** Windows, timeouts and what netlink takes differ between kernels. */
const followed = '6.18';
