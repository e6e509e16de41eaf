import type { Context } from '../context.js';
import { html } from './html.js';
import type { Page } from './layout.js';

/** Lists the addresses, applications and API resources, so that developers can copy them into settings. */
export const overviewPage = ({ endpoint, tenant }: Context): Page => ({
  title: 'Overview',
  section: 'overview',
  body: html`<div class="head">
      <div>
        <h1>Development Logto</h1>
        <p class="muted">
          An OpenID provider with Logto’s Management API, for this machine only. Without a state file, all data is lost
          when it stops.
        </p>
      </div>
    </div>
    <section aria-labelledby="addresses">
      <h2 id="addresses">Addresses</h2>
      <dl class="card wide">
        <dt>Endpoint</dt>
        <dd><code>${endpoint}</code></dd>
        <dt>Issuer</dt>
        <dd><code>${endpoint}/oidc</code></dd>
        <dt>Discovery</dt>
        <dd>
          <a href="/oidc/.well-known/openid-configuration"
            ><code>${endpoint}/oidc/.well-known/openid-configuration</code></a
          >
        </dd>
        <dt>Key set</dt>
        <dd>
          <a href="/oidc/jwks"><code>${endpoint}/oidc/jwks</code></a>
        </dd>
        <dt>Management API</dt>
        <dd><code>${endpoint}/api</code></dd>
      </dl>
    </section>
    <section aria-labelledby="applications">
      <h2 id="applications">Applications</h2>
      <dl class="card wide">
        ${[...tenant.applications.values()].map(
          ({ id, name, type, isThirdParty }) =>
            html`<dt>${name}</dt>
              <dd>
                <code>${id}</code>
                <span class="tag">${type === 'MachineToMachine' ? 'machine to machine' : type}</span
                >${isThirdParty && html` <span class="tag warn">third party</span>`}
              </dd>`,
        )}
      </dl>
    </section>
    <section aria-labelledby="resources">
      <h2 id="resources">API resources</h2>
      <dl class="card wide">
        ${[...tenant.resources.values()].map(
          ({ name, indicator, scopes }) =>
            html`<dt>${name}</dt>
              <dd>
                <code>${indicator}</code> ${scopes.map((scope) => html`<span class="tag">${scope.name}</span> `)}
              </dd>`,
        )}
      </dl>
    </section>`,
});
