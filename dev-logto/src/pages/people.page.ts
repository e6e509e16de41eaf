import type { Context } from '../context.js';
import type { User } from '../tenant/types.js';
import { html, type Html } from './html.js';
import type { Page } from './layout.js';
import { displayName, initials } from './sign-in.page.js';

/** Everyone in the tenant, with what can be done to them. */
export const peoplePage = ({ tenant }: Context, done?: string): Page => {
  const people = [...tenant.users.values()];
  return {
    title: 'People',
    section: 'people',
    body: html`<div class="head">
        <div>
          <h1>People</h1>
          <p class="muted">
            ${people.length === 1 ? 'One user' : `${people.length} users`} of this tenant. What is done here is done by
            the Management API: webhooks fire.
          </p>
        </div>
        ${confirmed({ id: 'reset', action: '/dev/people/reset', button: 'Reset everything…', title: 'Reset everything?', text: 'All users, sessions, codes and settings go back to what they were at the start. Signing keys stay.', confirm: 'Reset everything' })}
      </div>
      ${done !== undefined && html`<p class="alert" role="status">${done}</p>`}
      ${
        people.length === 0
          ? html`<div class="card empty">
              <h2>No one is left</h2>
              <p>Reset everything to have the first users back.</p>
            </div>`
          : html`<ul class="list">
              ${people.map((user) => person(user, sessionsOf(tenant.oidc.all('Session'), user)))}
            </ul>`
      }`,
    script: SCRIPT,
  };
};

const sessionsOf = (sessions: ReturnType<Context['tenant']['oidc']['all']>, user: User): number =>
  sessions.filter(([, { payload }]) => payload['accountId'] === user.id).length;

const person = (user: User, sessions: number): Html =>
  html`<li class="card user">
    <div class="top">
      <span class="initials" aria-hidden="true">${initials(user)}</span>
      <div class="who">
        <h2>${displayName(user)}</h2>
        <code class="muted small">${user.id}</code>
      </div>
      <span class="tags"
        >${user.isSuspended && html`<span class="tag bad">suspended</span>`}${user.passwordHash === null && html`<span class="tag">no password</span>`}${user.mfaVerifications.length > 0 && html`<span class="tag">second factor</span>`}${sessions > 0 && html`<span class="tag">${sessions === 1 ? 'one session' : `${sessions} sessions`}</span>`}</span
      >
    </div>
    <dl>
      ${entry('Username', user.username)} ${entry('Email', user.primaryEmail)}
      ${entry('Phone', user.primaryPhone && `+${user.primaryPhone}`)}
      ${entry('Last sign-in', user.lastSignInAt === null ? null : date(user.lastSignInAt))}
    </dl>
    <details>
      <summary>Profile, custom data and identities</summary>
      <pre tabindex="0">
${JSON.stringify({ profile: user.profile, customData: user.customData, identities: user.identities }, null, 2)}</pre>
    </details>
    <div class="actions">
      <form method="post" action="/dev/people/${user.id}/${user.isSuspended ? 'restore' : 'suspend'}">
        <button class="tiny">
          ${user.isSuspended ? 'Lift the suspension' : 'Suspend'}<span class="hidden"> of ${displayName(user)}</span>
        </button>
      </form>
      ${confirmed({ id: `delete-${user.id}`, action: `/dev/people/${user.id}/delete`, button: 'Delete…', title: `Delete ${displayName(user)}?`, text: 'The user, their sessions and their tokens are gone; access tokens that are JWTs live until they expire.', confirm: 'Delete', tiny: true })}
    </div>
  </li> `;

const entry = (term: string, value: string | Html | null): Html =>
  html`<div>
    <dt>${term}</dt>
    <dd>${value ?? html`<span class="muted">none</span>`}</dd>
  </div>`;

const date = (time: number): Html =>
  html`<time datetime="${new Date(time).toISOString()}"
    >${new Date(time).toISOString().replace('T', ' ').slice(0, 19)} UTC</time
  >`;

interface Confirmed {
  id: string;
  action: string;
  button: string;
  title: string;
  text: string;
  confirm: string;
  tiny?: boolean;
}

/** A button that asks first, in a dialog which the keyboard can leave by Escape. */
const confirmed = ({ id, action, button, title, text, confirm, tiny = false }: Confirmed): Html =>
  html`<div>
    <button type="button" class="danger${tiny && ' tiny'}" data-opens="${id}" aria-haspopup="dialog">
      ${button}${tiny && html`<span class="hidden"> ${title}</span>`}
    </button>
    <dialog id="${id}" aria-labelledby="${id}-title">
      <h2 id="${id}-title">${title}</h2>
      <p class="muted">${text}</p>
      <form method="post" action="${action}">
        <div class="row">
          <button type="button" data-closes autofocus>Cancel</button><button class="danger">${confirm}</button>
        </div>
      </form>
    </dialog>
  </div>`;

const SCRIPT = `
document.addEventListener('click', ({ target }) => {
  const opener = target.closest('[data-opens]');
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  if (target.closest('[data-closes]')) target.closest('dialog').close();
});
for (const time of document.querySelectorAll('time')) time.textContent = new Date(time.dateTime).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
`;
