/** How long something keeps this process busy. A busy machine makes everything take longer, and nothing cost more. */

/** Milliseconds of processor time that `work` takes. */
export async function processorMs(work: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
