/** ENTRY: workers only, for machines of their own beside `npm run server`; `WORKERS` processes of them. */
import { availableParallelism } from 'node:os';
import { loadConfig } from '../src/config.ts';
import { openContext } from '../src/context.ts';
import { AppError } from '../src/errors.ts';
import { prepareFirstRun } from '../src/first-run.ts';
import { runProcess } from '../src/process.ts';
import { listenForReturnedMail } from '../src/returned-mail.ts';
import { ONE_OF_SEVERAL, startProcesses } from './processes.ts';
import { startWorkers } from './workers.ts';

await runProcess('worker', async (closers, ending) => {
  const config = loadConfig();
  const processes = config.workers ?? availableParallelism();
  if (processes > 1 && !process.argv.includes(ONE_OF_SEVERAL)) {
    closers.push(startProcesses(processes, console.error).close);
    console.log(`Paperboy's workers start, in ${processes} processes (WORKERS).`);
    return;
  }
  const { ctx, close } = await openContext(config, {
    mode: 'attach',
    logLevel: 'info',
    say: console.log,
  });
  closers.push(close);
  await prepareFirstRun(ctx, console.log, ending);
  const workers = await startWorkers(ctx);
  closers.push(workers.close);
  const listener = await listenForReturnedMail(ctx).catch((error) => {
    // Several workers of a machine share the setting, and one of them has the port.
    if (!(error instanceof AppError) || error.code !== 'PORT_UNUSABLE') throw error;
    ctx.log.warn({ event: 'bounce.port', error: error.message });
    return null;
  });
  if (listener) closers.push(listener.close);
  console.log(`Paperboy's workers run (queue on ${ctx.queues.backend}).`);
});
