# One image for both: the web site (default command) and the workers (node dist/workers/main.js).

FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY workers workers
COPY templates/messages templates/messages
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:22-slim
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY templates templates
COPY migrations migrations
COPY seeds seeds
# Compiled mails, and what is not configured: the local mailbox, and the embedded Postgres of `node dist/src/start.js`.
RUN mkdir /var/lib/paperboy && chown node:node /var/lib/paperboy
VOLUME /var/lib/paperboy
ENV HOST=0.0.0.0 PORT=3000 DATA_DIR=/var/lib/paperboy
USER node
EXPOSE 3000
# Workers have no port: switch the check off for them.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/server.js"]
