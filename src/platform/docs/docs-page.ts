import type { AppConfig } from '../config/app-config.js';
import { ERROR_STATUS, type ErrorCode } from '../errors/error-catalogue.js';
import { titleText } from '../errors/messages/messages.js';

/** The page with Swagger UI. Scripts are files, since the content security policy allows no inline scripts. */
export const DOCS_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Logto profile service</title>
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<main id="swagger-ui"></main>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

/**
 * The script of that page: loads the document, and configures the sign-in with Logto (authorization code with PKCE).
 * Tokens stay in memory: `persistAuthorization` would keep them in `localStorage`, where they outlive the tab and every
 * script of the origin can read them.
 */
export function startScript(config: AppConfig, scopes: readonly string[]): string {
  const settings = JSON.stringify({ clientId: config.spaAppId ?? '', resource: config.apiResource, scopes });
  return `const { clientId, resource, scopes } = ${settings};
window.ui = SwaggerUIBundle({
  dom_id: '#swagger-ui',
  url: '/docs/openapi.json',
  deepLinking: true,
  oauth2RedirectUrl: location.origin + '/docs/oauth2-redirect.html',
  // Swagger UI adds the parameters to the query of a token request, but OpenID providers read them from the body only.
  requestInterceptor(request) {
    if (typeof request.body !== 'string' || !request.body.startsWith('grant_type=')) return request;
    request.url = request.url.split('?')[0];
    request.body += '&resource=' + encodeURIComponent(resource);
    return request;
  },
});
ui.initOAuth({
  clientId,
  scopes,
  // Without a resource, Logto issues an opaque token, which is valid for its own API only.
  additionalQueryStringParams: { resource },
  usePkceWithAuthorizationCodeGrant: true,
});
`;
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
dt{margin-top:1rem}dt code{font-weight:600}dd{margin:0}:target{outline:2px solid}`;

/** The page to which the `type` of a problem points: all codes with their status and meaning. */
export function errorsPage(): string {
  const entries = Object.entries(ERROR_STATUS).map(
    ([code, status]) =>
      `<dt id="${code}"><code>${code}</code> (${status})</dt><dd>${titleText(code as ErrorCode, 'en')}</dd>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Problems</title><style>${STYLE}</style>
<h1>Problems</h1><dl>${entries.join('\n')}</dl></html>`;
}
