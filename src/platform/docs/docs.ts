import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { stringify } from 'yaml';
import type { AppConfig } from '../config/app-config.js';
import { DOCS_PAGE, errorsPage, startScript } from './docs-page.js';
import { ACCESS_TOKEN, buildDocument } from './document.js';
import { StaticDocument, type StaticDocumentOptions } from './static-document.js';

const SIGN_IN = 'signIn';

// Importing the package would load all of Swagger UI into this process.
const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** Documents that depend on the configuration or the catalogue are checked again after five minutes. */
const DOCUMENT_CACHING = 'public, max-age=300, must-revalidate';
/** Swagger UI's files change only with its version, but keep their names. */
const ASSET_CACHING = 'public, max-age=3600';

/** The files of swagger-ui-dist that are served. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui-bundle.js': 'text/javascript',
  'swagger-ui.css': 'text/css',
  'oauth2-redirect.html': 'text/html; charset=utf-8',
  'oauth2-redirect.js': 'text/javascript',
  'favicon-32x32.png': 'image/png',
};

/**
 * Serves `/openapi.json`, `/openapi.yaml`, `/docs` (Swagger UI, with a sign-in at Logto) and `/docs/errors`.
 * @param fieldSchemas returns the schemas that the field catalogue adds to the document
 */
export function setupDocs(
  app: NestFastifyApplication,
  config: AppConfig,
  fieldSchemas: () => Record<string, object>,
): void {
  let document: OpenAPIObject | undefined;
  // Built at the first request: it takes longer than the rest of the start.
  const getDocument = () => (document ??= buildDocument(app, fieldSchemas()));
  const fastify = app.getHttpAdapter().getInstance();
  const scopes = ['openid', 'profile', ...config.scopes.read, ...config.scopes.write];
  loosenHeaders(fastify, config);

  const serve = (path: string, options: StaticDocumentOptions) => {
    const document = new StaticDocument(options);
    fastify.get(path, (request, reply) => document.send(request, reply));
  };
  const serveDocument = (path: string, type: string, render: () => string) =>
    serve(path, { type, render, cacheControl: DOCUMENT_CACHING });
  serveDocument('/openapi.json', 'application/json', () => JSON.stringify(getDocument()));
  serveDocument('/openapi.yaml', 'application/yaml', () => stringify(getDocument(), { aliasDuplicateObjects: false }));
  for (const path of ['/docs', '/docs/']) serveDocument(path, 'text/html; charset=utf-8', () => DOCS_PAGE);
  serveDocument('/docs/start.js', 'text/javascript', () => startScript(config, scopes));
  serveDocument('/docs/openapi.json', 'application/json', () =>
    JSON.stringify(withSignIn(getDocument(), config, scopes)),
  );
  serveDocument('/docs/errors', 'text/html; charset=utf-8', () => errorsPage());
  for (const [name, type] of Object.entries(ASSETS)) {
    const render = () => readFileSync(join(SWAGGER_UI, name));
    serve(`/docs/${name}`, { type, render, cacheControl: ASSET_CACHING });
  }
}

/** Adds the sign-in at Logto to the document, and calls the service that serves it. The committed document depends on neither. */
function withSignIn(document: OpenAPIObject, { logto }: AppConfig, scopes: readonly string[]): OpenAPIObject {
  const flow = {
    authorizationUrl: `${logto.issuer}/auth`,
    tokenUrl: `${logto.issuer}/token`,
    scopes: Object.fromEntries(scopes.map((scope) => [scope, ''])),
  };
  const securitySchemes = {
    [SIGN_IN]: { type: 'oauth2' as const, description: 'Sign in with Logto.', flows: { authorizationCode: flow } },
    ...document.components?.securitySchemes,
  };
  return {
    ...document,
    servers: [{ url: '/', description: 'This service.' }],
    components: { ...document.components, securitySchemes },
    security: [{ [SIGN_IN]: [] }, { [ACCESS_TOKEN]: [] }],
  };
}

/**
 * Swagger UI needs its scripts and styles, Logto's token endpoint, and access to the window that it opens to sign in.
 */
function loosenHeaders(fastify: FastifyInstance, config: AppConfig): void {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    `connect-src 'self' ${new URL(config.logto.issuer).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join(';');
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.url === '/docs' || request.url.startsWith('/docs/')) {
      reply.header('Content-Security-Policy', policy).header('Cross-Origin-Opener-Policy', 'unsafe-none');
    }
    done();
  });
}
