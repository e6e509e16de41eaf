import type { ConfigurationError } from './platform/config/environment-reader.js';

/** npm forwards the signals that a terminal or systemd has already sent to all processes. */
const FORWARDED_WITHIN_MS = process.env.npm_lifecycle_event === undefined ? 0 : 500;

/** Set once the service listens. Before that, there is nothing to finish. */
let finish: ((reason: string) => Promise<void>) | undefined;
/** By `performance.now()`. */
let stoppedAt: number | undefined;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal));

// When the reader of the log has gone, each line fails. That must not end the service.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  const [{ createApp }, { shutDown }, { AppConfig }] = await Promise.all([
    import('./create-app.js'),
    import('./shut-down.js'),
    import('./platform/config/app-config.js'),
  ]);
  const app = await createApp({ environment: process.env });
  const { host, port } = app.get(AppConfig);
  // Not app.listen(), which also logs a failure at length.
  await app.getHttpAdapter().getInstance().listen({ host, port });
  finish = (reason) => shutDown(app, reason);
} catch (error) {
  for (const line of explain(error)) console.error(line);
  process.exit(1);
}

/** Shuts down and exits with 0. A second signal ends the process immediately, with 1. */
async function stop(signal: NodeJS.Signals): Promise<void> {
  if (stoppedAt !== undefined) {
    if (performance.now() - stoppedAt < FORWARDED_WITHIN_MS) return;
    process.exit(1);
  }
  stoppedAt = performance.now();
  await finish?.(signal);
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
