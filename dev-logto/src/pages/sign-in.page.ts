import type { InteractionView } from '../oidc/interactions.js';
import type { User } from '../tenant/types.js';
import { html, type Html } from './html.js';
import type { Page } from './layout.js';

export interface SignInState {
  /** What was typed before. */
  identifier?: string;
  error?: string;
}

/** Signs a person in by password, or in development as anyone. */
export const signInPage = (view: InteractionView, people: readonly User[], state: SignInState = {}): Page => ({
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
          required${described(state)}${!state.identifier && html` autofocus`}
        />
      </div>
      <div class="field">
        <label for="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          required${described(state)}${state.identifier !== undefined && html` autofocus`}
        />
      </div>
      <button class="primary">Sign in</button>
    </form>
    ${people.length > 0 && anyone(people)}
    <form method="post" action="/sign-in/cancel"><button class="quiet">Cancel and go back</button></form>
  </div>`,
});

const described = ({ error }: SignInState): Html | false =>
  error !== undefined && html` aria-invalid="true" aria-describedby="error"`;

const anyone = (people: readonly User[]): Html =>
  html`<section class="divider" aria-labelledby="anyone">
    <h2 id="anyone">Skip this <span class="tag warn">development only</span></h2>
    <p class="muted small">Come in as anyone, with or without a password. A real Logto has no such thing.</p>
    <ul class="persons">
      ${people.map(
        (user) =>
          html`<li>
            <form method="post" action="/sign-in/as">
              <input type="hidden" name="userId" value="${user.id}" />
              <button class="person">
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

/** Asked of users of third-party applications alone; Logto consents to first-party ones by itself. */
export const consentPage = ({ application, user, scopes }: InteractionView): Page => ({
  title: `Allow ${application.name}`,
  body: html`<div class="card">
    <div>
      <h1>Allow ${application.name}?</h1>
      <p class="muted">
        ${user && html`Signed in as ${displayName(user)}. `}It is another company’s application, and asks to see:
      </p>
    </div>
    <ul class="asked">
      ${scopes.map((scope) => html`<li>${SCOPES[scope] ?? html`<code>${scope}</code>`}</li>`)}
    </ul>
    <form method="post" action="/consent"><button class="primary">Allow</button></form>
    <form method="post" action="/sign-in/cancel"><button class="quiet">Cancel and go back</button></form>
  </div>`,
});

const SCOPES: Record<string, string> = {
  openid: 'who you are',
  offline_access: 'all of this while you are away, until you take it back',
  profile: 'your name, username, picture and profile',
  email: 'your email address',
  phone: 'your phone number',
  address: 'your postal address',
  custom_data: 'your custom data',
  identities: 'your linked social accounts',
  roles: 'your roles',
};

/** There is no sign-in in progress: the page was opened by hand, or too late. */
export const nothingToDoPage = (): Page => ({
  title: 'No sign-in in progress',
  body: html`<div class="card">
    <h1>No sign-in in progress</h1>
    <p>
      Start from your application: it sends you here. A sign-in that was left open for an hour has to be started again.
    </p>
    <p><a href="/">What is served here</a></p>
  </div>`,
});

/** Where a sign-out ends that names no place to go back to. */
export const signedOutPage = (): Page => ({
  title: 'Signed out',
  body: html`<div class="card">
    <h1>Signed out</h1>
    <p>
      This browser’s session is over. An application that wants its users back names a
      <code>post_logout_redirect_uri</code>.
    </p>
    <p><a href="/">What is served here</a></p>
  </div>`,
});
