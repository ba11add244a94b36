/** Confirmed readers for tests, made by the same use case that imports a list. */
import type { Context } from '../../src/context.ts';
import { importSubscribers } from '../../src/subscribers/import.ts';

/** Readers of these inputs, active, in the order given; throws where one is not taken. */
export async function addReaders(ctx: Context, inputs: readonly Record<string, unknown>[]): Promise<void> {
  async function* rows() {
    for (const [at, input] of inputs.entries()) yield { line: at + 1, input };
  }
  await importSubscribers(ctx, rows(), {
    onBad(line, sentence) {
      throw new Error(`reader ${line}: ${sentence}`);
    },
    onBatch() {},
  });
}
