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
  @ApiOperation({
    summary: 'List the sessions at Logto',
    description: 'With an `Id-Token-Hint`, the list shows which session is the own one.',
    operationId: 'listSessions',
  })
  @ApiIdTokenHint()
  @ApiOkResponse({ description: 'The sessions.', type: SessionsDto })
  @ApiProblems('validation_failed')
  async list(@CurrentUser() caller: Caller, @IdTokenHint() idTokenHint: string | undefined): Promise<SessionsDto> {
    return { sessions: await this.sessions.list(caller, idTokenHint) };
  }

  @Delete()
  @ApiOperation({
    summary: 'End the other sessions',
    description:
      'Also revokes their grants and all access tokens issued until then: renew your own access token afterwards. ' +
      'Ends all sessions unless `Id-Token-Hint` identifies the one to spare.',
    operationId: 'endOtherSessions',
  })
  @ApiVerificationId()
  @ApiIdTokenHint()
  @ApiOkResponse({ description: 'The number of sessions that were ended.', type: EndedSessionsDto })
  @ApiProblems('validation_failed', 'step_up_required')
  endOthers(
    @CurrentUser() caller: Caller,
    @VerificationIds() verificationIds: string[],
    @IdTokenHint() idTokenHint: string | undefined,
  ): Promise<EndedSessionsDto> {
    return this.sessions.endOthers(caller, verificationIds, idTokenHint);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiVerificationId()
  @ApiOperation({
    summary: 'End a session',
    description:
      'Also revokes its grants and all access tokens issued until then: renew your own access token afterwards.',
    operationId: 'endSession',
  })
  @ApiParam({
    name: 'id',
    description: 'The ID of a session.',
    schema: { type: 'string', example: 'YUMrHxURcdmgsK0IIYjxhu5HigLtRCFnfw1AfSlNVOQ' },
  })
  @ApiNoContentResponse({ description: 'The session was ended.' })
  @ApiProblems('not_found', 'step_up_required')
  end(
    @CurrentUser() caller: Caller,
    @Param('id') id: string,
    @VerificationIds() verificationIds: string[],
  ): Promise<void> {
    return this.sessions.end(caller, id, verificationIds);
  }
}
