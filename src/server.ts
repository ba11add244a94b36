/** ENTRY: the web site only, for machines of its own; workers run beside it with `npm run worker`. */
import { buildApp } from './app.ts';
import { loadConfig } from './config.ts';
import { openContext } from './context.ts';
import { assertPortFree, listen } from './listen.ts';
import { runProcess } from './process.ts';
import { seedTopics } from './subscribers/seed-topics.ts';

await runProcess('the web site', async (closers) => {
  const config = loadConfig();
  await assertPortFree(config);
  const { ctx, close } = await openContext(config, { mode: 'attach', logLevel: 'info', say: console.log });
  closers.push(close);
  await seedTopics(ctx);
  const app = await buildApp(ctx);
  closers.push(() => app.close());
  await listen(app, config);
  console.log(`Paperboy's web site is at ${config.publicUrl} (queue on ${ctx.queues.backend}).`);
});
