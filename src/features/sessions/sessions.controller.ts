import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../../domain/access/caller.js';
import { CurrentUser } from '../../domain/access/current-user.decorator.js';
import { ApiProblems } from '../../platform/docs/problem-responses.js';
import { ApiIdTokenHint, IdTokenHint } from '../../platform/http/id-token-hint.decorator.js';
import { ApiVerificationId, VerificationIds } from '../../platform/http/verification-ids.decorator.js';
import { EndedSessionsDto, SessionsDto } from './sessions.dto.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('Sessions')
@Controller('v1/sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @Get()
  @ApiOperation({ summary: 'List the sessions at Logto', operationId: 'listSessions' })
  @ApiIdTokenHint()
  @ApiOkResponse({ description: 'The sessions.', type: SessionsDto })
  @ApiProblems('validation_failed')
  async list(@CurrentUser() caller: Caller, @IdTokenHint() hint: string | undefined): Promise<SessionsDto> {
    return { sessions: await this.sessions.list(caller, hint) };
  }

  @Delete()
  @ApiOperation({
    summary: 'End the other sessions',
    description:
      'Also ends their grants, and revokes all access tokens issued until then: renew your own once. ' +
      'Ends all sessions, unless `Id-Token-Hint` says which one to spare.',
    operationId: 'endOtherSessions',
  })
  @ApiVerificationId()
  @ApiIdTokenHint()
  @ApiOkResponse({ description: 'How many were ended.', type: EndedSessionsDto })
  @ApiProblems('validation_failed', 'step_up_required')
  endOthers(
    @CurrentUser() caller: Caller,
    @VerificationIds() verificationIds: string[],
    @IdTokenHint() hint: string | undefined,
  ): Promise<EndedSessionsDto> {
    return this.sessions.endOthers(caller, verificationIds, hint);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiVerificationId()
  @ApiOperation({
    summary: 'End a session',
    description: 'Also ends its grants, and revokes the access tokens issued until then: renew your own once.',
    operationId: 'endSession',
  })
  @ApiParam({ name: 'id', schema: { type: 'string', example: 'YUMrHxURcdmgsK0IIYjxhu5HigLtRCFnfw1AfSlNVOQ' } })
  @ApiNoContentResponse({ description: 'It has ended.' })
  @ApiProblems('not_found', 'step_up_required')
  end(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @VerificationIds() verificationIds: string[],
  ): Promise<void> {
    return this.sessions.end(caller, id, verificationIds);
  }
}
