import type { ConfigurationError } from './platform/config/environment-reader.js';

/** After a signal, requests in progress have this long to finish. */
const GRACE_MS = 10_000;

// When the reader of the log has gone, each line fails. That must not end the service.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  const [{ createApp }, { AppConfig }] = await Promise.all([
    import('./create-app.js'),
    import('./platform/config/app-config.js'),
  ]);
  const app = await createApp({ environment: process.env });
  app.enableShutdownHooks();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => setTimeout(() => process.exit(1), GRACE_MS).unref());
  }
  const { host, port } = app.get(AppConfig);
  // Not app.listen(), which also logs a failure at length.
  await app.getHttpAdapter().getInstance().listen({ host, port });
} catch (error) {
  for (const line of explain(error)) console.error(line);
  process.exit(1);
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
