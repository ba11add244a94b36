/** ENTRY: workers only, for machines of their own beside `npm run server`. */
import { loadConfig } from '../src/config.ts';
import { openContext } from '../src/context.ts';
import { prepareFirstRun } from '../src/first-run.ts';
import { runProcess } from '../src/process.ts';
import { startWorkers } from './workers.ts';

await runProcess('worker', async (closers, ending) => {
  const { ctx, close } = await openContext(loadConfig(), {
    mode: 'attach',
    logLevel: 'info',
    say: console.log,
  });
  closers.push(close);
  await prepareFirstRun(ctx, console.log, ending);
  const workers = await startWorkers(ctx);
  closers.push(workers.close);
  console.log(`Paperboy's workers run (queue on ${ctx.queues.backend}).`);
});
