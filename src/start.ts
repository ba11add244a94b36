/** ENTRY: everything in one process, with an embedded part for whatever is not configured. */
import { startProcesses } from '../workers/processes.ts';
import { startWorkers } from '../workers/workers.ts';
import { buildApp } from './app.ts';
import { loadConfig } from './config.ts';
import { openContext } from './context.ts';
import { prepareFirstRun } from './first-run.ts';
import { assertPortFree, listen } from './listen.ts';
import { runProcess } from './process.ts';
import { listenForReturnedMail } from './returned-mail.ts';

await runProcess('Paperboy', async (closers, ending) => {
  const config = loadConfig();
  // Before anything slow: a port in use is the likeliest mistake.
  await assertPortFree(config);
  console.log('Starting Paperboy …');
  const { ctx, close } = await openContext(config, { mode: 'own', say: console.log });
  closers.push(close);
  await prepareFirstRun(ctx, console.log, ending);
  const workers = await startWorkers(ctx);
  closers.push(workers.close);
  // This process is one of them.
  if ((config.workers ?? 1) > 1) closers.push(startProcesses((config.workers ?? 1) - 1, console.error).close);
  const listener = await listenForReturnedMail(ctx);
  if (listener) closers.push(listener.close);
  const app = await buildApp(ctx);
  closers.push(() => app.close());
  await listen(app, config);
  const parts = [
    config.databaseUrl ? 'your Postgres' : `embedded Postgres in ${config.dataDir}`,
    config.redisUrl ? 'queue on Redis' : 'queue on Postgres',
    config.smtpUrl ? 'mail through SMTP_URL' : 'mail to the local mailbox',
  ];
  console.log(
    [
      '',
      `  Site      ${config.publicUrl}`,
      ...(ctx.mailbox ? [`  Mailbox   ${config.publicUrl}/mailbox`] : []),
      ...(listener ? [`  Bounces   port ${listener.port}`] : []),
      `  Runs on   ${parts.join(', ')}`,
      '',
      '  Ctrl-C ends it; the data stays.',
      '',
    ].join('\n'),
  );
});
