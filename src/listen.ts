/** Opens the web site's port, with a sentence for each way that this fails. */
import { createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config.ts';
import { AppError } from './errors.ts';

/** Throws AppError `PORT_UNUSABLE`. */
export async function listen(app: FastifyInstance, config: Config): Promise<void> {
  const { host, port } = config.http;
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw portError(cause, config);
  }
}

/** Throws what `listen` would throw, without starting anything. */
export async function assertPortFree(config: Config): Promise<void> {
  if (config.http.port === 0) return;
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(config.http.port, config.http.host, resolve);
    });
  } catch (cause) {
    throw portError(cause, config);
  }
  await new Promise((resolve) => server.close(resolve));
}

function portError(cause: unknown, { http: { host, port } }: Config): AppError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const sentences: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${host} is in use by another program. Stop it, or choose another port: PORT=${port + 1} npm start.`,
    EACCES: `Port ${port} needs more rights than this user has. Choose one above 1023: PORT=3000 npm start.`,
    EADDRNOTAVAIL: `${host} is not an address of this machine. Set HOST to one that is, or to 0.0.0.0 for all.`,
    ENOTFOUND: `HOST=${host} is not a name or address that this machine knows.`,
  };
  return new AppError(
    'PORT_UNUSABLE',
    sentences[code ?? ''] ?? `Can't listen on ${host}:${port}: ${message}`,
    { cause },
  );
}
