import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Context } from '../context.js';
import { toPublicUser } from '../management-api/user-view.js';
import { generateId } from '../tenant/ids.js';
import type { Application, JsonObject, User } from '../tenant/types.js';

/** An authorization request that is waiting for the user to act. */
export interface InteractionView {
  /** The step that the user must complete next. */
  prompt: 'login' | 'consent';
  application: Application;
  /** `login_hint` of the request, used to prefill the form. */
  loginHint?: string;
  /** The signed-in user. Undefined before the sign-in. */
  user?: User;
  /** Requested scopes. */
  scopes: string[];
}

/** How a user was authenticated, as Logto records it in the session. */
export interface VerificationRecord {
  type: 'Password' | 'Development';
  identifier: { type: 'username' | 'email' | 'phone' | 'userId'; value: string };
}

type HttpExchange = [IncomingMessage, ServerResponse];

/** Carries out the steps of an authorization request for the sign-in and consent pages. */
export class Interactions {
  constructor(
    private readonly provider: () => Provider,
    private readonly context: Context,
  ) {}

  /** Returns the sign-in in progress in this browser, or undefined if there is none or it has expired. */
  async getView(...exchange: HttpExchange): Promise<InteractionView | undefined> {
    const interaction = await this.#findInteraction(exchange);
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

  /** Signs the user in and sends the webhook `PostSignIn`. Resolves with the URL to redirect to. */
  async signIn(user: User, record: VerificationRecord, ...exchange: HttpExchange): Promise<string> {
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
    const redirectUrl = await this.provider().interactionResult(...exchange, result, {
      mergeWithLastSubmission: false,
    });
    const { id, type, name, description } = tenant.applications.get(String(params['client_id']))!;
    webhooks.trigger('PostSignIn', {
      interactionEvent: 'SignIn',
      sessionId: jti,
      userAgent,
      userId: user.id,
      userIp: ip,
      user: toPublicUser(user),
      application: { id, type, name, description },
    });
    return redirectUrl;
  }

  /** Grants all requested scopes. Resolves with the URL to redirect to. */
  async consent(...exchange: HttpExchange): Promise<string> {
    const interaction = await this.#findInteraction(exchange);
    const accountId = interaction?.session?.accountId;
    if (!interaction || !accountId) return '/sign-in'; // The consent page was opened before the sign-in.
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
    // Logto stores the first application that a user signs in to.
    const user = this.context.tenant.users.get(accountId);
    if (user && user.applicationId === null) {
      const applicationId = String(interaction.params['client_id']);
      Object.assign(user, { applicationId, updatedAt: this.context.tenant.clock.now() });
    }
    return this.provider().interactionResult(...exchange, { consent: { grantId } });
  }

  /** Cancels the sign-in. Resolves with the URL that returns to the application. */
  async abort(...exchange: HttpExchange): Promise<string> {
    const result = { error: 'access_denied', error_description: 'The end-user aborted interaction.' };
    return this.provider().interactionResult(...exchange, result, { mergeWithLastSubmission: false });
  }

  /** Stores how the user of each session signed in. The Management API returns this as `lastSubmission`. */
  recordSubmissions(provider: Provider): void {
    provider.on('interaction.ended', ({ oidc }: KoaContextWithOIDC) => {
      const { submission } = (oidc.result ?? {}) as { submission?: JsonObject };
      const clientId = oidc.client?.clientId;
      if (!submission || !oidc.session || !clientId) return;
      this.context.tenant.sessionExtensions.set(oidc.session.uid, { clientId, lastSubmission: submission });
    });
  }

  async #findInteraction(exchange: HttpExchange) {
    return this.provider()
      .interactionDetails(...exchange)
      .catch(() => undefined);
  }
}
