import { Body, Controller, Header, Headers, HttpCode, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ApiProblems } from '../../platform/docs/problem-responses.js';
import { FORM } from '../../platform/http/media-types.js';
import { Public } from '../../platform/http/public.decorator.js';
import { BackChannelLogoutService } from './back-channel-logout.service.js';
import { LogtoWebhooksService } from './logto-webhooks.service.js';

@ApiTags('Webhooks')
@Controller('webhooks')
export class WebhooksController {
  constructor(
    private readonly webhooks: LogtoWebhooksService,
    private readonly logout: BackChannelLogoutService,
  ) {}

  @Post('logto')
  @Public({ rawBody: 'application/json' })
  @HttpCode(204)
  @ApiOperation({
    summary: 'Receive a Logto webhook',
    description:
      "For Logto's webhook on `User.Created`, `User.Data.Updated`, `User.SuspensionStatus.Updated`, `User.Deleted` and " +
      '`PostResetPassword`; other events are accepted and ignored. A password change or a suspension voids the proofs of ' +
      'the user. A deletion erases all data of the user in this service.',
    operationId: 'receiveLogtoWebhook',
    security: [],
  })
  @ApiHeader({
    name: 'logto-signature-sha-256',
    required: true,
    description: 'The hex HMAC-SHA-256 of the raw body with the signing key of the webhook.',
    schema: { type: 'string', pattern: '^[0-9a-fA-F]{64}$' },
    example: 'b4b1e80b80e8c5e385ca180c8fbc83546e6735f8ee5ff6fa318cfffa030d424c',
  })
  @ApiBody({
    schema: {
      type: 'object',
      required: ['event', 'createdAt'],
      properties: {
        event: { description: 'The kind of event.', type: 'string', example: 'User.Data.Updated' },
        createdAt: {
          description: 'When the event happened.',
          type: 'string',
          format: 'date-time',
          example: '2026-11-22T22:43:57.006Z',
        },
        params: {
          description: 'The path parameters of the request that caused the event.',
          type: 'object',
          properties: { userId: { description: 'The user that changed.', type: 'string', example: 'k2n79osuf1a5' } },
          additionalProperties: true,
        },
        data: {
          description: 'The response of that request.',
          type: 'object',
          additionalProperties: true,
          example: { id: 'k2n79osuf1a5' },
        },
      },
      additionalProperties: true,
    },
  })
  @ApiNoContentResponse({ description: 'The webhook was accepted.' })
  @ApiProblems('invalid_signature')
  receive(@Body() body: Buffer, @Headers('logto-signature-sha-256') signature?: string): Promise<void> {
    return this.webhooks.receive(body, signature);
  }

  @Post('logto/back-channel-logout')
  @Public({ rawBody: FORM })
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Receive a back-channel logout',
    description:
      'OpenID Connect Back-Channel Logout 1.0. Register this URL as the back-channel logout URI of each application. After the ' +
      'user has signed out, access tokens that the application received before are rejected.',
    operationId: 'receiveBackChannelLogout',
    security: [],
  })
  @ApiConsumes(FORM)
  @ApiBody({
    schema: {
      type: 'object',
      required: ['logout_token'],
      properties: {
        logout_token: {
          type: 'string',
          description: "Logto's signed logout token.",
          example: 'eyJhbGciOiJFUzM4NCJ9.e30.c2ln',
        },
      },
    },
  })
  @ApiOkResponse({ description: 'The tokens are revoked.' })
  @ApiProblems('upstream_unavailable')
  receiveLogout(@Body() body: Buffer): Promise<void> {
    return this.logout.receive(body);
  }
}
