import { Body, Controller, Get, Headers, Patch, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../../domain/access/caller.js';
import { CurrentUser } from '../../domain/access/current-user.decorator.js';
import { ProfileDocumentService } from '../../domain/profile-document/profile-document.service.js';
import {
  ApiDocument,
  ApiMergePatch,
  ApiPatchHeaders,
  ApiReadHeaders,
  STALE_HEADERS,
} from '../../platform/docs/documented-requests.js';
import type { ResponseHeader } from '../../platform/docs/problem-examples.js';
import { ApiProblems } from '../../platform/docs/problem-responses.js';
import { hasNoCache } from '../../platform/http/cache-control.js';
import { PatchConditionsOf, type PatchConditions } from '../../platform/http/patch-conditions.decorator.js';
import { sendDocument } from '../../platform/http/send-document.js';
import type { JsonObject } from '../../platform/json/json.js';

const ApiCustomData = (headers?: readonly ResponseHeader[]) =>
  ApiDocument('CustomData', 'The readable fields in the custom data.', headers);

@ApiTags('Custom data')
@Controller('v1/custom-data')
export class CustomDataController {
  constructor(private readonly documents: ProfileDocumentService) {}

  @Get()
  @ApiOperation({
    summary: 'Read the custom data',
    description:
      "The fields of the profile that are stored in Logto's custom data. Keys of other programs are not included. The `ETag` is that of the profile.",
    operationId: 'getCustomData',
  })
  @ApiReadHeaders()
  @ApiCustomData(STALE_HEADERS)
  @ApiResponse({ status: 304, description: 'The version in `If-None-Match` is current.' })
  async get(
    @CurrentUser() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('cache-control') cacheControl?: string,
    @Headers('if-none-match') known?: string,
  ): Promise<string | undefined> {
    const options = { fresh: hasNoCache(cacheControl) };
    return sendDocument(reply, await this.documents.read(caller, 'customData', options), known);
  }

  @Patch()
  @ApiOperation({
    summary: 'Change the custom data',
    description:
      'A JSON Merge Patch (RFC 7396), at any depth, with the same headers as a change of the profile. Keys of other programs are kept.',
    operationId: 'updateCustomData',
  })
  @ApiMergePatch('CustomDataPatch')
  @ApiPatchHeaders()
  @ApiCustomData()
  @ApiProblems(
    'field_not_writable',
    'idempotency_conflict',
    'precondition_failed',
    'precondition_required',
    'step_up_required',
  )
  async update(
    @CurrentUser() caller: Caller,
    @Body() patch: JsonObject,
    @PatchConditionsOf() conditions: PatchConditions,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    return sendDocument(reply, await this.documents.update(caller, { document: 'customData', patch, ...conditions }));
  }
}
