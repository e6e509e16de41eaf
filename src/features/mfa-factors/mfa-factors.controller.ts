import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../../domain/access/caller.js';
import { CurrentUser } from '../../domain/access/current-user.decorator.js';
import { ApiProblems } from '../../platform/docs/problem-responses.js';
import { ApiVerificationId, VerificationIds } from '../../platform/http/verification-ids.decorator.js';
import { MfaFactorsDto } from './mfa-factors.dto.js';
import { MfaFactorsService } from './mfa-factors.service.js';

@ApiTags('Multi-factor authentication')
@Controller('v1/mfa-factors')
export class MfaFactorsController {
  constructor(private readonly factors: MfaFactorsService) {}

  @Get()
  @ApiOperation({
    summary: 'List the second factors',
    description: 'The authenticator app, passkeys and backup codes of the user.',
    operationId: 'listMfaFactors',
  })
  @ApiOkResponse({ description: 'The factors.', type: MfaFactorsDto })
  async list(@CurrentUser() caller: Caller): Promise<MfaFactorsDto> {
    return { factors: await this.factors.list(caller) };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiVerificationId()
  @ApiOperation({
    summary: 'Remove a second factor',
    description: 'Needs a proof of identity.',
    operationId: 'removeMfaFactor',
  })
  @ApiParam({
    name: 'id',
    description: 'The ID of a factor.',
    schema: { type: 'string', example: 'd7xim05vnk0zclgi7hlri' },
  })
  @ApiNoContentResponse({ description: 'The factor was removed.' })
  @ApiProblems('not_found', 'step_up_required')
  remove(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @VerificationIds() verificationIds: string[],
  ): Promise<void> {
    return this.factors.remove(caller, id, verificationIds);
  }
}
