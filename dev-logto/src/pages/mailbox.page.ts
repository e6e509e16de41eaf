import type { SentMessage } from '../tenant/types.js';
import { html, type Html } from './html.js';
import type { Page } from './layout.js';

const POLL_INTERVAL_MS = 1500;

/** The messages that the tenant sent, newest first. The page adds new messages automatically. */
export const mailboxPage = (messages: readonly SentMessage[]): Page => ({
  title: 'Mailbox',
  section: 'mailbox',
  body: html`<div class="head">
      <div>
        <h1>Mailbox</h1>
        <p class="muted">Emails and text messages sent by the tenant. Nothing is delivered outside this machine.</p>
      </div>
    </div>
    <p class="hidden" role="status" id="status"></p>
    <div id="messages">${messageList(messages)}</div>`,
  script: SCRIPT,
});

/** The message list, which the page polls. */
export const messageList = (messages: readonly SentMessage[]): Html =>
  messages.length === 0
    ? html`<div class="card empty">
        <h2>No messages yet</h2>
        <p>Request a verification code in an application. It will appear here.</p>
      </div>`
    : html`<ul class="list">
        ${messages.map((message) => messageItem(message))}
      </ul>`;

const messageItem = ({ id, channel, to, usageType, code, createdAt }: SentMessage): Html =>
  html`<li class="card message" data-id="${id}">
    <span
      ><span class="tag">${channel === 'email' ? 'email' : 'text'}</span>
      <span class="to">${channel === 'sms' && '+'}${to}</span></span
    >
    <span class="side"
      ><span class="code" data-code>${code}</span
      ><button type="button" class="tiny" data-copy="${code}" hidden>
        Copy<span class="hidden"> code ${code}</span>
      </button></span
    >
    <span class="muted small"
      >${PURPOSES[usageType] ?? usageType} ·
      <time datetime="${new Date(createdAt).toISOString()}"
        >${new Date(createdAt).toISOString().replace('T', ' ').slice(0, 19)} UTC</time
      ></span
    >
  </li> `;

const PURPOSES: Record<string, string> = {
  Generic: 'Verification code',
  SignIn: 'Code to sign in',
  Register: 'Code to register',
  ForgotPassword: 'Code to reset the password',
};

// Messages that are already shown stay in the DOM, so that they do not flicker or lose focus.
const SCRIPT = `
const container = document.getElementById('messages');
const status = document.getElementById('status');
const enhance = () => {
  for (const button of container.querySelectorAll('[data-copy]')) button.hidden = false;
  for (const time of container.querySelectorAll('time')) time.textContent = new Date(time.dateTime).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
};
const getIds = (root) => [...root.querySelectorAll('[data-id]')].map((item) => item.dataset.id);
const refresh = async () => {
  const response = await fetch('/dev/mailbox/messages');
  if (!response.ok) return;
  const newContainer = document.createElement('div');
  newContainer.innerHTML = await response.text();
  const shown = getIds(container), latest = getIds(newContainer);
  if (shown.join() === latest.join()) return;
  const added = latest.filter((id) => !shown.includes(id));
  const list = container.querySelector('ul');
  if (list && latest.slice(added.length).join() === shown.join()) {
    for (const id of added.reverse()) {
      const item = newContainer.querySelector('[data-id="' + CSS.escape(id) + '"]');
      item.classList.add('fresh');
      list.prepend(item);
    }
  } else container.replaceChildren(...newContainer.childNodes);
  enhance();
  if (added.length) status.textContent = added.length === 1 ? 'A new message' : added.length + ' new messages';
};
container.addEventListener('click', async ({ target }) => {
  const button = target.closest('[data-copy]');
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  status.textContent = 'Copied';
  const label = button.firstChild;
  label.data = 'Copied';
  setTimeout(() => { label.data = 'Copy'; }, 1500);
});
enhance();
const poll = async () => {
  try { if (!document.hidden) await refresh(); } catch {}
  setTimeout(poll, ${POLL_INTERVAL_MS});
};
setTimeout(poll, ${POLL_INTERVAL_MS});
`;
