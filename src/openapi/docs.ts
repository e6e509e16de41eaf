import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { stringify } from 'yaml';
import type { AppConfig } from '../config/app-config.js';
import { ERROR_CATALOGUE } from '../errors/error-catalogue.js';
import { FieldCatalogue } from '../fields/catalogue/field-catalogue.js';
import { DOCS_PAGE, errorsPage, startScript } from './docs-page.js';
import { ACCESS_TOKEN, buildDocument } from './document.js';

const SIGN_IN = 'signIn';

// Importing the package would load all of Swagger UI into this process.
const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** Of swagger-ui-dist; nothing else of it is served. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui-bundle.js': 'text/javascript',
  'swagger-ui.css': 'text/css',
  'oauth2-redirect.html': 'text/html; charset=utf-8',
  'oauth2-redirect.js': 'text/javascript',
  'favicon-32x32.png': 'image/png',
};

/** Serves `/openapi.json`, `/openapi.yaml`, `/docs` (Swagger UI that signs in with Logto) and `/docs/errors`. */
export function setupDocs(app: NestFastifyApplication, config: AppConfig): void {
  let document: OpenAPIObject | undefined;
  // Made when first asked for: it takes longer than all the rest of the start.
  const lazily = () => (document ??= buildDocument(app, app.get(FieldCatalogue, { strict: false })));
  const fastify = app.getHttpAdapter().getInstance();
  const scopes = ['openid', 'profile', ...config.scopes.read, ...config.scopes.write];
  loosenHeaders(fastify, config);

  const serve = (path: string, type: string, make: () => string) =>
    fastify.get(path, (_request, reply) => reply.type(type).send(make()));
  serve('/openapi.json', 'application/json', () => JSON.stringify(lazily()));
  serve('/openapi.yaml', 'application/yaml', () => stringify(lazily(), { aliasDuplicateObjects: false }));
  for (const path of ['/docs', '/docs/']) serve(path, 'text/html; charset=utf-8', () => DOCS_PAGE);
  serve('/docs/start.js', 'text/javascript', () => startScript(config, scopes));
  serve('/docs/openapi.json', 'application/json', () => JSON.stringify(withSignIn(lazily(), config, scopes)));
  serve('/docs/errors', 'text/html; charset=utf-8', () => errorsPage(ERROR_CATALOGUE));
  for (const [name, type] of Object.entries(ASSETS)) {
    const file = join(SWAGGER_UI, name);
    fastify.get(`/docs/${name}`, (_request, reply) => reply.type(type).send(createReadStream(file)));
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
