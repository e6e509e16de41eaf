import type { InteractionView } from '../oidc/interactions.js';
import type { User } from '../tenant/types.js';
import { html, type Html } from './html.js';
import type { Page } from './layout.js';

export interface SignInState {
  /** Identifier entered in the previous attempt. */
  identifier?: string;
  error?: string;
}

/** The sign-in page. Users sign in with a password, or as any user without one. */
export const signInPage = (view: InteractionView, users: readonly User[], state: SignInState = {}): Page => ({
  title: `Sign in to ${view.application.name}`,
  body: html`<div class="card">
    <div>
      <h1>Sign in</h1>
      <p class="muted">to continue to ${view.application.name}</p>
    </div>
    ${state.error !== undefined && html`<p class="alert" role="alert" id="error">${state.error}</p>`}
    <form method="post" action="/sign-in">
      <div class="field">
        <label for="identifier">Username, email or phone</label>
        <input
          id="identifier"
          name="identifier"
          type="text"
          value="${state.identifier ?? view.loginHint}"
          autocomplete="username"
          autocapitalize="none"
          spellcheck="false"
          required${describeByError(state)}${!state.identifier && html` autofocus`}
        />
      </div>
      <div class="field">
        <label for="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          required${describeByError(state)}${state.identifier !== undefined && html` autofocus`}
        />
      </div>
      <button class="primary">Sign in</button>
    </form>
    ${users.length > 0 && userPicker(users)}
    <form method="post" action="/sign-in/cancel"><button class="quiet">Cancel and go back</button></form>
  </div>`,
});

const describeByError = ({ error }: SignInState): Html | false =>
  error !== undefined && html` aria-invalid="true" aria-describedby="error"`;

const userPicker = (users: readonly User[]): Html =>
  html`<section class="divider" aria-labelledby="choose-user">
    <h2 id="choose-user">Sign in as any user <span class="tag warn">development only</span></h2>
    <p class="muted small">No password is needed. A real Logto does not offer this.</p>
    <ul class="choices">
      ${users.map(
        (user) =>
          html`<li>
            <form method="post" action="/sign-in/as">
              <input type="hidden" name="userId" value="${user.id}" />
              <button class="choice">
                <span class="initials" aria-hidden="true">${initials(user)}</span>
                <span class="lines"
                  ><span><span class="hidden">Sign in as </span>${displayName(user)}</span>
                  <span class="muted small">${user.primaryEmail ?? user.primaryPhone ?? user.id}</span></span
                >
                ${user.isSuspended && html`<span class="tag bad">suspended</span>`}
              </button>
            </form>
          </li>`,
      )}
    </ul>
  </section>`;

export const displayName = (user: User): string =>
  user.name ?? user.username ?? user.primaryEmail ?? user.primaryPhone ?? user.id;

export const initials = (user: User): string =>
  displayName(user)
    .split(/[\s._@-]+/)
    .slice(0, 2)
    .map((word) => [...word][0]?.toUpperCase() ?? '')
    .join('');

/** The consent page. Like Logto, dev-logto shows it only for third-party applications. */
export const consentPage = ({ application, user, scopes }: InteractionView): Page => ({
  title: `Allow ${application.name}`,
  body: html`<div class="card">
    <div>
      <h1>Allow ${application.name}?</h1>
      <p class="muted">
        ${user && html`Signed in as ${displayName(user)}. `}This third-party application wants to access:
      </p>
    </div>
    <ul class="scopes">
      ${scopes.map((scope) => html`<li>${SCOPES[scope] ?? html`<code>${scope}</code>`}</li>`)}
    </ul>
    <form method="post" action="/consent"><button class="primary">Allow</button></form>
    <form method="post" action="/sign-in/cancel"><button class="quiet">Cancel and go back</button></form>
  </div>`,
});

const SCOPES: Record<string, string> = {
  openid: 'your user ID',
  offline_access: 'all of this while you are not using the application, until you revoke access',
  profile: 'your name, username, picture and profile',
  email: 'your email address',
  phone: 'your phone number',
  address: 'your postal address',
  custom_data: 'your custom data',
  identities: 'your linked social accounts',
  roles: 'your roles',
};

/** Shown if no sign-in is in progress or if it has expired. */
export const noSignInPage = (): Page => ({
  title: 'No sign-in in progress',
  body: html`<div class="card">
    <h1>No sign-in in progress</h1>
    <p>Start the sign-in from your application. It expires after one hour.</p>
    <p><a href="/">Overview of this server</a></p>
  </div>`,
});

/** Shown after a sign-out without a `post_logout_redirect_uri`. */
export const signedOutPage = (): Page => ({
  title: 'Signed out',
  body: html`<div class="card">
    <h1>Signed out</h1>
    <p>
      You are signed out in this browser. To return users to your application, pass a
      <code>post_logout_redirect_uri</code>.
    </p>
    <p><a href="/">Overview of this server</a></p>
  </div>`,
});
