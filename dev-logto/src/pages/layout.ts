import { randomBytes } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { Html, html } from './html.js';
import { STYLES } from './styles.js';

export interface Page {
  title: string;
  body: Html;
  /** Current navigation entry. Without it, the page has no navigation. */
  section?: Section;
  /** Browser script. The page must also work without it. */
  script?: string;
}

type Section = keyof typeof SECTIONS;

const SECTIONS = {
  overview: { href: '/', name: 'Overview' },
  mailbox: { href: '/dev/mailbox', name: 'Mailbox' },
  users: { href: '/dev/people', name: 'Users' },
};

/** Sends a page. Its CSP forbids external content and framing. */
export const sendPage = (reply: FastifyReply, page: Page, status = 200): FastifyReply => {
  const nonce = randomBytes(16).toString('base64');
  return reply
    .code(status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      // No form-action: Chromium would apply it to the redirects at the end of a sign-in.
      'content-security-policy': `default-src 'none'; img-src data:; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'`,
      'referrer-policy': 'same-origin',
    })
    .send(render(page, nonce).toString());
};

const render = ({ title, body, section, script }: Page, nonce: string): Html =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Development Logto</title>
        <link
          rel="icon"
          href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%2322595e'/%3E%3Cpath d='M11 8v16h11' fill='none' stroke='%23fff' stroke-width='4'/%3E%3C/svg%3E"
        />
        <style nonce="${nonce}">
          ${new Html(STYLES)}
        </style>
      </head>
      <body>
        <a class="skip" href="#content">Skip to content</a>
        <aside class="note" aria-label="About this server">
          <strong>For development only.</strong> This server simulates Logto on this machine. Never enter a real
          password.
        </aside>
        ${section && navigation(section)}
        <main id="content" ${!section && new Html(' class="narrow"')}>${body}</main>
        ${
          script !== undefined &&
          html`<script nonce="${nonce}">
            ${new Html(script)};
          </script>`
        }
      </body>
    </html> `;

const navigation = (current: Section): Html =>
  html`<header class="bar">
    <b>Development Logto</b>
    <nav aria-label="Pages">
      ${Object.entries(SECTIONS).map(
        ([section, { href, name }]) =>
          html`<a href="${href}" ${section === current && new Html(' aria-current="page"')}>${name}</a>`,
      )}
    </nav>
  </header>`;
