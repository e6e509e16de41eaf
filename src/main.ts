import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ConfigurationError } from './platform/config/environment-reader.js';

/** npm forwards the SIGINT that a terminal has already sent to all of its processes. */
const FORWARDED_WITHIN_MS = 200;

/** Set once the service listens. */
let app: NestFastifyApplication | undefined;
/** By `performance.now()`. */
let stoppedAt: number | undefined;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal));

// When the reader of the log has gone, each line fails. That must not end the service.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  const [{ createApp }, { AppConfig }] = await Promise.all([
    import('./create-app.js'),
    import('./platform/config/app-config.js'),
  ]);
  const created = await createApp({ environment: process.env });
  const { host, port } = created.get(AppConfig);
  // Not app.listen(), which also logs a failure at length.
  await created.getHttpAdapter().getInstance().listen({ host, port });
  app = created;
} catch (error) {
  for (const line of explain(error)) console.error(line);
  process.exit(1);
}

/** Shuts down and exits with 0. A second signal ends the process immediately, with 1. */
async function stop(signal: NodeJS.Signals): Promise<void> {
  if (stoppedAt !== undefined) {
    if (signal === 'SIGINT' && performance.now() - stoppedAt < FORWARDED_WITHIN_MS) return;
    process.exit(1);
  }
  stoppedAt = performance.now();
  // During the start, there is nothing to finish.
  if (app) await (await import('./shut-down.js')).shutDown(app, signal);
  process.exit(0);
}

/** Describes a failed start for the operator. No request was served, so no message can contain personal data. */
function explain(error: unknown): readonly string[] {
  const { code, port, address, problems } = error as NodeJS.ErrnoException & Partial<ConfigurationError> & Listening;
  if (problems) return problems;
  if (code === 'EADDRINUSE') return [`Port ${port} on ${address} is taken: set PORT to another one.`];
  if (code === 'EACCES' && port !== undefined) {
    return [`Port ${port} may not be opened by this user: set PORT to another one.`];
  }
  const { message, cause } = error as Error;
  const lines = [
    message || (code ?? String(error)),
    ...(cause instanceof Error ? [`Caused by: ${cause.message}`] : []),
  ];
  // Messages of drivers can contain the URL of a server, including its password.
  return lines.map((line) => line.replace(/\/\/[^/\s]*@/g, '//…@'));
}

interface Listening {
  readonly port?: number;
  readonly address?: string;
}
