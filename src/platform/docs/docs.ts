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

/** What changes with the configuration and the catalogue is checked again after five minutes. */
const DOCUMENT_CACHING = 'public, max-age=300, must-revalidate';
/** Swagger UI's files change with its version only, but their names stay the same. */
const ASSET_CACHING = 'public, max-age=3600';

/** Of swagger-ui-dist; nothing else of it is served. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui-bundle.js': 'text/javascript',
  'swagger-ui.css': 'text/css',
  'oauth2-redirect.html': 'text/html; charset=utf-8',
  'oauth2-redirect.js': 'text/javascript',
  'favicon-32x32.png': 'image/png',
};

/**
 * Serves `/openapi.json`, `/openapi.yaml`, `/docs` (Swagger UI that signs in with Logto) and `/docs/errors`. `fieldSchemas` are the
 * schemas that the field catalogue adds to the document.
 */
export function setupDocs(
  app: NestFastifyApplication,
  config: AppConfig,
  fieldSchemas: () => Record<string, object>,
): void {
  let document: OpenAPIObject | undefined;
  // Built at the first request: it takes longer than all the rest of the start.
  const lazily = () => (document ??= buildDocument(app, fieldSchemas()));
  const fastify = app.getHttpAdapter().getInstance();
  const scopes = ['openid', 'profile', ...config.scopes.read, ...config.scopes.write];
  loosenHeaders(fastify, config);

  const serve = (path: string, options: StaticDocumentOptions) => {
    const document = new StaticDocument(options);
    fastify.get(path, (request, reply) => document.send(request, reply));
  };
  const serveDocument = (path: string, type: string, render: () => string) =>
    serve(path, { type, render, cacheControl: DOCUMENT_CACHING });
  serveDocument('/openapi.json', 'application/json', () => JSON.stringify(lazily()));
  serveDocument('/openapi.yaml', 'application/yaml', () => stringify(lazily(), { aliasDuplicateObjects: false }));
  for (const path of ['/docs', '/docs/']) serveDocument(path, 'text/html; charset=utf-8', () => DOCS_PAGE);
  serveDocument('/docs/start.js', 'text/javascript', () => startScript(config, scopes));
  serveDocument('/docs/openapi.json', 'application/json', () => JSON.stringify(withSignIn(lazily(), config, scopes)));
  serveDocument('/docs/errors', 'text/html; charset=utf-8', () => errorsPage());
  for (const [name, type] of Object.entries(ASSETS)) {
    const render = () => readFileSync(join(SWAGGER_UI, name));
    serve(`/docs/${name}`, { type, render, cacheControl: ASSET_CACHING });
  }
}

/** The document with the way to sign in here; the committed one knows no tenant. */
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
    components: { ...document.components, securitySchemes },
    security: [{ [SIGN_IN]: [] }, { [ACCESS_TOKEN]: [] }],
  };
}

/** Swagger UI is a page: it needs its scripts and styles, Logto's token endpoint, and the window it opens to sign in. */
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
