/** Which routes an app has, told by Fastify itself, so that a test of all of them needs no list. */
import diagnostics from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';

export interface Route {
  method: 'GET' | 'POST';
  /** With its parameters: `/confirm/:token`. */
  pattern: string;
}

/** Runs `build`, and lists the routes of every app that it made; those that come with a GET by themselves are left out. */
export async function listRoutes<T>(build: () => Promise<T>): Promise<{ built: T; routes: Route[] }> {
  const routes: Route[] = [];
  const watch = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) {
        const kept = (['GET', 'POST'] as const).find((name) => name === each);
        if (kept) routes.push({ method: kept, pattern: url });
      }
    });
  };
  diagnostics.subscribe('fastify.initialization', watch);
  try {
    return { built: await build(), routes };
  } finally {
    diagnostics.unsubscribe('fastify.initialization', watch);
  }
}
