import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../../domain/access/caller.js';
import { CurrentUser } from '../../domain/access/current-user.decorator.js';
import { ApiProblems } from '../../platform/docs/problem-responses.js';
import { ApiVerificationId, VerificationIds } from '../../platform/http/verification-ids.decorator.js';
import { IdentitiesDto } from './identities.dto.js';
import { IdentitiesService } from './identities.service.js';

@ApiTags('Identities')
@Controller('v1/identities')
export class IdentitiesController {
  constructor(private readonly identities: IdentitiesService) {}

  @Get()
  @ApiOperation({
    summary: 'List the social and enterprise identities',
    description: 'Only social identities can be removed.',
    operationId: 'listIdentities',
  })
  @ApiOkResponse({ description: 'The identities.', type: IdentitiesDto })
  async list(@CurrentUser() caller: Caller): Promise<IdentitiesDto> {
    return { identities: await this.identities.list(caller) };
  }

  @Delete(':target')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Remove a social identity',
    description: 'Rejected if the identity is the last way to sign in.',
    operationId: 'removeIdentity',
  })
  @ApiParam({
    name: 'target',
    description: 'The `target` of a social identity.',
    schema: { type: 'string', example: 'github' },
  })
  @ApiVerificationId()
  @ApiNoContentResponse({ description: 'The identity was removed.' })
  @ApiProblems('not_found', 'last_identifier', 'step_up_required')
  remove(
    @CurrentUser() caller: Caller,
    @Param('target') target: string,
    @VerificationIds() verificationIds: string[],
  ): Promise<void> {
    return this.identities.remove(caller, target, verificationIds);
  }
}
