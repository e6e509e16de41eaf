import type { Context } from '../context.js';
import type { User } from '../tenant/types.js';
import { html, type Html } from './html.js';
import type { Page } from './layout.js';
import { displayName, initials } from './sign-in.page.js';

/** The tenant's users, with buttons to suspend and delete them and to reset the tenant. */
export const usersPage = ({ tenant }: Context): Page => {
  const users = [...tenant.users.values()];
  return {
    title: 'Users',
    section: 'users',
    body: html`<div class="head">
        <div>
          <h1>Users</h1>
          <p class="muted">
            ${users.length === 1 ? '1 user' : `${users.length} users`}. Suspending and deleting a user go through the
            Management API, so webhooks are sent. A reset sends none.
          </p>
        </div>
        ${buttonWithConfirmation({ id: 'reset', action: '/dev/people/reset', button: 'Reset everything…', title: 'Reset everything?', text: 'All users, sessions, codes and settings return to their initial state. Signing keys are kept.', confirm: 'Reset everything' })}
      </div>
      ${
        users.length === 0
          ? html`<div class="card empty">
              <h2>No users</h2>
              <p>Reset everything to restore the initial users.</p>
            </div>`
          : html`<ul class="list">
              ${users.map((user) => userItem(user, countSessions(tenant.oidc.all('Session'), user)))}
            </ul>`
      }`,
    script: SCRIPT,
  };
};

const countSessions = (sessions: ReturnType<Context['tenant']['oidc']['all']>, user: User): number =>
  sessions.filter(([, { payload }]) => payload['accountId'] === user.id).length;

const userItem = (user: User, sessionCount: number): Html =>
  html`<li class="card user">
    <div class="top">
      <span class="initials" aria-hidden="true">${initials(user)}</span>
      <div class="identity">
        <h2>${displayName(user)}</h2>
        <code class="muted small">${user.id}</code>
      </div>
      <span class="tags"
        >${user.isSuspended && html`<span class="tag bad">suspended</span>`}${user.passwordHash === null && html`<span class="tag">no password</span>`}${user.mfaVerifications.length > 0 && html`<span class="tag">second factor</span>`}${sessionCount > 0 && html`<span class="tag">${sessionCount === 1 ? '1 session' : `${sessionCount} sessions`}</span>`}</span
      >
    </div>
    <dl>
      ${detail('Username', user.username)} ${detail('Email', user.primaryEmail)}
      ${detail('Phone', user.primaryPhone && `+${user.primaryPhone}`)}
      ${detail('Last sign-in', user.lastSignInAt === null ? null : formatDate(user.lastSignInAt))}
    </dl>
    <details>
      <summary>Profile, custom data and identities</summary>
      <pre tabindex="0">
${JSON.stringify({ profile: user.profile, customData: user.customData, identities: user.identities }, null, 2)}</pre>
    </details>
    <div class="actions">
      <form method="post" action="/dev/people/${user.id}/${user.isSuspended ? 'restore' : 'suspend'}">
        <button class="tiny">
          ${user.isSuspended ? 'Unsuspend' : 'Suspend'}<span class="hidden"> ${displayName(user)}</span>
        </button>
      </form>
      ${buttonWithConfirmation({ id: `delete-${user.id}`, action: `/dev/people/${user.id}/delete`, button: 'Delete…', title: `Delete ${displayName(user)}?`, text: 'This deletes the user with all sessions and tokens. JWT access tokens remain valid until they expire.', confirm: 'Delete', tiny: true })}
    </div>
  </li> `;

const detail = (term: string, value: string | Html | null): Html =>
  html`<div>
    <dt>${term}</dt>
    <dd>${value ?? html`<span class="muted">none</span>`}</dd>
  </div>`;

const formatDate = (time: number): Html =>
  html`<time datetime="${new Date(time).toISOString()}"
    >${new Date(time).toISOString().replace('T', ' ').slice(0, 19)} UTC</time
  >`;

interface ConfirmationOptions {
  id: string;
  action: string;
  button: string;
  title: string;
  text: string;
  confirm: string;
  tiny?: boolean;
}

/** A button that opens a confirmation dialog before submitting its form. */
const buttonWithConfirmation = ({
  id,
  action,
  button,
  title,
  text,
  confirm,
  tiny = false,
}: ConfirmationOptions): Html =>
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
