import { Body, Controller, Get, Headers, Patch } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../../domain/access/caller.js';
import { CurrentUser } from '../../domain/access/current-user.decorator.js';
import { ProfileDocumentService } from '../../domain/profile-document/profile-document.service.js';
import { ApiCacheControl, ApiIfMatch, ApiMergePatch } from '../../platform/docs/documented-requests.js';
import { ApiProblems } from '../../platform/docs/problem-responses.js';
import { hasNoCache } from '../../platform/http/cache-control.js';
import { ApiVerificationId, VerificationIds } from '../../platform/http/verification-ids.decorator.js';
import type { JsonObject } from '../../platform/json/json.js';

const CUSTOM_DATA_RESPONSE = {
  description: 'The readable fields in the custom data.',
  schema: { $ref: '#/components/schemas/CustomData' },
};

@ApiTags('Custom data')
@Controller('v1/custom-data')
export class CustomDataController {
  constructor(private readonly documents: ProfileDocumentService) {}

  @Get()
  @ApiOperation({
    summary: 'Read the custom data',
    description:
      "The fields of the profile that are stored in Logto's custom data. Keys of other programs are not included.",
    operationId: 'getCustomData',
  })
  @ApiCacheControl()
  @ApiOkResponse(CUSTOM_DATA_RESPONSE)
  get(@CurrentUser() caller: Caller, @Headers('cache-control') cacheControl?: string): Promise<JsonObject> {
    return this.documents.readCustomData(caller, { fresh: hasNoCache(cacheControl) });
  }

  @Patch()
  @ApiOperation({
    summary: 'Change the custom data',
    description: 'A JSON Merge Patch (RFC 7396), at any depth. Keys of other programs are kept.',
    operationId: 'updateCustomData',
  })
  @ApiMergePatch('CustomDataPatch')
  @ApiIfMatch()
  @ApiVerificationId()
  @ApiOkResponse(CUSTOM_DATA_RESPONSE)
  @ApiProblems('field_not_writable', 'precondition_failed', 'step_up_required')
  update(
    @CurrentUser() caller: Caller,
    @Body() patch: JsonObject,
    @VerificationIds() verificationIds: string[],
    @Headers('if-match') ifMatch?: string,
  ): Promise<JsonObject> {
    // Custom data has no version of its own: `If-Match` refers to the profile's version, and is always optional.
    return this.documents.updateCustomData(caller, { patch, verificationIds, ifMatch: ifMatch ?? '*' });
  }
}
