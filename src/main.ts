import { ConfigurationError } from './config/environment-reader.js';
import { AppConfig } from './config/app-config.js';
import { createApp } from './create-app.js';
import { describeError } from './errors/describe-error.js';

/** After a signal, requests in progress have this long to finish. */
const GRACE_MS = 10_000;

try {
  const app = await createApp({ environment: process.env });
  app.enableShutdownHooks();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => setTimeout(() => process.exit(1), GRACE_MS).unref());
  }
  const { host, port } = app.get(AppConfig);
  // Not app.listen(), which logs a failure as well, in many words.
  await app.getHttpAdapter().getInstance().listen({ host, port });
} catch (error) {
  for (const line of explain(error)) console.error(line);
  process.exit(1);
}

function explain(error: unknown): readonly string[] {
  if (error instanceof ConfigurationError) return error.problems;
  const { code, port, address } = error as { code?: string; port?: number; address?: string };
  if (code === 'EADDRINUSE') return [`Port ${port} on ${address} is taken: set PORT to another one.`];
  if (code === 'EACCES' && port !== undefined)
    return [`Port ${port} may not be opened by this user: set PORT to another one.`];
  return [describeError(error)];
}
