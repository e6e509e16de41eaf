import { Body, Controller, Get, Headers, HttpCode, Param, Patch, Post, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../../domain/access/caller.js';
import { CurrentUser } from '../../domain/access/current-user.decorator.js';
import { ProfileDocumentService } from '../../domain/profile-document/profile-document.service.js';
import {
  ApiMergePatch,
  ApiPatchHeaders,
  ApiReadHeaders,
  STALE_HEADERS,
} from '../../platform/docs/documented-requests.js';
import { ApiProblems } from '../../platform/docs/problem-responses.js';
import { hasNoCache } from '../../platform/http/cache-control.js';
import { PatchConditionsOf, type PatchConditions } from '../../platform/http/patch-conditions.decorator.js';
import { sendDocument } from '../../platform/http/send-document.js';
import { ApiVerificationId, VerificationIds } from '../../platform/http/verification-ids.decorator.js';
import type { JsonObject } from '../../platform/json/json.js';
import { CapabilitiesDto } from './profile.dto.js';
import { ApiProfile, ApiRevealedValue } from './profile.openapi.js';
import { ProfileService } from './profile.service.js';
import { RevealService, type RevealedValue } from './reveal.service.js';

@ApiTags('Profile')
@Controller('v1/profile')
export class ProfileController {
  constructor(
    private readonly documents: ProfileDocumentService,
    private readonly forms: ProfileService,
    private readonly values: RevealService,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Read the profile',
    description: 'One flat document, regardless of where its fields are stored. An unset field is null.',
    operationId: 'getProfile',
  })
  @ApiReadHeaders()
  @ApiProfile(STALE_HEADERS)
  @ApiResponse({ status: 304, description: 'The version in `If-None-Match` is current.' })
  async get(
    @CurrentUser() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('cache-control') cacheControl?: string,
    @Headers('if-none-match') known?: string,
  ): Promise<string | undefined> {
    const options = { fresh: hasNoCache(cacheControl) };
    return sendDocument(reply, await this.documents.read(caller, 'profile', options), known);
  }

  @Patch()
  @ApiOperation({
    summary: 'Change the profile',
    description: [
      'A JSON Merge Patch (RFC 7396): absent fields are kept, null clears a field, objects are merged, lists are replaced.',
      'The change is atomic across all stores. A value that equals the current one is not a change.',
      'Changes of sensitive fields and of sign-in identifiers need proofs in `Verification-Id`.',
    ].join(' '),
    operationId: 'updateProfile',
  })
  @ApiMergePatch('ProfilePatch')
  @ApiPatchHeaders()
  @ApiProfile()
  @ApiProblems(
    'field_not_writable',
    'last_identifier',
    'idempotency_conflict',
    'precondition_failed',
    'precondition_required',
    'step_up_required',
    'identifier_taken',
    'too_many_attempts',
  )
  async update(
    @CurrentUser() caller: Caller,
    @Body() patch: JsonObject,
    @PatchConditionsOf() conditions: PatchConditions,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    return sendDocument(reply, await this.documents.update(caller, { document: 'profile', patch, ...conditions }));
  }

  @Get('schema')
  @ApiOperation({
    summary: 'Get the schema of the profile',
    description: [
      'JSON Schema 2020-12 of every readable field, with the rules for new values. The titles are labels in the language of `Accept-Language`.',
      'Fields that cannot be changed have `readOnly`. `x-server-rules` names the rules that only the service checks.',
    ].join(' '),
    operationId: 'getProfileSchema',
  })
  @ApiOkResponse({ description: 'The schema.', schema: { type: 'object', additionalProperties: true } })
  schema(@Headers('accept-language') languages?: string): JsonObject {
    return this.forms.schema(languages);
  }

  @Get('capabilities')
  @ApiOperation({
    summary: 'Get field capabilities',
    description: 'Which fields are readable and writable, and which proofs of identity the user can currently give.',
    operationId: 'getProfileCapabilities',
  })
  @ApiOkResponse({ description: 'The capabilities.', type: CapabilitiesDto })
  capabilities(@CurrentUser() caller: Caller): Promise<CapabilitiesDto> {
    return this.forms.capabilities(caller);
  }

  @Post('fields/:name/reveal')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Reveal a sensitive field',
    description: "Needs a proof of identity, and is recorded in the user's activity.",
    operationId: 'revealField',
  })
  @ApiParam({
    name: 'name',
    description: 'A sensitive field.',
    schema: { $ref: '#/components/schemas/SensitiveFieldName' } as never,
  })
  @ApiVerificationId()
  @ApiRevealedValue()
  @ApiProblems('not_found', 'step_up_required')
  reveal(
    @CurrentUser() caller: Caller,
    @Param('name') name: string,
    @VerificationIds() verificationIds: string[],
  ): Promise<RevealedValue> {
    return this.values.reveal(caller, name, verificationIds);
  }
}
