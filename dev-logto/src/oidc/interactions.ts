import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Context } from '../context.js';
import { describeUser } from '../management-api/user-view.js';
import { generateId } from '../tenant/ids.js';
import type { Application, JsonObject, User } from '../tenant/types.js';

export interface InteractionView {
  /** What is asked of the person. */
  prompt: 'login' | 'consent';
  application: Application;
  /** `login_hint` of the request: what to fill in. */
  loginHint?: string;
  /** At the consent: who is asked, and what for. */
  user?: User;
  scopes: string[];
}

/** How a person proved who they are, as Logto records it with the session. */
export interface VerificationRecord {
  type: 'Password' | 'Development';
  identifier: { type: 'username' | 'email' | 'phone' | 'userId'; value: string };
}

type Exchange = [IncomingMessage, ServerResponse];

/** The steps between the authorization request and its answer: what the sign-in and consent pages do. */
export class Interactions {
  constructor(
    private readonly provider: () => Provider,
    private readonly context: Context,
  ) {}

  /** The sign-in that this browser is in the middle of; undefined when there is none, or it has expired. */
  async view(...exchange: Exchange): Promise<InteractionView | undefined> {
    const interaction = await this.#details(exchange);
    const application = this.context.tenant.applications.get(String(interaction?.params['client_id']));
    if (!interaction || !application) return undefined;
    const { prompt, params, session } = interaction;
    return {
      prompt: prompt.name as 'login' | 'consent',
      application,
      loginHint: params['login_hint'] as string | undefined,
      user: this.context.tenant.users.get(session?.accountId ?? ''),
      scopes: String(params['scope'] ?? '')
        .split(' ')
        .filter(Boolean),
    };
  }

  /** Signs the user in; resolves with where the browser goes next. Fires the webhook `PostSignIn`, and no other. */
  async signIn(user: User, record: VerificationRecord, ...exchange: Exchange): Promise<string> {
    const [request] = exchange;
    const { tenant, webhooks } = this.context;
    const { jti, params } = await this.provider().interactionDetails(...exchange);
    const now = tenant.clock.now();
    Object.assign(user, { lastSignInAt: now, updatedAt: now });
    const ip = request.socket.remoteAddress ?? '';
    const userAgent = request.headers['user-agent'] ?? '';
    const submission = {
      interactionEvent: 'SignIn',
      userId: user.id,
      verificationRecords: [{ id: generateId(), ...record, verified: true }],
      signInContext: { ip, userAgent },
    };
    const result = { login: { accountId: user.id }, submission };
    const next = await this.provider().interactionResult(...exchange, result, { mergeWithLastSubmission: false });
    const { id, type, name, description } = tenant.applications.get(String(params['client_id']))!;
    webhooks.trigger('PostSignIn', {
      interactionEvent: 'SignIn',
      sessionId: jti,
      userAgent,
      userId: user.id,
      userIp: ip,
      user: describeUser(user),
      application: { id, type, name, description },
    });
    return next;
  }

  /** Grants all that is asked for; resolves with where the browser goes next. */
  async consent(...exchange: Exchange): Promise<string> {
    const interaction = await this.#details(exchange);
    const accountId = interaction?.session?.accountId;
    if (!interaction || !accountId) return '/sign-in'; // Someone opened the page too early.
    const { Grant } = this.provider();
    const existing = interaction.grantId ? await Grant.find(interaction.grantId) : undefined;
    const grant = existing ?? new Grant({ accountId, clientId: String(interaction.params['client_id']) });
    const { missingOIDCScope, missingResourceScopes } = interaction.prompt.details as {
      missingOIDCScope?: string[];
      missingResourceScopes?: Record<string, string[]>;
    };
    if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
    for (const [indicator, scopes] of Object.entries(missingResourceScopes ?? {})) {
      grant.addResourceScope(indicator, scopes.join(' '));
    }
    const grantId = await grant.save();
    // Logto keeps with a user the first application that they let in.
    const user = this.context.tenant.users.get(accountId);
    if (user && user.applicationId === null) {
      const applicationId = String(interaction.params['client_id']);
      Object.assign(user, { applicationId, updatedAt: this.context.tenant.clock.now() });
    }
    return this.provider().interactionResult(...exchange, { consent: { grantId } });
  }

  /** Gives up; resolves with where the browser goes next, on its way back to the application. */
  async abort(...exchange: Exchange): Promise<string> {
    const result = { error: 'access_denied', error_description: 'The end-user aborted interaction.' };
    return this.provider().interactionResult(...exchange, result, { mergeWithLastSubmission: false });
  }

  /** Keeps with each session how it was signed in to; the Management API shows it. */
  follow(provider: Provider): void {
    provider.on('interaction.ended', ({ oidc }: KoaContextWithOIDC) => {
      const { submission } = (oidc.result ?? {}) as { submission?: JsonObject };
      const clientId = oidc.client?.clientId;
      if (!submission || !oidc.session || !clientId) return;
      this.context.tenant.sessionExtensions.set(oidc.session.uid, { clientId, lastSubmission: submission });
    });
  }

  async #details(exchange: Exchange) {
    return this.provider()
      .interactionDetails(...exchange)
      .catch(() => undefined);
  }
}
